"""A store that machines share makes runs shorter; whoever writes into it, and however it fails, no answer changes."""

import itertools
import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from importguard.source import cache as programs
from importguard.source.shared import group_of
from importguard.startup.machine import machine
from importguard.storage import store as stores
from importguard.storage.cache import VARIABLE
from importguard.storage.own import own_digest
from importguard.storage.pack import Entry
from importguard.storage.seal import VARIABLE as KEY
from importguard.storage.seal import Key

SECRET = "a key of more than thirty-two letters"
ONE = "import colorsys\ndef later():\n    import wave\n"
SHOW = ("project/app.py", "--format", "json")
PROJECT = {
    "app.py": "import one\nfrom pack import part\n",
    "one.py": ONE,
    "pack/__init__.py": "",
    "pack/part.py": "import json",
}


@pytest.fixture
def own(tmp_path, monkeypatch):
    """`own(name)`: as a machine of that name, which has an own folder."""

    def become(name):
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / f".{name}"))  # a folder without the dot could be imported
        return tmp_path / f".{name}" / "importguard"

    return become


@pytest.fixture(autouse=True)
def _process(monkeypatch):
    """Each run is a process of its own: it knows no store yet."""
    monkeypatch.setenv(KEY, SECRET)


@pytest.fixture
def check(run):
    """`check(...)`: a run that knows of no store from an earlier one."""

    def call(*arguments):
        stores.store_at.cache_clear()
        stores._STORES.clear()
        return run("graph", *(arguments or SHOW))

    return call


@pytest.fixture
def project(tmp_path, write):
    write({f"project/{name}": text for name, text in PROJECT.items()})
    return tmp_path / "project"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A store that is a folder."""
    monkeypatch.setenv(VARIABLE, f"file://{tmp_path}/.store")
    return tmp_path / ".store"


@pytest.fixture(scope="module")
def server():
    """An S3 on this machine; its address."""
    pytest.importorskip("s3fs")
    moto = pytest.importorskip("moto.server")
    serving = moto.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    serving.start()
    host, port = serving.get_host_and_port()
    yield f"http://{host}:{port}"
    serving.stop()


@pytest.fixture
def s3(server, monkeypatch):
    """The address of an empty store in a bucket, and the file system to look into it."""
    import s3fs

    for name, value in (
        ("AWS_ACCESS_KEY_ID", "x"),
        ("AWS_SECRET_ACCESS_KEY", "x"),
        ("AWS_DEFAULT_REGION", "us-east-1"),
    ):
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_ENDPOINT_URL", server)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    bucket = f"bucket-{os.urandom(4).hex()}"
    s3fs.S3FileSystem.clear_instance_cache()
    files = s3fs.S3FileSystem()
    files.mkdir(bucket)
    monkeypatch.setenv(VARIABLE, f"s3://{bucket}/kept")
    return bucket, files


@pytest.fixture
def walks(monkeypatch):
    calls = []
    of_machine = machine.Machine.run_script
    monkeypatch.setattr(machine.Machine, "run_script", lambda *given: calls.append(1) or of_machine(*given))
    return calls


@pytest.fixture
def read(monkeypatch):
    """The names of the files that are read and made Programs of."""
    found = []
    of_module = programs.read_program
    monkeypatch.setattr(programs, "worthwhile", lambda: False)
    monkeypatch.setattr(
        programs,
        "read_program",
        lambda source, path, *more, **named: found.append(Path(path).name) or of_module(source, path, *more, **named),
    )
    return found


def modules(shown):
    return [one["name"] for one in json.loads(shown)["modules"]]


def test_what_one_machine_has_worked_out_another_finds(project, folder, own, check, walks):
    own("first")
    first = check()
    own("second")
    second = check()
    assert len(walks) == 1
    assert (first.stdout, first.stderr) == (second.stdout, second.stderr)
    assert (second.returncode, second.stderr) == (0, "")


def test_the_same_in_an_s3(project, s3, own, check, walks):
    bucket, files = s3
    own("first")
    first = check()
    assert (first.returncode, first.stderr) == (0, "")
    assert len(files.find(bucket)) >= 3
    own("second")
    second = check()
    assert (len(walks), second.stdout, second.stderr) == (1, first.stdout, "")


def test_in_another_place_the_programs_are_found(project, folder, own, check, read):
    own("first")
    first = check()
    own("second")
    shutil.copytree(project, project.parent / "z" / "project")
    read.clear()
    second = check("z/project/app.py", "--format", "json")
    assert set(read) <= {"app.py", "one.py", "__init__.py", "part.py"}  # nothing of Python's own
    assert modules(second.stdout) == modules(first.stdout)


def test_after_an_edit_only_what_changed_is_read(project, folder, own, check, read):
    own("first")
    check()
    own("second")
    (project / "one.py").write_text("import bisect\n")
    read.clear()
    edited = check()
    assert read == ["one.py", "bisect.py"]
    own("third")
    assert check().stdout == edited.stdout


def test_branches_that_take_turns_both_stay_warm(project, folder, own, check, walks):
    for number in range(6):
        own(f"machine-{number}")
        (project / "one.py").write_text(ONE if number % 2 else "import bisect\n")
        assert check().returncode == 0
    assert len(walks) == 2


def test_what_is_kept_here_is_not_asked_for(project, folder, own, check, monkeypatch):
    own("first")
    check()
    monkeypatch.setattr(stores.Store, "get", lambda *_: pytest.fail("the store was asked"))
    assert check().returncode == 0


def sealed_with(key, path, entries):
    from importguard.storage.pack import Origin, packed

    path.write_bytes(key.sealed(path.name, packed(entries, Origin.here())))


POISON = {
    "another key": lambda path, _: sealed_with(Key(b"the key of somebody else, who is not trusted"), path, []),
    "no seal": lambda path, content: path.write_bytes(bytes(32) + content[32:]),
    "another name": lambda path, content: [other.write_bytes(content) for other in path.parent.iterdir()],
    "half of it": lambda path, content: path.write_bytes(content[: len(content) // 2]),
    "nothing": lambda path, _: path.write_bytes(b""),
    "a bit": lambda path, content: path.write_bytes(content[:-1] + bytes([content[-1] ^ 1])),
    "a pickle": lambda path, _: path.write_bytes(b"\x80\x04cos\nsystem\n(S'exit 9'\ntR."),
}


@pytest.mark.parametrize("poison", POISON.values(), ids=POISON)
def test_a_poisoned_store_changes_no_answer_and_recovers(project, folder, own, check, poison, walks):
    own("first")
    first = check()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            poison(path, path.read_bytes())
    own("second")
    second = check()
    assert (second.returncode, second.stdout) == (0, first.stdout)
    assert second.stderr.count("without the seal of your key; nothing of that was used") == 1
    own("third")
    third = check()
    assert (third.stdout, third.stderr) == (first.stdout, "")
    assert len(walks) == 2


def test_false_programs_under_true_names_are_not_believed(project, folder, own, check, monkeypatch):
    """The attack that no digest shows: somebody who may write into the store, and has another key, makes all of it."""
    own("first")
    first = check()
    shutil.rmtree(folder)
    monkeypatch.setenv(KEY, "the key of somebody else, who is not trusted")
    monkeypatch.setattr(programs, "worthwhile", lambda: False)
    of_module = programs.read_program
    monkeypatch.setattr(
        programs,
        "read_program",
        lambda source, path, *more, **named: of_module(source.replace(b"colorsys", b"wave"), path, *more, **named),
    )
    own("attacker")
    poisoned = check()
    assert poisoned.stdout != first.stdout
    monkeypatch.setattr(programs, "read_program", of_module)
    monkeypatch.setenv(KEY, SECRET)
    own("second")
    second = check()
    assert second.stdout == first.stdout
    assert "without the seal of your key" in second.stderr


def test_without_a_key_the_store_is_not_asked(project, folder, own, check, monkeypatch):
    monkeypatch.delenv(KEY)
    own("first")
    done = check()
    assert (done.returncode, done.stdout) == (0, check(*SHOW, "--no-cache").stdout)
    assert done.stderr.count("\n") == 1
    assert "is not asked: set IMPORTGUARD_CACHE_KEY" in done.stderr
    assert not folder.exists()


def test_a_key_that_cannot_be_used_is_an_error(project, folder, own, check, monkeypatch):
    monkeypatch.setenv(KEY, "short")
    own("first")
    done = check()
    assert (done.returncode, done.stdout) == (2, "")


def test_a_store_that_is_not_there_is_said_once(project, s3, own, check, monkeypatch):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{taken.getsockname()[1]}")
        __import__("s3fs").S3FileSystem.clear_instance_cache()
        monkeypatch.setattr(stores, "READ_SECONDS", 2.0)
        own("first")
        done = check()
    assert (done.returncode, done.stdout) == (0, check(*SHOW, "--no-cache").stdout)
    assert done.stderr.count("\n") == 1
    assert "going on without it" in done.stderr


def test_a_bucket_that_is_not_there_is_said_once(project, s3, own, check, monkeypatch):
    monkeypatch.setenv(VARIABLE, "s3://no-such-bucket/kept")
    own("first")
    done = check()
    assert (done.returncode, done.stdout) == (0, check(*SHOW, "--no-cache").stdout)
    assert done.stderr.count("\n") == 1
    assert "the store s3://no-such-bucket/kept cannot be used" in done.stderr


def test_a_store_that_never_answers_is_left(project, own, check, monkeypatch):
    """It takes the connection and says nothing; the walk does not wait for it a second time."""
    asked = []
    released = threading.Event()
    monkeypatch.setattr(stores, "READ_SECONDS", 0.2)
    monkeypatch.setattr(stores.Store, "_read", lambda _, name: asked.append(name) or released.wait(60))
    monkeypatch.setenv(VARIABLE, "s3://bucket/kept")
    own("first")
    done = check()
    released.set()
    assert (done.returncode, done.stdout, len(asked)) == (0, check(*SHOW, "--no-cache").stdout, 1)
    assert done.stderr == "importguard: the store s3://bucket/kept gave no answer in 0.2 s; going on without it.\n"


def test_a_store_that_is_slow_each_time_is_left(project, folder, own, check, monkeypatch):
    own("first")
    check()
    clock = itertools.count(0, 25)  # each look at it is 25 seconds after the one before
    asked = []
    of_store = stores.Store._read
    monkeypatch.setattr(stores, "monotonic", lambda: next(clock))
    monkeypatch.setattr(stores.Store, "_read", lambda self, name: asked.append(name) or of_store(self, name))
    (project / "one.py").write_text("import bisect\n")
    own("second")
    done = check()
    assert (done.returncode, done.stdout, len(asked)) == (0, check(*SHOW, "--no-cache").stdout, 3)
    assert done.stderr == f"importguard: the store file://{folder} took more than 60 s in all; going on without it.\n"


def test_a_store_that_never_takes_what_it_is_given_holds_nobody_up(project, folder, own, check, monkeypatch):
    released = threading.Event()
    monkeypatch.setattr(stores, "WRITE_SECONDS", 0.2)
    monkeypatch.setattr(stores.Store, "_write", lambda *_: released.wait(60))
    own("first")
    done = check()
    released.set()
    assert (done.returncode, done.stdout) == (0, check(*SHOW, "--no-cache").stdout)
    assert done.stderr == f"importguard: the store file://{folder} gave no answer in 0.2 s; going on without it.\n"


def test_an_object_that_is_too_large_is_not_read(project, folder, own, check, monkeypatch):
    own("first")
    first = check()
    monkeypatch.setattr(stores, "MAX_OBJECT", 10)
    own("second")
    second = check()
    assert (second.stdout, second.stderr) == (first.stdout, "")


@pytest.mark.parametrize(
    ("address", "said"), [("nowhere://x/y", "Protocol not known"), ("gs://x/y", "importguard[store]")]
)
def test_what_is_not_installed_is_named(project, own, check, monkeypatch, address, said):
    monkeypatch.setenv(VARIABLE, address)
    own("first")
    done = check()
    assert done.returncode == 0
    assert done.stderr.count("\n") == 1
    assert said in done.stderr


def test_many_machines_may_write_at_once(project, s3, own, check, walks, tmp_path):
    """Real processes, begun together; afterwards each object is sound, and the answer is that of one."""
    expected = check(*SHOW, "--no-cache").stdout
    walks.clear()
    processes = []
    for number in range(4):
        environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path / f".writer-{number}")}
        command = [sys.executable, "-m", "importguard", "graph", *SHOW]
        processes.append(
            subprocess.Popen(
                command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
            )
        )
    for process in processes:
        out, err = process.communicate(timeout=240)
        assert (process.returncode, out, err) == (0, expected, "")
    own("reader")
    done = check()
    assert (done.stderr, len(walks)) == ("", 0)
    assert modules(done.stdout) == modules(expected)


def test_entries_that_are_worked_out_side_by_side_are_shared(write, tmp_path, folder, own, check, walks, monkeypatch):
    tables = "".join(f'[[entry]]\nname = "{name}"\nscript = "{name}.py"\n' for name in ("a", "b", "c"))
    write({"importguard.toml": tables, **{f"{name}.py": "import json\n" for name in "abc"}})
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path / ".first")}
    command = [sys.executable, "-m", "importguard", "check", "--format", "json"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stderr
    own("second")
    monkeypatch.setattr("importguard.source.ahead.worthwhile", lambda: False)  # else nobody sees the walks
    done = check("--format", "json")
    assert done.returncode == 0
    assert walks == []


def test_an_object_does_not_grow_without_end(folder):
    store = stores.Store(f"file://{folder}", Key(SECRET.encode()))
    for number in range(7):
        other = stores.Store(f"file://{folder}", Key(SECRET.encode()))
        other.get("trace-x")
        other.add("trace-x", [Entry("trace", bytes([number]), b"x")], 4)
        other.finish()
    assert [one.name for one in store.get("trace-x")] == [bytes([number]) for number in (6, 5, 4, 3)]


def test_nothing_but_whole_objects_is_left(project, folder, own, check):
    own("first")
    check()
    found = [path for path in folder.rglob("*") if path.is_file()]
    assert {path.parent.name for path in found} == {own_digest().hex()}
    assert all(path.name.partition("-")[0] in {"trace", "programs"} and "." not in path.name for path in found)


@pytest.mark.parametrize(
    ("path", "group"),
    [
        ("/venv/lib/python3.11/site-packages/rich/console.py", "installed rich"),
        ("/venv/lib/python3.11/site-packages/six.py", "installed six"),
        ("/usr/lib/python3.11/json/decoder.py", "python 3"),
        ("/srv/shop/web/views/basket.py", "own shop web"),
        ("/srv/shop/app.py", "own shop "),
        ("/elsewhere/more.py", "own shop "),
    ],
)
def test_files_that_come_together_are_in_one_object(path, group):
    assert group_of(path, "/srv/shop") == group


def test_the_wait_is_for_one_question(folder, monkeypatch):
    """No stopwatch: the job ends when it is let go, and nobody has waited for that."""
    store = stores.Store(f"file://{folder}", Key(SECRET.encode()))
    released = threading.Event()
    assert store._within(0.05, lambda: released.wait(60)) is None
    assert not released.is_set()
    released.set()
    time.sleep(0)
    assert store.get("anything") == []
