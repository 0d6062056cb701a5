"""`argparse`: what a command line that is known in full and empty gives."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from importguard.startup.models.library import Library
from importguard.startup.values.base import MISSING, UNKNOWN, Invocation, Value
from importguard.startup.values.classes import ClassValue
from importguard.startup.values.dicts import DictValue
from importguard.startup.values.functions import FunctionValue, Method
from importguard.startup.values.instances import Instance
from importguard.startup.values.lists import ListValue
from importguard.startup.values.natives import Native

if TYPE_CHECKING:
    from importguard.startup.machine.state import MachineState
    from importguard.startup.values.frames import Frame
    from importguard.startup.values.modules import ModuleValue

_PARSERS = ("parse_args", "parse_known_args")


class _Parse(Native):
    """A method of ArgumentParser. Where there are arguments, or may be, its own code is followed."""

    __slots__ = ("made", "own")

    def __init__(self, own: FunctionValue, made: ClassValue) -> None:
        super().__init__(own.name, self._parse)
        self.own = own
        self.made = made

    def bind(self, receiver: Value, _cls: ClassValue, _machine: MachineState, _frame: Frame) -> Value:
        """A method of *receiver*."""
        return Method(self, receiver)

    def bind_to_super(self, _name: str, receiver: Value) -> Value:
        """A method of *receiver*."""
        return Method(self, receiver)

    def _parse(self, call: Invocation) -> Value:
        parser = call.first()
        if not isinstance(parser, Instance) or call.get(2, "namespace") is not None:
            return self.own.call(call)
        arguments = _arguments(call)
        known = isinstance(arguments, ListValue) and not arguments.open
        if known and isinstance(arguments, ListValue) and not arguments.items:
            namespace = _defaults(parser, self.made)
            if namespace is not None:
                return namespace if self.name == "parse_args" else (namespace, ListValue([]))
        parsed = self.own.call(call)
        if not known:
            _forget_options(parser, parsed, call.machine)
        return parsed


def _arguments(call: Invocation) -> Value:
    """What is parsed: the list that is given, else the command line."""
    arguments = call.get(1, "args")
    if arguments is not None:
        return arguments
    system = call.machine.modules.get("sys")
    line = system.namespace.get("argv") if system is not None else None
    return ListValue(line.items[1:], line.open) if isinstance(line, ListValue) else UNKNOWN


def _forget_options(parser: Instance, parsed: Value, machine: MachineState) -> None:
    """Any option may be given: what its default is says nothing."""
    namespace = parsed[0] if isinstance(parsed, tuple) and parsed else parsed
    actions = parser.attributes.get("_actions")
    if not isinstance(namespace, Instance) or not isinstance(actions, ListValue):
        return
    namespace.open |= actions.open
    for action in actions.items:
        name = action.attributes.get("dest") if isinstance(action, Instance) else None
        if isinstance(name, str):
            namespace.set_attribute(name, UNKNOWN, machine)


def _defaults(parser: Instance, made: ClassValue) -> Instance | None:
    """The namespace of a command line without arguments; None where no actions of *parser* are known."""
    actions = parser.attributes.get("_actions")
    if not isinstance(actions, ListValue):
        return None
    namespace = Instance(made)
    namespace.open |= actions.open  # there may be more of them
    for action in actions.items:
        name = action.attributes.get("dest") if isinstance(action, Instance) else None
        if not isinstance(action, Instance) or not isinstance(name, str):
            return None
        default = action.attributes.get("default", UNKNOWN)
        if isinstance(default, str) and action.attributes.get("type") is not None:
            default = UNKNOWN  # it is converted
        if argparse.SUPPRESS not in (name, default):
            namespace.attributes[name] = default
    _take_parser_defaults(parser, namespace)
    return namespace


def _take_parser_defaults(parser: Instance, namespace: Instance) -> None:
    """What `set_defaults` was given, where no action has the name."""
    given = parser.attributes.get("_defaults", MISSING)
    if not isinstance(given, DictValue):
        namespace.open = True
        return
    namespace.open |= given.open
    for name, value in given.items.items():
        if isinstance(name, str):
            namespace.attributes.setdefault(name, value)


def _fill(_machine: MachineState, module: ModuleValue) -> None:
    parser, made = module.namespace.get("ArgumentParser"), module.namespace.get("Namespace")
    if not isinstance(parser, ClassValue) or not isinstance(made, ClassValue):
        return
    for name in _PARSERS:
        own = parser.namespace.get(name)
        if isinstance(own, FunctionValue):
            parser.namespace[name] = _Parse(own, made)


LIBRARY = Library(fill={"argparse": _fill})
