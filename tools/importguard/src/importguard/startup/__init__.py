"""What a start loads: an interpreter of module-level code that runs nothing of it."""

from importguard.startup.options import Options
from importguard.startup.tracing import is_kept, trace_module, trace_script, trace_start

__all__ = ["Options", "is_kept", "trace_module", "trace_script", "trace_start"]
