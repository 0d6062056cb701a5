"""Bodies that need no look are left out before a file is parsed: what is made of it stays the same."""

import importlib.util
import os
import py_compile
import sys
import sysconfig
from pathlib import Path

import msgspec
import pytest

from importguard.errors import SourceError
from importguard.source.cache import ProgramCache
from importguard.source.program import Program
from importguard.source.reader import read_program
from importguard.source.skimming import is_compiled, skimmed

STDLIB = Path(sysconfig.get_path("stdlib"))
LEFT_OUT = {
    "a body": "def f():\n    x = [1,\n  2]\n    return x\n",
    "a text with a def in it": 'T = """\ndef f():\n    pass\n"""\ndef g():\n    """\ndef h():\n    """\n    return 1\n',
    "methods": "class A:\n    def f(self): pass\n\n    @property\n    async def g(self, a=(1, {2: [3]})) -> int:  # :\n"
    "        # first\n        return 2\n        # last\n\n    x = 3\n",
    "a def in a condition": "if x:\n    def f():\n        a = 1\n        return a\nelse:\n  def f(): pass\ny = f\n",
    "no line at the end": "def f():\n    x = 1\n    return '#'",
    "an annotation": "def f(a: 'x:y', b: dict[str, 'A'] = {'a': lambda: 1}) -> int:\n    return a\n\n\ndef g(): ...\n",
}
AS_IT_IS = {
    "a bracket that ends left of the def": "def f():\n    x = [\n1,\n]\n    return x\n",
    "a line that goes on": "def f():\n    x = 1 + \\\n2\n    return x\n",
    "tabs": "def f():\n\tx = 1\n\treturn x\n",
    "a signature that is not known": "def f(a=(((((((1))))))), b=2):\n    def g():\n        return a\n    yield g\n",
    "a yield": "def f():\n    x = 1\n    yield x\n",
    "a def inside one that yields": "def f():\n    def g():\n        return h('a')\n    yield g\n",
    "a def at the end of one that imports": "def f():\n    import os\n    def g():\n        return 1\n\n    x = 2\n",
    "a form feed": "\f\ndef f():\n    x = 1\n    return x\n",
    "a word": "def f():\n    x = 1\n    importlib.import_module('a')\n",
    "a method after a text that goes on": "x = 'a\\\ndef f():\\\n    b'\ndef f():\n    return \\\n  1\n",
}


def program(text, *, compiled):
    return msgspec.msgpack.encode(read_program(text.encode(), "one.py", compiled=compiled))


@pytest.mark.parametrize("before", ["", "import a\n"])
@pytest.mark.parametrize("text", [*LEFT_OUT.values(), *AS_IT_IS.values()], ids=[*LEFT_OUT, *AS_IT_IS])
def test_the_program_of_a_file_is_the_same(text, before):
    assert program(before + text, compiled=True) == program(before + text, compiled=False)


@pytest.mark.parametrize("text", LEFT_OUT.values(), ids=LEFT_OUT)
def test_a_body_is_left_out(text):
    left = skimmed("import a\n" + text)
    assert left.count("\n") == 1 + text.rstrip("\n").count("\n") + 1
    assert "return" not in left


def test_every_program_of_the_standard_library_is_the_same():
    files = sorted(file for file in STDLIB.rglob("*.py") if "site-packages" not in file.parts)[::25]
    shorter = 0
    for file in files:
        source = file.read_bytes()
        try:
            whole = msgspec.msgpack.encode(read_program(source, str(file)))
        except SourceError:
            continue
        assert msgspec.msgpack.encode(read_program(source, str(file), compiled=True)) == whole, file
        shorter += b"\n" in source and skimmed(source.decode()) != source.decode()
    assert shorter > len(files) // 4


@pytest.mark.skipif(sys.version_info < (3, 12), reason="texts of the same quotes inside one another are of Python 3.12")
def test_a_file_with_texts_that_may_hold_their_own_quotes_is_parsed_as_a_whole():
    text = 'def f(a):\n    return f"{a["b"]}"\n'
    assert skimmed(text) == text


@pytest.fixture
def installed(tmp_path):
    """A file of an installed package, compiled."""
    file = tmp_path / "site-packages" / "one.py"
    file.parent.mkdir()
    file.write_text("def f():\n    x = 1\n    return x\n")
    py_compile.compile(str(file), doraise=True)
    return file


def test_an_installed_file_is_compiled_where_its_bytecode_is_of_what_it_holds_now(installed):
    assert is_compiled(str(installed), installed.stat().st_size)


def test_it_is_not_where_anything_differs(installed, tmp_path):
    size = installed.stat().st_size
    assert not is_compiled(str(installed), size + 1)
    bytecode = Path(importlib.util.cache_from_source(str(installed)))
    own = tmp_path / "one.py"
    own.write_bytes(installed.read_bytes())
    py_compile.compile(str(own), doraise=True)
    assert not is_compiled(str(own), size)  # a project's own file may be edited at any time
    held = bytecode.read_bytes()
    bytecode.write_bytes(b"\0\0\r\n" + held[4:])  # of another Python
    assert not is_compiled(str(installed), size)
    bytecode.write_bytes(held)
    os.utime(installed, (1, 1))
    assert not is_compiled(str(installed), size)
    bytecode.unlink()
    assert not is_compiled(str(installed), size)


def test_a_mistake_in_a_body_is_found_where_the_file_has_changed_since(installed):
    source = b"def f():\n    x = = 1\n    return x\n"
    installed.write_bytes(source)
    with ProgramCache() as programs, pytest.raises(SourceError, match="cannot be parsed"):
        programs.program(source, str(installed))


def test_what_is_kept_of_a_compiled_file_is_what_is_kept_of_the_text(installed, tmp_path):
    source = installed.read_bytes()
    with ProgramCache(str(tmp_path / "programs.sqlite")) as programs:
        made = programs.program(source, str(installed))
    assert isinstance(made, Program)
    assert made == read_program(source, str(installed))
