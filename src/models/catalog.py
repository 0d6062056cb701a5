"""The models of each provider: the shipped lists, and what was fetched, kept in the cache folder with its date.

Values and one small file per provider; knows no SDK. The folder is given by the caller (platformdirs' cache place).
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping
from typing import Any, Literal

from src.storage.stored_file import regular
from src.value import Value

SCHEMA = 1
MAX_MODELS = 500
MAX_FILE = 2 * 1024 * 1024  # bytes
FRESH_S = 24 * 3600.0


class Model(Value):
    """`id` as the provider wants it; `window_tokens` how much goes in, `output_tokens` at most comes out, 0 unknown."""

    id: str
    title: str = ""
    window_tokens: int = 0
    output_tokens: int = 0


class ModelList(Value):
    """Models, where the list is from, and when it was fetched (seconds since 1970; 0 for the shipped ones)."""

    models: tuple[Model, ...]
    source: Literal["shipped", "cached", "fetched"] = "shipped"
    fetched_at: float = 0.0

    def is_fresh(self, now: float | None = None) -> bool:
        """Fetched within the last day."""
        age = (time.time() if now is None else now) - self.fetched_at
        return self.source != "shipped" and 0 <= age < FRESH_S


SHIPPED: Mapping[str, tuple[Model, ...]] = {
    "echo": (
        Model("echo-1", "Echo", 100_000, 100_000),
        Model("echo-slow", "Echo, slow", 100_000, 100_000),
        Model("echo-think", "Echo that thinks", 100_000, 100_000),
    ),
    "gemini": (
        Model("gemini-3.5-flash", "Gemini 3.5 Flash", 1_000_000, 65_536),
        Model("gemini-3.1-pro-preview", "Gemini 3.1 Pro", 1_000_000, 65_536),
        Model("gemini-3.5-flash-lite", "Gemini 3.5 Flash-Lite", 1_000_000, 65_536),
    ),
    "anthropic": (
        Model("claude-sonnet-5", "Claude Sonnet 5", 1_000_000, 64_000),
        Model("claude-opus-5", "Claude Opus 5", 1_000_000, 64_000),
        Model("claude-haiku-4-5", "Claude Haiku 4.5", 200_000, 64_000),
    ),
    "openai": (
        Model("gpt-5.5", "GPT-5.5", 1_000_000, 128_000),
        Model("gpt-5.4-mini", "GPT-5.4 mini", 400_000, 128_000),
        Model("gpt-5.4-nano", "GPT-5.4 nano", 400_000, 128_000),
    ),
}


def shipped(provider: str) -> ModelList:
    """The list that comes with the program; empty for a provider that it does not know."""
    return ModelList(SHIPPED.get(provider, ()))


def tidy(models: tuple[Model, ...]) -> tuple[Model, ...]:
    """At most MAX_MODELS, each once, by name."""
    return tuple(sorted({model.id: model for model in models if model.id}.values()))[:MAX_MODELS]


def read(folder: str, provider: str) -> ModelList | None:
    """What was kept for *provider*; None when nothing usable is there (it is fetched again, so nothing is lost)."""
    try:
        with open(_path(folder, provider), encoding="utf-8", opener=regular) as file:
            value: Any = json.loads(file.read(MAX_FILE))
        rows = tuple(_model(row) for row in value["models"])
        if value["schema"] != SCHEMA or not isinstance(value["fetched_at"], int | float):
            return None
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return ModelList(tidy(rows), "cached", float(value["fetched_at"]))


def write(folder: str, provider: str, models: ModelList) -> None:
    """Keeps *models* for *provider*, whole or not at all. Raises OSError."""
    os.makedirs(folder, exist_ok=True)
    rows = [model._asdict() for model in models.models]
    path = _path(folder, provider)
    scratch = f"{path}.{os.getpid()}.part"
    try:
        with open(scratch, "w", encoding="utf-8") as file:
            json.dump({"schema": SCHEMA, "fetched_at": models.fetched_at, "models": rows}, file, indent=1)
        os.replace(scratch, path)
    finally:
        if os.path.exists(scratch):
            os.unlink(scratch)


def _path(folder: str, provider: str) -> str:
    return os.path.join(folder, f"models-{provider}.json")


def _model(row: dict[str, Any]) -> Model:
    model = Model(**row)
    if not all(isinstance(text, str) for text in model[:2]) or not all(type(size) is int for size in model[2:]):
        raise ValueError("not a model")
    return model
