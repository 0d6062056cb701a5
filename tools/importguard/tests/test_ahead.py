"""The second process that reads ahead."""

import os
import signal

import msgspec
import pytest

from importguard.source import ahead as ahead_module
from importguard.source import cache as cache_module
from importguard.source import program as ir
from importguard.source.ahead import Ahead
from importguard.source.cache import ProgramCache
from importguard.source.reader import read_program
from importguard.storage.digests import digest

COUNT = 12


@pytest.fixture
def folder(tmp_path):
    for number in range(COUNT):
        (tmp_path / f"m{number:02}.py").write_text(f"import m{number}\nNUMBER = {number}\ndef f():\n    return 1\n")
    (tmp_path / "m11.py").write_text("broken (")
    return tmp_path


@pytest.fixture
def ahead():
    made = Ahead(b"salt")
    yield made
    made.end()
    assert not made._process.is_alive()


def names(folder):
    return sorted(path.name for path in folder.glob("*.py"))


def importing(ahead, path, modules, listed=None):
    """*path* is read, which imports *modules*."""
    program = read_program("".join(f"from .{name} import it\n" for name in modules).encode(), str(path))
    ahead.beside(str(path), program, lambda: names(path.parent) if listed is None else listed)


def test_what_a_file_imports_from_beside_it_arrives_as_they_would_be_read_here(folder, ahead):
    importing(ahead, folder / "m00.py", [f"m{number:02}" for number in range(1, COUNT)])
    for number in range(10, 0, -1):  # from the end of the folder; the broken one is left to whoever needs it
        source = (folder / f"m{number:02}.py").read_bytes()
        key = digest(b"salt" + digest(source))
        while (encoded := ahead.take(key)) is None:
            assert ahead._results.poll(30)
        assert msgspec.msgpack.decode(encoded, type=ir.Program) == read_program(source, "x.py")
        assert ahead.take(key) is None  # given once
    assert not ahead._results.poll()


@pytest.mark.parametrize(
    ("code", "expected"),
    {
        "from .one import a, b\nfrom pack.two import c": ["one", "a", "b", "two", "c"],
        "from . import one\nimport pack.two, three": ["one", "two", "three"],
        "try:\n    from .one import *\nexcept ImportError:\n    import other": ["one", "*"],
        "if TYPE_CHECKING:\n    from .one import a\ndef f():\n    import two": [],
    }.items(),
)
def test_what_a_file_imports_when_it_is_loaded_is_asked_for(code, expected):
    assert ahead_module.imported_by(read_program(code.encode(), "x.py")) == expected


def test_what_was_taken_here_is_not_read_there(folder, ahead):
    for name in names(folder)[:-1]:
        ahead._number[str(folder / name)] = len(ahead._number)
    ahead._taken[:5] = b"\1" * 5
    ahead._asked.send([(number, path) for path, number in ahead._number.items()])
    arrived = []
    while len(arrived) < 6 and ahead._results.poll(30):
        arrived.append(ahead._results.recv()[0])
    assert arrived == [
        digest(b"salt" + digest((folder / f"m{number:02}.py").read_bytes())) for number in range(10, 4, -1)
    ]
    assert not ahead._results.poll()


@pytest.mark.timeout(60)
def test_nobody_waits_for_a_process_that_does_not_read_its_wishes(tmp_path, ahead):
    """Each waited for the other: one for room in the pipe of wishes, one for room in that of results."""
    listed = [f"module_with_a_long_name_{number:04}.py" for number in range(400)]
    source = tmp_path / listed[-1]
    source.write_text("import json\n")
    key = digest(b"salt" + digest(source.read_bytes()))
    os.kill(ahead._process.pid, signal.SIGSTOP)
    try:
        for folder in (tmp_path, *(tmp_path / str(number) for number in range(20))):
            importing(ahead, folder / listed[0], [name.removesuffix(".py") for name in listed], listed)
        assert ahead._wishes  # more than the pipe holds
    finally:
        os.kill(ahead._process.pid, signal.SIGCONT)
    while (encoded := ahead.take(key)) is None:
        ahead._results.poll(1)
    assert msgspec.msgpack.decode(encoded, type=ir.Program) == read_program(source.read_bytes(), "x.py")


def test_a_path_that_no_message_holds_is_left_out():
    assert ahead_module._messages([(0, "a.py"), (1, "b" * 5_000), (2, "c" * 3_000), (3, "d" * 3_000)]) == [
        [(0, "a.py"), (2, "c" * 3_000)],
        [(3, "d" * 3_000)],
    ]


def test_a_cache_that_reads_ahead_gives_the_same_programs(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(cache_module, "worthwhile", lambda: True)
    with ProgramCache(str(tmp_path / "cache" / "programs.sqlite")) as cache:
        cache.expect([])
        for name in names(folder)[:-1]:
            source = (folder / name).read_bytes()
            found = cache.program(source, str(folder / name), names=lambda: names(folder))
            assert found == read_program(source, name)
        process = cache._ahead._process
    assert not process.is_alive()


def test_one_processor_reads_alone(monkeypatch):
    monkeypatch.setattr(ahead_module.os, "sched_getaffinity", lambda _: {0})
    assert not ahead_module.worthwhile()
