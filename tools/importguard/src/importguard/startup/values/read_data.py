"""What a file of data said when the analysis read it: likely what the program will find, and never certain."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from importguard.startup.values.base import MAX_ITEMS, UNKNOWN, Invocation, Unknown, Value
from importguard.startup.values.choice import OneOf, one_of
from importguard.startup.values.natives import Native

if TYPE_CHECKING:
    from importguard.startup.machine.state import MachineState
    from importguard.startup.values.frames import Frame


class ReadData(Unknown):
    """A list or dict of a file; `host` is what was read."""

    __slots__ = ("host",)

    def __init__(self, host: list[Any] | dict[Any, Any]) -> None:
        self.host = host

    def item(self, key: Value, _machine: MachineState, _frame: Frame) -> Value:
        """What is likely there."""
        try:
            return likely(self.host[key])  # type: ignore[index]  # what does not fit raises
        except (KeyError, IndexError, TypeError):
            return UNKNOWN

    def attribute(self, name: str, _machine: MachineState, _frame: Frame) -> Value:
        """The methods of a dict that read."""
        reading: dict[str, Callable[[Invocation], Value]] = {
            "get": self._get,
            "keys": lambda _: ReadData(list(self.host)),
            "values": lambda _: ReadData(list(self.host.values())) if isinstance(self.host, dict) else UNKNOWN,
            "items": lambda _: ReadData(list(self.host.items())) if isinstance(self.host, dict) else UNKNOWN,
            "copy": lambda _: self,
        }
        return Native(name, reading[name]) if isinstance(self.host, dict) and name in reading else UNKNOWN

    def _get(self, call: Invocation) -> Value:
        found = self.item(call.first(), call.machine, call.frame)
        return found if found is not UNKNOWN else one_of([call.get(1, "default")], more=True)

    def some_item(self, _machine: MachineState) -> Value:
        """One of its items, or another."""
        return one_of(map(likely, list(self.host)[:MAX_ITEMS]), more=True)


class Made(Unknown):
    """What a comprehension makes of such a list: *item* is one of its items."""

    __slots__ = ("made",)

    def __init__(self, item: Value) -> None:
        self.made = item

    def some_item(self, _machine: MachineState) -> Value:
        """One of its items, or another."""
        return self.made


def likely(host: Any) -> Value:
    """The value of what was read."""
    if isinstance(host, list | dict):
        return ReadData(host)
    if isinstance(host, tuple):
        return OneOf([tuple(map(likely, host))], more=True)
    known = isinstance(host, bool | int | float | str | None)
    return OneOf([host], more=True) if known else UNKNOWN


def from_file(host: Any) -> Value:
    """*host* itself where it is a constant, for a turn of a loop that is possible anyway; else as `likely`."""
    if isinstance(host, tuple):
        return tuple(map(from_file, host))
    return host if isinstance(host, bool | int | float | str | None) else likely(host)
