"""`inspect`: what an object is."""

from __future__ import annotations

import builtins
from collections.abc import Callable, Mapping

from importguard.source import program as ir
from importguard.startup.machine.annotations import annotate_of
from importguard.startup.machine.state import MachineState
from importguard.startup.models.annotationlib import asks_for_texts, get_annotations
from importguard.startup.models.library import Library, load_for, use_names_of
from importguard.startup.values.annotate import Annotate, Texts
from importguard.startup.values.base import MISSING, UNKNOWN, Abstract, Invocation, Value, truth
from importguard.startup.values.builtin_types import BuiltinType
from importguard.startup.values.classes import ClassValue
from importguard.startup.values.constants import behaviour
from importguard.startup.values.dicts import DictValue
from importguard.startup.values.functions import FunctionValue, Method
from importguard.startup.values.instances import Instance
from importguard.startup.values.lists import ListValue
from importguard.startup.values.modules import ModuleValue
from importguard.startup.values.natives import Model, Namespace, Native

_OF_EVERY_OBJECT = frozenset(dir(object))  # these are no functions of the program's
MAX_WRAPPERS = 50  # functions that wrap one another


def _of_functions(holds: Callable[[FunctionValue], bool]) -> Model:
    def run(call: Invocation) -> Value:
        """What holds of a function; an object with no code of its own is not asked."""
        value = call.get(0, "obj", UNKNOWN)
        if isinstance(value, Method):
            value = value.function
        if isinstance(value, FunctionValue):
            return holds(value)
        return UNKNOWN if value is UNKNOWN or isinstance(value, Instance) else False

    return run


def _of_kinds(*kinds: type[Abstract]) -> Model:
    def run(call: Invocation) -> Value:
        value = call.get(0, "object", UNKNOWN)
        if value is UNKNOWN or (isinstance(value, Instance) and value.open):
            return UNKNOWN
        return isinstance(value, kinds)

    return run


def _members(call: Invocation) -> Value:
    """`getmembers(object, predicate)`: pairs in the order of their names."""
    owner, wanted, machine = call.get(0, "object", UNKNOWN), call.get(1, "predicate"), call.machine
    found = machine.items_of(behaviour(owner).names(machine, call.frame))
    if found is None:
        return UNKNOWN
    pairs: list[Value] = []
    complete = found[1]
    for name in sorted({name for name in found[0] if isinstance(name, str)}):
        value = machine.attribute(owner, name, call.frame)
        decided = True if wanted is None else truth(machine.invoke(wanted, value), machine)
        if decided and value is not MISSING:
            pairs.append((name, value))
        complete &= decided is not None or name in _OF_EVERY_OBJECT
    return ListValue(pairs, not complete)


def _unwrap(call: Invocation) -> Value:
    """`unwrap(function)`: what the innermost wrapper wraps."""
    value = call.get(0, "func", UNKNOWN)
    if "stop" in call.keywords or len(call.args) > 1:
        return UNKNOWN
    return _innermost(value, "__wrapped__")


def _innermost(value: Value, *names: str) -> Value:
    """What wrappers wrap in the end; *names*: the attributes by which they know it."""
    for _ in range(MAX_WRAPPERS):
        known = value.attributes if isinstance(value, FunctionValue | Native) else {}
        inner = next((known[name] for name in names if name in known), None)
        if inner is None:
            break
        value = inner
    return value


def _signature(call: Invocation) -> Value:
    """`signature(callable)` reads the annotations of the function that is called in the end."""
    machine, given = call.machine, call.get(0, "obj", UNKNOWN)
    if isinstance(given, BuiltinType | Native) and _has_text(given.name):
        use_names_of(call, "inspect", "tokenize")  # takes the text apart
    value = _innermost(given, "__wrapped__", "func")
    bound = isinstance(value, Method | ClassValue)
    if isinstance(value, ClassValue):
        value = value.lookup("__init__")
    asks_for_texts(call, "annotation_format", value)
    reads = truth(call.keywords.get("eval_str", False), machine) is not False
    annotate = annotate_of(value)
    notes = machine.annotations_of(annotate or value, "`inspect.signature`", Texts.READ if reads else Texts.KEPT)
    function = value.function if isinstance(value, Method) else value
    if not isinstance(function, FunctionValue) or isinstance(given, Native):
        return UNKNOWN
    if annotate is not None and function.is_own():
        _evaluate(annotate, notes, machine)
    return Namespace(
        {
            "parameters": _parameters(function, notes, skipped=int(bound)),
            "return_annotation": notes.items.get("return", UNKNOWN if notes.open else EMPTY),
            "empty": EMPTY,
        }
    )


def _has_text(name: str) -> bool:
    """Whether the builtin function or type *name* says its signature as a text."""
    return bool(getattr(getattr(builtins, name, None), "__text_signature__", None))


def _source(call: Invocation) -> Value:
    """`getsource(object)` and what is like it: the lines of a file, which `linecache` reads by `tokenize`."""
    asked = call.get(0, "object", UNKNOWN)
    if asked is UNKNOWN or isinstance(asked, FunctionValue | Method | ClassValue | ModuleValue):
        load_for(call, "linecache", "tokenize")
    return UNKNOWN


def _evaluate(annotate: Annotate, notes: DictValue, machine: MachineState) -> None:
    """Puts what the names in *annotate* stand for into *notes*."""
    for one in annotate.notes or ():
        if isinstance(one.expression, ir.Name | ir.Attribute) and not one.postponed:
            notes.items[one.name] = machine.evaluate(one.expression, annotate.frame)


def _static(call: Invocation) -> Value:
    """`getattr_static(object, name, default)`: what is there, without asking it anything."""
    owner, name, machine = call.get(0, "obj", UNKNOWN), call.get(1, "attr", UNKNOWN), call.machine
    if not isinstance(name, str) or not isinstance(owner, Instance | ClassValue | ModuleValue):
        return UNKNOWN
    places: list[Mapping[str, Value]] = []
    if not isinstance(owner, ClassValue):
        places.append(owner.attributes if isinstance(owner, Instance) else owner.namespace)
    cls = owner.cls if isinstance(owner, Instance) else owner
    places += [one.namespace for one in cls.mro()] if isinstance(cls, ClassValue) else []
    found = next((place[name] for place in places if name in place), MISSING)
    if found is not MISSING:
        return found
    if owner.open or name in _OF_EVERY_OBJECT:
        return UNKNOWN
    return call.args[2] if len(call.args) > 2 else machine.fail(AttributeError)


class _Empty(Abstract):
    """`Parameter.empty`."""

    __slots__ = ()
    by_identity = True


EMPTY = _Empty()


def _parameters(function: FunctionValue, notes: DictValue, *, skipped: int) -> Value:
    """`signature.parameters` without the first *skipped*, with what *notes* say of them."""
    own = function.parameters
    defaults: dict[str, Value] = dict(zip(reversed(own.positional), reversed(function.defaults), strict=False))
    defaults |= {
        name: one for name, one in zip(own.keyword_only, function.kw_defaults, strict=False) if one is not MISSING
    }
    kinds = dict.fromkeys(own.positional[skipped:], 1)
    kinds |= {own.vararg: 2} if own.vararg else {}
    kinds |= dict.fromkeys(own.keyword_only, 3)
    kinds |= {own.kwarg: 4} if own.kwarg else {}

    def described(name: str, kind: int) -> Value:
        return Namespace(
            {
                "name": name,
                "kind": kind if kind != 1 else UNKNOWN,  # before a `/` it is another one
                "default": defaults.get(name, EMPTY),
                "annotation": notes.items.get(name, UNKNOWN if notes.open else EMPTY),
                "empty": EMPTY,
                **_all_kinds(),
            }
        )

    return DictValue({name: described(name, kind) for name, kind in kinds.items()})


_KINDS = ("POSITIONAL_ONLY", "POSITIONAL_OR_KEYWORD", "VAR_POSITIONAL", "KEYWORD_ONLY", "VAR_KEYWORD")


def _fill(_machine: MachineState, module: ModuleValue) -> None:
    for name in ("Parameter", "Signature"):
        kind = module.namespace.get(name)
        if isinstance(kind, ClassValue):
            kind.namespace["empty"] = EMPTY
            kind.namespace.update(_all_kinds() if name == "Parameter" else {})


def _all_kinds() -> dict[str, Value]:
    """The kinds of parameters, by name."""
    return {word: place for place, word in enumerate(_KINDS)}


LIBRARY = Library(
    functions={
        "inspect": {
            "iscoroutinefunction": _of_functions(lambda f: f.is_async and not f.is_generator),
            "isasyncgenfunction": _of_functions(lambda f: f.is_async and f.is_generator),
            "isgeneratorfunction": _of_functions(lambda f: f.is_generator and not f.is_async),
            "getmembers": _members,
            "isfunction": _of_kinds(FunctionValue),
            "isclass": _of_kinds(ClassValue, BuiltinType),
            "ismethod": _of_kinds(Method),
            "isroutine": _of_kinds(FunctionValue, Method),
            "ismodule": _of_kinds(ModuleValue),
            "signature": _signature,
            "getfullargspec": lambda call: (_signature(call), UNKNOWN)[1],
            **dict.fromkeys(("findsource", "getsource", "getsourcelines"), _source),
            "unwrap": _unwrap,
            "getattr_static": _static,
            "get_annotations": get_annotations,
        }
    },
    fill={"inspect": _fill},
)
