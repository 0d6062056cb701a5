"""What of the next request the provider has in its cache, and which change of the beginning lost it. Pure.

A provider reads a request in one order: tools and system text, files, turns. It can take from its cache only the
beginning that a request before had in common with this one, to the last letter. Which of tools, schema and system text
comes first differs, so a change of one of them loses all.
"""

from __future__ import annotations

from collections.abc import Sequence

from src.chat import ToolSpec
from src.models.caching import MINUTE_S, CacheRule
from src.models.estimate import tool_text
from src.request.build import CacheOutlook, RequestPart
from src.value import Value

START = ("preset", "tools", "schema")  # parts in front of the messages


class Piece(Value):
    """A part of a request as the cache sees it. `print` tells its content from others within this process.

    `ends` is how many parts of the request end with it, `marked` says that the request asks to keep it up to here.
    `starts`: it goes before the messages. `inner` are the tools in it, each with a print of its own.
    """

    label: str
    print: int
    tokens: int
    ends: int
    marked: bool
    starts: bool = False
    inner: tuple[tuple[str, int], ...] = ()


class Sent(Value):
    """A request that went out at `at` seconds."""

    pieces: tuple[Piece, ...]
    at: float


Known = Sequence[tuple[RequestPart, Piece]]


def pieces(
    parts: tuple[RequestPart, ...],
    thinking: bool,
    has_marks: bool,
    known: Known = (),
    tools: tuple[ToolSpec, ...] = (),
) -> tuple[tuple[Piece, ...], Known]:
    """The request of *parts* in the order in which it is read; what is typed is one piece with what is attached.

    *known* has those of the request before, in their order; the second answer has those of this one, for the next: a
    letter that is typed changes one of thousands.
    """
    marked = _marked(parts) if has_marks else frozenset()
    found: list[Piece] = []
    now: list[tuple[RequestPart, Piece]] = []
    typed: list[RequestPart] = []
    for number, part in enumerate(parts, 1):
        if part.origin in ("draft", "attachment"):
            typed.append(part)
            continue
        before = known[number - 1] if number <= len(known) else None
        is_marked = number in marked
        if before is None or before[0] is not part or before[1].marked != is_marked:
            before = (part, _piece(part, number, is_marked, tools))
        now.append(before)
        found.append(before[1])
    if typed:
        said = "\n".join(part.text for part in typed)
        tokens, ends = sum(part.tokens for part in typed), len(parts)
        found.append(Piece("what is typed", hash(("user", said)), tokens, ends, ends in marked))
    if thinking:  # providers read it before the messages
        at = next((at for at, one in enumerate(parts) if one.origin not in START), len(found))
        found.insert(min(at, len(found)), Piece("thoughts", hash("thinking"), 0, at, at in marked))
    return tuple(found), now


def _piece(part: RequestPart, number: int, is_marked: bool, tools: tuple[ToolSpec, ...]) -> Piece:
    if part.origin == "turn":
        name, _, role = part.label.partition(". ")
        return Piece(f"turn {name}", hash((role, part.text)), part.tokens, number, is_marked)
    inner = tuple((one.name, hash(tool_text(one))) for one in tools) if part.origin == "tools" else ()
    return Piece(part.label, hash(part.text), part.tokens, number, is_marked, part.origin in START, inner)


def _marked(parts: tuple[RequestPart, ...]) -> frozenset[int]:
    """Where `build` sets marks: after tools and system text, the files, and the last two messages of a user."""
    start = sum(part.origin in START for part in parts)
    files = start + sum(part.origin == "file" for part in parts)
    own = [number for number, part in enumerate(parts, 1) if part.origin == "turn" and part.label.endswith(" user")]
    if parts and parts[-1].origin in ("draft", "attachment"):
        own.append(len(parts))
    marks = {start, files} if files > start else {start}
    return frozenset((marks | set(own[-2:])) - {0})


def look(now: tuple[Piece, ...], sent: tuple[Sent, ...], rule: CacheRule, at: float, has_marks: bool) -> CacheOutlook:
    """What the cache does for the request *now*; *sent* are those that went to the same model, the last one last."""
    if rule.marked and not has_marks:
        return CacheOutlook(why="Settings > Requests does not let the provider keep it.")
    total = sum(one.tokens for one in now)
    alive = [one for one in sent if at - one.at <= rule.lasts_s]
    common = max((_shared(now, one.pieces, rule) for one in alive), default=0)
    read = sum(one.tokens for one in now[:common])
    read = read - read % rule.step if read >= rule.least else 0
    upto = max((number for number, one in enumerate(now, 1) if one.marked), default=0) if rule.marked else len(now)
    kept = sum(one.tokens for one in now[:upto])
    written = max(0, kept - read) if rule.marked and kept >= rule.least else 0
    why = ""
    if not read:
        short = f"Prefixes under {rule.least:,} tokens are not kept."
        why = short if total < rule.least else "Nothing was sent to this model yet that begins as this request does."
    held = now[common - 1].ends if read and common else 0
    ends = now[upto - 1].ends if upto and kept >= rule.least else 0
    return CacheOutlook(read, written, held, ends, why, _broken(now, sent, rule, at))


def _shared(now: tuple[Piece, ...], before: tuple[Piece, ...], rule: CacheRule) -> int:
    """How many pieces of *now* the cache has from *before*."""
    common = _common(now, before)
    if not rule.marked:
        return common
    return max((number for number, one in enumerate(before[:common], 1) if one.marked), default=0)


def _common(now: tuple[Piece, ...], before: tuple[Piece, ...]) -> int:
    count = _alike(now, before)
    rest = (*now[count : count + 1], *before[count : count + 1])
    return 0 if any(one.starts for one in rest) else count


def _alike(now: tuple[Piece, ...], before: tuple[Piece, ...]) -> int:
    count = 0
    for one, other in zip(now, before, strict=False):
        if one.print != other.print:
            break
        count += 1
    return count


def other_model(now: tuple[Piece, ...], last: Sent, name: str, rule: CacheRule, at: float) -> str:
    """What the switch to another model lost: what *last*, a request to the model *name*, has in its cache."""
    kept = sum(one.tokens for one in last.pieces[: _common(now, last.pieces)])
    if kept < rule.least or at - last.at > rule.lasts_s:
        return ""
    return f"Each model has a cache of its own: about {kept:,} tokens that {name} has there are read anew."


def _broken(now: tuple[Piece, ...], sent: tuple[Sent, ...], rule: CacheRule, at: float) -> str:
    """Which change lost what the last request had in the cache; empty when nothing was lost."""
    if not sent:
        return ""
    last = sent[-1].pieces
    had = sum(one.tokens for one in last)
    if had < rule.least:
        return ""
    if at - sent[-1].at > rule.lasts_s:
        return f"The last request is more than {rule.lasts_s / MINUTE_S:.0f} minutes ago: the cache has forgotten it."
    alike, common = _alike(now, last), _common(now, last)
    if alike == len(last):
        return ""
    lost = had - sum(one.tokens for one in last[:common])
    return f"{_change(now, last, alike)}: about {lost:,} tokens of the last request are not read from the cache."


def _change(now: tuple[Piece, ...], last: tuple[Piece, ...], at: int) -> str:
    """What differs at piece *at* of the last request."""
    gone = last[at]
    here = now[at] if at < len(now) else None
    if here is not None and here.inner and gone.inner:
        return _change_of_tools(dict(here.inner), dict(gone.inner))
    stays = any(one.print == gone.print for one in now[at:])
    if here is not None and stays and any(one.print == here.print for one in last[at:]):
        return f"{here.label} goes out in front of {gone.label} now"
    if here is not None and stays:
        return f"{_named(here)} new in front of {gone.label}"
    if here is not None and here.label == gone.label:
        return f"{gone.label} has changed"
    if here is None or any(one.print == here.print for one in last[at:]):
        return f"{gone.label} no longer goes out"
    return f"{here.label} is where {gone.label} was"


def _named(piece: Piece) -> str:
    return "The tools are" if piece.inner else f"{piece.label} is"


def _change_of_tools(here: dict[str, int], gone: dict[str, int]) -> str:
    """Which tool differs, the first of them; their order when none does."""
    if new := [name for name in here if name not in gone]:
        return f"The tool {new[0]} is new"
    if lost := [name for name in gone if name not in here]:
        return f"The tool {lost[0]} no longer goes out"
    if other := [name for name, one in here.items() if gone[name] != one]:
        return f"The definition of the tool {other[0]} has changed"
    return "The order of the tools has changed"
