"""Markdown text as top-level blocks: prose, fenced code, tables. Pure; what is inside one is the renderer's business.

Guarantees
- Each line is looked at once, however the text grows: `Splitter.take` goes on where it stopped.
- `take` does a bounded amount of work; a document of any size is split over several calls.
- No prose block is longer than `MAX_PROSE` characters, so that drawing one is bounded, too.
"""

from __future__ import annotations

import functools
import re
from typing import Literal

from src.value import Value

MAX_PROSE = 8_000
LINES_PER_TAKE = 1_500
CHARACTERS_PER_TAKE = 400_000
MAX_REFERENCES = 200

Kind = Literal["prose", "code", "table"]
# Compiled when first used: the first frame has no text to take apart.
compiled = functools.cache(re.compile)
# Possessive: a repeat that gave back what it took would try a long line over and over.
_FENCE = r" {0,3}(`{3,}+|~{3,}+)[ \t]*+([^`\s]*+)[^`]*+$"
_ITEM = r" {0,3}(?:[-*+]|\d{1,9}[.)])(?:[ \t]|$)"
_DELIMITER = r"[ \t]*+\|?[ \t]*+:?-++:?[ \t]*+(?:\|[ \t]*+:?-++:?[ \t]*+)*+\|?[ \t]*+$"
_REFERENCE = r" {0,3}\[[^\]\n]{1,200}\]:[ \t]+\S+"


class Block(Value):
    """A piece of the text from *start* to *end*; `body` is where code begins. `is_open`: it may grow."""

    kind: Kind
    start: int
    end: int
    language: str = ""
    body: int = 0
    is_open: bool = False


class Splitter:
    """The blocks of one text that may grow at its end."""

    def __init__(self) -> None:
        self.text = ""
        self.references: list[str] = []
        self.generation = 0  # another number: nothing of the text before is left
        self._done: list[Block] = []
        self._reset()

    def _reset(self) -> None:
        self._done.clear()
        self.references.clear()
        self._at = self._start = self._last = 0
        self._kind: Kind = "prose"
        self._fence, self._language, self._body = "", "", 0
        self._inner_fence = ""  # of code inside a list item
        self._after_blank = False
        self._tag = ""

    def set_text(self, text: str, *, is_whole: bool = False) -> None:
        """Takes *text*; what it shares with the text before stays as it was split. *is_whole*: no more comes."""
        if is_whole and not text.endswith("\n"):
            text += "\n"
        if not text.startswith(self.text[: self._at]):
            self._reset()
            self.generation += 1
        self.text = text

    @property
    def is_finished(self) -> bool:
        """All but the last, unfinished line has been split."""
        return self.text.find("\n", self._at) < 0

    def take(self) -> None:
        """Splits on, as far as one call may."""
        end = self._at + CHARACTERS_PER_TAKE
        for _ in range(LINES_PER_TAKE):
            newline = self.text.find("\n", self._at)
            if newline < 0 or self._at > end:
                return
            self._take_line(self._at, newline)
            self._last, self._at = self._at, newline + 1

    def blocks(self) -> list[Block]:
        """The blocks so far, the last of them open."""
        end = len(self.text) if self.is_finished else self._at
        if self._start >= end or not self.text[self._start : min(end, self._start + MAX_PROSE)].strip():
            return self._done
        last: list[Block] = []
        start = self._start
        if self._kind == "code" and set(self.text[self._at : end].strip()) == {self._fence[0]}:
            end = self._at  # the fence that closes it, as far as it has come
        if self._kind == "prose":  # the line without an end may be long
            while end - start > MAX_PROSE:
                cut = self._cut(start, end)
                last.append(Block("prose", start, cut))
                start = cut
        last.append(Block(self._kind, start, end, self._language, self._body, True))
        return [*self._done, *last]

    def _take_line(self, at: int, end: int) -> None:
        if self._kind == "code":
            self._take_code(at, end)
        elif self._kind == "table" and "|" in self.text[at:end]:
            pass
        else:
            if self._kind == "table":
                self._close(at)
            self._take_prose(at, end)

    def _take_code(self, at: int, end: int) -> None:
        line = self.text[at : min(end, at + 200)].strip()
        if line.startswith(self._fence) and not line.strip(self._fence[0]):
            self._done.append(Block("code", self._start, at, self._language, self._body))
            self._begin(end + 1)

    def _take_prose(self, at: int, end: int) -> None:
        line = self.text[at : min(end, at + MAX_PROSE)]
        stripped = line.strip()
        if self._inner_fence:
            self._inner_fence = "" if stripped == self._inner_fence else self._inner_fence
        elif not stripped:
            self._after_blank = True
            return self._cut_long(end + 1)
        elif self._opens_code(line, at, end) or self._opens_table(line, at):
            return None
        elif self._after_blank and not self._goes_on(line):
            self._close(at)
        if not self._inner_fence and stripped.startswith(("```", "~~~")) and at != self._start:
            self._inner_fence = stripped[:3]
        if stripped[:8].lower() == "<details":
            self._tag = "</details>"
        if self._tag and self._tag in stripped.lower():
            self._tag = ""
        self._after_blank = False
        if len(self.references) < MAX_REFERENCES and compiled(_REFERENCE).match(line):
            self.references.append(line)
        return self._cut_long(end + 1)

    def _goes_on(self, line: str) -> bool:
        """After a blank line, *line* still belongs to the block: to its list, or to its unclosed tag."""
        if self._tag:
            return True
        return self._is_list() and (line.startswith(("  ", "\t")) or bool(compiled(_ITEM).match(line)))

    def _is_list(self) -> bool:
        return bool(compiled(_ITEM).match(self.text[self._start : self._start + 40]))

    def _opens_code(self, line: str, at: int, end: int) -> bool:
        found = compiled(_FENCE).match(line)
        if not found or (line.startswith("  ") and self._is_list()):
            return False
        self._close(at)
        self._kind, self._fence, self._language, self._body = "code", found[1], found[2].lower(), end + 1
        return True

    def _opens_table(self, line: str, at: int) -> bool:
        if "-" not in line or "|" not in line or self._last >= at or self._last < self._start:
            return False
        header = self.text[self._last : at - 1]
        if "|" not in header or not compiled(_DELIMITER).match(line) or _columns(header) != _columns(line):
            return False
        self._close(self._last)
        self._kind = "table"
        return True

    def _close(self, at: int) -> None:
        """Ends the block at *at* and begins the next one there."""
        if self.text[self._start : at].strip():
            self._done.append(Block(self._kind, self._start, at, self._language, self._body))
        self._begin(at)

    def _begin(self, at: int) -> None:
        self._start, self._kind, self._body = at, "prose", 0
        self._fence = self._language = self._inner_fence = self._tag = ""
        self._after_blank = False

    def _cut_long(self, at: int) -> None:
        while at - self._start > MAX_PROSE:
            cut = self._cut(self._start, at)
            self._done.append(Block("prose", self._start, cut))
            self._start = cut

    def _cut(self, start: int, end: int) -> int:
        """Where to cut prose that is too long: after a line, else after a word, else anywhere."""
        limit = min(start + MAX_PROSE, end)
        for mark in ("\n", " "):
            found = self.text.rfind(mark, start + MAX_PROSE // 2, limit)
            if found >= 0:
                return found + 1
        return limit


def _columns(line: str) -> int:
    return line.strip().strip("|").replace("\\|", "").count("|") + 1


def split(text: str) -> tuple[tuple[Kind, str], ...]:
    """All blocks of *text* as kind and text: for what is not drawn frame by frame."""
    splitter = Splitter()
    splitter.set_text(text, is_whole=True)
    while not splitter.is_finished:
        splitter.take()
    return tuple(
        (one.kind, text[one.body if one.kind == "code" else one.start : one.end].strip("\n"))
        for one in splitter.blocks()
    )
