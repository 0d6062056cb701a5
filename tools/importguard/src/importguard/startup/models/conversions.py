"""Functions that turn an object into a number, bytes and the like ask its special methods first."""

from __future__ import annotations

from collections.abc import Mapping

from importguard.startup.values.base import MISSING, UNKNOWN, Invocation, Value
from importguard.startup.values.instances import Instance
from importguard.startup.values.natives import Model

_INDEX = ("__index__",)
_METHODS = {
    "int": ("__int__", "__index__", "__trunc__"),
    "float": ("__float__", "__index__"),
    "complex": ("__complex__", "__float__", "__index__"),
    "bytes": ("__bytes__",),
    "abs": ("__abs__",),
    "round": ("__round__",),
    "divmod": ("__divmod__",),
    "pow": ("__pow__",),
    "hash": ("__hash__",),
    "index": _INDEX,
    "floor": ("__floor__", "__float__"),
    "ceil": ("__ceil__", "__float__"),
    "trunc": ("__trunc__",),
    "fspath": ("__fspath__",),
    **dict.fromkeys(("bin", "hex", "oct", "chr"), _INDEX),
}


def asking(models: Mapping[str, Model], otherwise: tuple[str, ...] = ()) -> dict[str, Model]:
    """*models*, by name, that ask an object for the special method that goes with the name.

    *otherwise*: the methods that go with a name that none is known for.
    """
    return {name: _asking(model, _METHODS.get(name, otherwise)) for name, model in models.items()}


def _asking(model: Model, methods: tuple[str, ...]) -> Model:
    if not methods:
        return model

    def run(call: Invocation) -> Value:
        value = call.first()
        if isinstance(value, Instance):
            for name in methods:
                if value.cls.lookup(name) is not MISSING:
                    return value.special(name, call.machine, *call.args[1:])
        return model(call)

    return run


def unknown(_call: Invocation) -> Value:
    """The model of a function that is known by what it asks alone."""
    return UNKNOWN
