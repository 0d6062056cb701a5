"""`match` statements: which case a subject takes, and the names that its pattern binds."""

from __future__ import annotations

import functools
from collections.abc import Callable

from importguard.source import program as ir
from importguard.startup.machine.branches import branch
from importguard.startup.machine.operators import compare
from importguard.startup.machine.state import MachineState
from importguard.startup.values.base import MISSING, UNKNOWN, Abstract, Value, truth
from importguard.startup.values.builtin_types import BuiltinType
from importguard.startup.values.classes import ClassValue
from importguard.startup.values.constants import behaviour
from importguard.startup.values.dicts import DictValue
from importguard.startup.values.frames import Completion, Frame
from importguard.startup.values.instances import Instance
from importguard.startup.values.lists import ListValue

# Classes of the interpreter's whose only positional pattern matches the object itself.
_ITSELF = frozenset("bool bytearray bytes dict float frozenset int list set str tuple".split())


def run_match(machine: MachineState, node: ir.Match, frame: Frame) -> Completion:
    """A `match` statement: the first case that surely fits, and those before it that may."""
    asked = len(machine.decisions.asked)
    subject = machine.evaluate(node.subject, frame)
    machine.decisions.decide(asked, node.subject, frame.module.name)
    ways: list[Callable[[], Completion]] = []
    for case in node.cases:
        bound: dict[str, Value] = {}
        decided = _fits(machine, case.pattern, subject, bound, frame)
        if decided is False:
            continue
        if case.guard is not None and decided:
            _bind(machine, bound, frame)
            decided = truth(machine.evaluate(case.guard, frame), machine)
            if decided is False:
                continue
        ways.append(functools.partial(_run, machine, case, bound, frame))
        if decided:
            break
    else:
        ways.append(lambda: None)
    return ways[0]() if len(ways) == 1 else branch(machine, frame, ways)


def _run(machine: MachineState, case: ir.Case, bound: dict[str, Value], frame: Frame) -> Completion:
    _bind(machine, bound, frame)
    if case.guard is not None:
        machine.evaluate(case.guard, frame)
    return machine.run_block(case.body, frame)


def _bind(machine: MachineState, bound: dict[str, Value], frame: Frame) -> None:
    for name, value in bound.items():
        machine.bind(frame, name, value)


def _fits(
    machine: MachineState, pattern: ir.Pattern, subject: Value, bound: dict[str, Value], frame: Frame
) -> bool | None:
    """Whether *subject* fits; None where that is not known. Its names go to *bound*."""
    if isinstance(pattern, ir.AsPattern):
        decided = True if pattern.pattern is None else _fits(machine, pattern.pattern, subject, bound, frame)
        if pattern.name is not None:
            bound[pattern.name] = subject
        return decided
    if isinstance(pattern, ir.ValuePattern):
        wanted = machine.evaluate(pattern.value, frame)
        return truth(compare(machine, subject, "Is" if pattern.identical else "Eq", wanted), machine)
    if isinstance(pattern, ir.OrPattern):
        answers = []
        for one in pattern.patterns:
            answers.append(_fits(machine, one, subject, bound, frame))
            if answers[-1]:
                return True if None not in answers else None
        return None if None in answers else False
    if isinstance(pattern, ir.SequencePattern):
        return _fits_sequence(machine, pattern, subject, bound, frame)
    if isinstance(pattern, ir.MappingPattern):
        return _fits_mapping(machine, pattern, subject, bound, frame)
    return _fits_class(machine, pattern, subject, bound, frame) if isinstance(pattern, ir.ClassPattern) else None


def _all(
    machine: MachineState,
    pairs: list[tuple[ir.Pattern, Value]],
    bound: dict[str, Value],
    frame: Frame,
) -> bool | None:
    answers = [_fits(machine, pattern, value, bound, frame) for pattern, value in pairs]
    return False if False in answers else (None if None in answers else True)


def _fits_sequence(
    machine: MachineState, pattern: ir.SequencePattern, subject: Value, bound: dict[str, Value], frame: Frame
) -> bool | None:
    stars = [place for place, one in enumerate(pattern.patterns) if isinstance(one, ir.StarPattern)]
    held = subject.items if isinstance(subject, ListValue) else subject
    if not isinstance(held, list | tuple):
        if isinstance(subject, Abstract) and not isinstance(subject, DictValue) and not _is_plain(subject):
            _all(machine, [(one, UNKNOWN) for one in pattern.patterns], bound, frame)
            return None
        return False
    if isinstance(subject, ListValue) and (subject.open or subject.loose):
        _all(machine, [(one, UNKNOWN) for one in pattern.patterns], bound, frame)
        return None
    wanted = len(pattern.patterns) - len(stars)
    if len(held) < wanted or (len(held) > wanted and not stars):
        return False
    if not stars:
        return _all(machine, list(zip(pattern.patterns, held, strict=True)), bound, frame)
    place = stars[0]
    after = len(pattern.patterns) - place - 1
    star = pattern.patterns[place]
    if isinstance(star, ir.StarPattern) and star.name is not None:
        bound[star.name] = ListValue(list(held[place : len(held) - after]))
    fixed = [*pattern.patterns[:place], *pattern.patterns[place + 1 :]]
    values = [*held[:place], *held[len(held) - after :]]
    return _all(machine, list(zip(fixed, values, strict=True)), bound, frame)


def _is_plain(subject: Value) -> bool:
    """Whether it is an object of a class that surely is no sequence and no mapping: none of its bases holds items."""
    if not isinstance(subject, Instance) or subject.held is not None or subject.cls.open:
        return False
    return not any(one.lookup(name) is not MISSING for one in subject.cls.mro() for name in ("__getitem__", "__iter__"))


def _fits_mapping(
    machine: MachineState, pattern: ir.MappingPattern, subject: Value, bound: dict[str, Value], frame: Frame
) -> bool | None:
    keys = [machine.evaluate(key, frame) for key in pattern.keys]
    if not isinstance(subject, DictValue):
        if not isinstance(subject, Abstract) or isinstance(subject, ListValue) or _is_plain(subject):
            return False
        _all(machine, [(one, UNKNOWN) for one in pattern.patterns], bound, frame)
        if pattern.rest is not None:
            bound[pattern.rest] = DictValue({}, True)
        return None
    present = [subject.contains(key, machine) for key in keys]
    if False in present:
        return False
    values = [subject.items.get(key, UNKNOWN) for key in keys]
    decided = _all(machine, list(zip(pattern.patterns, values, strict=True)), bound, frame)
    if pattern.rest is not None:
        bound[pattern.rest] = DictValue({k: v for k, v in subject.items.items() if k not in keys}, subject.open)
    return None if None in present and decided is not False else decided


def _fits_class(
    machine: MachineState, pattern: ir.ClassPattern, subject: Value, bound: dict[str, Value], frame: Frame
) -> bool | None:
    cls = machine.evaluate(pattern.cls, frame)
    decided = behaviour(cls).has_instance(subject)
    if decided is False:
        return False
    count = len(pattern.patterns) - len(pattern.names)
    pairs: list[tuple[ir.Pattern, Value]] = []
    if isinstance(cls, BuiltinType) and cls.name in _ITSELF:
        pairs += [(one, subject) for one in pattern.patterns[:count]]
    else:
        declared = cls.lookup("__match_args__") if isinstance(cls, ClassValue) else UNKNOWN
        names = list(declared) if isinstance(declared, tuple) else []
        for place, one in enumerate(pattern.patterns[:count]):
            name = names[place] if place < len(names) else UNKNOWN
            pairs.append((one, _member(machine, subject, name, frame)))
    for name, one in zip(pattern.names, pattern.patterns[count:], strict=True):
        pairs.append((one, _member(machine, subject, name, frame)))
    if any(value is MISSING for _, value in pairs):
        return False
    inside = _all(machine, pairs, bound, frame)
    return False if inside is False else (None if decided is None or inside is None else True)


def _member(machine: MachineState, subject: Value, name: Value, frame: Frame) -> Value:
    return machine.attribute(subject, name, frame) if isinstance(name, str) else UNKNOWN
