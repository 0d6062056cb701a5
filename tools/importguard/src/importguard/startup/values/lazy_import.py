"""PEP 810: what a name holds that an import has bound lazily."""

from __future__ import annotations

from typing import TYPE_CHECKING

from importguard.startup.values.base import MISSING, UNKNOWN, Abstract, Invocation, Value
from importguard.startup.values.builtin_types import BuiltinType
from importguard.startup.values.natives import Native

if TYPE_CHECKING:
    from importguard.source.import_site import ImportSite
    from importguard.startup.machine.state import MachineState
    from importguard.startup.values.frames import Frame

LAZY_IMPORT_TYPE = BuiltinType("LazyImportType", ("LazyImportType", "object"))


class LazyImport(Abstract):
    """A binding that loads *module* when its name is used. `attribute_name` is set for `lazy from`.

    `below`: dotted paths under *module* that other lazy imports bound through the same name, each as its parts.
    Reading a global name, a name in a class body or an attribute of a module uses it; reading a local name or an item
    of `globals()` gives the object itself.
    """

    __slots__ = ("attribute_name", "below", "module", "site")
    type_name = "LazyImportType"

    def __init__(
        self, module: str, attribute_name: str | None, site: ImportSite, below: tuple[tuple[str, ...], ...] = ()
    ) -> None:
        self.module = module
        self.attribute_name = attribute_name
        self.site = site
        self.below = below

    def attribute(self, name: str, machine: MachineState, _frame: Frame) -> Value:
        """`resolve` loads the module; it has nothing of what the module has."""
        if name == "resolve":
            return Native("resolve", self._resolve)
        return UNKNOWN if machine.environment.version_info[:2] < (3, 15) or name.startswith("__") else MISSING

    def _resolve(self, call: Invocation) -> Value:
        return call.machine.reify(self, call.frame)

    def type_of(self) -> Value:
        """`types.LazyImportType`."""
        return LAZY_IMPORT_TYPE

    def truth(self, machine: MachineState) -> bool | None:
        """An object that stands for nothing else is true; what an emulation gives is not known before it is loaded."""
        return True if machine.environment.version_info[:2] >= (3, 15) else None
