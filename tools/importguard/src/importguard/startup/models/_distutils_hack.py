"""`_distutils_hack`: what setuptools puts in the place of `distutils`."""

from __future__ import annotations

from importguard.startup.machine.state import MachineState
from importguard.startup.models.library import Library
from importguard.startup.values.classes import ClassValue
from importguard.startup.values.modules import ModuleValue
from importguard.startup.values.natives import Native


def _fill(_machine: MachineState, module: ModuleValue) -> None:
    finder = module.namespace.get("DistutilsMetaFinder")
    if isinstance(finder, ClassValue):  # only where CPython itself is built it leaves `distutils` alone
        finder.namespace["is_cpython"] = Native("is_cpython", lambda _: False)


LIBRARY = Library(fill={"_distutils_hack": _fill})
