"""`argparse`: what a command line gives, where it is known and where it is not."""

from __future__ import annotations

import argparse

from importguard.startup.models.argparse_lines import parse
from importguard.startup.models.argparse_parsers import actions_of
from importguard.startup.models.library import Library
from importguard.startup.values.base import UNKNOWN, Abstract, Invocation, Value
from importguard.startup.values.classes import ClassValue
from importguard.startup.values.dicts import DictValue
from importguard.startup.values.instances import Instance
from importguard.startup.values.lists import ListValue

_KINDS = {
    None: "_StoreAction",
    "store": "_StoreAction",
    "append": "_AppendAction",
    "extend": "_ExtendAction",
    "help": "_HelpAction",
    "version": "_VersionAction",
    "store_const": "_StoreConstAction",
    "store_true": "_StoreTrueAction",
    "store_false": "_StoreFalseAction",
    "append_const": "_AppendConstAction",
    "count": "_CountAction",
}
_DEFAULTS: dict[str, Value] = {
    "_StoreTrueAction": False,
    "_StoreFalseAction": True,
    "_HelpAction": argparse.SUPPRESS,
    "_VersionAction": argparse.SUPPRESS,
}


def _make(call: Invocation, own: Abstract) -> Value:
    """`ArgumentParser(prog=…, parents=…)`: it asks `gettext` for two titles, and declares `--help`."""
    parser, settings, machine = call.first(), call.keywords, call.machine
    if not isinstance(parser, Instance) or not call.complete:
        return own.call(call)
    machine.import_dynamic("locale", call, "argparse")
    parents = machine.items_of(settings.get("parents", ()))
    actions = ListValue([], parents is None or not parents[1])
    for one in parents[0] if parents is not None else ():
        found, more = actions_of(one) if isinstance(one, Instance) else ([], True)
        actions.items += found
        actions.open |= more
    texts = {name: settings.get(name) for name in ("usage", "description", "epilog", "argument_default")}
    prefix = settings.get("prefix_chars", "-")
    parser.attributes.update(
        {
            **texts,
            "prog": call.get(1, "prog", UNKNOWN),
            "prefix_chars": prefix,
            "add_help": settings.get("add_help", True),
            "_actions": actions,
            "_defaults": DictValue({}),
            "_option_string_actions": DictValue({}, True),
            "_subparsers": None,
        }
    )
    parser.open = True
    if settings.get("add_help", True) is not False:
        sign = prefix[:1] if isinstance(prefix, str) and "-" not in prefix else "-"
        names: list[Value] = [f"{sign}h", f"{sign * 2}help"]
        machine.call(
            machine.attribute(parser, "add_argument", call.frame), names, {"action": "help"}, call.frame, complete=True
        )
    return None


def _add_group(call: Invocation, own: Abstract) -> Value:
    """`add_argument_group()`: what is added to it is added to the parser."""
    parser = call.first()
    cls = call.machine.modules["argparse"].namespace.get("_ArgumentGroup")
    if not isinstance(parser, Instance) or not isinstance(cls, ClassValue):
        return own.call(call)
    group = Instance(cls)
    group.open = True
    names = ("_actions", "_defaults", "prefix_chars", "argument_default")
    group.attributes.update({name: parser.attributes[name] for name in names if name in parser.attributes})
    return group


def _set_defaults(call: Invocation, own: Abstract) -> Value:
    """`set_defaults(func=…)`."""
    parser, machine = call.first(), call.machine
    defaults = parser.attributes.get("_defaults") if isinstance(parser, Instance) else None
    if not isinstance(parser, Instance) or not isinstance(defaults, DictValue):
        return own.call(call)
    machine.heap.changing(defaults)
    defaults.items.update(call.keywords)
    defaults.open |= not call.complete
    for action in actions_of(parser)[0]:
        name = action.attributes.get("dest")
        if isinstance(name, str) and name in call.keywords:
            action.set_attribute("default", call.keywords[name], machine)
    return None


def _add_argument(call: Invocation, own: Abstract) -> Value:
    """`add_argument(*names, **settings)`."""
    container, names, settings = call.first(), call.args[1:], call.keywords
    actions = container.attributes.get("_actions") if isinstance(container, Instance) else None
    kind = settings.get("action")
    module = call.machine.modules["argparse"].namespace
    cls = module.get(_KINDS[kind]) if kind is None or (isinstance(kind, str) and kind in _KINDS) else kind
    texts = [name for name in names if isinstance(name, str)]
    known = call.complete and len(texts) == len(names)
    if not known or not isinstance(container, Instance) or not isinstance(actions, ListValue):
        return own.call(call)
    if not isinstance(cls, ClassValue):
        return own.call(call)
    prefix = container.attributes.get("prefix_chars", "-")
    options = [one for one in texts if one[:1] in str(prefix) and one]
    action = Instance(cls)
    action.open = cls.module.name != "argparse"
    dest = settings.get("dest", _dest(texts, options))
    default = settings.get("default", _DEFAULTS.get(cls.name, container.attributes.get("argument_default")))
    action.attributes.update(
        {
            "option_strings": ListValue([*options]),
            "dest": dest,
            "default": default,
            **{name: settings.get(name) for name in ("nargs", "const", "type", "choices", "help", "metavar")},
            "required": settings.get("required", not options),
            "container": container,
        }
    )
    call.machine.heap.changing(actions)
    actions.items.append(action)
    if not any(one.name == "_ArgumentGroup" for one in container.cls.mro()):
        call.machine.import_dynamic(
            "shutil", call, "argparse"
        )  # a parser asks how wide the terminal is, to see that it can help
    return action


def _dest(names: list[str], options: list[str]) -> Value:
    """The name in the namespace: of the first long option, else of the first."""
    if not options:
        return names[0] if names else UNKNOWN
    long = next((one for one in options if one.startswith("--")), options[0])
    return long.lstrip("-").replace("-", "_")


def _add_subparsers(call: Invocation, own: Abstract) -> Value:
    """`add_subparsers(dest=…)`."""
    parser, settings = call.first(), call.keywords
    actions = parser.attributes.get("_actions") if isinstance(parser, Instance) else None
    cls = call.machine.modules["argparse"].namespace.get("_SubParsersAction")
    if not call.complete or not isinstance(parser, Instance) or not isinstance(actions, ListValue):
        return own.call(call)
    if not isinstance(cls, ClassValue):
        return own.call(call)
    action, parsers = Instance(cls), DictValue({})
    action.attributes.update(
        {
            "option_strings": ListValue([]),
            "dest": settings.get("dest", argparse.SUPPRESS),
            "default": None,
            "required": settings.get("required", False),
            "choices": parsers,
            "_name_parser_map": parsers,
            "_parser_class": settings.get("parser_class", parser.cls),
        }
    )
    call.machine.heap.changing(actions)
    actions.items.append(action)
    return action


def _add_parser(call: Invocation, own: Abstract) -> Value:
    """`add_parser(name, aliases=…)`: a parser for a sub-command."""
    action, name, machine = call.first(), call.get(1, "name", UNKNOWN), call.machine
    parsers = action.attributes.get("_name_parser_map") if isinstance(action, Instance) else None
    made_by = action.attributes.get("_parser_class") if isinstance(action, Instance) else None
    if not isinstance(parsers, DictValue) or not isinstance(made_by, ClassValue) or not isinstance(name, str):
        return own.call(call)
    settings = {key: value for key, value in call.keywords.items() if key not in {"help", "aliases", "deprecated"}}
    parser = machine.call(made_by, [], settings, call.frame, complete=call.complete)
    found = machine.items_of(call.keywords.get("aliases", ()))
    machine.heap.changing(parsers)
    for one in [name, *(found[0] if found is not None else ())]:
        if isinstance(one, str):
            parsers.items[one] = parser
    return parser


LIBRARY = Library(
    methods={
        "argparse": {
            "_ActionsContainer.add_argument": _add_argument,
            "_ActionsContainer.add_argument_group": _add_group,
            "_ActionsContainer.add_mutually_exclusive_group": _add_group,
            "_ActionsContainer.set_defaults": _set_defaults,
            "ArgumentParser.__init__": _make,
            "ArgumentParser.add_subparsers": _add_subparsers,
            "_SubParsersAction.add_parser": _add_parser,
            "ArgumentParser.parse_args": lambda call, own: parse(call, own, rest=False),
            "ArgumentParser.parse_known_args": lambda call, own: parse(call, own, rest=True),
        }
    }
)
