"""`Warmup.ready("module")`: whether a module is loaded in the background. Behind a yes its use loads nothing."""

from __future__ import annotations

from importguard.startup.values.base import Unknown


class Gate(Unknown):
    """The answer, or with *negated* its opposite."""

    __slots__ = ("module", "negated")
    type_name = "bool"

    def __init__(self, module: str, *, negated: bool = False) -> None:
        self.module, self.negated = module, negated

    def opposite(self) -> Gate:
        """`not answer`."""
        return Gate(self.module, negated=not self.negated)


class Warmed:
    """The modules that the code that runs now has asked for and got a yes."""

    def __init__(self) -> None:
        self.modules: list[str] = []

    def holds(self, name: str) -> bool:
        """Whether *name* is one of them, or below one."""
        return any(name == module or name.startswith(f"{module}.") for module in self.modules)
