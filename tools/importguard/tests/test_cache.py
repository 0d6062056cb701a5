"""What is kept between runs changes how long an answer takes, never the answer."""

import errno
import json
import os
import random
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from importguard import Kind, analyse, check, find_project, manifest, plan
from importguard.errors import SourceError
from importguard.render.json import render_graph, render_verdict
from importguard.session import Session
from importguard.source import cache as programs
from importguard.source import scanned
from importguard.startup import trace_start, tracing
from importguard.startup.machine import machine
from importguard.storage import disk
from importguard.storage.cache import VARIABLE, Cache
from importguard.storage.disk import Now
from importguard.target.environment import probe, probe_of

PROJECT = {
    "importguard.toml": 'entry = "app.py"',
    "app.py": "import one\nimport missing\nfrom pack import part\n",
    "one.py": "import colorsys\ndef later():\n    import wave\n",
    "pack/__init__.py": "",
    "pack/part.py": "import keyword",
}


@pytest.fixture(scope="session")
def interpreter(tmp_path_factory):
    """The entry about this interpreter, which takes longest to make."""
    cache = Cache(str(tmp_path_factory.mktemp("interpreter")))
    probe(None, cache)
    (entry,) = Path(cache.folder).iterdir()
    return entry


@pytest.fixture
def folder(tmp_path, monkeypatch, interpreter):
    """The cache's folder for this test alone."""
    place = tmp_path / "cache"
    place.mkdir()
    shutil.copy2(interpreter, place)
    monkeypatch.setenv(VARIABLE, str(place))
    return place


@pytest.fixture
def project(tmp_path, folder, write):
    """A project whose analysis is kept already."""
    write({f"project/{name}": text for name, text in PROJECT.items()})
    answer(tmp_path / "project")
    return tmp_path / "project"


def answer(root):
    return render_graph(analyse(find_project(root).start()).graph)


def uncached(root):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, "off")
        return answer(root)


@pytest.fixture
def walks(monkeypatch):
    """How often the interpreter has run the script."""
    return counted(monkeypatch, "run_script")


def counted(monkeypatch, method):
    calls = []
    run = getattr(machine.Machine, method)
    monkeypatch.setattr(machine.Machine, method, lambda *given: calls.append(1) or run(*given))
    return calls


def test_what_is_unchanged_is_not_worked_out_again(project, walks):
    assert answer(project) == uncached(project)
    assert len(walks) == 1  # the uncached one


@pytest.mark.skipif(not Path("/proc/uptime").exists(), reason="the system makes up no such file")
def test_what_the_system_says_otherwise_each_time_is_not_read(project, walks):
    """As `/proc/uptime`, by which a program tells how old its process is."""
    (project / "one.py").write_text("with open('/proc/uptime') as file:\n    age = file.read().split()\nimport wave\n")
    first = answer(project)
    walks.clear()
    assert answer(project) == first
    assert walks == []


def test_a_fresh_checkout_counts_as_unchanged(project, walks):
    copy = project.with_name("copy")
    shutil.copytree(project, copy)
    shutil.rmtree(project)
    copy.rename(project)
    for path in project.rglob("*.py"):
        os.utime(path, (1, 1))
    answer(project)
    assert walks == []


def test_after_an_edit_only_what_changed_is_read_again(project, monkeypatch):
    (project / "one.py").write_text("import colorsys\nimport pack\n")
    read = []
    of_disk = disk.Disk.read
    monkeypatch.setattr(disk.Disk, "read", lambda self, path: read.append(path) or of_disk(self, path))
    found = answer(project)
    assert {path for path in read if path.endswith(".py")} == {str(project / "one.py")}
    assert found == uncached(project)


def test_files_that_no_import_can_find_change_nothing(project, walks):
    (project / "notes.md").write_text("")
    (project / ".one.py.swp").write_text("")
    (project / "pack" / "__pycache__").mkdir()
    answer(project)
    assert walks == []


CHANGES = {
    "another import": lambda root: (root / "one.py").write_text("import bisect\n"),
    "the same size": lambda root: (root / "one.py").write_text(PROJECT["one.py"].replace("wave", "cmd ")),
    "a file that shadows": lambda root: (root / "colorsys.py").write_text("import bisect"),
    "a package that shadows": lambda root: (root / "one").mkdir() or (root / "one" / "__init__.py").write_text(""),
    "what was missing": lambda root: (root / "missing.py").write_text(""),
    "a file that is gone": lambda root: (root / "pack" / "part.py").unlink(),
    "a folder that is gone": lambda root: shutil.rmtree(root / "pack"),
    "the configuration": lambda root: (root / "importguard.toml").write_text('entry = "app.py"\nlazy_imports = "all"'),
    "the warmup's words": lambda root: (root / "importguard.toml").write_text('entry = "app.py"\nwarm_calls = ["x"]'),
    "a broken file": lambda root: (root / "one.py").write_text("import ("),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_what_is_changed_is_worked_out_again(change, project, walks):
    change(project)
    assert answer(project) == uncached(project)
    assert len(walks) == 2


def test_a_change_within_one_tick_of_the_clock_is_seen(project):
    times = (project / "one.py").stat()
    (project / "one.py").write_text(PROJECT["one.py"].replace("colorsys", "sndhdr  "))
    os.utime(project / "one.py", ns=(times.st_atime_ns, times.st_mtime_ns))
    assert answer(project) == uncached(project)


def test_installed_files_are_compared_by_content_when_their_times_differ(tmp_path, folder, write, walks):
    root = write({"app.py": "import sys\nsys.path.append('site-packages')\nimport pack", "site-packages/pack.py": ""})
    root = write({"app.py": f"import sys\nsys.path.append({str(root / 'site-packages')!r})\nimport pack"})
    project = find_project(root)
    installed = root / "site-packages" / "pack.py"
    long_ago = time.time() - 3600
    for path in (installed, installed.parent):
        os.utime(path, (long_ago, long_ago))
    first = render_graph(analyse(project.start_of(Kind.SCRIPT, str(root / "app.py"))).graph)
    os.utime(installed, (long_ago + 5, long_ago + 5))
    assert render_graph(analyse(project.start_of(Kind.SCRIPT, str(root / "app.py"))).graph) == first
    assert len(walks) == 1
    installed.write_text("import colorsys")
    assert '"colorsys"' in render_graph(analyse(project.start_of(Kind.SCRIPT, str(root / "app.py"))).graph)


def damage(path, how):
    content = path.read_bytes()
    if how == "truncated":
        path.write_bytes(content[: len(content) // 2])
    elif how == "empty":
        path.write_bytes(b"")
    elif how == "other bytes":
        path.write_bytes(b"SQLite format 3\0" + bytes(4096))
    elif how == "a folder":
        path.unlink()
        path.mkdir()
    else:
        flipped = bytearray(content)
        places = random.Random(how)
        for _ in range(40):
            flipped[places.randrange(len(flipped))] ^= 1 << places.randrange(8)
        path.write_bytes(flipped)


@pytest.mark.parametrize("how", ["truncated", "empty", "other bytes", "a folder", *range(3)])
@pytest.mark.parametrize("kind", ["trace-", "python-", "programs"])
def test_a_damaged_cache_costs_time_only(kind, how, project, folder):
    expected = uncached(project)
    for path in list(folder.iterdir()):
        if path.name.startswith(kind):
            damage(path, how)
        elif kind == "programs" and path.name.startswith("trace-"):
            path.unlink()  # else nobody asks for Programs
    assert answer(project) == expected
    assert answer(project) == expected


def test_every_damaged_byte_of_an_entry_is_noticed(tmp_path):
    cache = Cache(str(tmp_path))
    cache.save("entry", b"payload")
    content = (tmp_path / "entry").read_bytes()
    for position in range(len(content)):
        for bit in range(8):
            flipped = bytearray(content)
            flipped[position] ^= 1 << bit
            (tmp_path / "entry").write_bytes(flipped)
            assert cache.load("entry") is None
    for length in range(len(content)):
        (tmp_path / "entry").write_bytes(content[:length])
        assert cache.load("entry") is None


def test_an_entry_under_another_name_is_not_taken(tmp_path):
    cache = Cache(str(tmp_path))
    cache.save("one", b"payload")
    os.replace(cache.path("one"), cache.path("two"))
    assert cache.load("two") is None


def test_another_analyser_takes_nothing_over(project, walks, monkeypatch):
    monkeypatch.setattr(tracing, "own_digest", lambda: b"another")
    answer(project)
    assert len(walks) == 1


def test_a_folder_that_cannot_be_made_is_done_without(tmp_path, folder, write):
    shutil.rmtree(folder)
    folder.write_text("a file stands where the folder should")
    root = write({f"project/{name}": text for name, text in PROJECT.items()}) / "project"
    assert answer(root) == answer(root) == uncached(root)


@pytest.mark.parametrize("call", ["replace", "makedirs"])
def test_a_full_disk_is_done_without(call, tmp_path, folder, write, monkeypatch):
    def full(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    root = write({f"project/{name}": text for name, text in PROJECT.items()}) / "project"
    monkeypatch.setattr(os, call, full)
    assert answer(root) == answer(root)
    assert [path.name for path in folder.glob(".*")] == []


def test_the_cache_can_be_switched_off(project, folder, monkeypatch, walks):
    shutil.rmtree(folder)
    monkeypatch.setenv(VARIABLE, "off")
    answer(project)
    assert (len(walks), folder.exists()) == (1, False)


def test_one_run_can_do_without(project, folder):
    shutil.rmtree(folder)
    command = [sys.executable, "-m", "importguard", "check", "--no-cache"]
    assert subprocess.run(command, cwd=project, capture_output=True, timeout=240).returncode in {0, 1}
    assert not folder.exists()


def test_runs_at_the_same_time_share_one_folder(tmp_path, folder, write):
    root = write({f"project/{name}": text for name, text in PROJECT.items()}) / "project"
    command = [sys.executable, "-m", "importguard", "graph", "--format", "json"]
    runs = [subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    answers = {run.communicate(timeout=240)[0] for run in runs}
    assert [run.returncode for run in runs] == [0, 0, 0]
    assert len(answers) == 1


def test_the_folder_keeps_what_was_used_last(tmp_path):
    cache = Cache(str(tmp_path))
    for age, name in enumerate(("new", "older", "oldest")):
        cache.save(name, bytes(1000))
        os.utime(cache.path(name), (10_000 - age, 10_000 - age))
    cache.prune(bound=2500)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["new", "older"]


def test_the_database_of_programs_is_bounded(tmp_path, monkeypatch):
    monkeypatch.setattr(programs, "MAX_BYTES", 100_000)
    path = tmp_path / "programs.sqlite"
    for day in range(4):
        monkeypatch.setattr(programs.time, "time", lambda day=day: day * 86_400.0)
        with programs.ProgramCache(str(path)) as cache:
            for number in range(30):
                cache.program(f"x{day}_{number} = '{'x' * 2000}'".encode(), "x.py")
    assert path.stat().st_size < 200_000


EDITED = """\
import one
from pack import part


class Window:
    title = "x"

    def draw(self, *, size: tuple[int, int] = (1, 2)) -> tuple[int, int]:
        return one.later()


def called(text):
    '''Runs at startup.'''
    import keyword
    return keyword


def waits():
    import wave
    return _require_warmed("sndhdr")


called(1)
"""
HARMLESS = {
    "lines move": EDITED.replace("class Window", "# a comment\n\n\nclass Window"),
    "a body that is not called": EDITED.replace("return one.later()", "x = 1\n        return x + 2"),
    "what stands before imports": EDITED.replace("    import wave", "    x = 1\n    import wave"),
    "texts for people": EDITED.replace("Runs at startup.", "Runs\n    at startup."),
    "a signature over several lines": EDITED.replace("self, *, size", "self,  # of a window\n        *, size"),
    "a comment below a signature": EDITED.replace("        return one", "        # a comment\n        return one"),
    "nothing but its time": EDITED,
}
TELLING = {
    "an import": EDITED.replace("import one", "import one\nimport colorsys"),
    "an import in a body": EDITED.replace("return one.later()", "import colorsys"),
    "no import in a body": EDITED.replace("    import wave\n", ""),
    "another import in a body": EDITED.replace("import wave", "import colorsys"),
    "another warm call": EDITED.replace("sndhdr", "colorsys"),
    "a body that is called": EDITED.replace("import keyword", "import colorsys"),
    "another call": EDITED.replace("called(1)", "waits()"),
    "a thread": EDITED.replace("return one.later()", "import threading; threading.Thread()"),
    "an annotation": EDITED.replace("-> tuple[int, int]", "-> list[int]"),
    "a generator": EDITED.replace("return keyword", "yield keyword"),
    "a decorator": EDITED.replace("def waits", "@called\ndef waits"),
    "a constant": EDITED.replace('title = "x"', 'title = "y"'),
    "two lines become one": EDITED.replace("import one\nfrom pack", "import one; from pack"),
    "a broken file": EDITED.replace("called(1)", "called("),
}


def edited(project, text):
    (project / "app.py").write_text(EDITED)
    first = answer(project)
    (project / "app.py").write_text(text)
    return first


@pytest.mark.parametrize("text", HARMLESS.values(), ids=HARMLESS)
def test_an_edit_that_only_moves_lines_needs_no_new_walk(text, project, walks):
    edited(project, text)
    del walks[:]
    assert answer(project) == uncached(project)
    assert len(walks) == 1  # the uncached one


@pytest.mark.parametrize("text", TELLING.values(), ids=TELLING)
def test_an_edit_that_changes_more_is_worked_out_again(text, project, walks):
    edited(project, text)
    del walks[:]
    try:
        expected = uncached(project)
    except SourceError as error:
        with pytest.raises(SourceError, match=re.escape(str(error))):
            answer(project)
    else:
        assert answer(project) == expected
    assert len(walks) == 2


WARMING = """\
import one, helper


def waits():
    import cmd
    return _require_warmed("library.inner"), _require_warmed("screen")


helper.start()
"""
LATER = {
    "app.py": WARMING,
    "helper.py": "def start(): pass",
    "screen.py": "import library.other, helper\nlibrary.other.x()\ndef f():\n    import missing_here, bisect",
    "library/__init__.py": "",
    "library/inner.py": "import colorsys",
    "library/other.py": "def x():\n    import sched",
}
# What is edited; whether what is loaded later is worked out again.
APART = {
    "an import": ("app.py", WARMING.replace("import one", "import one\nimport keyword"), False),
    "an import of what is loaded later": ("app.py", WARMING.replace("import one", "import library.inner, one"), True),
    "a call": ("app.py", WARMING.replace("helper.start()", "helper.start(); import keyword"), False),
    "a file of both": ("helper.py", "import keyword\ndef start(): pass", True),
    "a file of what is loaded later": ("screen.py", "import library.other", True),
    "lines of it": ("screen.py", LATER["screen.py"].replace("import missing", "# moved\n    import missing"), False),
    "an import of what is warmed before anybody asks": (
        "app.py",
        WARMING.replace("import cmd", "import cmd, colorsys, library.inner"),
        False,
    ),
    "another import later": ("app.py", WARMING.replace("import cmd", "import cmd, code"), True),
    "an import less later": ("app.py", WARMING.replace("    import cmd\n", ""), True),
    "another order": (
        "app.py",
        WARMING.replace('"library.inner"', '""').replace('"screen"', '"library.inner"').replace('""', '"screen"'),
        True,
    ),
    "the search path": ("app.py", "import sys\nsys.path.insert(0, '/nowhere')\n" + WARMING, True),
}


@pytest.mark.parametrize(("file", "text", "again"), APART.values(), ids=APART)
def test_what_is_loaded_later_is_worked_out_again_only_where_it_is_concerned(file, text, again, project, monkeypatch):
    for name, content in LATER.items():
        (project / name).parent.mkdir(exist_ok=True)
        (project / name).write_text(content)
    answer(project)
    (project / file).write_text(text)
    later = counted(monkeypatch, "run_later")
    found = answer(project)
    assert bool(later) == again
    assert found == uncached(project)


TWICE = {
    "app.py": "import t\ndef run():\n    _require_warmed('a')\n",
    "t.py": "",
    "a.py": "import csv\nimport nope_mod\ndef f():\n    import wave\nf()\n",
}


@pytest.mark.parametrize("calls", [True, False], ids=["with a called function", "without"])
def test_lines_that_moved_while_another_file_changed_are_not_moved_again(project, calls):
    """The warmed part is moved, the main thread's part is walked: what is kept of both is of the files as they are."""
    texts = {**TWICE, "a.py": TWICE["a.py"] if calls else TWICE["a.py"].replace("f()\n", "")}
    for name, content in texts.items():
        (project / name).write_text(content)
    answer(project)
    for number in range(1, 4):
        (project / "a.py").write_text(
            "import csv\n" + "# moved\n" * number + texts["a.py"].removeprefix("import csv\n")
        )
        (project / "t.py").write_text("import wave\n" * (number % 2))
        expected = uncached(project)
        assert answer(project) == expected
        assert answer(project) == expected  # no edit in between
    (project / "a.py").write_text("import csv\n# one\n" + texts["a.py"].replace("csv", "csv, sched"))
    assert answer(project) == uncached(project)


@pytest.mark.parametrize("name", ["two/__init__.py", "two.py"])
def test_a_folder_with_the_name_of_a_module_costs_the_same_with_and_without_what_is_kept(project, name):
    (project / "app.py").write_text("import two, one\n")
    (project / name).mkdir(parents=True)
    assert answer(project) == uncached(project)
    (project / "app.py").write_text("import two, one, keyword\n")
    assert answer(project) == uncached(project)


def test_findings_after_an_edit_stand_at_their_new_lines(project, run):
    (project / "importguard.toml").write_text('entry = "app.py"\nheavy = ["colorsys"]')
    before = check(analyse(find_project(project).start()))
    (project / "one.py").write_text("# moved\n\n" + PROJECT["one.py"])
    after = check(analyse(find_project(project).start()))
    lines = [[(one.code, one.location.line) for one in report.findings] for report in (before, after)]
    chains = [[step.site.location.line for step in report.findings[0].chain.steps] for report in (before, after)]
    assert (lines[1], chains[1]) == ([(code, line + 2 * (code == "IG101")) for code, line in lines[0]], [1, 3])


def test_what_several_starts_share_is_read_and_searched_for_imports_once(project, monkeypatch):
    """In a command; each has the trace that it has alone, and the next command sees what has changed."""
    (project / "other.py").write_text("import pack\nimport one\ndef f():\n    import sched\n")
    found = find_project(project)
    starts = [found.start_of(Kind.SCRIPT, name) for name in ("app.py", "other.py")]
    alone = [trace_start(one, Session(None, Now())) for one in starts]
    (project / "one.py").write_text("import wave\ndef later():\n    import cmd\n")
    alone_after = [trace_start(one, Session(None, Now())) for one in starts]
    assert alone != alone_after
    scanned._SCANS.clear()
    read, searched = [], []
    of_disk, of_scan = disk.Disk.read, scanned.scan_sites
    monkeypatch.setattr(disk.Disk, "read", lambda self, path: read.append(path) or of_disk(self, path))
    monkeypatch.setattr(scanned, "scan_sites", lambda *given: searched.append(given[0]) or of_scan(*given))
    session = Session(Cache(str(project.with_name("other_cache"))), Now())
    assert [trace_start(one, session) for one in starts] == alone_after
    own = [os.path.relpath(path, project) for path in read if path.startswith(str(project))]
    assert sorted(own) == ["app.py", "one.py", "other.py", "pack/__init__.py", "pack/part.py"]
    assert len(searched) == len(own)
    (project / "one.py").write_text(PROJECT["one.py"])
    assert [trace_start(one, Session(session.cache, Now())) for one in starts] == alone


JUDGED = {
    "importguard.toml": 'entry = "app.py"\nheavy = ["colorsys"]\nmanifest = "warmup.json"',
    "app.py": "import one\ndef later():\n    _require_warmed('pack.part')\n",
}
# What a plan and a manifest follow from beside the trace; whether they are worked out again.
CHANGED = {
    "nothing": ({}, []),
    "a comment": ({"one.py": "# moved\n" + PROJECT["one.py"]}, ["plan", "manifest"]),
    "what is too dear": (
        {"importguard.toml": JUDGED["importguard.toml"].replace("colorsys", "keyword")},
        ["plan", "manifest"],
    ),
    "what is first in the manifest": (
        {"importguard.toml": JUDGED["importguard.toml"] + '\n[warmup]\nmodules = ["wave"]\npriority = {wave = 3}'},
        ["manifest"],
    ),
    "what modules cost": (
        {
            "importguard.costs.json": json.dumps(
                {
                    "schema": 1,
                    "python": ".".join(map(str, sys.version_info[:3])),
                    "platform": sys.platform,
                    "bytecode": True,
                    "runs": 1,
                    "packages": {},
                    "self_us": {"one": 90_000},
                }
            )
        },
        ["plan", "manifest"],
    ),
}


@pytest.mark.parametrize(("files", "again"), CHANGED.values(), ids=CHANGED)
def test_what_follows_from_a_trace_is_worked_out_again_only_where_something_of_it_changed(
    files, again, project, monkeypatch
):
    def judged():
        analysis = analyse(find_project(project).start())
        return render_verdict(check(analysis)), analysis.manifest

    for name, text in JUDGED.items():
        (project / name).write_text(text)
    judged()
    for name, text in files.items():
        (project / name).write_text(text)
    made = []
    of_plan, of_manifest = plan.build, manifest.in_full
    monkeypatch.setattr(plan, "build", lambda *given: made.append("plan") or of_plan(*given))
    monkeypatch.setattr(manifest, "in_full", lambda *given: made.append("manifest") or of_manifest(*given))
    found = judged()
    assert set(made) == set(again)
    monkeypatch.setenv(VARIABLE, "off")
    assert judged() == found


@pytest.mark.parametrize("module", ["click", "rich.console", "asyncio", "watchfiles"])
def test_graphs_of_real_packages_are_the_same_with_and_without_what_is_kept(module, tmp_path, folder):
    project = find_project(tmp_path)

    def graph():
        return render_graph(analyse(project.start_of(Kind.IMPORT, module)).graph)

    first = graph()  # keeps the Programs and the trace
    kept = graph()
    for path in folder.glob("trace-*"):
        path.unlink()
    from_programs = graph()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, "off")
        assert first == kept == from_programs == graph()


@pytest.mark.timeout(60)
@pytest.mark.parametrize("make", [os.mkfifo, lambda path: os.symlink("/dev/zero", path), os.mkdir])
def test_what_is_no_file_in_the_folder_is_not_opened(make, project, folder):
    for entry in list(folder.iterdir()):
        entry.unlink()
        make(entry)
    for ending in ("-journal", "-wal"):
        make(folder / f"programs.sqlite{ending}")
    probe_of.cache_clear()
    assert answer(project) == uncached(project)


def test_a_long_first_walk_writes_what_it_has_made_before_its_end(project, folder, monkeypatch):
    """So that it does not hold all of it; what is kept is the same."""
    shutil.rmtree(folder)
    written = []
    keep = programs._keep
    monkeypatch.setattr(
        programs, "_keep", lambda database, new, used: written.append(len(new)) or keep(database, new, used)
    )
    monkeypatch.setattr(programs, "_WAITING_BYTES", 1)
    found = answer(project)
    assert len(written) > 2
    assert max(written) == 1
    (folder / next(name.name for name in folder.iterdir() if name.name.startswith("trace-"))).unlink()
    made = counted_reads(monkeypatch)
    assert answer(project) == found
    assert made == []


def counted_reads(monkeypatch):
    made = []
    read = programs.read_program
    monkeypatch.setattr(programs, "read_program", lambda *given, **named: made.append(given) or read(*given, **named))
    return made
