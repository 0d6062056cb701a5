"""Models of the few library functions that decide imports, put in place of what the library's own code defines.

As `natives` does, each gets an Invocation and answers UNKNOWN when it cannot tell.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from types import UnionType
from typing import TYPE_CHECKING

from importguard.startup.machine.values import (
    MAX_TEXT,
    MISSING,
    UNKNOWN,
    BuiltinType,
    ClassValue,
    FunctionValue,
    Instance,
    Invocation,
    ListValue,
    Method,
    ModuleValue,
    Native,
    SetValue,
    Value,
    VersionInfo,
    Wrapper,
)
from importguard.startup.options import Options
from importguard.storage.disk import QUESTIONS

if TYPE_CHECKING:
    from importguard.startup.machine.state import MachineState
from importguard.startup.models.builtins import _import, caught_names

MAX_POINTS = 4_000  # entry points of one group
# Variables that a session of a POSIX system and of Windows always has, and those that it may have.


def _import_module(call: Invocation) -> Value:
    name, package = call.get(0, "name", UNKNOWN), call.get(1, "package")
    if not isinstance(name, str):
        return call.machine.computed_import(call)
    if name.startswith("."):
        if not isinstance(package, str):
            return call.machine.computed_import(call)
        level = len(name) - len(name.lstrip("."))
        parts = package.split(".")
        kept = parts[: len(parts) - level + 1]
        name = ".".join([*kept, name[level:]] if name[level:] else kept)
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
    return None if found is None else UNKNOWN_OBJECT


def _suppress(call: Invocation) -> Value:
    return Native("suppress", lambda _: UNKNOWN, {name: True for arg in call.args for name in caught_names(arg)})


def _identity_decorator(call: Invocation) -> Value:
    """`@lru_cache` and `@lru_cache(maxsize=…)`: the function itself."""
    if len(call.args) == 1 and isinstance(call.args[0], FunctionValue | Method | Native):
        return call.args[0]
    return Native("decorator", lambda inner: inner.args[0] if inner.args else UNKNOWN)


def _contextmanager(call: Invocation) -> Value:
    return call.args[0] if call.args else UNKNOWN


def _wraps(call: Invocation) -> Value:  # noqa: ARG001  same shape as its siblings
    return Native("decorator", lambda inner: inner.args[0] if inner.args else UNKNOWN)


def _partial(call: Invocation) -> Value:
    if not call.args:
        return UNKNOWN
    function, bound, named = call.args[0], call.args[1:], dict(call.keywords)

    def run(inner: Invocation) -> Value:
        merged = {**named, **inner.keywords}
        return inner.machine.call(function, [*bound, *inner.args], merged, inner.frame, inner.complete)

    return Native("partial", run, {"func": function})


def _cached_property(call: Invocation) -> Value:
    return Wrapper("property", call.args[0] if call.args else UNKNOWN)


def _extend_path(call: Invocation) -> Value:
    """Every directory on the search path that has the package's folder."""
    path, name = call.get(0, "path", UNKNOWN), call.get(1, "name", UNKNOWN)
    if not isinstance(path, ListValue) or not isinstance(name, str):
        return path
    relative = name.replace(".", os.sep)
    extra = [os.path.join(root, relative) for root in call.machine.finder.path]
    known = {one for one in path.items if isinstance(one, str)}
    return ListValue(path.items + [one for one in extra if one not in known and call.machine.finder.is_directory(one)])


def _environment_get(call: Invocation) -> Value:
    module = call.frame.module
    found = call.machine.variables.ask(call.get(0, "key", UNKNOWN), module.origin, module.name)
    return call.get(1, "default") if found is MISSING else found


def _environment_setdefault(call: Invocation) -> Value:
    module, name, value = call.frame.module, call.get(0, "key", UNKNOWN), call.get(1, "value")
    found = call.machine.variables.ask(name, module.origin, module.name)
    if found is not MISSING:
        return found
    call.machine.variables.set(name, value, certain=not call.machine.possible)
    return value


def _of_paths(name: str) -> Callable[[Invocation], Value]:
    function = getattr(os.path, name)

    def run(call: Invocation) -> Value:
        if not call.args or not all(isinstance(argument, str) for argument in call.args):
            return UNKNOWN
        length = sum(map(len, call.args))
        if length > MAX_TEXT:
            return UNKNOWN
        call.machine.spend(length >> 3)
        if name in QUESTIONS:
            call.machine.spend(100)
            answer = call.machine.finder.disk.ask(name, *call.args)
            return UNKNOWN if answer is None else answer
        try:
            return function(*call.args)
        except (OSError, ValueError, TypeError):
            return UNKNOWN

    return run


def _global_enum(call: Invocation) -> Value:
    """`@enum.global_enum` writes the members into the module."""
    call.frame.module.open = True
    return call.args[0] if call.args else UNKNOWN


def _spec_from_loader(call: Invocation) -> Value:
    loader = call.get(1, "loader", UNKNOWN)
    return Native("spec", lambda _: UNKNOWN, {"name": call.get(0, "name", UNKNOWN), "loader": loader})


def _entry_points(call: Invocation) -> Value:
    """`entry_points(group=…)`: what the installed distributions declare, in the order of the search path."""
    from importguard.startup.models.entry_points import declared

    group = call.keywords.get("group", UNKNOWN)
    if not isinstance(group, str):
        return UNKNOWN
    machine = call.machine
    known = machine.entry_points.get(machine.finder.path)
    if known is None:
        machine.spend(100_000)  # some thousand files are looked for
        known = machine.entry_points[machine.finder.path] = declared(machine.finder)
    return ListValue([_entry_point(name, target) for name, target in known.get(group, ())[:MAX_POINTS]])


def _entry_point(name: str, target: str) -> Native:
    module, _, attribute = target.partition(":")

    def load(call: Invocation) -> Value:
        value = call.machine.import_dynamic(module.strip(), call)
        for part in attribute.strip().split(".") if attribute.strip() else ():
            value = call.machine.attribute(value, part, call.frame)
        return UNKNOWN if value is MISSING else value

    attributes = {"name": name, "value": target, "module": module, "load": Native("load", load)}
    return Native("entry point", lambda _: UNKNOWN, attributes)


_ENVIRON = {"get": Native("get", _environment_get), "setdefault": Native("setdefault", _environment_setdefault)}
_SYSTEMS = {"linux": "Linux", "darwin": "Darwin", "win32": "Windows"}


def _is_function(call: Invocation, holds: Callable[[FunctionValue], bool]) -> Value:
    """What `inspect` says of a function; an object with no code of its own is not asked."""
    value = call.get(0, "obj", UNKNOWN)
    if isinstance(value, Method):
        value = value.function
    if isinstance(value, FunctionValue):
        return holds(value)
    return UNKNOWN if value is UNKNOWN or isinstance(value, Instance) else False


def _is_kind(call: Invocation, kind: type | UnionType) -> Value:
    value = call.get(0, "object", UNKNOWN)
    if value is UNKNOWN or (isinstance(value, Instance) and value.open):
        return UNKNOWN
    return isinstance(value, kind)


def _identity(call: Invocation) -> Value:
    return call.args[0] if call.args else UNKNOWN


def _attach_stub(call: Invocation) -> Value:
    from importguard.startup.models.lazy_loader import attach_stub

    return attach_stub(call)


UNKNOWN_OBJECT = Native("object", lambda _: UNKNOWN)
"""Something that is there, and true, but not known further."""

_MODELS: dict[str, dict[str, Callable[[Invocation], Value]]] = {
    "importlib": {"import_module": _import_module, "__import__": _import, "reload": _identity},
    "importlib.util": {"find_spec": _find_spec, "spec_from_loader": _spec_from_loader},
    "importlib.metadata": {"entry_points": _entry_points},
    "enum": {"global_enum": _global_enum},
    "contextlib": {"suppress": _suppress, "contextmanager": _contextmanager},
    "functools": {
        "lru_cache": _identity_decorator,
        "cache": _identity_decorator,
        "wraps": _wraps,
        "partial": _partial,
        "cached_property": _cached_property,
        "total_ordering": _identity,
    },
    "pkgutil": {"extend_path": _extend_path},
    "os": {"getenv": _environment_get, "fspath": _identity},
    "typing": {"cast": lambda call: call.get(1, "val", UNKNOWN), "final": _identity, "overload": _identity},
    "lazy_loader": {"attach_stub": _attach_stub},
    "inspect": {
        "iscoroutinefunction": lambda call: _is_function(call, lambda f: f.is_async and not f.is_generator),
        "isasyncgenfunction": lambda call: _is_function(call, lambda f: f.is_async and f.is_generator),
        "isgeneratorfunction": lambda call: _is_function(call, lambda f: f.is_generator and not f.is_async),
        "isfunction": lambda call: _is_kind(call, FunctionValue),
        "isclass": lambda call: _is_kind(call, ClassValue | BuiltinType),
        "ismodule": lambda call: _is_kind(call, ModuleValue),
    },
    "platform": {
        "system": lambda call: _SYSTEMS.get(call.machine.environment.platform, UNKNOWN),
        "python_implementation": lambda call: (
            "CPython" if call.machine.environment.implementation == "cpython" else UNKNOWN
        ),
        "python_version": lambda call: call.machine.environment.version,
    },
    "lazy_importer": {"lazy_importer": lambda _: Native("lazy imports", lambda _: UNKNOWN)},
    "posixpath": {
        name: _of_paths(name)
        for name in (
            "join", "dirname", "basename", "abspath", "normpath", "exists", "isfile", "isdir", "splitext", "realpath"
        )
    },
}  # fmt: skip
_MODELS["ntpath"] = _MODELS["posixpath"]

# Functions that are called thousands of times by programs that declare data, make an object of a class beside them, and
# load nothing.
_MAKERS = {"pydantic.fields": {"Field": "FieldInfo"}}


def override_natives(machine: MachineState, module: ModuleValue) -> None:
    """Put the models in place of what the body of *module* defined."""
    for name, model in _MODELS.get(module.name, {}).items():
        if name in module.namespace:
            module.namespace[name] = Native(name, model)
    for name, made in _MAKERS.get(module.name, {}).items():
        cls = module.namespace.get(made)
        if name in module.namespace and isinstance(cls, ClassValue):
            module.namespace[name] = Native(name, _maker(cls))
    if module.name == "sys":
        _fill_sys(machine, module)
    elif module.name == "os":
        module.namespace["environ"] = Native("environ", lambda _: UNKNOWN, dict(_ENVIRON))
        module.namespace["name"] = machine.environment.os_name


def _maker(cls: ClassValue) -> Callable[[Invocation], Value]:
    return lambda _: Instance(cls)


def _arguments(options: Options) -> ListValue:
    """`sys.argv`: its first item as far as it is known; the others only where somebody has said them."""
    return ListValue([options.program or UNKNOWN, *(options.args or ())], options.args is None)


def _fill_sys(machine: MachineState, module: ModuleValue) -> None:
    environment = machine.environment
    implementation = Native(
        "implementation",
        lambda _: UNKNOWN,
        {
            "name": environment.implementation,
            "cache_tag": environment.cache_tag,
            "_multiarch": environment.multiarch,
        },
    )
    module.namespace.update(
        {
            "version_info": VersionInfo(environment.version_info),
            "platform": environment.platform,
            "implementation": implementation,
            "maxsize": environment.maxsize,
            "byteorder": environment.byteorder,
            "hexversion": environment.hexversion,
            "abiflags": environment.abiflags,
            "executable": environment.executable,
            "prefix": environment.prefix,
            "base_prefix": environment.base_prefix,
            "path": ListValue(list(machine.finder.path)),
            "argv": _arguments(machine.options),
            "modules": SysModules(machine),
            "meta_path": machine.meta_path,
            "builtin_module_names": tuple(sorted(environment.builtins)),
            "stdlib_module_names": SetValue(dict.fromkeys(environment.stdlib_names)),
            "getrecursionlimit": Native("getrecursionlimit", lambda _: 1000),
            "gettrace": Native("gettrace", lambda _: None),
        }
    )


class SysModules:
    """`sys.modules` of the analysed program."""

    __slots__ = ("machine",)

    def __init__(self, machine: MachineState) -> None:
        self.machine = machine

    def get(self, name: str) -> Value:
        """What is there, or MISSING."""
        if name in self.machine.aliases:
            return self.machine.aliases[name]
        if name in self.machine.modules:
            return self.machine.modules[name]
        return UNKNOWN_OBJECT if name in self.machine.environment.bare else MISSING
