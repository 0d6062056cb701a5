"""`struct`: how many bytes a format takes, by which programs ask whether they run on 32 bits."""

from __future__ import annotations

import struct
import sys

from importguard.startup.models.library import Library
from importguard.startup.models.plain_functions import of_constants
from importguard.startup.values.base import UNKNOWN, Invocation, Value

_SAME_EVERYWHERE = ("<", ">", "=", "!")
_size = of_constants(struct.calcsize)


def _calcsize(call: Invocation) -> Value:
    """`struct.calcsize("P")`. Native sizes are those of our own Python where the analysed one is of the same kind."""
    environment = call.machine.environment
    alike = (environment.maxsize, environment.platform) == (sys.maxsize, sys.platform)
    form = call.args[0] if call.args else None
    return _size(call) if alike or (isinstance(form, str) and form.startswith(_SAME_EVERYWHERE)) else UNKNOWN


LIBRARY = Library(functions={"struct": {"calcsize": _calcsize}, "_struct": {"calcsize": _calcsize}})
