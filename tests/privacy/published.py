"""Secrets as other projects publish them in the tests of their own detectors: an example of each format, in its place.

`published_secrets.json` holds them backwards in base64, in pieces, so that no scanner takes this repository for
leaking. None is valid. They are facts about formats, from the tests of gitleaks (MIT), detect-secrets (Apache 2.0) and
Nosey Parker (Apache 2.0); left out is what these call a placeholder (`xxxx`, `myPassword`) and what is no secret.
"""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import NamedTuple

FILE = Path(__file__).with_name("published_secrets.json")
OPEN, CLOSE = "\N{MATHEMATICAL LEFT WHITE SQUARE BRACKET}", "\N{MATHEMATICAL RIGHT WHITE SQUARE BRACKET}"
PIECE = 96


class Published(NamedTuple):
    """An example: where it is published, what it is, the text around it, and the secrets in that text."""

    source: str
    name: str
    text: str
    secrets: tuple[str, ...]


def load() -> tuple[Published, ...]:
    """All examples, in the order of the file."""
    rows = []
    for row in json.loads(FILE.read_text(encoding="ascii")):
        marked = base64.b64decode("".join(row["text"])[::-1]).decode()
        secrets = tuple(piece.partition(CLOSE)[0] for piece in marked.split(OPEN)[1:])
        rows.append(Published(row["source"], row["name"], marked.replace(OPEN, "").replace(CLOSE, ""), secrets))
    return tuple(rows)


def encode(marked: str) -> list[str]:
    """The text with its secrets marked, as the file holds it."""
    turned = base64.b64encode(marked.encode()).decode()[::-1]
    return [turned[at : at + PIECE] for at in range(0, len(turned), PIECE)]
