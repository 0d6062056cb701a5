"""Every reader of a file that a stranger wrote: damaged, endless, huge or no file at all, it gets a clear sentence."""

import codecs
import encodings.aliases
import os
import random
import subprocess
import sys
import threading
import zipfile

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from importguard import manifest
from importguard.cli import main
from importguard.costs.measured import read_costs
from importguard.errors import ConfigError, ImportGuardError, SourceError
from importguard.project.committed_file import replace_file
from importguard.project.config import find_project
from importguard.project.declared import declared_commands, parse_point
from importguard.project.lock import read_baseline, read_lock
from importguard.source import reader
from importguard.source.reader import read_program
from importguard.source.sites import raw_thread_lines, scan_sites
from importguard.source.suppressions import read_suppressions
from importguard.startup import trace_module, trace_script
from importguard.startup.models.entry_points import declared
from importguard.storage.disk import Disk
from importguard.storage.regular_file import read_regular
from importguard.target.console_scripts import wrapper_of
from importguard.target.environment import probe
from importguard.target.finder import read_source
from importguard.target.site_files import read_site

ENDLESS = pytest.mark.timeout(60)
FUZZED = settings(max_examples=80, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=8,
)
DEEP = b"[" * 200_000
READERS = {
    "lock": read_lock, "baseline": read_baseline, "costs": read_costs, "manifest": manifest.read,
    "importguard.toml": lambda path: find_project(path.parent, path),
    "pyproject.toml": lambda path: find_project(path.parent),
}  # fmt: skip


def refusal(call, *arguments):
    """Of *call*: the error that says why it gives no answer, None when it gives one."""
    try:
        call(*arguments)
    except ImportGuardError as error:
        return error
    return None


def answers(read, path):
    """Whether *read* gives an answer; else it must refuse with a sentence that names the file."""
    error = refusal(read, path)
    assert error is None or str(error).startswith(str(path))
    return error is None


@pytest.fixture
def analyse(write):
    def run(files, **options):
        root = write(files)
        return trace_script(root / "app.py", probe(sys.executable), project_root=root, **options)

    return run


def names(trace):
    return [module.name for module in trace.modules if module.origin == "first-party"]


# Text to Program


@FUZZED
@given(st.binary(max_size=300) | st.text(max_size=300).map(lambda text: text.encode("utf-8", "surrogatepass")))
@example(b"\xef\xbb\xbf# coding: latin-1\nx")
@example(b"\x0cimport a\x0c\n\x0c\tif x:\n\x0c\timport b")
@example(b"import a\0b")
@example(b"x = '\\d \\N{no such} \x1b'")
@example(b"lazy import a; lazy from b import c\nlazy  import")
@example(b"def f():\\\n  import a\rdef g(): import b\r\n")
@example(b"yield 1; return 2; break; await x; nonlocal a; *b = c; del (d, *e)")
def test_any_bytes_are_a_program_or_a_refusal(source):
    error = refusal(read_program, source, "x.py")
    assert error is None or error.line >= 1
    if error is None:
        program = read_program(source, "x.py")
        scan_sites(program, frozenset())
        raw_thread_lines(program)


@pytest.mark.parametrize(
    "cookie", sorted({*encodings.aliases.aliases.values(), "undefined", "idna", "punycode", "nope", "rot13", "a.b"})
)
def test_any_encoding_is_read_or_refused(cookie):
    source = f"# coding: {cookie}\nimport colorsys # \xe4\n".encode("latin-1")
    error = refusal(read_program, source, "x.py")
    assert error is None or str(error).startswith("x.py:1: cannot be")
    assert error is not None or codecs.lookup(cookie)._is_text_encoding


def test_a_file_that_is_too_large_is_refused_before_it_is_parsed(monkeypatch):
    with pytest.raises(SourceError, match="larger than 16 MiB"):
        read_program(b"x" * (reader.MAX_BYTES + 1), "x.py")


@ENDLESS
def test_a_file_of_many_lazy_imports_is_read_once():
    program = read_program(b"lazy import a\n" * 50_000, "x.py")
    assert [statement.line for statement in program.body] == list(range(1, 50_001))


def test_what_the_parser_warns_of_is_not_printed(capfd, recwarn):
    read_program(b"x = '\\d\\\x1b'; y = 1 is 2; assert (1, 2)", "x.py")
    assert (capfd.readouterr(), len(recwarn)) == (("", ""), 0)


# Comments


@ENDLESS
@pytest.mark.parametrize(
    "tail", [" " * 100_000 + "x", "until " * 20_000, "#" * 100_000, ", until 2030-01-01" + " " * 100_000]
)
def test_a_suppression_is_read_in_the_time_of_its_length(write, tail):
    root = write({"x.py": f"import a  # importguard: ignore[IG101] why{tail}\n"})
    assert [one.codes for one in read_suppressions(str(root / "x.py"))] == [("IG101",)]


@FUZZED
@given(st.binary(max_size=200))
@example(b"(" * 300 + b"# importguard: ignore[IG1]")
@example(b"# coding: undefined\n# importguard: ignore[IG1]")
@example(b"if a:\n  b\n c # importguard: ignore[IG1]")
@example(b"\0# importguard: ignore[IG1]")
def test_any_bytes_have_suppressions_or_none(tmp_path, source):
    (tmp_path / "x.py").write_bytes(source + b"# importguard: ignore[")
    read_suppressions(str(tmp_path / "x.py"))


# Configuration and committed documents


@FUZZED
@given(JSON)
@pytest.mark.parametrize("name", ["lock", "baseline", "costs", "manifest"])
def test_any_json_is_a_document_or_a_refusal(tmp_path, name, value):
    import json

    (tmp_path / name).write_text(json.dumps(value))
    answers(READERS[name], tmp_path / name)
    document = {"schema": value, "jobs": value, "entries": value, "findings": value, "self_us": value, "entry": value}
    for schema in (1, 2, 3):
        (tmp_path / name).write_text(json.dumps({**document, "schema": schema}))
        answers(READERS[name], tmp_path / name)


KEYS = (
    "entry",
    "run_module",
    "import",
    "module",
    "command",
    "args",
    "python",
    "heavy_ms",
    "lock",
    "manifest",
    "budget_modules",
    "governed",
    "select",
    "warmup",
    "per-path",
)


@FUZZED
@given(st.dictionaries(st.sampled_from(KEYS), JSON, max_size=3), st.booleans())
def test_any_setting_is_taken_or_refused(tmp_path, settings, shared):
    import tomlkit

    def clean(value):
        if isinstance(value, dict):
            return {key: clean(item) for key, item in value.items() if item is not None}
        return [clean(item) for item in value if item is not None] if isinstance(value, list) else value

    table = clean(settings)
    name = "pyproject.toml" if shared else "importguard.toml"
    try:
        text = tomlkit.dumps({"tool": {"importguard": table}} if shared else table)
        (tmp_path / name).write_text(text)
    except (ValueError, UnicodeError):
        return  # TOML cannot hold it
    answers(READERS[name], tmp_path / name)
    (tmp_path / name).unlink()


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize(
    "content",
    [b"", b"\xff\xfe", DEEP, b"a = " + DEEP, b'{"a": ' * 100_000, b"\0", b"x = " + b"9" * 9999, b"tool = 3",
     b"[tool]\nimportguard = 3",
     b"[tool]\nimportguard = [1]", b"entry = [3]", b"[[entry]]", b"\xef\xbb\xbfentry = 'a'", b"d = 2024-99-99"],
)  # fmt: skip
@ENDLESS
def test_a_damaged_file_is_refused_by_name(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    answers(READERS[name], tmp_path / name)


@pytest.mark.parametrize("name", READERS)
@ENDLESS
def test_what_is_no_file_is_not_opened(tmp_path, name):
    os.mkfifo(tmp_path / name)
    assert answers(READERS[name], tmp_path / name) == (name == "pyproject.toml")  # that one is looked for, not named


DECLARED = {
    "pyproject.toml": (
        b"[project.scripts]\na = 3\nb = []\nc = {}\ngo = 'x:y'\n[tool.poetry.scripts]\nd = {callable = 4}",
        b"[project]\nscripts = 3",
        b"tool = 3",
        b"\xff",
    ),
    "setup.cfg": (
        b"[options.entry_points]\nconsole_scripts =\n  go = x:y\n  =\n  a\n  b = 1:2\n  c = d:e:f\n  g = ..:h",
        b"[options.entry_points\nx",
        b"no section",
        b"\xff\0",
    ),
    "setup.py": (
        b"p = {'console_scripts': ['go=x:y', 3, f'{a}'], **q, None: []}\nsetup(entry_points=p)",
        b"setup(entry_points='[console_scripts]\\ngo = x : y [z]\\n\\d')",
        b"setup(entry_points=points)",
        b"setup(entry_points=" + b"(" * 5000,
        b"def (",
        b"\xff\0",
    ),
}


@ENDLESS
@pytest.mark.parametrize(("name", "content"), [(name, one) for name, contents in DECLARED.items() for one in contents])
def test_any_file_of_a_project_declares_commands_or_none(tmp_path, name, content, recwarn):
    (tmp_path / name).write_bytes(content)
    found = [(one.name, one.module, one.attribute) for one in declared_commands(tmp_path)]
    assert found == ([("go", "x", "y")] if b"go" in content else [])
    assert len(recwarn) == 0


@ENDLESS
@pytest.mark.parametrize("text", ["a" + " " * 500_000, "a=" + " b" * 200_000, "a=b:c" + "[" * 500_000, "=" * 500_000])
def test_an_entry_point_is_read_in_the_time_of_its_length(text):
    assert parse_point(text, "entry_points.txt") is None


@ENDLESS
@pytest.mark.parametrize("filler", [b"\n", b" ", b"from a import b\n", b"sys.exit(" * 2, b"\xff", b"#!python\n"])
def test_a_script_that_is_no_wrapper_is_told_apart_in_the_time_of_its_length(tmp_path, filler):
    (tmp_path / "bin").mkdir()
    script = tmp_path / "bin" / "tool"
    script.write_bytes(b"#!/usr/bin/python\n" + filler * (3_000_000 // len(filler)))
    assert wrapper_of(str(script)) is None
    script.unlink()
    os.mkfifo(script)
    assert wrapper_of(str(script)) is None


@pytest.mark.parametrize("key", ["manifest", "lock", "baseline"])
@pytest.mark.parametrize(
    "name", ["../out.json", "/out.json", "link/out.json", "a/../../out.json", "..", ".", "", "\\u0000"]
)
def test_a_configuration_names_no_file_outside_its_folder(tmp_path, key, name):
    root = tmp_path / "project"
    root.mkdir()
    (root / "link").symlink_to(tmp_path)
    (root / "importguard.toml").write_text(f'{key} = "{name}"')
    with pytest.raises(ConfigError, match=rf"`{key}`"):
        find_project(root)


def test_a_file_is_not_written_through_a_link(tmp_path):
    (tmp_path / "other").write_text("kept")
    for name in ("m.json", f".m.json.{os.getpid()}"):
        (tmp_path / name).symlink_to(tmp_path / "other")
    replace_file(tmp_path / "m.json", "new", "manifest")
    assert ((tmp_path / "other").read_text(), (tmp_path / "m.json").read_text()) == ("kept", "new")


# The file system


@ENDLESS
def test_pipes_devices_folders_and_dangling_links_are_no_modules(analyse, tmp_path):
    os.mkfifo(tmp_path / "pipe.py")
    (tmp_path / "device.py").symlink_to("/dev/zero")
    (tmp_path / "folder.py").mkdir()
    (tmp_path / "circle.py").symlink_to(tmp_path / "circle.py")
    (tmp_path / "gone.py").symlink_to(tmp_path / "nowhere")
    trace = analyse({"app.py": "import pipe, device, folder, circle, gone\nimport last", "last.py": ""})
    assert (names(trace), trace.broken) == (["__main__", "last"], ())
    assert [one.name for one in trace.unresolved] == ["pipe", "device", "folder", "circle", "gone"]


@pytest.mark.parametrize("make", [os.mkdir, os.mkfifo, lambda path: os.symlink("/nowhere", path)])
def test_python_goes_on_where_something_else_has_a_module_s_name(analyse, tmp_path, make):
    (tmp_path / "pack").mkdir()
    for name in ("colorsys.py", "pack/__init__.py"):
        make(tmp_path / name)
    (tmp_path / "pack" / "part.py").touch()
    trace = analyse({"app.py": "import colorsys, pack.part"})
    assert (names(trace), trace.broken, trace.unresolved) == (["__main__", "pack", "pack.part"], (), ())
    assert [module.origin for module in trace.modules if module.name == "colorsys"] == ["stdlib"]


def test_a_file_that_may_not_be_read_is_named(analyse, monkeypatch):
    opened = os.open

    def refuse(path, *arguments, **options):  # root, who runs the tests in a container, may read everything
        if str(path).endswith("secret.py"):
            raise PermissionError(13, "Permission denied", path)
        return opened(path, *arguments, **options)

    monkeypatch.setattr(os, "open", refuse)
    (stop,) = analyse({"app.py": "import secret", "secret.py": ""}).broken
    assert (os.path.basename(stop.location.path), stop.reason) == ("secret.py", "cannot be read: Permission denied")


def test_a_file_that_disappears_meanwhile_is_named(analyse, monkeypatch):
    read = Disk.read

    def vanish(self, path):
        if path.endswith("gone.py"):
            os.unlink(path)
        return read(self, path)

    monkeypatch.setattr(Disk, "read", vanish)
    trace = analyse({"app.py": "import gone, last", "gone.py": "", "last.py": ""})
    assert (names(trace), [stop.reason for stop in trace.broken]) == (
        ["__main__", "gone", "last"],
        ["cannot be read: No such file or directory"],
    )


@pytest.mark.parametrize("size", [0, 1, (1 << 16) - 1, 1 << 16, (1 << 16) + 1, 1 << 18])
def test_a_file_of_any_size_up_to_the_bound_is_read_whole(tmp_path, size):
    content = random.Random(size).randbytes(size)
    (tmp_path / "x").write_bytes(content)
    assert read_regular(tmp_path / "x", size) == read_regular(tmp_path / "x") == content
    if size:
        with pytest.raises(OSError, match="is larger than"):
            read_regular(tmp_path / "x", size - 1)


def test_a_pipe_that_takes_the_place_of_a_file_does_not_hold_the_reader(tmp_path, monkeypatch):
    (tmp_path / "x").touch()
    status = os.stat(tmp_path / "x")
    (tmp_path / "x").unlink()
    os.mkfifo(tmp_path / "x")
    monkeypatch.setattr(os, "stat", lambda path: status)
    ended = threading.Event()

    def read():
        with pytest.raises(OSError, match="not a regular file"):
            read_regular(tmp_path / "x")
        ended.set()

    threading.Thread(target=read, daemon=True).start()
    assert ended.wait(10)


@ENDLESS
def test_links_in_a_circle_have_an_end(analyse, tmp_path):
    (tmp_path / "pack").mkdir()
    (tmp_path / "pack" / "pack").symlink_to(tmp_path / "pack")
    files = {"app.py": "import pack\nimport last", "pack/__init__.py": "from . import pack", "last.py": ""}
    assert names(analyse(files))[-1] == "last"


@ENDLESS
def test_packages_that_import_each_other_or_change_their_path_have_an_end(analyse):
    files = {
        "app.py": "import one, paths\nimport last",
        "one.py": "from two import *\nimport app",
        "two.py": "from one import *\nimport two.three, one.four",
        "paths/__init__.py": "__path__ = [3, None, '\\0', 'x' * 9999, *__path__, '/dev']\nfrom . import nope, deep",
        "paths/deep.py": "import sys\nsys.path[:] = [1, '\\0', *sys.path]\nsys.modules[__name__] = None",
        "last.py": "",
    }
    assert names(analyse(files))[-1] == "last"


def test_a_module_that_shadows_the_standard_library_is_the_projects(analyse):
    trace = analyse(
        {"app.py": "import json, os, sys", "json.py": "import last", "sys.py": "", "os.py": "", "last.py": ""}
    )
    assert names(trace) == ["__main__", "json", "last"]  # sys and os were loaded before


@pytest.mark.parametrize("name", ["stat", "os", "codecs", "genericpath", "io", "abc", "time", "encodings"])
def test_a_file_called_as_what_the_interpreter_has_loaded_already_is_no_module(analyse, name):
    trace = analyse({"app.py": f"import {name}\nimport colorsys", f"{name}.py": "import wave, colorsys, nothing_there"})
    loaded = [module.name for module in trace.modules]  # from 3.15 on `io` is loaded when it is first wanted
    assert [one for one in loaded if one != "io"] == ["__main__", "colorsys"]
    assert (names(trace), trace.unresolved) == (["__main__"], ())


@pytest.mark.parametrize("name", ["runpy", "ntpath", "zipimport"])
def test_a_file_called_as_what_the_interpreter_has_in_itself_is_never_found(analyse, tmp_path, name):
    app = f"import sys, {name}, colorsys\nprint('wave' in sys.modules)"
    trace = analyse({"app.py": app, f"{name}.py": "import wave"})
    done = subprocess.run([sys.executable, "app.py"], check=True, capture_output=True, text=True, cwd=tmp_path)
    assert (done.stdout.strip(), names(trace)) == ("False", ["__main__"])
    assert "wave" not in {module.name for module in trace.modules}


def test_a_name_that_is_no_text_is_told_as_computed(analyse, tmp_path):
    name = os.fsdecode(b"odd\xff")
    (tmp_path / f"{name}.py").write_text("")
    (tmp_path / os.fsdecode(b"other\xfe")).mkdir()
    trace = analyse({"app.py": f"import importlib\nimportlib.import_module({name!r})"})
    assert (names(trace), [one.name for one in trace.unresolved]) == (["__main__"], ["?"])


# Environments


def site(folder, **files):
    for name, content in files.items():
        (folder / f"{name}.pth").write_bytes(content)
    return read_site((), (str(folder),), Disk()).path


def test_pth_files_in_a_circle_add_each_folder_once(tmp_path):
    one, two = tmp_path / "one", tmp_path / "two"
    for folder, other in ((one, two), (two, one)):
        folder.mkdir()
        (folder / "x.pth").write_text(f"{other}\n.\n{folder}\n../one\n../two\n" * 1000)
    assert read_site((), (str(one), str(two)), Disk()).path == (str(one), str(two))


@ENDLESS
def test_a_pth_file_may_be_anything(tmp_path):
    os.mkfifo(tmp_path / "pipe.pth")
    (tmp_path / "folder.pth").mkdir()
    (tmp_path / "device.pth").symlink_to("/dev/zero")
    content = (
        b"\xff\xfe\0\n/dev/null\0x\n" + b"x" * 100_000 + b"\nimport \nimport\t(\nimport " + b"a" * 100_000 + b"\n#\n \n"
    )
    assert site(tmp_path, odd=content, more=b"\xef\xbb\xbf.\n")[0] == str(tmp_path)


@FUZZED
@given(st.binary(max_size=200))
@example(b"[a]\nb=c\n[a]\nb=d\n[DEFAULT]\nx=y")
@example(b"[console_scripts\n=\n =x\n[]\n")
def test_any_entry_points_are_read_or_left_out(tmp_path, content):
    (tmp_path / "x.dist-info").mkdir(exist_ok=True)
    (tmp_path / "x.dist-info" / "entry_points.txt").write_bytes(content)

    class Finder:
        path, disk = (str(tmp_path),), Disk()

        def listing(self, directory):
            return os.listdir(directory)

    declared(Finder())


def test_a_damaged_archive_on_the_path_is_left_out(tmp_path, monkeypatch):
    archive = tmp_path / "x.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("small.py", "x")
        made.writestr("a/" * 5000 + "deep.py", "x")
        made.writestr("bomb.py", b"\n" * (65 << 20))
    assert read_source(str(archive / "small.py")) == b"x"
    with pytest.raises(OSError, match="larger than 64 MiB"):
        read_source(str(archive / "bomb.py"))
    damaged = bytearray(archive.read_bytes())
    damaged[30:60] = b"\xff" * 30
    archive.write_bytes(damaged)
    for name in ("small.py", "none.py"):
        with pytest.raises(OSError, match="is damaged"):
            read_source(str(archive / name))


# The command line

ARGUMENTS = """check graph why lock rule manifest -m --python --format app.py --select --config --against --depth --
    0 -1 x\x1b \ud800""".split()


@pytest.mark.parametrize(
    "module",
    ["", ".", "..", "a..b", ".a", "a.", "/etc/passwd", "a/../b", "\x1b", "ä", "a b", "x" * 5000, "a" + ".a" * 5000],
)
def test_a_module_that_is_no_name_is_refused(tmp_path, module):
    (tmp_path / ".py").touch()
    with pytest.raises(SourceError, match="no such module"):
        trace_module(module, probe(sys.executable), project_root=tmp_path)


@FUZZED
@given(st.lists(st.sampled_from(ARGUMENTS), max_size=4))
def test_any_arguments_end_with_a_code(tmp_path, monkeypatch, capsys, arguments):
    (tmp_path / "app.py").write_text("import colorsys")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["importguard", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    shown = capsys.readouterr()
    assert ended.value.code in {0, 1, 2}
    assert "Traceback" not in shown.err
