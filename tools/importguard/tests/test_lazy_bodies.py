"""Function bodies that are read when they are called are what they would be had they been read with their file."""

import contextlib
import random
import sysconfig
from pathlib import Path

import msgspec
import pytest

from importguard.errors import SourceError
from importguard.source import cache as cache_module
from importguard.source import lowering, program
from importguard.source.cache import ProgramCache
from importguard.source.reader import read_body, read_program
from importguard.source.sites import scan_sites

_FILES = 300


def _sample():
    roots = [Path(sysconfig.get_path("stdlib")), Path(sysconfig.get_path("purelib"))]
    files = sorted({path for root in roots for path in root.rglob("*.py")})
    return random.Random(20261125).sample(files, min(_FILES, len(files)))


def _read_out(node):
    """*node* with the statements of every function in place of its text."""
    if isinstance(node, program.Body):
        return msgspec.structs.replace(node, text="", line=0, statements=_read_out(read_body(node)))
    if isinstance(node, tuple):
        return tuple(_read_out(item) for item in node)
    if isinstance(node, msgspec.Struct):
        return type(node)(*(_read_out(getattr(node, name)) for name in node.__struct_fields__))
    return node


def _apart_from_calls(read):
    """Without what a Program says of calls and of its size: that leaves out the bodies that stay text."""
    return msgspec.structs.replace(read, told=(), nodes=0)


def test_bodies_of_installed_files_are_read_as_with_their_file(monkeypatch):
    differing, read = [], 0
    for path in _sample():
        try:
            late = read_program(path.read_bytes(), str(path))
        except SourceError:
            continue
        with monkeypatch.context() as patch:
            patch.setattr(
                lowering._Lowering,
                "_body",
                lambda self, node: program.Body("", 0, self.future_annotations, self.block(node.body)),
            )
            early = read_program(path.read_bytes(), str(path))
            whole = _read_out(late)
        read += 1
        if _apart_from_calls(whole) != _apart_from_calls(early) or not set(whole.told) <= set(early.told):
            differing.append(str(path))
    assert differing == []
    assert read > _FILES * 0.9


@pytest.mark.parametrize(
    "source",
    [
        "def f(a,\n      b): return a",
        "def f():\n\t@g(1,\n   2)\n\tdef h(): pass",
        "class A:\n  def f(self):\n    '''\nimport os\n'''\n    x = (\n1)\n    return x",
        "def f(): x = '''\nä'''; return x",
        "ä = 1\ndef ü(): return 'ä', f'{ä}'",
        "from __future__ import annotations\ndef f():\n  def g(x: h.i) -> j.k: import os\n  y: l.m = 1",
        "def f():\n  assert x \\\n\ny = 1",
        "def f():\r\n  a\r\n  def g():\r\n    yield\r\n",
    ],
)
def test_bodies_keep_their_lines_wherever_they_stand(source, monkeypatch):
    late = read_program(source.encode(), "x.py")
    monkeypatch.setattr(
        lowering._Lowering,
        "_body",
        lambda self, node: program.Body("", 0, self.future_annotations, self.block(node.body)),
    )
    assert _apart_from_calls(_read_out(late)) == _apart_from_calls(read_program(source.encode(), "x.py"))


def test_a_body_on_its_own_lines_stays_text():
    (function,) = read_program(b"def f():\n  a\n  b", "x.py").body
    assert (function.body.text, function.body.line, function.body.statements) == ("  a\n  b", 2, None)
    assert [statement.line for statement in read_body(function.body)] == [2, 3]


def test_programs_of_installed_files_come_back_from_the_cache_as_they_were_read(tmp_path):
    sources = [(path.read_bytes(), str(path)) for path in _sample()]
    read = {}
    with ProgramCache(str(tmp_path / "programs.sqlite")) as cache:
        for source, path in sources:
            with contextlib.suppress(SourceError):
                read[path] = cache.program(source, path)
    with ProgramCache(str(tmp_path / "programs.sqlite")) as cache, pytest.MonkeyPatch.context() as patch:
        patch.setattr(cache_module, "read_program", None)  # all of them come from the database
        kept = {path: cache.program(source, path) for source, path in sources if path in read}
    words = frozenset({"_require_warmed"})
    assert kept == read
    assert {path: scan_sites(one, words) for path, one in kept.items()} == {
        path: scan_sites(one, words) for path, one in read.items()
    }
