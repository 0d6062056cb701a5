"""Frozen values with named fields that cost next to nothing to define. Standard library only.

A program of a hundred small modules defines about as many values before its first frame. `typing.NamedTuple` compiles
source text for each (0.11 ms on CPython 3.11), a dataclass more; a `Value` takes a sixth of that. It is used alike:
fields are annotated in the class body, defaults last; it is a tuple, so it compares, hashes and unpacks as one;
`_replace` and `_asdict` are there, and `match` knows the fields by position.
"""

from __future__ import annotations

import sys
from operator import itemgetter
from typing import Any, ClassVar, Self, dataclass_transform

if sys.implementation.name == "cpython":
    from _collections import _tuplegetter as _field  # type: ignore[import-not-found]  # in C; `namedtuple` uses it too
else:

    def _field(index: int, _doc: str) -> Any:
        return property(itemgetter(index))


class _ValueType(type):
    """Turns the annotations of a class body into the fields of a tuple."""

    def __new__(cls, name: str, bases: tuple[type, ...], body: dict[str, Any]) -> _ValueType:
        if bases == (tuple,):
            return super().__new__(cls, name, bases, body)
        names = tuple(body.get("__annotations__", ()))
        defaults = {field: body.pop(field) for field in names if field in body}
        if tuple(defaults) != names[len(names) - len(defaults) :]:
            raise TypeError(f"{name}: fields without a default come first, those with one in their order")
        body |= {field: _field(index, "") for index, field in enumerate(names)}
        body |= {"__slots__": (), "__match_args__": names, "_fields": names, "_defaults": defaults}
        return super().__new__(cls, name, bases, body)


@dataclass_transform(frozen_default=True)
class Value(tuple[Any, ...], metaclass=_ValueType):
    """The base of all values. Only `Value` itself is subclassed: `class Point(Value): x: int`."""

    __slots__ = ()
    _fields: ClassVar[tuple[str, ...]]
    _defaults: ClassVar[dict[str, Any]]

    def __new__(cls, *values: Any, **named: Any) -> Self:
        """Takes the fields by position or by name."""
        if not named and len(values) == len(cls._fields):
            return tuple.__new__(cls, values)
        return tuple.__new__(cls, cls._complete(values, named))

    @classmethod
    def _complete(cls, values: tuple[Any, ...], named: dict[str, Any]) -> list[Any]:
        """All fields in order. Raises TypeError naming the first field that is too many, twice there or missing."""
        fields, given = cls._fields, len(values)
        if given > len(fields):
            raise TypeError(f"{cls.__name__} has {len(fields)} fields, not {given}")
        found = list(values)
        for field in fields[given:]:
            if field in named:
                found.append(named.pop(field))
            elif field in cls._defaults:
                found.append(cls._defaults[field])
            else:
                raise TypeError(f"{cls.__name__} needs the field {field!r}")
        for field in named:
            raise TypeError(f"{cls.__name__} has the field {field!r} already or not at all")
        return found

    def _replace(self, **changes: Any) -> Self:
        """This value with other fields. Raises TypeError for a field that it does not have."""
        fields = [changes.pop(field, value) for field, value in zip(self._fields, self, strict=True)]
        for field in changes:
            raise TypeError(f"{type(self).__name__} has no field {field!r}")
        return tuple.__new__(type(self), fields)

    def _asdict(self) -> dict[str, Any]:
        """The values by the names of their fields, in order."""
        return dict(zip(self._fields, self, strict=True))

    def __getnewargs__(self) -> tuple[Any, ...]:
        return tuple(self)

    def __repr__(self) -> str:
        fields = ", ".join(f"{field}={value!r}" for field, value in self._asdict().items())
        return f"{type(self).__name__}({fields})"
