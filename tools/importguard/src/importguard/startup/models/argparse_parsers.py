"""What a parser of `argparse` has been given: its actions, defaults, and the parsers of its sub-commands."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from importguard.startup.machine.state import MachineState
from importguard.startup.values.base import MISSING, UNKNOWN, Invocation, Raised, Value
from importguard.startup.values.dicts import DictValue
from importguard.startup.values.instances import Instance
from importguard.startup.values.lists import ListValue

MAX_PARSERS = 400  # of one command line, those of sub-commands included


def actions_of(parser: Instance) -> tuple[list[Instance], bool]:
    """The actions of *parser*, and whether there may be more."""
    actions = parser.attributes.get("_actions")
    if not isinstance(actions, ListValue):
        return [], True
    found = [one for one in actions.items if isinstance(one, Instance)]
    return found, actions.open or len(found) < len(actions.items)


def commands_of(action: Instance) -> tuple[dict[str, Instance], bool]:
    """The parsers of sub-commands by name, and whether there may be more."""
    parsers = action.attributes.get("_name_parser_map")
    if not isinstance(parsers, DictValue):
        return {}, True
    found = {name: one for name, one in parsers.items.items() if isinstance(name, str) and isinstance(one, Instance)}
    return found, parsers.open


def is_choice(action: Instance) -> bool:
    """Whether *action* chooses a sub-command."""
    return any(cls.name == "_SubParsersAction" for cls in action.cls.mro())


def with_commands(parser: Instance) -> Iterator[Instance]:
    """*parser* and those of its sub-commands."""
    pending, seen = [parser], {id(parser)}
    while pending and len(seen) <= MAX_PARSERS:
        one = pending.pop(0)
        yield one
        for action in actions_of(one)[0]:
            for below in commands_of(action)[0].values() if is_choice(action) else ():
                if id(below) not in seen:
                    seen.add(id(below))
                    pending.append(below)


def command_lines(parser: Instance, machine: MachineState) -> Iterator[tuple[str, ...]]:
    """The words of each sub-command, without its further names; where there are none, the choices of an argument."""
    pending: list[tuple[Instance, tuple[str, ...]]] = [(parser, ())]
    seen = {id(parser)}
    while pending and len(seen) <= MAX_PARSERS:
        one, words = pending.pop(0)
        yield from ((*words, choice) for choice in _first_choices(one, machine))
        for action in actions_of(one)[0]:
            for name, below in commands_of(action)[0].items() if is_choice(action) else ():
                if id(below) not in seen:
                    seen.add(id(below))
                    pending.append((below, (*words, name)))
                    yield *words, name


def _first_choices(parser: Instance, machine: MachineState) -> list[str]:
    """What the first argument of *parser* has to be one of, where it has no parsers for sub-commands."""
    actions = actions_of(parser)[0]
    first = next((one for one in actions if not _is_option(one)), None)
    if first is None or any(map(is_choice, actions)) or first.attributes.get("nargs") is not None:
        return []
    found = machine.items_of(first.attributes.get("choices"))
    names = [name for name in (found[0] if found is not None else ()) if isinstance(name, str)]
    return names[:MAX_PARSERS]


def _is_option(action: Instance) -> bool:
    names = action.attributes.get("option_strings")
    return isinstance(names, ListValue) and bool(names.items)


REFUSED = frozenset({"ValueError", "TypeError", "ArgumentTypeError"})


def converted(kind: Value, default: str, call: Invocation) -> Value:
    """What *kind* makes of a *default* that is a text: argparse reads it as if somebody had typed it."""
    try:
        return call.machine.call(kind, [default], {}, call.frame, complete=True)
    except Raised as raised:
        if REFUSED.isdisjoint(raised.names):
            raise
        return UNKNOWN


def take_defaults(parser: Value, namespace: Instance, call: Invocation) -> None:
    """What *parser* sets where nothing is given."""
    if not isinstance(parser, Instance):
        return
    actions, more = actions_of(parser)
    namespace.open |= more
    for action in actions:
        name, default = action.attributes.get("dest"), action.attributes.get("default", UNKNOWN)
        if isinstance(name, str) and argparse.SUPPRESS not in (name, default) and name not in namespace.attributes:
            if isinstance(default, str) and action.attributes.get("type") is not None:
                default = converted(action.attributes["type"], default, call)
            namespace.set_attribute(name, default, call.machine)
    defaults = parser.attributes.get("_defaults", MISSING)
    if not isinstance(defaults, DictValue):
        namespace.open = True
        return
    namespace.open |= defaults.open
    taken = {action.attributes.get("dest") for action in actions}
    for key, value in defaults.items.items():
        if isinstance(key, str) and key not in taken:
            namespace.set_attribute(key, value, call.machine)
