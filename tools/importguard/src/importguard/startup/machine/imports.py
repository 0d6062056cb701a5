"""Import statements and imports by name: what they load and which names they bind. Loading itself is `loading`'s."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable

import msgspec

from importguard.source import program as ir
from importguard.source.import_site import ImportKind, ImportSite
from importguard.startup.machine.branches import alternatives, perhaps
from importguard.startup.machine.lazy_imports import bind_lazily, bind_names_lazily, laziness, use_of, why_lazy
from importguard.startup.machine.loading import ask_for_path, is_closed, unless_refused
from importguard.startup.machine.state import MachineState
from importguard.startup.models.applications import names_for, usual
from importguard.startup.models.cython import LANGUAGE
from importguard.startup.trace.trace import Origin
from importguard.startup.values.base import MISSING, UNKNOWN, Abstract, Invocation, Raised, Value
from importguard.startup.values.choice import OneOf, one_of
from importguard.startup.values.frames import Frame
from importguard.startup.values.functions import FunctionValue
from importguard.startup.values.instances import Instance
from importguard.startup.values.lazy_import import LazyImport
from importguard.startup.values.modules import ModuleValue
from importguard.target.finder import Form, read_source

_CYTHON = "cython"


def import_names(machine: MachineState, node: ir.Import, frame: Frame) -> None:
    """`import a.b, c as d`."""
    for alias in node.names:
        root = alias.name.partition(".")[0]
        if root == _CYTHON and frame.module.found.form is Form.EXTENSION:
            machine.bind(frame, alias.asname or root, LANGUAGE)
            continue
        site = machine.site(frame, alias.name, node.line)
        way = laziness(machine, node, alias.name, None, frame)
        if way is not False:
            machine.lazy.bind(alias.name, site.location, why_lazy(machine, node))
            bind_lazily(machine, alias, site, frame)
            if way is None:
                perhaps(machine, frame, functools.partial(import_or_unknown, machine, alias.name, site))
            continue
        value = hooked(machine, alias.name, None, 0, node.line)
        if value is not MISSING:
            machine.bind(frame, alias.asname or root, _below(machine, value, alias, frame))
            continue
        value = import_or_unknown(machine, alias.name, site)
        if alias.asname is None:
            value = machine.aliases.get(root, machine.modules.get(root, UNKNOWN))
        machine.bind(frame, alias.asname or root, value)


def _is_for_cython(node: ir.ImportFrom, frame: Frame) -> bool:
    """Whether a module that Cython has compiled only tells it with these imports what is meant."""
    own = node.level == 0 and (node.module or "").partition(".")[0] == _CYTHON
    named = [alias.asname or alias.name for alias in node.names] == [_CYTHON]
    return frame.module.found.form is Form.EXTENSION and (own or named)


def _bind_language(machine: MachineState, node: ir.ImportFrom, frame: Frame) -> None:
    """`from cython import cclass`, or what only C knows of `cython.cimports`."""
    for alias in node.names:
        word = node.module == _CYTHON and alias.name != "*"
        value = LANGUAGE.attribute(alias.name, machine, frame) if word else UNKNOWN
        machine.bind(frame, alias.asname or alias.name, value)


def hooked(machine: MachineState, name: str, names: tuple[str, ...] | None, level: int, line: int) -> Value:
    """What the program's own function gives that it has put in the place of `__import__`; MISSING without one."""
    provided = machine.modules.get("builtins")
    hook = provided.namespace.get("__import__") if provided is not None else None
    if not isinstance(hook, FunctionValue | Instance):
        return MISSING
    machine.line = line
    made = machine.invoke(hook, name, UNKNOWN, UNKNOWN, names, level)
    return MISSING if made is UNKNOWN else made


def _below(machine: MachineState, module: Value, alias: ir.Alias, frame: Frame) -> Value:
    """`import a.b as c` binds what is below the module that `__import__` has given."""
    for part in alias.name.split(".")[1:] if alias.asname is not None else ():
        module = machine.attribute(module, part, frame)
    return UNKNOWN if module is MISSING else module


def import_or_unknown(machine: MachineState, name: str, site: ImportSite) -> Value:
    """Load *name*. A failure that nobody would catch is taken as ours: recorded, and the walk goes on."""
    try:
        return machine.load(name, site)
    except Raised as raised:
        if raised.ends:
            raise
        machine.record_unresolved(name, site, why_unresolved(raised))
        if not raised.missing and "ModuleNotFoundError" in raised.names:
            raised.missing, raised.given = name, (f"No module named {name!r}",)
        if any(machine.catches(caught) for caught in raised.names):
            raise
        return UNKNOWN


def why_unresolved(raised: Raised) -> str:
    """What to say of an import that fails."""
    return f"assumed to fail at {raised.place}" if raised.place else "not found in the target environment"


def import_from(machine: MachineState, node: ir.ImportFrom, frame: Frame) -> None:
    """`from ...a import b, c as d`."""
    if _is_for_cython(node, frame):
        _bind_language(machine, node, frame)
        return
    base = absolute(machine, node.module, node.level, frame)
    if base is None or base == "__future__":
        if base:
            import_or_unknown(machine, base, machine.site(frame, base, node.line))
        elif isinstance(frame.module.namespace.get("__name__"), str):
            written = "." * node.level + (node.module or "")
            machine.record_unresolved(written, machine.site(frame, written, node.line), "there is no parent package")
            machine.fail(ImportError)
        for alias in node.names:
            machine.bind(frame, alias.asname or alias.name, UNKNOWN)
        return
    site = machine.site(frame, base, node.line)
    names = tuple(alias.name for alias in node.names)
    way = laziness(machine, node, base, names, frame) if names != ("*",) else False
    if way is not False:
        machine.lazy.bind(base, site.location, why_lazy(machine, node))
        bind_names_lazily(machine, node.names, base, site, frame)
        if way is None:
            perhaps(machine, frame, functools.partial(import_or_unknown, machine, base, site))
        return
    module = hooked(machine, node.module or "", names, node.level, node.line)
    if module is MISSING:
        module = import_or_unknown(machine, base, site)
        ask_for_path(machine, module, frame)
    for alias in node.names:
        if alias.name == "*":
            _star(machine, module, base, frame, node.line)
        else:
            value = member(machine, module, base, alias.name, frame, node.line)
            machine.bind(frame, alias.asname or alias.name, value)


def absolute(_machine: MachineState, module: str | None, level: int, frame: Frame) -> str | None:
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


def member(  # noqa: PLR0917  the machine is one of them
    machine: MachineState,
    module: Value,
    base: str,
    name: str,
    frame: Frame,
    line: int,
    failure: type[Exception] = ImportError,
) -> Value:
    """`from base import name`: the attribute, else the submodule, else a *failure*."""
    if module is UNKNOWN:
        return UNKNOWN
    if type(module) is ModuleValue:
        value = module.namespace.get(name, UNKNOWN)
        if value is not UNKNOWN and type(value) is not LazyImport:
            if type(value) is ModuleValue and value.name == f"{base}.{name}":  # it would load it, were it not there
                machine.record_edge(value.name, machine.site(frame, value.name, line))
            module.record_use(name, machine)
            return value
    value = _attribute_of(machine, module, name, frame)
    if value is not MISSING and value is not UNKNOWN:
        return value
    owner = machine.modules.get(base)
    if owner is None and isinstance(machine.aliases.get(base), ModuleValue):
        owner = module if isinstance(module, ModuleValue) else None  # another name of a package: setuptools' distutils
    if owner is not None and (name not in owner.namespace) and (owner.is_package or "__path__" in owner.namespace):
        full = f"{base}.{name}"
        if full in machine.modules or full in machine.aliases or machine.find(full, owner) is not None:
            return import_or_unknown(machine, full, machine.site(frame, full, line))
    if base in machine.aliases and is_closed(machine, base) and value is MISSING:
        return import_or_unknown(machine, f"{base}.{name}", machine.site(frame, f"{base}.{name}", line))
    if value is UNKNOWN:
        return UNKNOWN
    if isinstance(module, ModuleValue) and not module.open:
        _lacks(machine, module, base, name, machine.site(frame, f"{base}.{name}", line), Raised.of(failure))
    return UNKNOWN


def _attribute_of(machine: MachineState, module: Value, name: str, frame: Frame) -> Value:
    """`module.name`; MISSING where its `__getattr__` says so."""
    return unless_refused(machine, functools.partial(machine.attribute, module, name, frame))


def _lacks(  # noqa: PLR0917  the machine is one of them
    machine: MachineState, module: ModuleValue, base: str, name: str, site: ImportSite, raised: Raised
) -> None:
    """*module* is believed to lack *name*. Raises *raised* where a `try` catches it."""
    raised.proven = not _is_written(machine, module, name)
    if machine.believes(raised.names, proven=raised.proven):
        machine.record_unresolved(f"{base}.{name}", site, "no such name there")
        raise raised


def _is_written(machine: MachineState, module: ModuleValue, name: str) -> bool:
    """Whether the source of *module* has the word *name*, or makes names that it does not have as words."""
    path = module.found.path
    if path is None or module.program is None:
        return True
    known = machine.written.get((path, name))
    if known is None:
        known = machine.written[path, name] = _says(machine, path, name)
    return known


def _says(machine: MachineState, path: str, name: str) -> bool:
    try:
        source = read_source(path, machine.finder.disk)
    except OSError:
        return True
    words = (name, "globals", "setattr", "exec", "vars", "__dict__", "locals")
    return any(re.search(rf"\b{re.escape(word)}\b".encode(), source) for word in words)


def _star(machine: MachineState, module: Value, base: str, frame: Frame, line: int) -> None:
    if not isinstance(module, ModuleValue):
        frame.module.open = True
        return
    exported = module.namespace.get("__all__", MISSING)
    items = machine.items_of(exported) if exported is not MISSING else None
    if items is not None:
        names = [name for name in items[0] if isinstance(name, str)]
        complete = items[1]
    else:
        names = [name for name in module.namespace if not name.startswith("_")]
        complete = exported is MISSING and not module.open
    for name in names:
        machine.bind(frame, name, member(machine, module, base, name, frame, line, AttributeError))
    if not complete:
        frame.module.open = True


def remember_hints(machine: MachineState, body: tuple[ir.Statement, ...], frame: Frame) -> None:
    """The imports of a TYPE_CHECKING block: where a name that the module lacks must come from."""
    for node in body:
        if isinstance(node, ir.ImportFrom):
            base = absolute(machine, node.module, node.level, frame)
            for alias in node.names if base else ():
                site = machine.site(frame, base or "", node.line, ImportKind.LAZY)
                frame.module.hints[alias.asname or alias.name] = LazyImport(base or "", alias.name, site)


def reify(machine: MachineState, lazy: LazyImport, frame: Frame) -> Value:
    """What a PEP 810 name holds once it is used: here, by the code that runs in *frame*."""
    site = use_of(machine, lazy, frame)
    value = import_or_unknown(machine, lazy.module, site)
    if lazy.attribute_name is not None:
        if isinstance(value, ModuleValue) and value.namespace.get(lazy.attribute_name) is lazy:
            del value.namespace[lazy.attribute_name]  # a package that has its own submodule lazily
        return member(machine, value, lazy.module, lazy.attribute_name, frame, site.location.line)
    if isinstance(value, ModuleValue):
        for part in dict.fromkeys(path[0] for path in lazy.below):
            further = tuple(path[1:] for path in lazy.below if path[0] == part and path[1:])
            waiting = LazyImport(f"{lazy.module}.{part}", None, lazy.site, further)
            value.namespace.setdefault(part, waiting)
    return value


def import_dynamic(machine: MachineState, name: str, call: Invocation, by: str = "") -> Value:
    """`import_module(name)` with a name that is known.

    *by*: the module whose function imports it itself when it is called. Then nobody can cut that but the module.
    """
    site = machine.site(call.frame, name, call.line, ImportKind.DYNAMIC)
    if by:
        site = msgspec.structs.replace(site, importer=by, scope=())
    return import_or_unknown(machine, name, site)


def _import_one_of(machine: MachineState, names: list[str], call: Invocation) -> Value:
    answers: list[Value] = []

    def importing(name: str) -> Callable[[], object]:
        one = Invocation(machine, call.frame, [name, *call.args[1:]], call.keywords, call.line, call.complete)
        load = machine.modules["importlib"].namespace["import_module"] if "importlib" in machine.modules else UNKNOWN
        if name.startswith(".") and isinstance(load, Abstract):
            return lambda: answers.append(load.call(one))
        return lambda: answers.append(machine.import_dynamic(name, one))

    alternatives(machine, machine.frame, [(f"the import of {name}", importing(name)) for name in names])
    return one_of(answers)


def computed_import(machine: MachineState, call: Invocation) -> Value:
    """`import_module(…)` with a name that is not known; with one of several names each of them is possible."""
    name = call.get(0, "name", UNKNOWN)
    if isinstance(name, OneOf) and all(one is None or isinstance(one, str) for one in name.options):
        names = name.texts()
        if name.more:
            _record_computed(machine, call)
            names = [one for one in names if one.lstrip(".").replace(".", "").isidentifier()]
        return _import_one_of(machine, names, call)
    if machine.options.args is None and machine.frame.module.origin == Origin.THIRD_PARTY:
        usual(names_for(machine.frame.module.name), call)
    _record_computed(machine, call)
    return UNKNOWN


def _record_computed(machine: MachineState, call: Invocation) -> None:
    if call.frame.module.origin != Origin.STDLIB:
        site = machine.site(call.frame, "?", call.line, ImportKind.DYNAMIC)
        machine.record_unresolved("?", site, "the name is computed at run time")
