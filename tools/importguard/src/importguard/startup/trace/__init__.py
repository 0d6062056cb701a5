"""What a start loads: the trace as a value, its imports in columns, and how traces are stored, merged and shifted."""

from importguard.startup.trace.trace import (
    Certainty,
    ImportEdge,
    LoadedModule,
    Origin,
    Reach,
    StartupTrace,
    Stop,
    Unresolved,
)

__all__ = ["Certainty", "ImportEdge", "LoadedModule", "Origin", "Reach", "StartupTrace", "Stop", "Unresolved"]
