"""`typer`: the commands of an application, which it makes `click` commands of when it is called."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from importguard.startup.machine.branches import commands, perhaps
from importguard.startup.models import click
from importguard.startup.models.click_words import Words, read
from importguard.startup.models.library import Library
from importguard.startup.models.typer_words import arguments
from importguard.startup.values.annotate import Texts
from importguard.startup.values.base import MISSING, UNKNOWN, Abstract, Invocation, Raised, Value
from importguard.startup.values.constants import behaviour
from importguard.startup.values.functions import FunctionValue
from importguard.startup.values.instances import Instance
from importguard.startup.values.lists import ListValue

MAX_DEPTH = 20  # applications inside applications
_HELP = frozenset({"--help", "-h"})
_ADAPTERS = "typer._adapters"  # what turns texts into what annotations ask for


def _call(call: Invocation, _own: Abstract) -> Value:
    """`app()`: the command that the command line names."""
    app, machine = call.first(), call.machine
    words = Words.of(call.get(1, "args"), machine)
    _read_annotations(app, call, MAX_DEPTH)
    _load_parts(call)
    if words.open:
        _perhaps_help(call)
        machine.may_end()
    click.until_it_ends(machine, lambda: _run(app, words, call))
    if call.keywords.get("standalone_mode", True) is True:
        machine.end(Raised.of(SystemExit))
    return UNKNOWN


def _read_annotations(app: Value, call: Invocation, depth: int) -> None:
    """The parameters of all commands are made, whichever runs: their annotations are read."""
    own = _callback(app, call)
    for value in (*(own or ())[:1], *(value for _, value in _commands(app, call))):
        if _is_app(value) and depth:
            _read_annotations(value, call, depth - 1)
        elif isinstance(value, FunctionValue):
            call.machine.annotations_of(value, f"the command `{value.name}`", Texts.READ)


def _load_parts(call: Invocation) -> None:
    """What each command needs: its option `--help`; completion's parameters, which are converted as all others are.

    The plugins of pydantic are switched off for that.
    """
    machine = call.machine
    for package, module in (("typer._click.core", "typer._click.decorators"), ("typer._coercion", _ADAPTERS)):
        parent = machine.modules.get(module.rpartition(".")[0])
        if package in machine.modules and machine.find(module, parent) is not None:
            machine.import_dynamic(module, call, "typer")
    loader = "pydantic.plugin._loader"
    if _ADAPTERS in machine.modules and machine.find(loader, machine.modules.get("pydantic.plugin")) is not None:
        machine.import_dynamic(loader, call, "typer")


def _perhaps_help(call: Invocation) -> None:
    machine = call.machine
    if machine.find("typer.rich_utils", machine.modules.get("typer")) is not None:
        perhaps(machine, call.frame, lambda: machine.import_dynamic("typer.rich_utils", call, "typer"))


def _run(app: Value, words: Words, call: Invocation) -> None:
    """The application's own function, then the command or the application that comes next."""
    own, below = _callback(app, call), dict(_commands(app, call))
    if len(below) == 1 and not own and not any(_is_app(one) for one in below.values()):
        (only,) = below.values()
        _run_function(only, words, call)
        return
    if words.open:
        if own:
            _run_function(own[0], words, call)

        def running(value: Value) -> Callable[[], object]:
            return lambda: _run_any(value, Words([], True), call)

        commands(call.machine, call.frame, [(name, running(value)) for name, value in below.items()])
        return
    place = next((index for index, word in enumerate(words.items) if word in below), None)
    if _HELP & set(words.items[:place]) or (place is None and not (own and own[1])):
        _perhaps_help(call)
        call.machine.end(Raised.of(SystemExit))
        return
    if own:
        _run_function(own[0], Words([*words.items[:place]], False), call)
    if place is not None:
        _run_any(below[words.items[place]], Words([*words.items[place + 1 :]], False), call)


def _run_any(value: Value, words: Words, call: Invocation) -> None:
    if _is_app(value):
        _run(value, words, call)
    else:
        _run_function(value, words, call)


def _run_function(function: Value, words: Words, call: Invocation) -> None:
    """*function* gets what the command line says; where nobody knows that, values that are not known."""
    if not words.open and _HELP & set(words.items):
        _perhaps_help(call)
        call.machine.end(Raised.of(SystemExit))
        return
    if isinstance(function, FunctionValue) and not words.open:
        known = arguments(function, words.items, call.machine)
        if known is not None:
            call.machine.call(function, [], known, call.frame, complete=True)
            return
    call.machine.call(function, [], {}, call.frame, complete=False)


def _is_app(value: Value) -> bool:
    return isinstance(value, Instance) and any(cls.name == "Typer" for cls in value.cls.mro())


def _items(app: Value, name: str, call: Invocation) -> list[Value]:
    found = call.machine.items_of(read(app, name, call))
    return list(found[0]) if found is not None else []


def _callback(app: Value, call: Invocation) -> tuple[Value, bool] | None:
    """The application's own function, and whether it runs without a command."""
    info = read(app, "registered_callback", call)
    if not isinstance(info, Instance):
        return None
    function = read(info, "callback", call)
    return (function, read(info, "invoke_without_command", call) is True) if _is_function(function) else None


def _is_function(value: Value) -> bool:
    return isinstance(behaviour(value).unwrapped(), FunctionValue)


def _commands(app: Value, call: Invocation) -> Iterator[tuple[str, Value]]:
    """The functions and applications below *app*, by the names on the command line."""
    for info in _items(app, "registered_commands", call):
        function, name = read(info, "callback", call), read(info, "name", call)
        if not isinstance(name, str) and isinstance(function, FunctionValue):
            name = function.name.lower().replace("_", "-")
        if isinstance(name, str):
            yield name, function
    for number, info in enumerate(_items(app, "registered_groups", call)):
        inner, name = read(info, "typer_instance", call), read(info, "name", call)
        if inner is UNKNOWN or inner is MISSING or not isinstance(inner, Instance):
            continue
        if not isinstance(name, str):
            own = read(read(inner, "info", call), "name", call)
            callback = _callback(inner, call)
            function = callback[0] if callback else None
            fallback = function.name.lower().replace("_", "-") if isinstance(function, FunctionValue) else f"\0{number}"
            name = own if isinstance(own, str) else fallback
        yield name, inner


def _main(call: Invocation) -> Value:
    """`_main(command, args=…)`: what `main` of its `click` commands does."""
    return click.run(call, call.keywords.get("args"))


def _run_app(call: Invocation) -> Value:
    """`typer.run(function)`."""
    function, machine = call.first(), call.machine
    words = Words.of(None, machine)
    call.machine.annotations_of(function, "the command", Texts.READ)
    _load_parts(call)
    if words.open:
        _perhaps_help(call)
        machine.may_end()
    _run_function(function, words, call)
    machine.end(Raised.of(SystemExit))
    return ListValue([])


LIBRARY = Library(
    functions={
        "typer.core": {"_main": _main},
        "typer.main": {"run": _run_app},
        "typer": {"run": _run_app},
        "typer._click.globals": {"get_current_context": click.current},
    },
    methods={"typer.main": {"Typer.__call__": _call}, "typer._click.core": click.METHODS},
)
