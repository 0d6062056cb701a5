"""`torch`: a process that has begun with CUDA cannot use it in children that are forked."""

from __future__ import annotations

from importguard.startup.models.library import Library
from importguard.startup.values.base import UNKNOWN, Invocation, Value


def _begun(call: Invocation) -> Value:
    call.machine.threads.note_hazard("initialises CUDA", call)
    return UNKNOWN


LIBRARY = Library(
    functions={
        "torch.cuda": dict.fromkeys(("init", "_lazy_init", "set_device", "current_device", "synchronize"), _begun)
    }
)
