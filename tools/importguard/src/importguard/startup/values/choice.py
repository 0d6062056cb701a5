"""One of several values, and nobody knows which: what a table holds at a key that is not known."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from typing import TYPE_CHECKING

from importguard.startup.values.base import (
    MISSING,
    UNKNOWN,
    Abstract,
    Invocation,
    Items,
    Unknown,
    Value,
    is_constant,
    truth,
)

if TYPE_CHECKING:
    from importguard.startup.machine.state import MachineState
    from importguard.startup.values.frames import Frame

MAX_CHOICE = 60  # values; of more than that nothing is known


class OneOf(Unknown):
    """It is not known, but it is one of *options*: calling it may call any of them. `more`: or something else."""

    __slots__ = ("more", "options")

    def __init__(self, options: Sequence[Value], *, more: bool = False) -> None:
        self.options = tuple(options)
        self.more = more

    def truth(self, machine: MachineState) -> bool | None:
        """What all of them agree on."""
        answers = {truth(one, machine) for one in self.options}
        return answers.pop() if len(answers) == 1 and not self.more else None

    def compare(self, op: str, other: Value, machine: MachineState) -> Value:
        """What all of them agree on, where the texts are all there are."""
        if op in {"Eq", "NotEq"} and not self.more and isinstance(other, str) and other not in self.texts():
            return op == "NotEq" if len(self.texts()) == len(self.options) else UNKNOWN
        return super().compare(op, other, machine)

    def binary(self, op: str, other: Value, _machine: MachineState) -> Value:
        """A text before or after each of the texts."""
        if op != "Add" or not isinstance(other, str) or len(self.texts()) < len(self.options):
            return UNKNOWN
        return OneOf([one + other for one in self.texts()], more=self.more)

    def reflected(self, op: str, left: Value, _machine: MachineState) -> Value:
        """A text before each of the texts."""
        if op != "Add" or not isinstance(left, str) or len(self.texts()) < len(self.options):
            return UNKNOWN
        return OneOf([left + one for one in self.texts()], more=self.more)

    def iterate(self, machine: MachineState) -> Items | None:
        """Item by item, where all are as long."""
        found = [machine.items_of(one) for one in self.options]
        known = [one[0] for one in found if one is not None and one[1]]
        if self.more or len(known) < len(found) or len({len(items) for items in known}) != 1:
            return None
        return [one_of(items) if len(items) > 1 else items[0] for items in zip(*known, strict=True)], True

    def attribute(self, name: str, machine: MachineState, frame: Frame) -> Value:
        """That of any."""
        return one_of(machine.attribute(one, name, frame) for one in self.options)

    def item(self, key: Value, machine: MachineState, frame: Frame) -> Value:
        """That of any: of rows in a table."""
        found = (self._item(one, key, machine, frame) for one in self.options)
        return one_of(found)

    def part(self, bounds: slice) -> Value:
        """That of each text."""
        return one_of((one[bounds] if isinstance(one, str) else UNKNOWN for one in self.options), more=self.more)

    @staticmethod
    def _item(one: Value, key: Value, machine: MachineState, frame: Frame) -> Value:
        if isinstance(one, tuple) and isinstance(key, int) and -len(one) <= key < len(one):
            return one[key]
        return one.item(key, machine, frame) if isinstance(one, Abstract) else UNKNOWN

    def call(self, call: Invocation) -> Value:
        """Each may be called."""
        if self.more:
            call.machine.doubt_success()
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


def one_of(values: Iterable[Value], *, more: bool = False) -> Value:
    """One of *values*, as far as that says more than that it is not known; or something else where there are *more*."""
    found: list[Value] = []
    known: set[Hashable] = set()  # an identity, or a constant with its type: `True` is not `1`
    for value in values:
        options: tuple[Value, ...] = (value,)
        if isinstance(value, OneOf):
            options = value.options
            more |= value.more
        for one in options:
            if one is UNKNOWN or one is MISSING:
                continue
            key = id(one) if isinstance(one, Abstract) else _key(one)
            if key not in known:
                found.append(one)
                known.add(key)
    if not found or len(found) > MAX_CHOICE:
        return UNKNOWN
    return OneOf(found, more=more)


def _key(value: Value) -> Hashable:
    """What equal constants of one type have in common; nothing else has it, nor has `nan` or what is no constant."""
    unlike = value != value if type(value) is float else not is_constant(value)  # noqa: PLR0124  that is `nan`
    return object() if unlike else (type(value), value)
