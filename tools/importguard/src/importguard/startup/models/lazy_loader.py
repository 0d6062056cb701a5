"""`lazy_loader.attach_stub`: the names that a package's `.pyi` says it offers, loaded on first use."""

from __future__ import annotations

import os

from importguard.errors import SourceError
from importguard.source import program as ir
from importguard.source.reader import read_program
from importguard.startup.models.library import Library
from importguard.startup.values.base import UNKNOWN, Invocation, Value
from importguard.startup.values.lists import ListValue
from importguard.startup.values.natives import Native
from importguard.target.finder import read_source


def _attach_stub(call: Invocation) -> Value:
    """`(__getattr__, __dir__, __all__)` as lazy_loader makes them from the stub beside the caller's file."""
    package, file = call.get(0, "package_name", UNKNOWN), call.get(1, "filename", UNKNOWN)
    if not isinstance(package, str) or not isinstance(file, str):
        return UNKNOWN
    call.machine.import_dynamic("ast", call, "lazy_loader")  # attach_stub does so itself, when called
    path = os.path.splitext(file)[0] + ".pyi"
    try:
        program = read_program(read_source(path, call.machine.finder.disk), path)
    except (OSError, SourceError):
        return UNKNOWN
    attributes: dict[str, str] = {}
    submodules: list[str] = []
    for statement in program.body:
        if isinstance(statement, ir.ImportFrom) and statement.level == 1:
            for alias in statement.names:
                if statement.module is None:
                    submodules.append(alias.name)
                else:
                    attributes[alias.asname or alias.name] = statement.module
    names = sorted({*submodules, *attributes})

    def get(inner: Invocation) -> Value:
        name = inner.args[0] if inner.args else UNKNOWN
        if name in submodules:
            return inner.machine.import_dynamic(f"{package}.{name}", inner)
        if name in attributes:
            source = f"{package}.{attributes[name]}"
            module = inner.machine.import_dynamic(source, inner)
            return inner.machine.member(module, source, name, inner.frame, inner.line)
        return UNKNOWN

    return (Native("__getattr__", get), Native("__dir__", lambda _: ListValue(list(names))), ListValue(list(names)))


LIBRARY = Library(functions={"lazy_loader": {"attach_stub": _attach_stub}})
