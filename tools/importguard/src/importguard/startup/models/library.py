"""What is known of a library. Its file in this folder has the name of its top-level package and says `LIBRARY`.

A model gets an Invocation and answers UNKNOWN when it cannot tell. It stands in place of what the library's own code
defines. None of them runs analysed code by itself: what is called back goes through the machine.
"""

from __future__ import annotations

import functools
import importlib
import os
from collections.abc import Callable, Mapping
from typing import NamedTuple

from importguard.startup.machine.state import MachineState
from importguard.startup.values.base import Invocation, Value
from importguard.startup.values.modules import ModuleValue
from importguard.startup.values.natives import Model, Native

Fill = Callable[[MachineState, ModuleValue], None]


class Library(NamedTuple):
    """`functions`: models by module and name, where the module has the name. `fill`: what else a module holds."""

    functions: Mapping[str, Mapping[str, Model]] = {}
    fill: Mapping[str, Fill] = {}


@functools.cache
def _known() -> frozenset[str]:
    return frozenset(name.removesuffix(".py") for name in os.listdir(os.path.dirname(__file__)))


@functools.cache
def _library(top: str) -> Library | None:
    if top not in _known():
        return None
    found = getattr(importlib.import_module(f"importguard.startup.models.{top}"), "LIBRARY", None)
    return found if isinstance(found, Library) else None


def apply_models(machine: MachineState, module: ModuleValue) -> None:
    """Puts the models in place of what the body of *module* has defined."""
    library = _library(module.name.partition(".")[0])
    if library is None:
        return
    for name, model in library.functions.get(module.name, {}).items():
        if name in module.namespace:
            module.namespace[name] = Native(name, model)
    fill = library.fill.get(module.name)
    if fill is not None:
        fill(machine, module)


# Models that several libraries share


def same_value(call: Invocation) -> Value:
    """The first argument, as a decorator without effect returns it."""
    return call.first()


def decorator(_call: Invocation) -> Value:
    """A decorator that returns what it gets."""
    return Native("decorator", same_value)
