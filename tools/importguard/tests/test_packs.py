"""A pack makes a run shorter or leaves it as long as it was; it never changes an answer, whoever has made it."""

import os
import random
import shutil
import sys
import zlib
from pathlib import Path

import msgspec
import pytest

from importguard import Kind, analyse, find_project
from importguard.errors import ConfigError
from importguard.render.json import render_graph
from importguard.source.reader import read_program
from importguard.startup.machine import machine
from importguard.startup.packing import PROGRAM, TRACE
from importguard.storage import disk, pack
from importguard.storage.cache import VARIABLE, Cache
from importguard.storage.digests import digest
from importguard.storage.own import own_digest
from importguard.storage.pack import Entry, Origin
from importguard.storage.seal import FILE_VARIABLE, Key
from importguard.storage.seal import VARIABLE as KEY

SECRET = "a key of more than thirty-two letters"
PROJECT = {
    "importguard.toml": 'entry = "app.py"\nheavy_ms = 1\n',
    "app.py": "import one\nfrom pack import part\n",
    "one.py": "import colorsys\ndef later():\n    import wave\n",
    "pack/__init__.py": "",
    "pack/part.py": "import json",
}


@pytest.fixture
def project(tmp_path, write, monkeypatch):
    write({f"project/{name}": text for name, text in PROJECT.items()})
    monkeypatch.setenv(KEY, SECRET)
    monkeypatch.setenv(VARIABLE, str(tmp_path / "first"))
    return tmp_path / "project"


@pytest.fixture
def packed(project, run, elsewhere):
    """A pack of the project, and a machine that has nothing of it."""
    done = run("cache", "export", "x.pack", "project/app.py")
    assert done.returncode == 0, done.stderr
    elsewhere("second")
    return project.parent / "x.pack"


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    """`elsewhere(name)`: as on another machine, with an empty cache."""

    def move(name):
        monkeypatch.setenv(VARIABLE, str(tmp_path / name))
        return tmp_path / name

    return move


@pytest.fixture
def walks(monkeypatch):
    calls = []
    of_machine = machine.Machine.run_script
    monkeypatch.setattr(machine.Machine, "run_script", lambda *given: calls.append(1) or of_machine(*given))
    return calls


def answer(project):
    return render_graph(analyse(find_project(project).start_of(Kind.SCRIPT, "app.py")).graph)


def uncached(project):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, "off")
        return answer(project)


def test_what_a_pack_brings_is_not_worked_out_again(packed, project, run, walks):
    done = run("cache", "import", "x.pack")
    assert done.returncode == 0
    assert done.stdout.startswith("Took ")
    assert run("check", "project/app.py").returncode == 0
    assert walks == []


def test_where_the_project_is_in_another_place_its_programs_are_of_use(packed, project, run, monkeypatch):
    run("cache", "import", "x.pack")
    moved = project.rename(project.with_name("moved"))
    monkeypatch.setattr("importguard.source.cache.read_program", lambda *_: pytest.fail("a source was read anew"))
    assert run("check", "moved/app.py").returncode == 0
    assert moved.is_dir()


def test_a_second_import_finds_all_of_it(packed, run):
    first = run("cache", "import", "x.pack").stdout.split()
    again = run("cache", "import", "x.pack").stdout
    assert again == f"Took 0 Programs and 0 traces; {int(first[1]) + 1} were here already.\n"


def test_the_digest_that_export_prints_stands_for_a_key(project, run, elsewhere, monkeypatch):
    monkeypatch.delenv(KEY)
    done = run("cache", "export", "x.pack", "project/app.py")
    assert "without a seal" in done.stdout
    sha256 = done.stdout.split()[-1]
    folder = elsewhere("second")
    refused = run("cache", "import", "x.pack")
    assert refused.returncode == 2
    assert "nobody vouches for it" in refused.stderr
    other = run("cache", "import", "x.pack", "--sha256", sha256[:-1] + "x")
    assert other.returncode == 2
    assert not folder.exists()
    assert run("cache", "import", "x.pack", "--sha256", sha256).returncode == 0


def test_a_key_may_be_in_a_file(project, run, elsewhere, monkeypatch):
    monkeypatch.delenv(KEY)
    Path(project.parent, "key").write_text(run("cache", "key").stdout)
    monkeypatch.setenv(FILE_VARIABLE, "key")
    assert "sealed with your key" in run("cache", "export", "x.pack", "project/app.py").stdout
    elsewhere("second")
    assert run("cache", "import", "x.pack").returncode == 0


@pytest.mark.parametrize("secret", ["short", " " * 40])
def test_a_short_key_is_refused(project, run, monkeypatch, secret):
    monkeypatch.setenv(KEY, secret)
    done = run("cache", "export", "x.pack", "project/app.py")
    assert done.returncode == 2
    assert "at least 32 characters" in done.stderr
    assert not (project.parent / "x.pack").exists()


def damaged(content):
    """Ways to change a pack: a bit anywhere, its end, its order."""
    chosen = random.Random(25)
    for place in [*range(0, 60), *(chosen.randrange(len(content)) for _ in range(40)), len(content) - 1]:
        yield content[:place] + bytes([content[place] ^ 1 << chosen.randrange(8)]) + content[place + 1 :]
    for length in (0, 10, 30, 60, len(content) // 2, len(content) - 1):
        yield content[:length]
    yield content + b"\0"
    yield content[:60] + content[60:][::-1]


def test_a_pack_that_was_changed_brings_nothing(packed, run, elsewhere):
    folder = elsewhere("third")
    content = packed.read_bytes()
    for changed in damaged(content):
        packed.write_bytes(changed)
        done = run("cache", "import", "x.pack", "-q")
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1), changed[:60]
    assert not folder.exists()


def test_a_false_program_for_a_true_source_does_not_change_the_answer(project, run, elsewhere, monkeypatch):
    """What no digest can tell: the source is this one, the Program is of another."""
    true = PROJECT["one.py"].encode()
    name = digest(own_digest() + f"{sys.version}\0".encode() + digest(true))
    false = Entry(PROGRAM, name, msgspec.msgpack.encode(read_program(b"import wave", "one.py")))
    for key in (None, Key(b"the key of somebody else, who is not trusted")):
        pack.write_pack(project.parent / "poison.pack", [false], key)
        folder = elsewhere("second")
        done = run("cache", "import", "poison.pack")
        assert done.returncode == 2
        assert not folder.exists()
        assert answer(project) == uncached(project)
        shutil.rmtree(folder)
    pack.write_pack(project.parent / "poison.pack", [false], Key(SECRET.encode()))  # the attack is a real one
    assert run("cache", "import", "poison.pack").returncode == 0
    assert answer(project) != uncached(project)


def nested(depth):
    return bytes([0x91]) * depth + b"\xc0"


STRANGE = {
    "no Program": Entry(PROGRAM, bytes(16), b"\x01"),
    "a short name": Entry(PROGRAM, bytes(15), msgspec.msgpack.encode(read_program(b"", "a.py"))),
    "deeply nested": Entry(PROGRAM, bytes(16), nested(200_000)),
    "a path": Entry(TRACE, b"trace-/../../../../../../../../tmp/x", b""),
    "no trace": Entry(TRACE, b"trace-" + b"0" * 32, b"\x01"),
    "a pickle": Entry(PROGRAM, bytes(16), b"\x80\x04cos\nsystem\n."),
    "another kind": Entry("python", b"python-" + b"0" * 32, b""),
}


@pytest.mark.parametrize("entry", STRANGE.values(), ids=STRANGE)
def test_an_entry_that_is_none_is_left_out_even_behind_a_true_seal(project, run, elsewhere, entry):
    pack.write_pack(project.parent / "x.pack", [entry], Key(SECRET.encode()))
    folder = elsewhere("second")
    done = run("cache", "import", "x.pack")
    assert (done.returncode, done.stdout) == (0, "Took 0 Programs and 0 traces; 0 were here already.\n")
    assert {one.name for one in folder.iterdir()} == {"programs.sqlite"}


def test_what_unpacks_to_more_than_is_read_is_not_read(project, run, elsewhere, monkeypatch):
    monkeypatch.setattr(pack, "MAX_ENTRY", 1024)
    body = pack.packed([], Origin.here())
    bomb = zlib.compress(bytes(8 * 1024 * 1024))
    body += len(bomb).to_bytes(4, "big") + bomb
    (project.parent / "x.pack").write_bytes(b"importguard pack 1\n" + Key(SECRET.encode()).sealed("pack", body))
    elsewhere("second")
    done = run("cache", "import", "x.pack")
    assert done.returncode == 2
    assert "unpacks to more than is read" in done.stderr


@pytest.mark.parametrize("content", [b"", b"PK\3\4", b"importguard pack 1\n", b"importguard pack 2\n" + bytes(99)])
def test_what_is_no_pack_is_said_to_be_none(project, run, content):
    (project.parent / "x.pack").write_bytes(content)
    done = run("cache", "import", "x.pack")
    assert done.returncode == 2
    assert "x.pack" in done.stderr


def test_a_pipe_is_no_pack(project, run):
    os.mkfifo(project.parent / "x.pack")
    done = run("cache", "import", "x.pack")
    assert done.returncode == 2
    assert "is not a regular file" in done.stderr


def test_a_pack_of_another_version_is_of_no_use_and_no_error(packed, run, elsewhere):
    body = pack.packed([], Origin(bytes(16), "3.10.0"))
    packed.write_bytes(b"importguard pack 1\n" + Key(SECRET.encode()).sealed("pack", body))
    done = run("cache", "import", "x.pack")
    assert (done.returncode, done.stdout) == (0, "")
    assert "was made by another importguard; nothing of it can be used" in done.stderr


def test_a_cache_that_is_off_takes_nothing(packed, run, monkeypatch):
    monkeypatch.setenv(VARIABLE, "off")
    done = run("cache", "import", "x.pack")
    assert done.returncode == 2
    assert "the cache is off" in done.stderr


def test_a_time_of_another_machine_proves_nothing(project, run, elsewhere, tmp_path):
    """There the installed file has the same size and the same time, as in an image whose times are all one."""
    site = tmp_path / "lib" / "site-packages"
    site.mkdir(parents=True)
    library = site / "library.py"
    library.write_text("import wave    \n")
    (project / "importguard.toml").write_text(f'entry = "app.py"\npaths = ["{site}"]\n')
    (project / "app.py").write_text("import library\n")
    os.utime(library, (1, 1))
    assert run("cache", "--config", "project/importguard.toml", "export", "x.pack", "project/app.py").returncode == 0
    elsewhere("second")
    library.write_text("import colorsys\n")
    os.utime(library, (1, 1))
    done = run("cache", "import", "x.pack")
    assert done.stdout.endswith("and 1 traces; 0 were here already.\n")
    assert '"colorsys"' in answer(project)


@pytest.mark.parametrize("edited", [False, True])
def test_installed_files_that_are_the_same_here_are_not_read_by_later_runs(project, run, elsewhere, tmp_path, edited):
    site = tmp_path / "lib" / "site-packages"
    site.mkdir(parents=True)
    library = site / "library.py"
    library.write_text("import wave    \n")
    (project / "importguard.toml").write_text(f'entry = "app.py"\npaths = ["{site}"]\n')
    (project / "app.py").write_text("import library\n")
    config = ("--config", "project/importguard.toml")
    read = []
    of_now = disk.Now._read
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(disk, "SETTLED_NS", -1)  # else a file that was changed just now is read again
        patch.setattr(disk.Now, "_read", lambda self, path: read.append(path) or of_now(self, path))
        assert run(*config, "cache", "export", "x.pack", "project/app.py").returncode == 0
        elsewhere("second")
        library.write_text("import colorsys\n" if edited else "import wave    \n")
        run("cache", "import", "x.pack")
        assert run(*config, "graph", "project/app.py").returncode == 0
    assert (str(library) in read, str(project / "app.py") in read) == (edited, True)


def test_the_key_is_in_no_message_and_no_pack(packed, run):
    assert SECRET.encode() not in packed.read_bytes()
    assert SECRET not in repr(Key(SECRET.encode()))


def test_a_pack_that_cannot_be_written_leaves_nothing(project, run):
    done = run("cache", "export", "nowhere/x.pack", "project/app.py")
    assert done.returncode == 2
    assert "nowhere/x.pack: cannot be written" in done.stderr
    assert sorted(one.name for one in project.parent.iterdir()) == ["first", "project"]


def test_the_seal_holds_for_one_purpose_alone():
    key = Key(SECRET.encode())
    assert bytes(key.opened("a", key.sealed("a", b"content"))) == b"content"
    assert key.opened("b", key.sealed("a", b"content")) is None
    assert key.opened("a", b"") is None


def edits(text, chosen):
    """A few edits of a file as people make them."""
    lines = text.splitlines(keepends=True)
    place = chosen.randrange(len(lines) + 1)
    yield "".join([*lines[:place], "# a comment\n", *lines[place:]])
    yield text + "\nimport wave\n"
    yield text + "\ndef more():\n    import colorsys\n"
    yield "import bisect\n" + text if not text.startswith(("from __future__", '"')) else text


@pytest.mark.parametrize(("name", "edited"), [("click", "app.py"), ("msgspec", "own.py")])
def test_fresh_and_packed_answers_are_the_same_for_real_packages(
    name, edited, tmp_path, run, elsewhere, monkeypatch, write
):
    monkeypatch.setenv(KEY, SECRET)
    text = f"import own\nimport {name}\n"
    write({"project/app.py": text, "project/own.py": "import json\ndef run():\n    import csv\n    return csv\n"})
    project = tmp_path / "project"
    chosen = random.Random(name)
    elsewhere("first")
    assert run("cache", "export", "x.pack", "project/app.py").returncode == 0
    unedited = uncached(project)
    file = project / edited
    before = file.read_text()
    for number, after in enumerate(edits(before, chosen)):
        folder = elsewhere(f"other-{number}")
        folder.mkdir()
        shutil.copy2(next((tmp_path / "first").glob("python-*")), folder)  # asking it takes longest
        assert run("cache", "import", "x.pack").returncode == 0
        assert answer(project) == unedited
        file.write_text(after)
        assert answer(project) == uncached(project)
        file.write_text(before)


def test_no_entry_is_written_where_it_is_not_asked_for(packed, run, elsewhere):
    folder = elsewhere("fourth")
    run("cache", "import", "x.pack")
    assert {one.name.partition("-")[0] for one in folder.iterdir()} == {"programs.sqlite", "trace"}
    assert all(one.is_file() for one in folder.iterdir())
    assert Cache(str(folder)).load(next(folder.glob("trace-*")).name) is not None


def test_a_pack_is_the_same_bytes_each_time(project, run):
    names = ("a.pack", "b.pack")
    for name in names:
        assert run("cache", "export", name, "project/app.py").returncode == 0
    first, second = ((project.parent / name).read_bytes() for name in names)
    assert first == second


def test_a_damaged_pack_raises_what_the_command_line_catches(tmp_path):
    (tmp_path / "x").write_bytes(b"nothing")
    with pytest.raises(ConfigError):
        pack.read_pack(tmp_path / "x", Key(SECRET.encode()), None)


def test_a_program_that_is_run_does_not_see_the_key(write, run, monkeypatch):
    monkeypatch.setenv(KEY, SECRET)
    monkeypatch.setenv(FILE_VARIABLE, "nowhere")
    code = "import os, pathlib\npathlib.Path('seen.txt').write_text(repr(dict(os.environ)))\n"
    root = write({"importguard.toml": 'import = "app"\n', "app.py": code})
    run("verify")
    seen = (root / "seen.txt").read_text()
    assert "PATH" in seen
    assert (SECRET in seen, "nowhere" in seen) == (False, False)


def test_a_cache_that_cannot_be_written_is_an_error(packed, run, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv(VARIABLE, str(tmp_path / "file" / "cache"))
    done = run("cache", "import", "x.pack")
    assert done.returncode == 2
    assert "cannot be written, so nothing of the pack is kept" in done.stderr
