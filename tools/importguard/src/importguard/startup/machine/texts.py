"""Code that is run by its path or as text: files that no import names, `exec`, `eval`."""

from __future__ import annotations

from importguard.errors import SourceError
from importguard.source import program as ir
from importguard.source.reader import read_program
from importguard.startup.machine.state import MachineState
from importguard.startup.values.base import UNKNOWN, Invocation, Raised, Value
from importguard.startup.values.dicts import DictValue
from importguard.startup.values.files import Code, FileText
from importguard.startup.values.frames import Frame
from importguard.startup.values.functions import FunctionCode
from importguard.startup.values.modules import ModuleValue

MAX_INSIDE = 20  # texts that run texts


def run_text(machine: MachineState, call: Invocation) -> Value:
    """`exec(text, globals, locals)`."""
    code = call.get(0, "source", UNKNOWN)
    program = _program(machine, code, call)
    frame = _frame(call)
    if program is None or frame is None:
        code = call.first()
        if isinstance(code, FunctionCode) and not code.function.parameters.positional:
            machine.call(code.function, [], {}, call.frame, complete=True)
            return None
        _stop(machine, call, "a text is run that is not known")
        return None
    outer, machine.frame = machine.frame, frame
    machine.texts += 1
    try:
        machine.run_block(program.body, frame)
    finally:
        machine.texts -= 1
        machine.frame = outer
    return None


def compiled(call: Invocation) -> Value:
    """`compile(text, file, mode)`."""
    source, machine = call.get(0, "source", UNKNOWN), call.machine
    if isinstance(source, str | bytes) and machine.catches_here("SyntaxError", "Exception", "BaseException"):
        _program(machine, source, call)  # raises where it is no Python
    return Code(source)


def value_of_text(machine: MachineState, call: Invocation) -> Value:
    """`eval(text, globals, locals)`."""
    code = call.get(0, "source", UNKNOWN)
    text = code.text if isinstance(code, Code) else code
    frame = _frame(call)
    program = _program(machine, f"(\n{text.strip()}\n)", call) if isinstance(text, str) else None
    if program is None or frame is None or len(program.body) != 1 or not isinstance(program.body[0], ir.Evaluate):
        _stop(machine, call, "a text is run that is not known")
        return UNKNOWN
    outer, machine.frame = machine.frame, frame
    machine.texts += 1
    try:
        return machine.evaluate(program.body[0].value, frame)
    finally:
        machine.texts -= 1
        machine.frame = outer


def _stop(machine: MachineState, call: Invocation, reason: str) -> None:
    if machine.enters(call.frame.module) and not machine.muted:
        machine.record_stop(call.frame, reason)


def _program(machine: MachineState, code: Value, call: Invocation) -> ir.Program | None:
    """What *code* says: text, what `compile` made of it, or what was read from a file."""
    if isinstance(code, Code):
        code = code.text
    if machine.texts >= MAX_INSIDE:
        return None
    try:
        if isinstance(code, FileText):
            return machine.read(code.path)
        if not isinstance(code, str | bytes):
            return None
        path = call.frame.module.found.path or "<string>"
        machine.spend(len(code))
        source = code.encode() if isinstance(code, str) else code
        # Its lines are those of the file that holds it, as near as they can be.
        return read_program(b"\n" * max(call.line - 1, 0) + source, path, machine.parse_newer)
    except (OSError, UnicodeError):
        return None
    except SourceError:
        if machine.catches_here("SyntaxError", "Exception", "BaseException"):
            raise Raised.of(SyntaxError) from None
        return None


def _frame(call: Invocation) -> Frame | None:
    """Where the text runs; None where that is not known."""
    names, inner = call.get(1, "globals"), call.get(2, "locals")
    code = call.get(0, "source", UNKNOWN)
    source = code.text if isinstance(code, Code) else code
    running = call.frame.module
    module = running
    if names is not None:
        if not isinstance(names, DictValue):
            return None
        if names.items is not running.namespace:
            found = running.found
            if not names.open:
                names.items.setdefault("__name__", "builtins")  # which is where the name is found then
            module = ModuleValue(running.name, found, names.items)  # type: ignore[arg-type]  # keys that are no texts stay out of the way
            module.open, module.origin, module.complete = names.open, running.origin, True
    if isinstance(source, FileText):
        module = _in_file(module, source.path)
    if isinstance(inner, DictValue):
        frame = Frame(module, inner.items, None, call.frame.scope)  # type: ignore[arg-type]  # as above
    elif names is not None or call.frame.function is None:
        frame = Frame(module, module.namespace, None, call.frame.scope)
    else:
        frame = Frame(module, {}, call.frame, call.frame.scope)
    frame.function = call.frame.function
    return frame


def _in_file(module: ModuleValue, path: str) -> ModuleValue:
    """The same names, where what is read is in the file *path*."""
    found = type(module.found)(module.found.name, module.found.form, path, module.found.locations)
    made = ModuleValue(module.name, found, module.namespace)
    made.open, made.origin, made.complete = module.open, module.origin, module.complete
    return made
