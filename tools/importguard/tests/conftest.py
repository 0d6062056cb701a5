"""Fixtures: small projects, analysed with this interpreter as their environment."""

import io
import os
import shutil
import subprocess
import sys
import textwrap
from contextlib import redirect_stderr, redirect_stdout

import pytest

from importguard import analyse, check, find_project
from importguard.cli import main
from importguard.startup import trace_script
from importguard.startup.machine.machine import STACK
from importguard.startup.trace import Certainty, Reach
from importguard.storage.cache import user_cache
from importguard.target.environment import probe


@pytest.fixture
def run(tmp_path, monkeypatch):
    """`run("check", "app.py")`: the command line in the project's folder, in this process, which saves its start."""

    def call(*arguments):
        out, err = io.StringIO(), io.StringIO()
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr(sys, "argv", ["importguard", *arguments])
        with redirect_stdout(out), redirect_stderr(err), pytest.raises(SystemExit) as ended:
            main()
        return subprocess.CompletedProcess(arguments, ended.value.code, out.getvalue(), err.getvalue())

    return call


@pytest.fixture
def write(tmp_path):
    """`write({"app.py": "..."})`: the files of a project; returns its folder."""

    def make(files):
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text if isinstance(text, bytes) else textwrap.dedent(text).encode())
        return tmp_path

    return make


@pytest.fixture
def as_python_loads(write):
    """`as_python_loads(code, files)`: (predicted for certain, possible, really loaded) of the modules m1 to m9."""

    def run(code, files=()):
        names = {f"m{number}" for number in range(1, 10)}
        root = write({**{f"{name}.py": "" for name in names}, "app.py": code, **dict(files)})
        trace = trace_script(root / "app.py", probe(sys.executable), project_root=root, cache=user_cache())
        eager = {m.name: m.certainty for m in trace.modules if m.reach is Reach.EAGER and m.name in names}
        certain = {name for name, certainty in eager.items() if certainty is Certainty.CERTAIN}
        tell = "import sys, runpy; sys.path.insert(0, ''); runpy.run_path('app.py'); print(*sys.modules)"
        done = subprocess.run([sys.executable, "-c", tell], cwd=root, capture_output=True, text=True, timeout=240)
        assert done.returncode == 0, done.stderr
        return certain, eager.keys() - certain, names & set(done.stdout.split())

    return run


@pytest.fixture
def findings(write):
    """`findings(files)`: (code, place) of what the rules say of app.py, with colorsys named heavy."""

    def run(files, config=""):
        root = write({"importguard.toml": f'entry = "app.py"\nheavy = ["colorsys"]\n{config}\n', **files})
        report = check(analyse(find_project(root).start()))
        return [
            (finding.code, f"{finding.location.path.removeprefix(f'{root}/')}:{finding.location.line}")
            for finding in report.findings
        ]

    return run


MARKERS = ("one", "two", "three", "four")


@pytest.fixture
def start_of(write):
    """`start_of(code, files)`: the trace of a program beside empty modules MARKERS and other files; its folder."""

    def trace(code, files=None):
        root = write({**{f"{name}.py": "" for name in MARKERS}, **(files or {}), "app.py": code})
        return trace_script(root / "app.py", probe(sys.executable), project_root=root, cache=user_cache()), root

    return trace


@pytest.fixture
def starts_as(start_of):
    """`starts_as(code, certain, possible, files)`: so says the analysis, and a run of the program agrees."""

    def compare(code, certain, possible=frozenset(), files=None):
        trace, root = start_of(code, files)
        eager = {m.name: m.certainty for m in trace.modules if m.reach is Reach.EAGER and m.name in MARKERS}
        sure = {name for name, known in eager.items() if known is Certainty.CERTAIN}
        run = (
            "import runpy, sys\nsys.path.insert(0, '.')\n"
            "try: runpy.run_path('app.py', run_name='__main__')\nexcept SystemExit: pass\n"
            f"print('loaded', *set({MARKERS}) & set(sys.modules))"
        )
        done = subprocess.run([sys.executable, "-c", run], cwd=root, capture_output=True, text=True, timeout=240)
        assert done.returncode == 0, done.stderr
        loaded = set(done.stdout.rpartition("loaded")[2].split())
        assert (sure, eager.keys() - sure) == (certain, set(possible))
        assert certain <= loaded <= certain | possible

    return compare


@pytest.fixture
def limited(tmp_path):
    """`limited(100, "check", "app.py")`: in a process of its own with 100 MB of data, beside the room for its stack."""

    resource = pytest.importorskip("resource", reason="this system has no limits for a process")

    def call(megabytes, *arguments):
        def limit():
            most = STACK + (megabytes << 20)
            resource.setrlimit(resource.RLIMIT_DATA, (most, most))

        command = [sys.executable, "-m", "importguard", *arguments]
        return subprocess.run(
            command, cwd=tmp_path, preexec_fn=limit, capture_output=True, text=True, timeout=300, check=False
        )

    return call


@pytest.fixture(scope="session")
def browser(tmp_path_factory):
    """A headless Chromium, driven by selenium."""
    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not chromium or not driver:
        assert not os.environ.get("CHROMIUM_REQUIRED"), "no chromium and chromedriver: apt-get install chromium-driver"
        pytest.skip("no chromium and chromedriver on PATH")
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for argument in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--window-size=1300,900"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    service = webdriver.ChromeService(driver, env={**os.environ, "HOME": str(tmp_path_factory.mktemp("home"))})
    opened = webdriver.Chrome(options, service)
    yield opened
    opened.quit()


@pytest.fixture
def in_subinterpreter():
    """`in_subinterpreter(code)` runs it in an interpreter of its own within this process."""

    def run(code: str) -> None:
        if sys.version_info >= (3, 14):
            from concurrent import interpreters

            made = interpreters.create()
            try:
                made.exec(code)
            finally:
                made.close()
            return
        low = pytest.importorskip("_interpreters" if sys.version_info >= (3, 13) else "_xxsubinterpreters")
        # Others than these have no threads.
        made = low.create("legacy") if sys.version_info >= (3, 13) else low.create(isolated=False)
        try:
            failure = low.run_string(made, code)
        finally:
            low.destroy(made)
        assert failure is None, failure

    return run
