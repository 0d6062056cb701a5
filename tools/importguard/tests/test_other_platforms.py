"""What differs on macOS and Windows, simulated here: drives, case, folders of the library, no fork, no groups."""

import json
import ntpath
import os
import subprocess
import sys
import textwrap
from pathlib import Path, PureWindowsPath
from types import SimpleNamespace

import pytest

from importguard.manifest import _relative
from importguard.project.repository import from_here
from importguard.render import sarif
from importguard.running.tree import end_tree
from importguard.source.ahead import worthwhile
from importguard.startup.machine.loading import origin
from importguard.startup.trace import Origin
from importguard.target import environment, interpreter
from importguard.target.finder import Form


@pytest.fixture
def windows_paths(monkeypatch):
    """Paths are compared and made relative as on Windows."""
    monkeypatch.setattr(os.path, "normcase", ntpath.normcase)
    monkeypatch.setattr(os.path, "relpath", ntpath.relpath)


@pytest.mark.parametrize(
    ("place", "whose"),
    [
        ("c:/python313/LIB/json/__init__.py", Origin.STDLIB),
        ("C:/Python313/Lib/json/__init__.py", Origin.STDLIB),
        ("d:/Work/SHOP/app.py", Origin.FIRST_PARTY),
        ("D:/Work/shopping/app.py", Origin.THIRD_PARTY),
    ],
)
def test_the_owner_of_a_module_does_not_hang_on_the_case_of_its_path(windows_paths, place, whose):
    where = SimpleNamespace(stdlib="C:/Python313/Lib", base_prefix="C:/Python313")
    machine = SimpleNamespace(environment=where, project_root="D:/work/shop")
    assert origin(machine, SimpleNamespace(form=Form.SOURCE, path=place, locations=())) == whose


def test_a_source_on_another_drive_is_named_whole(windows_paths, monkeypatch):
    assert _relative("D:/shared/one.py", "C:/shop") == "D:/shared/one.py"
    project = SimpleNamespace(root=Path("/somewhere"))
    monkeypatch.setattr(os.path, "relpath", lambda path: ntpath.relpath(f"D:{path}", "C:/here"))
    assert from_here("/somewhere/one.py", project) == "/somewhere/one.py"


@pytest.mark.parametrize(
    ("path", "address"),
    [("/srv/a b/one.py", "file:///srv/a%20b/one.py"), ("C:/a b/one.py", "file:///C:/a%20b/one.py")],
)
def test_a_report_gives_a_file_outside_the_repository_an_address(monkeypatch, path, address):
    monkeypatch.setattr(sarif, "in_repository", lambda path, _project: str(PureWindowsPath(path)))
    found = sarif._location(SimpleNamespace(path=path, line=3), None)["physicalLocation"]["artifactLocation"]
    assert found == {"uri": address}


def test_extensions_of_the_library_are_found_where_windows_keeps_them(tmp_path):
    library = next(path for path in sys.path if path.endswith("lib-dynload"))
    (tmp_path / "DLLs").symlink_to(library)
    moved = f"import sys\nsys.path = [p.replace({library!r}, {str(tmp_path / 'DLLs')!r}) for p in sys.path]\n"
    said = [
        subprocess.run(
            [sys.executable, "-I", "-S", "-c", before + environment._PROBE, "", "False", os.devnull],
            capture_output=True,
            text=True,
            timeout=240,
        )
        for before in ("", moved)
    ]
    assert [one.returncode for one in said] == [0, 0], said[1].stderr
    here, there = [json.loads(one.stdout)["names"] for one in said]
    assert here.keys() == there.keys()
    assert "_json" in there


@pytest.mark.parametrize(
    ("variable", "below"),
    [("LOCALAPPDATA", "Microsoft/WindowsApps"), ("PROGRAMDATA", "miniconda3"), ("PYENV", "versions")],
)
def test_interpreters_of_windows_are_in_known_places(monkeypatch, tmp_path, variable, below):
    monkeypatch.setenv(variable, str(tmp_path))
    monkeypatch.setattr(interpreter, "os", SimpleNamespace(**{**vars(os), "name": "nt"}))
    assert tmp_path / below in interpreter._installations()


def test_without_fork_several_starts_are_worked_out_one_after_the_other(run, write, monkeypatch):
    monkeypatch.delattr(os, "fork", raising=False)
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(sys, "platform", "darwin")
    starts = '[[entry]]\nname = "a"\nscript = "a.py"\n[[entry]]\nname = "b"\nscript = "b.py"\n'
    write({"importguard.toml": f'heavy = ["colorsys"]\n{starts}', "a.py": "", "b.py": "import colorsys"})
    assert not worthwhile()
    result = run("check", "-q")
    assert (result.returncode, "b.py:1: IG101 colorsys" in result.stdout, result.stderr) == (1, True, "")


@pytest.fixture
def taskkill(tmp_path, monkeypatch):
    """The command of Windows; it notes what it was asked and ends the process."""
    noted = tmp_path / "asked"
    tool = tmp_path / "bin" / "taskkill"
    tool.parent.mkdir()
    tool.write_text(f'#!/bin/sh\necho "$@" > {noted}\nkill -9 "$4"\n')
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tool.parent}{os.pathsep}{os.environ['PATH']}")
    return noted


def test_without_process_groups_the_tree_is_ended(taskkill, monkeypatch):
    monkeypatch.delattr(os, "killpg")
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    end_tree(process)
    assert process.wait(20) != 0
    assert taskkill.read_text().split() == ["/F", "/T", "/PID", str(process.pid)]


def test_the_runtime_works_where_no_fork_can_be_watched(tmp_path):
    program = """
        import os
        del os.register_at_fork
        from importguard import warmup
        running = warmup.Warmup(warmup.WarmupManifest(1, "app.py", (warmup.WarmupJob("colorsys"),)))
        running.start()
        assert running.wait(20)
        print(running.status().completed)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)], capture_output=True, text=True, timeout=240, cwd=tmp_path
    )
    assert (done.returncode, done.stdout) == (0, "('colorsys',)\n"), done.stderr


@pytest.mark.parametrize("method", ["spawn", "forkserver"])
def test_a_check_runs_in_a_process_that_was_spawned(write, method):
    write({"app.py": "import json", "other.py": _SPAWNED})
    root = write({})
    done = subprocess.run([sys.executable, "other.py", method], capture_output=True, text=True, timeout=240, cwd=root)
    assert (done.returncode, done.stdout.strip()) == (0, "True"), done.stderr


_SPAWNED = """
import multiprocessing, sys

def look():
    import importguard
    project = importguard.find_project()
    analysis = importguard.analyse(project.start_of(importguard.Kind.SCRIPT, "app.py"))
    print("json.decoder" in analysis.graph.eager, flush=True)

if __name__ == "__main__":
    process = multiprocessing.get_context(sys.argv[1]).Process(target=look)
    process.start()
    process.join()
    sys.exit(process.exitcode)
"""
