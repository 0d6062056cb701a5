"""What happens in the open discussion, as events made from snapshots: who reads slowly misses none of the text.

Nothing queues: what happens between two events that a client takes is one event.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import asdict, replace
from typing import Any

from src.app_controller import AppController
from src.discussion.tree import Turn
from src.hooks import bench, values
from src.hooks.server.changes import Changes
from src.privacy.redactor import current

HEARTBEAT_S = 10.0
PAUSE_S = 0.02  # a token a time would cost more than it tells


async def follow(controller: AppController, changes: Changes) -> AsyncIterator[tuple[str, Any]]:
    """Pairs of kind and JSON value: the state now, then whatever changes, until the server ends.

    When another discussion is opened, all its turns are sent.
    """
    shown: values.State | None = None
    text = ""
    known = {turn.id: turn for turn in controller.discussion.snapshot().turns}
    while not changes.closed:
        seen = changes.count
        now = bench.state(controller)
        turns = controller.discussion.snapshot().turns
        if shown is not None and shown.discussion != now.discussion:
            text, known = "", {}  # another discussion: its turns have numbers of their own
        # Redacted as a whole, because a key may come in two pieces; what then differs is sent again.
        grown = current().redact(now.reply)
        start = len(text) if grown.startswith(text) else common_start(text, grown)
        if now.streaming and (start < len(text) or start < len(grown)):
            yield "reply", asdict(values.ReplyGrowth(start, grown[start:]))
        text = grown if now.streaming else ""
        for turn in new_turns(turns, known):
            yield "turn", current().redact_value(asdict(bench.describe_turn(controller, turn)))
        known = {turn.id: turn for turn in turns}
        summary = replace(now, reply="")
        if summary != shown:
            shown = summary
            yield "state", current().redact_value(asdict(summary))
        await changes.wait(seen, HEARTBEAT_S)
        await asyncio.sleep(PAUSE_S)


def common_start(one: str, two: str) -> int:
    """How many characters *one* and *two* have in common at their beginning."""
    return next((at for at, (a, b) in enumerate(zip(one, two, strict=False)) if a != b), min(len(one), len(two)))


def new_turns(turns: tuple[Turn, ...], known: dict[int, Turn]) -> list[Turn]:
    """Those of *turns* whose message or end is not the known one."""
    return [
        turn
        for turn in turns
        if (seen := known.get(turn.id)) is None or (seen.message, seen.end) != (turn.message, turn.end)
    ]
