"""What a name holds after ways that have bound it differently."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import is_
from typing import TypeVar

from importguard.startup.values.base import CONSTANTS, MISSING, UNKNOWN, Abstract, Value
from importguard.startup.values.choice import OneOf, one_of

Key = TypeVar("Key")


def merge(first: Value, second: Value) -> Value:
    """One value for a name that two ways have bound.

    Both are kept where they are texts or the project's own functions, classes and objects. Of what installed packages
    define the first is taken: they hold many ways of doing the same.
    """
    if first is second or (type(first) is type(second) and isinstance(first, CONSTANTS) and first == second):
        return first
    if first is MISSING or second is MISSING:
        known = second if first is MISSING else first
        if isinstance(known, str):
            return one_of((known,), more=True)
        return UNKNOWN if isinstance(known, CONSTANTS) else known
    if isinstance(first, OneOf) or isinstance(second, OneOf) or _is_own(first) or _is_own(second):
        return one_of((first, second), more=first is UNKNOWN or second is UNKNOWN)
    if first is UNKNOWN or second is UNKNOWN:
        known = second if first is UNKNOWN else first
        if isinstance(known, str):
            return one_of((known,), more=True)
        return UNKNOWN if isinstance(known, CONSTANTS) else known
    if isinstance(first, CONSTANTS) or isinstance(second, CONSTANTS):
        return one_of((first, second)) if _is_text(first) and _is_text(second) else UNKNOWN
    if isinstance(first, tuple) or isinstance(second, tuple):
        return one_of((first, second))
    common = first.in_common(second)
    return first if common is MISSING else common


def merge_names(states: Sequence[dict[str, Value]]) -> dict[str, Value]:
    """One namespace of those that several ways have left; a name that some lack is not sure."""
    merged = dict(states[0])
    for names in states[1:]:
        if len(names) == len(merged) and continues(names, merged):
            continue
        for name in [name for name, value in names.items() if merged.get(name, MISSING) is not value]:
            merged[name] = merge(merged.get(name, MISSING), names[name])
        for name in merged.keys() - names.keys():
            merged[name] = merge(merged[name], MISSING)
    return merged


def continues(one: Mapping[Key, Value], other: Mapping[Key, Value]) -> bool:
    """Whether the longer one of two holds what the shorter one does, the very same in the same order, and then more."""
    return all(map(is_, one.values(), other.values())) and all(map(is_, one, other))


def _is_own(value: Value) -> bool:
    return isinstance(value, Abstract) and value.is_own()


def _is_text(value: Value) -> bool:
    """A text, or the None that stands for none."""
    return value is None or isinstance(value, str)
