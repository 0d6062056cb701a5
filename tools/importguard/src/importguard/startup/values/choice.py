"""One of several values, and nobody knows which: what a table holds at a key that is not known."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from importguard.startup.values.base import MISSING, UNKNOWN, Abstract, Invocation, Unknown, Value, is_constant

if TYPE_CHECKING:
    from importguard.startup.machine.state import MachineState
    from importguard.startup.values.frames import Frame

MAX_CHOICE = 60  # values; of more than that nothing is known


class OneOf(Unknown):
    """It is not known, but it is one of *options*: calling it may call any of them."""

    __slots__ = ("options",)

    def __init__(self, options: Sequence[Value]) -> None:
        self.options = tuple(options)

    def attribute(self, name: str, machine: MachineState, frame: Frame) -> Value:
        """That of any."""
        return one_of(machine.attribute(one, name, frame) for one in self.options)

    def item(self, key: Value, machine: MachineState, frame: Frame) -> Value:
        """That of any: of rows in a table."""
        found = (self._item(one, key, machine, frame) for one in self.options)
        return one_of(found)

    @staticmethod
    def _item(one: Value, key: Value, machine: MachineState, frame: Frame) -> Value:
        if isinstance(one, tuple) and isinstance(key, int) and -len(one) <= key < len(one):
            return one[key]
        return one.item(key, machine, frame) if isinstance(one, Abstract) else UNKNOWN

    def call(self, call: Invocation) -> Value:
        """Each may be called."""
        return call.machine.call_one_of(self.options, call)

    def forget(self) -> None:
        """Any may have changed."""
        for one in self.options:
            if isinstance(one, Abstract):
                one.forget()

    def texts(self) -> list[str]:
        """Those of its options that are texts."""
        return [one for one in self.options if isinstance(one, str)]

    def __repr__(self) -> str:
        return f"<one of {len(self.options)}>"


def one_of(values: Iterable[Value]) -> Value:
    """One of *values*, as far as that says more than that it is not known."""
    found: list[Value] = []
    for value in values:
        options = value.options if isinstance(value, OneOf) else (value,)
        for one in options:
            if one is not UNKNOWN and one is not MISSING and not _among(one, found):
                found.append(one)
    if not found or len(found) > MAX_CHOICE:
        return UNKNOWN
    return OneOf(found)


def _among(value: Value, found: list[Value]) -> bool:
    if isinstance(value, Abstract):
        return any(one is value for one in found)
    return is_constant(value) and any(type(one) is type(value) and one == value for one in found)
