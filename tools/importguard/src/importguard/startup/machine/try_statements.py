"""`try` statements: handlers run where an exception surely comes, and are possible where one may come."""

from __future__ import annotations

from typing import TypeAlias

from importguard.source import program as ir
from importguard.startup.machine.branches import doubt
from importguard.startup.machine.state import MachineState
from importguard.startup.trace.trace import Origin
from importguard.startup.values.base import UNKNOWN, Raised, Value, leaves
from importguard.startup.values.constants import behaviour
from importguard.startup.values.exceptions import ExceptionValue, Guard, caught, may_catch
from importguard.startup.values.frames import Completion, Frame
from importguard.startup.values.heap import Mutable, State
from importguard.startup.values.lazy_import import LazyImport
from importguard.startup.values.merge import merge_names

MAX_GROUPS = 20  # exception groups inside one another
Handlers: TypeAlias = "list[tuple[frozenset[str], ir.Handler]]"  # what each catches: nothing where that is not known


def run_try(machine: MachineState, node: ir.Try, frame: Frame) -> Completion:
    """A `try` statement."""
    if not node.finalbody:
        return _run_guarded(machine, node, frame)
    try:
        completion = _run_guarded(machine, node, frame)
    except Raised as raised:
        final = machine.run_block(node.finalbody, frame)
        if final is not None:
            return final  # a `return` in a finally block replaces the exception
        raise raised
    except Exception:  # a generator is left here
        machine.run_block(node.finalbody, frame)
        raise
    final = machine.run_block(node.finalbody, frame)
    return completion if final is None else final


def _run_guarded(machine: MachineState, node: ir.Try, frame: Frame) -> Completion:
    if not node.handlers:
        return machine.run_block(node.body, frame)
    return _Attempt(machine, node, frame).run()


def _caught(machine: MachineState, handler: ir.Handler, frame: Frame) -> frozenset[str]:
    if handler.caught is None:
        return frozenset({"BaseException"})
    waiting = _lazy_name(handler.caught, frame)
    if waiting:
        return frozenset({waiting})
    return _caught_now(machine, handler.caught, frame)


def _caught_now(machine: MachineState, caught: ir.Expression, frame: Frame) -> frozenset[str]:
    kinds = list(leaves(machine.evaluate(caught, frame)))
    names = [behaviour(kind).exception_names()[:1] for kind in kinds]
    return frozenset() if () in names and len(names) == 1 else frozenset(name for one in names for name in one)


def _lazy_name(caught: ir.Expression, frame: Frame) -> str:
    """The name of the exception that *caught* gets from a lazy import, which an exception only makes it use; or none.

    A clause is evaluated when an exception reaches it.
    """
    if not isinstance(caught, ir.Name | ir.Attribute):
        return ""
    root = caught
    while isinstance(root, ir.Attribute):
        root = root.value  # type: ignore[assignment]  # the loop ends at what is neither
    if not isinstance(root, ir.Name) or not isinstance(frame.module.namespace.get(root.id), LazyImport):
        return ""
    is_global = root.id not in frame.namespace or frame.namespace is frame.module.namespace
    return (caught.attr if isinstance(caught, ir.Attribute) else caught.id) if is_global else ""


class _Attempt:
    """One run of a `try` with handlers."""

    def __init__(self, machine: MachineState, node: ir.Try, frame: Frame) -> None:
        self.machine = machine
        self.node = node
        self.frame = frame
        self.handlers: Handlers = [(_caught(machine, handler, frame), handler) for handler in node.handlers]
        caught = frozenset(name for names, _ in self.handlers for name in names)
        if node.is_star:
            caught |= {"ExceptionGroup", "BaseExceptionGroup"}
        self.own = frame.module.origin == Origin.FIRST_PARTY
        self.guard = Guard.of(caught, frame, guesses=self.own, open=any(not names for names, _ in self.handlers))
        self.before = frame.namespace.copy()
        self.escaping, self.maybe = machine.escaping, frame.maybe
        machine.spend(len(self.before) >> 3)

    def run(self) -> Completion:
        """The body, then the handlers that surely or possibly run."""
        machine, frame = self.machine, self.frame
        depth = len(machine.heap.arms)
        machine.heap.open()
        machine.catchers.append(self.guard)
        raised: Raised | None = None
        completion: Completion = None
        try:
            completion = machine.run_block(self.node.body, frame)
        except Raised as event:
            raised = event
        finally:
            machine.catchers.pop()
            machine.heap.close(depth + 1)
            if raised is None and not self.guard.risks:
                machine.heap.commit()
        if raised is not None and frame.maybe and not self.maybe:  # the body may have left the frame before
            self.guard.risks.add(raised.names)
            raised = None
        if raised is None and not self.guard.risks:
            completion = completion if completion is not None else machine.run_block(self.node.orelse, frame)
            self._keep_doubt()
            return completion
        return self._go_on(completion, raised)

    def _keep_doubt(self) -> None:
        """A condition that is not known may have left the frame: the rest is in doubt, too."""
        if self.frame.maybe and not self.maybe:
            self.machine.heap.open()

    def _settle(self) -> None:
        """The handlers take what may have been raised for them; what goes past this `try` stays in doubt."""
        self.machine.escaping = max(self.escaping, self.machine.escaping - self.guard.escaping)
        self.guard.escaping = 0

    def _go_on(self, completion: Completion, raised: Raised | None) -> Completion:
        """After a body in which an exception was raised, or may have been."""
        machine, frame, heap = self.machine, self.frame, self.machine.heap
        if raised is not None and not self.guard.risks:
            heap.commit()
            self._keep_doubt()
            self._settle()
            return self._handle(raised)
        failed: Raised | None = None
        try:
            if raised is not None:
                completion = self._handle(raised)
            elif completion is None:
                completion = machine.run_block(self.node.orelse, frame)
        except Raised as event:
            failed = event
        names = frame.namespace.copy()
        start = merge_names([self.before, names])
        changed, live = [heap.undo()], [names] if failed is None and completion is None else []
        self._settle()
        left = [self._perhaps(risk, handler, start, changed, live) for risk, handler in self._possible()]
        heap.join(changed)
        self._restore(merge_names(live) if live else start)
        self._keep_doubt()
        if failed is not None and not live:
            raise failed
        if failed is not None:
            machine.risk(failed.names)
        return self._end(completion, in_doubt=bool(live), left=any(left))

    def _perhaps(
        self,
        risk: tuple[str, ...],
        handler: ir.Handler,
        start: dict[str, Value],
        changed: list[dict[int, tuple[Mutable, State]]],
        live: list[dict[str, Value]],
    ) -> bool:
        """*handler* may run, from anywhere in the body. Whether it leaves the function."""
        machine, frame, heap = self.machine, self.frame, self.machine.heap
        self._restore(start)
        heap.open()
        heap.join([changed[0], {}])
        machine.possible += 1
        maybe, frame.maybe = frame.maybe, False
        depth = len(heap.arms)
        try:
            if handler.caught is not None and _lazy_name(handler.caught, frame):
                machine.evaluate(handler.caught, frame)
            ended = self._run_handler(handler, Raised(risk))
            if ended is None:
                live.append(frame.namespace.copy())
            elif ended.kind == "return" and frame.function is not None:
                frame.returns.append(ended.value)
                return True
            frame.may_break |= ended is not None and ended.kind == "break"
        except Raised as event:
            machine.risk(event.names)
        finally:
            machine.possible -= 1 + frame.maybe
            machine.unended -= frame.maybe
            frame.maybe = maybe
            heap.close(depth)
            changed.append(heap.undo())
        return False

    def _end(self, completion: Completion, *, in_doubt: bool, left: bool) -> Completion:
        """How the statement ends: the body as *completion* says, unless a handler ran that has not *left*."""
        frame = self.frame
        if completion is None or not in_doubt:
            if left and self.own:
                doubt(self.machine, frame)
            return completion
        if completion.kind == "return" and frame.function is not None:
            frame.returns.append(completion.value)
            doubt(self.machine, frame)
        frame.may_break |= completion.kind == "break"
        return None

    def _restore(self, names: dict[str, Value]) -> None:
        self.frame.namespace.clear()
        self.frame.namespace.update(names)

    def _possible(self) -> list[tuple[tuple[str, ...], ir.Handler]]:
        """The handlers that may run, each with an exception that would make it."""
        found: list[tuple[tuple[str, ...], ir.Handler]] = []
        taken: set[int] = set()
        for risk in sorted(self.guard.risks):
            for place, (names, handler) in enumerate(self.handlers):
                if not may_catch(names, risk):
                    continue
                if place not in taken:
                    taken.add(place)
                    found.append((risk, handler))
                if risk and names:
                    break  # it goes no further
        return found

    def _handle(self, raised: Raised) -> Completion:
        """The first handler that catches *raised*; each that catches a part of it where it is a group."""
        if self.node.is_star:
            return self._handle_group(raised)
        for known, handler in self.handlers:
            waits = handler.caught is not None and _lazy_name(handler.caught, self.frame)
            names = _caught_now(self.machine, handler.caught, self.frame) if handler.caught and waits else known
            if names & set(raised.names):
                return self._run_handler(handler, raised)
        raise raised

    def _handle_group(self, raised: Raised) -> Completion:
        rest: Value = caught(raised, self.machine)
        for names, handler in self.handlers:
            part, rest = _split(rest, names, raised.names, self.machine)
            if part is not None:
                kinds = behaviour(part).exception_names() or raised.names
                self._run_handler(handler, Raised(kinds, part if "BaseExceptionGroup" in kinds else UNKNOWN))
        if rest is not None:
            raise raised
        return None

    def _run_handler(self, handler: ir.Handler, raised: Raised) -> Completion:
        machine = self.machine
        if handler.name is not None:
            self.frame.namespace[handler.name] = caught(raised, machine)
        machine.handling.append(raised)
        try:
            return machine.run_block(handler.body, self.frame)
        finally:
            machine.handling.pop()
            if handler.name is not None:
                self.frame.namespace.pop(handler.name, None)


def _split(
    value: Value, names: frozenset[str], kinds: tuple[str, ...], machine: MachineState, depth: int = 0
) -> tuple[Value, Value]:
    """The parts of the exception *value* that `except* names` catches, and the others; None where there are none.

    *kinds*: the names of its class, where it does not know them itself.
    """
    known = behaviour(value).exception_names() or kinds
    parts = value.parts() if isinstance(value, ExceptionValue) and "BaseExceptionGroup" in known else UNKNOWN
    items = machine.items_of(parts) if parts is not UNKNOWN else None
    if value is None or names & set(known) or items is None or depth > MAX_GROUPS:
        return (value, None) if names & set(known) else (None, value)
    pairs = [_split(one, names, (), machine, depth + 1) for one in items[0]]
    chosen, others = ([one for one in side if one is not None] for side in zip(*pairs, strict=True))
    return _group(value, chosen), _group(value, others)


def _group(group: Value, parts: list[Value]) -> Value:
    """A group like *group* of the *parts*; None without any."""
    if not parts or not isinstance(group, ExceptionValue):
        return None
    return ExceptionValue(group.kind, ((group.args or ("",))[0], tuple(parts)))
