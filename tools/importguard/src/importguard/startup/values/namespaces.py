"""Objects whose attributes are a namespace: instances, classes, modules, functions."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence

from importguard.startup.values.base import Value
from importguard.startup.values.heap import Mutable
from importguard.startup.values.merge import merge_names


class Named(Mutable):
    """What changes is a dict of names."""

    __slots__ = ()

    @abstractmethod
    def contents(self) -> dict[str, Value]:
        """The names."""

    def snapshot(self) -> dict[str, Value]:
        """The names now."""
        return self.contents().copy()

    def restore(self, state: dict[str, Value]) -> None:
        """As before."""
        names = self.contents()
        names.clear()
        names.update(state)

    def join(self, states: Sequence[dict[str, Value]]) -> None:
        """A name that some ways have bound otherwise is not known."""
        self.restore(merge_names(states))
