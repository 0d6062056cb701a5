"""The providers that come with Sloppy, one row each: name, module, models, keys, images.

A new provider is a row here and a module in `src/providers` (CONTRIBUTING.md).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from importguard.warmup import require_warmed as _require_warmed
from src.chat import ImagePart
from src.models.catalog import Model
from src.models.endpoints import Endpoint
from src.value import Value

if TYPE_CHECKING:
    from types import ModuleType

IMAGE_TYPES = ("image/png", "image/jpeg", "image/gif", "image/webp")
_MB = 1_000_000


class Provider(Value):
    """A service that answers: the module that speaks to it, the models it offers first, where its key is.

    `load` returns the module once it is warm, else it raises as `require_warmed` does; it names the module in a literal
    because importguard reads from it what has to be warmed. The first of `key_names` under which a key is found is
    used; without names no key is needed. `image_bytes` is the largest image that it takes; 0 means that it takes none.
    `seller` is the name under which genai-prices lists its prices; `is_free` answers from this program.
    """

    name: str
    title: str
    module: str
    load: Callable[[], ModuleType]
    models: tuple[Model, ...]
    key_names: tuple[str, ...] = ()
    image_bytes: int = 0
    seller: str = ""
    is_free: bool = False
    endpoint: Endpoint | None = None

    def refusal(self, images: tuple[ImagePart, ...]) -> str:
        """The sentence that says why one of *images* cannot go to this provider; empty when all can."""
        for image in images:
            name = image.name or "The image"
            if not self.image_bytes:
                return f"{self.title} takes no images; remove {name} or choose another provider."
            if image.media_type not in IMAGE_TYPES:
                return f"{name} is {image.media_type}; {self.title} takes PNG, JPEG, GIF and WebP."
            if len(image.data) > self.image_bytes:
                size, most = len(image.data) / _MB, self.image_bytes / _MB
                return f"{name} has {size:.1f} MB; {self.title} takes at most {most:.0f} MB."
        return ""


PROVIDERS = (
    Provider(
        "echo",
        "Echo (offline)",
        "src.providers.echo",
        lambda: _require_warmed("src.providers.echo"),
        models=(
            Model("echo-1", "Echo", 100_000, 100_000),
            Model("echo-slow", "Echo, slow", 100_000, 100_000),
            Model("echo-think", "Echo that thinks", 100_000, 100_000),
        ),
        image_bytes=20 * _MB,
        is_free=True,
    ),
    Provider(
        "gemini",
        "Google Gemini",
        "src.providers.gemini",
        lambda: _require_warmed("src.providers.gemini"),
        models=(
            Model("gemini-3.5-flash", "Gemini 3.5 Flash", 1_000_000, 65_536),
            Model("gemini-3.1-pro-preview", "Gemini 3.1 Pro", 1_000_000, 65_536),
            Model("gemini-3.5-flash-lite", "Gemini 3.5 Flash-Lite", 1_000_000, 65_536),
        ),
        key_names=("GEMINI_API_KEY", "GOOGLE_API_KEY"),
        image_bytes=15 * _MB,  # a whole request may have 20 MB, and base64 adds a third
        seller="google",
    ),
    Provider(
        "anthropic",
        "Anthropic",
        "src.providers.anthropic_claude",
        lambda: _require_warmed("src.providers.anthropic_claude"),
        models=(
            Model("claude-sonnet-5", "Claude Sonnet 5", 1_000_000, 64_000),
            Model("claude-opus-5", "Claude Opus 5", 1_000_000, 64_000),
            Model("claude-haiku-4-5", "Claude Haiku 4.5", 200_000, 64_000),
        ),
        key_names=("ANTHROPIC_API_KEY",),
        image_bytes=5 * _MB,
        seller="anthropic",
    ),
    Provider(
        "openai",
        "OpenAI",
        "src.providers.openai_chat",
        lambda: _require_warmed("src.providers.openai_chat"),
        models=(
            Model("gpt-5.5", "GPT-5.5", 1_000_000, 128_000),
            Model("gpt-5.4-mini", "GPT-5.4 mini", 400_000, 128_000),
            Model("gpt-5.4-nano", "GPT-5.4 nano", 400_000, 128_000),
        ),
        key_names=("OPENAI_API_KEY",),
        image_bytes=20 * _MB,
        seller="openai",
    ),
)
BY_NAME = {provider.name: provider for provider in PROVIDERS}
FREE = frozenset(one.name for one in PROVIDERS if one.is_free)
ECHO, OPENAI = BY_NAME["echo"], BY_NAME["openai"]


def at_endpoint(endpoint: Endpoint) -> Provider:
    """The provider that speaks OpenAI's protocol at the user's *endpoint*."""
    models = tuple(Model(model) for model in endpoint.models or ("default",))
    key_names = (endpoint.key_name,) if endpoint.key_name else ()
    title = endpoint.title or endpoint.name
    return Provider(
        endpoint.name, title, OPENAI.module, OPENAI.load, models, key_names, OPENAI.image_bytes, endpoint=endpoint
    )
