"""The lean façade of the providers: names, models, and the way to a warmed provider. Never imports an SDK.

A provider module (`src/providers`) imports its SDK at its top and is imported by the warmup; its `connect()` builds the
client, which is the warmup's product.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from importguard import warmup
from src.chat import Event, Failed, ModelRequest

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from types import ModuleType


class Provider(NamedTuple):
    """A service that answers: how it is called, the module that speaks to it, the models it offers first."""

    name: str
    title: str
    module: str
    models: tuple[str, ...]


PROVIDERS = (
    Provider("echo", "Echo (offline)", "src.providers.echo", ("echo-1",)),
    Provider("gemini", "Google Gemini", "src.providers.gemini", ("gemini-3.5-flash", "gemini-3-pro")),
    Provider("anthropic", "Anthropic", "src.providers.anthropic_claude", ("claude-sonnet-5", "claude-opus-5")),
    Provider("openai", "OpenAI", "src.providers.openai_chat", ("gpt-5.5", "gpt-5.5-mini")),
)
_BY_NAME = {provider.name: provider for provider in PROVIDERS}


def find_provider(name: str) -> Provider:
    """The provider called *name*. Raises ValueError naming those that exist."""
    if name not in _BY_NAME:
        raise ValueError(f"There is no provider {name!r}; choose one of {', '.join(_BY_NAME)}.")
    return _BY_NAME[name]


def is_ready(name: str) -> bool:
    """The provider is imported and its client built."""
    try:
        _module(name)
    except (warmup.NotWarmedError, warmup.WarmupFailedError):
        return False
    return True


async def stream(request: ModelRequest) -> AsyncIterator[Event]:
    """The events of one reply, the last of them its end. Raises NotWarmedError or WarmupFailedError before the first.

    Stop by cancelling the task that iterates.
    """
    module = _module(request.provider)
    client: Any = warmup.product(find_provider(request.provider).module)
    if client is None:
        yield Failed(module.MISSING_KEY, "missing_key")
        return
    async for event in module.stream(client, request):
        yield event


def _require_warmed(name: str) -> ModuleType:
    return warmup.require_warmed(name)


def _module(name: str) -> ModuleType:
    # The literals tell importguard what the warmup has to import.
    match name:
        case "echo":
            return _require_warmed("src.providers.echo")
        case "gemini":
            return _require_warmed("src.providers.gemini")
        case "anthropic":
            return _require_warmed("src.providers.anthropic_claude")
        case "openai":
            return _require_warmed("src.providers.openai_chat")
    raise ValueError(f"There is no provider {name!r}; choose one of {', '.join(_BY_NAME)}.")
