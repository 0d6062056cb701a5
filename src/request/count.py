"""Asks the provider how many tokens the next request is, a moment after it stopped changing.

Guarantees
- One question at a time and none for a request that has changed meanwhile; an unanswered one leaves the estimate.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from importguard.warmup import NotWarmedError, WarmupFailedError
from src.ai_client import Providers
from src.request import build
from src.request.build import Material
from src.work.background import Background

QUIET_S = 0.8


class TokenCount:
    """The question. `answered` gets the request's material and its tokens, on the turn loop."""

    def __init__(self, background: Background, providers: Providers, answered: Callable[[Material, int], None]) -> None:
        self._background = background
        self._providers = providers
        self._answered = answered
        self._wanted: Material | None = None  # set and read whole; the last one asked for wins

    def ask(self, material: Material) -> None:
        """Asks for *material*, unless another follows within `QUIET_S` seconds."""
        self._wanted = material
        if self._background.has_clock:
            self._background.later(QUIET_S, partial(self._begin, material))

    def _begin(self, material: Material) -> None:
        if self._wanted is material:
            self._background.run_on_loop(self._count(material))

    async def _count(self, material: Material) -> None:
        try:
            total = await self._providers.count_tokens(build.build(material))
        except (NotWarmedError, WarmupFailedError, ValueError):
            return
        if total is not None and self._wanted is material:
            self._answered(material, total)
