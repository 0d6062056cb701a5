"""Statements: runs a block as the interpreter would, both ways where a condition is not known."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence

from importguard.source import program as ir
from importguard.startup.contexts import Completion, Contexts, Leave
from importguard.startup.machine_state import MAX_ITEMS
from importguard.startup.natives import caught_names, exception_names
from importguard.startup.values import (
    CONSTANTS,
    MISSING,
    UNKNOWN,
    DictValue,
    Exhausted,
    Frame,
    FunctionValue,
    ListValue,
    ModuleValue,
    Raised,
    Value,
    truth,
)

MAX_TURNS = 200  # of a `while` whose condition stays true
DOUBTFUL_TURNS = 3  # of one that may have been left before: by a `break` or `return` that may have run
LOOP_STEPS = 2_000  # of one that imports nothing


_BREAK, _CONTINUE = Leave("break"), Leave("continue")


def merge(first: Value, second: Value) -> Value:
    """One value for a name that two branches bound."""
    if first is second or (type(first) is type(second) and isinstance(first, CONSTANTS) and first == second):
        return first
    if first is UNKNOWN or first is MISSING:
        return UNKNOWN if isinstance(second, CONSTANTS) else second
    if second is UNKNOWN or second is MISSING:
        return UNKNOWN if isinstance(first, CONSTANTS) else first
    if isinstance(first, CONSTANTS) or isinstance(second, CONSTANTS):
        return UNKNOWN
    return first


def _for_type_checkers(test: ir.Expression) -> bool:
    """`TYPE_CHECKING`, alone or with an `or`: lazy packages write `if TYPE_CHECKING or not install_lazy_importer()`."""
    if isinstance(test, ir.BoolOp) and test.op == "Or":
        return any(_for_type_checkers(value) for value in test.values)
    return (test.id if isinstance(test, ir.Name) else getattr(test, "attr", "")) == "TYPE_CHECKING"


class Execution(Contexts):
    """Runs statements."""

    def run_block(self, body: tuple[ir.Statement, ...], frame: Frame) -> Completion:
        """Executes statements in order until one leaves."""
        for statement in body:
            self.steps += 1
            if self.steps > self.limit or self.work > self.max_work:
                raise Exhausted
            line = getattr(statement, "line", 0)
            if line:
                self.line = line
            completion = _RUN[type(statement)](self, statement, frame)
            if completion is not None:
                return completion
        return None

    def _import(self, node: ir.Import, frame: Frame) -> None:
        self.import_names(node, frame)

    def _import_from(self, node: ir.ImportFrom, frame: Frame) -> None:
        self.import_from(node, frame)

    def _assign(self, node: ir.Assign, frame: Frame) -> None:
        if node.annotation is not None:
            if self.environment.version_info < (3, 14):
                self.evaluate(node.annotation, frame)
            self._annotate(node, frame)
        if node.value is None:
            return
        value = self.evaluate(node.value, frame)
        for target in node.targets:
            if type(target) is ir.Name and not frame.globals_:
                frame.namespace[target.id] = value
            else:
                self.assign(target, value, frame)

    def _annotate(self, node: ir.Assign, frame: Frame) -> None:
        target = node.targets[0]
        if isinstance(target, ir.Name) and frame.function is None:
            declared = frame.namespace.setdefault("__annotations__", DictValue({}))
            if isinstance(declared, DictValue):
                declared.items[target.id] = UNKNOWN

    def _augment(self, node: ir.AugAssign, frame: Frame) -> None:
        current = self.evaluate(node.target, frame)
        added = self.evaluate(node.value, frame)
        if isinstance(current, ListValue) and node.op == "Add":
            items = self.items_of(added)
            if items is None:
                current.open = True
            elif len(current.items) < MAX_ITEMS:
                current.items.extend(items[0])
                current.open |= not items[1]
            return
        combined = self.evaluate_binary(node.op, current, added)
        self.assign(node.target, combined, frame)

    def _evaluate(self, node: ir.Evaluate, frame: Frame) -> None:
        self.evaluate(node.value, frame)

    def _if(self, node: ir.If, frame: Frame) -> Completion:
        decided = truth(self.evaluate(node.test, frame))
        if decided is not True and frame.function is None and _for_type_checkers(node.test):
            # What only a type checker is sure to see tells where a lazy package's names come from.
            self.remember_hints(node.body, frame)
            decided = False
        if decided is not None:
            return self.run_block(node.body if decided else node.orelse, frame)
        return self.branch(
            frame, [lambda: self.run_block(node.body, frame), lambda: self.run_block(node.orelse, frame)]
        )

    def branch(self, frame: Frame, ways: Sequence[Callable[[], Completion]]) -> Completion:
        """Run every way as possible, each from the same names; then go on with what they leave."""
        namespace = frame.namespace
        self.spend(len(namespace) * len(ways) >> 3)
        before = namespace.copy()
        live: dict[str, Value] | None = None  # of the ways that go on, joined one by one: there may be many
        left: list[Leave] = []
        raised: Raised | None = None
        doubted = False
        for way in ways:
            self.possible += 1
            maybe = frame.maybe
            frame.maybe = False
            try:
                completion = way()
                if completion is None or completion.kind != "return":
                    live = namespace.copy() if live is None else _merge_names(live, namespace)
                    frame.may_break |= completion is _BREAK
                else:
                    left.append(completion)
            except Raised as event:
                raised = event
            finally:
                self.possible -= 1 + frame.maybe
                doubted |= frame.maybe
                frame.maybe = maybe
                namespace.clear()
                namespace.update(before)
        completion = self._join(frame, live, left, raised)
        if doubted and frame.function is not None:
            self.doubt(frame)
        return completion

    def _join(
        self, frame: Frame, live: dict[str, Value] | None, left: list[Leave], raised: Raised | None
    ) -> Completion:
        if live is None:
            if left:
                value = left[0].value
                for other in left[1:]:
                    value = merge(value, other.value)
                return Leave("return", value)
            if raised is not None and self.catches(*raised.names):
                raise raised
            return None
        frame.namespace.clear()
        frame.namespace.update(live)
        if left and frame.function is not None:
            frame.returns += [leave.value for leave in left]
            self.doubt(frame)
        return None

    def doubt(self, frame: Frame) -> None:
        """From here to the end of *frame* everything is only possible."""
        if not frame.maybe:
            frame.maybe = True
            self.possible += 1

    def _for(self, node: ir.For, frame: Frame) -> Completion:
        iterable = self.evaluate(node.iter, frame)
        items = self.items_of(iterable)
        if items is None:
            self.assign(node.target, UNKNOWN, frame)
            return self._perhaps(node.body, frame)
        outer, frame.may_break = frame.may_break, False
        try:
            for item in items[0][:MAX_ITEMS]:
                self.spend(1)
                self.assign(node.target, item, frame)
                completion = self._turn(node.body, frame)
                if completion not in (None, _CONTINUE):
                    return None if completion is _BREAK else completion
        finally:
            frame.may_break = outer
        if not items[1]:
            self.assign(node.target, UNKNOWN, frame)
            self._perhaps(node.body, frame)
        return self.run_block(node.orelse, frame)

    def _turn(self, body: tuple[ir.Statement, ...], frame: Frame) -> Completion:
        """One turn of a loop; only a possible one when the loop may have been left before."""
        doubtful = frame.may_break
        self.possible += doubtful
        try:
            return self.run_block(body, frame)
        finally:
            self.possible -= doubtful

    def _perhaps(self, body: tuple[ir.Statement, ...], frame: Frame) -> Completion:
        """The body of a loop that may have no turn."""

        def once() -> Completion:
            outer = frame.may_break
            completion = self.run_block(body, frame)
            frame.may_break = outer
            return None if completion in (_BREAK, _CONTINUE) else completion

        return self.branch(frame, [once, lambda: None])

    def _while(self, node: ir.While, frame: Frame) -> Completion:
        outer, frame.may_break = frame.may_break, False
        try:
            return self._turns(node, frame)
        finally:
            frame.may_break = outer

    def _turns(self, node: ir.While, frame: Frame) -> Completion:
        steps, imports, maybe = self.steps, self.imports, frame.maybe
        doubtful = 0
        for _ in range(MAX_TURNS):
            self.spend(1)
            decided = truth(self.evaluate(node.test, frame))
            if decided is None:
                return self._perhaps(node.body, frame)
            if not decided:
                return self.run_block(node.orelse, frame)
            completion = self._turn(node.body, frame)
            if completion not in (None, _CONTINUE):
                return None if completion is _BREAK else completion
            doubtful += frame.may_break or frame.maybe > maybe
            if doubtful >= DOUBTFUL_TURNS:
                return None
            if self.steps - steps > LOOP_STEPS and self.imports == imports:
                break
        self._forget(node.body, frame)
        self.record_stop(frame, "a loop did not come to its end")
        return None

    def _forget(self, body: tuple[ir.Statement, ...], frame: Frame) -> None:
        """The names that *body* assigns hold what is not known."""
        for node in body:
            if isinstance(node, ir.Assign):
                self._forget_targets(node.targets, frame)
            elif isinstance(node, ir.AugAssign | ir.For):
                self._forget_targets((node.target,), frame)
            if isinstance(node, ir.If | ir.For | ir.While | ir.Try):
                self._forget(node.body + node.orelse, frame)
            elif isinstance(node, ir.With):
                self._forget_targets([item.target for item in node.items if item.target is not None], frame)
                self._forget(node.body, frame)
            if isinstance(node, ir.Try):
                self._forget(node.finalbody, frame)
            for inner in getattr(node, "handlers", getattr(node, "cases", ())):
                self._forget(inner.body, frame)

    def _forget_targets(self, targets: Sequence[ir.Expression], frame: Frame) -> None:
        for target in targets:
            if isinstance(target, ir.Name | ir.Display):
                self.assign(target, UNKNOWN, frame)

    def _try(self, node: ir.Try, frame: Frame) -> Completion:
        handlers = [(self._caught(handler, frame), handler) for handler in node.handlers]
        self.catchers.append(frozenset(name for names, _ in handlers for name in names))
        raised: Raised | None = None
        completion: Completion = None
        try:
            completion = self.run_block(node.body, frame)
        except Raised as event:
            raised = event
        finally:
            self.catchers.pop()
        try:
            if raised is None:
                return completion if completion is not None else self.run_block(node.orelse, frame)
            for names, handler in handlers:
                if names & set(raised.names):
                    if handler.name is not None:
                        frame.namespace[handler.name] = raised.value
                    self.handling.append(raised)
                    try:
                        return self.run_block(handler.body, frame)
                    finally:
                        self.handling.pop()
            raise raised
        finally:
            final = self.run_block(node.finalbody, frame) if node.finalbody else None
            if final is not None:
                return final  # noqa: B012 - a `return` in a finally block replaces the exception in Python, too

    def _caught(self, handler: ir.Handler, frame: Frame) -> frozenset[str]:
        if handler.caught is None:
            return frozenset({"BaseException"})
        return frozenset(caught_names(self.evaluate(handler.caught, frame)))

    def _function(self, node: ir.FunctionDef, frame: Frame) -> None:
        function = FunctionValue(node.name, node.parameters, node.body, frame)
        function.is_async, function.is_generator, function.line = node.is_async, node.is_generator, node.line
        decorators = [self.evaluate(decorator, frame) for decorator in node.decorators]
        self.set_defaults(function, node.parameters, frame)
        if self.environment.version_info < (3, 14):
            for annotation in node.annotations:
                self.evaluate(annotation, frame)
        self._decorate(node.name, function, decorators, frame)

    def set_defaults(self, function: FunctionValue, parameters: ir.Parameters, frame: Frame) -> None:
        """Default values, evaluated where the function is defined."""
        function.defaults = tuple([self.evaluate(default, frame) for default in parameters.defaults])
        function.kw_defaults = tuple(
            [MISSING if default is None else self.evaluate(default, frame) for default in parameters.kw_defaults]
        )

    def _decorate(self, name: str, made: Value, decorators: list[Value], frame: Frame) -> None:
        value = made
        for decorator in reversed(decorators):
            result = self.call(decorator, [value], {}, frame, complete=True)
            # What an unknown decorator returns is most often a wrapper of the same thing.
            value = value if result is UNKNOWN or result is None else result
        self.bind_name(frame, name, value)

    def bind_name(self, frame: Frame, name: str, value: Value) -> None:
        """Bind *name* as an assignment in *frame* would."""
        if frame.globals_:
            self.assign(ir.Name(name), value, frame)
        else:
            frame.namespace[name] = value

    def _class(self, node: ir.ClassDef, frame: Frame) -> None:
        decorators = [self.evaluate(decorator, frame) for decorator in node.decorators]
        made = self.create_class(node, frame)
        self._decorate(node.name, made, decorators, frame)

    def _return(self, node: ir.Return, frame: Frame) -> Completion:
        return Leave("return", None if node.value is None else self.evaluate(node.value, frame))

    def _raise(self, node: ir.Raise, frame: Frame) -> Completion:
        if node.exc is None and self.handling:
            value, names = self.handling[-1].value, self.handling[-1].names
        else:
            value = self.evaluate(node.exc, frame) if node.exc is not None else UNKNOWN
            names = exception_names(value)
        # In doubt whether this point is reached at all, it is not: what follows would be certain otherwise.
        doubtful = frame.maybe and frame.function is not None
        if not doubtful and (self.catches(*names) if "ImportError" in names else self.catches_here(*names)):
            raise Raised(names, value)
        # Nobody would catch it, and the program is taken to start: leave the function, or walk on in a module.
        return Leave("return", UNKNOWN) if frame.function is not None else None

    def _delete(self, node: ir.Delete, frame: Frame) -> None:
        for target in node.targets:
            if isinstance(target, ir.Name):
                frame.namespace.pop(target.id, None)
            elif isinstance(target, ir.Attribute):
                owner = self.evaluate(target.value, frame)
                if isinstance(owner, ModuleValue):
                    owner.namespace.pop(target.attr, None)
            elif isinstance(target, ir.Subscript):
                container, key = self.evaluate(target.value, frame), self.evaluate(target.slice, frame)
                if isinstance(container, DictValue) and isinstance(key, CONSTANTS):
                    container.items.pop(key, None)

    def _scope(self, node: ir.Scope, frame: Frame) -> None:
        for name in node.names:
            frame.globals_[name] = None if node.is_global else self._owner(frame, name)

    @staticmethod
    def _owner(frame: Frame, name: str) -> Frame | None:
        outer = frame.outer
        while outer is not None:
            if outer.function is not None and name in outer.namespace:
                return outer
            outer = outer.outer
        return frame

    def _break(self, _node: ir.Break, _frame: Frame) -> Completion:
        return _BREAK

    def _continue(self, _node: ir.Continue, _frame: Frame) -> Completion:
        return _CONTINUE

    def _match(self, node: ir.Match, frame: Frame) -> Completion:
        subject = self.evaluate(node.subject, frame)
        ways: list[Callable[[], Completion]] = []
        for case in node.cases:
            decided = self._matches(subject, case, frame)
            if decided is False:
                continue
            ways.append(functools.partial(self.run_block, case.body, frame))
            if decided:
                break
        else:
            ways.append(lambda: None)
        return ways[0]() if len(ways) == 1 else self.branch(frame, ways)

    def _matches(self, subject: Value, case: ir.Case, frame: Frame) -> bool | None:
        if case.guard is not None:
            return None
        if case.irrefutable:
            return True
        if case.pattern is None or not isinstance(subject, CONSTANTS):
            return None
        if isinstance(case.pattern, ir.Starred):
            options = self.evaluate(case.pattern.value, frame)
            known = isinstance(options, tuple) and all(isinstance(option, CONSTANTS) for option in options)
            return subject in options if known else None
        value = self.evaluate(case.pattern, frame)
        return bool(value == subject) if isinstance(value, CONSTANTS) else None


def _merge_names(merged: dict[str, Value], names: dict[str, Value]) -> dict[str, Value]:
    """*merged*, changed to what it or *names* holds."""
    known = merged.get
    for name in [name for name, value in names.items() if known(name, MISSING) is not value]:
        merged[name] = merge(known(name, MISSING), names[name])
    for name in merged.keys() - names.keys():
        merged[name] = merge(merged[name], MISSING)
    return merged


_RUN: dict[type, Callable[..., Completion]] = {
    ir.Import: Execution._import,
    ir.ImportFrom: Execution._import_from,
    ir.Assign: Execution._assign,
    ir.AugAssign: Execution._augment,
    ir.Evaluate: Execution._evaluate,
    ir.If: Execution._if,
    ir.For: Execution._for,
    ir.While: Execution._while,
    ir.Try: Execution._try,
    ir.With: Execution.run_with,
    ir.FunctionDef: Execution._function,
    ir.ClassDef: Execution._class,
    ir.Return: Execution._return,
    ir.Raise: Execution._raise,
    ir.Delete: Execution._delete,
    ir.Scope: Execution._scope,
    ir.Break: Execution._break,
    ir.Continue: Execution._continue,
    ir.Match: Execution._match,
}
