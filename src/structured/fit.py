"""An answer beside its schema, and the table that it makes. Pure."""

from __future__ import annotations

from typing import Any

from src.value import Value

MAX_ROWS = 2_000
MAX_COLUMNS = 30


class Fit(Value):
    """The answer as a JSON value, and a sentence for each place where it does not fit."""

    value: Any
    errors: tuple[str, ...]


class Table(Value):
    """Rows of objects with plain values, under the names of their fields."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def table_of(value: Any) -> Table | None:
    """*value* as a table: a list of flat objects, or an object that holds one such list; None when it is neither."""
    if isinstance(value, dict):
        lists = [one for one in value.values() if isinstance(one, list)]
        plain = [one for one in value.values() if not isinstance(one, list | dict)]
        return table_of(lists[0]) if len(lists) == 1 and len(plain) + 1 == len(value) else None
    if not isinstance(value, list) or not value or not all(_is_flat(one) for one in value):
        return None
    columns = tuple(dict.fromkeys(name for row in value for name in row))[:MAX_COLUMNS]
    return Table(columns, tuple(tuple(shown(row.get(name)) for name in columns) for row in value[:MAX_ROWS]))


def shown(value: Any) -> str:
    """A plain value as a cell has it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def _is_flat(value: Any) -> bool:
    return isinstance(value, dict) and bool(value) and not any(isinstance(one, list | dict) for one in value.values())
