"""What code that may not run does to objects: undone when it ends, merged where the ways meet.

An arm is open while a way runs that may not be taken. Whoever is about to change an object says so (`changing`); the
innermost arm then holds what the object was before. At the join each object holds what all ways agree on.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, TypeAlias

State: TypeAlias = Any  # what a kind needs to be as it was; only the kind itself looks at it


class Mutable:
    """An object that can be changed."""

    __slots__ = ()

    def contents(self) -> object:
        """The dict or list that holds what changes; two objects may share it."""
        return self

    @abstractmethod
    def snapshot(self) -> State:
        """What it holds now."""

    @abstractmethod
    def restore(self, state: State) -> None:
        """It holds again what *state* says."""

    @abstractmethod
    def join(self, states: Sequence[State]) -> None:
        """It holds what is sure after ways that have left it in *states*."""


def _left(value: Mutable, change: tuple[Mutable, State]) -> State:
    """The state of *value* after a *change*, maybe of an object of another kind that shares its contents.

    A class and its `vars()`, a module and its `globals()` are two such objects.
    """
    changed, state = change
    if type(changed) is type(value):
        return state
    changed.restore(state)
    return value.snapshot()


Arm: TypeAlias = "dict[int, tuple[Mutable, State]]"
Way: TypeAlias = "dict[int, tuple[Mutable, State]]"  # what one way has changed, as it has left it


class Heap:
    """The objects of one start that open arms have changed."""

    def __init__(self) -> None:
        self.arms: list[dict[int, tuple[Mutable, State]]] = []

    def changing(self, value: Mutable) -> None:
        """*value* is about to be changed."""
        if self.arms:
            arm, key = self.arms[-1], id(value.contents())
            if key not in arm:
                arm[key] = value, value.snapshot()

    def _changing_from(self, value: Mutable, state: State) -> None:
        """As `changing`, of a *value* that is in *state*."""
        if self.arms:
            self.arms[-1].setdefault(id(value.contents()), (value, state))

    def born(self, value: Mutable) -> None:
        """*value* has just been made: where an open arm is not taken nobody has it, so there is nothing to undo."""
        for arm in self.arms:
            arm.pop(id(value.contents()), None)

    def open(self) -> None:
        """What runs from here may not run."""
        self.arms.append({})

    def commit(self) -> None:
        """The innermost arm ends: what it did has happened."""
        arm = self.arms.pop()
        if self.arms:
            self.arms[-1] = arm | self.arms[-1]

    def undo(self) -> dict[int, tuple[Mutable, State]]:
        """The innermost arm ends: all is as before it. What it had changed, as it left it."""
        arm = self.arms.pop()
        left = {key: (value, value.snapshot()) for key, (value, _) in arm.items()}
        for value, before in arm.values():
            value.restore(before)
        return left

    def join(self, ways: Sequence[dict[int, tuple[Mutable, State]]]) -> None:
        """Merge what *ways* have left, each of which started from how it is now."""
        changed = {key: value for way in ways for key, (value, _) in way.items()}
        for key, value in changed.items():
            now = value.snapshot()
            self._changing_from(value, now)
            value.join([_left(value, way[key]) if key in way else now for way in ways])

    def leave(self, outer: list[Arm]) -> list[Arm]:
        """The arms of a generator's body make way for those of the code around it, which may have to undo the same."""
        own, self.arms = self.arms, outer
        for arm in own if outer else ():
            outer[-1] = arm | outer[-1]
        own[0] = {}
        return own

    def close(self, depth: int) -> None:
        """End the arms beyond *depth*: what they did may have happened or not."""
        while len(self.arms) > depth:
            arm = self.arms.pop()
            left = [value.snapshot() for value, _ in arm.values()] if arm else ()
            for value, before in arm.values():
                value.restore(before)
            for (value, before), after in zip(arm.values(), left, strict=True):
                self._changing_from(value, before)
                value.join([after, before])
