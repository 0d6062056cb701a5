"""What a start loads: the trace as a value, its imports in columns, and how traces are stored, merged and shifted."""

from importguard.startup.trace.import_edge import ImportEdge, Reach
from importguard.startup.trace.trace import (
    Assumption,
    Certainty,
    LazyBy,
    LazyStatement,
    LazyUse,
    LoadedModule,
    Origin,
    PresenceCheck,
    StartupTrace,
    Stop,
    Taken,
    ThreadStart,
    Unresolved,
)

__all__ = [
    "Assumption",
    "Certainty",
    "ImportEdge",
    "LazyBy",
    "LazyStatement",
    "LazyUse",
    "LoadedModule",
    "Origin",
    "PresenceCheck",
    "Reach",
    "StartupTrace",
    "Stop",
    "Taken",
    "ThreadStart",
    "Unresolved",
]
