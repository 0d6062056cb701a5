"""Comments that accept a finding: `# importguard: ignore[IG102] reason, until 2027-03-01`. Judges nothing."""

from __future__ import annotations

import datetime
import io
import re
import tokenize

import msgspec

from importguard.source.import_site import Location
from importguard.target.finder import read_source

MARK = b"importguard: ignore["  # a file without it has none
_COMMENT = re.compile(r"#\s*importguard:\s*ignore\[([A-Za-z0-9, ]*)\]\s*(.*)")
_UNTIL = re.compile(r",?\s*\buntil\s+(\S+)\s*$")


class Suppression(msgspec.Struct, frozen=True):
    """One comment. `until` is the last day it holds, as written; None when it has no end."""

    location: Location
    codes: tuple[str, ...]
    reason: str
    until: str | None

    def end(self) -> datetime.date | None:
        """The last day. Raises ValueError when what is written is no date."""
        return datetime.date.fromisoformat(self.until) if self.until is not None else None

    def holds(self, today: datetime.date) -> bool:
        """Whether it still accepts findings; one whose date cannot be read does not."""
        try:
            end = self.end()
        except ValueError:
            return False
        return end is None or today <= end


def read_suppressions(path: str) -> tuple[Suppression, ...]:
    """The suppressions of a file, in order; none when it cannot be read or is no Python."""
    try:
        source = read_source(path)
        if MARK not in source:
            return ()
        tokens = [token for token in tokenize.tokenize(io.BytesIO(source).readline) if token.type == tokenize.COMMENT]
    except (OSError, SyntaxError, tokenize.TokenError, ValueError):
        return ()
    found = []
    for token in tokens:
        match = _COMMENT.search(token.string)
        if match is None:
            continue
        codes = tuple(code.strip().upper() for code in match[1].split(",") if code.strip())
        said = " ".join(match[2].split())  # on single spaces the search takes no longer than the text
        until = _UNTIL.search(said)
        reason = said[: until.start()] if until else said
        found.append(Suppression(Location(path, token.start[0]), codes, reason.strip(), until[1] if until else None))
    return tuple(found)
