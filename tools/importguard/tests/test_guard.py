"""A guard says when the main thread waits for what is being warmed: before the wait, and at no other time."""

import builtins
import importlib
import logging
import sys
import threading

import pytest

from importguard import warmup as runtime
from importguard.warmup import NotWarmedError, Warmup, WarmupManifest

FILES = {
    "guarded_gates.py": "import threading\nbegun, go = threading.Event(), threading.Event()",
    "guarded_slow/__init__.py": "import guarded_gates as g\ng.begun.set()\ng.go.wait(20)\ndone = True",
    "guarded_slow/part.py": "x = 1",
    "guarded_next.py": "x = 1",
    "guarded_else.py": "x = 1",
}
LAZY = "lazy import guarded_slow\ndef use():\n    return guarded_slow.done\n"
PLAIN = "def use():\n    import guarded_slow\n    return guarded_slow.done\n"


@pytest.fixture
def gates(tmp_path, monkeypatch):
    """The modules are there, and nothing of them is loaded but the gates."""
    code = LAZY if sys.version_info >= (3, 15) else PLAIN
    for name, text in {**FILES, "guarded_user.py": code}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.syspath_prepend(str(tmp_path))
    yield importlib.import_module("guarded_gates")
    for name in [name for name in sys.modules if name.startswith("guarded_")]:
        del sys.modules[name]


@pytest.fixture
def warmup(gates):
    made = Warmup(WarmupManifest.of(["guarded_slow", "guarded_next"]), freeze=False)
    yield made
    gates.go.set()
    assert made.wait(20)


def begin(warmup, gates):
    warmup.start()
    assert gates.begun.wait(20)


def test_a_callback_hears_of_the_wait_before_it_and_the_use_then_goes_on(warmup, gates):
    heard = []
    warmup.guard(lambda waiting: (heard.append(waiting), gates.go.set()))
    user = importlib.import_module("guarded_user")
    begin(warmup, gates)
    assert user.use() is True
    assert [(one.module, one.state, one.line, one.function) for one in heard] == [
        ("guarded_slow", "running", 3 if sys.version_info >= (3, 15) else 2, "use")
    ]
    assert heard[0].file.endswith("guarded_user.py")


def test_raise_refuses_at_once_and_the_name_works_after_ready(warmup, gates):
    warmup.guard("raise")
    user = importlib.import_module("guarded_user")
    begin(warmup, gates)
    with pytest.raises(NotWarmedError, match=r"guarded_user.py:\d: use waits for guarded_slow"):
        user.use()
    assert not warmup.ready("guarded_slow")
    gates.go.set()
    assert warmup.wait(20)
    assert warmup.ready("guarded_slow")
    assert user.use() is True


def test_log_writes_one_warning(warmup, gates, caplog):
    class Opens(logging.Handler):
        def emit(self, record):
            gates.go.set()

    warmup.guard("log")
    logger = logging.getLogger("importguard.warmup")
    handler = Opens()
    logger.addHandler(handler)
    try:
        user = importlib.import_module("guarded_user")
        begin(warmup, gates)
        assert user.use() is True
    finally:
        logger.removeHandler(handler)
    assert [record.getMessage().partition(": ")[2] for record in caplog.records] == [
        "use waits for guarded_slow, which is still warming up"
    ]


def test_a_module_whose_job_has_not_begun_is_loaded_by_the_main_thread_and_told_so(warmup, gates):
    heard = []
    warmup.guard(heard.append)
    begin(warmup, gates)
    importlib.import_module("importguard")  # an import that concerns nobody
    exec("import guarded_next, guarded_else")
    assert [(one.module, one.state) for one in heard] == [("guarded_next", "pending")]


def test_a_submodule_of_what_is_loading_counts(warmup, gates):
    heard = []
    warmup.guard(lambda waiting: (heard.append(waiting.module), gates.go.set()))
    begin(warmup, gates)
    exec("import guarded_slow.part")
    assert heard == ["guarded_slow.part"]


def test_nothing_is_wrapped_before_the_start_and_after_the_end(warmup, gates):
    before, importers = builtins.__import__, list(sys.meta_path)
    warmup.guard("raise")
    assert builtins.__import__ is before
    begin(warmup, gates)
    assert builtins.__import__ is not before
    gates.go.set()
    assert warmup.wait(20)
    assert (builtins.__import__, sys.meta_path) == (before, importers)


def test_other_threads_wait_without_a_word(warmup, gates):
    heard, values = [], []
    warmup.guard(heard.append)
    user = importlib.import_module("guarded_user")
    begin(warmup, gates)
    thread = threading.Thread(target=lambda: values.append(user.use()))
    thread.start()
    gates.go.set()
    thread.join(20)
    assert (values, heard) == ([True], [])


def test_the_module_functions_ask_the_installed_warmup(warmup, gates):
    assert runtime.ready("guarded_slow") is False
    runtime.install(warmup)
    try:
        runtime.guard("raise")
        begin(warmup, gates)
        with pytest.raises(NotWarmedError):
            exec("import guarded_slow")
        gates.go.set()
        assert warmup.wait(20)
        assert runtime.ready("guarded_slow") is True
    finally:
        runtime.install(None)


INSIDE = """
import builtins, importlib, sys, threading
sys.path[:] = {path!r}
from importguard.warmup import NotWarmedError, Warmup, WarmupManifest
gates = importlib.import_module("guarded_gates")
plain = builtins.__import__
one = Warmup(WarmupManifest.of(["guarded_slow", "guarded_next"]), freeze=False)
heard = []
one.guard(lambda waiting: (heard.append(waiting), gates.go.set()))
user = importlib.import_module("guarded_user")
one.start()
assert gates.begun.wait(20)
assert user.use() is True
assert one.wait(20), one.status()
assert [(found.module, found.state, found.function) for found in heard] == [("guarded_slow", "running", "use")], heard
assert one.ready("guarded_slow") and user.use() is True and len(heard) == 1
for thread in threading.enumerate():
    if thread is not threading.current_thread():
        thread.join()
assert builtins.__import__ is plain
"""


@pytest.mark.usefixtures("gates")
def test_a_guard_of_a_subinterpreter_says_what_its_own_main_thread_waits_for(in_subinterpreter):
    before = builtins.__import__
    in_subinterpreter(INSIDE.format(path=sys.path))
    assert builtins.__import__ is before
