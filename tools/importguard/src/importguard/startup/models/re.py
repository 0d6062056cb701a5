"""`re`: short texts and patterns that are known, and that no text makes slow."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from importguard.startup.machine.state import MachineState
from importguard.startup.models.library import Library
from importguard.startup.models.plain_functions import from_host
from importguard.startup.values.base import UNKNOWN, Abstract, Invocation, Value, is_constant
from importguard.startup.values.functions import FunctionValue
from importguard.startup.values.iterators import IteratorValue
from importguard.startup.values.lists import ListValue
from importguard.startup.values.natives import Namespace, Native

if TYPE_CHECKING:
    from importguard.startup.values.frames import Frame
    from importguard.startup.values.modules import ModuleValue

_SHORT = 200  # characters of a text
_SIMPLE = 80  # and of a pattern
_REPEATED = re.compile(r"\)[*+?{]")  # a group that is repeated: what is inside may be tried in many ways
_REPEATS = 3  # that a pattern may have beside one another
_TRIES = 10_000  # of a pattern at a text that count as one expression does
_NAMES = ("match", "search", "fullmatch", "split", "findall", "finditer", "sub")


def _repeats(pattern: str) -> int:
    return sum(pattern.count(sign) for sign in "*+{")


def _is_simple(pattern: str, text: str) -> bool:
    repeats = _repeats(pattern)
    short = len(text) <= _SHORT and len(pattern) <= _SIMPLE
    return short and repeats <= _REPEATS and not _REPEATED.search(pattern) and "(?" not in pattern.replace("(?P<", "")


class Match(Abstract):
    """What a pattern has found."""

    __slots__ = ("found",)

    def __init__(self, found: re.Match[str]) -> None:
        self.found = found

    def attribute(self, name: str, _machine: MachineState, _frame: Frame) -> Value:
        """Its groups and where they are."""
        if name in {"group", "groups", "groupdict", "start", "end", "span"}:
            return Native(name, partial(_ask, getattr(self.found, name)))
        return self.found.string if name == "string" else UNKNOWN

    def item(self, key: Value, _machine: MachineState, _frame: Frame) -> Value:
        """A group."""
        if isinstance(key, str | int) and (key in self.found.re.groupindex or key in range(self.found.re.groups + 1)):
            return self.found[key]
        return UNKNOWN


def _ask(method: Callable[..., Any], call: Invocation) -> Value:
    if not call.complete or not all(map(is_constant, call.args)):
        return UNKNOWN
    try:
        return from_host(method(*call.args))
    except (IndexError, TypeError):
        return UNKNOWN


class Pattern(Abstract):
    """What `re.compile` makes of a text."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text

    def attribute(self, name: str, _machine: MachineState, _frame: Frame) -> Value:
        """Its methods."""
        if name in _NAMES:
            return Native(name, lambda call: _work_out(name, self.text, call.args, call))
        return self.text if name == "pattern" else UNKNOWN


def _work_out(name: str, pattern: str, given: list[Value], call: Invocation) -> Value:
    """The function *name* of *pattern* with the other arguments *given*; flags are not worked out."""
    wanted = 2 if name == "sub" else 1
    if len(given) != wanted or call.keywords or not call.complete or not isinstance(given[-1], str):
        _hand_over(given, call)
        return UNKNOWN
    text = given[-1]
    if not _is_simple(pattern, text):
        _hand_over(given, call)
        return UNKNOWN
    # The most that it may try: each repeat at each place of the text, and a search from each place again.
    call.machine.spend(len(text) ** (_repeats(pattern) + (name not in {"match", "fullmatch"})) // _TRIES)
    try:
        compiled = re.compile(pattern)
        if name == "sub":
            return _replace(compiled, given[0], text, call)
        if name == "finditer":
            return IteratorValue(iter([Match(one) for one in compiled.finditer(text)]), call.machine)
        made = getattr(compiled, name)(text)
    except (re.error, IndexError, OverflowError, RecursionError):
        return UNKNOWN
    if isinstance(made, re.Match):
        return Match(made)
    return ListValue([from_host(one) for one in made]) if isinstance(made, list) else None


def _hand_over(given: list[Value], call: Invocation) -> None:
    for one in given:
        call.machine.may_call(one)


def _replace(compiled: re.Pattern[str], by: Value, text: str, call: Invocation) -> Value:
    if isinstance(by, str):
        return compiled.sub(by, text)
    parts: list[str] = []
    end, known = 0, True
    for found in compiled.finditer(text):
        made = call.machine.invoke(by, Match(found))
        known &= isinstance(made, str)
        parts += [text[end : found.start()], made if isinstance(made, str) else ""]
        end = found.end()
    return "".join([*parts, text[end:]]) if known else UNKNOWN


def _function(name: str, own: FunctionValue) -> Native:
    def run(call: Invocation) -> Value:
        call.machine.record_pattern(own, call.args)
        pattern = call.first()
        if isinstance(pattern, Pattern):
            pattern = pattern.text
        if not isinstance(pattern, str):
            _hand_over(call.args, call)
            return UNKNOWN
        if name == "compile":
            return Pattern(pattern) if len(call.args) == 1 and not call.keywords else UNKNOWN
        return _work_out(name, pattern, call.args[1:], call)

    return Native(name, run)


def _scanner(call: Invocation) -> Value:
    """`Scanner(lexicon)`: each pattern has a function, which `scan` calls with what it finds."""
    found = call.machine.items_of(call.first())
    actions = [row[1] for row in found[0] if isinstance(row, tuple) and len(row) == 2] if found is not None else []

    def scan(inner: Invocation) -> Value:
        _hand_over(actions, inner)
        return UNKNOWN

    return Namespace({"scan": Native("scan", scan), "lexicon": call.first()})


def _fill(_machine: MachineState, module: ModuleValue) -> None:
    if "Scanner" in module.namespace:
        module.namespace["Scanner"] = Native("Scanner", _scanner)
    for name in (*_NAMES, "compile"):
        own = module.namespace.get(name)
        if isinstance(own, FunctionValue):
            module.namespace[name] = _function(name, own)


LIBRARY = Library(fill={"re": _fill})
