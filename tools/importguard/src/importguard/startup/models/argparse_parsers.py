"""What a parser of `argparse` has been given: its actions, and the parsers of its sub-commands."""

from __future__ import annotations

from collections.abc import Iterator

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


def command_lines(parser: Instance) -> Iterator[tuple[str, ...]]:
    """The words of each sub-command, without its further names."""
    pending: list[tuple[Instance, tuple[str, ...]]] = [(parser, ())]
    seen = {id(parser)}
    while pending and len(seen) <= MAX_PARSERS:
        one, words = pending.pop(0)
        for action in actions_of(one)[0]:
            for name, below in commands_of(action)[0].items() if is_choice(action) else ():
                if id(below) not in seen:
                    seen.add(id(below))
                    pending.append((below, (*words, name)))
                    yield *words, name
