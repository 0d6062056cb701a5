"""What a start loads: an interpreter of module-level code that runs nothing of it."""

from importguard.startup.machine import trace_module, trace_script
from importguard.startup.machine_state import Options

__all__ = ["Options", "trace_module", "trace_script"]
