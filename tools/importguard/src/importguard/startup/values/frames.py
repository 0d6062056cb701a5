"""Where names live while code runs, and how a block ends."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from importguard.startup.values.namespaces import Named

if TYPE_CHECKING:
    from importguard.startup.machine.suspension import Suspension
    from importguard.startup.values.annotate import Annotate
    from importguard.startup.values.base import Value
    from importguard.startup.values.classes import ClassValue
    from importguard.startup.values.functions import FunctionValue
    from importguard.startup.values.heap import Heap
    from importguard.startup.values.modules import ModuleValue


class Leave:
    """How a block ended early: "return", "break" or "continue"."""

    __slots__ = ("kind", "value")

    def __init__(self, kind: str, value: Value = None) -> None:
        self.kind = kind
        self.value = value


Completion: TypeAlias = Leave | None


class Frame(Named):
    """The names of a module, class or function while its body runs."""

    __slots__ = (
        "annotate",
        "asked",
        "class_body",
        "cls",
        "function",
        "globals_",
        "is_comprehension",
        "lazy_imports",
        "may_break",
        "maybe",
        "module",
        "namespace",
        "on_yield",
        "outer",
        "returned",
        "returns",
        "scope",
        "sure",
        "suspension",
        "yields",
    )

    def __init__(
        self, module: ModuleValue, namespace: dict[str, Value], outer: Frame | None, scope: tuple[str, ...]
    ) -> None:
        self.module = module
        self.namespace = namespace
        self.outer = outer
        self.scope = scope
        self.function: FunctionValue | None = None
        self.asked = False  # by the project's own code: a function of the standard library, followed however plain
        self.class_body = False
        self.cls: ClassValue | None = None  # what a class body has become
        self.is_comprehension = False
        self.annotate: Annotate | None = None  # of the annotations that a class or module body has
        self.globals_: dict[str, Frame | None] = {}  # names declared global (None) or nonlocal (their frame)
        self.returns: list[Value] = []
        self.returned: Value = None  # by a generator that has ended
        self.sure: tuple[int, int] | None = None  # of a generator: the doubts in which it runs; None: it yields more
        self.suspension: Suspension | None = None  # of a generator that stops at each yield
        self.yields: list[Value] | None = None
        self.on_yield: Callable[[Value], None] | None = None  # what runs at the first yield: a `with` block
        self.lazy_imports = 0  # open `with lazy_importer()` blocks
        self.maybe = False  # a condition that is not known may already have left the frame
        self.may_break = False  # or the innermost loop

    def contents(self) -> dict[str, Value]:
        """Its names."""
        return self.namespace

    def enclosing_class(self) -> ClassValue | None:
        """The class around the code, functions between them included: `__class__` there."""
        frame: Frame | None = self
        while frame is not None and frame.cls is None:
            frame = frame.outer
        return frame.cls if frame is not None else None

    def bind(self, name: str, value: Value, heap: Heap) -> None:
        """`name = value`, where `global` and `nonlocal` say."""
        if not self.globals_ or name not in self.globals_:
            self.namespace[name] = value
            return
        owner = self.globals_[name] or self.module
        heap.changing(owner)
        owner.namespace[name] = value
