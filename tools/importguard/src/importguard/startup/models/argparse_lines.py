"""What `argparse` makes of a command line, known or not: the namespace that the program gets."""

from __future__ import annotations

import argparse
from functools import partial

from importguard.startup.machine.branches import perhaps
from importguard.startup.models.argparse_mirror import CHOSEN, Answered, Ended, Mirror, analysed
from importguard.startup.models.argparse_parsers import (
    actions_of,
    command_lines,
    converted,
    take_defaults,
    with_commands,
)
from importguard.startup.values.base import UNKNOWN, Abstract, Invocation, Raised, Value
from importguard.startup.values.choice import one_of
from importguard.startup.values.classes import ClassValue
from importguard.startup.values.dicts import DictValue
from importguard.startup.values.instances import Instance
from importguard.startup.values.lists import ListValue


def parse(call: Invocation, own: Abstract, *, rest: bool) -> Value:
    """`parse_args`, and with *rest* `parse_known_args`, of the command line as far as it is known."""
    parser = call.first()
    space = call.machine.modules["argparse"].namespace.get("Namespace")
    if not isinstance(parser, Instance) or not isinstance(space, ClassValue):
        return own.call(call)
    arguments = _arguments(call)
    namespace = call.get(2, "namespace")
    if not isinstance(namespace, Instance):
        namespace = Instance(space)
    known = arguments if isinstance(arguments, ListValue) and not arguments.open else None
    words = [word for word in known.items if isinstance(word, str)] if known is not None else []
    left = ListValue([], known is None)
    if known is not None and len(words) == len(known.items):
        left = _parse_known(parser, words, namespace, call)
    else:
        perhaps(call.machine, call.frame, lambda: call.machine.import_dynamic("textwrap", call, "argparse"))
        call.machine.may_end()  # it may ask for help
        take_any(parser, namespace, call)
    return (namespace, left) if rest else namespace


def _arguments(call: Invocation) -> Value:
    """What is parsed: the list that is given, else the command line."""
    arguments = call.get(1, "args")
    if arguments is not None:
        found = call.machine.items_of(arguments)
        return ListValue(found[0], not found[1]) if found is not None else UNKNOWN
    system = call.machine.modules.get("sys")
    line = system.namespace.get("argv") if system is not None else None
    return ListValue(line.items[1:], line.open) if isinstance(line, ListValue) else UNKNOWN


def take_any(parser: Instance, namespace: Instance, call: Invocation) -> None:
    """Any option may be given: what its default is says nothing. One of the sub-commands' functions is called."""
    given: dict[str, list[Value]] = {}
    call.machine.commands.update(dict.fromkeys(command_lines(parser, call.machine)))
    for one in with_commands(parser):
        actions, more = actions_of(one)
        namespace.open |= more
        for action in actions:
            name = action.attributes.get("dest")
            if isinstance(name, str) and name != argparse.SUPPRESS:
                given.setdefault(name, []).append(UNKNOWN)
            if action.cls.module.name != "argparse":
                call.machine.may_call(call.machine.attribute(action, "__call__", call.frame))
            kind, default = action.attributes.get("type"), action.attributes.get("default")
            if kind is not None:
                call.machine.may_call(kind)
            if kind is not None and isinstance(default, str):
                perhaps(call.machine, call.frame, partial(converted, kind, default, call))
        defaults = one.attributes.get("_defaults")
        for key, value in defaults.items.items() if isinstance(defaults, DictValue) else ():
            if isinstance(key, str):
                given.setdefault(key, []).append(value)
    for name, values in given.items():
        value = values[0] if len(values) == 1 else one_of(values)
        namespace.set_attribute(name, value, call.machine)


def _parse_known(parser: Instance, words: list[str], namespace: Instance, call: Invocation) -> ListValue:
    """Fills *namespace*. The words that the parser does not know."""
    machine = call.machine
    if machine.options.args is None:  # these words are the program's own, for a user who gives none
        machine.commands.update(dict.fromkeys(command_lines(parser, machine)))
    if len(words) > 200:
        take_any(parser, namespace, call)
        return ListValue([], True)
    mirror = Mirror(parser, namespace, call)
    real, whole = mirror.of(parser, 0)
    try:
        found, left = real.parse_known_args(words) if whole else (None, [])
    except Ended as ended:
        machine.import_dynamic("textwrap", call, "argparse")  # which lays out the help and the error
        machine.end(Raised.of(SystemExit))
        if isinstance(ended, Answered):
            raise Raised.of(SystemExit) from ended
        found, left = None, []
    except (ValueError, TypeError, RecursionError, argparse.ArgumentError):
        found, left = None, []
    if found is None:
        take_any(parser, namespace, call)
        return ListValue([], True)
    take_defaults(parser, namespace, call)
    for name, value in vars(found).items():
        if name.startswith(CHOSEN):
            take_defaults(value.value, namespace, call)
    for name, value in vars(found).items():
        if not name.startswith(CHOSEN):
            namespace.set_attribute(name, analysed(value), machine)
    return ListValue([*left])
