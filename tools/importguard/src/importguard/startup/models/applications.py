"""The application that a server or a worker runs: by its arguments, else under one of the usual names."""

from __future__ import annotations

import ast
import os
from collections.abc import Callable, Sequence

from importguard.startup.machine.branches import alternatives
from importguard.startup.models.folders import listed
from importguard.startup.values.base import MISSING, UNKNOWN, Invocation, Value
from importguard.startup.values.functions import FunctionValue
from importguard.startup.values.lists import ListValue

WEB = ("app", "main", "wsgi", "asgi", "application", "server", "api", "run")
TASKS = ("tasks", "celery_app", "celeryapp", "worker", "workers", "jobs", "app", "main")
# Programs that import what their arguments name, with the names that people give it.
SERVERS = {
    **dict.fromkeys(("uvicorn", "gunicorn", "hypercorn", "granian", "daphne", "waitress", "quart", "fastapi_cli"), WEB),
    **dict.fromkeys(("dramatiq", "celery", "rq", "huey", "arq", "taskiq", "faust", "procrastinate", "saq"), TASKS),
    "flask": ("wsgi", "app"),  # the names that it looks for itself
}


def add_folder(call: Invocation) -> None:
    """The folder where the program runs comes onto `sys.path`."""
    machine = call.machine
    system = machine.modules.get("sys")
    path = system.namespace.get("path") if system is not None else None
    if isinstance(path, ListValue) and machine.folder not in path.items:
        machine.heap.changing(path)
        path.items.insert(0, machine.folder)


def load(target: str, call: Invocation) -> Value:
    """What `module:attribute` names; `module:make()` is called. Without an attribute the module."""
    add_folder(call)
    name, _, attribute = target.partition(":")
    if name.endswith(".py"):
        name = os.path.splitext(os.path.relpath(os.path.join(call.machine.folder, name), call.machine.folder))[0]
        name = name.replace(os.sep, ".")
    module = call.machine.import_dynamic(name, call)
    return named(module, attribute, call) if attribute else module


def named(module: Value, text: str, call: Invocation) -> Value:
    """What *text* is in *module*: a dotted name, or a call of one with literals."""
    try:
        node = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return UNKNOWN
    called = isinstance(node, ast.Call)
    value = module
    for part in ast.unparse(node.func if isinstance(node, ast.Call) else node).split("."):
        value = call.machine.attribute(value, part, call.frame)
    if value is MISSING:
        return UNKNOWN
    if called or isinstance(value, FunctionValue):
        return call.machine.call(value, [], {}, call.frame, complete=not called)
    return value


def usual(names: Sequence[str], call: Invocation) -> None:
    """Nobody has said what is run: each file of the folder with one of the usual *names* is possible.

    So are those of the folder that holds the settings of a Django project: `site/asgi.py`.
    """
    machine = call.machine
    projects = listed(machine.folder, machine) or [] if names is WEB else []
    inside = [f"{one}.{name}" for one in projects if one.isidentifier() for name in ("asgi", "wsgi")]
    settings = [name for name in inside if _is_there(_place(f"{name.partition('.')[0]}.settings", call), call)]
    found = [name for name in (*names, *settings) if _is_there(_place(name, call), call)]
    if not found:
        return
    add_folder(call)

    def loading(name: str) -> Callable[[], object]:
        return lambda: machine.import_dynamic(name, call)

    alternatives(machine, call.frame, [(f"the import of {name}", loading(name)) for name in found])


def _place(name: str, call: Invocation) -> str:
    return os.path.join(call.machine.folder, *name.split("."))


def _is_there(place: str, call: Invocation) -> bool:
    ask = call.machine.finder.disk.ask
    return bool(ask("isfile", f"{place}.py") or ask("isfile", os.path.join(place, "__init__.py")))


def names_for(module: str) -> Sequence[str]:
    """The usual names of the application that the server *module* runs."""
    return SERVERS.get(module.partition(".")[0], ())
