"""PEP 810: whether an import statement binds lazily, what it binds, and where such a name is used."""

from __future__ import annotations

from importguard.source import program as ir
from importguard.source.import_site import ImportSite
from importguard.startup.machine.operators import compare
from importguard.startup.machine.state import MachineState
from importguard.startup.trace.trace import LazyBy, LazyUse
from importguard.startup.values.base import UNKNOWN, Value, truth
from importguard.startup.values.frames import Frame
from importguard.startup.values.lazy_import import LazyImport

LAZY_IMPORTS = (3, 15)


def laziness(
    machine: MachineState, node: ir.Import | ir.ImportFrom, name: str, names: tuple[str, ...] | None, frame: Frame
) -> bool | None:
    """Whether *node* imports the module *name* lazily; None where nobody knows. *names*: what `from` takes of it."""
    if frame.lazy_imports:
        return True
    if machine.environment.version_info[:2] < LAZY_IMPORTS or node.eager:
        return False
    asked = True if node.lazy else _asked(machine, name, frame)
    if asked is False or machine.lazy.filter is None:
        return asked
    if machine.lazy.filter is UNKNOWN:
        return None
    given: list[Value] = [frame.module.name, name, names]
    allowed = truth(machine.call(machine.lazy.filter, given, {}, frame, complete=True), machine)
    return asked if allowed else allowed


def why_lazy(machine: MachineState, node: ir.Import | ir.ImportFrom) -> LazyBy:
    """Of a *node* that binds lazily."""
    if node.lazy:
        return LazyBy.KEYWORD
    return LazyBy.MODE if machine.lazy.mode == "all" else LazyBy.LIST


def _asked(machine: MachineState, name: str, frame: Frame) -> bool | None:
    """Whether the mode or the module's own list asks for it."""
    if machine.lazy.mode == "all":
        return True
    declared = frame.module.namespace.get("__lazy_modules__")
    listed = False if declared is None else compare(machine, name, "In", declared)
    if listed is True:
        return True
    return None if listed is UNKNOWN or machine.lazy.mode is UNKNOWN else False


def bind_lazily(machine: MachineState, alias: ir.Alias, site: ImportSite, frame: Frame) -> None:
    """`lazy import a.b.c` binds `a`; the parts below it wait in the module above them."""
    machine.lazy.wait_below(alias.name, site)
    if alias.asname is not None:
        machine.bind(frame, alias.asname, LazyImport(alias.name, None, site))
        return
    root, *below = alias.name.split(".")
    bound = frame.namespace.get(root)
    waiting = bound.below if isinstance(bound, LazyImport) and bound.module == root else ()
    machine.bind(frame, root, LazyImport(root, None, site, (*waiting, tuple(below)) if below else waiting))


def bind_names_lazily(
    machine: MachineState, names: tuple[ir.Alias, ...], base: str, site: ImportSite, frame: Frame
) -> None:
    """`lazy from base import a, b as c`: what is a submodule waits as an attribute of its package, too."""
    for alias in names:
        machine.lazy.wait_below(f"{base}.{alias.name}", site)
        machine.bind(frame, alias.asname or alias.name, LazyImport(base, alias.name, site))


def use_of(machine: MachineState, lazy: LazyImport, frame: Frame) -> ImportSite:
    """The import that using *lazy* in the code of *frame* is: its place is where the name is used."""
    machine.lazy.names.pop(lazy.module, None)
    if not machine.line or lazy.site.location not in machine.lazy.bound:
        return lazy.site  # an emulation, or what is there for type checkers
    site = machine.site(frame, lazy.module, machine.line)
    if site.location != lazy.site.location:
        use = LazyUse(lazy.module, site.location, lazy.site.location, machine.lazy.reader)
        machine.lazy.uses.setdefault((lazy.module, site.location), use)
    return site
