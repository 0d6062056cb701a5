"""What the function of a `typer` command gets of the words of a command line: by its annotations and defaults."""

from __future__ import annotations

import argparse
from typing import Any, NamedTuple, NoReturn

from importguard.source import program as ir
from importguard.startup.machine.annotations import annotate_of, notes_of
from importguard.startup.machine.state import MachineState
from importguard.startup.values.annotate import Note
from importguard.startup.values.base import MISSING, UNKNOWN, Value
from importguard.startup.values.builtin_types import BuiltinType
from importguard.startup.values.classes import ClassValue
from importguard.startup.values.enums import EnumKind, value_of
from importguard.startup.values.frames import Frame
from importguard.startup.values.functions import FunctionValue
from importguard.startup.values.instances import Instance
from importguard.startup.values.lists import ListValue
from importguard.startup.values.paths import PathValue

_INFOS = frozenset({"OptionInfo", "ArgumentInfo"})
_LISTS = frozenset({"list", "List", "Sequence"})
_NUMBERS = {"int": int, "float": float}


class _Ended(Exception):  # noqa: N818  the command line is refused, or asks for help
    pass


class _Parser(argparse.ArgumentParser):
    def error(self, _message: str) -> NoReturn:
        """Nobody's process ends here."""
        raise _Ended


class _Parameter(NamedTuple):
    """One of the function's. *info* says more of it, where there is any; *many*: it is a list."""

    name: str
    kind: Value
    default: Value
    info: Instance | None
    many: bool
    names: tuple[Value, ...] = ()


def arguments(function: FunctionValue, words: list[str], machine: MachineState) -> dict[str, Value] | None:
    """Its arguments by name, UNKNOWN where a text is converted that nobody knows how; None where that is not known."""
    parameters = _parameters(function, machine)
    if parameters is None:
        return None
    parser = _Parser(add_help=False, allow_abbrev=False, argument_default=argparse.SUPPRESS)
    read = [one for one in parameters if not _is_context(one)]
    if any(one.default is UNKNOWN and one.info is None for one in read):
        return None
    try:
        for one in filter(_is_option, read):
            _declare(one, parser)
        taken, places = parser.parse_known_args(words)
        if any(word.startswith("-") for word in places):
            return None
        found = {**vars(taken), **_placed([one for one in read if not _is_option(one)], places)}
    except (_Ended, argparse.ArgumentError, TypeError, ValueError):
        return None
    if any(one.default is MISSING and one.name not in found for one in read):
        return None
    made: dict[str, Value] = {}
    for one in parameters:
        made[one.name] = _value(one, found) if one in read else UNKNOWN
    return made


def _parameters(function: FunctionValue, machine: MachineState) -> list[_Parameter] | None:
    listed = function.parameters
    if listed.vararg or listed.kwarg:
        return None
    given = len(listed.positional) - len(function.defaults)
    defaults = dict(zip(listed.positional[given:], function.defaults, strict=True))
    defaults.update(zip(listed.keyword_only, function.kw_defaults, strict=False))
    notes = {one.name: one for one in notes_of(machine, function)}
    annotate = annotate_of(function)
    frame = function.frame if annotate is None else annotate.frame
    names = (*listed.positional, *listed.keyword_only)
    return [_parameter(name, defaults.get(name, MISSING), notes.get(name), frame, machine) for name in names]


def _parameter(name: str, default: Value, note: Note | None, frame: Frame, machine: MachineState) -> _Parameter:
    expression = note.expression if note is not None and not note.postponed else None
    if note is not None and expression is None:
        return _Parameter(name, UNKNOWN, UNKNOWN, None, False)
    info, names = _info(default), []
    if info is not None:
        default = info.attributes.get("default", UNKNOWN)
    if isinstance(expression, ir.Subscript) and _word(expression.value) == "Annotated":
        inside = expression.slice
        parts = inside.elts if isinstance(inside, ir.Display) else ()
        expression = parts[0] if parts else None
        values = [machine.evaluate(part, frame) for part in parts[1:]]
        info = next((found for found in map(_info, values) if found is not None), info)
        if info is not None and info is not _info(default):
            names = [info.attributes.get("default")]  # the first name is where a default is otherwise
    expression, many = _plain(expression)
    kind = machine.evaluate(expression, frame) if isinstance(expression, ir.Name | ir.Attribute) else MISSING
    declared = info.attributes.get("param_decls") if info is not None else None
    names += list(declared) if isinstance(declared, tuple) else getattr(declared, "items", None) or []
    return _Parameter(name, kind if expression is not None else MISSING, default, info, many, tuple(names))


def _info(value: Value) -> Instance | None:
    return value if isinstance(value, Instance) and value.cls.name in _INFOS else None


def _word(expression: ir.Expression) -> str:
    return expression.attr if isinstance(expression, ir.Attribute) else str(getattr(expression, "id", ""))


def _plain(expression: ir.Expression | None) -> tuple[ir.Expression | None, bool]:
    """`C` of `Optional[C]`, `C | None` and `list[C]`, and whether it is a list."""
    if (
        isinstance(expression, ir.BinOp)
        and isinstance(expression.right, ir.Constant)
        and expression.right.value is None
    ):
        return _plain(expression.left)
    if isinstance(expression, ir.Subscript) and _word(expression.value) == "Optional":
        return _plain(expression.slice)
    if isinstance(expression, ir.Subscript) and _word(expression.value) in _LISTS:
        return expression.slice, True
    return expression, False


def _is_context(one: _Parameter) -> bool:
    return isinstance(one.kind, ClassValue) and any(cls.name == "Context" for cls in one.kind.mro())


def _is_option(one: _Parameter) -> bool:
    return one.info.cls.name == "OptionInfo" if one.info is not None else one.default is not MISSING


def _is_flag(one: _Parameter) -> bool:
    if one.kind is MISSING:
        return isinstance(one.default, bool)
    return isinstance(one.kind, BuiltinType) and one.kind.name == "bool"


def _declare(one: _Parameter, parser: argparse.ArgumentParser) -> None:
    settings: dict[str, Any] = {"dest": one.name}
    names = [name for name in one.names if isinstance(name, str) and name.startswith("-")]
    plain = one.name.replace("_", "-")
    if _is_flag(one):
        pairs = [name.partition("/") for name in names or [f"--{plain}/--no-{plain}"]]
        on, off = [first for first, _, _ in pairs if first], [last for _, _, last in pairs if last]
        if on:
            parser.add_argument(*on, action="store_true", **settings)
        if off:
            parser.add_argument(*off, action="store_false", **settings)
        return
    if one.many:
        settings["action"] = "append"
    parser.add_argument(*(names or [f"--{plain}"]), **settings)


def _placed(expected: list[_Parameter], places: list[str]) -> dict[str, str | list[str]]:
    """The words that are no options, in order: the list takes what the others leave. Raises _Ended if one is left."""
    found: dict[str, str | list[str]] = {}
    for place, one in enumerate(expected):
        if not one.many:
            found.update({one.name: places[0]} if places else {})
            places = places[1:]
            continue
        taken = max(len(places) - (len(expected) - place - 1), 0)
        found.update({one.name: places[:taken]} if taken else {})
        places = places[taken:]
    if places:
        raise _Ended
    return found


def _value(one: _Parameter, found: dict[str, Any]) -> Value:
    if one.info is not None and callable(getattr(one.info.attributes.get("callback"), "call", None)):
        return UNKNOWN
    if one.name not in found:
        return UNKNOWN if one.default is MISSING else one.default
    given = found[one.name]
    if isinstance(given, list):
        return ListValue([_converted(text, one) for text in given])
    return given if isinstance(given, bool) else _converted(given, one)


def _converted(text: str, one: _Parameter) -> Value:
    kind = one.kind
    if one.info is not None and one.info.attributes.get("parser") not in {None, UNKNOWN}:
        return UNKNOWN
    if isinstance(kind, ClassValue) and isinstance(kind.kind, EnumKind):
        fits = [member for member in kind.kind.distinct() if value_of(member) == text]
        return fits[0] if fits else UNKNOWN
    if kind is MISSING:
        guessed = type(one.default)
        name = guessed.__name__ if guessed in {str, int, float} else "str"
    else:
        name = kind.name if isinstance(kind, BuiltinType) else ""
    if name in _NUMBERS:
        try:
            number: int | float = _NUMBERS[name](text)
            return number
        except ValueError:
            return UNKNOWN
    if name in {"Path", "PosixPath"}:
        return PathValue(text)
    return text if name == "str" else UNKNOWN
