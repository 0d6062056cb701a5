"""`configparser`: configurations whose text the program holds itself, and files: what these say is likely."""

from __future__ import annotations

import configparser
import copy
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from importguard.startup.models.io import path_of
from importguard.startup.models.library import Library, MethodModel
from importguard.startup.models.plain_functions import from_host, to_host
from importguard.startup.values.base import MISSING, UNKNOWN, Abstract, Invocation, Value, is_constant
from importguard.startup.values.builtin_types import PLAIN_TYPES
from importguard.startup.values.choice import one_of
from importguard.startup.values.dicts import DictValue
from importguard.startup.values.exceptions import BROAD
from importguard.startup.values.files import OpenFile, text_on_disk
from importguard.startup.values.instances import Instance
from importguard.startup.values.lists import ListValue
from importguard.startup.values.natives import Native
from importguard.startup.values.read_data import ReadData, likely

if TYPE_CHECKING:
    from importguard.startup.machine.state import MachineState
    from importguard.startup.values.frames import Frame

_HELD = "\0held"


class _Held(Abstract):
    """What a parser holds; *parser* is None where that is not known. *read*: some of it, or more, may be otherwise."""

    __slots__ = ("parser", "read")

    def __init__(self, parser: configparser.RawConfigParser | None, *, read: bool = False) -> None:
        self.parser = parser
        self.read = read


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


class _ReadSection(ReadData):
    """`parser[name]` where a file has been read."""

    __slots__ = ("name", "parser")

    def __init__(self, parser: configparser.RawConfigParser, name: str) -> None:
        super().__init__(dict(parser.items(name, raw=True)))
        self.parser, self.name = parser, name

    def item(self, key: Value, machine: MachineState, frame: Frame) -> Value:
        """What the file says, with what it refers to."""
        asked = Invocation(machine, frame, [], {}, machine.line, True)
        return _likely(self.parser, "get", asked, [self.name, key])

    def attribute(self, name: str, machine: MachineState, frame: Frame) -> Value:
        """Its own methods, else those of a dict."""
        if name in _READING:
            return Native(name, lambda call: _likely(self.parser, name, call, [self.name, *call.args[:1]]))
        return super().attribute(name, machine, frame)


def _is_read(value: Value) -> bool:
    known = value.attributes.get(_HELD) if isinstance(value, Instance) else None
    return isinstance(known, _Held) and known.read


def _held(value: Value) -> configparser.RawConfigParser | None:
    """What *value* holds, where all of that is known, or likely."""
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


def _read_files(call: Invocation, own: Abstract) -> Value:
    """`read(paths)`: the files that are there now."""
    given, made, machine = call.get(1, "filenames", UNKNOWN), call.first(), call.machine
    parser = _held(made)
    single = path_of(given, machine)
    found = ([given], True) if single is not None else machine.items_of(given)
    if parser is None or not isinstance(made, Instance) or found is None:
        return _lose(call, own)
    return _take_in(made, parser, [path_of(one, machine) for one in found[0]], call, own)


def _read_file(call: Invocation, own: Abstract) -> Value:
    """`read_file(file)`."""
    given, made = call.get(1, "f", UNKNOWN), call.first()
    parser = _held(made)
    if parser is None or not isinstance(made, Instance) or not isinstance(given, OpenFile):
        return _lose(call, own)
    return _take_in(made, parser, [given.path], call, own)


def _take_in(
    made: Instance, parser: configparser.RawConfigParser, paths: list[str | None], call: Invocation, own: Abstract
) -> Value:
    """What the files *paths* say is added, on a copy: a branch that is undone has the parser from before."""
    parser = copy.deepcopy(parser)
    call.machine.doubt_success()
    for path in paths:
        text = text_on_disk(path, call.machine) if path is not None else None
        try:
            parser.read_string(text or "")
        except configparser.Error:
            return _lose(call, own)
    call.machine.heap.changing(made)
    made.attributes[_HELD] = _Held(parser, read=True)
    return UNKNOWN


def _ask(method: str) -> MethodModel:
    def ask(call: Invocation, _own: Abstract) -> Value:
        parser = _held(call.first())
        if parser is None:
            return ListValue([], True) if method in {"sections", "options", "items", "__iter__"} else UNKNOWN
        if _is_read(call.first()):
            return _likely(parser, method, call, call.args[1:])
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


def _likely(parser: configparser.RawConfigParser, method: str, call: Invocation, args: list[Value]) -> Value:
    """What *method* answers where the file is as it is now; or something else, or it fails."""
    fallback = call.keywords.get("fallback", MISSING)
    named = {name: one for name, one in call.keywords.items() if name != "fallback"}
    call.machine.doubt_success("KeyError", "NoSectionError", "NoOptionError", "ValueError", *BROAD)
    if not all(map(is_constant, (*args, *named.values()))) or not call.complete:
        return UNKNOWN
    try:
        made = getattr(parser, method)(*args, **named)
    except (configparser.Error, KeyError, ValueError, TypeError, AttributeError):
        return one_of([fallback], more=True) if fallback is not MISSING else UNKNOWN
    if method == "__iter__" or isinstance(made, Mapping):
        made = dict(made) if isinstance(made, Mapping) else list(made)
    if method == "items" and not args:
        return ReadData([name for name, _ in made])
    return likely(made)


def _item(call: Invocation, _own: Abstract) -> Value:
    parser, name = _held(call.first()), call.get(1, "key", UNKNOWN)
    if parser is None or not isinstance(name, str):
        return UNKNOWN
    if _is_read(call.first()):
        call.machine.doubt_success("KeyError", "LookupError", *BROAD)
        return _ReadSection(parser, name) if parser.has_section(name) or name == parser.default_section else UNKNOWN
    if name != parser.default_section and not parser.has_section(name):
        return call.machine.fail(KeyError, name)
    try:
        return _Section(parser, name)
    except configparser.Error as error:
        return call.machine.fail(type(error))


_READING = ("get", "getint", "getfloat", "getboolean")
_ASKING = ("sections", "options", "has_section", "has_option", "items", "defaults", "__contains__", "__iter__")
_CHANGING = ("set", "add_section", "remove_option", "remove_section", "clear", "__setitem__")
LIBRARY = Library(
    methods={
        "configparser": {
            "RawConfigParser.__init__": _init,
            "RawConfigParser.__getitem__": _item,
            "RawConfigParser.read": _read_files,
            "RawConfigParser.read_file": _read_file,
            **{f"RawConfigParser.{name}": _take(name) for name in ("read_string", "read_dict")},
            **{f"RawConfigParser.{name}": _ask(name) for name in (*_READING, *_ASKING)},
            **{f"RawConfigParser.{name}": _lose for name in _CHANGING},
        }
    }
)
