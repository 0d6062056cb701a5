"""Imports as the import system runs them: parents first, attribute before submodule, one body once."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable

from importguard.errors import SourceError
from importguard.source.import_site import ImportSite, Location
from importguard.startup.machine.bounds import MAX_IMPORT_DEPTH, MAX_NAME, MAX_STEPS
from importguard.startup.machine.extensions import import_known, sibling_source
from importguard.startup.machine.progress import NOWHERE
from importguard.startup.machine.state import MachineState
from importguard.startup.models.importlib import PATH_FINDER, FoundSpec, OwnImporter, Spec
from importguard.startup.models.library import apply_models
from importguard.startup.trace.trace import Certainty, LoadedModule, Origin, Stop
from importguard.startup.values.base import MISSING, UNKNOWN, Exhausted, Raised, Value
from importguard.startup.values.classes import ClassValue
from importguard.startup.values.frames import Frame
from importguard.startup.values.functions import FunctionValue, Method
from importguard.startup.values.instances import Instance
from importguard.startup.values.lists import ListValue
from importguard.startup.values.modules import ModuleValue
from importguard.startup.values.natives import Namespace, Native
from importguard.target.finder import Form, Found

_BOUND = "the walk of the whole start reached its bound"
_NO_SUCH_NAME = frozenset({"AttributeError"})
_LOAD_WORK = 200  # looking for a module, in expressions evaluated
_SPEC = ClassValue("ModuleSpec", (), {}, NOWHERE)


def load(machine: MachineState, name: str, site: ImportSite) -> Value:
    """What `sys.modules[name]` holds after importing it. Raises Raised(ModuleNotFoundError)."""
    machine.imports += 1
    parts = machine.parts.get(name)
    if parts is None:
        if len(name) > MAX_NAME:  # its parts together would be as long as its square
            raise Raised.of(ModuleNotFoundError)
        names = name.split(".")
        parts = machine.parts[name] = tuple(".".join(names[: depth + 1]) for depth in range(len(names)))
    if machine.quiet:
        machine.threads.loaded.update(parts)
        if machine.threads.current is not None:
            machine.threads.current.sites.setdefault(site)
        return machine.modules.get(name, UNKNOWN)
    if machine.warmed.modules and machine.warmed.holds(name):
        return machine.modules.get(name, UNKNOWN)
    parent: ModuleValue | None = None
    value: Value = UNKNOWN
    for partial in parts:
        known = machine.modules.get(partial)
        if known is not None and partial not in machine.aliases:
            machine.record_edge(partial, site)
            value = parent = known
            continue
        try:
            value = _load_one(machine, partial, parent, site)
        except Raised:
            if parent is None and "." in partial and not is_closed(machine, partial.rpartition(".")[0]):
                return UNKNOWN  # below an object that code put into sys.modules itself
            if parent is not None and parent.found.form is Form.EXTENSION:
                machine.record_unresolved(name, site, "it is inside a compiled module, which may make it itself")
                return UNKNOWN
            raise
        parent = value if isinstance(value, ModuleValue) else machine.modules.get(partial)
    return value


def _not_found(name: str, parent: ModuleValue | None) -> Raised:
    """What an import of *name* raises that finds nothing, in *parent* or anywhere."""
    plain = parent is not None and parent.locations is None and "__path__" not in parent.namespace
    said = f"No module named {name!r}" + (f"; {name.rpartition('.')[0]!r} is not a package" if plain else "")
    raised = Raised.of(ModuleNotFoundError, said)
    raised.missing = name
    return raised


def _load_one(machine: MachineState, name: str, parent: ModuleValue | None, site: ImportSite) -> Value:
    if name in machine.aliases:
        if machine.aliases[name] is None:  # `sys.modules[name] = None`
            blocked = _not_found(name, None)
            blocked.place = "`sys.modules`, which holds None for it"
            raise blocked
        if name in machine.loaded:
            machine.record_edge(name, site)
        return machine.aliases[name]
    machine.spend(_LOAD_WORK)
    if len(machine.executing) >= MAX_IMPORT_DEPTH:
        raise Raised.of(RecursionError)
    found = _ask_all(machine, name, parent, site)
    if not isinstance(found, Found):
        return found
    module = register(machine, found, site)
    escaping, machine.escaping = machine.escaping, 0
    previous = machine.executing, machine.possible, machine.unended, machine.own_catchers, machine.calls
    alternatives, machine.alternatives = machine.alternatives, 0
    arms, machine.heap.arms = machine.heap.arms, []  # what a module's body does stays, however it came to be loaded
    limit, started, machine.limit = machine.limit, machine.steps, MAX_STEPS
    called, machine.called_steps = machine.called_steps, 0
    machine.executing = [*machine.executing, name]
    machine.possible, machine.unended, machine.own_catchers, machine.calls = 0, 0, len(machine.catchers), []
    muted = name in machine.environment.bare
    machine.muted += muted
    try:
        _run_module(machine, module)
    except Raised as raised:
        if not raised.ends:
            machine.modules.pop(name, None)
            machine.loaded.pop(name, None)
            if module.origin == Origin.FIRST_PARTY and found.path:
                machine.unnamed_files |= {found.path}  # what it has imported stays, by statements of the program's own
        raise
    finally:
        machine.muted -= muted
        machine.executing, machine.possible, machine.unended, machine.own_catchers, machine.calls = previous
        machine.escaping += escaping
        machine.alternatives = alternatives
        machine.heap.arms = arms
        machine.limit = min(limit + machine.steps - started, MAX_STEPS)  # a module's own steps are not its caller's
        machine.called_steps = called - (machine.steps - started if machine.calls else 0)  # nor are they a call's
    if parent is not None:
        parent.namespace[name.rpartition(".")[2]] = machine.aliases.get(name, module)
    return machine.aliases.get(name, module)


def _ask_all(machine: MachineState, name: str, parent: ModuleValue | None, site: ImportSite) -> Value | Found:
    """Where the module *name* is, or the one that an importer has made. Raises Raised(ModuleNotFoundError)."""
    made = _ask_importers(machine, name, parent, site, first=True)
    if made is not MISSING:
        return made
    found = _found(machine, name, parent, site)
    if found is not None:
        return found
    made = _ask_importers(machine, name, parent, site, first=False)
    if made is MISSING:
        raise _not_found(name, parent)
    return made


def _ask_importers(
    machine: MachineState, name: str, parent: ModuleValue | None, site: ImportSite, *, first: bool
) -> Value | Found:
    """What importers that analysed code put on `sys.meta_path` (six, setuptools) make of *name*, else MISSING.

    Where they let the interpreter's own find it elsewhere: what that has found. *first* are those before PathFinder.
    """
    importers = machine.meta_path.items
    own = importers.index(PATH_FINDER) if PATH_FINDER in importers else 0
    chosen = [one for one in (importers[:own] if first else importers[own:]) if not isinstance(one, OwnImporter)]
    if not chosen:
        return MISSING
    frame = Frame(machine.modules.get(site.importer, NOWHERE), {}, None, ())
    path = parent.namespace.get("__path__") if parent is not None else None
    for importer in chosen:
        spec = _ask(machine, importer, "find_spec", [name, path, None], frame)
        if isinstance(spec, FoundSpec):
            return spec.found
        if isinstance(spec, Spec):
            loader = spec.loader
            made = _ask(machine, loader, "create_module", [spec], frame)
            if made is None:  # the import system then makes an empty one
                made = _empty(name, spec, frame)
            machine.aliases.setdefault(name, made)
            record_made(machine, name, made, site)
            _ask(machine, loader, "exec_module", [made], frame)
            return machine.aliases[name]
    return MISSING


def _empty(name: str, spec: Spec, frame: Frame) -> ModuleValue:
    """What the import system makes for a spec; one of a file is of the project or the package that answers it."""
    path, locations = spec.attributes["origin"], spec.attributes["submodule_search_locations"]
    if not isinstance(path, str):
        return ModuleValue(name, Found(name, Form.BUILTIN, None), {"__name__": name})
    made = ModuleValue(name, Found(name, Form.SOURCE, path), {"__name__": name, "__file__": path, "__spec__": spec})
    made.namespace["__package__"] = name if locations is not None else name.rpartition(".")[0]
    made.origin = frame.module.origin
    return made


def record_made(machine: MachineState, name: str, made: Value, site: ImportSite) -> None:
    """A module without a file of its own: an importer made it."""
    if machine.muted or name in machine.environment.bare:
        return
    machine.record_edge(name, site)
    path = made.found.path if isinstance(made, ModuleValue) else None
    origin = (made.origin if isinstance(made, ModuleValue) else "") or Origin.THIRD_PARTY
    executing = machine.executing[-1] if machine.executing else None
    machine.loaded.setdefault(
        name, LoadedModule(name, Origin(origin), path, machine.reach, Certainty.CERTAIN, executing, site)
    )


def is_closed(machine: MachineState, name: str) -> bool:
    """Whether what stands in for the module *name* is known well enough to lack submodules."""
    value = machine.aliases.get(name)
    return isinstance(value, Instance) and not value.open and value.cls.is_module_type()


def _ask(machine: MachineState, importer: Value, method: str, args: list[Value], frame: Frame) -> Value:
    known = isinstance(importer, Instance | ClassValue | Namespace)
    found = machine.attribute(importer, method, frame) if known else None
    return machine.call(found, args, {}, frame, complete=True) if isinstance(found, Method | Native) else UNKNOWN


def _found(machine: MachineState, name: str, parent: ModuleValue | None, site: ImportSite) -> Found | None:
    """Where *name* is, for the import system, which asks the module above for its path."""
    if parent is not None:
        ask_for_path(machine, parent, Frame(machine.modules.get(site.importer, NOWHERE), {}, None, ()))
    found = find(machine, name, parent)
    return Found(name, Form.BUILTIN, None) if found is None and name in machine.environment.bare else found


def unless_refused(machine: MachineState, ask: Callable[[], Value]) -> Value:
    """What *ask* gives; MISSING where it raises an AttributeError."""
    machine.catchers.append(_NO_SUCH_NAME)
    try:
        return ask()
    except Raised as refused:
        if "AttributeError" not in refused.names:
            raise
        return MISSING
    finally:
        machine.catchers.pop()


def ask_for_path(machine: MachineState, module: Value, frame: Frame) -> None:
    """An import asks whether *module* is a package: one that is none answers by its `__getattr__`, which may import."""
    if type(module) is not ModuleValue or "__path__" in module.namespace:
        return
    getter = module.namespace.get("__getattr__")
    if isinstance(getter, FunctionValue):
        unless_refused(machine, functools.partial(machine.call, getter, ["__path__"], {}, frame, complete=True))


def search_path(machine: MachineState) -> tuple[str, ...]:
    """`sys.path` as the analysed code has left it."""
    system = machine.modules.get("sys")
    path = system.namespace.get("path") if system is not None else None
    if not isinstance(path, ListValue):
        return machine.finder.path
    machine.spend(4 * len(path.items))
    items = [
        item if os.path.isabs(item) else os.path.join(machine.folder, "" if item == "." else item)
        for item in path.items
        if isinstance(item, str)
    ]
    return tuple(dict.fromkeys([*items, *machine.environment.path] if path.open else items))


def find(machine: MachineState, name: str, parent: ModuleValue | None) -> Found | None:
    """Where the module *name* is: on the search path, or on its package's."""
    if parent is None:
        if "." in name:
            return None
        environment = machine.environment
        if name in environment.bare and name not in environment.builtins:  # no file of the program's comes before it
            found = machine.finder.find(name, environment.path)
            if found is not None:
                return found
        machine.finder.path = search_path(machine)
        return machine.finder.find(name)
    locations = parent.namespace.get("__path__", MISSING)
    if isinstance(locations, ListValue):
        paths = tuple(item for item in locations.items if isinstance(item, str))
    elif parent.locations is not None:
        paths = parent.locations
    else:
        return None
    return machine.finder.find(name, paths)


def register(machine: MachineState, found: Found, site: ImportSite | None) -> ModuleValue:
    """The module that *found* becomes, known by its name from now on."""
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
    module.origin = origin(machine, found)
    machine.modules[name] = module
    machine.noted += 1
    if not machine.muted and name not in machine.environment.bare:
        if site is not None:
            machine.record_edge(name, site)
        size = machine.finder.disk.size(found.path) if found.path else 0
        machine.loaded[name] = LoadedModule(
            name,
            Origin(module.origin),
            found.path,
            machine.reach,
            Certainty.CERTAIN,
            machine.executing[-1] if machine.executing else None,
            site,
            size,
            found.form is Form.EXTENSION,
            found.locations is not None,
        )
    return module


def origin(machine: MachineState, found: Found) -> str:
    """Who ships the module: by its place, then by the interpreter's list of its own names."""
    if found.form is Form.BUILTIN:
        return Origin.BUILTIN
    place = found.path or (found.locations or ("",))[0]
    environment = machine.environment
    if "site-packages" in place or "dist-packages" in place:
        return Origin.THIRD_PARTY
    if _is_below(place, environment.stdlib) or _is_below(place, os.path.join(environment.base_prefix, "lib")):
        return Origin.STDLIB
    if _is_below(place, machine.project_root):
        return Origin.FIRST_PARTY
    return Origin.THIRD_PARTY


def _is_below(place: str, folder: str) -> bool:
    """Whether *place* is in *folder*, as the system compares them: Windows does without case."""
    return os.path.normcase(place).startswith(os.path.normcase(folder + os.sep))


def _run_module(machine: MachineState, module: ModuleValue) -> None:
    found = module.found
    if found.form is Form.EXTENSION:
        sibling = sibling_source(machine, module)
        if sibling is None:
            import_known(machine, module)
            _run_builtin(machine, module)
            module.complete = True
            apply_models(machine, module)
            return
        found = Found(found.name, Form.SOURCE, sibling, found.locations)
    if found.form is Form.BUILTIN:
        import_known(machine, module)
        _run_builtin(machine, module)
    elif found.form is Form.SOURCE and found.path is not None:
        run_source(machine, module, found.path)
    else:
        module.open = found.form is not Form.NAMESPACE
    module.complete = True
    apply_models(machine, module)


def _run_builtin(machine: MachineState, module: ModuleValue) -> None:
    names = machine.environment.names.get(module.name) if module.origin != Origin.THIRD_PARTY else None
    module.open = names is None
    if names is not None:
        module.namespace.update(machine.environment.constants.get(module.name, {}))
    if module.name == "builtins":  # what a bare name means is an attribute of it
        machine.builtins = module.namespace = {**machine.builtins, **module.namespace}
    for name in names or ():
        module.namespace.setdefault(name, UNKNOWN)


def run_source(machine: MachineState, module: ModuleValue, path: str) -> None:
    """Run the body of *module* from the file *path*; a file that cannot be parsed is recorded as broken."""
    frame = Frame(module, module.namespace, None, ())
    try:
        program = machine.read(path)
    except Exhausted:
        machine.record_stop(frame, _BOUND)
        module.open = True
        return
    except SourceError as error:
        _report_broken(machine, module, path, error.line, error.reason)
        return
    except OSError as error:
        _report_broken(machine, module, path, 1, f"cannot be read: {error.strerror or error}")
        return
    module.program = program
    found = Found(module.name, Form.SOURCE, path)
    if machine.modules.get(module.name) is not module and origin(machine, found) == Origin.FIRST_PARTY:
        machine.unnamed_files |= {path}
    line, machine.line = machine.line, 0
    outer, machine.frame = machine.frame, frame
    try:
        machine.run_block(program.body, frame)
    except Raised as raised:
        raised.place = raised.place or f"{path}:{machine.line}"
        if not raised.ends and not machine.catches(*raised.names):  # uncaught: we assume that the program starts
            return
        raise
    except Exhausted:
        machine.record_stop(frame, _BOUND)
        module.open = True
    except RecursionError:
        reason = "cannot be followed: values or calls are nested too deeply"
        _report_broken(machine, module, path, machine.line or 1, reason, fails=False)
    finally:
        machine.line, machine.frame = line, outer


def _report_broken(
    machine: MachineState, module: ModuleValue, path: str, line: int, reason: str, *, fails: bool = True
) -> None:
    module.open = True
    machine.broken[path] = Stop(Location(path, line), reason)
    if fails and machine.catches("SyntaxError", "Exception", "BaseException"):
        raise Raised.of(SyntaxError)
