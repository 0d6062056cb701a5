"""Modules, and names that load one when they are used."""

from __future__ import annotations

import types
from functools import partial
from typing import TYPE_CHECKING

from importguard.source import program as ir
from importguard.startup.trace.trace import Origin
from importguard.startup.values.base import MISSING, UNKNOWN, Abstract, Invocation, Value
from importguard.startup.values.builtin_types import MODULE_TYPE
from importguard.startup.values.classes import ClassValue
from importguard.startup.values.dicts import DictValue
from importguard.startup.values.functions import FunctionValue, Method
from importguard.startup.values.lazy_import import LazyImport
from importguard.startup.values.lists import ListValue
from importguard.startup.values.namespaces import Named
from importguard.startup.values.natives import Native

if TYPE_CHECKING:
    from importguard.source.import_site import ImportSite
    from importguard.startup.machine.state import MachineState
    from importguard.startup.values.frames import Frame
    from importguard.target.finder import Found

# What every module has, so that none asks its `__getattr__` for it.
_OF_EVERY_MODULE = frozenset({*dir(types.ModuleType), "__builtins__", "__cached__", "__file__"})


def _made(call: Invocation) -> Value:
    """`types.ModuleType(name)`."""
    name = call.get(0, "name", UNKNOWN)
    if not isinstance(name, str):
        return UNKNOWN
    made = ModuleValue(name, type(call.frame.module.found)(name, "builtin", None), {"__name__": name, "__doc__": None})  # type: ignore[arg-type]  # the form of a module without a file
    made.origin, made.complete = call.frame.module.origin, True
    return made


MODULE_TYPE.make = _made


class ModuleValue(Abstract, Named):
    """A module while and after its body runs. `open`: it may have attributes that `namespace` lacks."""

    __slots__ = (
        "complete",
        "found",
        "hints",
        "is_package",
        "locations",
        "name",
        "namespace",
        "open",
        "origin",
        "program",
        "provided",
    )
    type_name = "module"
    by_identity = True

    def __init__(self, name: str, found: Found, namespace: dict[str, Value]) -> None:
        self.name: str = name
        self.found = found
        self.namespace = namespace
        self.open = False
        self.complete = False
        self.is_package = found.locations is not None
        self.locations = found.locations
        self.origin = ""
        self.program: ir.Program | None = None
        self.hints: dict[str, LazyImport] = {}  # what its TYPE_CHECKING blocks import
        self.provided: dict[str, list[tuple[str, ImportSite]]] = {}  # names that a first use has bound → its imports

    def contents(self) -> dict[str, Value]:
        """Its names."""
        return self.namespace

    def is_own(self) -> bool:
        """By its place."""
        return self.origin == Origin.FIRST_PARTY

    def attribute(self, name: str, machine: MachineState, frame: Frame) -> Value:
        """A name of the module, else what its class or its `__getattr__` gives."""
        namespace = self.namespace
        if name == "__annotations__" and "__annotate__" in namespace:
            return machine.annotations_of(self, f"`{self.name}.__annotations__`")
        if name in namespace:
            value = namespace[name]
            if isinstance(value, LazyImport):
                value, imports = machine.imports_in(partial(machine.reify, value, frame))
                namespace[name] = value
                self.provided[name] = imports
            elif name in self.provided:
                self.record_use(name, machine)
            return value
        if name == "__dict__":
            return DictValue.of_names(namespace)
        cls = namespace.get("__class__")
        if isinstance(cls, ClassValue):
            found = cls.read(name, self, machine, frame)
            if found is not MISSING:
                return found
        if not self.complete and self.program is None and not self.open:
            return MISSING
        waiting = self._waiting(name, machine)
        if waiting is not None:
            return machine.reify(waiting, frame)
        getter = namespace.get("__getattr__")
        value = UNKNOWN if self.open else MISSING
        if isinstance(getter, FunctionValue | Native | Method) and name not in _OF_EVERY_MODULE:
            bound = set(namespace)
            value, imports = machine.imports_in(partial(machine.call, getter, [name], {}, frame, complete=True))
            if imports and len(namespace) > len(bound):  # it keeps what it has found, so that it is not asked again
                self.provided.update(dict.fromkeys(namespace.keys() - bound, imports))
        if (value is UNKNOWN or value is MISSING) and name in self.hints and self.complete:
            value = namespace[name] = machine.reify(self.hints.pop(name), frame)
        return value

    def _waiting(self, name: str, machine: MachineState) -> LazyImport | None:
        """The submodule *name* that somebody has imported lazily (PEP 810): any use as an attribute loads it."""
        site = machine.lazy.below.get(self.name, {}).get(name)
        full = f"{self.name}.{name}"
        if site is None or (full not in machine.modules and machine.find(full, self) is None):
            return None
        return LazyImport(full, None, site)

    def record_use(self, name: str, machine: MachineState) -> None:
        """Somebody uses a name that an earlier use has bound: without that one, this use would import the same."""
        for imported, site in self.provided.get(name, ()):
            machine.record_edge(imported, site)

    def set_attribute(self, name: str, value: Value, machine: MachineState) -> None:
        """A name of the module."""
        machine.heap.changing(self)
        self.namespace[name] = value

    def delete_attribute(self, name: str, machine: MachineState) -> None:
        """A name of the module."""
        machine.heap.changing(self)
        self.namespace.pop(name, None)

    def names(self, machine: MachineState, frame: Frame) -> Value:
        """What its own `__dir__` (PEP 562) says, else its names."""
        own = self.namespace.get("__dir__")
        if isinstance(own, FunctionValue):
            found = machine.items_of(machine.call(own, [], {}, frame, complete=True))
            names, complete = found if found is not None else (list(self.namespace), False)
            return ListValue([*sorted({name for name in names if isinstance(name, str)})], not complete)
        return ListValue([*sorted(self.namespace)], self.open)

    def type_of(self) -> Value:
        """The type of modules."""
        return MODULE_TYPE

    def __repr__(self) -> str:
        return f"<module {self.name}>"
