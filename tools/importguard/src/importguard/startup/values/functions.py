"""Functions and methods of analysed code."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from importguard.source import program as ir
from importguard.startup.values.annotate import Annotate
from importguard.startup.values.base import MISSING, UNKNOWN, Abstract, Invocation, Value
from importguard.startup.values.builtin_types import FUNCTION_TYPE, METHOD_TYPE
from importguard.startup.values.dicts import DictValue
from importguard.startup.values.namespaces import Named
from importguard.startup.values.natives import Native

if TYPE_CHECKING:
    from importguard.startup.machine.state import MachineState
    from importguard.startup.values.classes import ClassValue
    from importguard.startup.values.frames import Frame

KEEPS = frozenset({"logging"})  # what libraries do to these modules' objects does not concern the project's own
_IMPORT = re.compile(r"^[ \t]*(?:import|from)[ \t]|\b(?:import_module|__import__)\(", re.MULTILINE)


@lru_cache(maxsize=1024)  # the same few functions are asked about again and again
def _has_import(text: str) -> bool:
    return _IMPORT.search(text) is not None


class FunctionValue(Abstract, Named):
    """A function of analysed code."""

    __slots__ = (
        "attributes",
        "body",
        "defaults",
        "frame",
        "is_async",
        "is_generator",
        "kw_defaults",
        "line",
        "name",
        "open",
        "owner",
        "parameters",
        "signature",
    )
    type_name = "function"
    by_identity = True

    def __init__(self, name: str, parameters: ir.Parameters, body: ir.Body, frame: Frame) -> None:
        self.name = name
        self.parameters = parameters
        self.body = body
        self.frame = frame
        self.defaults: tuple[Value, ...] = ()
        self.kw_defaults: tuple[Value, ...] = ()
        self.is_async = False
        self.is_generator = False
        self.line = 0
        self.owner: ClassValue | None = None
        self.signature: ir.Signature | None = None
        self.attributes: dict[str, Value] = {}
        self.open = False  # a decorator that is not followed may have given it more attributes

    def contents(self) -> dict[str, Value]:
        """Its names."""
        return self.attributes

    def forget(self) -> None:
        """It may have more attributes."""
        self.open = True

    @property
    def imports(self) -> bool:
        """Whether its own lines import something."""
        statements = self.body.statements or ()
        return _has_import(self.body.text) or any(isinstance(one, ir.Import | ir.ImportFrom) for one in statements)

    def binds(self, name: str) -> bool:
        """Whether its lines give *name* a value, as far as a look tells."""
        word = re.escape(name)
        return bool(re.search(rf"\b{word}\s*(?::[^=\n]*)?=(?!=)|\b(?:for|as|import)\s+{word}\b", self.body.text))

    def call(self, call: Invocation) -> Value:
        """Runs the body, unless its module is known to load nothing."""
        machine = call.machine
        if not machine.enters(self.frame.module):
            machine.record_pattern(self, call.args)
            machine.open_named_module(call.args, call.frame)
            machine.doubt_success()
            for one in call.args if machine.calls_back(self.frame.module) else ():
                machine.may_call(one)
            if call.args and isinstance(call.args[0], Named) and self.frame.module.name not in KEEPS:
                call.args[0].forget()  # a method sets attributes of its object
            machine.name_template(self.name, call.first())
            return UNKNOWN
        return machine.call_function(self, call.args, call.keywords, call.complete)

    def attribute(self, name: str, machine: MachineState, _frame: Frame) -> Value:
        """What code has set, else what every function has."""
        if name == "__globals__":
            return DictValue.of_names(self.frame.module.namespace)
        if name in self.attributes:
            return self.attributes[name]
        if name in {"__name__", "__qualname__"}:
            return self.name
        if name == "__call__":
            return self
        if name == "__get__":
            return Native("__get__", self._get)
        if name == "__annotations__":
            return machine.annotations_of(self, f"`{self.name}.__annotations__`")
        if name == "__annotate__" and machine.environment.version_info[:2] >= (3, 14) and self.signature is not None:
            return Annotate(self.name, self.frame, self.signature)
        if name == "__type_params__" and self.signature is not None:
            made = ir.Call(ir.Name(ir.FUNCTION_PARAMETERS), self.signature.brackets, (), self.line)
            return self.attributes.setdefault(name, machine.evaluate(made, self.frame))
        if name == "__code__":
            return FunctionCode(self)
        if name == "__dict__":
            return DictValue.of_names(self.attributes, self.open)
        if name == "__module__":
            return self.frame.module.name
        return MISSING if not self.open and (name == "__wrapped__" or not name.startswith("__")) else UNKNOWN

    def _get(self, call: Invocation) -> Value:
        """`f.__get__(object, class)`: a method of the object, of None the function itself."""
        receiver = call.first()
        return self if receiver is None else Method(self, receiver)

    def set_attribute(self, name: str, value: Value, machine: MachineState) -> None:
        """Any name may be set."""
        machine.heap.changing(self)
        self.attributes[name] = value

    def bind(self, receiver: Value, _cls: ClassValue, _machine: MachineState, _frame: Frame) -> Value:
        """A method."""
        return Method(self, receiver)

    def bind_to_super(self, name: str, receiver: Value) -> Value:
        """A method; `__new__` is static."""
        return self if name == "__new__" else Method(self, receiver)

    def type_of(self) -> Value:
        """The type of functions."""
        return FUNCTION_TYPE

    def is_callable(self) -> bool | None:
        """It is."""
        return True

    def is_own(self) -> bool:
        """By its module."""
        return self.frame.module.is_own()

    def __repr__(self) -> str:
        return f"<function {self.frame.module.name}.{self.name}>"


class FunctionCode(Abstract):
    """`f.__code__`."""

    __slots__ = ("function",)
    type_name = "code"

    def __init__(self, function: FunctionValue) -> None:
        self.function = function

    def attribute(self, name: str, _machine: MachineState, _frame: Frame) -> Value:
        """Its name, its file and how many parameters it has."""
        function = self.function
        known = {
            "co_name": function.name,
            "co_filename": function.frame.module.found.path or UNKNOWN,
            "co_argcount": len(function.parameters.positional),
            "co_firstlineno": function.line,
        }
        return known.get(name, UNKNOWN)


def _made(call: Invocation) -> Value:
    """`types.FunctionType(code, globals, name, defaults)`."""
    code = call.get(0, "code", UNKNOWN)
    if not isinstance(code, FunctionCode):
        return UNKNOWN
    known, name, defaults = code.function, call.get(2, "name"), call.get(3, "argdefs")
    made = FunctionValue(name if isinstance(name, str) else known.name, known.parameters, known.body, known.frame)
    made.is_async, made.is_generator, made.line = known.is_async, known.is_generator, known.line
    made.defaults = defaults if isinstance(defaults, tuple) else ()
    return made


FUNCTION_TYPE.make = _made


class Method(Abstract):
    """A function with its first argument."""

    __slots__ = ("function", "receiver")
    type_name = "method"

    def __init__(self, function: Value, receiver: Value) -> None:
        self.function = function
        self.receiver = receiver

    def call(self, call: Invocation) -> Value:
        """The function gets the receiver first."""
        return self.function.call(call.after(self.receiver)) if isinstance(self.function, Abstract) else UNKNOWN

    def attribute(self, name: str, machine: MachineState, frame: Frame) -> Value:
        """Its parts, else those of the function."""
        own = {"__func__": self.function, "__self__": self.receiver, "__call__": self}
        return own[name] if name in own else machine.attribute(self.function, name, frame)

    def is_own(self) -> bool:
        """By its function."""
        return isinstance(self.function, Abstract) and self.function.is_own()

    def type_of(self) -> Value:
        """The type of methods."""
        return METHOD_TYPE

    def is_callable(self) -> bool | None:
        """It is."""
        return True


def _bound(call: Invocation) -> Value:
    """`types.MethodType(function, object)`."""
    return Method(call.first(), call.args[1]) if len(call.args) == 2 else UNKNOWN


METHOD_TYPE.make = _bound
