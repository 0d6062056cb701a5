"""The import sites of files that several starts of one command share, each found once.

What a file holds follows from its content and from the names of the warm calls alone. It counts against the bounds of
each start that asks, as if it had been looked for.
"""

from __future__ import annotations

from typing import NamedTuple

from importguard.source import program as ir
from importguard.source.reader import Spend
from importguard.source.sites import NamedSite, raw_thread_lines, scan_sites

_MAX_FILES = 20_000


class Scan(NamedTuple):
    """The sites of one *program* and the lines that construct a thread; of how many *nodes* its bodies are made."""

    program: ir.Program
    sites: list[NamedSite]
    threads: list[int]
    nodes: int


_SCANS: dict[tuple[bytes, frozenset[str]], Scan] = {}


def scanned(program: ir.Program, content: bytes | None, warm_calls: frozenset[str], spend: Spend) -> Scan:
    """What is in *program*, whose source has the digest *content*: only a key, and None where nobody knows it.

    Raises SourceError, and what *spend* raises.
    """
    key = content or b"", warm_calls
    known = _SCANS.get(key)
    if known is not None and known.program == program:  # another Python's parser may have made another one
        spend(known.nodes)
        return known
    nodes = 0

    def count(amount: int) -> None:
        nonlocal nodes
        nodes += amount
        spend(amount)

    found = scan_sites(program, warm_calls, count)
    scan = Scan(program, found, raw_thread_lines(program, count), nodes)
    if content and len(_SCANS) < _MAX_FILES:
        _SCANS[key] = scan
    return scan
