"""What a server offers besides tools: resources, which are texts by address, and prompts. Bounded, with a price.

Nothing of it goes out by itself: a person reads one and puts it into the message.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

from src.chat import TextPart
from src.models.estimate import CHARACTERS_PER_TOKEN, estimate
from src.privacy.redactor import current
from src.project import scan
from src.value import Value

Kind = Literal["resource", "prompt"]
MAX_OFFERS = 200  # of one server, of each kind
MAX_KEY = 2_000  # characters of an address or a name
MAX_ABOUT = 500  # characters of a description
MAX_PLACES = 16  # of one prompt
MAX_FILLED = 100_000  # characters in one place


class Place(Value):
    """A place of a prompt that is filled in."""

    name: str
    about: str
    is_needed: bool


class Offer(Value):
    """A resource or a prompt: `key` is its address or its name at the server.

    `tokens` are estimated of what the server says of its size; None: it says nothing.
    """

    server: str
    kind: Kind
    key: str
    title: str
    about: str = ""
    places: tuple[Place, ...] = ()
    tokens: int | None = None


class Fetched(Value):
    """The text of an offer as a part of a message: its name there, its bytes, about how many tokens it is."""

    name: str
    part: TextPart
    size: int
    tokens: int


def resource(server: str, uri: str, title: str, about: str, size: int | None) -> Offer:
    """A resource of *size* bytes, None where the server does not say it."""
    tokens = round(size / CHARACTERS_PER_TOKEN) if size is not None and 0 <= size < 2**40 else None
    return Offer(server, "resource", uri, title[:MAX_ABOUT], about[:MAX_ABOUT], (), tokens)


def prompt(server: str, name: str, about: str, places: Iterable[Place]) -> Offer:
    """A prompt and its places."""
    return Offer(server, "prompt", name, name[:MAX_ABOUT], about[:MAX_ABOUT], tuple(places))


def taken(offers: Iterable[Offer]) -> tuple[tuple[Offer, ...], tuple[str, ...]]:
    """Those of *offers*, all of one kind, that can be shown, by title, and a sentence about each other."""
    found: dict[str, Offer] = {}
    refused: list[str] = []
    for number, one in enumerate(offers):
        if number >= MAX_OFFERS:
            refused.append(f"It has more than {MAX_OFFERS} {one.kind}s; the others are left out.")
            break
        if len(one.key) > MAX_KEY or len(one.places) > MAX_PLACES or one.key in found:
            refused.append(f"The {one.kind} {one.title[:40]!r} is too long or is there twice; it is left out.")
            continue
        found[one.key] = one
    return tuple(sorted(found.values(), key=lambda one: (one.title, one.key))), tuple(refused)


def check_filled(offer: Offer, filled: Mapping[str, str]) -> None:
    """Raises ValueError when the places of *offer* are not filled as it wants, or with one of the user's keys."""
    named = {place.name for place in offer.places}
    if unknown := sorted(set(filled) - named):
        raise ValueError(
            f"{offer.title} has no place {unknown[0][:80]!r}; it has {', '.join(sorted(named)) or 'none'}."
        )
    if missing := [place.name for place in offer.places if place.is_needed and not filled.get(place.name, "").strip()]:
        raise ValueError(f"{offer.title} wants {', '.join(missing)}.")
    for name, text in filled.items():
        if len(text) > MAX_FILLED:
            raise ValueError(f"{name}: at most {MAX_FILLED:,} characters are taken.")
        if found := current().find_known(text):
            raise ValueError(f"{name} holds {found}; it is not sent to a server.")


def fetched(offer: Offer, text: str) -> Fetched:
    """*text*, which the server gave for *offer*."""
    part = TextPart(scan.frame(f"{offer.kind} {offer.key} of {offer.server}", text))
    return Fetched(f"{offer.server}: {offer.title}", part, len(text.encode()), estimate(part.text))
