"""Calls of functions: arguments are bound to parameters, then the body runs, within bounds."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache

from importguard.source import program as ir
from importguard.startup.machine.bounds import MAX_CALL_DEPTH, MAX_STEPS, MODULE_STEPS
from importguard.startup.machine.branches import alternatives, perhaps
from importguard.startup.machine.state import MachineState
from importguard.startup.machine.suspension import MAX_SUSPENDED, Suspension
from importguard.startup.trace.trace import Origin
from importguard.startup.values.base import (
    MISSING,
    UNKNOWN,
    Abstract,
    Exhausted,
    Invocation,
    Items,
    Raised,
    Value,
    is_constant,
)
from importguard.startup.values.choice import one_of
from importguard.startup.values.classes import ClassValue
from importguard.startup.values.coroutines import CoroutineValue
from importguard.startup.values.dicts import DictValue
from importguard.startup.values.frames import Frame
from importguard.startup.values.functions import FunctionValue, Method
from importguard.startup.values.generators import GeneratorValue
from importguard.startup.values.instances import Instance
from importguard.startup.values.lists import ListValue
from importguard.startup.values.merge import merge
from importguard.startup.values.modules import ModuleValue

MAX_DOUBT = 2  # undecided conditions inside one another, beyond which calls of what is installed are not followed
MAX_OWN_DOUBT = 6  # and those of the project's own functions
MAX_NEAR = 6  # calls inside one another from a program's command on, in which calls of what is not known are reported
MAX_FUNCTIONS = 50  # that are looked at for imports
_CALLED = re.compile(r"\b(\w+)\(")
MAX_REPORTED = 20  # of those calls
# Methods of texts, containers, files, paths, logs, sockets and processes: what has such a name hardly loads anything.
_PLAIN = frozenset(
    [name for kind in (str, bytes, list, dict, set) for name in vars(kind)]
    + """
    accept acquire bind cancel close connect debug done error exception exists exit fileno flush getsockname info
    is_alive is_absolute is_dir is_file isatty iterdir joinpath kill listen log mkdir poll put read read_text readable
    readline recv release resolve result seek send sendall setLevel setsockopt terminate wait warn warning writable
    write writelines
    """.split()
)
MAX_SAME = 3  # frames of one function on the stack
MAX_SAME_CONSTANT = 30  # of one that gets only constants


def call_function(
    machine: MachineState, function: FunctionValue, args: list[Value], keywords: dict[str, Value], complete: bool
) -> Value:
    """Binds arguments to parameters and runs the body."""
    if id(function.body) in machine.exhausted or not machine.enters(function.frame.module):
        _forget(args[:1])  # a method sets attributes of its object
        machine.name_template(function.name, args[0] if args else None)
        return UNKNOWN
    bound = _bound_reached(machine, function, args, keywords)
    if bound:
        if not machine.has_stopped(machine.frame) and _may_load(function):
            machine.record_stop(machine.frame, f"the call of {function.name} is not followed: {bound}")
        _forget(args)
        if any("RecursionError" in caught for caught in machine.catchers):  # the program expects that it is too deep
            machine.risk(Raised.of(RecursionError).names)
        return UNKNOWN
    own = machine.frame.module.origin == Origin.FIRST_PARTY
    if own and complete and not function.open and _refuses(function, args, keywords):
        machine.mistake(TypeError)  # where the program expects that; else we have it wrong
    frame = _frame_of(function, args, keywords, complete)
    frame.asked = _asks(machine, frame.module)
    if function.is_generator:
        return _generator(machine, function, frame)
    if function.is_async:
        return CoroutineValue(lambda: _run_coroutine(machine, function, frame))
    given = tuple(frame.namespace.values())
    result = machine.idle_calls.foretell(id(function.body), given)
    if result is MISSING:
        steps, imports = machine.steps, machine.imports
        result = _run_or_repeat(machine, function, frame, given)
        taken = machine.steps - steps
        machine.idle_calls.note(id(function.body), given, result, taken, imported=machine.imports > imports)
    return result


def _run_or_repeat(machine: MachineState, function: FunctionValue, frame: Frame, given: tuple[Value, ...]) -> Value:
    repeated, steps = machine.repeated_calls, machine.steps
    key = repeated.key(machine, function, frame)
    if key is None:
        result = _run_function(machine, function, frame)
        repeated.watch(function, machine.steps - steps)
        return result
    result = repeated.foretell(key, machine)
    if result is MISSING:
        before = repeated.before(machine)
        result = _run_function(machine, function, frame)
        repeated.note(key, before, machine, given, result)
    return result


def name_template(machine: MachineState, name: str, receiver: Value) -> None:
    """The method *name*, not followed, of an object of the project's own: it may call what its class defines."""
    if not isinstance(receiver, Instance) or not receiver.is_own() or machine.frame.module.origin != Origin.FIRST_PARTY:
        return
    own = [one for cls in receiver.cls.mro() if cls.is_own() for one in cls.namespace.values()]
    if any(isinstance(one, FunctionValue) and _may_load(one) for one in own):
        reason = f"the call of {name} is not followed: it may call what {receiver.cls.name} defines"
        machine.record_stop(machine.frame, reason)


def _forget(values: Iterable[Value]) -> None:
    """Code that is not followed may change what it gets."""
    for value in values:
        if isinstance(value, Abstract):
            value.forget()


def _may_load(function: FunctionValue) -> bool:
    """Whether *function*, or one of its module that it calls by name, and so on, imports something."""
    seen: dict[int, FunctionValue] = {id(function.body): function}
    pending = [function]
    while pending and len(seen) < MAX_FUNCTIONS:
        one = pending.pop()
        program = one.frame.module.program
        if one.imports and (program is None or program.imports_in_functions):
            return True
        for name in _called_in(one.body.text):
            called = one.frame.module.namespace.get(name)
            if isinstance(called, FunctionValue) and id(called.body) not in seen:
                seen[id(called.body)] = called
                pending.append(called)
    return bool(pending)


@lru_cache(maxsize=1024)  # the same few functions are refused again and again
def _called_in(text: str) -> tuple[str, ...]:
    """The names that *text* calls, each once."""
    return tuple(dict.fromkeys(_CALLED.findall(text)))


def _bound_reached(
    machine: MachineState, function: FunctionValue, args: list[Value], keywords: dict[str, Value]
) -> str:
    """Why a call is not followed; empty where it is."""
    own = function.frame.module.origin == Origin.FIRST_PARTY or machine.is_of_program(function.frame.module.name)
    doubts = machine.possible - machine.unended - machine.alternatives
    if doubts > (MAX_OWN_DOUBT if own else MAX_DOUBT):
        return "too many undecided conditions lead to it"
    if machine.called_steps > MODULE_STEPS and not machine.calls and machine.frame.module.origin != Origin.FIRST_PARTY:
        return f"those of {machine.executing[-1]} have already taken more than {MODULE_STEPS:,} steps to work out"
    if len(machine.calls) >= MAX_CALL_DEPTH:
        return "too many calls are inside one another"
    body, same = function.body, 0
    for one in machine.calls:
        if one.body is body:
            same += 1
    if same < MAX_SAME:
        return ""
    # With what is known a recursion is worked out, not guessed at: it ends where the program's does.
    known = is_known if own else is_constant
    given = [*args, *keywords.values()]
    allowed = MAX_SAME_CONSTANT if given and all(map(known, given)) else MAX_SAME
    return f"it has called itself {same} times" if same >= allowed else ""


def is_known(value: Value) -> bool:
    """Whether all is known of *value* that a recursion down a tree looks at first."""
    if isinstance(value, ListValue | DictValue | Instance):
        return not value.open
    return isinstance(value, FunctionValue | ClassValue) or is_constant(value)


def _refuses(function: FunctionValue, args: list[Value], keywords: dict[str, Value]) -> bool:
    """Whether *function* has other parameters than it gets arguments."""
    parameters = function.parameters
    names = parameters.positional
    if len(args) > len(names) and not parameters.vararg:
        return True
    required = [*names[len(args) : len(names) - len(function.defaults)]]
    required += [
        one for one, default in zip(parameters.keyword_only, function.kw_defaults, strict=False) if default is MISSING
    ]
    return any(name not in keywords for name in required) or (
        not parameters.kwarg and any(name not in {*names[len(args) :], *parameters.keyword_only} for name in keywords)
    )


def _frame_of(function: FunctionValue, args: list[Value], keywords: dict[str, Value], complete: bool) -> Frame:
    outer = function.frame
    parameters = function.parameters
    namespace: dict[str, Value] = {}
    defaults: dict[str, Value] = dict(zip(reversed(parameters.positional), reversed(function.defaults), strict=False))
    for position, name in enumerate(parameters.positional):
        if position < len(args):
            namespace[name] = args[position]
        else:
            fallback = defaults.get(name, UNKNOWN) if complete else UNKNOWN
            namespace[name] = keywords.get(name, fallback)
    for name, default in zip(parameters.keyword_only, function.kw_defaults, strict=False):
        fallback = UNKNOWN if default is MISSING or not complete else default
        namespace[name] = keywords.get(name, fallback)
    if parameters.vararg:
        extra = args[len(parameters.positional) :]
        namespace[parameters.vararg] = tuple(extra) if complete else ListValue(extra, True)
    if parameters.kwarg:
        taken = {*parameters.positional, *parameters.keyword_only}
        rest = {name: value for name, value in keywords.items() if name not in taken}
        namespace[parameters.kwarg] = DictValue.of_names(rest, not complete)
    frame = Frame(outer.module, namespace, outer, (*outer.scope, function.name))
    frame.function = function
    return frame


def _asks(machine: MachineState, module: ModuleValue) -> bool:
    """Whether what is called in *module* is followed because the project's own code wants it."""
    return module.origin == Origin.STDLIB and machine.asks(machine.frame)


def _run_function(machine: MachineState, function: FunctionValue, frame: Frame) -> Value:
    outermost = not machine.calls
    line, possible, unended, limit = machine.line, machine.possible, machine.unended, machine.limit
    outer, machine.frame = machine.frame, frame
    depth, started = len(machine.heap.arms), machine.steps
    if outermost:
        machine.limit = min(machine.steps + machine.call_steps, MAX_STEPS)
    machine.calls.append(function)
    try:
        completion = machine.run_block(machine.statements(function.body, frame.module.found.path or ""), frame)
    except Raised as raised:
        if not frame.maybe:
            raise
        machine.risk(raised.names)  # it may have returned before
        return UNKNOWN
    except Exhausted:
        if not outermost or machine.work > machine.max_work:
            raise
        machine.exhausted.add(id(function.body))
        machine.record_stop(frame, f"a call of {function.name} took more than {machine.call_steps:,} steps")
        _forget(frame.namespace.values())
        return UNKNOWN
    finally:
        machine.calls.pop()
        machine.heap.close(depth)
        if frame.asked and not outer.asked:
            machine.asked_steps += machine.steps - started
        machine.line, machine.possible, machine.unended, machine.frame = line, possible, unended, outer
        if outermost:
            machine.limit = limit
            machine.called_steps += machine.steps - started
    value = completion.value if completion is not None else None
    for other in frame.returns:
        value = merge(value, other)
    return value


def _run_coroutine(machine: MachineState, function: FunctionValue, frame: Frame) -> Value:
    machine.threads.coroutines.append(".".join((frame.module.name, *frame.scope)))
    try:
        return _run_function(machine, function, frame)
    finally:
        machine.threads.coroutines.pop()


def _generator(machine: MachineState, function: FunctionValue, frame: Frame) -> Value:
    """A generator of the program's own stops at each yield; one of a library runs at once where it is iterated."""

    def suspend() -> Suspension | None:
        made = Suspension(machine, frame, lambda: _run_function(machine, function, frame))
        if len(machine.suspended) >= MAX_SUSPENDED or not made.start():
            machine.record_stop(machine.frame, f"the generator {function.name} runs at once: too many others wait")
            return None
        frame.suspension = made
        return made

    own = frame.asked or frame.module.origin == Origin.FIRST_PARTY
    return GeneratorValue(lambda: _run_generator(machine, function, frame), machine, frame, suspend if own else None)


def _run_generator(machine: MachineState, function: FunctionValue, frame: Frame) -> Items:
    """What it yields for sure, and whether that is all; `frame.returned` is the value of `yield from`."""
    frame.yields, frame.sure = [], (machine.possible, machine.escaping)
    frame.returned = _run_function(machine, function, frame)
    return frame.yields, frame.sure is not None


def may_call(machine: MachineState, callee: Value) -> None:
    """*callee* is handed to code that is not followed: what a function of the program then does is possible."""
    function = callee.function if isinstance(callee, Method) else callee
    if not isinstance(function, FunctionValue) or function.frame.module.origin != Origin.FIRST_PARTY:
        return
    given: list[Value] = [UNKNOWN] * (len(function.parameters.positional) - isinstance(callee, Method))
    perhaps(machine, machine.frame, lambda: machine.call(callee, given, {}, machine.frame, complete=False))


def call_perhaps(machine: MachineState, callee: Value, args: list[Value]) -> None:
    """It is possible that *callee* is called with *args*."""
    perhaps(machine, machine.frame, lambda: machine.call(callee, args, {}, machine.frame, complete=True))


def pass_over(machine: MachineState, method: ir.Attribute, frame: Frame) -> None:
    """The code of *frame* calls a *method* of which nobody knows what it is.

    Where an installed program does so on the way from its command, what it then loads is missing.
    """
    near = len(machine.calls) <= MAX_NEAR and machine.executing == ["__main__"] and machine.passed < MAX_REPORTED
    if not near or method.attr in _PLAIN or not machine.is_of_program(frame.module.name):
        return
    names = frame.module.namespace | frame.namespace
    if not isinstance(method.value, ir.Name) or not isinstance(names.get(method.value.id), ModuleValue):
        machine.passed += 1
        machine.record_stop(frame, f"the call of {method.attr} is not followed: it is not known what that is")


def call_one_of(machine: MachineState, callees: Sequence[Value], call: Invocation) -> Value:
    """One of *callees* is called, and nobody knows which."""
    answers: list[Value] = []

    def calling(callee: Value) -> Callable[[], object]:
        return lambda: answers.append(machine.call(callee, call.args, call.keywords, call.frame, call.complete))

    alternatives(machine, machine.frame, [("a call of one of several functions", calling(one)) for one in callees])
    return one_of(answers)


def set_defaults(machine: MachineState, function: FunctionValue, parameters: ir.Parameters, frame: Frame) -> None:
    """Default values, evaluated where the function is defined."""
    function.defaults = tuple([machine.evaluate(default, frame) for default in parameters.defaults])
    function.kw_defaults = tuple(
        [MISSING if default is None else machine.evaluate(default, frame) for default in parameters.kw_defaults]
    )
