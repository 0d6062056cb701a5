"""Text to Program, and a function's text to its statements. Pure: text in, values out; never touches disk.

Files of newer Pythons than the host's are read too: PEP 810's `lazy` is taken off and remembered by line; anything else
goes to the parser that the caller has for it.
"""

import ast
import codecs
import contextlib
import encodings
import importlib.util
import io
import itertools
import re
import sys
import tokenize
import warnings
from collections.abc import Callable, Iterator
from encodings.aliases import aliases

from importguard.errors import SourceError
from importguard.source import program as ir
from importguard.source.lowering import lower_body, lower_file, lower_signature
from importguard.source.skimming import skimmed

# A file above either bound is not read: Python's syntax tree of it might take more than 500 MB.
MAX_BYTES = 16 * 1024 * 1024
MAX_TOKENS = 500_000  # the names, numbers, texts and signs of a file; a tree takes up to 900 bytes for each
_FEW = 256 * 1024  # bytes of a file that cannot have more
_LAZY = re.compile(r"(^|;)([ \t]*)lazy[ \t]+(?=import\b|from\b)", re.MULTILINE)
_TOKEN = re.compile(r"\w+|[^\w\s]|(?<=\S)\n")
_MAX_PARTS = 1000  # of a dotted name: the parser takes the square of their number, in time and memory
_SPACE = r"(?:[ \t\f]|\\\r?\n)*+"
_LONG_NAME = re.compile(rf"(?<![\w.])\w++(?:{_SPACE}\.{_SPACE}\w++){{{_MAX_PARTS}}}")
_VERY_LONG = 2 * _MAX_PARTS  # characters of a line
_ESCAPE = re.compile(r"\\.", re.DOTALL)
_TEXT = re.compile(
    r"""\#[^\n]*|(\b[A-Za-z]{1,2})?(?:'''.*?'''|\"\"\".*?\"\"\"|'[^'\n]*'|"[^"\n]*")""",
    re.DOTALL,
)
_LONG_WORD = re.compile(r"(?<!\w)\w{1000,}")
_LONG = 10_000  # characters of a line in which the tokenizer takes the square of the time
_LONG_LINE = re.compile(rf"[^\n]{{{_LONG},}}")
_F_STRING = re.compile(r"\b(?:[fFtT][rR]?|[rR][fFtT])['\"]")
_MAX_EXPRESSIONS = 10_000
# The encodings that are read in the time of their length. Python also takes punycode, UTF-7, escapes and what a package
# registers.
_COMMON = re.compile(
    r"utf_8(_sig)?|ascii|latin_1|iso8859_\d+|cp\d+|koi8_\w|mac_\w+|tis_620|gb\w+|big5\w*|euc_\w+|shift_jis\w*|johab|hz"
    r"|iso2022_\w+|ptcp154|kz1048|hp_roman8|palmos"
)
_PUNYCODE = re.compile(rb"(?:[^\r\n]{0,200}\r?\n)?[ \t\f]*+#[^\r\n]{0,200}?coding[:=][ \t]*+punycode\b")
_HEAD, _TAIL = "def _():\n", "\n\n"  # a last line may end in a backslash

ParseNewer = Callable[[str], ast.Module]
Spend = Callable[[int], object]


def read_program(
    source: bytes, path: str, parse_newer: ParseNewer | None = None, *, compiled: bool = False
) -> ir.Program:
    """The Program of *source*. Raises SourceError with the line when it cannot be decoded or parsed.

    *parse_newer* is asked for what this Python's own parser refuses; it raises SyntaxError. *compiled*: an interpreter
    of this version has found no mistake in it, so that not all of it has to be parsed.
    """
    text = decoded(source, path)
    with _refusals(path):
        tree, lazy_lines = (_parse_skimmed(text) if compiled else None), frozenset[int]()
        if tree is None:
            tree, lazy_lines = _parse(text, parse_newer)
        return lower_file(tree, text, lazy_lines, len(source))


def decoded(source: bytes, path: str) -> str:
    """The text of *source*. Raises SourceError when it has no common encoding, or is too large to be parsed."""
    if len(source) > MAX_BYTES:
        raise SourceError(path, 1, f"is larger than {MAX_BYTES >> 20} MiB and was not read")
    try:
        text = _plainly(source)
        if text is None:
            encoding, _ = tokenize.detect_encoding(io.BytesIO(source).readline)
            if not _is_common(encoding):
                raise _not_read(path, encoding)
            text = importlib.util.decode_source(source)
    except (SyntaxError, UnicodeError, LookupError) as error:
        if _PUNYCODE.match(source):  # Python 3.15 decodes the line itself with it, and does not say what it is
            raise _not_read(path, "punycode") from error
        raise SourceError(path, 1, f"cannot be decoded: {error}") from error
    longest, going_on = max(map(len, text.split("\n"))), text.count("\\\n")
    if (longest >= _VERY_LONG or going_on > _MAX_PARTS // 2) and _LONG_NAME.search(text):
        raise SourceError(path, 1, f"has a name of more than {_MAX_PARTS:,} parts and was not read")
    few = len(source) <= _FEW or (len(text) <= MAX_TOKENS and longest < _LONG and not going_on)
    if not few and _has_many_tokens(text):
        raise SourceError(path, 1, f"has more than {MAX_TOKENS:,} names, numbers and signs and was not read")
    return text


def _plainly(source: bytes) -> str | None:
    """The text of UTF-8 that says nothing of its encoding; None where it takes more to find that out."""
    head = source[: source.find(b"\n", source.find(b"\n") + 1) + 1] or source  # two lines, or all there is
    if b"coding" in head or b"\r" in source or source.startswith(codecs.BOM_UTF8):
        return None
    with contextlib.suppress(UnicodeDecodeError):
        return source.decode()
    return None


def _is_common(encoding: str) -> bool:
    name = encodings.normalize_encoding(encoding).lower()
    return _COMMON.fullmatch(aliases.get(name, name)) is not None


def _not_read(path: str, encoding: str) -> SourceError:
    return SourceError(path, 1, f"cannot be decoded: {encoding} is not read; save the file as UTF-8")


def _has_many_tokens(text: str) -> bool:
    """Whether there are more than MAX_TOKENS. Plain texts and comments count as one, whatever is in them."""
    without = _LONG_WORD.sub("x", _ESCAPE.sub("", text))  # escapes and digits take the tokenizer memory, each of them
    if sys.version_info < (3, 12) and any(map(_has_many_expressions, _LONG_LINE.finditer(without))):
        return True
    if not _is_above(without):
        return False
    if sys.version_info < (3, 12) or _F_STRING.search(without) is None:
        return _is_above(_TEXT.sub(lambda match: match[0] if set(match[1] or "") & set("fFtT") else " x ", without))
    if _LONG_LINE.search(without) is not None:
        return True
    try:  # from Python 3.12 on an f-string may hold texts of its own quotes
        tokens = tokenize.generate_tokens(io.StringIO(without).readline)
        return next(itertools.islice(tokens, MAX_TOKENS, None), None) is not None
    except (SyntaxError, tokenize.TokenError):
        return True


def _is_above(text: str) -> bool:
    return next(itertools.islice(_TOKEN.finditer(text), MAX_TOKENS, None), None) is not None


def _has_many_expressions(line: re.Match[str]) -> bool:
    """Whether an f-string may have too many: up to Python 3.11 the parser takes the square of their number."""
    return line[0].count("{") > _MAX_EXPRESSIONS and _F_STRING.search(line[0]) is not None


@contextlib.contextmanager
def _refusals(path: str, line: int = 1, above: int = 0) -> Iterator[None]:
    """What the parser refuses becomes a SourceError. What it warns of is the author's business, not the reader's."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except SyntaxError as error:
        raise SourceError(
            path, error.lineno + above if error.lineno else line, f"cannot be parsed: {error.msg}"
        ) from error
    except (RecursionError, MemoryError) as error:
        raise SourceError(path, line, "cannot be parsed: nested too deeply") from error
    except ValueError as error:
        raise SourceError(path, line, f"cannot be parsed: {error}") from error


def _parse_skimmed(text: str) -> ast.Module | None:
    """The tree of *text* without the bodies that need no look; None where only the whole can be parsed."""
    try:
        return ast.parse(skimmed(text))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


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


def read_signature(signature: ir.Signature, path: str = "", spend: Spend = id) -> tuple[tuple[str, ir.Expression], ...]:
    """The annotations of a function in *path*, each with the name of its parameter. Raises SourceError.

    *spend* learns of how many nodes they are made.
    """
    if signature.notes is not None:
        return signature.notes
    with _refusals(path, signature.line, signature.line - 1):
        notes, nodes = lower_signature(signature, ast.parse(signature.text.lstrip() + "\n pass" + _TAIL))
    spend(nodes)
    return notes


def read_body(body: ir.Body, path: str = "", spend: Spend = id) -> tuple[ir.Statement, ...]:
    """The statements of a function in *path*, as if they had been read with the file. Raises SourceError.

    *spend* learns of how many nodes they are made.
    """
    if body.statements is not None:
        return body.statements
    # The text has been parsed with its file; under a line of ours it is a function again.
    with _refusals(path, body.line, body.line - 2):
        statements, nodes = lower_body(body, ast.parse(_HEAD + body.text + _TAIL))
    spend(nodes)
    return statements
