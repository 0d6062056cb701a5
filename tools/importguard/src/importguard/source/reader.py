"""Text to Program, and a function's text to its statements. Pure: text in, values out; never touches disk.

Files of newer Pythons than the host's are read too: PEP 810's `lazy` is taken off and remembered by line; anything else
goes to the parser that the caller has for it.
"""

import ast
import contextlib
import importlib.util
import re
import warnings
from collections.abc import Callable, Iterator

from importguard.errors import SourceError
from importguard.source import program as ir
from importguard.source.lowering import lower_body, lower_file

MAX_BYTES = 16 * 1024 * 1024  # of a file; its syntax tree takes up to 150 times as much
_LAZY = re.compile(r"(^|;)([ \t]*)lazy[ \t]+(?=import\b|from\b)", re.MULTILINE)
_HEAD, _TAIL = "def _():\n", "\n\n"  # a last line may end in a backslash

ParseNewer = Callable[[str], ast.Module]


def read_program(source: bytes, path: str, parse_newer: ParseNewer | None = None) -> ir.Program:
    """The Program of *source*. Raises SourceError with the line when it cannot be decoded or parsed.

    *parse_newer* is asked for what this Python's own parser refuses; it raises SyntaxError.
    """
    if len(source) > MAX_BYTES:
        raise SourceError(path, 1, f"is larger than {MAX_BYTES >> 20} MiB and was not read")
    try:
        text = importlib.util.decode_source(source)
    except (SyntaxError, UnicodeError, LookupError) as error:
        raise SourceError(path, 1, f"cannot be decoded: {error}") from error
    with _refusals(path):
        tree, lazy_lines = _parse(text, parse_newer)
        return lower_file(tree, text, lazy_lines, len(source))


@contextlib.contextmanager
def _refusals(path: str, line: int = 1) -> Iterator[None]:
    """What the parser refuses becomes a SourceError. What it warns of is the author's business, not the reader's."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except SyntaxError as error:
        raise SourceError(path, error.lineno or line, f"cannot be parsed: {error.msg}") from error
    except (RecursionError, MemoryError) as error:
        raise SourceError(path, line, "cannot be parsed: nested too deeply") from error
    except ValueError as error:
        raise SourceError(path, line, f"cannot be parsed: {error}") from error


def _parse(text: str, parse_newer: ParseNewer | None) -> tuple[ast.Module, frozenset[int]]:
    try:
        return ast.parse(text), frozenset()
    except SyntaxError:
        lazy = frozenset(_lines_of(_LAZY.finditer(text), text))
        if not lazy and parse_newer is None:
            raise
    try:
        return ast.parse(_LAZY.sub(r"\1\2", text)), lazy
    except SyntaxError:
        if parse_newer is None:
            raise
    return parse_newer(text), frozenset()


def _lines_of(matches: Iterator[re.Match[str]], text: str) -> Iterator[int]:
    """The number of the line in which each of *matches* ends."""
    line, place = 1, 0
    for match in matches:
        line += text.count("\n", place, match.end())
        place = match.end()
        yield line


def read_body(body: ir.Body, path: str = "") -> tuple[ir.Statement, ...]:
    """The statements of a function in *path*, as if they had been read with the file. Raises SourceError."""
    if body.statements is not None:
        return body.statements
    # The text has been parsed with its file; blank lines before it put it where it stood.
    with _refusals(path, body.line):
        return lower_body(body, ast.parse("\n" * (body.line - 2) + _HEAD + body.text + _TAIL))
