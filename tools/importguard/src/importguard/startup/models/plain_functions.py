"""Built-in functions of constants: what they give is worked out by calling them, within bounds."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable
from typing import Any

from importguard.startup.machine.operators import binary
from importguard.startup.values.base import (
    MAX_BITS,
    MAX_TEXT,
    UNKNOWN,
    Invocation,
    Value,
    is_constant,
    is_small,
)
from importguard.startup.values.builtin_types import PLAIN_TYPES
from importguard.startup.values.dicts import DictValue
from importguard.startup.values.lists import ListValue
from importguard.startup.values.natives import Model, Native
from importguard.startup.values.numbers import Number
from importguard.startup.values.sets import SetValue

MAX_GIVEN = 1_000  # items of a list, dict or set that a function gets, with those of the lists in it
_NAMES = ("abs", "ascii", "bin", "chr", "divmod", "hex", "oct", "ord")
_ADDRESS = Number(4_096)  # no object lies in the first page of memory


def of_constants(run: Callable[..., Any]) -> Model:
    """The model of a function that takes constants and gives what `from_host` knows."""

    def work_out(call: Invocation) -> Value:
        given = (*call.args, *call.keywords.values())
        if not call.complete or not all(map(_is_given, given)) or not all(_is_short(one) for one in given):
            return UNKNOWN
        call.machine.spend(sum(map(_letters, given)) >> 3)  # a function may look at each, and answer with one word
        try:
            return from_host(run(*call.args, **call.keywords))
        except ValueError as error:
            return call.machine.fail(type(error))
        except TypeError:
            return call.machine.mistake(TypeError)
        except Exception:
            return UNKNOWN

    return work_out


def of_values(run: Callable[..., Any]) -> Model:
    """As `of_constants`, of a function that also takes lists, dicts and sets of constants."""
    work_out = of_constants(run)

    def convert(call: Invocation) -> Value:
        args: list[Any] = [to_host(one) for one in call.args]
        keywords: dict[str, Any] = {name: to_host(one) for name, one in call.keywords.items()}
        if UNKNOWN in (*args, *keywords.values()):
            return UNKNOWN
        return work_out(Invocation(call.machine, call.frame, args, keywords, call.line, call.complete))

    return convert


def plain(module: Any, *names: str) -> dict[str, Model]:
    """Models of functions of a library's *module* that only work something out: the library of our own Python does."""
    return {name: of_values(getattr(module, name)) for name in names if hasattr(module, name)}


def to_host(value: Value) -> Any:
    """The list, dict or set that *value* stands for, of constants alone; a constant itself; else UNKNOWN."""
    return _to_host(value, [MAX_GIVEN])


def _to_host(value: Value, left: list[int]) -> Any:
    """*left*: the items that it may have yet. A list that holds another twice has the items of that twice."""
    if isinstance(value, ListValue | SetValue | DictValue):
        left[0] -= len(value.items)
        if value.open or getattr(value, "loose", False) or left[0] < 0:
            return UNKNOWN
        if isinstance(value, DictValue):
            pairs = {key: _to_host(one, left) for key, one in value.items.items()}
            return pairs if is_constant(tuple(pairs)) and UNKNOWN not in pairs.values() else UNKNOWN
        items = [_to_host(one, left) for one in value.items]
        if UNKNOWN in items:
            return UNKNOWN
        return items if isinstance(value, ListValue) else set(items)
    return value if is_constant(value) else UNKNOWN


def _letters(given: Any) -> int:
    """The characters in *given*."""
    if isinstance(given, str | bytes):
        return len(given)
    if isinstance(given, dict):
        return sum(_letters(key) + _letters(one) for key, one in given.items())
    return sum(map(_letters, given)) if isinstance(given, list | set | tuple) else 1


PLAIN_TYPES["str"].attributes["maketrans"] = Native("maketrans", of_values(str.maketrans))


def from_host(made: Any) -> Value:
    """The value of the analysis for *made*, a constant or a list, dict or set of such."""
    if isinstance(made, list):
        return ListValue([from_host(one) for one in made])
    if isinstance(made, dict):
        return DictValue({key: from_host(one) for key, one in made.items() if is_constant(key)})
    if isinstance(made, set | frozenset):
        return SetValue.of([from_host(one) for one in made], True)
    if type(made) is tuple:
        return tuple(from_host(one) for one in made)
    known = isinstance(made, bool | int | float | str | bytes | None) and is_small(made)
    return made if known else UNKNOWN


def _is_given(value: Value | list[Any]) -> bool:
    return isinstance(value, list | dict | set) or is_constant(value)


def _is_short(value: Value) -> bool:
    return not isinstance(value, str | bytes) or len(value) <= MAX_TEXT


def _round(call: Invocation) -> Value:
    digits = call.get(1, "ndigits", None)
    return UNKNOWN if isinstance(digits, int) and abs(digits) > MAX_BITS else _of_rounding(call)


def _power(call: Invocation) -> Value:
    return power(call.args[0], call.args[1]) if len(call.args) == 2 else UNKNOWN


def power(left: Value, right: Value) -> Value:
    """`left ** right` of numbers, where the result is small."""
    if not isinstance(left, int | float) or not isinstance(right, int | float):
        return UNKNOWN
    if isinstance(left, int) and (not isinstance(right, int) or left.bit_length() * abs(right) > MAX_BITS):
        return UNKNOWN
    try:
        return from_host(left**right)
    except (ArithmeticError, ValueError):
        return UNKNOWN


def _sum(call: Invocation) -> Value:
    found = call.machine.items_of(call.first())
    if found is None or not found[1]:
        return UNKNOWN
    total = call.get(1, "start", 0)
    for item in found[0]:
        total = binary(call.machine, "Add", total, item)
    return total if not is_constant(total) or is_small(total) else UNKNOWN


def literal(text: str) -> Value:
    """`ast.literal_eval(text)`."""
    try:
        return from_host(ast.literal_eval(text))
    except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
        return UNKNOWN


_of_rounding = of_constants(round)  # it takes ten to the power of the digits, whatever the number is
PLAIN_FUNCTIONS: dict[str, Model] = {
    **{name: of_constants(getattr(builtins, name)) for name in _NAMES},
    "pow": _power,
    "round": _round,
    "sum": _sum,
    "id": lambda _: _ADDRESS,
}
