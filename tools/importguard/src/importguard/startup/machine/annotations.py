"""Annotations: what one says of a name in a class, and what reading them loads.

From Python 3.14 on they are evaluated when somebody reads them (PEP 649), at definition before that. A reader that
evaluates texts may load something on every Python.
"""

from __future__ import annotations

from collections.abc import Iterator

from importguard.errors import SourceError
from importguard.source import program as ir
from importguard.source.reader import read_program, read_signature
from importguard.startup.machine.state import MachineState
from importguard.startup.values.annotate import Annotate, Note, Texts
from importguard.startup.values.base import UNKNOWN, Abstract, Raised, Value
from importguard.startup.values.classes import ClassValue
from importguard.startup.values.constants import behaviour
from importguard.startup.values.dicts import DictValue
from importguard.startup.values.frames import Frame
from importguard.startup.values.functions import FunctionValue, Method
from importguard.startup.values.modules import ModuleValue

MAX_NOTE = 2_000  # characters of a text that is read
ON_DEMAND = (3, 14)  # the Python from which on annotations are evaluated when somebody reads them
_NO_EVALUATION = frozenset({"Literal"})  # the texts inside are no annotations


class Marker(Abstract):
    """An annotation that generated classes read: `ClassVar`, `InitVar` or `KW_ONLY`."""

    __slots__ = ("word",)

    def __init__(self, word: str) -> None:
        self.word = word

    def truth(self, _machine: object) -> bool | None:
        """As little is known of it as of any annotation."""
        return None


_MARKERS = {word: Marker(word) for word in ("ClassVar", "InitVar", "KW_ONLY")}


def marked(annotation: ir.Expression | None) -> Value:
    """The Marker that *annotation* is, whether written as code or as text; UNKNOWN for all others."""
    node = annotation.value if isinstance(annotation, ir.Subscript) else annotation
    if isinstance(node, ir.Constant) and isinstance(node.value, str):
        word = node.value.partition("[")[0].rpartition(".")[2].strip()
    else:
        word = node.attr if isinstance(node, ir.Attribute) else getattr(node, "id", "")
    return _MARKERS.get(word, UNKNOWN)


def note(machine: MachineState, node: ir.Assign, frame: Frame) -> None:
    """The annotated assignment *node* has run in the class or module of *frame*."""
    target = node.targets[0]
    if frame.function is not None and not frame.class_body:
        return
    if not isinstance(target, ir.Name) or node.annotation is None:
        return
    declared = frame.namespace.setdefault("__annotations__", DictValue({}))
    if isinstance(declared, DictValue):
        declared.items[target.id] = marked(node.annotation)
    annotate = frame.annotate
    if annotate is None:
        annotate = frame.annotate = Annotate(frame.scope[-1] if frame.scope else frame.module.name, frame)
        if machine.environment.version_info[:2] >= ON_DEMAND:
            frame.namespace["__annotate_func__" if frame.class_body else "__annotate__"] = annotate
    if annotate.notes is not None:
        annotate.notes.append(Note(target.id, node.annotation, node.line, node.postponed))


def annotate_of(value: Value) -> Annotate | None:
    """What evaluates the annotations of a class, a function or a module; None where nothing is known of them."""
    if isinstance(value, Annotate):
        return value
    if isinstance(value, Method):
        return annotate_of(value.function)
    if isinstance(value, FunctionValue):
        given = value.attributes.get("__annotate__")
        if isinstance(given, Annotate):
            return given
        return None if value.signature is None else Annotate(value.name, value.frame, value.signature)
    if isinstance(value, ClassValue):
        return value.annotate
    made = value.namespace.get("__annotate__") if isinstance(value, ModuleValue) else behaviour(value).unwrapped()
    if made is value:
        return None
    return made if isinstance(made, Annotate) else annotate_of(made) if isinstance(made, FunctionValue) else None


def annotations_of(machine: MachineState, value: Value, reader: str, texts: Texts = Texts.KEPT) -> DictValue:
    """The annotations of *value* as *reader* gets them, its own only; open where they are not all known."""
    annotate = annotate_of(value)
    if annotate is None:
        return DictValue({}, not isinstance(value, ClassValue))
    notes = annotate.notes
    if notes is None:
        notes = annotate.notes = _notes(machine, annotate)
    runs = machine.environment.version_info[:2] >= ON_DEMAND
    outer = machine.catchers, machine.own_catchers, machine.line, machine.lazy.reader
    # What cannot be evaluated is nobody's failure: readers fall back on the text.
    machine.catchers, machine.own_catchers, machine.lazy.reader = [], 0, reader
    annotate.read = texts if annotate.read is None else max(annotate.read, texts)
    found: dict[Value, Value] = {}
    try:
        for one in notes:
            machine.line = one.line
            found[one.name] = _value(machine, annotate.frame, one, texts, runs)
    finally:
        machine.catchers, machine.own_catchers, machine.line, machine.lazy.reader = outer
    return DictValue(found)


def notes_of(machine: MachineState, value: Value) -> list[Note]:
    """The annotations of *value* as they are written."""
    annotate = annotate_of(value)
    if annotate is None:
        return []
    if annotate.notes is None:
        annotate.notes = _notes(machine, annotate)
    return annotate.notes


def read_bases(machine: MachineState, cls: ClassValue, reader: str, texts: Texts) -> DictValue:
    """The annotations of *cls* and of the classes it inherits from."""
    made = DictValue({}, cls.open)
    for one in reversed(cls.mro()):
        found = annotations_of(machine, one, reader, texts)
        made.items.update(found.items)
        made.open |= found.open
    return made


def _notes(machine: MachineState, annotate: Annotate) -> list[Note]:
    signature = annotate.signature
    if signature is None:
        return []
    try:
        read = read_signature(signature, annotate.frame.module.found.path or "", machine.spend_nodes)
    except SourceError:
        return []
    return [Note(name, expression, signature.line, signature.postponed) for name, expression in read]


def _value(machine: MachineState, frame: Frame, one: Note, texts: Texts, runs: bool) -> Value:
    expression = one.expression
    quoted = isinstance(expression, ir.Constant) and isinstance(expression.value, str)
    if one.postponed or quoted:
        if texts is Texts.NAMED and one.postponed and quoted:
            return UNKNOWN  # dataclasses see a text that begins with a quote
        if texts is Texts.KEPT:
            return expression.value if isinstance(expression, ir.Constant) else UNKNOWN
        read = expression if not isinstance(expression, ir.Constant) else _parsed(machine, expression.value, one.line)
        if read is None:
            return UNKNOWN
        where = Frame(frame.module, frame.module.namespace, None, frame.scope)
        return _evaluated(machine, _path_of(read) if texts is Texts.NAMED else read, where, texts)
    return _evaluated(machine, expression, frame, texts) if runs or texts is Texts.READ else UNKNOWN


def _evaluated(machine: MachineState, expression: ir.Expression, frame: Frame, texts: Texts) -> Value:
    try:
        made = machine.evaluate(expression, frame)
        for text in _texts_in(expression) if texts is Texts.READ else ():
            read = _parsed(machine, text, machine.line)
            if read is not None:
                machine.evaluate(read, Frame(frame.module, frame.module.namespace, None, frame.scope))
    except Raised:
        return UNKNOWN
    return made


def _parsed(machine: MachineState, text: Value, line: int) -> ir.Expression | None:
    """The expression that an annotation's *text* is."""
    if not isinstance(text, str) or not text or len(text) > MAX_NOTE or not text.isascii():
        return None
    machine.spend(len(text))
    try:
        program = read_program(b"\n" * max(line - 1, 0) + f"({text.strip()}\n)".encode(), "<annotation>")
    except SourceError:
        return None
    only = program.body[0] if len(program.body) == 1 else None
    return only.value if isinstance(only, ir.Evaluate) else None


def _path_of(expression: ir.Expression) -> ir.Expression:
    """`a.b.C` of `a.b.C[int] | None`: what dataclasses look at."""
    while not isinstance(expression, ir.Name | ir.Attribute):
        if isinstance(expression, ir.Subscript):
            expression = expression.value
        elif isinstance(expression, ir.BinOp):
            expression = expression.left
        else:
            return ir.Constant(None)
    return expression


def _texts_in(expression: ir.Expression) -> Iterator[str]:
    """The texts inside an annotation that stand for types: those of `Optional["C"]`, not those of `Literal["C"]`."""
    pending = [expression]
    while pending:
        one = pending.pop()
        if isinstance(one, ir.Constant) and isinstance(one.value, str) and one is not expression:
            yield one.value
        elif isinstance(one, ir.Subscript):
            word = one.value.attr if isinstance(one.value, ir.Attribute) else getattr(one.value, "id", "")
            inside = one.slice
            if word == "Annotated" and isinstance(inside, ir.Display):
                pending += inside.elts[:1]  # the rest is what the type is annotated with
            elif word not in _NO_EVALUATION:
                pending.append(inside)
        elif isinstance(one, ir.Display):
            pending += one.elts
        elif isinstance(one, ir.BinOp):
            pending += [one.left, one.right]
