"""Comments that accept a finding: `# importguard: ignore[IG102] reason, until 2027-03-01`. Judges nothing.

A comment that begins like one and is written in another way has a fault: it accepts nothing, and IG503 says why.
"""

from __future__ import annotations

import datetime
import io
import re
import tokenize
from collections.abc import Iterator

import msgspec

from importguard.source.import_site import Location
from importguard.target.finder import read_source

MARK = b"importguard"  # a file without it has none
_BEGIN = re.compile(r"#\s*importguard\s*:\s*ignore\b", re.IGNORECASE)
_WHOLE = re.compile(r"#\s*importguard: ignore\[([A-Za-z0-9, ]*)\](?:\s+(\S.*)|\s*)$")
_UNTIL = re.compile(r"\buntil\b *+([^ ,]*+)([^ ]*+) *+", re.IGNORECASE)
_WRITE = "Write it as `# importguard: ignore[IG101] reason, until 2027-03-01`; the end may be left out."
_LAST = "Write that day last: `# importguard: ignore[IG101] reason, until 2027-03-01`."
_LAYOUT = (tokenize.NL, tokenize.COMMENT, tokenize.INDENT, tokenize.DEDENT, tokenize.ENCODING)


class Suppression(msgspec.Struct, frozen=True):
    """One comment. `until` is the last day that it holds, as written; None when it has no end.

    `begins` is the first line of its statement, `fault` what is wrong with the way it is written and
    `remedy` how to write it.
    """

    location: Location
    codes: tuple[str, ...]
    reason: str
    until: str | None
    begins: int = 0
    fault: str = ""
    remedy: str = ""

    def end(self) -> datetime.date | None:
        """The last day. Raises ValueError when what is written is no date."""
        return datetime.date.fromisoformat(self.until) if self.until is not None else None

    def holds(self, today: datetime.date) -> bool:
        """Whether it still accepts findings; one that cannot be read does not."""
        try:
            end = self.end()
        except ValueError:
            return False
        return not self.fault and (end is None or today <= end)

    def names(self, code: str) -> bool:
        """Whether it is about the rule *code*, by its code or the beginning of that."""
        return bool(self.codes) and code.startswith(self.codes)


def read_suppressions(path: str) -> tuple[Suppression, ...]:
    """The suppressions of a file, in order; none when it cannot be read, and those before what is no Python."""
    try:
        source = read_source(path)
    except OSError:
        return ()
    if MARK not in source or not any(MARK in line and b"ignore" in line.lower() for line in source.splitlines()):
        return ()  # tokens take long
    return tuple(_suppression(path, *found) for found in _comments(source) if _BEGIN.search(found[0]))


def _comments(source: bytes) -> Iterator[tuple[str, int, int]]:
    """Each comment, its line, and the first line of its statement; its own line between two."""
    begins = 0
    try:
        for token in tokenize.tokenize(io.BytesIO(source).readline):
            if token.type == tokenize.COMMENT:
                yield token.string, token.start[0], begins or token.start[0]
            elif token.type == tokenize.NEWLINE:
                begins = 0
            elif token.type not in _LAYOUT and not begins:
                begins = token.start[0]
    except (SyntaxError, tokenize.TokenError, ValueError):
        return


def _suppression(path: str, comment: str, line: int, begins: int) -> Suppression:
    begun = _BEGIN.search(comment)
    text = comment[begun.start() :] if begun is not None else comment
    match = _WHOLE.match(text)
    if match is None:
        fault = f"cannot be read: `{text[:60].strip()}`"
        return Suppression(Location(path, line), (), "", None, begins, fault, _WRITE)
    codes = tuple(code.strip().upper() for code in match[1].split(",") if code.strip())
    said = " ".join((match[2] or "").split())  # on single spaces the search takes no longer than the text
    reason, until, fault = _end_of(said)
    return Suppression(Location(path, line), codes, reason, until, begins, fault, _LAST if fault else "")


def _end_of(said: str) -> tuple[str, str | None, str]:
    """The reason, the last day as written, and what is wrong with how that is written."""
    found = list(_UNTIL.finditer(said))
    if not found:
        return said, None, ""
    last = found[-1]
    reason = said[: last.start()].rstrip(" ,;")
    rest = said[last.end() :]
    if rest or last[2].strip(".,;)"):
        shown = said[last.start() :][:60]
        return reason, None, f"has words behind its last day: `{shown}`"
    return reason, last[1].rstrip(".;)"), ""
