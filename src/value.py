"""Frozen values with named fields that cost next to nothing to define. Standard library only.

A program of a hundred small modules defines about as many values before its first frame. `typing.NamedTuple` compiles
source text for each (nine times as long as a `Value`), msgspec takes thirteen times as long, a dataclass forty
(docs/decisions/0014-values.md). Fields are annotated in the class body, defaults last; `_replace` and `_asdict` are
there, and `match` knows the fields by position.

Underneath, a value is a tuple of its fields and its class. So values are compared and hashed in C, those of different
classes differ, and one without fields is true. Outside this module nobody sees the tuple: a value is not iterable.
"""

from __future__ import annotations

import sys
from operator import itemgetter
from typing import TYPE_CHECKING, Any, ClassVar, Self, dataclass_transform

if sys.implementation.name == "cpython":
    from _collections import _tuplegetter as _field  # type: ignore[import-not-found]  # in C; `namedtuple` uses it too
else:

    def _field(index: int, _doc: str) -> Any:
        return property(itemgetter(index))


if TYPE_CHECKING:
    _Base = object
else:
    _Base = tuple


class _ValueType(type):
    """Turns the annotations of a class body into the fields of a tuple."""

    def __new__(cls, name: str, bases: tuple[type, ...], body: dict[str, Any]) -> _ValueType:
        if bases == (_Base,):
            return super().__new__(cls, name, bases, body)
        if "__annotations__" not in body and ("__annotate__" in body or "__annotate_func__" in body):
            raise TypeError(
                f"{name}: begin its module with `from __future__ import annotations`, else it has no fields"
            )
        names = tuple(body.get("__annotations__", ()))
        defaults = {field: body.pop(field) for field in names if field in body}
        if tuple(defaults) != names[len(names) - len(defaults) :]:
            raise TypeError(f"{name}: fields without a default come first, those with one in their order")
        body |= {field: _field(index, "") for index, field in enumerate(names)}
        body |= {"__slots__": (), "__match_args__": names, "_fields": names, "_defaults": defaults}
        return super().__new__(cls, name, bases, body)


@dataclass_transform(frozen_default=True)
class Value(_Base, metaclass=_ValueType):
    """The base of all values. Only `Value` itself is subclassed: `class Point(Value): x: int`."""

    __slots__ = ()
    _fields: ClassVar[tuple[str, ...]]
    _defaults: ClassVar[dict[str, Any]]

    if not TYPE_CHECKING:
        __iter__ = __getitem__ = __contains__ = __add__ = __mul__ = __rmul__ = None

        def __new__(cls, *values: Any, **named: Any) -> Value:
            """Takes the fields by position or by name."""
            if not named and len(values) == len(cls._fields):
                return tuple.__new__(cls, (*values, cls))
            return tuple.__new__(cls, (*cls._complete(values, named), cls))

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
        own = type(self)
        values = tuple(map(changes.pop, own._fields, tuple.__iter__(self)))  # type: ignore[arg-type]  # thousands in one frame
        for field in changes:
            raise TypeError(f"{own.__name__} has no field {field!r}")
        return own(*values)

    def _asdict(self) -> dict[str, Any]:
        """The values by the names of their fields, in order."""
        return {field: getattr(self, field) for field in self._fields}

    def __getnewargs__(self) -> tuple[Any, ...]:
        return tuple(self._asdict().values())

    def __repr__(self) -> str:
        fields = ", ".join(f"{field}={value!r}" for field, value in self._asdict().items())
        return f"{type(self).__name__}({fields})"
