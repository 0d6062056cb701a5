"""A model with settings of its own, as one text: `claude-opus-5:temperature=0.2,thinking=high`. Pure.

The settings come after the last colon that has an `=` behind it: names of models have colons too (`qwen3:8b`).
"""

from __future__ import annotations

from src.chat import DEFAULT_OPTIONS, ModelOptions
from src.value import Value

EFFORTS = ("low", "medium", "high")
MOST = {"tokens": 1_000_000, "num_ctx": 4_000_000}
KEYS = "temperature, thinking (on, off, low, medium, high), effort (low, medium, high), tokens and num_ctx"


class Variant(Value):
    """A model, and what is set for it as text, in one order; `settings` is empty for the model as it is."""

    model: str
    settings: str = ""

    @property
    def name(self) -> str:
        """Model and settings as one text."""
        return f"{self.model}:{self.settings}" if self.settings else self.model


def parse(name: str) -> Variant:
    """The variant that *name* means. Raises ValueError with a sentence."""
    model, colon, settings = name.rpartition(":")
    if not colon or "=" not in settings:
        return Variant(name)
    return Variant(model, written(options_with(DEFAULT_OPTIONS, settings)))


def options_with(options: ModelOptions, settings: str) -> ModelOptions:
    """*options* with what *settings* says over them. Raises ValueError."""
    return options._replace(**changes(settings)) if settings else options


def changes(settings: str) -> dict[str, object]:
    """The options that *settings* names. Raises ValueError with a sentence."""
    found: dict[str, object] = {}
    for one in settings.split(","):
        key, equals, value = (word.strip().lower() for word in one.partition("="))
        if not equals:
            raise ValueError(f"{one.strip()!r} is no setting of a model; write it as temperature=0.2.")
        found |= _change(key, value)
    return found


def _change(key: str, value: str) -> dict[str, object]:
    if key == "temperature" and _is_number(value) and 0 <= float(value) <= 2:
        return {"temperature": float(value)}
    if key == "thinking" and value in ("on", "off"):
        return {"thinking": value == "on"}
    if key == "thinking" and value in EFFORTS:
        return {"thinking": True, "effort": value}
    if key == "effort" and value in EFFORTS:
        return {"effort": value}
    if key in MOST and value.isdecimal() and len(value) < 9 and 0 < int(value) <= MOST[key]:
        return {"max_tokens" if key == "tokens" else key: int(value)}
    raise ValueError(f"{key}={value} cannot be set; there are {KEYS}.")


def written(options: ModelOptions) -> str:
    """*options* as text: the same options are always the same text; empty for those of the provider."""
    rows = [] if options.temperature is None else [f"temperature={options.temperature:g}"]
    if options.thinking is not None:
        rows.append(f"thinking={(options.effort or 'on') if options.thinking else 'off'}")
    if options.effort and not options.thinking:
        rows.append(f"effort={options.effort}")
    counts = {"tokens": options.max_tokens, "num_ctx": options.num_ctx}
    return ",".join([*rows, *(f"{key}={count}" for key, count in counts.items() if count is not None)])


def _is_number(text: str) -> bool:
    whole, _, rest = text.partition(".")
    return (whole + rest).isdecimal() and len(text) < 20
