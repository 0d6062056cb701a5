"""Asks the provider how many tokens the next request is: when the user wants to know, or after each change.

Guarantees
- Without `is_wanted` nothing leaves the machine but by `ask_now`: a question holds the whole request.
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

    def __init__(
        self,
        background: Background,
        providers: Providers,
        answered: Callable[[Material, int], None],
        is_wanted: Callable[[], bool],
    ) -> None:
        self._background = background
        self._providers = providers
        self._answered = answered
        self._is_wanted = is_wanted
        self._wanted: Material | None = None  # set and read whole; the last one asked for wins

    def ask(self, material: Material) -> None:
        """The request is now *material*: asks, if the user switched that on, unless another follows in `QUIET_S` s."""
        self._wanted = material
        if self._background.has_clock and self._is_wanted():
            self._background.later(QUIET_S, partial(self._begin, material))

    def ask_now(self, material: Material) -> None:
        """Asks for *material* because the user wants to know."""
        self._wanted = material
        self._background.run_on_loop(self._count(material))

    def _begin(self, material: Material) -> None:
        if self._wanted is material and self._is_wanted():
            self._background.run_on_loop(self._count(material))

    async def _count(self, material: Material) -> None:
        try:
            total = await self._providers.count_tokens(build.build(material))
        except (NotWarmedError, WarmupFailedError, ValueError):
            return
        if total is not None and self._wanted is material:
            self._answered(material, total)
