"""Text to Program, and a function's text to its statements. Pure: text in, values out; never touches disk.

Files of newer Pythons than the host's are read too: PEP 810's `lazy` is taken off and remembered by line; anything else
goes to the parser that the caller has for it.
"""

import ast
import importlib.util
import re
from collections.abc import Callable

from importguard.errors import SourceError
from importguard.source import program as ir
from importguard.source.lowering import lower_body, lower_file

_LAZY = re.compile(r"(^|;)([ \t]*)lazy[ \t]+(?=import\b|from\b)", re.MULTILINE)
_HEAD, _TAIL = "def _():\n", "\n\n"  # a last line may end in a backslash

ParseNewer = Callable[[str], ast.Module]


def read_program(source: bytes, path: str, parse_newer: ParseNewer | None = None) -> ir.Program:
    """The Program of *source*. Raises SourceError with the line when it cannot be decoded or parsed.

    *parse_newer* is asked for what this Python's own parser refuses; it raises SyntaxError.
    """
    try:
        text = importlib.util.decode_source(source)
    except (SyntaxError, UnicodeDecodeError, LookupError) as error:
        raise SourceError(path, 1, f"cannot be decoded: {error}") from error
    try:
        tree, lazy_lines = _parse(text, parse_newer)
        return lower_file(tree, text, lazy_lines, len(source))
    except SyntaxError as error:
        raise SourceError(path, error.lineno or 1, f"cannot be parsed: {error.msg}") from error
    except (RecursionError, MemoryError) as error:
        raise SourceError(path, 1, "cannot be parsed: nested too deeply") from error
    except ValueError as error:
        raise SourceError(path, 1, f"cannot be parsed: {error}") from error


def _parse(text: str, parse_newer: ParseNewer | None) -> tuple[ast.Module, frozenset[int]]:
    try:
        return ast.parse(text), frozenset()
    except SyntaxError:
        lazy = frozenset(text.count("\n", 0, match.end()) + 1 for match in _LAZY.finditer(text))
        if not lazy and parse_newer is None:
            raise
    try:
        return ast.parse(_LAZY.sub(r"\1\2", text)), lazy
    except SyntaxError:
        if parse_newer is None:
            raise
    return parse_newer(text), frozenset()


def read_body(body: ir.Body) -> tuple[ir.Statement, ...]:
    """The statements of a function, as if they had been read with the file."""
    if body.statements is not None:
        return body.statements
    # The text has been parsed with its file; blank lines before it put it where it stood.
    tree = ast.parse("\n" * (body.line - 2) + _HEAD + body.text + _TAIL)
    return lower_body(body, tree)
