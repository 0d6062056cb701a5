"""`importlib`: imports by name, specs, and what distributions declare."""

from __future__ import annotations

from typing import TYPE_CHECKING

from importguard.source.import_site import ImportKind
from importguard.startup.machine.state import MachineState
from importguard.startup.models.builtins import import_by_name
from importguard.startup.models.distributions import (
    distribution,
    distributions,
    metadata,
    requires,
    search,
    searched,
    version,
)
from importguard.startup.models.entry_points import MAX_POINTS, EntryPoints, declared, entry_point
from importguard.startup.models.io import path_of
from importguard.startup.models.library import Library
from importguard.startup.values.base import MISSING, PRESENT, UNKNOWN, Invocation, Value
from importguard.startup.values.builtin_types import PLAIN_TYPES
from importguard.startup.values.lists import ListValue
from importguard.startup.values.modules import ModuleValue
from importguard.startup.values.natives import Namespace, Native
from importguard.startup.values.paths import PathValue
from importguard.target.finder import Form, Found

if TYPE_CHECKING:
    from collections.abc import Callable

    from importguard.startup.values.builtin_types import BuiltinType

MAX_INSIDE = 20  # files that run files


class Spec(Namespace):
    """A module spec: what an importer of the program answers, or what tells of a file."""

    __slots__ = ()

    def __init__(self, name: Value, loader: Value, origin: Value = None, locations: Value = None) -> None:
        super().__init__(
            {
                "name": name,
                "loader": loader,
                "origin": origin,
                "submodule_search_locations": locations,
                "has_location": origin is not None,
                "parent": name.rpartition(".")[0] if isinstance(name, str) else UNKNOWN,
            }
        )

    @property
    def loader(self) -> Value:
        """Who makes the module."""
        return self.attributes["loader"]


class FoundSpec(Spec):
    """The spec of a module that the interpreter's own importer has *found*: it is loaded as any other."""

    __slots__ = ("found",)

    def __init__(self, found: Found) -> None:
        locations = None if found.locations is None else ListValue([*found.locations])
        loader = FileLoader(found.name, found.path) if found.form is Form.SOURCE else PRESENT
        super().__init__(found.name, loader, found.path, locations)
        self.found = found


class OwnImporter(Namespace):
    """One of the classes that the interpreter puts on `sys.meta_path`: *name* of *module*."""

    __slots__ = ()

    def __init__(self, name: str, module: str, find_spec: Callable[[Invocation], Value]) -> None:
        names = {"__name__": name, "__qualname__": name, "__module__": module}
        super().__init__({**names, "find_spec": Native("find_spec", find_spec)})

    def type_of(self) -> Value:
        """`type`."""
        return PLAIN_TYPES["type"]

    def is_a(self, builtin: BuiltinType) -> bool | None:
        """A class."""
        return builtin.name in {"type", "object"}

    def set_attribute(self, name: str, value: Value, machine: MachineState) -> None:
        """Nothing: it is the same one in every walk."""


def _find_built_in(call: Invocation) -> Value:
    """`BuiltinImporter.find_spec(fullname)`."""
    name = call.get(0, "fullname", UNKNOWN)
    if not isinstance(name, str):
        return UNKNOWN
    return FoundSpec(Found(name, Form.BUILTIN, None)) if name in call.machine.environment.builtins else None


def _find_along(call: Invocation) -> Value:
    """`PathFinder.find_spec(fullname, path)`: in the folders *path*, or along `sys.path`."""
    name, path, machine = call.get(0, "fullname", UNKNOWN), call.get(1, "path"), call.machine
    if not isinstance(name, str):
        return UNKNOWN
    if path is None:
        found = machine.find(name, None) if "." not in name else None
    else:
        items = machine.items_of(path)
        if items is None or not items[1] or not all(isinstance(item, str) for item in items[0]):
            return UNKNOWN
        found = machine.finder.find(name, tuple(item for item in items[0] if isinstance(item, str)))
    return FoundSpec(found) if found is not None and found.form is not Form.BUILTIN else None


def file_finder(folder: str) -> Namespace:
    """A `FileFinder`: who looks for modules in *folder*."""

    def find(call: Invocation) -> Value:
        name = call.get(0, "fullname", UNKNOWN)
        if not isinstance(name, str):
            return UNKNOWN
        found = call.machine.finder.find(name, (folder,))
        return FoundSpec(found) if found is not None and found.form is not Form.BUILTIN else None

    def find_module(call: Invocation) -> Value:
        spec = find(call)
        return spec.loader if isinstance(spec, Spec) else spec

    return Namespace(
        {"path": folder, "find_spec": Native("find_spec", find), "find_module": Native("find_module", find_module)}
    )


PATH_FINDER = OwnImporter("PathFinder", "_frozen_importlib_external", _find_along)
OWN_IMPORTERS = (
    OwnImporter("BuiltinImporter", "_frozen_importlib", _find_built_in),
    OwnImporter("FrozenImporter", "_frozen_importlib", lambda _: None),  # what it finds, the next one finds, too
    PATH_FINDER,
)


class FileLoader(Namespace):
    """Loads the module *name* from a source file."""

    __slots__ = ()

    def __init__(self, name: Value, path: Value) -> None:
        super().__init__({"name": name, "path": path})
        self.attributes["exec_module"] = Native("exec_module", lambda call: self.run(call.first(), call))
        self.attributes["load_module"] = Native("load_module", self._load_module)
        self.attributes["create_module"] = Native("create_module", lambda _: None)
        self.attributes["get_filename"] = Native("get_filename", lambda _: path)
        self.attributes["get_data"] = Native("get_data", lambda _: UNKNOWN)

    def run(self, module: Value, call: Invocation) -> Value:
        """Runs the file as the body of *module*."""
        path = path_of(self.attributes["path"], call.machine)
        if path is None or not isinstance(module, ModuleValue) or call.machine.texts >= MAX_INSIDE:
            call.machine.record_stop(call.frame, "a file is run that is not known")
            return None
        machine = call.machine
        named = machine.aliases.get(module.name) is module  # it is in `sys.modules` by now
        if named:
            machine.record_made(
                module.name, module, machine.site(call.frame, module.name, call.line, ImportKind.DYNAMIC)
            )
            machine.executing.append(module.name)
        machine.texts += 1
        try:
            machine.run_source(module, path)
        finally:
            machine.texts -= 1
            if named:
                machine.executing.pop()
        module.complete = True
        return None

    def _load_module(self, call: Invocation) -> Value:
        name, machine = self.attributes["name"], call.machine
        if machine.environment.version_info[:2] >= (3, 15):
            return machine.fail(AttributeError)
        if isinstance(name, str) and name in machine.modules:
            return machine.modules[name]
        if isinstance(name, str) and _is_where_found(name, self.attributes["path"], machine):
            return machine.import_dynamic(name, call)
        module = _module_from(Spec(name, self, self.attributes["path"]), call)
        if isinstance(name, str) and isinstance(module, ModuleValue):
            machine.set_alias(name, module)
        self.run(module, call)
        return module


class LazyLoader(Namespace):
    """`LazyLoader(loader)`: the module's body runs when one of its names is first asked for."""

    __slots__ = ()

    def __init__(self, loader: Value) -> None:
        super().__init__({"loader": loader})
        self.attributes["exec_module"] = Native("exec_module", lambda call: self._wait(call.first()))
        self.attributes["create_module"] = Native("create_module", lambda _: None)

    def _wait(self, module: Value) -> Value:
        loader = self.attributes["loader"]
        if isinstance(module, ModuleValue) and isinstance(loader, FileLoader):
            module.complete = True
            module.namespace["__getattr__"] = Native("__getattr__", lambda call: self._wake(module, loader, call))
        return None

    @staticmethod
    def _wake(module: ModuleValue, loader: FileLoader, call: Invocation) -> Value:
        module.namespace.pop("__getattr__", None)
        if call.machine.aliases.get(module.name) is module:
            site = call.machine.site(call.frame, module.name, call.line, ImportKind.DYNAMIC)
            call.machine.record_made(module.name, module, site)
        loader.run(module, call)
        name = call.first()
        return call.machine.attribute(module, name, call.frame) if isinstance(name, str) else UNKNOWN


def _is_where_found(name: str, path: Value, machine: MachineState) -> bool:
    """Whether an import of *name* would find the file *path*."""
    found = machine.find(name, machine.modules.get(name.rpartition(".")[0]))
    return found is not None and found.path == path


def _from_file(call: Invocation) -> Value:
    """`spec_from_file_location(name, path)`."""
    name, place = call.get(0, "name", UNKNOWN), call.get(1, "location")
    loader, locations = call.keywords.get("loader"), call.keywords.get("submodule_search_locations")
    path = path_of(place, call.machine)
    if path is None:
        return UNKNOWN
    if loader is None:
        if not path.endswith(".py"):
            return UNKNOWN
        loader = FileLoader(name, path)
    return Spec(name, loader, path, locations)


def _module_from(spec: Value, call: Invocation) -> Value:
    """`module_from_spec(spec)`: an empty module."""
    if not isinstance(spec, Spec):
        return UNKNOWN
    name, origin = spec.attributes["name"], spec.attributes["origin"]
    if not isinstance(name, str):
        name = "?"
    own = call.machine.attribute(spec.loader, "create_module", call.frame) if spec.loader is not None else UNKNOWN
    made = call.machine.invoke(own, spec) if own is not UNKNOWN and own is not MISSING else None
    if made is not None:
        return made
    path, locations = origin if isinstance(origin, str) else None, spec.attributes["submodule_search_locations"]
    module = ModuleValue(name, Found(name, Form.SOURCE, path), {"__name__": name, "__spec__": spec})
    module.namespace["__package__"] = name if locations is not None else name.rpartition(".")[0]
    module.namespace["__loader__"] = spec.loader
    if path is not None:
        module.namespace["__file__"] = path
    if locations is not None:
        module.namespace["__path__"] = locations
    module.origin = call.frame.module.origin
    return module


def _reload(call: Invocation) -> Value:
    """`reload(module)`: the body runs again, with the names that are there."""
    module, machine = call.first(), call.machine
    if isinstance(module, ModuleValue) and module.name not in machine.executing and module.found.form is Form.SOURCE:
        FileLoader(module.name, module.found.path).run(module, call)
    return module


def _import_module(call: Invocation) -> Value:
    name, package = call.get(0, "name", UNKNOWN), call.get(1, "package")
    if not isinstance(name, str):
        return call.machine.computed_import(call)
    if name.startswith("."):
        if package is None and call.complete:
            return call.machine.mistake(TypeError)
        if not isinstance(package, str):
            return call.machine.computed_import(call)
        level = len(name) - len(name.lstrip("."))
        parts = package.split(".")
        above = parts[: len(parts) - level + 1]
        name = ".".join([*above, name[level:]] if name[level:] else above)
    return call.machine.import_dynamic(name, call)


def _find_spec(call: Invocation) -> Value:
    name = call.get(0, "name", UNKNOWN)
    if not isinstance(name, str) or name.startswith("."):
        return UNKNOWN
    if name in call.machine.modules:
        return call.machine.modules[name].namespace.get("__spec__", UNKNOWN)
    parent, _, _ = name.rpartition(".")
    if parent and call.machine.import_dynamic(parent, call) is UNKNOWN:
        return UNKNOWN
    found = call.machine.find(name, call.machine.modules.get(parent) if parent else None)
    if found is None or found.form is not Form.SOURCE:
        return None if found is None else PRESENT
    return FoundSpec(found)


def _spec_from_loader(call: Invocation) -> Value:
    return Spec(call.get(0, "name", UNKNOWN), call.get(1, "loader", UNKNOWN))


def _entry_points(call: Invocation) -> Value:
    """`entry_points(group=…)`: what the installed distributions declare, in the order of the search path."""
    search(call)
    group = call.keywords.get("group")
    made = points_of(group if isinstance(group, str) else None, call.machine)
    return made.chosen(call.keywords) if call.complete and not call.args else UNKNOWN


def points_of(group: str | None, machine: MachineState) -> EntryPoints:
    """The installed entry points of *group*, or of all groups."""
    known = machine.entry_points.get(machine.finder.path)
    if known is None:
        machine.spend(100_000)  # some thousand files are looked for
        known = machine.entry_points[machine.finder.path] = declared(machine.finder)
    groups = known if group is None else [group]
    return EntryPoints.of(
        [entry_point(name, target, one) for one in groups for name, target in known.get(one, ())[:MAX_POINTS]]
    )


def _files(call: Invocation) -> Value:
    """`importlib.resources.files(package)`: the package's folder. Its loader brings the readers of folders."""
    anchor = call.get(0, "anchor", call.keywords.get("package"))
    machine = call.machine
    if isinstance(anchor, str):
        anchor = machine.import_dynamic(anchor, call)
    elif anchor is None:
        anchor = call.frame.module
    machine.import_dynamic("importlib.readers", call, "importlib.resources")
    machine.import_dynamic("importlib.resources._adapters", call, "importlib.resources")
    known = isinstance(anchor, ModuleValue) and anchor.locations is not None and len(anchor.locations) == 1
    if not isinstance(anchor, ModuleValue) or not known or machine.environment.os_name == "nt":
        return UNKNOWN
    return PathValue((anchor.locations or ("",))[0])


def _fill_machinery(_machine: MachineState, module: ModuleValue) -> None:
    module.namespace.update({str(one.attributes["__name__"]): one for one in OWN_IMPORTERS})


LIBRARY = Library(
    fill={"importlib.machinery": _fill_machinery},
    functions={
        "importlib": {"import_module": _import_module, "__import__": import_by_name, "reload": _reload},
        "importlib.util": {
            "find_spec": _find_spec,
            "spec_from_loader": _spec_from_loader,
            "spec_from_file_location": _from_file,
            "module_from_spec": lambda call: _module_from(call.get(0, "spec", UNKNOWN), call),
            "LazyLoader": lambda call: LazyLoader(call.first()),
        },
        "importlib.machinery": {
            "SourceFileLoader": lambda call: FileLoader(call.get(0, "fullname", UNKNOWN), call.get(1, "path", UNKNOWN)),
            "ModuleSpec": lambda call: Spec(call.get(0, "name", UNKNOWN), call.get(1, "loader"), call.get(2, "origin")),
        },
        "importlib.metadata": {
            "entry_points": _entry_points,
            "version": version,
            "metadata": metadata,
            "distribution": distribution,
            "distributions": distributions,
            "files": searched,
            "requires": requires,
            "packages_distributions": searched,
        },
        "importlib.resources._common": {"files": _files},
    },
)
