"""Objects of the program's own classes below `str` and `int`: constants with attributes and methods."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from importguard.startup.values.base import MISSING, Invocation, Value
from importguard.startup.values.builtin_types import PLAIN_TYPES
from importguard.startup.values.constants import KINDS
from importguard.startup.values.enums import Member, NumberAnswers, NumberMember, TextAnswers, TextMember
from importguard.startup.values.kinds import Kind

if TYPE_CHECKING:
    from importguard.startup.machine.state import MachineState
    from importguard.startup.values.classes import ClassValue

# Special methods that change nothing of what is worked out of the constant itself.
_HARMLESS = frozenset(
    "__new__ __init__ __call__ __init_subclass__ __module__ __qualname__ __doc__ __annotations__ __slots__ __dict__ "
    "__repr__ __getattr__ __setattr__ __set_name__ __enter__ __exit__ __firstlineno__ __static_attributes__".split()
)


class OwnText(TextMember):
    """A text of a class of the program's."""


class OwnNumber(NumberMember):
    """A number of a class of the program's."""


def _set(host: Any, name: str, value: Value, machine: MachineState) -> None:
    machine.heap.changing(host.member)
    host.member.attributes[name] = value


class _OwnTextAnswers(TextAnswers):
    __slots__ = ()

    def set_attribute(self, name: str, value: Value, machine: MachineState) -> None:
        """One of its own."""
        _set(self.host, name, value, machine)


class _OwnNumberAnswers(NumberAnswers):
    __slots__ = ()

    def set_attribute(self, name: str, value: Value, machine: MachineState) -> None:
        """One of its own."""
        _set(self.host, name, value, machine)


KINDS[OwnText] = _OwnTextAnswers
KINDS[OwnNumber] = _OwnNumberAnswers


def _is_plain(cls: ClassValue) -> bool:
    """Whether what is worked out of a constant is so of an object of *cls*, too."""
    names = {name for one in cls.mro() for name in one.namespace if name.startswith("__")}
    return type(cls.kind) is Kind and not cls.open and names <= _HARMLESS


def _text(cls: ClassValue, call: Invocation) -> Value:
    """`str.__new__(cls, value)`; MISSING where that is not known."""
    made = _converted("str", call)
    if not isinstance(made, str) or not _is_plain(cls):
        return MISSING
    text = OwnText(made)
    text.member, text.shown = Member(cls), str(made)
    return text


def _number(cls: ClassValue, call: Invocation) -> Value:
    """`int.__new__(cls, value)`; MISSING where that is not known."""
    made = _converted("int", call)
    if type(made) is not int or not _is_plain(cls):
        return MISSING
    number = OwnNumber(made)
    number.member, number.shown = Member(cls), str(made)
    return number


def _converted(name: str, call: Invocation) -> Value:
    return PLAIN_TYPES[name].call(Invocation(call.machine, call.frame, call.args, {}, call.line, call.complete))


HEIRS = {"str": _text, "int": _number}
