"""The committed file of what runs have loaded and nobody had predicted. Reads and writes JSON.

Names and versions only, sorted, so that learning again changes only the lines that are new.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, TypeAlias

import msgspec

from importguard.project.committed_file import read_document, replace_file

FILE = "importguard.seen.json"
SCHEMA = 1
REMEDY = "importguard verify --learn"
MAX_MODULES = 20_000  # of one start on one platform
_MAX_STARTS = 1_000

Name: TypeAlias = Annotated[str, msgspec.Meta(min_length=1, max_length=500, pattern=r"^[^\s/\\]+$")]
Version: TypeAlias = Annotated[str, msgspec.Meta(max_length=200, pattern=r"^[^\s/\\]*$")]


class SeenModule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A module that the line `line` of the module `by` has loaded.

    `of` and `by_of` are the distributions that ship the two; empty for the project's own and for Python's.
    """

    by: Name
    line: Annotated[int, msgspec.Meta(ge=1, le=10_000_000)] = 1
    of: Version = ""
    by_of: Version = ""


class SeenStart(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one start has loaded on one platform, and the versions of the packages that this is of."""

    packages: dict[Name, Version]
    modules: Annotated[dict[Name, SeenModule], msgspec.Meta(max_length=MAX_MODULES)]


class Seen(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """By the name of the start, then by platform and Python: `linux 3.11`."""

    schema: int
    starts: Annotated[dict[str, dict[str, SeenStart]], msgspec.Meta(max_length=_MAX_STARTS)]

    def of(self, start: str, platform: str) -> SeenStart:
        """What is known of a start."""
        return self.starts.get(start, {}).get(platform, SeenStart({}, {}))

    def with_start(self, start: str, platform: str, found: SeenStart) -> Seen:
        """The same with *found* for one start; one that has loaded nothing unforeseen is left out."""
        starts = {name: dict(platforms) for name, platforms in self.starts.items()}
        starts.setdefault(start, {})[platform] = found
        if not found.modules:
            del starts[start][platform]
        return Seen(self.schema, {name: platforms for name, platforms in starts.items() if platforms})


def read_seen(root: Path) -> Seen:
    """The project's file; empty where there is none. Raises ConfigError, which says what to do."""
    path = root / FILE
    return read_document(path, Seen, SCHEMA, REMEDY) if path.exists() else Seen(SCHEMA, {})


def write_seen(root: Path, seen: Seen) -> None:
    """Replaces the project's file atomically. Raises ConfigError."""
    replace_file(root / FILE, json.dumps(msgspec.to_builtins(seen), indent=1, sort_keys=True) + "\n", "seen")
