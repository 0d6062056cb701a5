"""`sys`: the target interpreter, and `sys.modules`."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from importguard.source.import_site import Location
from importguard.startup.machine.state import MachineState
from importguard.startup.models.builtins import end_program
from importguard.startup.models.importlib import OWN_IMPORTERS
from importguard.startup.models.lazy_settings import LAZY_IMPORTS
from importguard.startup.models.library import Library
from importguard.startup.options import Options
from importguard.startup.trace.trace import Origin, PresenceCheck
from importguard.startup.values.base import MISSING, PRESENT, UNKNOWN, Abstract, Invocation, Items, Value
from importguard.startup.values.constants import VersionInfo
from importguard.startup.values.dicts import missing_key
from importguard.startup.values.frames import Frame
from importguard.startup.values.lists import ListValue
from importguard.startup.values.modules import ModuleValue
from importguard.startup.values.natives import Namespace, Native
from importguard.startup.values.sets import SetValue


class SysModules(Abstract):
    """`sys.modules` of the analysed program."""

    __slots__ = ()

    @staticmethod
    def find(name: str, machine: MachineState) -> Value:
        """What is there, or MISSING."""
        if name in machine.aliases:
            return machine.aliases[name]
        if name in machine.modules:
            return machine.modules[name]
        return PRESENT if name in machine.environment.bare else MISSING

    def attribute(self, name: str, _machine: MachineState, _frame: Frame) -> Value:
        """Its methods."""
        method = _METHODS.get(name)
        return UNKNOWN if method is None else Native(name, partial(method, self))

    def item(self, key: Value, machine: MachineState, _frame: Frame) -> Value:
        """A module."""
        found = self.find(key, machine) if isinstance(key, str) else UNKNOWN
        return missing_key(machine, key) if found is MISSING else found

    def iterate(self, machine: MachineState) -> Items | None:
        """The names that are known, and others."""
        return [*machine.modules, *machine.aliases], False

    def contains(self, item: Value, machine: MachineState) -> bool | None:
        """Whether a module has been loaded."""
        if isinstance(item, str) and machine.frame.module.origin == Origin.FIRST_PARTY:
            place = Location(machine.frame.module.found.path or f"<{machine.frame.module.name}>", machine.line)
            machine.threads.presence_checks.setdefault(PresenceCheck(item, place))
        return self.find(item, machine) is not MISSING if isinstance(item, str) else None

    def set_item(self, key: Value, value: Value, machine: MachineState) -> None:
        """Code may put anything in the place of a module; None makes an import of it fail."""
        if isinstance(key, str) and not (value is None and machine.possible):
            machine.set_alias(key, value)

    def delete_item(self, key: Value, machine: MachineState) -> None:
        """The next import runs the module again."""
        if isinstance(key, str) and not machine.possible:
            machine.aliases.pop(key, None)
            machine.modules.pop(key, None)


def _get(modules: SysModules, call: Invocation) -> Value:
    name = call.first()
    if not isinstance(name, str):
        return UNKNOWN
    found = modules.find(name, call.machine)
    return call.get(1, "default") if found is MISSING else found


def _set_default(modules: SysModules, call: Invocation) -> Value:
    name = call.first()
    if not isinstance(name, str):
        return UNKNOWN
    found = modules.find(name, call.machine)
    if found is MISSING:
        found = call.get(1, "default")
        call.machine.set_alias(name, found)
    return found


def _pop(modules: SysModules, call: Invocation) -> Value:
    name = call.first()
    if not isinstance(name, str):
        return UNKNOWN
    found = modules.find(name, call.machine)
    modules.delete_item(name, call.machine)
    return call.get(1, "default") if found is MISSING else found


_METHODS: dict[str, Callable[[SysModules, Invocation], Value]] = {"get": _get, "setdefault": _set_default, "pop": _pop}


def _arguments(options: Options) -> ListValue:
    """`sys.argv`: its first item as far as it is known; the others only where somebody has said them."""
    return ListValue([options.program or UNKNOWN, *(options.args or ())], options.args is None)


def _add_hook(hooks: list[Value], call: Invocation) -> Value:
    """`sys.addaudithook(hook)`: the interpreter calls it, too."""
    hooks.append(call.first())
    call.machine.call_perhaps(call.first(), [UNKNOWN, UNKNOWN])
    return None


def _audit(hooks: list[Value], call: Invocation) -> Value:
    """`sys.audit(event, …)`."""
    for hook in hooks:
        call.machine.invoke(hook, call.first(), tuple(call.args[1:]))
    return None


def _fill(machine: MachineState, module: ModuleValue) -> None:
    environment = machine.environment
    implementation = Namespace(
        {
            "name": environment.implementation,
            "cache_tag": environment.cache_tag,
            "_multiarch": environment.multiarch,
        },
    )
    hooks: list[Value] = []
    machine.meta_path.items[:] = OWN_IMPORTERS
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
            "warnoptions": ListValue([]),
            "argv": _arguments(machine.options),
            "modules": SysModules(),
            "meta_path": machine.meta_path,
            "builtin_module_names": tuple(sorted(environment.builtins)),
            "stdlib_module_names": SetValue(dict.fromkeys(environment.stdlib_names)),
            "getrecursionlimit": Native("getrecursionlimit", lambda _: 1000),
            "exit": Native("exit", end_program),
            **(LAZY_IMPORTS if environment.version_info[:2] >= (3, 15) else {}),
            "addaudithook": Native("addaudithook", partial(_add_hook, hooks)),
            "audit": Native("audit", partial(_audit, hooks)),
            "gettrace": Native("gettrace", lambda _: None),
        }
    )


LIBRARY = Library(fill={"sys": _fill})
