"""`pluggy`: whoever calls a hook calls what the registered plugins have for it, the latest first.

A manager of a class that a program derives itself (pytest's) is followed as it is written.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple, TypeGuard

from importguard.startup.machine.branches import perhaps
from importguard.startup.models.distributions import search
from importguard.startup.models.entry_points import declared
from importguard.startup.models.library import Library, MethodModel
from importguard.startup.values.base import MISSING, UNKNOWN, Abstract, Invocation, Raised, Value, truth
from importguard.startup.values.classes import ClassValue
from importguard.startup.values.dicts import DictValue
from importguard.startup.values.functions import FunctionValue, Method
from importguard.startup.values.generators import GeneratorValue
from importguard.startup.values.instances import Instance
from importguard.startup.values.lists import ListValue
from importguard.startup.values.modules import ModuleValue
from importguard.startup.values.natives import Native

if TYPE_CHECKING:
    from importguard.startup.machine.state import MachineState
    from importguard.startup.values.frames import Frame

_PLUGINS, _IMPLEMENTATIONS, _HISTORY = "\0plugins", "\0implementations", "\0history"


class _Implementation(Abstract):
    """What a plugin has for the hook *name*: *rank* is -1 to be tried last, 1 first."""

    __slots__ = ("function", "name", "rank", "wraps")

    def __init__(self, name: str, function: Value, rank: int, *, wraps: bool) -> None:
        self.name, self.function, self.rank, self.wraps = name, function, rank, wraps


class _Historic(Abstract):
    """A call that whoever registers later gets, too."""

    __slots__ = ("name", "named")

    def __init__(self, name: str, named: dict[str, Value]) -> None:
        self.name, self.named = name, named


class _Answers(NamedTuple):
    """What a hook's functions return, Nones left out; *sure*: whether that is all."""

    values: list[Value]
    sure: bool


class _Relay(Abstract):
    """`manager.hook`: each of its names is a hook."""

    __slots__ = ("manager",)

    def __init__(self, manager: Instance) -> None:
        self.manager = manager

    def attribute(self, name: str, _machine: MachineState, _frame: Frame) -> Value:
        """The hook *name*."""
        return MISSING if name.startswith("__") else _Hook(self.manager, name)


class _Hook(Abstract):
    """One hook of a manager."""

    __slots__ = ("manager", "name")

    def __init__(self, manager: Instance, name: str) -> None:
        self.manager, self.name = manager, name

    def call(self, call: Invocation) -> Value:
        """The answers of all, or the first of them where the specification wants that."""
        first = self._wants_first(call)
        answers = _call_all(_listed(self.manager, _IMPLEMENTATIONS), self.name, call.keywords, call, first=first)
        if not first:
            return ListValue(answers.values, not answers.sure)
        return answers.values[0] if answers.values else (None if answers.sure else UNKNOWN)

    def _wants_first(self, call: Invocation) -> bool:
        specification = _listed(self.manager, "\0specifications")
        for one in specification.items:
            marked = _options(_member(one, self.name, call), self.manager, "spec", call)
            if marked is not None and truth(marked.items.get("firstresult", False), call.machine):
                return True
        return False

    def attribute(self, name: str, _machine: MachineState, _frame: Frame) -> Value:
        """`call_historic(kwargs=…)`."""
        return Native(name, self._call_historic) if name == "call_historic" else UNKNOWN

    def _call_historic(self, call: Invocation) -> Value:
        given = call.get(1, "kwargs", UNKNOWN)
        items = given.items if isinstance(given, DictValue) else {}
        named = {key: one for key, one in items.items() if isinstance(key, str)}
        _append(self.manager, _HISTORY, _Historic(self.name, named), call)
        _call_all(_listed(self.manager, _IMPLEMENTATIONS), self.name, named, call, first=False)
        return None


def _listed(manager: Instance, what: str) -> ListValue:
    found = manager.attributes.get(what)
    return found if isinstance(found, ListValue) else ListValue([], True)


def _append(manager: Instance, what: str, value: Value, call: Invocation) -> None:
    held = _listed(manager, what)
    call.machine.heap.changing(held)
    held.items.append(value)


def _call_all(among: ListValue, name: str, named: dict[str, Value], call: Invocation, *, first: bool) -> _Answers:
    """Calls what *among* has for the hook *name*."""
    if among.open:
        call.machine.record_stop(call.frame, f"not all plugins are known that have the hook {name}")
    found = [one for one in among.items if isinstance(one, _Implementation) and one.name == name]
    found.reverse()  # the latest first
    ordered = sorted(found, key=lambda one: (not one.wraps, -one.rank))
    answers: list[Value] = []
    sure = not among.open
    for one in ordered:
        if first and UNKNOWN in answers:  # whether that was None nobody knows
            perhaps(call.machine, call.frame, lambda one=one: _ask(one, named, call))  # type: ignore[misc]
            continue
        answer = _ask(one, named, call)
        if answer is None or one.wraps:
            continue
        answers.append(answer)
        sure &= answer is not UNKNOWN
        if first and answer is not UNKNOWN:
            break
    return _Answers(answers, sure)


def _ask(one: _Implementation, named: dict[str, Value], call: Invocation) -> Value:
    """Calls it with those of the arguments that it takes."""
    function = one.function.function if isinstance(one.function, Method) else one.function
    wanted = function.parameters if isinstance(function, FunctionValue) else None
    names = named.keys() if wanted is None else {*wanted.positional, *wanted.keyword_only}
    given = {name: value for name, value in named.items() if name in names}
    answer = call.machine.call(one.function, [], given, call.frame, complete=True)
    if one.wraps and isinstance(answer, GeneratorValue):
        call.machine.items_of(answer)
    return answer


def _member(holder: Value, name: str, call: Invocation) -> Value:
    found = call.machine.attribute(holder, name, call.frame)
    return UNKNOWN if found is MISSING else found


def _options(member: Value, manager: Instance, kind: str, call: Invocation) -> DictValue | None:
    """What the project's marker has noted at *member*; None where it has none."""
    function = member.function if isinstance(member, Method) else member
    project = manager.attributes.get("project_name")
    if not isinstance(function, FunctionValue) or not isinstance(project, str):
        return None
    found = call.machine.attribute(function, f"{project}_{kind}", call.frame)
    return found if isinstance(found, DictValue) else None


def _names_of(plugin: Value) -> list[str]:
    if isinstance(plugin, ModuleValue):
        return sorted(plugin.namespace)
    cls = plugin.cls if isinstance(plugin, Instance) else plugin
    return sorted(cls.member_names()) if isinstance(cls, ClassValue) else []


def _register(call: Invocation, manager: Instance) -> Value:
    """`register(plugin, name)`."""
    plugin = call.get(1, "plugin", UNKNOWN)
    if plugin is UNKNOWN or (isinstance(plugin, Instance | ClassValue) and not _names_of(plugin)):
        for what in (_PLUGINS, _IMPLEMENTATIONS):
            held = _listed(manager, what)
            call.machine.heap.changing(held)
            held.open = True
        return UNKNOWN
    _append(manager, _PLUGINS, plugin, call)
    for name in _names_of(plugin):
        member = _member(plugin, name, call)
        options = _options(member, manager, "impl", call)
        if options is None:
            continue
        told = {key: truth(options.items.get(key, False), call.machine) for key in _FLAGS}
        renamed = options.items.get("specname")
        made = _Implementation(
            renamed if isinstance(renamed, str) else name,
            member,
            bool(told["tryfirst"]) - bool(told["trylast"]),
            wraps=bool(told["hookwrapper"] or told["wrapper"]),
        )
        _append(manager, _IMPLEMENTATIONS, made, call)
        for one in _listed(manager, _HISTORY).items:
            if isinstance(one, _Historic):
                _call_all(ListValue([made]), one.name, one.named, call, first=False)
    return call.get(2, "name", UNKNOWN)


_FLAGS = ("tryfirst", "trylast", "hookwrapper", "wrapper")


def _load(call: Invocation, manager: Instance) -> Value:
    """`load_setuptools_entrypoints(group, name)`."""
    group, wanted = call.get(1, "group", UNKNOWN), call.get(2, "name")
    machine = call.machine
    search(call)
    machine.spend(100_000)  # some thousand files are looked for
    count = 0
    for name, target in declared(machine.finder).get(group, ()) if isinstance(group, str) else ():
        if wanted is not None and wanted != name:
            continue
        module, _, attribute = target.partition(":")
        try:
            plugin = machine.import_dynamic(module.strip(), call)
        except Raised:
            continue
        for part in filter(None, attribute.partition("[")[0].strip().split(".")):
            plugin = _member(plugin, part, call)
        _register(Invocation(machine, call.frame, [manager, plugin, name], {}, call.line, True), manager)
        count += 1
    return count


def _specify(call: Invocation, manager: Instance) -> Value:
    """`add_hookspecs(module_or_class)`."""
    _append(manager, "\0specifications", call.get(1, "module_or_class", UNKNOWN), call)
    return None


def _init(call: Invocation, own: Abstract) -> Value:
    manager = call.first()
    own.call(call)
    if _is_plain(manager):
        lists = {what: ListValue([]) for what in (_PLUGINS, _IMPLEMENTATIONS, _HISTORY, "\0specifications")}
        call.machine.heap.changing(manager)
        manager.attributes.update({**lists, "hook": _Relay(manager)})
    return None


def _is_plain(manager: Value) -> TypeGuard[Instance]:
    """Whether *manager* is one of pluggy's own class."""
    return isinstance(manager, Instance) and manager.cls.name == "PluginManager"


def _of_manager(model: Callable[[Invocation, Instance], Value]) -> MethodModel:
    def run(call: Invocation, own: Abstract) -> Value:
        manager = call.first()
        return model(call, manager) if _is_plain(manager) else own.call(call)

    return run


def _plugins(_call: Invocation, manager: Instance) -> Value:
    """`get_plugins()`: a set."""
    held = _listed(manager, _PLUGINS)
    made = ListValue(list(held.items), held.open)
    made.loose = len(made.items) > 1
    return made


LIBRARY = Library(
    methods={
        "pluggy._manager": {
            "PluginManager.__init__": _init,
            "PluginManager.register": _of_manager(_register),
            "PluginManager.add_hookspecs": _of_manager(_specify),
            "PluginManager.load_setuptools_entrypoints": _of_manager(_load),
            "PluginManager.get_plugins": _of_manager(_plugins),
            "PluginManager.check_pending": _of_manager(lambda _call, _manager: None),
        }
    }
)
