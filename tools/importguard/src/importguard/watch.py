"""Checks a project again whenever a file of it is saved, and tells what became different. Prints nothing.

Each round reads the configuration anew. One that fails (a file is broken for the moment) is reported, and the next
goes on from the last verdict.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

import msgspec

from importguard.errors import ImportGuardError
from importguard.findings import Finding
from importguard.target.environment import probe_of

if TYPE_CHECKING:
    from importguard.verdict import Verdict

_SUFFIXES = (".py", ".pyi", ".toml", ".json")
_WAKE_MS = 200  # how long the first wait takes; how often a later one looks up


class Round(msgspec.Struct, frozen=True):
    """One check: its verdict and what it says that the round before did not, or why there is none."""

    verdict: Verdict | None
    added: tuple[Finding, ...] = ()
    gone: tuple[Finding, ...] = ()
    error: str = ""


def saves(root: Path, stop: Event) -> Iterator[set[tuple[object, str]]]:
    """Watches the files below *root*. Yields once when it has begun, then the changed files that a check may read.

    Ends when *stop* is set.
    """
    from watchfiles import Change, DefaultFilter, watch

    class Relevant(DefaultFilter):
        def __call__(self, change: Change, path: str) -> bool:
            return path.endswith(_SUFFIXES) and super().__call__(change, path)

    watching = watch(root, watch_filter=Relevant(), rust_timeout=_WAKE_MS, yield_on_timeout=True, stop_event=stop)
    for first in watching:  # what is saved from here on is seen
        yield set(first)
        break
    for changes in filter(None, watching):
        yield set(changes)


def rounds(judge: Callable[[], Verdict], changes: Iterable[object]) -> Iterator[Round]:
    """The verdict of *judge* after each of *changes*."""
    gc.enable()  # the command line has switched it off, for one run
    known: dict[tuple[str, str], Finding] | None = None
    for _ in changes:
        probe_of.cache_clear()
        try:
            verdict = judge()
        except ImportGuardError as error:
            yield Round(None, error=str(error))
            continue
        found = {(one.code, one.fingerprint(one.location.path)): one for one in verdict.findings}
        before = found if known is None else known
        added = tuple(one for key, one in found.items() if key not in before)
        yield Round(verdict, added, tuple(one for key, one in before.items() if key not in found))
        known = found
        gc.collect()
