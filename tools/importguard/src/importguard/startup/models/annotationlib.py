"""`annotationlib` (PEP 749): reading annotations evaluates them, whatever the format."""

from __future__ import annotations

from importguard.source import program as ir
from importguard.startup.machine.annotations import notes_of
from importguard.startup.models.library import Library
from importguard.startup.values.annotate import Annotate, Texts
from importguard.startup.values.base import UNKNOWN, Invocation, Value, truth
from importguard.startup.values.classes import ClassValue
from importguard.startup.values.dicts import DictValue

_STRING = 4  # `Format.STRING`


def asks_for_texts(call: Invocation, keyword: str, owner: Value) -> None:
    """With `Format.STRING` those of *owner* are written out again, which `ast` does for all but plain names."""
    notes = notes_of(call.machine, owner)
    plain = all(isinstance(one.expression, ir.Name) or one.postponed for one in notes)
    if call.keywords.get(keyword) == _STRING and not (notes and plain):
        call.machine.import_dynamic("_ast_unparse", call, "annotationlib")


def get_annotations(call: Invocation) -> Value:
    """`get_annotations(object, eval_str=…)`."""
    asks_for_texts(call, "format", call.get(0, "obj", UNKNOWN))
    reads = truth(call.keywords.get("eval_str", False), call.machine) is not False
    texts = Texts.READ if reads else Texts.KEPT
    return call.machine.annotations_of(call.get(0, "obj", UNKNOWN), "`get_annotations`", texts)


def _call_annotate(call: Invocation) -> Value:
    owner = call.keywords.get("owner")
    reader = f"the class `{owner.name}`" if isinstance(owner, ClassValue) else "`call_annotate_function`"
    annotate = call.get(0, "annotate", UNKNOWN)
    if isinstance(annotate, Annotate):
        return call.machine.annotations_of(annotate, reader, Texts.KEPT)
    return call.machine.call(annotate, [UNKNOWN], {}, call.frame, complete=True)


def _annotate_from(call: Invocation) -> Value:
    namespace = call.get(0, "obj", UNKNOWN)
    if not isinstance(namespace, DictValue):
        return UNKNOWN
    found = namespace.items.get("__annotate_func__", namespace.items.get("__annotate__"))
    return UNKNOWN if found is None and namespace.open else found


LIBRARY = Library(
    functions={
        "annotationlib": {
            "get_annotations": get_annotations,
            "call_annotate_function": _call_annotate,
            "get_annotate_from_class_namespace": _annotate_from,
        }
    }
)
