"""`pkgutil`: the modules in folders, and packages spread over several of them."""

from __future__ import annotations

import os

from importguard.startup.machine.state import MachineState
from importguard.startup.models.folders import listed
from importguard.startup.models.io import path_of
from importguard.startup.models.library import Library, use_names_of
from importguard.startup.values.base import MAX_ITEMS, MISSING, UNKNOWN, Invocation, Value
from importguard.startup.values.lists import ListValue
from importguard.startup.values.records import Record


def _extend_path(call: Invocation) -> Value:
    """Every directory on the search path that has the package's folder."""
    path, name = call.get(0, "path", UNKNOWN), call.get(1, "name", UNKNOWN)
    if not isinstance(path, ListValue) or not isinstance(name, str):
        return path
    relative, finder = name.replace(".", os.sep), call.machine.finder
    known = {one for one in path.items if isinstance(one, str)}
    extra = [os.path.join(root, relative) for root in finder.path]
    return ListValue(path.items + [one for one in extra if one not in known and finder.is_directory(one)])


def _iter_modules(call: Invocation) -> Value:
    """`iter_modules(path, prefix)`: the modules in folders on disk, in the order of their names."""
    call.machine.import_dynamic("inspect", call, "pkgutil")  # as the function itself does
    return _listed(call.get(0, "path"), call.get(1, "prefix", ""), call)


def _listed(path: Value, prefix: Value, call: Invocation) -> Value:
    machine = call.machine
    folders = machine.items_of(path) if path is not None else None
    if folders is None or not isinstance(prefix, str):
        return UNKNOWN
    rows: dict[str, Value] = {}
    for folder in folders[0]:
        place = path_of(folder, machine)
        if place is None:
            return UNKNOWN
        for name, package in _modules_in(place, machine):
            if name not in rows:
                rows[name] = _row(prefix + name, package, call)
    return ListValue([*rows.values()][:MAX_ITEMS], not folders[1] or len(rows) > MAX_ITEMS)


def _modules_in(folder: str, machine: MachineState) -> list[tuple[str, bool]]:
    names = listed(folder, machine) or []
    suffixes = (*machine.environment.suffixes, ".py", ".pyc")
    found: dict[str, bool] = {}
    for name in names:
        inner = os.path.join(folder, name)
        if "." not in name and any(one.startswith("__init__.") for one in listed(inner, machine) or ()):
            found[name] = True
        suffix = next((one for one in suffixes if name.endswith(one)), None)
        stem = name.removesuffix(suffix) if suffix is not None else ""
        if stem and "." not in stem and stem != "__init__":
            found.setdefault(stem, False)
    return sorted(found.items())


def _row(name: str, package: bool, call: Invocation) -> Value:
    """A `ModuleInfo`."""
    made = call.machine.attribute(call.machine.modules["pkgutil"], "ModuleInfo", call.frame)
    return call.machine.invoke(made, UNKNOWN, name, package)


def _walk_packages(call: Invocation) -> Value:
    """`walk_packages(path, prefix)`: packages are imported on the way."""
    call.machine.import_dynamic("inspect", call, "pkgutil")
    rows: list[Value] = []
    pending: list[tuple[Value, Value]] = [(call.get(0, "path"), call.get(1, "prefix", ""))]
    complete = True
    while pending:
        found = call.machine.items_of(_listed(*pending.pop(0), call))
        if found is None or len(rows) > MAX_ITEMS:
            return ListValue(rows, True)
        complete &= found[1]
        for row in found[0]:
            rows.append(row)
            _, name, package = row.items if isinstance(row, Record) else (UNKNOWN, UNKNOWN, False)
            if package is True and isinstance(name, str):
                call.machine.import_dynamic(name, call)
                module = call.machine.modules.get(name)
                if module is not None:
                    pending.append((module.namespace.get("__path__", UNKNOWN), f"{name}."))
    return ListValue(rows, not complete)


def resolve_name(call: Invocation) -> Value:
    """`resolve_name("package.module:object")`."""
    use_names_of(call, "pkgutil", "re")
    name, machine = call.first(), call.machine
    if not isinstance(name, str):
        return machine.computed_import(call)
    module, colon, names = name.partition(":")
    if colon:
        value = machine.import_dynamic(module, call)
        rest = names.split(".") if names else []
    else:
        first, *rest = name.split(".")
        value = machine.import_dynamic(first, call)
        while rest and machine.find(f"{first}.{rest[0]}", machine.modules.get(first)) is not None:
            first = f"{first}.{rest.pop(0)}"
            value = machine.import_dynamic(first, call)
    for part in rest:
        value = machine.attribute(value, part, call.frame)
    return UNKNOWN if value is MISSING else value


def _get_data(call: Invocation) -> Value:
    """`get_data(package, resource)` imports the package."""
    package = call.get(0, "package", UNKNOWN)
    if not isinstance(package, str):
        return call.machine.computed_import(call)
    call.machine.import_dynamic(package, call)
    return UNKNOWN


LIBRARY = Library(
    functions={
        "pkgutil": {
            "extend_path": _extend_path,
            "iter_modules": _iter_modules,
            "walk_packages": _walk_packages,
            "resolve_name": resolve_name,
            "get_data": _get_data,
        }
    }
)
