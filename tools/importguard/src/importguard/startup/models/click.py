"""`click`: groups, and the commands that a command line names or may name. `typer` has a copy of it, as others have
below a package `vendor`.

A command line that is known is read here; each parameter gets what its own type and callback make of the text. Of one
that is not known each command of a group is possible.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from importguard.startup.machine.branches import OPTION_STEPS, alternatives, commands
from importguard.startup.machine.state import MachineState
from importguard.startup.models.click_words import (
    Reader,
    Words,
    add_command,
    is_flag,
    make_argument,
    make_command,
    make_group,
    make_option,
    read,
)
from importguard.startup.models.library import Library
from importguard.startup.values.base import UNKNOWN, Abstract, Invocation, Raised, Value, is_constant
from importguard.startup.values.classes import ClassValue
from importguard.startup.values.dicts import DictValue
from importguard.startup.values.instances import Instance
from importguard.startup.values.lists import ListValue
from importguard.startup.values.modules import ModuleValue

ENDS = frozenset({"Exit", "Abort", "ClickException", "SystemExit"})
_TEXTS = frozenset({"StringParamType", "Choice", "Path", "UnprocessedParamType"})
_NUMBERS: dict[str, Callable[[str], Value]] = {"IntParamType": int, "IntRange": int, "FloatParamType": float}
MAX_DEPTH = 8  # groups inside groups
_STACK = "\0contexts"  # in the namespace of click's `globals`


# What a parameter gets


def _value(param: Instance, given: list[str | bool] | None, ctx: Value, call: Invocation) -> Value:
    """What the command gets for *param*: of the texts *given*, else its default, through its callback."""
    value: Value
    if given is None and call.machine.options.incomplete and _is_demanded(param):
        value = UNKNOWN
    elif given is None:
        value = param.attributes.get("default")
        if not is_constant(value) and not isinstance(value, ListValue):
            value = None if isinstance(value, Instance) else UNKNOWN  # click's own mark for "unset"; a function
    elif is_flag(param):
        value = param.attributes.get("flag_value", UNKNOWN) if given[-1] is True else False
        value = True if isinstance(value, Instance) or value is None else value
    else:
        made = [_converted(one, param, ctx, call) for one in given]
        several = param.attributes.get("multiple") is True or param.attributes.get("nargs", 1) != 1
        value = tuple(made) if several else made[-1]
    callback = param.attributes.get("callback")
    return _called(callback, [ctx, param, value], call) if isinstance(callback, Abstract) else value


def _is_demanded(param: Instance) -> bool:
    """Whether a command line without *param* is refused."""
    required = param.attributes.get("required")
    if isinstance(required, bool):
        return required
    default = param.attributes.get("default")
    has_default = default is not None and not isinstance(default, Instance)  # click's own mark for "unset"
    is_argument = any(cls.name == "Argument" for cls in param.cls.mro())
    return is_argument and not has_default and param.attributes.get("nargs") != -1


def _called(function: Value, args: list[Value], call: Invocation) -> Value:
    return call.machine.call(function, args, {}, call.frame, complete=True)


def _converted(text: str | bool, param: Instance, ctx: Value, call: Invocation) -> Value:
    kind = param.attributes.get("type")
    if not isinstance(kind, Instance) or not isinstance(text, str):
        return UNKNOWN
    names = {cls.name for cls in kind.cls.mro()}
    own = kind.cls.lookup("convert")
    number = next((make for name, make in _NUMBERS.items() if name in names), None)
    if kind.cls.name in _TEXTS:
        return text
    if number is not None:
        try:
            return number(text)
        except ValueError:
            return UNKNOWN
    if isinstance(own, Abstract) and not kind.cls.module.name.endswith("click.types"):
        return _called(read(kind, "convert", call), [text, param, ctx], call)
    return UNKNOWN


# Contexts


def _make_context(call: Invocation, own: Abstract) -> Value:
    """`command.make_context(name, args, parent)`: the parameters get their values."""
    command, machine = call.first(), call.machine
    cls = _core(command).get("Context")
    if not isinstance(command, Instance) or not isinstance(cls, ClassValue):
        return own.call(call)
    words = Words.of(call.get(2, "args", UNKNOWN), machine)
    parent = call.get(3, "parent")
    ctx = Instance(cls)
    ctx.open = True
    params = DictValue({})
    ctx.attributes.update(
        {"command": command, "parent": parent, "info_name": call.get(1, "info_name"), "args": UNKNOWN}
    )
    ctx.attributes.update(
        {"params": params, "invoked_subcommand": UNKNOWN, "resilient_parsing": False, "_meta": DictValue({})}
    )
    ctx.attributes["obj"] = call.keywords.get(
        "obj", parent.attributes.get("obj") if isinstance(parent, Instance) else None
    )
    reader = Reader(command, call)
    if not words.open:
        reader.read(words.items, group=_is_group(command))
    with_context(call, ctx, lambda: _fill(params, reader, words, ctx, call))
    ctx.attributes["args"] = ListValue([*reader.rest], words.open)
    if reader.asks_for_help:
        show_help(command, ctx, call)
        if machine.running_commands:
            raise Raised(("Exit",))
        machine.end(Raised.of(SystemExit))
    return ctx


def show_help(command: Instance, ctx: Instance, call: Invocation) -> None:
    """The help of a group has a line of each command, so it loads them all; click's own help wraps its lines."""
    own = next((cls.module.name for cls in command.cls.mro() if "format_help" in cls.namespace), "")
    if own.endswith("click.core"):
        call.machine.import_dynamic(f"{own.removesuffix('.core')}._textwrap", call, own)
    for name in _names(command, ctx, call) or () if _is_group(command) else ():
        with_context(call, ctx, lambda name=name: _called(read(command, "get_command", call), [ctx, name], call))  # type: ignore[misc]


def _fill(params: DictValue, reader: Reader, words: Words, ctx: Value, call: Invocation) -> None:
    """Gives each parameter its value, the eager ones first."""
    eager = [one for one in reader.params if one.attributes.get("is_eager") is True]
    for param in (*eager, *(one for one in reader.params if one not in eager)):
        name = param.attributes.get("name")
        if words.open:
            callback = param.attributes.get("callback")
            value: Value = UNKNOWN
            if isinstance(callback, Abstract):
                called = partial(_called, callback, [ctx, param, UNKNOWN], call)
                alternatives(call.machine, call.frame, [(f"the option {name!s}", called)], OPTION_STEPS)
        else:
            value = _value(param, reader.given.get(id(param)), ctx, call)
        if isinstance(name, str) and param.attributes.get("expose_value", True) is not False:
            params.items[name] = value


def _core(command: Value) -> dict[str, Value]:
    """The names of the `core` that *command* is of: click's, or typer's copy."""
    for cls in command.cls.mro() if isinstance(command, Instance) else ():
        if cls.name == "Command" and cls.module.name.endswith("click.core"):
            return cls.module.namespace
    return {}


def _is_group(command: Value) -> bool:
    return isinstance(command, Instance) and any(
        cls.name in {"Group", "MultiCommand", "TyperGroup"} for cls in command.cls.mro()
    )


def with_context(call: Invocation, ctx: Value, run: Callable[[], object]) -> None:
    """Has `get_current_context()` answer *ctx* while *run* runs."""
    stacks = [_stack(module) for name, module in call.machine.modules.items() if name.endswith("click.globals")]
    for stack in stacks:
        stack.items.append(ctx)
    try:
        run()
    finally:
        for stack in stacks:
            stack.items.pop()


def _stack(module: ModuleValue) -> ListValue:
    found = module.namespace.setdefault(_STACK, ListValue([]))
    return found if isinstance(found, ListValue) else ListValue([])


def current(call: Invocation) -> Value:
    """`get_current_context()`."""
    for name, module in call.machine.modules.items():
        if name.endswith("click.globals") and (found := _stack(module).items):
            return found[-1]
    return UNKNOWN


# Running


def _main(call: Invocation, _own: Abstract) -> Value:
    """`command.main(args)` runs the command that *args* name, and ends the program."""
    return run(call, call.get(1, "args"))


def until_it_ends(machine: MachineState, command: Callable[[], object]) -> None:
    """Runs *command* up to what ends it, which goes no further."""
    machine.running_commands += 1
    try:
        command()
    except Raised as raised:
        if not ENDS & set(raised.names):
            raise
    finally:
        machine.running_commands -= 1


def run(call: Invocation, args: Value) -> Value:
    """Runs the command that is the first argument with the command line *args*."""
    command, machine = call.first(), call.machine
    words = Words.of(args, machine)

    def go() -> Value:
        given: list[Value] = [UNKNOWN, ListValue([*words.items], words.open)]
        keywords = {name: value for name, value in call.keywords.items() if name == "obj"}
        make = read(command, "make_context", call)
        ctx = machine.call(make, given, keywords, call.frame, complete=True)
        return _called(read(command, "invoke", call), [ctx], call)

    if words.open:
        machine.commands.update(dict.fromkeys(_lines(command)))  # what an option or the group itself calls may be long
        machine.may_end()  # it may ask for help
    until_it_ends(machine, lambda: alternatives(machine, call.frame, [("the command", go)]) if words.open else go())
    if call.keywords.get("standalone_mode", True) is True:
        machine.end(Raised.of(SystemExit))
    return UNKNOWN


def _lines(command: Value, above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The words of each command that was added to a group, and to one below it."""
    added = command.attributes.get("commands") if isinstance(command, Instance) and len(above) < MAX_DEPTH else None
    for name, one in added.items.items() if isinstance(added, DictValue) else ():
        if isinstance(name, str):
            yield *above, name
            yield from _lines(one, (*above, name))


def _invoke(call: Invocation, own: Abstract) -> Value:
    """`command.invoke(ctx)`: its function gets what the context holds."""
    command, ctx = call.first(), call.get(1, "ctx", UNKNOWN)
    if not isinstance(ctx, Instance) or not isinstance(command, Instance):
        return own.call(call)
    return _run_callback(command, ctx, call)


def _run_callback(command: Value, ctx: Instance, call: Invocation) -> Value:
    callback, params = read(command, "callback", call), ctx.attributes.get("params")
    if not isinstance(callback, Abstract):
        return None
    names = params.items if isinstance(params, DictValue) else {}
    keywords = {name: value for name, value in names.items() if isinstance(name, str)}
    answers: list[Value] = []
    with_context(
        call,
        ctx,
        lambda: answers.append(call.machine.call(callback, [], keywords, call.frame, complete=True)),
    )
    return answers[0]


def _invoke_group(call: Invocation, own: Abstract) -> Value:
    """`group.invoke(ctx)`: its own function, then the command that comes next."""
    group, ctx, machine = call.first(), call.get(1, "ctx", UNKNOWN), call.machine
    if not isinstance(ctx, Instance) or not isinstance(group, Instance):
        return own.call(call)
    words = Words.of(ctx.attributes.get("args", UNKNOWN), machine)
    if words.open:
        _run_any(group, ctx, call)
        return UNKNOWN
    if not words.items:
        ctx.attributes["invoked_subcommand"] = None
        if read(group, "invoke_without_command", call) is True:
            return _run_callback(group, ctx, call)
        show_help(group, ctx, call)
        return None
    ctx.attributes["invoked_subcommand"] = words.items[0]
    _run_callback(group, ctx, call)
    return _run_command(group, ctx, words.items[0], Words([*words.items[1:]], False), call)


def _run_any(group: Instance, ctx: Instance, call: Invocation) -> None:
    """Each command of *group* may be what runs."""
    machine = call.machine
    _run_callback(group, ctx, call)
    names = _names(group, ctx, call)
    if names is None:
        machine.record_stop(call.frame, "the commands of a group are not known: name one after --")

    def running(name: str) -> Callable[[], object]:
        return lambda: _run_command(group, ctx, name, Words([], True), call)

    commands(machine, call.frame, [(name, running(name)) for name in names or ()])


def _names(group: Instance, ctx: Instance, call: Invocation) -> list[str] | None:
    """The commands of *group*; None where nothing is known of them."""
    listed = call.machine.items_of(_called(read(group, "list_commands", call), [ctx], call))
    own = read(group, "commands", call)
    names = {name: None for name in (listed[0] if listed is not None else ()) if isinstance(name, str)}
    if isinstance(own, DictValue):
        names.update({name: None for name in own.items if isinstance(name, str)})
    return list(names) if listed is not None or names else None


def _run_command(group: Instance, ctx: Instance, name: str, words: Words, call: Invocation) -> Value:
    machine = call.machine
    command: Value = UNKNOWN

    def find() -> None:
        nonlocal command
        command = _called(read(group, "get_command", call), [ctx, name], call)

    with_context(call, ctx, find)
    listed = read(group, "commands", call)
    if not isinstance(command, Instance) and isinstance(listed, DictValue):
        command = listed.items.get(name, command)
    if not isinstance(command, Instance):
        if command is not None:
            machine.record_stop(call.frame, f"the command {name} is not known")
        return UNKNOWN
    make = read(command, "make_context", call)
    given: list[Value] = [name, ListValue([*words.items], words.open)]
    made: Value = UNKNOWN

    def run_it() -> None:
        nonlocal made
        made = machine.call(make, given, {"parent": ctx}, call.frame, complete=True)

    with_context(call, ctx, run_it)
    return _called(read(command, "invoke", call), [made], call)


METHODS = {
    "Command.main": _main,
    "Command.make_context": _make_context,
    "Command.invoke": _invoke,
    "BaseCommand.main": _main,
    "BaseCommand.make_context": _make_context,
    "Group.invoke": _invoke_group,
    "Option.__init__": make_option,
    "Argument.__init__": make_argument,
    "Command.__init__": make_command,
    "Group.__init__": make_group,
    "Group.add_command": add_command,
    "MultiCommand.invoke": _invoke_group,
}
LIBRARY = Library(
    functions={
        "click.globals": {"get_current_context": current},
        "click.core": {"get_current_context": current},
        "click.decorators": {"get_current_context": current},
    },
    methods={"click.core": METHODS},
    copied=True,
)
