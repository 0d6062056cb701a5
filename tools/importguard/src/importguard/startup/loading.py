"""Imports as the import system runs them: parents first, attribute before submodule, one body once."""

from __future__ import annotations

import functools
import json
import os
import re
from importlib import resources

from importguard.errors import SourceError
from importguard.source.import_site import ImportKind, ImportSite, Location
from importguard.startup.import_statements import ImportStatements
from importguard.startup.library import override_natives
from importguard.startup.machine_state import MAX_IMPORT_DEPTH, MAX_NAME, MAX_STEPS, OWN_IMPORTERS
from importguard.startup.trace import Certainty, LoadedModule, Origin, Stop
from importguard.startup.values import (
    MISSING,
    UNKNOWN,
    ClassValue,
    Exhausted,
    Frame,
    Instance,
    ListValue,
    Method,
    ModuleValue,
    Native,
    Raised,
    Value,
)
from importguard.storage.disk import Disk
from importguard.target.finder import Form, Found, read_source

_NOT_FOUND = ("ModuleNotFoundError", "ImportError", "Exception", "BaseException", "object")
_BOUND = "the walk of the whole start reached its bound"
_TOO_DEEP = ("RecursionError", "RuntimeError", "Exception", "BaseException", "object")
_LOAD_WORK = 200  # looking for a module, in expressions evaluated
_NOWHERE = ModuleValue("importlib", Found("importlib", Form.BUILTIN, None), {})
_SPEC = ClassValue("ModuleSpec", (), {}, _NOWHERE)
_MYPYC_LIBRARY = re.compile(rb"\0([\w.]+__mypyc)\0")


@functools.cache
def extension_imports() -> dict[str, tuple[str, ...]]:
    """Extension module to the modules its initialisation imports: generated, see the table's generator."""
    table = resources.files("importguard.startup").joinpath("extension_imports.json")
    if not table.is_file():
        return {}
    return {name: tuple(imported) for name, imported in json.loads(table.read_bytes()).items()}


def _marks(extension: str, disk: Disk) -> tuple[bool, str | None]:
    """Whether an extension was made from Python source, by the marks that mypyc and Cython leave in it.

    Second, the shared library that a module compiled by mypyc is only a door to.
    """
    try:
        content = read_source(extension, disk)
    except OSError:
        return False, None
    library = _MYPYC_LIBRARY.search(content)
    compiled = library is not None or b"mypyc_" in content or b"__pyx_" in content
    return compiled, library[1].decode() if library is not None else None


class Loading(ImportStatements):
    """Loads modules."""

    def load(self, name: str, site: ImportSite) -> Value:
        """What `sys.modules[name]` holds after importing it. Raises Raised(ModuleNotFoundError)."""
        self.imports += 1
        parts = self._parts.get(name)
        if parts is None:
            if len(name) > MAX_NAME:  # its parts together would be as long as its square
                raise Raised(_NOT_FOUND)
            names = name.split(".")
            parts = self._parts[name] = tuple(".".join(names[: depth + 1]) for depth in range(len(names)))
        parent: ModuleValue | None = None
        value: Value = UNKNOWN
        for partial in parts:
            known = self.modules.get(partial)
            if known is not None and partial not in self.aliases:
                self.record_edge(partial, site)
                value = parent = known
                continue
            try:
                value = self._load_one(partial, parent, site)
            except Raised:
                if parent is None and "." in partial and not self.is_closed(partial.rpartition(".")[0]):
                    return UNKNOWN  # below an object that code put into sys.modules itself
                raise
            parent = value if isinstance(value, ModuleValue) else self.modules.get(partial)
        return value

    def _load_one(self, name: str, parent: ModuleValue | None, site: ImportSite) -> Value:
        if name in self.aliases:
            if name in self.loaded:
                self.record_edge(name, site)
            return self.aliases[name]
        self.spend(_LOAD_WORK)
        if len(self.executing) >= MAX_IMPORT_DEPTH:
            raise Raised(_TOO_DEEP)
        made = self._ask_importers(name, parent, site, first=True)
        if made is not MISSING:
            return made
        found = self.find(name, parent)
        if found is None and name in self.environment.bare:
            found = Found(name, Form.BUILTIN, None)
        if found is None:
            made = self._ask_importers(name, parent, site, first=False)
            if made is MISSING:
                raise Raised(_NOT_FOUND)
            return made
        module = self._register(found, site)
        previous = self.executing, self.possible, self.own_catchers, self.calls
        limit, started, self.limit = self.limit, self.steps, MAX_STEPS
        self.executing = [*self.executing, name]
        self.possible, self.own_catchers, self.calls = 0, len(self.catchers), []
        muted = name in self.environment.bare
        self.muted += muted
        try:
            self._run_module(module)
        except Raised:
            self.modules.pop(name, None)
            self.loaded.pop(name, None)
            raise
        finally:
            self.muted -= muted
            self.executing, self.possible, self.own_catchers, self.calls = previous
            self.limit = min(limit + self.steps - started, MAX_STEPS)  # a module's own steps are not its caller's
        if parent is not None:
            parent.namespace[name.rpartition(".")[2]] = self.aliases.get(name, module)
        return self.aliases.get(name, module)

    def _ask_importers(self, name: str, parent: ModuleValue | None, site: ImportSite, *, first: bool) -> Value:
        """What importers that analysed code put on `sys.meta_path` (six, setuptools) make of *name*, else MISSING."""
        importers = self.meta_path.items
        own = importers.index(OWN_IMPORTERS) if OWN_IMPORTERS in importers else 0
        chosen = importers[:own] if first else importers[own + 1 :]
        if not chosen:
            return MISSING
        frame = Frame(self.modules.get(site.importer, _NOWHERE), {}, None, ())
        path = parent.namespace.get("__path__") if parent is not None else None
        for importer in list(chosen):
            spec = self._ask(importer, "find_spec", [name, path, None], frame)
            if isinstance(spec, Native) and spec.name == "spec":
                loader = spec.attributes["loader"]
                made = self._ask(loader, "create_module", [spec], frame)
                if made is None:  # the import system then makes an empty one
                    made = ModuleValue(name, Found(name, Form.BUILTIN, None), {"__name__": name})
                self.aliases.setdefault(name, made)
                self._record_made(name, made, site)
                self._ask(loader, "exec_module", [made], frame)
                return self.aliases[name]
        return MISSING

    def _record_made(self, name: str, made: Value, site: ImportSite) -> None:
        """A module without a file of its own: an importer made it."""
        if self.muted or name in self.environment.bare:
            return
        self.record_edge(name, site)
        path = made.found.path if isinstance(made, ModuleValue) else None
        origin = (made.origin if isinstance(made, ModuleValue) else "") or Origin.THIRD_PARTY
        executing = self.executing[-1] if self.executing else None
        self.loaded.setdefault(
            name, LoadedModule(name, Origin(origin), path, self.reach, Certainty.CERTAIN, executing, site)
        )

    def is_closed(self, name: str) -> bool:
        """Whether what stands in for the module *name* is known well enough to lack submodules."""
        value = self.aliases.get(name)
        return isinstance(value, Instance) and not value.open and value.cls.is_module_type()

    def _ask(self, importer: Value, method: str, args: list[Value], frame: Frame) -> Value:
        found = self.attribute(importer, method, frame) if isinstance(importer, Instance) else None
        return self.call(found, args, {}, frame, complete=True) if isinstance(found, Method) else UNKNOWN

    def search_path(self) -> tuple[str, ...]:
        """`sys.path` as the analysed code has left it."""
        system = self.modules.get("sys")
        path = system.namespace.get("path") if system is not None else None
        if not isinstance(path, ListValue):
            return self.finder.path
        self.spend(4 * len(path.items))
        items = [item for item in path.items if isinstance(item, str) and item]
        return tuple(dict.fromkeys([*items, *self.environment.path] if path.open else items))

    def find(self, name: str, parent: ModuleValue | None) -> Found | None:
        """Where the module *name* is: on the search path, or on its package's."""
        if parent is None:
            if "." in name:
                return None
            self.finder.path = self.search_path()
            return self.finder.find(name)
        locations = parent.namespace.get("__path__", MISSING)
        if isinstance(locations, ListValue):
            paths = tuple(item for item in locations.items if isinstance(item, str))
        elif parent.locations is not None:
            paths = parent.locations
        else:
            return None
        return self.finder.find(name, paths)

    def _register(self, found: Found, site: ImportSite | None) -> ModuleValue:
        name = found.name
        package = name if found.locations is not None else name.rpartition(".")[0]
        namespace: dict[str, Value] = {
            "__name__": name,
            "__package__": package,
            "__doc__": UNKNOWN,
            "__loader__": UNKNOWN,
            "__builtins__": UNKNOWN,
        }
        spec = Instance(_SPEC)
        spec.open = True
        spec.attributes.update({"name": name, "parent": package, "origin": found.path})
        namespace["__spec__"] = spec
        if found.path is not None:
            namespace["__file__"] = found.path
        if found.locations is not None:
            namespace["__path__"] = ListValue(list(found.locations))
            spec.attributes["submodule_search_locations"] = namespace["__path__"]
        module = ModuleValue(name, found, namespace)
        module.origin = self.origin(found)
        self.modules[name] = module
        if not self.muted and name not in self.environment.bare:
            if site is not None:
                self.record_edge(name, site)
            size = self.finder.disk.size(found.path) if found.path else 0
            self.loaded[name] = LoadedModule(
                name,
                Origin(module.origin),
                found.path,
                self.reach,
                Certainty.CERTAIN,
                self.executing[-1] if self.executing else None,
                site,
                size,
                found.form is Form.EXTENSION,
                found.locations is not None,
            )
        return module

    def origin(self, found: Found) -> str:
        """Who ships the module: by its place, then by the interpreter's list of its own names."""
        if found.form is Form.BUILTIN:
            return Origin.BUILTIN
        place = found.path or (found.locations or ("",))[0]
        environment = self.environment
        if "site-packages" in place or "dist-packages" in place:
            return Origin.THIRD_PARTY
        if place.startswith((environment.stdlib + os.sep, os.path.join(environment.base_prefix, "lib") + os.sep)):
            return Origin.STDLIB
        if place.startswith(self.project_root + os.sep):
            return Origin.FIRST_PARTY
        return Origin.THIRD_PARTY

    def _run_module(self, module: ModuleValue) -> None:
        found = module.found
        if found.form is Form.EXTENSION:
            sibling = self._sibling_source(module)
            if sibling is None:
                self._import_table(module)
                self._run_builtin(module)
                module.complete = True
                return
            found = Found(found.name, Form.SOURCE, sibling, found.locations)
        if found.form is Form.BUILTIN:
            self._import_table(module)
            self._run_builtin(module)
        elif found.form is Form.SOURCE and found.path is not None:
            self.run_source(module, found.path)
        else:
            module.open = found.form is not Form.NAMESPACE
        module.complete = True
        override_natives(self, module)

    def _sibling_source(self, module: ModuleValue) -> str | None:
        """A compiled module that ships its source (mypyc, Cython's pure mode) runs what the source says."""
        extension = module.found.path or ""
        directory, file = os.path.split(extension)
        sibling = file.partition(".")[0] + ".py"
        if sibling not in self.finder.listing(directory):
            return None
        compiled, library = _marks(extension, self.finder.disk)
        if library is not None:
            self.import_quietly(library, self._own_site(module))
        return os.path.join(directory, sibling) if compiled else None

    @staticmethod
    def _own_site(module: ModuleValue) -> ImportSite:
        location = Location(module.found.path or f"<{module.name}>", 1)
        return ImportSite(module.name, module.name, ImportKind.EAGER, location)

    def _import_table(self, module: ModuleValue) -> None:
        site = self._own_site(module)
        for name in extension_imports().get(module.name, ()):
            self.import_quietly(name, site)

    def _run_builtin(self, module: ModuleValue) -> None:
        names = self.environment.names.get(module.name) if module.origin != Origin.THIRD_PARTY else None
        module.open = names is None
        if names is not None:
            module.namespace.update(self.environment.constants.get(module.name, {}))
        for name in names or ():
            module.namespace.setdefault(name, UNKNOWN)

    def import_quietly(self, name: str, site: ImportSite) -> Value:
        """Load *name* for an importer that would have been told: a failure is no event of the program's."""
        try:
            return self.load(name, site)
        except Raised:
            return UNKNOWN

    def run_source(self, module: ModuleValue, path: str) -> None:
        """Run the body of *module* from the file *path*; a file that cannot be parsed is recorded as broken."""
        frame = Frame(module, module.namespace, None, ())
        try:
            program = self.read(path)
        except Exhausted:
            self.record_stop(frame, _BOUND)
            module.open = True
            return
        except SourceError as error:
            self._report_broken(module, path, error.line, error.reason)
            return
        except OSError as error:
            self._report_broken(module, path, 1, f"cannot be read: {error.strerror or error}")
            return
        module.program = program
        line, self.line = self.line, 0
        try:
            self.run_block(program.body, frame)
        except Exhausted:
            self.record_stop(frame, _BOUND)
            module.open = True
        except RecursionError:
            self._report_broken(
                module, path, self.line or 1, "cannot be followed: values or calls are nested too deeply"
            )
        finally:
            self.line = line

    def _report_broken(self, module: ModuleValue, path: str, line: int, reason: str) -> None:
        module.open = True
        self.broken[path] = Stop(Location(path, line), reason)
        if self.catches("SyntaxError", "Exception", "BaseException"):
            raise Raised(("SyntaxError", "Exception", "BaseException", "object"))
