"""Import statements and imports by name: what they load and which names they bind. Loading itself is `loading`'s."""

from __future__ import annotations

from importguard.source import program as ir
from importguard.source.import_site import ImportKind, ImportSite
from importguard.startup.machine.state import MachineState
from importguard.startup.machine.values import (
    MISSING,
    UNKNOWN,
    Frame,
    Invocation,
    LazyImport,
    ModuleValue,
    Raised,
    Value,
)
from importguard.startup.trace.trace import Origin

_IMPORT_ERROR = ("ImportError", "Exception", "BaseException", "object")


class ImportStatements(MachineState):
    """Executes imports."""

    def import_names(self, node: ir.Import, frame: Frame) -> None:
        """`import a.b, c as d`."""
        for alias in node.names:
            root = alias.name.partition(".")[0]
            site = self.site(frame, alias.name, node.line)
            if self._is_lazy(node, alias.name, frame):
                self._bind_lazily(alias, site, frame)
                continue
            value = self.import_or_unknown(alias.name, site)
            if alias.asname is None:
                value = self.aliases.get(root, self.modules.get(root, UNKNOWN))
            self.bind(frame, alias.asname or root, value)

    def import_or_unknown(self, name: str, site: ImportSite) -> Value:
        """Load *name*. A failure that nobody would catch is taken as ours: recorded, and the walk goes on."""
        try:
            return self.load(name, site)
        except Raised as raised:
            self.record_unresolved(name, site, "not found in the target environment")
            if any(self.catches(caught) for caught in raised.names):
                raise
            return UNKNOWN

    def import_from(self, node: ir.ImportFrom, frame: Frame) -> None:
        """`from ...a import b, c as d`."""
        base = self.absolute(node.module, node.level, frame)
        if base is None or base == "__future__":
            if base:
                self.import_or_unknown(base, self.site(frame, base, node.line))
            for alias in node.names:
                self.bind(frame, alias.asname or alias.name, UNKNOWN)
            return
        site = self.site(frame, base, node.line)
        if node.names[0].name != "*" and self._is_lazy(node, base, frame):
            for alias in node.names:
                self.bind(frame, alias.asname or alias.name, LazyImport(base, alias.name, site))
            return
        module = self.import_or_unknown(base, site)
        for alias in node.names:
            if alias.name == "*":
                self._star(module, base, frame, node.line)
            else:
                value = self.member(module, base, alias.name, frame, node.line)
                self.bind(frame, alias.asname or alias.name, value)

    def absolute(self, module: str | None, level: int, frame: Frame) -> str | None:
        """The module a `from` statement names; None when it leaves the top package."""
        if level == 0:
            return module or ""
        package = frame.module.namespace.get("__package__")
        if not isinstance(package, str):
            package = frame.module.name if frame.module.is_package else frame.module.name.rpartition(".")[0]
        parts = package.split(".")
        if level > len(parts) or not package:
            return None
        base = ".".join(parts[: len(parts) - level + 1])
        return f"{base}.{module}" if module else base

    def member(self, module: Value, base: str, name: str, frame: Frame, line: int) -> Value:
        """`from base import name`: the attribute, else the submodule, else an ImportError."""
        if module is UNKNOWN:
            return UNKNOWN
        if type(module) is ModuleValue:
            value = module.namespace.get(name, UNKNOWN)
            if value is not UNKNOWN and type(value) is not LazyImport:
                if type(value) is ModuleValue and value.name == f"{base}.{name}":  # it would load it, were it not there
                    self.record_edge(value.name, self.site(frame, value.name, line))
                return value
        value = self.attribute(module, name, frame)
        if value is not MISSING and value is not UNKNOWN:
            return value
        owner = self.modules.get(base)
        if owner is not None and (name not in owner.namespace) and (owner.is_package or "__path__" in owner.namespace):
            full = f"{base}.{name}"
            if full in self.modules or full in self.aliases or self.find(full, owner) is not None:
                return self.import_or_unknown(full, self.site(frame, full, line))
        if base in self.aliases and self.is_closed(base) and value is MISSING:
            return self.import_or_unknown(f"{base}.{name}", self.site(frame, f"{base}.{name}", line))
        if value is UNKNOWN:
            return UNKNOWN
        if self.catches_here(*_IMPORT_ERROR) and isinstance(module, ModuleValue) and not module.open:
            self.record_unresolved(f"{base}.{name}", self.site(frame, f"{base}.{name}", line), "no such name there")
            raise Raised(_IMPORT_ERROR)
        return UNKNOWN

    def _star(self, module: Value, base: str, frame: Frame, line: int) -> None:
        if not isinstance(module, ModuleValue):
            frame.module.open = True
            return
        exported = module.namespace.get("__all__", MISSING)
        items = self.items_of(exported) if exported is not MISSING else None
        if items is not None:
            names = [name for name in items[0] if isinstance(name, str)]
            complete = items[1]
        else:
            names = [name for name in module.namespace if not name.startswith("_")]
            complete = exported is MISSING and not module.open
        for name in names:
            self.bind(frame, name, self.member(module, base, name, frame, line))
        if not complete:
            frame.module.open = True

    def remember_hints(self, body: tuple[ir.Statement, ...], frame: Frame) -> None:
        """The imports of a TYPE_CHECKING block: where a name that the module lacks must come from."""
        for node in body:
            if isinstance(node, ir.ImportFrom):
                base = self.absolute(node.module, node.level, frame)
                for alias in node.names if base else ():
                    site = self.site(frame, base or "", node.line, ImportKind.LAZY)
                    frame.module.hints[alias.asname or alias.name] = LazyImport(base or "", alias.name, site)

    def _is_lazy(self, node: ir.Import | ir.ImportFrom, name: str, frame: Frame) -> bool:
        if frame.lazy_imports:
            return True
        if self.environment.version_info[:2] < (3, 15) or node.eager:
            return False
        declared = frame.module.namespace.get("__lazy_modules__")
        listed = self.items_of(declared) if declared is not None else None
        return node.lazy or self.options.lazy_imports == "all" or (listed is not None and name in listed[0])

    def _bind_lazily(self, alias: ir.Alias, site: ImportSite, frame: Frame) -> None:
        """`lazy import a.b.c` binds `a`; the parts below it wait in the module above them."""
        if alias.asname is not None:
            self.bind(frame, alias.asname, LazyImport(alias.name, None, site))
            return
        root, *below = alias.name.split(".")
        bound = frame.namespace.get(root)
        waiting = bound.below if isinstance(bound, LazyImport) and bound.module == root else ()
        self.bind(frame, root, LazyImport(root, None, site, (*waiting, tuple(below)) if below else waiting))

    def reify(self, lazy: LazyImport, frame: Frame) -> Value:
        """What a PEP 810 name holds once it is used."""
        value = self.import_or_unknown(lazy.module, lazy.site)
        if lazy.attribute is not None:
            return self.member(value, lazy.module, lazy.attribute, frame, lazy.site.location.line)
        if isinstance(value, ModuleValue):
            for part in dict.fromkeys(path[0] for path in lazy.below):
                further = tuple(path[1:] for path in lazy.below if path[0] == part and path[1:])
                waiting = LazyImport(f"{lazy.module}.{part}", None, lazy.site, further)
                value.namespace.setdefault(part, waiting)
        return value

    def bind(self, frame: Frame, name: str, value: Value) -> None:
        """Bind a name where `global` and `nonlocal` say."""
        target = frame.namespace
        if frame.globals_ and name in frame.globals_:
            owner = frame.globals_[name]
            target = frame.module.namespace if owner is None else owner.namespace
        target[name] = value

    def import_dynamic(self, name: str, call: Invocation) -> Value:
        """`import_module(name)` with a name that is known."""
        return self.import_or_unknown(name, self.site(call.frame, name, call.line, ImportKind.DYNAMIC))

    def computed_import(self, call: Invocation) -> Value:
        """`import_module(…)` with a name that is not known."""
        if call.frame.module.origin != Origin.STDLIB:
            site = self.site(call.frame, "?", call.line, ImportKind.DYNAMIC)
            self.record_unresolved("?", site, "the name is computed at run time")
        return UNKNOWN
