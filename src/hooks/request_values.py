"""What the hook API says of requests: what goes out, what it costs, how models compare, what went out. No behaviour."""

from __future__ import annotations

from dataclasses import dataclass

from src.hooks.values import ContextFile


@dataclass(frozen=True)
class RequestPart:
    """A part of the next request: its origin (preset, tools, file, turn, draft, attachment), label and tokens.

    `accepted` are digests of texts in it that look like secrets and that the user said are none. `cache`: it will be
    read from the provider's cache (`read`), written to it (`write`), or neither.
    """

    origin: str
    label: str
    tokens: int
    accepted: tuple[str, ...]
    cache: str


@dataclass(frozen=True)
class Cache:
    """What the provider's cache will do for the next request: tokens read from it, and written to it.

    `saved_usd` is less than nothing when writing costs more than reading saves, null when the price is unknown. `why`
    says why nothing is read, `broken` which change lost what the request before had there.
    """

    read_tokens: int
    written_tokens: int
    saved_usd: float | None
    why: str
    broken: str


@dataclass(frozen=True)
class Tokens:
    """What the next request holds. `counted`: by the provider, else an estimate. Unknown cost or window is null.

    `held` are files that would be sent but for a text that is taken for a secret. `drops` says that a server on this
    machine would drop the front of the request; empty when it would not.
    """

    parts: tuple[RequestPart, ...]
    total_tokens: int
    counted: bool
    window_tokens: int | None
    cost_usd: float | None
    over_cap: str
    drops: str
    held: tuple[ContextFile, ...]
    cache: Cache


@dataclass(frozen=True)
class Paid:
    """What was paid: the sum of what is known in US dollars, and for how many requests the price is unknown.

    A request that has not ended counts at the most that it can cost.
    """

    usd: float
    unknown: int


@dataclass(frozen=True)
class PaidTo:
    """What was paid to one model. Cached tokens are part of the input."""

    provider: str
    model: str
    requests: int
    input_tokens: int
    cached_tokens: int
    output_tokens: int
    paid: Paid


@dataclass(frozen=True)
class Spending:
    """The ledger of all Sloppys of the user: what this discussion, this project, today and all of it cost.

    `caps_usd` are the caps by name (request, discussion, project, day), null without one. `models` are all models,
    the dearest first. `failure` says why the ledger cannot be written, empty when it can. `skipped` lines of it cannot
    be read: what was paid there is not counted.
    """

    discussion: Paid
    project: Paid
    day: Paid
    all: Paid
    caps_usd: dict[str, float | None]
    models: tuple[PaidTo, ...]
    failure: str
    skipped: int


@dataclass(frozen=True)
class ModelSettings:
    """What is set for the chosen model: `temperature=0.2,thinking=high`; empty where all is the provider's.

    `window_tokens` is how many tokens it takes with that; null: unknown.
    """

    provider: str
    model: str
    settings: str
    window_tokens: int | None


@dataclass(frozen=True)
class Column:
    """One model's answer in a comparison: seconds to its first word and to its end, tokens, cost (null: unknown).

    `turn` is its turn in the discussion once it has ended, else 0; `state` says how it is, or why it was not asked.
    `settings` are those that it has beside its own: `temperature=0.2,thinking=high`.
    """

    provider: str
    model: str
    text: str
    first_s: float | None
    whole_s: float | None
    input_tokens: int | None
    cached_tokens: int | None
    output_tokens: int | None
    cost_usd: float | None
    turn: int
    state: str
    settings: str


@dataclass(frozen=True)
class Comparison:
    """The comparison that runs, or the last one; all columns answer the turn `asked`."""

    asked: int
    running: bool
    columns: tuple[Column, ...]


@dataclass(frozen=True)
class SentFile:
    """A file as it went out: SHA-256 of its text, size in bytes. `change`: what became of it since; empty: nothing."""

    path: str
    digest: str
    size: int
    change: str


@dataclass(frozen=True)
class SentFileList:
    """The files that went out with a turn, or with the request that it answers."""

    turn: int
    files: tuple[SentFile, ...]
