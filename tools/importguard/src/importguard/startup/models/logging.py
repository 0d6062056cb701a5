"""`logging.config`: the classes that a configuration names by text are imported and called."""

from __future__ import annotations

import ast
import configparser
import re
from functools import partial

from importguard.startup.machine.branches import perhaps
from importguard.startup.machine.state import MachineState
from importguard.startup.models.io import path_of
from importguard.startup.models.library import Library
from importguard.startup.models.plain_functions import from_host
from importguard.startup.values.base import MISSING, UNKNOWN, Abstract, Invocation, Raised, Value
from importguard.startup.values.classes import ClassValue
from importguard.startup.values.dicts import DictValue
from importguard.startup.values.files import Unread, text_on_disk
from importguard.startup.values.functions import FunctionValue, Method
from importguard.startup.values.instances import Instance
from importguard.startup.values.modules import ModuleValue
from importguard.startup.values.natives import Native
from importguard.startup.values.read_data import ReadData

MAX_PARTS = 20  # of a dotted name
# In YAML: `class: a.b.C`, `(): a.b.make`.
_NAMED = re.compile(r"""^[ \t-]*+['"]?+(?:class|\(\))['"]?+[ \t]*+:[ \t]*+['"]?+([\w.]++)""", re.MULTILINE)
_EXTERNAL = "ext://"
_IDENTIFIER = re.compile("^[a-z_][a-z0-9_]*$", re.IGNORECASE)  # as `logging.config` has it


def _configure(call: Invocation) -> Value:
    """`dictConfig(config)`: formatters, filters and handlers are made, in that order."""
    config, machine = call.get(0, "config", UNKNOWN), call.machine
    if isinstance(config, ReadData) and isinstance(config.host, dict):
        perhaps(machine, call.frame, lambda: _configure(replaced(call, from_host(config.host))))
        return None
    if isinstance(config, Unread):
        perhaps(machine, call.frame, lambda: _resolve_all(config.path, call))
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


def replaced(call: Invocation, first: Value) -> Invocation:
    """The same call with another first argument."""
    return Invocation(call.machine, call.frame, [first, *call.args[1:]], {}, call.line, call.complete)


def _resolve_all(path: str, call: Invocation) -> None:
    """The classes and factories that a file in YAML names."""
    for name in dict.fromkeys(_NAMED.findall(text_on_disk(path, call.machine) or "")):
        _resolve(name, call)


def _configure_by_file(call: Invocation) -> Value:
    """`fileConfig("log.ini")`: what the file says when we look at it is possible."""
    given, machine = call.get(0, "fname", UNKNOWN), call.machine
    machine.import_dynamic("configparser", call, "logging.config")
    path = path_of(given, machine)
    text = text_on_disk(path, machine) if path is not None else None
    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read_string(text or "")
    except configparser.Error:
        text = None
    if text is None:
        machine.record_stop(call.frame, "the configuration of logging is not known")
        return None
    for section in parser.sections():
        if section.partition("_")[0] in {"formatter", "handler"} and "class" in parser[section]:
            perhaps(machine, call.frame, partial(_make_of_section, parser[section], call))
    return None


def _make_of_section(section: configparser.SectionProxy, call: Invocation) -> None:
    """The class of a handler or formatter, called with its `args`."""
    name = section["class"]
    logging = call.machine.modules.get("logging")
    known = (
        call.machine.attribute(logging, name, call.frame) if logging is not None and name.isidentifier() else MISSING
    )
    made = _resolve(name, call) if known is MISSING else known
    try:
        args = from_host(ast.literal_eval(section.get("args", "()")))
    except (ValueError, SyntaxError):
        args = UNKNOWN
    if isinstance(made, Abstract) and made is not UNKNOWN:
        given = list(args) if isinstance(args, tuple) else []
        call.machine.call(made, given, {}, call.frame, complete=isinstance(args, tuple))


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


_CALLED = {"handlers": "emit", "filters": "filter", "formatters": "format"}


def _named_classes(config: Value) -> list[tuple[Value, str]]:
    """What handlers, filters and formatters are made of, and the method that runs when something is logged.

    Making them takes that out of the configuration.
    """
    found: list[tuple[Value, str]] = []
    for kind, method in _CALLED.items():
        parts = config.items.get(kind) if isinstance(config, DictValue) else None
        held = parts.items.values() if isinstance(parts, DictValue) else ()
        tables = [part.items for part in held if isinstance(part, DictValue)]
        found += [(items.get("class", items.get("()")), method) for items in tables]
    return found


def _call_later(named: Value, method: str, call: Invocation) -> None:
    """Something may be logged at any time: then the *method* of the program's own class *named* runs."""
    cls = _resolve(named, call) if isinstance(named, str) else named
    found = cls.lookup(method) if isinstance(cls, ClassValue) and cls.is_own() else MISSING
    if isinstance(cls, ClassValue) and isinstance(found, FunctionValue) and found.is_own():
        thing = Instance(cls)
        thing.open = True
        call.machine.call_perhaps(Method(found, thing), [UNKNOWN])


def _fill(_machine: MachineState, module: ModuleValue) -> None:
    """What the project's own code configures is followed where it runs: its handlers are called later."""
    own = module.namespace.get("dictConfig")

    def configure(call: Invocation) -> Value:
        config = call.get(0, "config", UNKNOWN)
        known = isinstance(config, DictValue)  # of a program's own text
        later = _named_classes(config)
        if known and isinstance(own, FunctionValue) and call.machine.asks(call.frame):
            made = own.call(call)
        else:
            made = _configure(call)
        for named, method in later:
            _call_later(named, method, call)
        return made

    if own is not None:
        module.namespace["dictConfig"] = Native("dictConfig", configure)


LIBRARY = Library(
    functions={"logging.config": {"valid_ident": _valid_ident, "fileConfig": _configure_by_file}},
    fill={"logging.config": _fill},
)
