"""What the next request will hold and cost: the estimate at once, the provider's count when it comes.

Guarantees
- `snapshot` does not block and is made anew only when something that it shows has changed.
- The parts add up to the total: there is one number for the size of a request.
- A count that comes for a request that has changed since is dropped. `_lock` guards the fields.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from src.chat import Message, Usage
from src.models.estimate import DOUBT
from src.models.prices import Caps, Money, PriceTable, over_cap
from src.request import build
from src.request.build import NO_CACHE, CacheOutlook, Described, Material, RequestPart
from src.value import Value

if TYPE_CHECKING:
    from src.request.cache_memory import CacheMemory
    from src.request.prefix import Known


class RequestPreview(Value):
    """The next request. `counted`: `total_tokens` is the provider's own count, else an estimate (show it with `~`).

    `window_tokens` None: unknown. `cost` is that of the input alone, None when the price is unknown. `over_cap` says
    which cap it goes over, empty when none. `sendable`: there is something to send. `cache` is what the provider's
    cache does for it, `saved` what that saves; `highest` is the most that the request can cost with its answer.
    `drops` says that the server would drop its front.
    """

    parts: tuple[RequestPart, ...]
    total_tokens: int
    counted: bool
    window_tokens: int | None
    cost: Money | None
    over_cap: str
    sendable: bool
    cache: CacheOutlook = NO_CACHE
    saved: Money | None = None
    highest: Money | None = None
    drops: str = ""


class _Ahead(Value):
    """What was described before it is shown: the turns, with what the user said is not secret, and the pieces."""

    not_secret: frozenset[str]
    described: Mapping[int, Described]
    known: Known

    def is_of(self, material: Material) -> bool:
        """Whether it holds what *material* ends with."""
        return (
            bool(material.messages)
            and id(material.messages[-1]) in self.described
            and self.not_secret == material.not_secret
        )


_NOTHING = _Ahead(frozenset(), {}, ())


class Preview:
    """The preview of the request made of `material()`. `window` knows how much fits, `count` asks the provider.

    `memory` is what was sent before, None until its module is warm. `drops` says that the server would drop the front
    of so many tokens; empty when it would not.
    """

    def __init__(
        self,
        material: Callable[[], Material],
        caps: Callable[[], Caps],
        prices: Callable[[], PriceTable],
        window: Callable[[str, str], int | None],
        count: Callable[[Material], None],
        *,
        memory: Callable[[], CacheMemory | None],
        longest: Callable[[Material], int],
        drops: Callable[[Material, int], str],
    ) -> None:
        self._material = material
        self._caps = caps
        self._prices = prices
        self._window = window
        self._count = count
        self._memory = memory
        self._longest = longest
        self._drops = drops
        self._lock = threading.Lock()
        self._made: tuple[Material, Caps, PriceTable, int | None, int | None, object] | None = None
        self._shown: RequestPreview | None = None
        self._turns: tuple[tuple[Message, ...], frozenset[str], tuple[RequestPart, ...]] = ((), frozenset(), ())
        self._described: Mapping[int, Described] = {}
        self._known: Known = ()
        self._ahead = _NOTHING
        self._counted: tuple[Material, int] | None = None

    def snapshot(self) -> RequestPreview:
        """The preview now."""
        material, caps, prices, memory = self._material(), self._caps(), self._prices(), self._memory()
        window = self._window(material.provider, material.model)  # a list of models may have come since
        with self._lock:
            counted = self._counted[1] if self._counted is not None and self._counted[0] == material else None
            made = (material, caps, prices, counted, window, memory.state(material) if memory is not None else None)
            if self._shown is not None and self._made == made:
                return self._shown
            is_new = self._made is None or self._made[0] != material
            self._made = made
            shown = self._shown = self._make(material, caps, prices, counted)
        if is_new and shown.sendable:
            self._count(material)
        return shown

    def prepare(self, messages: tuple[Message, ...]) -> None:
        """Describes *messages*, which will be in the next request, ahead of it. On any thread."""
        material, memory = self._material()._replace(messages=messages), self._memory()
        accepted = material.not_secret
        parts = build.describe(material)
        turns = (part for part in parts if part.origin == "turn")
        described = {id(message): (message, part) for message, part in zip(messages, turns, strict=True)}
        known = memory.outlook(material, parts)[1] if memory is not None else ()
        with self._lock:
            self._ahead = _Ahead(accepted, described, known)

    def check(self, material: Material | None) -> str:
        """Which cap *material*, or without it what is previewed, goes over; empty when none."""
        shown = self.snapshot()
        return shown.over_cap if material is None else self.weigh(material).over_cap

    def drops(self, material: Material | None) -> str:
        """The sentence that the server would drop the front of *material*, or without it of what is previewed."""
        return (self.snapshot() if material is None else self.weigh(material)).drops

    def weigh(self, material: Material) -> RequestPreview:
        """The preview of *material*, which is not the one that is shown."""
        caps, prices = self._caps(), self._prices()
        with self._lock:
            return self._make(material, caps, prices, None)

    def counted(self, material: Material, total: int) -> None:
        """The provider counted *total* tokens for *material*."""
        with self._lock:
            self._counted = (material, total)

    def _make(self, material: Material, caps: Caps, prices: PriceTable, counted: int | None) -> RequestPreview:
        parts = build.describe(material._replace(messages=()))
        accepted = material.not_secret
        if self._turns[0] is not material.messages or self._turns[1] != accepted:
            if self._ahead.is_of(material):
                self._described, self._known, self._ahead = self._ahead.described, self._ahead.known, _NOTHING
            elif self._turns[1] != accepted:
                self._described = {}
            known = self._described
            turns = tuple(build.describe_turns(material.messages, accepted, known))
            described = zip(material.messages, turns, strict=True)
            self._described = {id(one[0]): one for one in described}
            self._turns = (material.messages, accepted, turns)
        drafted = sum(part.origin in ("draft", "attachment") for part in parts)
        cut = len(parts) - drafted
        parts = (*parts[:cut], *self._turns[2], *parts[cut:])
        total = counted if counted is not None else sum(part.tokens for part in parts)
        parts = parts if counted is None else share_out(parts, counted)
        price = prices.price(material.provider, material.model)
        memory = self._memory()
        outlook = NO_CACHE
        if memory is not None:
            outlook, self._known = memory.outlook(material, parts, self._known)
        usage = Usage(total, 0, outlook.read, outlook.written)
        cost = price.cost(usage) if price is not None else None
        saved = price.saved(usage) if price is not None else None
        last = material.messages[-1] if material.messages else None
        sendable = bool(drafted) or (last is not None and last.role == "user")
        most = total if counted is not None else round(total * DOUBT)
        highest = price.highest(most, self._longest(material)) if price is not None else None
        over = over_cap(total, highest, caps, material.model)
        window, drops = self._window(material.provider, material.model), self._drops(material, total)
        return RequestPreview(
            parts, total, counted is not None, window, cost, over, sendable, outlook, saved, highest, drops
        )


def share_out(parts: tuple[RequestPart, ...], total: int) -> tuple[RequestPart, ...]:
    """*parts* with *total* tokens in all, each as large beside the others as it was estimated."""
    estimated = sum(part.tokens for part in parts)
    shared, done, given = [], 0, 0
    for part in parts:
        done += part.tokens
        upto = total * done // estimated if estimated else 0
        shared.append(part._replace(tokens=upto - given))
        given = upto
    return tuple(shared)
