"""Fixtures: fresh processes, small controllers, a window on the null backend, the real program."""

from __future__ import annotations

import ctypes
import os
import re
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from src.app_controller import AppController
from src.hooks.client import ANNOUNCEMENT, HookClient
from src.hooks.token import read_token
from src.hooks.values import WarmupStatus
from src.startup_profiler import StartupProfiler
from src.storage.places import places_in
from tests import fake_providers
from tests.repository import ROOT

from importguard.warmup import WarmupJob, WarmupManifest

HEAVY = ("anthropic", "openai", "google.genai", "fastapi", "uvicorn", "httpx2", "pydantic")
ECHO = (
    WarmupJob("src.turn.loop"),
    WarmupJob("src.providers.echo", "src.providers.echo:connect", group=1),
)

PROXIES = [name for stem in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY") for name in (stem, stem.lower())]


def clean_environment(home: Path) -> dict[str, str]:
    """This process's variables without keys, proxies and the user's home."""
    dropped = re.compile(r".*(API_KEY|BASE_URL|_PROXY|_proxy|SLOPPY_KEYS)$|XDG_.*_HOME$")
    kept = {key: value for key, value in os.environ.items() if not dropped.match(key)}
    return {**kept, "HOME": str(home), "NO_PROXY": "127.0.0.1", "PYTHONPATH": str(ROOT)}


@pytest.fixture
def fresh_process(tmp_path):
    """`fresh_process(program)`: what a new interpreter with an empty home said to it."""

    def run(program: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", program],
            cwd=ROOT,
            env=clean_environment(tmp_path),
            capture_output=True,
            text=True,
            timeout=240,
        )

    return run


@pytest.fixture
def loaded_by(fresh_process):
    """`loaded_by(code)`: the modules in sys.modules of a fresh process after *code*."""

    def run(code: str) -> set[str]:
        result = fresh_process(f"{code}\nimport sys\nprint('\\n'.join(sys.modules))")
        assert result.returncode == 0, result.stderr
        return set(result.stdout.split())

    return run


def wait_until(controller, reached, timeout=60.0):
    """Waits, on changes of the controller, until `reached()` holds; what it gave."""
    seen = threading.Event()
    found = []

    def look():
        if not seen.is_set() and (value := reached()):
            found.append(value)
            seen.set()

    controller.on_change(look)
    look()
    assert seen.wait(timeout)
    return found[0]


def settled(controller):
    """Waits until no reply streams and none waits; the state then."""

    def is_quiet():
        now = controller.snapshot()  # one: between two, a reply that waited may have begun
        return not (now.reply or now.waiting)

    wait_until(controller, is_quiet)
    return controller.snapshot()


def written(controller):
    """Waits until all of the open discussion is in its file; the file's path."""
    log = controller.discussion._log
    for _ in range(100):
        with log._idle:
            assert log._idle.wait_for(lambda: not log._writing, 15)
        if log.flush():
            return log.path
    raise AssertionError(f"{log.path} is not written")


def heavy_in(modules: set[str]) -> list[str]:
    """The heavy modules among *modules*."""
    return sorted(name for name in HEAVY if name in modules)


@pytest.fixture
def make_controller(tmp_path):
    """`make_controller(jobs)`: a controller that warms *jobs* only, with folders of its own; closed after the test."""
    made = []

    def make(jobs=ECHO, **options):
        options.setdefault("places", places_in(str(tmp_path)))
        controller = AppController(WarmupManifest(1, "test", tuple(jobs)), StartupProfiler(), **options)
        made.append(controller)
        return controller

    yield make
    for controller in made:
        assert controller.close(10)


@pytest.fixture
def drive(make_controller):
    """`drive(steps, controller)`: `steps(context, gui)` in the window without a display; the Gui."""
    from tests.window_driver import Gui, run_steps

    def run(steps, controller=None, **options):
        return run_steps(Gui(controller or make_controller()), steps, **options)

    run.make = make_controller
    return run


@pytest.fixture
def inner_client(make_controller):
    """The client of a hook server inside this process, so that its limits can be set and its calls seen."""
    controller = make_controller((WarmupJob("src.hooks.server"),))
    listener = controller.start_hook_server(0, "the-token")
    return HookClient(listener.getsockname()[1], "the-token", timeout=60)


class Program(HookClient):
    """The running program, and the client of its hook API."""

    def __init__(self, process: subprocess.Popen, port: int, token_file: Path) -> None:
        super().__init__(port, read_token(str(token_file)))
        self.process, self.token_file = process, token_file
        self.first_status: WarmupStatus | None = None

    def get(self, path: str):
        """The JSON of a request that succeeds."""
        answer = self.request(path)
        assert answer.status == 200, answer
        return answer.json()

    def end(self) -> int:
        """Ends the program as a service manager would; its exit code."""
        self.process.terminate()
        return self.process.wait(15)

    def finish(self) -> int:
        """Ends the program if it still runs, by force when it does not end by itself; its exit code."""
        if self.process.poll() is None:
            self.process.terminate()
        try:
            return self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait(10)


def _end_with_the_tests() -> None:
    """In the child: the kernel ends it when this process ends, however that ends."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


def start_program(home: Path, *flags: str, **variables: str) -> Program:
    """`python sloppy.py` as a process, its hook API on a free port."""
    process = subprocess.Popen(
        [sys.executable, "sloppy.py", *flags],
        cwd=ROOT,
        env=clean_environment(home) | variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        preexec_fn=_end_with_the_tests,  # noqa: PLW1509  one call into the C library, no lock
    )
    line = process.stdout.readline()
    found = ANNOUNCEMENT.fullmatch(line.strip())
    if not found:
        process.kill()
        pytest.fail(f"sloppy.py did not start: {line}{process.communicate()[0]}")
    return Program(process, int(found[1]), Path(found[2]))


@pytest.fixture(scope="session")
def headless(tmp_path_factory):
    """The real program without a window, shared by the tests that only read."""
    program = start_program(tmp_path_factory.mktemp("home"), "--headless")
    program.first_status = program.warmup_status()
    yield program
    assert program.end() == 0


@pytest.fixture(scope="module")  # it draws as long as it is there
def live_gui(tmp_path_factory):
    """The real program with its window. Without DISPLAY it fails where SLOPPY_DISPLAY_REQUIRED is set."""
    if not os.environ.get("DISPLAY"):
        if os.environ.get("SLOPPY_DISPLAY_REQUIRED"):
            pytest.fail("SLOPPY_DISPLAY_REQUIRED is set and there is no DISPLAY; run under xvfb-run")
        pytest.skip("no DISPLAY; run under xvfb-run")
    program = start_program(tmp_path_factory.mktemp("home"), "--enable-test-hooks")
    yield program
    program.end()


@pytest.fixture
def fake(monkeypatch, tmp_path):
    for name in (*PROXIES, "GOOGLE_API_KEY", "ANTHROPIC_AUTH_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("ANTHROPIC_CONFIG_DIR", str(tmp_path))
    with fake_providers.serve() as server:
        for name, tail in (("ANTHROPIC", ""), ("GOOGLE_GEMINI", ""), ("OPENAI", "/v1")):
            monkeypatch.setenv(f"{name}_BASE_URL", f"{server.address}{tail}")
        yield server
