"""`fastapi`: a route's function is looked at when the route is added, and never called by that.

Each parameter and what it returns become a field, which `create_model_field` makes.
"""

from __future__ import annotations

from importguard.startup.models.library import Library
from importguard.startup.values.annotate import Texts
from importguard.startup.values.base import UNKNOWN, Abstract, Invocation, Value
from importguard.startup.values.classes import ClassValue
from importguard.startup.values.functions import FunctionValue
from importguard.startup.values.instances import Instance

MAX_DEPTH = 20  # dependencies of dependencies
# Parameters and results of these classes are no fields.
_NO_FIELDS = frozenset({"BackgroundTasks", "HTTPConnection", "Response", "SecurityScopes"})


def _add_route(call: Invocation, own: Abstract) -> Value:
    """`APIRoute(path, endpoint, …)`."""
    made = own.call(call)
    if _has_fields(call.get(2, "endpoint", UNKNOWN), call, MAX_DEPTH) or _declares_response(call):
        module = call.machine.modules.get("fastapi.utils")
        field = module.namespace.get("create_model_field") if module is not None else None
        if isinstance(field, FunctionValue):
            call.machine.call(field, [], {}, call.frame, complete=False)
    return made


def _declares_response(call: Invocation) -> bool:
    """Whether the route says itself what it returns."""
    return isinstance(call.keywords.get("response_model"), ClassValue)


def _has_fields(function: Value, call: Invocation, depth: int) -> bool:
    """Whether *function* takes or returns what becomes a field, or a function that it depends on does."""
    if not isinstance(function, FunctionValue) or not depth:
        return False
    notes = call.machine.annotations_of(function, f"the route `{function.name}`", Texts.READ).items
    returned = notes.get("return")
    if returned is not None and not _is_special(returned) and depth == MAX_DEPTH:
        return True
    parameters, defaults = function.parameters, function.defaults
    named = dict(zip(reversed(parameters.positional), reversed(defaults), strict=False))
    named.update(zip(parameters.keyword_only, function.kw_defaults, strict=False))
    for name in (*parameters.positional, *parameters.keyword_only):
        default = named.get(name)
        if isinstance(default, Instance) and default.cls.name in {"Depends", "Security"}:
            inner = call.machine.attribute(default, "dependency", call.frame)
            if _has_fields(inner, call, depth - 1):
                return True
        elif not _is_special(notes.get(name)):
            return True
    return False


def _is_special(note: Value) -> bool:
    return isinstance(note, ClassValue) and any(cls.name in _NO_FIELDS for cls in note.mro())


LIBRARY = Library(methods={"fastapi.routing": {"APIRoute.__init__": _add_route}})
