"""Calls with the very same arguments that have come to the same often enough: further ones are not followed.

A library converts each of a thousand numbers, and asks the same questions of what nobody knows about each. What such a
call imports has been noted when it came first. So a call that was long, noted nothing, and gave nothing that is known,
as often as a verdict needs, in code of the same module and in the same doubt, does so once more, we assume. It costs
the steps that it took, so that no bound is reached earlier or later. The project's own functions are always followed.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from importguard.startup.trace.trace import Origin
from importguard.startup.values.base import MISSING, UNKNOWN, Value
from importguard.startup.values.builtin_types import BuiltinType
from importguard.startup.values.classes import ClassValue
from importguard.startup.values.dicts import DictValue
from importguard.startup.values.exceptions import Guard
from importguard.startup.values.functions import FunctionValue

if TYPE_CHECKING:
    from importguard.startup.machine.state import MachineState
    from importguard.startup.values.frames import Frame

_CALLS = 6  # that a verdict needs, one after the other
_LONG = 100  # steps: a shorter call is followed as soon as it is looked up
_SAME = frozenset({type(None), bool, int, str, bytes})  # where equal ones are the same
_BY_IDENTITY = (FunctionValue, ClassValue, BuiltinType)
_MAX_PARTS = 40  # of the arguments, those in tuples included

Key = tuple[Hashable, ...]


class _Taken(NamedTuple):
    """What one call has come to, beside what it has noted."""

    steps: int
    work: int
    imports: int
    escaping: int
    caught: int  # of these, what ends at the innermost `try`
    risks: frozenset[tuple[str, ...]]  # that it has got
    result: Value


class Before(NamedTuple):
    """The machine before a call."""

    steps: int
    work: int
    imports: int
    escaping: int
    caught: int
    risks: frozenset[tuple[str, ...]]
    all_risks: int
    noted: tuple[int, ...]


class RepeatedCalls:
    """The long calls of one start."""

    def __init__(self) -> None:
        self._long: dict[int, FunctionValue] = {}  # by the identity of the body
        self._taken: dict[Key, tuple[_Taken, int, Sequence[Value]]] = {}  # the last one, and how many were as it

    def watch(self, function: FunctionValue, steps: int) -> None:
        """A call of *function* has taken so many *steps*."""
        if steps >= _LONG and function.frame.module.origin != Origin.FIRST_PARTY:
            self._long[id(function.body)] = function

    def key(self, machine: MachineState, function: FunctionValue, frame: Frame) -> Key | None:
        """What has to be the same; None where the call is followed in any case."""
        if id(function.body) not in self._long or frame.asked or machine.frame.module.origin == Origin.FIRST_PARTY:
            return None
        parts: list[Hashable] = []
        if not machine.executing or not _add(parts, tuple(frame.namespace.values())):
            return None
        doubts = machine.possible - machine.unended - machine.alternatives
        guard = _innermost(machine)
        caught = (frozenset(guard), guard.guesses, frozenset(guard.risks)) if guard is not None else None
        place = machine.executing[-1], machine.reach, machine.muted, doubts, machine.alternatives
        sure = bool(machine.possible), machine.possible > machine.unended, bool(machine.escaping)
        return (id(function.body), id(function.frame), *place, *sure, caught, *parts)

    def before(self, machine: MachineState) -> Before:
        """The state that `note` compares with."""
        guard = _innermost(machine)
        risks = frozenset(guard.risks) if guard is not None else frozenset()
        counts = machine.steps, machine.work, machine.imports, machine.escaping
        caught = guard.escaping if guard is not None else 0
        return Before(*counts, caught, risks, _all_risks(machine), noted(machine))

    def note(self, key: Key, before: Before, machine: MachineState, given: Sequence[Value], result: Value) -> None:
        """A call with *key* has been followed, with *given* arguments, and has given *result*."""
        guard = _innermost(machine)
        risks = frozenset(guard.risks) - before.risks if guard is not None else frozenset()
        taken = _Taken(
            machine.steps - before.steps,
            machine.work - before.work,
            machine.imports - before.imports,
            machine.escaping - before.escaping,
            guard.escaping - before.caught if guard is not None else 0,
            risks,
            result,
        )
        nothing = result is None or result is UNKNOWN
        elsewhere = _all_risks(machine) - before.all_risks != len(risks)
        if not nothing or elsewhere or taken.steps < _LONG or noted(machine) != before.noted:
            self._taken.pop(key, None)
            return
        last, count, _ = self._taken.get(key, (None, 0, ()))
        self._taken[key] = taken, count + 1 if taken == last else 1, given

    def foretell(self, key: Key, machine: MachineState) -> Value:
        """What a call with *key* gives, its steps counted; MISSING where it is to be followed."""
        taken, count, _ = self._taken.get(key, (None, 0, ()))
        if taken is None or count < _CALLS:
            return MISSING
        machine.steps += taken.steps
        machine.imports += taken.imports
        machine.escaping += taken.escaping
        guard = _innermost(machine)
        if guard is not None:
            guard.risks |= taken.risks
            guard.escaping += taken.caught
        machine.spend(taken.work)
        return taken.result


def noted(machine: MachineState) -> tuple[int, ...]:
    """How much has been noted of the start so far."""
    asked, made = machine.decisions.asked, machine.decisions.made
    return machine.noted, len(asked), len(made), len(machine.commands), len(machine.threads.started)


def _innermost(machine: MachineState) -> Guard | None:
    return next((one for one in reversed(machine.catchers) if isinstance(one, Guard)), None)


def _all_risks(machine: MachineState) -> int:
    return sum(len(one.risks) for one in machine.catchers if isinstance(one, Guard))


def _add(parts: list[Hashable], values: tuple[Value, ...]) -> bool:
    """Adds to *parts* what tells *values* from others; False where they may change, or hold too much."""
    parts.append(len(values))
    for value in values:
        if value is UNKNOWN or isinstance(value, _BY_IDENTITY):
            parts.append(id(value))
        elif type(value) in _SAME:
            parts.append((type(value).__name__, value))
        elif type(value) is tuple and len(parts) < _MAX_PARTS:
            if not _add(parts, value):
                return False
        elif type(value) is DictValue and not value.items and not value.open:
            parts.append(DictValue)  # what no keyword has filled
        else:
            return False
    return len(parts) < 2 * _MAX_PARTS
