"""What is known of a library. Its file in this folder has the name of its top-level package and says `LIBRARY`.

A model gets an Invocation and answers UNKNOWN when it cannot tell. It stands in place of what the library's own code
defines. None of them runs analysed code by itself: what is called back goes through the machine.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from importguard.startup.machine.state import MachineState
from importguard.startup.values.base import Abstract, Invocation, Raised, Value
from importguard.startup.values.classes import ClassValue
from importguard.startup.values.functions import Method
from importguard.startup.values.lazy_import import LazyImport
from importguard.startup.values.modules import ModuleValue
from importguard.startup.values.natives import Model, Native

if TYPE_CHECKING:
    from importguard.startup.values.frames import Frame

Fill = Callable[[MachineState, ModuleValue], None]
MethodModel = Callable[[Invocation, Abstract], Value]  # second: the library's own function


class Library(NamedTuple):
    """`functions`: models by module and name, where the module has the name. `fill`: what else a module holds.

    `methods`: models by module and `Class.method`, where the class has the method.
    `copied`: they are those of a copy, too, that another package ships (`dynaconf.vendor.click`).
    """

    functions: Mapping[str, Mapping[str, Model]] = {}
    fill: Mapping[str, Fill] = {}
    methods: Mapping[str, Mapping[str, MethodModel]] = {}
    copied: bool = False


_SHELVES = frozenset({"vendor", "_vendor", "vendored", "_vendored", "extern"})  # packages of copies


class NativeMethod(Native):
    """A method that has a model."""

    __slots__ = ()

    def __init__(self, name: str, model: MethodModel, own: Abstract) -> None:
        super().__init__(name, lambda call: model(call, own))

    def bind(self, receiver: Value, _cls: ClassValue, _machine: MachineState, _frame: Frame) -> Value:
        """A method of *receiver*."""
        return Method(self, receiver)

    def bind_to_super(self, name: str, receiver: Value) -> Value:
        """A method of *receiver*; `__new__` is static."""
        return self if name == "__new__" else Method(self, receiver)


@functools.cache
def _known() -> frozenset[str]:
    return frozenset(name.removesuffix(".py") for name in os.listdir(os.path.dirname(__file__)))


@functools.cache
def _library(top: str) -> Library | None:
    if top not in _known():
        return None
    found = getattr(importlib.import_module(f"importguard.startup.models.{top}"), "LIBRARY", None)
    return found if isinstance(found, Library) else None


@functools.cache
def _original(name: str) -> str:
    """The module that the one with this *name* is a copy of; *name* itself where it is none."""
    parts = name.split(".")
    place = next((index for index, part in enumerate(parts[:-1]) if part in _SHELVES), None)
    library = _library(parts[place + 1]) if place is not None else None
    return ".".join(parts[place + 1 :]) if place is not None and library is not None and library.copied else name


def apply_models(machine: MachineState, module: ModuleValue) -> None:
    """Puts the models in place of what the body of *module* has defined."""
    original = _original(module.name)
    library = _library(original.partition(".")[0])
    if library is None:
        return
    for name, model in library.functions.get(original, {}).items():
        if name in module.namespace:
            module.namespace[name] = Native(name, model)
    for path, method in library.methods.get(original, {}).items():
        owner, _, name = path.partition(".")
        cls = module.namespace.get(owner)
        own = cls.namespace.get(name) if isinstance(cls, ClassValue) else None
        if isinstance(cls, ClassValue) and isinstance(own, Abstract):
            cls.namespace[name] = NativeMethod(name, method, own)
    fill = library.fill.get(original)
    if fill is not None:
        fill(machine, module)


def use_names_of(call: Invocation, module: str, *names: str) -> None:
    """The function of *module* that a model replaces uses *names*, which the module may have imported lazily."""
    owner = call.machine.modules.get(module)
    for name in names:
        held = owner.namespace.get(name) if owner is not None else None
        if isinstance(held, LazyImport):
            load_for(call, module, held.module)


def load_for(call: Invocation, module: str, name: str) -> None:
    """The function of *module* that a model replaces imports *name* when it is called."""
    with contextlib.suppress(Raised):  # it would have handled that
        call.machine.import_dynamic(name, call, module)


# Models that several libraries share


def same_value(call: Invocation) -> Value:
    """The first argument, as a decorator without effect returns it."""
    return call.first()


def decorator(_call: Invocation) -> Value:
    """A decorator that returns what it gets."""
    return Native("decorator", same_value)
