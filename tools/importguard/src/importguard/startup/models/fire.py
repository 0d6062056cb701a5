"""`fire`: functions, classes, objects and tables of them as commands, by the words of the command line."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from importguard.startup.machine.branches import commands
from importguard.startup.models.library import Library
from importguard.startup.models.plain_functions import literal
from importguard.startup.values.base import UNKNOWN, Invocation, Value
from importguard.startup.values.classes import ClassValue
from importguard.startup.values.dicts import DictValue
from importguard.startup.values.functions import FunctionValue, Method
from importguard.startup.values.instances import Instance
from importguard.startup.values.modules import ModuleValue
from importguard.startup.values.natives import Native

_DEEPEST = 4  # words of one command


def _fire(call: Invocation) -> Value:
    """`Fire(component)`: the component is called, or the member of it that the next word names, and so on."""
    component, words = call.get(0, "component"), call.machine.options.args
    if component is None:
        component = DictValue.of_names(_made_in(call.frame.module))
    _run(component, words, call, 0)
    return UNKNOWN


def _run(value: Value, words: tuple[str, ...] | None, call: Invocation, depth: int) -> None:
    machine = call.machine
    given = _given(value, words) if words is not None else None
    if given is not None:
        machine.call(value, [], given, call.frame, complete=True)
        return
    if isinstance(value, FunctionValue | Method | Native):
        machine.call(value, _demanded(value), {}, call.frame, complete=not words)
        return
    if isinstance(value, ClassValue):
        value = machine.call(value, [], {}, call.frame, complete=_is_made_bare(value, words))
    found = _members(value)
    if not found or depth == _DEEPEST:
        return
    if words is None:

        def running(one: Value) -> Callable[[], object]:
            return lambda: _run(one, None, call, depth + 1)

        commands(machine, call.frame, [(name, running(one)) for name, one in found.items()])
    elif words and words[0].replace("-", "_") in found:
        _run(found[words[0].replace("-", "_")], words[1:], call, depth + 1)


def _is_made_bare(cls: ClassValue, words: tuple[str, ...] | None) -> bool:
    """Whether no word of the command line is for the class itself."""
    init = cls.lookup("__init__")
    if words is None or not isinstance(init, FunctionValue):
        return words is not None
    listed = init.parameters
    names = {*listed.positional[1:], *listed.keyword_only}
    asked = {word[2:].partition("=")[0].replace("-", "_").removeprefix("no") for word in words if word[:2] == "--"}
    return len(listed.positional) - 1 <= len(init.defaults) and not listed.kwarg and not asked & names


def _given(value: Value, words: tuple[str, ...]) -> dict[str, Value] | None:
    """What the parameters of a function get of *words*: by place, or `--name=value`; None where they do not fit."""
    function = value.function if isinstance(value, Method) else value
    if not isinstance(function, FunctionValue) or function.parameters.vararg or function.parameters.kwarg:
        return None
    places = list(function.parameters.positional[isinstance(value, Method) :])
    names = {*places, *function.parameters.keyword_only}
    found: dict[str, Value] = {}
    texts: list[str] = []
    pending = list(words)
    while pending:
        word = pending.pop(0)
        if not word.startswith("--"):
            texts.append(word)
            continue
        name, equals, _ = word[2:].replace("-", "_").partition("=")
        if name in names:
            follows = bool(pending) and not pending[0].startswith("--")
            found[name] = _read(word.partition("=")[2]) if equals else (_read(pending.pop(0)) if follows else True)
        elif name.removeprefix("no") in names and not equals:
            found[name.removeprefix("no")] = False
        else:
            return None
    free = [name for name in places if name not in found]
    found.update(zip(free, map(_read, texts), strict=False))
    demanded = places[: len(places) - len(function.defaults)]
    return found if len(texts) <= len(free) and all(name in found for name in demanded) else None


def _read(word: str) -> Value:
    """A word that is a literal is one; any other is a text."""
    made = literal(word)
    return word if made is UNKNOWN else made


def _demanded(value: Value) -> list[Value]:
    """Something for each parameter without a default: a command line has its text."""
    function = value.function if isinstance(value, Method) else value
    if not isinstance(function, FunctionValue):
        return []
    bound = isinstance(value, Method)
    return [UNKNOWN] * max(len(function.parameters.positional) - len(function.defaults) - bound, 0)


def _members(value: Value) -> dict[str, Value]:
    """What the next word may name."""
    if isinstance(value, DictValue):
        return {name: one for name, one in value.items.items() if isinstance(name, str)}
    if isinstance(value, ModuleValue):
        return _made_in(value)
    if not isinstance(value, Instance):
        return {}
    found: dict[str, Value] = {}
    for cls in reversed(value.cls.mro()):
        functions = ((name, one) for name, one in cls.namespace.items() if isinstance(one, FunctionValue))
        found.update((name, Method(one, value)) for name, one in functions)
    held = {
        name: one for name, one in value.attributes.items() if isinstance(one, Instance | ClassValue | FunctionValue)
    }
    return _public({**found, **held})


def _made_in(module: ModuleValue) -> dict[str, Value]:
    """The functions and classes that *module* defines itself."""
    own = {
        name: one
        for name, one in module.namespace.items()
        if (isinstance(one, FunctionValue) and one.frame.module is module)
        or (isinstance(one, ClassValue) and one.module is module)
    }
    return _public(own)


def _public(names: Mapping[str, Value]) -> dict[str, Value]:
    return {name: one for name, one in names.items() if not name.startswith("_")}


LIBRARY = Library(functions={"fire.core": {"Fire": _fire}})
