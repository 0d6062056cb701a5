"""What rules and reports say of a lazy import that the start uses, and what keeps it lazy. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from importguard.project.start import Project
from importguard.source.import_site import Location
from importguard.startup.trace import LazyUse

# Readers that leave a text alone; the others look into it, too.
_LEAVES_TEXTS = ("the named tuple", "the typed dict", "the protocol", "the attrs class", "`inspect.signature`", "`__")


def said_of(use: LazyUse | None, place: Location, project: Project) -> str:
    """`lazy since app.py:2; the dataclass `Settings` reads the annotation`; empty where no lazy import was used.

    *place*: the one that the report has named already.
    """
    if use is None:
        return ""
    here = use.since.path == place.path
    since = f"lazy since {'line ' if here else project.relative(use.since.path) + ':'}{use.since.line}"
    return f"{since}; {use.reader} reads the annotation" if use.reader else since


def keep_lazy(uses: Sequence[LazyUse]) -> str:
    """The change that keeps the imports lazy whose names are used at *uses*."""
    readers = [use.reader for use in uses if use.reader]
    steps = []
    if any(one.startswith(_LEAVES_TEXTS) or one.endswith("__annotations__`") for one in readers):
        steps.append("write the annotation as a text, which nobody evaluates")
    if any(not (one.startswith(_LEAVES_TEXTS) or one.endswith("__annotations__`")) for one in readers):
        steps.append("annotate with `Any`, or move what is annotated to a module that the start does not load")
    if len(readers) < len(uses):
        steps.append("use the name only in functions that the start does not call")
    text = "; ".join(steps)
    return f"To keep it lazy, {text}."
