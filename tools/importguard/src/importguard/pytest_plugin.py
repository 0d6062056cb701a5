"""The pytest plugin: what a test's own thread loads and waits for, what a module loads, and the project's report.

It is imported in every test run, so it imports nothing of importguard but the recorder until a test asks for more.
"""

from __future__ import annotations

import contextlib
import os
import sys
from typing import TYPE_CHECKING

import pytest

from importguard.running import recorder
from importguard.running.recorder import ImportRecorder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from importguard import Verdict
    from importguard.verify import Verification

_FRESH_S = 120
_PROGRAM = """
import sys
path, of, *names = sys.argv[1:]
own = {"__name__": "_importguard_recorder", "__file__": path}
exec(compile(open(path, encoding="utf-8").read(), path, "exec"), own)
seen = own["ImportRecorder"]()
seen.install()
import importlib
importlib.import_module(of)
seen.remove()
loads = {load.name: load.frames[:1] for load in seen.loads}
found = {}
for name in loads:
    if any(name == one or name.startswith(one + ".") for one in names):
        chain = [name]
        while (frames := loads.get(chain[-1])) and frames[0].module in loads and frames[0].module not in chain:
            chain.append(frames[0].module)
        place = f"{loads[name][0].file}:{loads[name][0].line}" if loads[name] else ""
        found[name] = [chain[::-1], place]
import json
sys.stdout.write("\\n" + json.dumps(found))
"""


class MainThreadImports(ImportRecorder):
    """`modules` are the names that the test's thread began to load since it started, `waits` what it waited for.

    `before` are the names that were loaded already: of those nothing can be seen here.
    """

    def __init__(self) -> None:
        super().__init__()
        self.before = frozenset(sys.modules)

    def __repr__(self) -> str:
        return f"<MainThreadImports: {len(self.modules)} modules, {len(self.waits)} waits>"

    def assert_free(self, *names: str) -> None:
        """The thread loaded none of *names* and nothing below them, and waited for no module that another loads.

        Fails as well for a name that was loaded before the test began: whether the test needs it cannot be seen then,
        and what the test says would hang on the order of the tests.
        """
        __tracebackhide__ = True
        for name in names:
            if name in self.before:
                pytest.fail(
                    f"{name} was loaded before this test began, so it cannot be said who needs it; "
                    f'assert_import_free("{name}", of="your_module") looks in a fresh process',
                    pytrace=False,
                )
        for load in self.loads:
            if load.on_main and _is_below(load.name, names):
                stack = "".join(f"\n  {frame.file}:{frame.line} in {frame.function}" for frame in load.frames)
                pytest.fail(f"{load.name} was loaded on the main thread:{stack}")
        self.assert_no_waits()

    def assert_no_waits(self) -> None:
        """The thread waited for no module that another thread loads."""
        __tracebackhide__ = True
        for wait in self.waits:
            stack = "".join(f"\n  {frame.file}:{frame.line} in {frame.function}" for frame in wait.frames)
            pytest.fail(f"the main thread waited {wait.ms:.0f} ms for {wait.name}, which another thread loads:{stack}")


@pytest.fixture
def main_thread_imports() -> Iterator[MainThreadImports]:
    """What this test's own thread loads and waits for, from here to the test's end."""
    seen = MainThreadImports()
    seen.install()
    yield seen
    seen.remove()


def assert_import_free(*names: str, of: str) -> None:
    """Importing the module *of* in a fresh process loads none of *names* and nothing below them."""
    __tracebackhide__ = True
    import json
    import subprocess

    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path or os.getcwd() for path in sys.path)}
    command = [sys.executable, "-c", _PROGRAM, str(recorder.__file__), of, *names]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=_FRESH_S, env=environment, check=False, encoding="utf-8"
        )
    except subprocess.TimeoutExpired:
        pytest.fail(f"importing {of} took more than {_FRESH_S} s")
    if done.returncode != 0:
        pytest.fail(f"{of} cannot be imported in a fresh process:\n{done.stderr}")
    found: dict[str, tuple[list[str], str]] = json.loads(done.stdout.splitlines()[-1])
    if found:
        name, (chain, place) = next(iter(found.items()))
        more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
        pytest.fail(f"importing {of} loads {name}{more}: {' → '.join(chain)}, at {place}")


@pytest.fixture(scope="session")
def importguard_report(pytestconfig: pytest.Config) -> Verdict:
    """What the rules say of the project around pytest's root directory; worked out once a session.

    `ok`: no error remains. `findings`, `suppressed`, `baselined`: each with `code`, `severity`, `message`, `location`
    (`path`, `line`), `subject`, `cost_us`, `module_count`, `fix_hint`, `chain`, `statements`. `reports`: one a start.
    """
    import importguard

    with _one_sentence():
        return importguard.check(*importguard.analyse_all(importguard.find_project(pytestconfig.rootpath).starts()))


@pytest.fixture(scope="session")
def importguard_verification(pytestconfig: pytest.Config) -> Verification:
    """The project's program, run once a session as `[verify]` says, beside its graph.

    `ok`: no promise is broken. `heavy`, `lag`, `unpredicted`: what was loaded, each with `name`, `count`, `cost_us`,
    `frames`. `waits`, `missing`, `unwarmed`; `broken`: sentences. `agrees`: the graph and the run say the same.
    """
    import importguard
    from importguard.verify import verify

    with _one_sentence():
        return verify(importguard.analyse(importguard.find_project(pytestconfig.rootpath).start()))


@contextlib.contextmanager
def _one_sentence() -> Iterator[None]:
    """What keeps importguard from checking fails the test with its own sentence, without importguard's own frames."""
    from importguard.errors import ImportGuardError

    try:
        yield
    except ImportGuardError as error:  # `from None`: else pytest prints the error as well, the same words twice
        raise pytest.fail.Exception(f"importguard: {error}", pytrace=False) from None


def _is_below(name: str, names: tuple[str, ...]) -> bool:
    return any(name == one or name.startswith(f"{one}.") for one in names)
