"""`logging.config`: the classes that a configuration names by text are imported and called."""

from __future__ import annotations

import re

from importguard.startup.machine.state import MachineState
from importguard.startup.models.library import Library
from importguard.startup.values.base import MISSING, UNKNOWN, Abstract, Invocation, Raised, Value
from importguard.startup.values.dicts import DictValue
from importguard.startup.values.functions import FunctionValue
from importguard.startup.values.modules import ModuleValue
from importguard.startup.values.natives import Native

MAX_PARTS = 20  # of a dotted name
_EXTERNAL = "ext://"
_IDENTIFIER = re.compile("^[a-z_][a-z0-9_]*$", re.IGNORECASE)  # as `logging.config` has it


def _configure(call: Invocation) -> Value:
    """`dictConfig(config)`: formatters, filters and handlers are made, in that order."""
    config, machine = call.get(0, "config", UNKNOWN), call.machine
    if not isinstance(config, DictValue):
        machine.record_stop(call.frame, "the configuration of logging is not known")
        return None
    for kind in ("formatters", "filters", "handlers"):
        named = config.items.get(kind)
        if isinstance(named, DictValue):
            for key in sorted(name for name in named.items if isinstance(name, str)):
                _make(named.items[key], call)
    if config.open:
        machine.record_stop(call.frame, "the configuration of logging is not known")
    return None


def _make(config: Value, call: Invocation) -> None:
    """What one part of the configuration names."""
    if not isinstance(config, DictValue):
        return
    given = {key: value for key, value in config.items.items() if isinstance(key, str)}
    factory = given.pop("()", given.pop("class", None))
    for value in given.values():
        if isinstance(value, str) and value.startswith(_EXTERNAL):
            _resolve(value.removeprefix(_EXTERNAL), call)
    made = _resolve(factory, call) if isinstance(factory, str) else factory
    if isinstance(made, Abstract) and made is not UNKNOWN:
        names = {name: value for name, value in given.items() if name.isidentifier()}
        try:
            call.machine.call(made, [], names, call.frame, complete=False)
        except Raised as raised:
            call.machine.risk(raised.names)


def _resolve(name: str, call: Invocation) -> Value:
    """`a.b.C`: `a` is imported, and so is each part that is no attribute of what comes before it."""
    first, *rest = name.removeprefix(_EXTERNAL).split(".")[:MAX_PARTS]
    machine, used = call.machine, first
    found = machine.import_dynamic(first, call) if first else UNKNOWN
    for part in rest:
        used += f".{part}"
        value = machine.attribute(found, part, call.frame)
        if value is MISSING:
            machine.import_dynamic(used, call)
            value = machine.attribute(found, part, call.frame)
        found = UNKNOWN if value is MISSING else value
    return found


def _valid_ident(call: Invocation) -> Value:
    """`valid_ident(name)`: whether a key of the configuration is a name; else ValueError."""
    name = call.get(0, "s", UNKNOWN)
    if not isinstance(name, str):
        call.machine.risk(Raised.of(ValueError).names)
        return True
    if _IDENTIFIER.match(name) is None:
        raise Raised.of(ValueError)
    return True


def _fill(_machine: MachineState, module: ModuleValue) -> None:
    """What the project's own code configures is followed where it runs: its handlers are called later."""
    own = module.namespace.get("dictConfig")

    def configure(call: Invocation) -> Value:
        known = isinstance(call.get(0, "config", UNKNOWN), DictValue)
        if known and isinstance(own, FunctionValue) and call.machine.asks(call.frame):
            return own.call(call)
        return _configure(call)

    if own is not None:
        module.namespace["dictConfig"] = Native("dictConfig", configure)


LIBRARY = Library(functions={"logging.config": {"valid_ident": _valid_ident}}, fill={"logging.config": _fill})
