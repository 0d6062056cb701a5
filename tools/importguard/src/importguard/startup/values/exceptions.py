"""Exceptions as objects, and what an open `try` knows of those that may have been raised in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from importguard.startup.values.base import UNKNOWN, Abstract, Invocation, Raised, Value
from importguard.startup.values.lists import ListValue
from importguard.startup.values.natives import Native

if TYPE_CHECKING:
    from importguard.startup.machine.state import MachineState
    from importguard.startup.values.builtin_types import BuiltinType
    from importguard.startup.values.frames import Frame

# We assume that code which is not followed raises none of these.
_NEVER = frozenset(
    "ImportError ModuleNotFoundError NameError UnboundLocalError StopIteration StopAsyncIteration SystemExit "
    "KeyboardInterrupt GeneratorExit AssertionError SyntaxError RecursionError".split()
)
BROAD = frozenset({"Exception", "BaseException"})


class Guard(frozenset[str]):
    """The exceptions that an open `try` in *frame* catches, and which of them may have been raised."""

    risks: set[tuple[str, ...]]
    frame: Frame
    guesses: bool  # whether what is not followed may raise in it
    open: bool  # whether nobody knows what one of its handlers catches: `except zlib.error`
    escaping: int  # how many of `MachineState.escaping` end here

    @classmethod
    def of(cls, caught: frozenset[str], frame: Frame, *, guesses: bool, open: bool = False) -> Guard:  # noqa: A002
        """The guard of one `try`."""
        guard = cls(caught)
        guard.risks, guard.frame, guard.guesses, guard.open, guard.escaping = set(), frame, guesses, open, 0
        return guard

    def may_catch(self, names: tuple[str, ...]) -> bool:
        """Whether an exception *names* ends here; nobody knows which one where there are no names."""
        return not self.isdisjoint(names) if names else self.open or bool(self - _NEVER)


def may_catch(caught: frozenset[str], names: tuple[str, ...]) -> bool:
    """Whether `except caught` may handle an exception *names*."""
    return not caught.isdisjoint(names) if names else bool(caught - _NEVER) or not caught


class ExceptionValue(Abstract):
    """An exception of one of the interpreter's classes."""

    __slots__ = ("args", "attributes", "kind")

    def __init__(self, kind: BuiltinType, args: tuple[Value, ...] | None) -> None:
        self.kind = kind
        self.args = args  # None where they are not known
        self.attributes: dict[str, Value] = {}

    def attribute(self, name: str, _machine: MachineState, _frame: Frame) -> Value:
        """Its arguments, and what code has set."""
        if name == "args":
            return UNKNOWN if self.args is None else self.args
        if name == "__class__":
            return self.kind
        if name == "exceptions" and "BaseExceptionGroup" in self.kind.bases:
            return self.parts()
        if name == "with_traceback":
            return Native(name, lambda _: self)
        if name == "add_note":
            return Native(name, self._add_note)
        if name == "code" and self.kind.name == "SystemExit" and self.args is not None:
            return self.args[0] if len(self.args) == 1 else (self.args or None)
        if name == "value" and self.kind.name == "StopIteration" and name not in self.attributes:
            return self.args[0] if self.args else (UNKNOWN if self.args is None else None)
        return self.attributes.get(name, UNKNOWN)

    def _add_note(self, call: Invocation) -> Value:
        notes = self.attributes.setdefault("__notes__", ListValue([]))
        if isinstance(notes, ListValue):
            call.machine.heap.changing(notes)
            notes.items.append(call.first())
        return None

    def parts(self) -> Value:
        """The exceptions of a group."""
        return self.args[1] if self.args is not None and len(self.args) > 1 else UNKNOWN

    def set_attribute(self, name: str, value: Value, machine: MachineState) -> None:
        """Sure only where it is sure to be set."""
        self.attributes[name] = UNKNOWN if machine.possible else value

    def type_of(self) -> Value:
        """Its class."""
        return self.kind

    def is_a(self, builtin: BuiltinType) -> bool | None:
        """By its class and that one's bases."""
        return builtin.name in self.kind.bases

    def exception_names(self) -> tuple[str, ...]:
        """Those of its class."""
        return self.kind.bases


def make_exception(kind: BuiltinType, call: Invocation) -> Value:
    """`kind(...)`."""
    made = ExceptionValue(kind, tuple(call.args))
    if "ImportError" in kind.bases:
        made.attributes.update({name: call.keywords.get(name) for name in ("name", "path")})
    return made


def caught(raised: Raised, machine: MachineState) -> Value:
    """What `except ... as name` binds."""
    kind = machine.builtins.get(raised.names[0]) if raised.names else None
    if raised.value is UNKNOWN and isinstance(kind, Abstract) and kind.exception_names():
        made = ExceptionValue(kind, raised.given)  # type: ignore[arg-type]  # the builtins that are exceptions
        if raised.missing:
            made.attributes["name"] = raised.missing
        raised.value = made
    return raised.value
