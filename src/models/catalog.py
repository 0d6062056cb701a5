"""Lists of models: what was fetched from a provider, in the cache folder with its date.

Values and one small file per provider; knows no SDK. The folder is given by the caller (platformdirs' cache place).
"""

from __future__ import annotations

import json
import os
from typing import Any, Literal

from src.storage.stored_file import regular, write_text
from src.value import Value

SCHEMA = 1
MAX_MODELS = 500
MAX_FILE = 2 * 1024 * 1024  # bytes


class Model(Value):
    """`id` as the provider wants it; `window_tokens` how much goes in, `output_tokens` at most comes out, 0 unknown.

    `largest_window`: up to so many tokens an Ollama can be asked to make room for, 0 where nobody can ask.
    """

    id: str
    title: str = ""
    window_tokens: int = 0
    output_tokens: int = 0
    largest_window: int = 0


class ModelList(Value):
    """Models, where the list is from, and when it was fetched (seconds since 1970; 0 for the shipped ones)."""

    models: tuple[Model, ...]
    source: Literal["shipped", "cached", "fetched"] = "shipped"
    fetched_at: float = 0.0


def tidy(models: tuple[Model, ...]) -> tuple[Model, ...]:
    """At most MAX_MODELS, each once, by name."""
    return tuple(model for _, model in sorted({model.id: model for model in models if model.id}.items()))[:MAX_MODELS]


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
    """Writes the *models* of *provider* to *folder*, atomically. Raises OSError."""
    rows = [model._asdict() for model in models.models]
    text = json.dumps({"schema": SCHEMA, "fetched_at": models.fetched_at, "models": rows}, indent=1)
    write_text(_path(folder, provider), text)


def _path(folder: str, provider: str) -> str:
    return os.path.join(folder, f"models-{provider}.json")


def _model(row: dict[str, Any]) -> Model:
    model = Model(**row)
    texts, sizes = (model.id, model.title), (model.window_tokens, model.output_tokens, model.largest_window)
    if not all(isinstance(text, str) for text in texts) or not all(type(size) is int for size in sizes):
        raise ValueError("not a model")
    return model
