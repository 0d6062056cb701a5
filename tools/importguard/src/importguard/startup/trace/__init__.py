"""What a start loads: the trace as a value, its imports in columns, and how traces are stored, merged and shifted."""

from importguard.startup.trace.import_edge import ImportEdge, Reach
from importguard.startup.trace.trace import (
    Assumption,
    Certainty,
    ForkHazard,
    LazyBy,
    LazyStatement,
    LazyUse,
    LoadedModule,
    LoopImport,
    Origin,
    PresenceCheck,
    Ready,
    StartupTrace,
    Stop,
    Taken,
    ThreadStart,
    Unresolved,
)

__all__ = [
    "Assumption",
    "Certainty",
    "ForkHazard",
    "ImportEdge",
    "LazyBy",
    "LazyStatement",
    "LazyUse",
    "LoadedModule",
    "LoopImport",
    "Origin",
    "PresenceCheck",
    "Reach",
    "Ready",
    "StartupTrace",
    "Stop",
    "Taken",
    "ThreadStart",
    "Unresolved",
]
