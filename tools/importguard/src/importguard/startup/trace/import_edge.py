"""One import of a start, and when it runs. Values only."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from importguard.source.import_site import ImportSite


class Reach(StrEnum):
    """Which part of the program's life loads a module; the first that applies, in this order."""

    EAGER = "eager"
    WARMED = "warmed"
    LAZY = "lazy"
    DEFERRED = "deferred"


class ImportEdge(msgspec.Struct, frozen=True, gc=False):
    """An import that ran (or may run): *importer* was executing when *site* imported *imported*, loaded or not yet.

    Importing `a.b` gives an edge to `a` and one to `a.b`, both with the same site. *certain*: it ran. *guarded*: it
    runs only under a condition that nobody can know. Neither: it runs unless the program ends or returns before.
    """

    importer: str
    imported: str
    site: ImportSite
    certain: bool
    reach: Reach = Reach.EAGER
    guarded: bool = False
