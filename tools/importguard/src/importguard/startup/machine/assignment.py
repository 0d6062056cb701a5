"""Assignment: to names, attributes, items and patterns of them."""

from __future__ import annotations

from importguard.source import program as ir
from importguard.startup.machine.state import MAX_KEYS, MachineState
from importguard.startup.machine.values import (
    UNKNOWN,
    ClassValue,
    DictValue,
    Frame,
    FunctionValue,
    GeneratorValue,
    Instance,
    ListValue,
    ModuleValue,
    Native,
    Value,
    is_constant,
)
from importguard.startup.models.library import SysModules


class Assignment(MachineState):
    """Stores values."""

    def assign(self, target: ir.Expression, value: Value, frame: Frame) -> None:
        """What iterating *value* yields, and whether that is all; None when unknown."""
        if isinstance(target, ir.Name):
            namespace = frame.namespace
            if target.id in frame.globals_:
                owner = frame.globals_[target.id]
                namespace = frame.module.namespace if owner is None else owner.namespace
            namespace[target.id] = value
        elif isinstance(target, ir.Display):
            self._unpack(target, value, frame)
        elif isinstance(target, ir.Attribute):
            self.set_attribute(self.evaluate(target.value, frame), target.attr, value)
        elif isinstance(target, ir.Subscript):
            container = self.evaluate(target.value, frame)
            key = self.evaluate(target.slice, frame)
            self.set_item(container, key, value)
        elif isinstance(target, ir.Starred):
            self.assign(target.value, UNKNOWN, frame)

    def _unpack(self, target: ir.Display, value: Value, frame: Frame) -> None:
        found = self.items_of(value) if not isinstance(value, GeneratorValue | str) else None
        starred = [position for position, one in enumerate(target.elts) if isinstance(one, ir.Starred)]
        if found is None or not found[1] or (len(found[0]) != len(target.elts) and not starred):
            for one in target.elts:
                self.assign(one, UNKNOWN, frame)
            return
        items = found[0]
        if starred:
            first, after = starred[0], len(target.elts) - starred[0] - 1
            middle = ListValue(items[first : len(items) - after])
            items = [*items[:first], middle, *items[len(items) - after :]]
        for one, item in zip(target.elts, items, strict=False):
            self.assign(one.value if isinstance(one, ir.Starred) else one, item, frame)

    def set_attribute(self, owner: Value, name: str, value: Value) -> None:
        """`owner.name = value`."""
        if isinstance(owner, ModuleValue | ClassValue):
            owner.namespace[name] = value
        elif isinstance(owner, Instance | FunctionValue | Native):
            owner.attributes[name] = value

    def set_item(self, container: Value, key: Value, value: Value) -> None:
        """`container[key] = value`."""
        if isinstance(container, SysModules):
            if isinstance(key, str):
                self.set_alias(key, value)
        elif isinstance(container, Native) and container.name == "environ":
            self.variables.set(key, value, certain=not self.possible)
        elif isinstance(container, DictValue):
            if is_constant(key) and (len(container.items) < MAX_KEYS or key in container.items):
                container.items[key] = value
            else:
                container.open = True
        elif (
            isinstance(container, ListValue)
            and type(key) is int
            and -len(container.items) <= key < len(container.items)
        ):
            container.items[key] = value

    def set_alias(self, name: str, value: Value) -> None:
        """`sys.modules[name] = value`."""
        self.spend(20)
        if value is not self.modules.get(name):
            self.aliases[name] = value
