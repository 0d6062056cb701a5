"""What the user sets for a model: temperature, how long it may answer, how hard it thinks. Values only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from src.value import Value

EFFORTS = ("low", "medium", "high")
HOTTEST = 2.0
LONGEST = 1_000_000  # tokens


class ModelOptions(Value):
    """None and "" leave the choice to the provider. `temperature` 0 to 2, `max_tokens` of the answer."""

    temperature: float | None = None
    max_tokens: int | None = None
    effort: str = ""


DEFAULT = ModelOptions()


def key_of(provider: str, model: str) -> str:
    """The name of a provider's model in the settings: `anthropic/claude-opus-5`."""
    return f"{provider}/{model}"


def read(value: Any) -> ModelOptions:
    """The options that the JSON object *value* holds. Raises ValueError or TypeError for one that cannot be."""
    fields: Mapping[str, Any] = value._asdict() if isinstance(value, ModelOptions) else value
    if unknown := set(fields) - set(ModelOptions._fields):
        raise ValueError(f"no option: {', '.join(sorted(unknown))}")
    options = ModelOptions(**fields)
    heat, longest = options.temperature, options.max_tokens
    if heat is not None and (isinstance(heat, bool) or not 0 <= heat <= HOTTEST):
        raise ValueError("temperature")
    if longest is not None and (type(longest) is not int or not 0 < longest <= LONGEST):
        raise ValueError("max_tokens")
    if options.effort not in ("", *EFFORTS):
        raise ValueError("effort")
    return options if heat is None else options._replace(temperature=float(heat))
