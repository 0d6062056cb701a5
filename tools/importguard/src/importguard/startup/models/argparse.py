"""`argparse`: what a command line gives, where it is known and where it is not."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NoReturn

from importguard.startup.machine.branches import perhaps
from importguard.startup.models.library import Library
from importguard.startup.values.base import MISSING, UNKNOWN, Abstract, Invocation, Raised, Value
from importguard.startup.values.choice import one_of
from importguard.startup.values.classes import ClassValue
from importguard.startup.values.dicts import DictValue
from importguard.startup.values.instances import Instance
from importguard.startup.values.lists import ListValue

MAX_PARSERS = 400  # of one command line, those of sub-commands included
_PLAIN = frozenset({"_StoreAction", "_AppendAction", "_ExtendAction"})
_VALUELESS = {
    "_StoreConstAction": "store_const",
    "_StoreTrueAction": "store_true",
    "_StoreFalseAction": "store_false",
    "_AppendConstAction": "append_const",
    "_CountAction": "count",
}


class _Ended(Exception):  # noqa: N818  the parser's way to end the program
    pass


class _Answered(_Ended):
    """It was asked for its help or version, which is no guess: nothing after that runs."""


class _Parser(argparse.ArgumentParser):
    """Reads a command line as a parser of the program would. It says nothing and ends nobody's process."""

    def exit(self, *_: object) -> NoReturn:
        """Nobody's process ends here."""
        raise _Answered

    def error(self, _message: str) -> NoReturn:
        """Nor here. What the program would accept may be more than is known of it."""
        raise _Ended

    def _print_message(self, *_: object) -> None:
        pass


class _Held:
    """A value of the analysed program, out of reach of the real parser."""

    def __init__(self, value: Value) -> None:
        self.value = value


class _Own(argparse.Action):
    """An action with a class of the program's own."""

    def __init__(self, *names: Any, run: Callable[[Any, str | None], None], **settings: Any) -> None:
        super().__init__(*names, **settings)
        self.run = run

    def __call__(self, _parser: Any, _namespace: Any, values: Any, option: str | None = None) -> None:
        """It runs, with the values and the option of the command line."""
        self.run(values, option)


def _parse(call: Invocation, own: Abstract, *, rest: bool) -> Value:
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
        _take_any(parser, namespace, call)
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


def _actions(parser: Instance) -> tuple[list[Instance], bool]:
    """The actions of *parser*, and whether there may be more."""
    actions = parser.attributes.get("_actions")
    if not isinstance(actions, ListValue):
        return [], True
    found = [one for one in actions.items if isinstance(one, Instance)]
    return found, actions.open or len(found) < len(actions.items)


def _commands(action: Instance) -> tuple[dict[str, Instance], bool]:
    """The parsers of sub-commands by name, and whether there may be more."""
    parsers = action.attributes.get("_name_parser_map")
    if not isinstance(parsers, DictValue):
        return {}, True
    found = {name: one for name, one in parsers.items.items() if isinstance(name, str) and isinstance(one, Instance)}
    return found, parsers.open


def _is_choice(action: Instance) -> bool:
    return any(cls.name == "_SubParsersAction" for cls in action.cls.mro())


# What a program declares

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
        found, more = _actions(one) if isinstance(one, Instance) else ([], True)
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
    for action in _actions(parser)[0]:
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


# A command line that is not known


def _take_any(parser: Instance, namespace: Instance, call: Invocation) -> None:
    """Any option may be given: what its default is says nothing. One of the sub-commands' functions is called."""
    given: dict[str, list[Value]] = {}
    call.machine.commands.update(dict.fromkeys(_command_lines(parser)))
    for one in _with_commands(parser):
        actions, more = _actions(one)
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
                perhaps(call.machine, call.frame, partial(_converted, kind, default, call))
        defaults = one.attributes.get("_defaults")
        for key, value in defaults.items.items() if isinstance(defaults, DictValue) else ():
            if isinstance(key, str):
                given.setdefault(key, []).append(value)
    for name, values in given.items():
        value = values[0] if len(values) == 1 else one_of(values)
        namespace.set_attribute(name, value, call.machine)


def _with_commands(parser: Instance) -> Iterator[Instance]:
    """*parser* and those of its sub-commands."""
    pending, seen = [parser], {id(parser)}
    while pending and len(seen) <= MAX_PARSERS:
        one = pending.pop(0)
        yield one
        for action in _actions(one)[0]:
            for below in _commands(action)[0].values() if _is_choice(action) else ():
                if id(below) not in seen:
                    seen.add(id(below))
                    pending.append(below)


def _command_lines(parser: Instance) -> Iterator[tuple[str, ...]]:
    """The words of each sub-command, without its further names."""
    pending: list[tuple[Instance, tuple[str, ...]]] = [(parser, ())]
    seen = {id(parser)}
    while pending and len(seen) <= MAX_PARSERS:
        one, words = pending.pop(0)
        for action in _actions(one)[0]:
            for name, below in _commands(action)[0].items() if _is_choice(action) else ():
                if id(below) not in seen:
                    seen.add(id(below))
                    pending.append((below, (*words, name)))
                    yield *words, name


# A command line that is known


def _parse_known(parser: Instance, words: list[str], namespace: Instance, call: Invocation) -> ListValue:
    """Fills *namespace*. The words that the parser does not know."""
    machine = call.machine
    if machine.options.args is None:  # these words are the program's own, for a user who gives none
        machine.commands.update(dict.fromkeys(_command_lines(parser)))
    if len(words) > 200:
        _take_any(parser, namespace, call)
        return ListValue([], True)
    mirror = _Mirror(parser, namespace, call)
    real, whole = mirror.of(parser, 0)
    try:
        found, left = real.parse_known_args(words) if whole else (None, [])
    except _Ended as ended:
        machine.import_dynamic("textwrap", call, "argparse")  # which lays out the help and the error
        machine.end(Raised.of(SystemExit))
        if isinstance(ended, _Answered):
            raise Raised.of(SystemExit) from ended
        found, left = None, []
    except (ValueError, TypeError, RecursionError, argparse.ArgumentError):
        found, left = None, []
    if found is None:
        _take_any(parser, namespace, call)
        return ListValue([], True)
    _take_defaults(parser, namespace, call)
    for name, value in vars(found).items():
        if name.startswith(_CHOSEN):
            _take_defaults(value.value, namespace, call)
    for name, value in vars(found).items():
        if not name.startswith(_CHOSEN):
            namespace.set_attribute(name, _analysed(value), machine)
    return ListValue([*left])


_CHOSEN = "\0command "  # in the real namespace: the parser of the sub-command that was chosen


def _analysed(value: Any) -> Value:
    """What the real parser found, as a value of the analysed program."""
    if isinstance(value, _Held):
        return value.value
    if isinstance(value, list):
        return ListValue([_analysed(one) for one in value])
    return value if isinstance(value, str | int | bool) or value is None else UNKNOWN


class _Mirror:
    """Real parsers with the actions of the program's.

    They take a command line without the words that have to be there where the analysis knows only how it begins.
    """

    def __init__(self, parser: Instance, namespace: Instance, call: Invocation) -> None:
        self.parser, self.namespace, self.call = parser, namespace, call
        self.incomplete = call.machine.options.incomplete

    def of(self, parser: Instance, depth: int) -> tuple[_Parser, bool]:
        """A real parser with the actions of *parser*, and whether it has them all."""
        prefix = parser.attributes.get("prefix_chars", "-")
        real = _Parser(add_help=False, prefix_chars=prefix if isinstance(prefix, str) else "-")
        actions, more = _actions(parser)
        if more or depth > 4:
            return real, False
        try:
            return real, all(self._add(action, real, depth) for action in actions)
        except (ValueError, TypeError, argparse.ArgumentError):
            return real, False

    def _add(self, action: Instance, real: _Parser, depth: int) -> bool:
        strings = action.attributes.get("option_strings")
        names = [one for one in strings.items if isinstance(one, str)] if isinstance(strings, ListValue) else []
        dest, kind = action.attributes.get("dest"), action.cls.name
        if not isinstance(dest, str) and not _is_choice(action):
            return False
        if _is_choice(action):
            return self._add_commands(action, real, dest, depth)
        settings: dict[str, Any] = {"default": argparse.SUPPRESS}
        if names:
            settings |= {"dest": dest, "required": action.attributes.get("required") is True and not self.incomplete}
        if kind in {"_HelpAction", "_VersionAction"}:
            real.add_argument(*names, action="help", default=argparse.SUPPRESS)
            return True
        if kind in _VALUELESS:
            if kind in {"_StoreConstAction", "_AppendConstAction"}:
                settings["const"] = _Held(action.attributes.get("const"))
            real.add_argument(*names, action=_VALUELESS[kind], **settings)
            return True
        if kind == "BooleanOptionalAction":
            real.add_argument(*names[:1], action=argparse.BooleanOptionalAction, **settings)
            return True
        return self._add_valued(action, real, names or [str(dest)], settings, required=not names)

    def _add_valued(
        self, action: Instance, real: _Parser, names: list[str], settings: dict[str, Any], *, required: bool
    ) -> bool:
        nargs, kind = action.attributes.get("nargs"), action.cls.name
        if nargs is not None and not isinstance(nargs, str | int):
            return False
        if self.incomplete and required:  # a command line without it is refused
            settings["default"] = _Held(UNKNOWN)
            nargs = "?" if nargs is None else "*" if nargs != "?" else nargs
        settings["nargs"] = nargs
        if action.attributes.get("type") is not None:
            settings["type"] = partial(self._read, action.attributes["type"])
        if kind not in _PLAIN:
            real.add_argument(*names, action=_Own, run=partial(self._run, action), **settings)
            return True
        if nargs == "?":
            settings["const"] = _Held(action.attributes.get("const"))
        words = {"_StoreAction": "store", "_AppendAction": "append", "_ExtendAction": "extend"}
        real.add_argument(*names, action=words[kind], **settings)
        return True

    def _add_commands(self, action: Instance, real: _Parser, dest: Value, depth: int) -> bool:
        commands, more = _commands(action)
        if more:
            return False
        required = action.attributes.get("required") is True and not self.incomplete
        inner = real.add_subparsers(dest=dest if isinstance(dest, str) else argparse.SUPPRESS, required=required)
        for name, parser in commands.items():
            below, whole = self.of(parser, depth + 1)
            if not whole:
                return False
            below.set_defaults(**{f"{_CHOSEN}{depth}": _Held(parser)})
            inner._name_parser_map[name] = below
        return True

    def _read(self, kind: Value, word: str) -> _Held | str:
        """What *kind* makes of a *word* of the command line. Raises ValueError where it refuses it."""
        if word == argparse.SUPPRESS:  # of one that may be left out
            return word
        try:
            return _Held(self.call.machine.call(kind, [word], {}, self.call.frame, complete=True))
        except Raised as raised:
            if _REFUSED.isdisjoint(raised.names):
                raise
            raise ValueError(word) from raised

    def _run(self, action: Instance, values: Any, option: str | None) -> None:
        """The program's own *action* runs."""
        call = self.call
        _take_defaults(self.parser, self.namespace, call)
        name = action.attributes.get("dest")
        if isinstance(name, str):
            self.namespace.set_attribute(name, UNKNOWN, call.machine)
        call.machine.invoke(action, self.parser, self.namespace, _analysed(values), option)


_REFUSED = frozenset({"ValueError", "TypeError", "ArgumentTypeError"})


def _converted(kind: Value, default: str, call: Invocation) -> Value:
    """What *kind* makes of a *default* that is a text: argparse reads it as if somebody had typed it."""
    try:
        return call.machine.call(kind, [default], {}, call.frame, complete=True)
    except Raised as raised:
        if _REFUSED.isdisjoint(raised.names):
            raise
        return UNKNOWN


def _take_defaults(parser: Value, namespace: Instance, call: Invocation) -> None:
    """What *parser* sets where nothing is given."""
    if not isinstance(parser, Instance):
        return
    actions, more = _actions(parser)
    namespace.open |= more
    for action in actions:
        name, default = action.attributes.get("dest"), action.attributes.get("default", UNKNOWN)
        if isinstance(name, str) and argparse.SUPPRESS not in (name, default) and name not in namespace.attributes:
            if isinstance(default, str) and action.attributes.get("type") is not None:
                default = _converted(action.attributes["type"], default, call)
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
            "ArgumentParser.parse_args": lambda call, own: _parse(call, own, rest=False),
            "ArgumentParser.parse_known_args": lambda call, own: _parse(call, own, rest=True),
        }
    }
)
