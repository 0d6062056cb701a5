"""Expressions: their value where it can be worked out, UNKNOWN where not; calls and attributes on the way count."""

from __future__ import annotations

from collections.abc import Callable

from importguard.source import program as ir
from importguard.startup.machine.assignment import Assignment
from importguard.startup.machine.operators import Operators
from importguard.startup.machine.state import MAX_ITEMS, MAX_KEYS
from importguard.startup.machine.values import (
    MAX_TEXT,
    MISSING,
    UNKNOWN,
    ClassValue,
    DictValue,
    Frame,
    FunctionValue,
    GeneratorValue,
    Instance,
    LazyImport,
    ListValue,
    ModuleValue,
    Native,
    Raised,
    SetValue,
    Value,
    is_constant,
    is_small,
    truth,
)
from importguard.startup.models.library import SysModules


class Evaluation(Operators, Assignment):
    """Evaluates expressions."""

    def evaluate(self, node: ir.Expression, frame: Frame) -> Value:
        """The value of an expression; its side effects happen."""
        self.work += 1
        kind = type(node)
        if kind is ir.Name and not frame.globals_:  # most expressions are names of what is at hand
            value = frame.namespace.get(node.id, MISSING)  # type: ignore[union-attr]  # as its type says
            if value is not MISSING and type(value) is not LazyImport:
                return value
        elif kind is ir.Constant:
            return node.value  # type: ignore[union-attr]
        return _EVALUATE[kind](self, node, frame)

    def _constant(self, node: ir.Constant | ir.Bytes, _frame: Frame) -> Value:
        return node.value

    def _opaque(self, node: ir.Opaque, frame: Frame) -> Value:
        for part in node.parts:
            self.evaluate(part, frame)
        return UNKNOWN

    def _name(self, node: ir.Name, frame: Frame) -> Value:
        name = node.id
        value, owner = self._look_up(name, frame)
        if isinstance(value, LazyImport):
            value = self.reify(value, frame)
            if owner is not None:
                owner[name] = value
        if value is MISSING:
            if self.catches_here("NameError") and not frame.module.open and name not in self.builtins:
                raise Raised(("NameError", "Exception", "BaseException", "object"))
            return UNKNOWN
        return value

    def _look_up(self, name: str, frame: Frame) -> tuple[Value, dict[str, Value] | None]:
        if name in frame.globals_ and frame.globals_[name] is None:
            namespace = frame.module.namespace
            return namespace.get(name, MISSING), namespace
        current: Frame | None = frame
        while current is not None:
            if name in current.namespace and (current is frame or not current.class_body):
                return current.namespace[name], current.namespace
            current = current.outer
        namespace = frame.module.namespace
        if name in namespace:
            return namespace[name], namespace
        return self.builtins.get(name, MISSING), None

    def _attribute(self, node: ir.Attribute, frame: Frame) -> Value:
        owner = self.evaluate(node.value, frame)
        if owner is UNKNOWN:
            return UNKNOWN
        self.line = node.line
        value = self.attribute(owner, node.attr, frame)
        if value is MISSING:
            if isinstance(owner, ModuleValue) and self.catches_here("AttributeError"):
                raise Raised(("AttributeError", "Exception", "BaseException", "object"))
            return UNKNOWN
        return value

    def _subscript(self, node: ir.Subscript, frame: Frame) -> Value:
        container = self.evaluate(node.value, frame)
        if isinstance(node.slice, ir.Slice):
            return self._slice(container, node.slice, frame)
        key = self.evaluate(node.slice, frame)
        return self.item(container, key, frame)

    def item(self, container: Value, key: Value, frame: Frame) -> Value:
        """`container[key]`. Raises Raised(KeyError) only where it would be caught."""
        if isinstance(container, SysModules):
            found = container.get(key) if isinstance(key, str) else UNKNOWN
            return self._missing_key() if found is MISSING else found
        if isinstance(container, DictValue):
            if not is_constant(key):
                return UNKNOWN
            if key in container.items:
                return container.items[key]
            return UNKNOWN if container.open else self._missing_key()
        if isinstance(container, Native) and container.name == "environ":
            found = self.variables.ask(key, frame.module.origin, frame.module.name)
            return self._missing_key() if found is MISSING else found
        if isinstance(container, str | bytes | tuple | ListValue) and type(key) is int:
            items = container.items if isinstance(container, ListValue) else container
            if isinstance(container, ListValue) and container.open and key < 0:
                return UNKNOWN
            return items[key] if -len(items) <= key < len(items) else UNKNOWN
        if isinstance(container, Instance):
            getter = self.attribute(container, "__getitem__", frame)
            return UNKNOWN if getter is MISSING else self.call(getter, [key], {}, frame, complete=True)
        if isinstance(container, ClassValue):
            return container  # Generic[T]: the class itself as far as imports go
        return UNKNOWN

    def _missing_key(self) -> Value:
        if self.catches_here("KeyError", "LookupError"):
            raise Raised(("KeyError", "LookupError", "Exception", "BaseException", "object"))
        return UNKNOWN

    def _slice(self, container: Value, node: ir.Slice, frame: Frame) -> Value:
        bounds = [None if part is None else self.evaluate(part, frame) for part in (node.lower, node.upper, node.step)]
        if not all(bound is None or type(bound) is int for bound in bounds) or bounds[2] == 0:
            return UNKNOWN
        cut = slice(*bounds)
        if isinstance(container, ListValue):
            return ListValue(container.items[cut], container.open)
        return container[cut] if isinstance(container, str | bytes | tuple) else UNKNOWN

    def _bare_slice(self, node: ir.Slice, frame: Frame) -> Value:
        for part in (node.lower, node.upper, node.step):
            if part is not None:
                self.evaluate(part, frame)
        return UNKNOWN

    def _call(self, node: ir.Call, frame: Frame) -> Value:
        callee = self.evaluate(node.func, frame)
        args: list[Value] = []
        keywords: dict[str, Value] = {}
        complete = True
        for argument in node.args:
            if isinstance(argument, ir.Starred):
                found = self.items_of(self.evaluate(argument.value, frame))
                complete &= found is not None and found[1] and len(found[0]) <= MAX_ITEMS
                args += found[0][:MAX_ITEMS] if found is not None else []
            else:
                args.append(self.evaluate(argument, frame))
        for keyword in node.keywords:
            value = self.evaluate(keyword.value, frame)
            if keyword.arg is not None:
                keywords[keyword.arg] = value
            elif isinstance(value, DictValue):
                keywords.update({key: item for key, item in value.items.items() if isinstance(key, str)})
                complete &= not value.open
            else:
                complete = False
        if callee is UNKNOWN:
            self.open_named_module(args, frame)
            return UNKNOWN
        name = node.func.attr if isinstance(node.func, ir.Attribute) else getattr(node.func, "id", "")
        if name in self.options.warm_calls:
            return UNKNOWN
        self.line = node.line
        return self.call(callee, args, keywords, frame, complete)

    def _binary(self, node: ir.BinOp, frame: Frame) -> Value:
        return self.evaluate_binary(node.op, self.evaluate(node.left, frame), self.evaluate(node.right, frame))

    def _unary(self, node: ir.UnaryOp, frame: Frame) -> Value:
        value = self.evaluate(node.operand, frame)
        if node.op == "Not":
            decided = truth(value)
            return UNKNOWN if decided is None else not decided
        if not isinstance(value, int | float):
            return UNKNOWN
        if node.op == "USub":
            return -value
        return +value if node.op == "UAdd" else UNKNOWN

    def _boolean(self, node: ir.BoolOp, frame: Frame) -> Value:
        stop = node.op == "Or"
        value: Value = UNKNOWN
        unsure = 0
        sure_end = False
        try:
            for part in node.values:
                value = self.evaluate(part, frame)
                decided = truth(value)
                if decided is stop:
                    sure_end = True
                    break
                if decided is None:
                    unsure += 1
                    self.possible += 1
        finally:
            self.possible -= unsure
        if not unsure:
            return value
        # `unknown or True` is true, `unknown and False` is false, whatever the rest is.
        return stop if sure_end and isinstance(value, bool) else UNKNOWN

    def _compare(self, node: ir.Compare, frame: Frame) -> Value:
        left = self.evaluate(node.left, frame)
        result: Value = True
        for op, right_node in zip(node.ops, node.comparators, strict=True):
            right = self.evaluate(right_node, frame)
            one = self._compare_pair(left, op, right, frame)
            if one is False:
                return False
            if one is UNKNOWN:
                result = UNKNOWN
            left = right
        return result

    def _conditional(self, node: ir.IfExp, frame: Frame) -> Value:
        decided = truth(self.evaluate(node.test, frame))
        if decided is not None:
            return self.evaluate(node.body if decided else node.orelse, frame)
        self.possible += 1
        try:
            body, orelse = self.evaluate(node.body, frame), self.evaluate(node.orelse, frame)
        finally:
            self.possible -= 1
        return body if body is orelse else UNKNOWN

    def _display(self, node: ir.Display, frame: Frame) -> Value:
        items: list[Value] = []
        complete = True
        for element in node.elts:
            if isinstance(element, ir.Starred):
                found = self.items_of(self.evaluate(element.value, frame))
                items += found[0][:MAX_ITEMS] if found is not None else []
                complete &= found is not None and found[1] and len(found[0]) <= MAX_ITEMS
            else:
                items.append(self.evaluate(element, frame))
        if node.kind == "tuple":
            return tuple(items) if complete else ListValue(items, True)
        if node.kind == "set":
            known = {item: None for item in items if is_constant(item)}
            return SetValue(known, not complete or len(known) < len(items))
        return ListValue(items, not complete)

    def _dict(self, node: ir.Dict, frame: Frame) -> Value:
        made = DictValue({})
        for key_node, value_node in zip(node.keys, node.values, strict=True):
            key = MISSING if key_node is None else self.evaluate(key_node, frame)
            value = self.evaluate(value_node, frame)
            if key is MISSING:
                if isinstance(value, DictValue):
                    self.spend(len(value.items))
                    made.items.update(value.items)
                    made.open |= value.open
                else:
                    made.open = True
            elif is_constant(key):
                made.items[key] = value
            else:
                made.open = True
        return made

    def _starred(self, node: ir.Starred, frame: Frame) -> Value:
        return self.evaluate(node.value, frame)

    def _joined(self, node: ir.JoinedStr, frame: Frame) -> Value:
        parts = [self.evaluate(part, frame) for part in node.values]
        known = all(isinstance(part, str) for part in parts) and sum(map(len, parts)) <= MAX_TEXT
        return "".join(parts) if known else UNKNOWN

    def _formatted(self, node: ir.FormattedValue, frame: Frame) -> Value:
        value = self.evaluate(node.value, frame)
        return str(value) if node.plain and isinstance(value, str | int) and is_small(value) else UNKNOWN

    def _comprehension(self, node: ir.Comprehension, frame: Frame) -> Value:
        if node.kind == "generator":
            # Runs when somebody iterates; the first iterable is evaluated at once.
            source = self.evaluate(node.generators[0].iter, frame)
            return GeneratorValue(lambda: self._collect(node, frame, source)[0])
        results, complete = self._collect(node, frame, self.evaluate(node.generators[0].iter, frame))
        if node.kind == "list":
            return ListValue(results, not complete)
        if node.kind == "set":
            return SetValue({item: None for item in results if is_constant(item)}, not complete)
        pairs = {key: value for key, value in results if is_constant(key)}
        return DictValue(pairs, not complete or len(pairs) < len(results))

    def _collect(self, node: ir.Comprehension, frame: Frame, source: Value) -> tuple[list[Value], bool]:
        inner = Frame(frame.module, {}, frame, frame.scope)
        inner.function = frame.function
        results: list[Value] = []
        complete = self._generate(node, 0, inner, results, source)
        return results, complete

    def _generate(
        self, node: ir.Comprehension, depth: int, frame: Frame, results: list[Value], source: Value = MISSING
    ) -> bool:
        if depth == len(node.generators):
            value = self.evaluate(node.elt, frame)
            made = value if node.value is None else (value, self.evaluate(node.value, frame))
            if len(results) >= MAX_KEYS:
                return False
            results.append(made)
            return True
        part = node.generators[depth]
        found = self.items_of(self.evaluate(part.iter, frame) if source is MISSING else source)
        items, complete = found if found is not None else ([], False)
        for item in items[:MAX_ITEMS]:
            self.assign(part.target, item, frame)
            complete &= self._filtered(node, depth, frame, results, part.ifs)
        if found is None or not found[1]:
            self.assign(part.target, UNKNOWN, frame)
            self.possible += 1
            try:
                self._filtered(node, depth, frame, [], part.ifs)
            finally:
                self.possible -= 1
            return False
        return complete

    def _filtered(
        self, node: ir.Comprehension, depth: int, frame: Frame, results: list[Value], tests: tuple[ir.Expression, ...]
    ) -> bool:
        self.steps += 1
        self.spend(1)
        decided = [truth(self.evaluate(test, frame)) for test in tests]
        if False in decided:
            return True
        if None in decided:
            self.possible += 1
            try:
                self._generate(node, depth + 1, frame, results)
            finally:
                self.possible -= 1
            return False
        return self._generate(node, depth + 1, frame, results)

    def _named(self, node: ir.NamedExpr, frame: Frame) -> Value:
        value = self.evaluate(node.value, frame)
        self.assign(node.target, value, frame)
        return value

    def _yield(self, node: ir.Yield, frame: Frame) -> Value:
        value = self.evaluate(node.value, frame) if node.value is not None else None
        if frame.on_yield is not None:
            entered, frame.on_yield = frame.on_yield, None
            entered(value)
        if frame.yields is not None and len(frame.yields) < MAX_ITEMS:
            found = self.items_of(value) if node.delegate else ([value], True)
            frame.yields += found[0] if found is not None else [UNKNOWN]
        return UNKNOWN

    def _lambda(self, node: ir.Lambda, frame: Frame) -> Value:
        function = FunctionValue("<lambda>", node.parameters, ir.Body("", 0, False, (ir.Return(node.body, 0),)), frame)
        function.line = self.line
        self.set_defaults(function, node.parameters, frame)
        return function


_EVALUATE: dict[type, Callable[..., Value]] = {
    ir.Constant: Evaluation._constant,
    ir.Bytes: Evaluation._constant,
    ir.Opaque: Evaluation._opaque,
    ir.Name: Evaluation._name,
    ir.Attribute: Evaluation._attribute,
    ir.Subscript: Evaluation._subscript,
    ir.Slice: Evaluation._bare_slice,
    ir.Call: Evaluation._call,
    ir.BinOp: Evaluation._binary,
    ir.UnaryOp: Evaluation._unary,
    ir.BoolOp: Evaluation._boolean,
    ir.Compare: Evaluation._compare,
    ir.IfExp: Evaluation._conditional,
    ir.Display: Evaluation._display,
    ir.Dict: Evaluation._dict,
    ir.Starred: Evaluation._starred,
    ir.JoinedStr: Evaluation._joined,
    ir.FormattedValue: Evaluation._formatted,
    ir.Comprehension: Evaluation._comprehension,
    ir.NamedExpr: Evaluation._named,
    ir.Yield: Evaluation._yield,
    ir.Lambda: Evaluation._lambda,
}
