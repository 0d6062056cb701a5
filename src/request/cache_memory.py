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
from src.request.prefix import Known, Piece, Sent, look, other_model, pieces

MAX_SENT = 24
MAX_MODELS = 32
MAX_ANSWERS = 512


class CacheMemory:
    """The requests of this run. *clock* gives seconds that only grow."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._sent: OrderedDict[tuple[str, str], tuple[Sent, ...]] = OrderedDict()
        self._last: tuple[tuple[str, str], Sent] | None = None  # of all models
        self._tokens: dict[tuple[str, int], int] = {}
        self._answers: OrderedDict[tuple[str, int], CacheOutlook] = OrderedDict()

    def state(self, material: Material) -> tuple[tuple[Sent, ...], int, Sent | None]:
        """What an outlook depends on besides the request: what was sent to its model, how much of it is alive, and the
        last request of all while it is."""
        rule = rule_of(material.provider, material.model)
        with self._lock:
            sent, last = self._sent.get((material.provider, material.model), ()), self._last
        now, old = self._clock(), rule_of(*last[0]) if last is not None else None
        there = last[1] if last is not None and old is not None and now - last[1].at <= old.lasts_s else None
        return sent, sum(rule is not None and now - one.at <= rule.lasts_s for one in sent), there

    def outlook(
        self, material: Material, parts: tuple[RequestPart, ...], known: Known = ()
    ) -> tuple[CacheOutlook, Known]:
        """What the cache does for *material*, whose parts are *parts*. *known* and the second answer: see `pieces`."""
        rule = rule_of(material.provider, material.model)
        if rule is None:
            return NO_CACHE, known
        found, now = pieces(parts, material.thinks, material.cache_marks, known, material.tools)
        return self._outlook(material, found, rule), now

    def _outlook(self, material: Material, now: tuple[Piece, ...], rule: CacheRule) -> CacheOutlook:
        key = (material.provider, material.model)
        with self._lock:
            sent, last = self._sent.get(key, ()), self._last
        outlook = look(now, sent, rule, self._clock(), material.cache_marks)
        if sent or last is None or last[0] == key or (old := rule_of(*last[0])) is None:
            return outlook
        return outlook._replace(broken=other_model(now, last[1], last[0][1], old, self._clock()))

    def note(self, material: Material, *, beside: bool = False) -> CacheOutlook:
        """*material* goes out now; what the cache will do for it. *beside*: to several models, which loses nothing."""
        now, _ = pieces(describe(material), material.thinks, material.cache_marks, (), material.tools)
        rule = rule_of(material.provider, material.model)
        outlook = self._outlook(material, now, rule) if rule is not None else NO_CACHE
        key = (material.provider, material.model)
        with self._lock:
            if beside and key not in self._sent:
                outlook = outlook._replace(broken="")
            sent = Sent(now, self._clock())
            self._sent[key] = (*self._sent.pop(key, ()), sent)[-MAX_SENT:]
            if not beside:
                self._last = (key, sent)
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
