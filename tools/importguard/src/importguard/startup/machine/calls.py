"""Calls, attributes and classes: what runs when something is called, looked up or created at import time."""

from __future__ import annotations

from importguard.source import program as ir
from importguard.startup.machine.state import CALL_STEPS, MAX_CALL_DEPTH, MAX_STEPS, MachineState
from importguard.startup.machine.statements import merge
from importguard.startup.machine.values import (
    MISSING,
    UNKNOWN,
    BuiltinType,
    ClassValue,
    DictValue,
    Exhausted,
    Frame,
    FunctionValue,
    GeneratorValue,
    Instance,
    Invocation,
    LazyImport,
    ListValue,
    Method,
    ModuleValue,
    Native,
    SetValue,
    Super,
    Value,
    VersionInfo,
    Wrapper,
    size_of,
)
from importguard.startup.models.library import SysModules
from importguard.startup.models.methods import container_method
from importguard.startup.trace.trace import Origin

# Standard library modules whose functions work on text, types or tables: costly to follow, and they load nothing.
_INERT = frozenset(
    """
    abc ast collections copyreg dataclasses enum inspect logging traceback re re._compiler
    re._parser sre_compile sre_parse string textwrap tokenize types typing warnings weakref
    """.split()
)
MAX_DOUBT = 2  # undecided conditions inside one another, beyond which calls are not followed
IDLE_HOOKS = 6  # class creations by one metaclass that loaded nothing, after which it is taken to load nothing
MAX_SAME = 3  # frames of one function on the stack


class Calls(MachineState):
    """Calls things."""

    def call(self, callee: Value, args: list[Value], keywords: dict[str, Value], frame: Frame, complete: bool) -> Value:
        """What calling *callee* with these arguments gives."""
        if isinstance(callee, FunctionValue):
            if not self.enters(callee.frame.module):
                self.record_pattern(callee, args)
                self.open_named_module(args, frame)
                return UNKNOWN
            return self.call_function(callee, args, keywords, complete)
        if isinstance(callee, Method):
            return self.call(callee.function, [callee.receiver, *args], keywords, frame, complete)
        if isinstance(callee, Native):
            made = callee.call(Invocation(self, frame, args, keywords, self.line, complete))
            self.spend(size_of(made))
            return made
        if isinstance(callee, ClassValue):
            return self.instantiate(callee, args, keywords, frame, complete)
        if isinstance(callee, BuiltinType):
            if callee.make is not None:
                made = callee.make(Invocation(self, frame, args, keywords, self.line, complete))
                self.spend(size_of(made))
                return made
            return callee if "BaseException" in callee.names else UNKNOWN
        if isinstance(callee, Wrapper):
            return self.call(callee.function, args, keywords, frame, complete)
        if isinstance(callee, Instance):
            method = self.attribute(callee, "__call__", frame)
            return self.call(method, args, keywords, frame, complete) if isinstance(method, Method) else UNKNOWN
        return UNKNOWN

    @staticmethod
    def open_named_module(args: list[Value], frame: Frame) -> None:
        """A call that is not followed and is told the module's name or names may add to them (`_convert_`)."""
        namespace = frame.module.namespace
        for value in args:
            if value == frame.module.name or (isinstance(value, DictValue) and value.items is namespace):
                frame.module.open = True

    @staticmethod
    def enters(module: ModuleValue) -> bool:
        """Whether calls of what *module* defines can load anything: a stdlib module without such code cannot."""
        if module.origin != Origin.STDLIB:
            return True
        return module.name not in _INERT and module.program is not None and module.program.imports_in_functions

    def call_function(
        self, function: FunctionValue, args: list[Value], keywords: dict[str, Value], complete: bool
    ) -> Value:
        """Binds arguments to parameters and runs the body."""
        if function.is_async or id(function.body) in self.exhausted or not self.enters(function.frame.module):
            return UNKNOWN
        if (
            self.possible > MAX_DOUBT
            or len(self.calls) >= MAX_CALL_DEPTH
            or sum(one.body is function.body for one in self.calls) >= MAX_SAME
        ):
            return UNKNOWN
        frame = self._frame_of(function, args, keywords, complete)
        if function.is_generator:
            return GeneratorValue(lambda: self._run_generator(function, frame), frame)
        given = tuple(frame.namespace.values())
        result = self.fruitless.foretell(id(function.body), given)
        if result is MISSING:
            steps, imports = self.steps, self.imports
            result = self._run_function(function, frame)
            taken = self.steps - steps
            self.fruitless.note(id(function.body), given, result, taken, imported=self.imports > imports)
        return result

    def _frame_of(
        self, function: FunctionValue, args: list[Value], keywords: dict[str, Value], complete: bool
    ) -> Frame:
        outer = function.frame
        parameters = function.parameters
        namespace: dict[str, Value] = {}
        defaults = dict(zip(reversed(parameters.positional), reversed(function.defaults), strict=False))
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
            namespace[parameters.kwarg] = DictValue(rest, not complete)
        frame = Frame(outer.module, namespace, outer, (*outer.scope, function.name))
        frame.function = function
        return frame

    def _run_function(self, function: FunctionValue, frame: Frame) -> Value:
        outermost = not self.calls
        line, possible, limit = self.line, self.possible, self.limit
        if outermost:
            self.limit = min(self.steps + CALL_STEPS, MAX_STEPS)
        self.calls.append(function)
        try:
            completion = self.run_block(self.statements(function.body, frame.module.found.path or ""), frame)
        except Exhausted:
            if not outermost or self.work > self.max_work:
                raise
            self.exhausted.add(id(function.body))
            self.record_stop(frame, f"a call of {function.name} took more than {CALL_STEPS:,} steps")
            return UNKNOWN
        finally:
            self.calls.pop()
            self.line, self.possible = line, possible
            if outermost:
                self.limit = limit
        value = completion.value if completion is not None else None
        for other in frame.returns:
            value = merge(value, other)
        return value

    def _run_generator(self, function: FunctionValue, frame: Frame) -> list[Value]:
        frame.yields = []
        self._run_function(function, frame)
        return frame.yields

    # Attributes

    def attribute(self, value: Value, name: str, frame: Frame) -> Value:
        """`value.name`: MISSING when there is no such thing for sure, UNKNOWN when that cannot be told."""
        if isinstance(value, ModuleValue):
            return self._module_attribute(value, name, frame)
        if isinstance(value, Instance):
            return self._instance_attribute(value, name, frame)
        if isinstance(value, ClassValue):
            return self._class_attribute(value, name, frame)
        if isinstance(value, Super):
            return self._super_attribute(value, name)
        if isinstance(value, Native):
            return value.attributes.get(name, UNKNOWN)
        if isinstance(value, FunctionValue):
            known = {"__name__": value.name, "__qualname__": value.name, "__module__": value.frame.module.name}
            if name == "__globals__":
                return DictValue(value.frame.module.namespace)
            return value.attributes.get(name, known.get(name, UNKNOWN))
        if isinstance(value, BuiltinType):
            return value.name if name == "__name__" else UNKNOWN
        if isinstance(value, VersionInfo) and name in value.names:
            return value[value.names.index(name)]
        if isinstance(value, Method):
            return self.attribute(value.function, name, frame)
        if isinstance(value, Wrapper) and value.kind == "property" and name in {"setter", "getter", "deleter"}:
            return Native(name, lambda _: value)
        if isinstance(value, str | bytes | tuple | ListValue | DictValue | SetValue | SysModules):
            return self._container_attribute(value, name)
        return UNKNOWN

    def _container_attribute(self, value: Value, name: str) -> Value:
        if isinstance(value, str | bytes | tuple | ListValue):  # most methods of the others take no time
            self.spend(size_of(value) >> 3)
        return container_method(value, name)

    def _module_attribute(self, module: ModuleValue, name: str, frame: Frame) -> Value:
        namespace = module.namespace
        if name in namespace:
            value = namespace[name]
            if isinstance(value, LazyImport):
                value = namespace[name] = self.reify(value, frame)
            return value
        if name == "__dict__":
            return DictValue(namespace)
        cls = namespace.get("__class__")
        if isinstance(cls, ClassValue):
            found = self._from_class(cls, name, module, frame)
            if found is not MISSING:
                return found
        if not module.complete and module.program is None and not module.open:
            return MISSING
        getter = namespace.get("__getattr__")
        value = UNKNOWN if module.open else MISSING
        if isinstance(getter, FunctionValue | Native | Method) and not name.startswith("__"):
            value = self.call(getter, [name], {}, frame, complete=True)
        if (value is UNKNOWN or value is MISSING) and name in module.hints and module.complete:
            value = namespace[name] = self.reify(module.hints.pop(name), frame)
        return value

    def _instance_attribute(self, instance: Instance, name: str, frame: Frame) -> Value:
        if name in instance.attributes:
            return instance.attributes[name]
        if name == "__class__":
            return instance.cls
        if name == "__dict__":
            return DictValue(instance.attributes)
        found = self._from_class(instance.cls, name, instance, frame)
        if found is not MISSING:
            return found
        getter = self._in_mro(instance.cls, "__getattr__")
        if isinstance(getter, FunctionValue) and not name.startswith("__"):
            return self.call(getter, [instance, name], {}, frame, complete=True)
        if instance.open or instance.cls.builtin_member(name):
            return UNKNOWN
        return MISSING if name.startswith("__") or instance.cls.is_module_type() else UNKNOWN

    @staticmethod
    def _in_mro(owner: ClassValue, name: str) -> Value:
        for one in owner.mro():
            if name in one.namespace:
                return one.namespace[name]
        return MISSING

    def _from_class(self, cls: ClassValue, name: str, receiver: Value, frame: Frame) -> Value:
        value = self._in_mro(cls, name)
        if isinstance(value, FunctionValue):
            return Method(value, receiver)
        if isinstance(value, Wrapper):
            if value.kind == "property":
                return self.call(value.function, [receiver], {}, frame, complete=True)
            return value.function if value.kind == "staticmethod" else Method(value.function, cls)
        if isinstance(value, Instance):
            getter = self._in_mro(value.cls, "__get__")
            if isinstance(getter, FunctionValue):
                return self.call(getter, [value, receiver, cls], {}, frame, complete=True)
        return value

    def _class_attribute(self, cls: ClassValue, name: str, frame: Frame) -> Value:
        value = self._in_mro(cls, name)
        if isinstance(value, Wrapper) and value.kind != "property":
            return value.function if value.kind == "staticmethod" else Method(value.function, cls)
        if value is not MISSING:
            return value
        if name in {"__name__", "__qualname__"}:
            return cls.name
        if name == "__module__":
            return cls.module.name
        if name in {"__dict__", "__annotations__"}:
            return DictValue(cls.namespace) if name == "__dict__" else DictValue({}, True)
        if name == "__mro__":
            return (*cls.mro(), UNKNOWN)
        if isinstance(cls.metaclass, ClassValue):
            return self._from_class(cls.metaclass, name, cls, frame)
        return UNKNOWN if cls.open or name.startswith("__") or cls.builtin_member(name) else MISSING

    def _super_attribute(self, value: Super, name: str) -> Value:
        receiver = value.receiver
        cls = receiver.cls if isinstance(receiver, Instance) else receiver
        if not isinstance(cls, ClassValue):
            return UNKNOWN
        order = cls.mro()
        if value.owner not in order and isinstance(cls.metaclass, ClassValue):
            order = cls.metaclass.mro()
        after = order[order.index(value.owner) + 1 :] if value.owner in order else []
        for one in after:
            if name in one.namespace:
                found = one.namespace[name]
                if isinstance(found, Wrapper):
                    return found.function if found.kind == "staticmethod" else Method(found.function, receiver)
                if isinstance(found, FunctionValue):
                    return found if name == "__new__" else Method(found, receiver)
                return found
        if name == "__new__":
            return Native("__new__", _new)
        if name == "__init__" and isinstance(receiver, Instance):
            return Native("__init__", lambda call: _name_module(receiver, call))
        return UNKNOWN

    # Classes

    def instantiate(
        self, cls: ClassValue, args: list[Value], keywords: dict[str, Value], frame: Frame, complete: bool
    ) -> Value:
        """An object of *cls*, its `__new__` and `__init__` run."""
        if not self.enters(cls.module):
            return Instance(cls)
        made: Value = Instance(cls)
        maker = self._in_mro(cls, "__new__")
        maker = maker.function if isinstance(maker, Wrapper) else maker
        if isinstance(maker, FunctionValue):
            made = self.call(maker, [cls, *args], keywords, frame, complete)
            if not isinstance(made, Instance):
                return made if made is not UNKNOWN else Instance(cls)
        init = self._in_mro(cls, "__init__")
        if isinstance(init, FunctionValue):
            self.call(init, [made, *args], keywords, frame, complete)
        else:
            made.attributes.update(keywords)
        return made

    def create_class(self, node: ir.ClassDef, frame: Frame) -> Value:
        """The class that a class statement makes; its hooks run."""
        bases = tuple(self.evaluate(base, frame) for base in node.bases if not isinstance(base, ir.Starred))
        keywords = {one.arg: self.evaluate(one.value, frame) for one in node.keywords if one.arg is not None}
        metaclass = keywords.pop("metaclass", None)
        namespace: dict[str, Value] = {"__module__": frame.module.name, "__qualname__": node.name}
        body = Frame(frame.module, namespace, frame, (*frame.scope, node.name))
        body.class_body = True
        body.function = frame.function
        self.run_block(node.body, body)
        cls = ClassValue(node.name, bases, namespace, frame.module)
        self.spend(len(cls.mro()) + len(namespace))
        for value in namespace.values():
            inner = value.function if isinstance(value, Wrapper) else value
            if isinstance(inner, FunctionValue) and inner.owner is None:
                inner.owner = cls
        inherited = next((b.metaclass for b in bases if isinstance(b, ClassValue) and b.metaclass is not None), None)
        cls.metaclass = metaclass if metaclass is not None else inherited
        self._run_class_hooks(cls, keywords, frame)
        return cls

    def _run_class_hooks(self, cls: ClassValue, keywords: dict[str, Value], frame: Frame) -> None:
        named = [(name, value) for name, value in cls.namespace.items() if isinstance(value, Instance)]
        for name, value in named:
            hook = self._in_mro(value.cls, "__set_name__")
            if isinstance(hook, FunctionValue):
                self._run_hook(hook, [value, cls, name], {}, frame)
        meta = cls.metaclass
        if isinstance(meta, ClassValue):
            namespace = DictValue(cls.namespace)
            for name in ("__new__", "__init__"):
                hook = self._in_mro(meta, name)
                hook = hook.function if isinstance(hook, Wrapper) else hook
                if isinstance(hook, FunctionValue):
                    first = meta if name == "__new__" else cls
                    self._run_hook(hook, [first, cls.name, cls.bases, namespace], keywords, frame, cls)
        for base in cls.bases:
            hook = self._in_mro(base, "__init_subclass__") if isinstance(base, ClassValue) else MISSING
            hook = hook.function if isinstance(hook, Wrapper) else hook
            if isinstance(hook, FunctionValue):
                self._run_hook(hook, [cls], keywords, frame)
                break

    def _run_hook(
        self,
        hook: FunctionValue,
        args: list[Value],
        keywords: dict[str, Value],
        frame: Frame,  # noqa: ARG002  same shape as its siblings
        cls: ClassValue | None = None,
    ) -> None:
        """Run a class hook, unless it has been seen to load nothing often enough."""
        key = id(hook.body)
        if self.idle.get(key, 0) >= IDLE_HOOKS:
            return
        before = len(self.loaded)
        previous, self.creating = self.creating, cls
        try:
            self.call_function(hook, args, keywords, complete=True)
        finally:
            self.creating = previous
        self.idle[key] = 0 if len(self.loaded) > before else self.idle.get(key, 0) + 1

    creating: ClassValue | None = None

    # Iteration

    def items_of(self, value: Value) -> tuple[list[Value], bool] | None:
        """What iterating *value* gives, and whether that is all; None when nothing is known."""
        if isinstance(value, ListValue | SetValue | DictValue):
            self.spend(len(value.items))
            return list(value.items), not value.open
        if isinstance(value, tuple | str):
            self.spend(len(value))
            return list(value), True
        if isinstance(value, GeneratorValue):
            return value.run(), True
        if isinstance(value, SysModules):
            return [*self.modules, *self.aliases], False
        return None


def _new(call: Invocation) -> Value:
    """`object.__new__` and `type.__new__`: the class being created stands in for a metaclass's result."""
    machine = call.machine
    if len(call.args) >= 4 and machine.creating is not None:
        return machine.creating
    first = call.args[0] if call.args else UNKNOWN
    return Instance(first) if isinstance(first, ClassValue) else UNKNOWN


def _name_module(receiver: Instance, call: Invocation) -> Value:
    """`ModuleType.__init__(name)` as a module subclass calls it."""
    if call.args and isinstance(call.args[0], str):
        receiver.attributes.setdefault("__name__", call.args[0])
    return None
