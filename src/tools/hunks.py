"""The separate changes of one edit, of which a user takes some and refuses others. Pure; the work is bounded."""

from __future__ import annotations

from src.value import Value

NEAR = 2  # lines alike between two changes that are one hunk all the same
COMPARED = 10_000  # pairs of lines that are compared with each other
MAX_SAID = 4_000  # characters of the refused hunks in the answer to the model


class Hunk(Value):
    """The lines from `start` to `end` of the file become `come`."""

    start: int
    end: int
    gone: tuple[str, ...]
    come: tuple[str, ...]

    @property
    def title(self) -> str:
        """Where it is and how much it changes."""
        return f"Line {self.start + 1}: {len(self.gone)} out, {len(self.come)} in"


def hunks_of(before: str | None, after: str) -> tuple[Hunk, ...]:
    """The changes between two texts, from the top; a new file, or one that is too long to compare, is one."""
    old, new = _lines(before or ""), _lines(after)
    least = min(len(old), len(new))
    start = next((at for at in range(least) if old[at] != new[at]), least)
    same = next((at for at in range(least - start) if old[-1 - at] != new[-1 - at]), least - start)
    gone, come = old[start : len(old) - same], new[start : len(new) - same]
    if before is None or len(gone) * len(come) > COMPARED:
        return (_hunk(start, gone, come),)
    import difflib  # a model asks for edits seldom, and never before the window is there

    found: list[tuple[int, int, int, int]] = []
    for kind, i1, i2, j1, j2 in difflib.SequenceMatcher(None, gone, come, autojunk=False).get_opcodes():
        if kind == "equal":
            continue
        if found and i1 - found[-1][1] <= NEAR:
            first = found.pop()
            found.append((first[0], i2, first[2], j2))
        else:
            found.append((i1, i2, j1, j2))
    return tuple(_hunk(start + i1, gone[i1:i2], come[j1:j2]) for i1, i2, j1, j2 in found)


def apply(before: str | None, hunks: tuple[Hunk, ...], taken: frozenset[int]) -> str:
    """*before* with the hunks of which the number is in *taken*."""
    lines = _lines(before or "")
    for number in sorted(taken, reverse=True):
        hunk = hunks[number]
        lines[hunk.start : hunk.end] = hunk.come
    return "".join(lines)


def refused_text(hunks: tuple[Hunk, ...], taken: frozenset[int]) -> str:
    """The answer to the model about the hunks that were not taken."""
    refused = [hunk for number, hunk in enumerate(hunks) if number not in taken]
    rows = []
    for hunk in refused:
        rows.append(f"{hunk.title}\n")
        rows += [f"{mark}{line if line.endswith(chr(10)) else line + chr(10)}" for mark, line in _marked(hunk)]
    text = "".join(rows)
    shown = text if len(text) <= MAX_SAID else f"{text[:MAX_SAID]}\n(and more)"
    return f"The user took {len(taken)} of {len(hunks)} changes. These were refused and are not in the file:\n{shown}"


def _marked(hunk: Hunk) -> list[tuple[str, str]]:
    return [*(("-", line) for line in hunk.gone), *(("+", line) for line in hunk.come)]


def _hunk(start: int, gone: list[str], come: list[str]) -> Hunk:
    return Hunk(start, start + len(gone), tuple(gone), tuple(come))


def _lines(text: str) -> list[str]:
    pieces = text.split("\n")
    return [f"{piece}\n" for piece in pieces[:-1]] + ([pieces[-1]] if pieces[-1] else [])
