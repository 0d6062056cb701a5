"""What was sent lately, so that the preview can say what of the next request is in a provider's cache.

Guarantees
- `_lock` guards the fields. Nothing is written to the disk: a cache lasts minutes.
- At most MAX_SENT requests of each model and MAX_ANSWERS answers are remembered.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable

from src.models.caching import CacheRule, rule_of
from src.request.build import NO_CACHE, CacheOutlook, Material, RequestPart, describe
from src.request.prefix import Known, Piece, Sent, look, pieces

MAX_SENT = 24
MAX_MODELS = 32
MAX_ANSWERS = 512


class CacheMemory:
    """The requests of this run. *clock* gives seconds that only grow."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._sent: OrderedDict[tuple[str, str], tuple[Sent, ...]] = OrderedDict()
        self._tokens: dict[tuple[str, int], int] = {}
        self._answers: OrderedDict[tuple[str, int], CacheOutlook] = OrderedDict()

    def state(self, material: Material) -> tuple[tuple[Sent, ...], int]:
        """What an outlook depends on besides the request: what was sent to its model, and how much of it is alive."""
        rule = rule_of(material.provider, material.model)
        with self._lock:
            sent = self._sent.get((material.provider, material.model), ())
        now = self._clock()
        return sent, sum(rule is not None and now - one.at <= rule.lasts_s for one in sent)

    def outlook(
        self, material: Material, parts: tuple[RequestPart, ...], known: Known = ()
    ) -> tuple[CacheOutlook, Known]:
        """What the cache does for *material*, whose parts are *parts*. *known* and the second answer: see `pieces`."""
        rule = rule_of(material.provider, material.model)
        if rule is None:
            return NO_CACHE, known
        found, now = pieces(parts, material.thinks, material.cache_marks, known)
        return self._outlook(material, found, rule), now

    def _outlook(self, material: Material, now: tuple[Piece, ...], rule: CacheRule) -> CacheOutlook:
        with self._lock:
            sent = self._sent.get((material.provider, material.model), ())
        return look(now, sent, rule, self._clock(), material.cache_marks)

    def note(self, material: Material) -> CacheOutlook:
        """*material* goes out now; what the cache will do for it."""
        now, _ = pieces(describe(material), material.thinks, material.cache_marks)
        rule = rule_of(material.provider, material.model)
        outlook = self._outlook(material, now, rule) if rule is not None else NO_CACHE
        key = (material.provider, material.model)
        with self._lock:
            self._sent[key] = (*self._sent.pop(key, ()), Sent(now, self._clock()))[-MAX_SENT:]
            while len(self._sent) > MAX_MODELS:
                self._sent.popitem(last=False)
        return outlook

    def expect(self, discussion: str, turn: int, outlook: CacheOutlook, tokens: int) -> None:
        """The answer *turn* of *discussion* is that to a request of about *tokens* with *outlook*."""
        with self._lock:
            self._answers[(discussion, turn)] = outlook
            self._tokens[(discussion, turn)] = tokens
            while len(self._answers) > MAX_ANSWERS:
                self._tokens.pop(self._answers.popitem(last=False)[0], None)

    def sent_for(self, discussion: str, turn: int) -> int:
        """About how many tokens went out for the answer *turn*; 0 when it was asked for in another run."""
        with self._lock:
            return self._tokens.get((discussion, turn), 0)

    def expected(self, discussion: str, turn: int) -> CacheOutlook | None:
        """What was expected of the cache for the answer *turn*; None when it was asked for in another run."""
        with self._lock:
            return self._answers.get((discussion, turn))
