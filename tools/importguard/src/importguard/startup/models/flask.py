"""`flask`: the application that `--app` names, else the one in `wsgi.py` or `app.py`."""

from __future__ import annotations

import os

from importguard.startup.models.applications import SERVERS, load, named, usual
from importguard.startup.models.library import Library
from importguard.startup.values.base import MISSING, UNKNOWN, Abstract, Invocation, Value
from importguard.startup.values.functions import FunctionValue
from importguard.startup.values.instances import Instance
from importguard.startup.values.modules import ModuleValue

_NAMES = ("app", "application")
_MAKERS = ("create_app", "make_app")
_LOADED = "_loaded_app"


def _load_app(call: Invocation, _own: Abstract) -> Value:
    """`ScriptInfo.load_app()`."""
    info, machine = call.first(), call.machine
    if not isinstance(info, Instance):
        return UNKNOWN
    known = info.attributes.get(_LOADED)
    if known is not None and known is not UNKNOWN:
        return known
    make, path = info.attributes.get("create_app"), info.attributes.get("app_import_path")
    app: Value = UNKNOWN
    if isinstance(make, FunctionValue):
        app = machine.invoke(make)
    elif isinstance(path, str):
        app = _app_of(path, call)
    elif path is None:
        there = [name for name in SERVERS["flask"] if _is_file(f"{name}.py", call)]
        app = _app_of(there[0], call) if there else UNKNOWN
    else:
        usual(SERVERS["flask"], call)
    info.set_attribute(_LOADED, app, machine)
    return app


def _is_file(name: str, call: Invocation) -> bool:
    return bool(call.machine.finder.disk.ask("isfile", os.path.join(call.machine.folder, name)))


def _app_of(path: str, call: Invocation) -> Value:
    """The application in `module`, `module:app`, `file.py` or `module:create_app('x')`."""
    target, _, attribute = path.partition(":")
    module = load(target, call)
    if attribute:
        return named(module, attribute, call)
    return _best_app(module, call)


def _best_app(module: Value, call: Invocation) -> Value:
    """As `find_best_app`: by its name, by its class, by a function that makes it."""
    if not isinstance(module, ModuleValue):
        return UNKNOWN
    for name in _NAMES:
        value = call.machine.attribute(module, name, call.frame)
        if isinstance(value, Instance):
            return value
    for value in list(module.namespace.values()):
        if isinstance(value, Instance) and any(cls.name == "Flask" for cls in value.cls.mro()):
            return value
    for name in _MAKERS:
        value = call.machine.attribute(module, name, call.frame)
        if value is not MISSING and isinstance(value, FunctionValue):
            return call.machine.invoke(value)
    return UNKNOWN


LIBRARY = Library(methods={"flask.cli": {"ScriptInfo.load_app": _load_app}})
