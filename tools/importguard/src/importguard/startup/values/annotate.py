"""`__annotate__`: what evaluates the annotations of a class, a function or a module once somebody reads them."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

from importguard.source import program as ir
from importguard.startup.values.base import Abstract, Invocation, Value

if TYPE_CHECKING:
    from importguard.startup.machine.state import MachineState
    from importguard.startup.values.frames import Frame


class Texts(IntEnum):
    """What a reader does with an annotation that is a text, quoted or postponed (PEP 563)."""

    KEPT = 0  # `__annotations__`
    NAMED = 1  # looks up the names that it starts with: dataclasses
    READ = 2  # evaluates it: `get_type_hints`, pydantic


class Note(NamedTuple):
    """One annotation. `postponed`: it is a text."""

    name: str
    expression: ir.Expression
    line: int
    postponed: bool


class Annotate(Abstract):
    """The annotations of *owner*, evaluated in *frame*. `notes` is None where they are still a function's *signature*.

    `read`: what the most thorough reader so far did; None while nobody has read them.
    """

    __slots__ = ("frame", "notes", "owner", "read", "signature")

    def __init__(self, owner: str, frame: Frame, signature: ir.Signature | None = None) -> None:
        self.owner = owner
        self.frame = frame
        self.signature = signature
        self.notes: list[Note] | None = [] if signature is None else None
        self.read: Texts | None = None

    def holds_texts(self) -> bool:
        """Whether one of them, of a class or a module, is a text."""
        return any(
            one.postponed or (isinstance(one.expression, ir.Constant) and isinstance(one.expression.value, str))
            for one in self.notes or ()
        )

    def call(self, call: Invocation) -> Value:
        """`__annotate__(format)`: every format evaluates them."""
        return call.machine.annotations_of(self, "`__annotate__`", Texts.KEPT)

    def is_callable(self) -> bool | None:
        """It is."""
        return True

    def truth(self, _machine: MachineState) -> bool | None:
        """It is a function."""
        return True
