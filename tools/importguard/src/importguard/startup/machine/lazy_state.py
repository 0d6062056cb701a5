"""What a start has said about lazy imports (PEP 810), and which of them it has used."""

from __future__ import annotations

from importguard.source.import_site import ImportSite, Location
from importguard.startup.options import Options
from importguard.startup.trace.trace import LazyBy, LazyUse
from importguard.startup.values.annotate import Texts
from importguard.startup.values.base import UNKNOWN, Value

VARIABLE = "PYTHON_LAZY_IMPORTS"


class LazyState:
    """`mode` is "normal" or "all", UNKNOWN where nobody knows; `filter` is what `sys.set_lazy_imports_filter` got."""

    def __init__(self, mode: str) -> None:
        self.mode: Value = mode
        self.filter: Value = None
        self.names: dict[str, None] = {}  # `sys.lazy_modules`
        self.bound: dict[Location, LazyBy] = {}  # the statements that have bound names lazily
        self.below: dict[str, dict[str, ImportSite]] = {}  # package → submodule that waits → the statement
        self.uses: dict[tuple[str, Location], LazyUse] = {}
        self.reader = ""  # who reads the annotation that is being evaluated, in words
        self.reading_hooks: dict[int, Texts] = {}  # class hooks that read annotations, by the hook's identity

    @classmethod
    def of(cls, options: Options) -> LazyState:
        """As `-X lazy_imports` says, else the environment."""
        said = options.lazy_imports or dict(options.variables).get(VARIABLE)
        return cls("all" if said == "all" else "normal")

    def bind(self, module: str, location: Location, by: LazyBy) -> None:
        """The import of *module* at *location* has bound names lazily."""
        self.names.setdefault(module)
        self.bound.setdefault(location, by)

    def wait_below(self, module: str, site: ImportSite) -> None:
        """Every package above *module* has the next part as an attribute, for everybody who has that package."""
        while "." in module:
            module, _, child = module.rpartition(".")
            self.below.setdefault(module, {}).setdefault(child, site)

    def set_mode(self, mode: Value, *, certain: bool) -> None:
        """`sys.set_lazy_imports(mode)`, which may not run where it is not *certain*."""
        self.mode = mode if certain and mode in {"normal", "all"} else UNKNOWN

    def set_filter(self, wanted: Value, *, certain: bool) -> None:
        """`sys.set_lazy_imports_filter(wanted)`, as above."""
        self.filter = wanted if certain else UNKNOWN
