"""`runpy`: modules and files that are run as `__main__`, or as what the program says."""

from __future__ import annotations

import os

from importguard.startup.models.importlib import FileLoader
from importguard.startup.models.io import path_of
from importguard.startup.models.library import Library
from importguard.startup.values.base import UNKNOWN, Invocation, Value
from importguard.startup.values.dicts import DictValue
from importguard.startup.values.modules import ModuleValue
from importguard.target.finder import Form, Found


def _run(call: Invocation, path: str, name: str, package: str, given: Value) -> Value:
    """Runs the file *path*, which knows itself as *name*; the names that it leaves."""
    module = ModuleValue(name, Found(name, Form.SOURCE, path), {})
    if isinstance(given, DictValue):
        module.namespace.update({key: value for key, value in given.items.items() if isinstance(key, str)})
    module.namespace.update({"__name__": name, "__file__": path, "__package__": package, "__spec__": UNKNOWN})
    module.origin = call.frame.module.origin
    FileLoader(name, path).run(module, call)
    return DictValue.of_names(module.namespace, module.open)


def _run_path(call: Invocation) -> Value:
    call.machine.import_dynamic("pkgutil", call, "runpy")  # as the function itself does
    path, name = path_of(call.get(0, "path_name", UNKNOWN), call.machine), call.get(2, "run_name")
    if path is not None and call.machine.finder.is_directory(path):
        path = os.path.join(path, "__main__.py")
        name = "__main__" if name is None else name
    if path is None or not call.machine.finder.disk.ask("isfile", path):
        call.machine.record_stop(call.frame, "a file is run that is not known")
        return UNKNOWN
    return _run(call, path, name if isinstance(name, str) else "<run_path>", "", call.get(1, "init_globals"))


def _run_module(call: Invocation) -> Value:
    name, run_name = call.get(0, "mod_name", UNKNOWN), call.get(2, "run_name")
    if not isinstance(name, str):
        return call.machine.computed_import(call)
    machine, parent = call.machine, name.rpartition(".")[0]
    if parent:
        machine.import_dynamic(parent, call)
    found = machine.find(name, machine.modules.get(parent) if parent else None)
    if found is not None and found.locations is not None:
        machine.import_dynamic(name, call)
        parent, found = name, machine.find(f"{name}.__main__", machine.modules.get(name))
    if found is None or found.form is not Form.SOURCE or found.path is None:
        return machine.import_dynamic(name, call)
    return _run(call, found.path, run_name if isinstance(run_name, str) else name, parent, call.get(1, "init_globals"))


LIBRARY = Library(functions={"runpy": {"run_path": _run_path, "run_module": _run_module}})
