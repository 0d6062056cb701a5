"""Functions whose results are remembered: `functools.lru_cache`, `functools.cache`, `functools.cached_property`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from importguard.startup.values.base import MISSING, UNKNOWN, Abstract, Invocation, Value, is_key
from importguard.startup.values.descriptors import Wrapper
from importguard.startup.values.dicts import DictValue
from importguard.startup.values.functions import Method
from importguard.startup.values.instances import Instance
from importguard.startup.values.natives import Native

if TYPE_CHECKING:
    from importguard.startup.machine.state import MachineState
    from importguard.startup.values.classes import ClassValue
    from importguard.startup.values.frames import Frame


class CachedFunction(Wrapper):
    """A function that runs once for each set of arguments; it remembers the *latest* of them, all for None."""

    __slots__ = ("attributes", "given", "latest", "results")

    def __init__(self, function: Value, latest: int | None = None) -> None:
        super().__init__(function)
        self.latest = latest
        self.results = DictValue({})
        self.given: list[Value] = []  # what the keys hold by its identity
        self.attributes: dict[str, Value] = {}

    def call(self, call: Invocation) -> Value:
        """What the first such call has given."""
        key = self._key(call)
        if key is None:
            return super().call(call)
        known = self.results.items.get(key, MISSING)
        if known is not MISSING:
            if self.latest is not None:
                self._remember(key, known, call.machine)
            return known
        made = super().call(call)
        self._remember(key, made, call.machine)
        return made

    def _remember(self, key: Value, made: Value, machine: MachineState) -> None:
        """*key* is the latest one; the oldest is forgotten where there are too many."""
        results = self.results.items
        machine.heap.changing(self.results)
        results.pop(key, None)
        self.results.set_item(key, made, machine)
        if self.latest is not None and len(results) > self.latest:
            results.pop(next(iter(results)))

    def _key(self, call: Invocation) -> Value:
        """What stands for the arguments; None where equal ones are not recognised."""
        if not call.complete:
            return None
        values = [*call.args, *(value for _, value in sorted(call.keywords.items()))]
        if any(value is UNKNOWN for value in values):
            return None
        self.given += [value for value in values if not is_key(value)]
        parts = [value if is_key(value) else ("by identity", id(value)) for value in values]
        return (*parts, *sorted(call.keywords))

    def attribute(self, name: str, machine: MachineState, frame: Frame) -> Value:
        """What code has set, `cache_clear`, the function below."""
        if name in self.attributes:
            return self.attributes[name]
        if name == "cache_clear":
            return Native(name, self._clear)
        if name in {"cache_info", "cache_parameters"}:
            return UNKNOWN
        found = super().attribute(name, machine, frame)
        return machine.attribute(self.function, name, frame) if found is UNKNOWN else found

    def set_attribute(self, name: str, value: Value, machine: MachineState) -> None:  # noqa: ARG002  as its base
        """Any name may be set."""
        self.attributes[name] = value

    def _clear(self, call: Invocation) -> Value:
        call.machine.heap.changing(self.results)
        self.results.items.clear()
        return None

    def bind(self, receiver: Value, _cls: ClassValue, _machine: MachineState, _frame: Frame) -> Value:
        """A method."""
        return Method(self, receiver)

    def bind_to_super(self, _name: str, receiver: Value) -> Value:
        """A method."""
        return Method(self, receiver)

    def is_callable(self) -> bool | None:
        """It is."""
        return True


class CachedProperty(Wrapper):
    """A property that runs once for each object."""

    __slots__ = ("name",)

    def __init__(self, function: Value) -> None:
        super().__init__(function)
        self.name = getattr(function, "name", "")

    def bind(self, receiver: Value, _cls: ClassValue, machine: MachineState, frame: Frame) -> Value:
        """What the function returns, which becomes an attribute of the object."""
        if receiver is None:
            return self
        made = machine.call(self.function, [receiver], {}, frame, complete=True)
        if isinstance(receiver, Instance) and isinstance(self.name, str) and self.name:
            machine.heap.changing(receiver)
            receiver.attributes[self.name] = made
        return made


def of_function(value: Value, latest: int | None = None) -> Value:
    """`@lru_cache(latest)` on *value*."""
    return CachedFunction(value, latest) if isinstance(value, Abstract) else value
