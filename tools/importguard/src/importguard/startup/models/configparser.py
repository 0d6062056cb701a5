"""`configparser`: configurations whose text the program holds itself. What files say may change."""

from __future__ import annotations

import configparser
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from importguard.startup.models.library import Library, MethodModel
from importguard.startup.models.plain_functions import from_host, to_host
from importguard.startup.values.base import UNKNOWN, Abstract, Invocation, Value, is_constant
from importguard.startup.values.builtin_types import PLAIN_TYPES
from importguard.startup.values.dicts import DictValue
from importguard.startup.values.instances import Instance
from importguard.startup.values.lists import ListValue
from importguard.startup.values.natives import Native

if TYPE_CHECKING:
    from importguard.startup.machine.state import MachineState
    from importguard.startup.values.frames import Frame

_HELD = "\0held"


class _Held(Abstract):
    """What a parser holds; *parser* is None where that is not known."""

    __slots__ = ("parser",)

    def __init__(self, parser: configparser.RawConfigParser | None) -> None:
        self.parser = parser


class _Section(DictValue):
    """`parser[name]`, with `getboolean` and its like."""

    __slots__ = ("name", "parser")

    def __init__(self, parser: configparser.RawConfigParser, name: str) -> None:
        super().__init__(dict(parser.items(name)))
        self.parser, self.name = parser, name

    def attribute(self, name: str, machine: MachineState, frame: Frame) -> Value:
        """Its own methods, else those of a dict."""
        if name == "name":
            return self.name
        if name in _READING and name != "get":
            return Native(name, lambda call: _work_out(self.parser, name, call, [self.name, *call.args[:1]]))
        return super().attribute(name, machine, frame)


def _held(value: Value) -> configparser.RawConfigParser | None:
    """What *value* holds, where all of that is known."""
    known = value.attributes.get(_HELD) if isinstance(value, Instance) else None
    if not isinstance(known, _Held) or known.parser is None or not isinstance(value, Instance):
        return None
    spelling = value.attributes.get("optionxform")
    if spelling is not None and spelling is not PLAIN_TYPES["str"]:
        return None
    if spelling is not None:
        known.parser.optionxform = str  # type: ignore[assignment,method-assign]  # as the program does
    return known.parser


def _init(call: Invocation, own: Abstract) -> Value:
    made, kind = call.first(), configparser.RawConfigParser
    if not isinstance(made, Instance):
        return own.call(call)
    if any(cls.name == "ConfigParser" for cls in made.cls.mro()):
        kind = configparser.ConfigParser
    given: dict[str, Any] = {name: to_host(one) for name, one in call.keywords.items()}
    parser = None
    if call.complete and len(call.args) == 1 and UNKNOWN not in given.values():
        try:
            parser = kind(**given)
        except (TypeError, ValueError):
            parser = None
    call.machine.heap.changing(made)
    made.attributes[_HELD] = _Held(parser)
    return None


def _lose(call: Invocation, _own: Abstract) -> Value:
    made = call.first()
    if isinstance(made, Instance):
        call.machine.heap.changing(made)
        made.attributes[_HELD] = _Held(None)
    return UNKNOWN


def _take(method: str) -> MethodModel:
    """`read_string(text)`, `read_dict(table)`: what is read in doubt is not known."""

    def take(call: Invocation, own: Abstract) -> Value:
        parser, given = _held(call.first()), [to_host(one) for one in call.args[1:]]
        if parser is None or call.machine.possible or not given or UNKNOWN in given or call.keywords:
            return _lose(call, own)
        try:
            getattr(parser, method)(*given)
        except configparser.Error as error:
            _lose(call, own)
            return call.machine.fail(type(error))
        return None

    return take


def _ask(method: str) -> MethodModel:
    def ask(call: Invocation, _own: Abstract) -> Value:
        parser = _held(call.first())
        if parser is None:
            return ListValue([], True) if method in {"sections", "options", "items", "__iter__"} else UNKNOWN
        return _work_out(parser, method, call, call.args[1:])

    return ask


def _work_out(parser: configparser.RawConfigParser, method: str, call: Invocation, args: list[Value]) -> Value:
    named = call.keywords
    if not all(map(is_constant, (*args, *named.values()))) or not call.complete:
        return UNKNOWN
    run: Callable[..., Any] = getattr(parser, method)
    try:
        made = run(*args, **named)
        return from_host(list(made) if method == "__iter__" else made)
    except (configparser.Error, KeyError, ValueError) as error:
        return call.machine.fail(type(error))
    except (TypeError, AttributeError):
        return UNKNOWN


def _item(call: Invocation, _own: Abstract) -> Value:
    parser, name = _held(call.first()), call.get(1, "key", UNKNOWN)
    if parser is None or not isinstance(name, str):
        return UNKNOWN
    if name != parser.default_section and not parser.has_section(name):
        return call.machine.fail(KeyError, name)
    try:
        return _Section(parser, name)
    except configparser.Error as error:
        return call.machine.fail(type(error))


_READING = ("get", "getint", "getfloat", "getboolean")
_ASKING = ("sections", "options", "has_section", "has_option", "items", "defaults", "__contains__", "__iter__")
_CHANGING = ("read", "read_file", "set", "add_section", "remove_option", "remove_section", "clear", "__setitem__")
LIBRARY = Library(
    methods={
        "configparser": {
            "RawConfigParser.__init__": _init,
            "RawConfigParser.__getitem__": _item,
            **{f"RawConfigParser.{name}": _take(name) for name in ("read_string", "read_dict")},
            **{f"RawConfigParser.{name}": _ask(name) for name in (*_READING, *_ASKING)},
            **{f"RawConfigParser.{name}": _lose for name in _CHANGING},
        }
    }
)
