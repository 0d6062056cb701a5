"""What is open around running code, for bodies that wait and go on."""

from __future__ import annotations

from importguard.startup.values.base import Raised
from importguard.startup.values.frames import Frame
from importguard.startup.values.functions import FunctionValue
from importguard.startup.values.heap import Arm


class Context:
    """What is open around running code. `own_…`: what a generator's body has opened itself when it waits."""

    __slots__ = (
        "arms", "calls", "catchers", "frame", "handling", "limit", "line", "own_arms", "own_calls", "own_catchers",
        "own_handling",
    )  # fmt: skip

    def __init__(  # noqa: PLR0917  each is a part of the state
        self,
        calls: list[FunctionValue],
        catchers: list[frozenset[str]],
        handling: list[Raised],
        frame: Frame,
        line: int,
        limit: int,
        arms: list[Arm],
    ) -> None:
        self.calls, self.catchers, self.handling = calls, catchers, handling
        self.frame, self.line, self.limit, self.arms = frame, line, limit, arms
        self.own_calls: list[FunctionValue] = []
        self.own_catchers: list[frozenset[str]] = []
        self.own_handling: list[Raised] = []
        self.own_arms: list[Arm] = [{}]
