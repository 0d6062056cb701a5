"""The static estimate: a module costs its count and its size. Pure; the same answer on every machine.

Fitted over 242 entries of 90 public packages: 0.13 ms a module and 7 µs per KiB of bytecode rank whole imports with a
log-correlation of 0.97; the absolute scale is that of one 2-core Linux machine.
"""

from collections.abc import Iterable

import msgspec

from importguard.startup.trace import LoadedModule, Origin

_PER_MODULE_US = 130.0
_PER_KIB_US = 7.0
_BYTECODE_PER_SOURCE = 0.9  # bytes of .pyc per byte of .py, median over site-packages
_PER_EXTENSION_US = 450.0
_PER_EXTENSION_KIB_US = 0.35  # mapping and relocating


class ModuleCost(msgspec.Struct, frozen=True):
    """Microseconds that a module's own body takes (`self_us`), by *source*: "estimated" or "measured"."""

    self_us: int
    source: str = "estimated"


def estimate(module: LoadedModule) -> ModuleCost:
    """The cost of executing *module* itself, without what it imports."""
    if module.origin is Origin.BUILTIN or module.path is None:
        return ModuleCost(50)
    kib = module.size / 1024
    if module.extension:
        return ModuleCost(round(_PER_EXTENSION_US + _PER_EXTENSION_KIB_US * kib))
    return ModuleCost(round(_PER_MODULE_US + _PER_KIB_US * kib * _BYTECODE_PER_SOURCE))


def total_us(modules: Iterable[LoadedModule]) -> int:
    """The sum of the modules' own estimated costs in microseconds."""
    return sum(estimate(module).self_us for module in modules)
