"""`str`, `repr` and `format`: the text of a value."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from importguard.startup.values.base import MISSING, UNKNOWN, Invocation, Value, is_constant, is_small
from importguard.startup.values.choice import OneOf
from importguard.startup.values.constants import behaviour
from importguard.startup.values.enums import NumberMember, TextMember
from importguard.startup.values.exceptions import ExceptionValue
from importguard.startup.values.functions import FunctionValue
from importguard.startup.values.instances import Instance
from importguard.startup.values.paths import PathValue
from importguard.startup.values.text import converted

if TYPE_CHECKING:
    from importguard.startup.machine.state import MachineState

_WIDE = re.compile(r"[0-9]{3}")  # a format that asks for many columns
MAX_SHOWN = 1_000  # items of a tuple of which the text is worked out


def text_of(value: Value, machine: MachineState) -> Value:
    """`str(value)`."""
    if isinstance(value, PathValue):
        return value.text
    if isinstance(value, TextMember | NumberMember):
        own = behaviour(value.member.cls.lookup("__str__")).unwrapped()
        return str(value) if not isinstance(own, FunctionValue) or not own.is_own() else _said(own, value, machine)
    if isinstance(value, str):
        return str(value)
    if isinstance(value, ExceptionValue) and value.args is None:
        return UNKNOWN
    if isinstance(value, ExceptionValue) and value.args is not None and len(value.args) < 2:
        shown = code_of if value.kind.name == "KeyError" else text_of
        return shown(value.args[0], machine) if value.args else ""
    if isinstance(value, Instance):
        return _asked(value, ("__str__", "__repr__"), machine)
    return _of_constant(value)


def _said(method: FunctionValue, value: Value, machine: MachineState) -> Value:
    made = machine.invoke(method, value)
    return made if isinstance(made, str) else UNKNOWN


def code_of(value: Value, machine: MachineState) -> Value:
    """`repr(value)`."""
    if isinstance(value, Instance):
        return _asked(value, ("__repr__",), machine)
    return repr(value) if isinstance(value, str) else _of_constant(value)


def formatted(value: Value, wanted: Value, machine: MachineState) -> Value:
    """`format(value, wanted)`."""
    if isinstance(value, Instance):
        made = value.special("__format__", machine, wanted)
        if made is not MISSING:
            return made if isinstance(made, str) else UNKNOWN
    if wanted == "" and isinstance(value, OneOf) and len(value.texts()) == len(value.options):
        return value
    if wanted == "":
        return text_of(value, machine)
    if not isinstance(wanted, str) or _WIDE.search(wanted) or not isinstance(value, bool | int | float | str):
        return UNKNOWN
    try:
        return format(value, wanted)
    except ValueError:
        return machine.fail(ValueError)


def _of_constant(value: Value) -> Value:
    """The text of a constant of which `str` and `repr` say the same; of no long one."""
    small = value is None or isinstance(value, bool | float | bytes) or (isinstance(value, int) and is_small(value))
    if type(value) is tuple and is_constant(value) and len(value) <= MAX_SHOWN:
        small = all(one is None or isinstance(one, bool | float | str) or one == 0 or is_small(one) for one in value)
        small = small and not any(isinstance(one, tuple) for one in value)
    return str(value) if small else UNKNOWN


def _asked(value: Instance, methods: tuple[str, ...], machine: MachineState) -> Value:
    for name in methods:
        made = value.special(name, machine)
        if made is not MISSING and (made is not UNKNOWN or not value.cls.is_exception()):
            return made if isinstance(made, str) else UNKNOWN
    args = value.attributes.get("args") if value.cls.is_exception() and "__str__" in methods else None
    if not isinstance(args, tuple) or len(args) > 1 or value.cls.lookup("__str__") is not MISSING:
        return UNKNOWN
    return text_of(args[0], machine) if args else ""


def new_text(call: Invocation) -> Value:
    """`str(value)` and `str(data, codec)`."""
    if len(call.args) > 1 or "encoding" in call.keywords:
        data = call.first()
        given = Invocation(call.machine, call.frame, call.args[1:], call.keywords, call.line, call.complete)
        return converted(data, given) if isinstance(data, bytes) else UNKNOWN
    if not call.args:
        return ""
    return text_of(call.args[0], call.machine)


def code_text(call: Invocation) -> Value:
    """`repr(value)`."""
    return code_of(call.first(), call.machine)


def formatted_text(call: Invocation) -> Value:
    """`format(value, wanted)`."""
    return formatted(call.first(), call.get(1, "format_spec", ""), call.machine)
