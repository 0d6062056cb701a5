"""Changed modules run again; broken ones do not, and the old code goes on."""

import sys
import threading
from types import SimpleNamespace

import pytest
from src.panels.places import PLACES
from src.window.hot_reload import Outcome, Reloader, carry_over
from tests.repository import ROOT


@pytest.fixture
def package(tmp_path, monkeypatch):
    """`package(name=source)` writes modules of a package `reloaded` and imports them; returns the folder."""
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "reloaded"
    folder.mkdir()
    (folder / "__init__.py").write_text("")

    def write(**sources):
        for name, source in sources.items():
            (folder / f"{name}.py").write_text(source)
        return folder

    yield write
    for name in [name for name in sys.modules if name.startswith("reloaded")]:
        del sys.modules[name]


def change(folder, name, source):
    path = folder / f"{name}.py"
    path.write_text(source + "\n" * len(source))  # another length, so that no bytecode of this second counts as fresh
    return [str(path)]


def test_a_changed_module_runs_again_and_keeps_its_identity(package):
    folder = package(panel="VALUE = 1")
    from reloaded import panel as module

    reloader = Reloader(["reloaded.*"])
    assert reloader.reload() is None
    reloader.note(change(folder, "panel", "VALUE = 2"))
    assert reloader.reload() == Outcome(("reloaded.panel",), "")
    assert (module.VALUE, sys.modules["reloaded.panel"] is module) == (2, True)
    assert reloader.reload() is None


def test_what_imports_a_changed_module_runs_again_after_it(package):
    folder = package(flow="def size(): return 1", a_panel="from reloaded.flow import size", other="X = 1")
    import reloaded.a_panel
    import reloaded.other

    reloader = Reloader(["reloaded.*"])
    reloader.note(change(folder, "flow", "def size(): return 2"))
    assert reloader.reload().modules == ("reloaded.flow", "reloaded.a_panel")
    assert reloaded.a_panel.size() == 2


@pytest.mark.parametrize(
    ("source", "error"),
    [
        ("X = 1\ndef f(:\n    pass", "reloaded/panel.py:2: invalid syntax. The old code runs on."),
        ("X = 3\nY = 1 / 0", "reloaded/panel.py:2: ZeroDivisionError: division by zero. The old code runs on."),
        ("X = 3\nimport no_such_module", "reloaded/panel.py:2: ModuleNotFoundError: No module named 'no_such_module'."),
    ],
)
def test_a_module_that_does_not_run_is_named_with_its_line_and_stays_as_it_was(package, source, error):
    folder = package(panel="X = 1\nZ = [2]")
    import reloaded.panel

    before = dict(vars(reloaded.panel))
    reloader = Reloader(["reloaded.*"])
    reloader.note(change(folder, "panel", source))
    outcome = reloader.reload()
    assert outcome.modules == ()
    assert outcome.error.startswith(error)
    assert vars(reloaded.panel) == before


def test_a_failing_importer_takes_back_what_it_imports(package):
    folder = package(base="V = 1", panel="from reloaded.base import V\nfrom reloaded import base\nassert V == 1")
    import reloaded.panel

    reloader = Reloader(["reloaded.*"])
    reloader.note(change(folder, "base", "V = 2"))
    assert "AssertionError" in reloader.reload().error
    assert (reloaded.panel.base.V, reloaded.panel.V) == (1, 1)


def test_other_files_are_left_alone(package, tmp_path):
    package(panel="X = 1")
    import reloaded.panel  # noqa: F401

    reloader = Reloader(["reloaded.*"])
    reloader.note([str(tmp_path / "elsewhere.py")])
    assert reloader.reload() is None


class Old:
    def __init__(self):
        self.typed, self.opened, self.cache, self.gone, self.kind = "abc", {1, 2}, [object()], 1, 5


class New:
    def __init__(self):
        self.typed, self.opened, self.cache, self.added, self.kind = "", set(), [], 7, "x"


def test_what_was_typed_and_chosen_is_carried_over_but_no_objects():
    new = carry_over(Old(), New())
    assert vars(new) == {"typed": "abc", "opened": {1, 2}, "cache": [], "added": 7, "kind": "x"}


def test_a_saved_file_is_noticed_until_the_watch_ends(tmp_path):
    from src.work import watch

    seen, ended, noticed = [], threading.Event(), threading.Event()

    def on_change(paths):
        seen.extend(paths)
        noticed.set()

    watcher = threading.Thread(target=watch.watch, args=(str(tmp_path), ended, on_change))
    watcher.start()
    for number in range(100):  # until the watch has begun, a write is nothing to it
        (tmp_path / "panel.py").write_text(f"X = {number}")
        if noticed.wait(0.1):
            break
    ended.set()
    watcher.join(10)
    assert not watcher.is_alive()
    assert {path.rpartition("/")[2] for path in seen} == {"panel.py"}


def test_the_window_takes_over_panels_with_what_was_typed_in_them(drive):
    def steps(context, gui):
        before = gui.panel("Log")
        before.searched, before.lowest = "disk", 2
        outcomes = [Outcome(("src.panels.log",), "")]
        gui._reloader = SimpleNamespace(reload=lambda: outcomes.pop() if outcomes else None)
        context.yield_(3)
        after = gui.made["Log"]
        assert (after is before, after.searched, after.lowest) == (False, "disk", 2)
        assert "Reloaded src.panels.log." in [toast.text for toast in gui.controller.toasts.snapshot()]
        outcomes.append(Outcome((), "src/panels/log.py:3: invalid syntax. The old code runs on."))
        context.yield_(3)
        assert gui.made["Log"] is after
        assert any(one.text.startswith("src/panels/log.py:3") for one in gui.controller.toasts.snapshot())

    drive(steps)


def test_every_reloadable_module_runs_again_as_it_is(drive):
    def steps(context, gui):
        folder = ROOT / "src"
        gui.commands.run("panel.settings")
        context.yield_(2)
        gui._reloader = Reloader()
        gui._reloader.note([str(path) for path in folder.rglob("*.py")])
        context.yield_(4)
        texts = [toast.text for toast in gui.controller.toasts.snapshot()]
        (said,) = [text for text in texts if text.startswith("Reloaded ")]
        assert "src.window.flow, src.theme_2" in said
        for place in PLACES:
            gui.show_panel(place.title)
            context.yield_(2)
        assert gui.board.errors == {}

    drive(steps)
