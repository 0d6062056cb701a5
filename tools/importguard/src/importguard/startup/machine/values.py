"""What a static start computes with: constants as themselves, containers, modules, functions, classes, UNKNOWN.

Values only; how they are made and used is `evaluation`'s and `calls`' business.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from importguard.source import program as ir

if TYPE_CHECKING:
    from importguard.source.import_site import ImportSite
    from importguard.target.finder import Found

Value = Any


class _Unknown:
    """The value of everything that cannot be worked out."""

    def __repr__(self) -> str:
        return "UNKNOWN"


class _Missing:
    """No such name."""

    def __repr__(self) -> str:
        return "MISSING"


UNKNOWN = _Unknown()
MISSING = _Missing()
MAX_TEXT = 100_000  # characters of a text that is worked out
MAX_BITS = 4_096  # of a number that is worked out
MAX_NESTED = 1_000  # values in a constant, those inside it included: equal parts count each time they are met
MAX_BASES = 300  # classes that one inherits from
CONSTANTS = (type(None), bool, int, float, str, bytes)


class VersionInfo(tuple[Any, ...]):
    """`sys.version_info`: a tuple with names."""

    __slots__ = ()
    names = ("major", "minor", "micro", "releaselevel", "serial")


class ListValue:
    """A list, or a generator's results. `open`: it may hold more than `items`."""

    __slots__ = ("items", "open")

    def __init__(self, items: list[Value], open: bool = False) -> None:  # noqa: A002 - the field's word
        self.items = items
        self.open = open


class SetValue:
    """A set or frozenset of constants."""

    __slots__ = ("items", "open")

    def __init__(self, items: dict[Value, None], open: bool = False) -> None:  # noqa: A002 - as ListValue
        self.items = items
        self.open = open


class DictValue:
    """A dict with constant keys. `open`: it may hold more."""

    __slots__ = ("items", "open")

    def __init__(self, items: dict[Value, Value], open: bool = False) -> None:  # noqa: A002 - as ListValue
        self.items = items
        self.open = open


class ModuleValue:
    """A module while and after its body runs. `open`: it may have attributes that `namespace` lacks."""

    __slots__ = (
        "complete",
        "found",
        "hints",
        "is_package",
        "locations",
        "name",
        "namespace",
        "open",
        "origin",
        "program",
    )

    def __init__(self, name: str, found: Found, namespace: dict[str, Value]) -> None:
        self.name = name
        self.found = found
        self.namespace = namespace
        self.open = False
        self.complete = False
        self.is_package = found.locations is not None
        self.locations = found.locations
        self.origin = ""
        self.program: ir.Program | None = None
        self.hints: dict[str, LazyImport] = {}  # what its TYPE_CHECKING blocks import

    def __repr__(self) -> str:
        return f"<module {self.name}>"


class Frame:
    """Where names live while code runs: a module's, class's or function's."""

    __slots__ = (
        "class_body",
        "function",
        "globals_",
        "lazy_imports",
        "may_break",
        "maybe",
        "module",
        "namespace",
        "on_yield",
        "outer",
        "returns",
        "scope",
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
        self.class_body = False
        self.globals_: dict[str, Frame | None] = {}  # names declared global (None) or nonlocal (their frame)
        self.returns: list[Value] = []
        self.yields: list[Value] | None = None
        self.on_yield: Callable[[Value], None] | None = None  # what runs at the first yield: a `with` block
        self.lazy_imports = 0  # open `with lazy_importer()` blocks
        self.maybe = False  # a condition that is not known may already have left the frame
        self.may_break = False  # or the innermost loop


class FunctionValue:
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
        "owner",
        "parameters",
    )

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
        self.attributes: dict[str, Value] = {}

    def __repr__(self) -> str:
        return f"<function {self.frame.module.name}.{self.name}>"


class GeneratorValue:
    """A generator: *body* gives what it yields, the first time it is iterated. `frame` is its function's, if any."""

    __slots__ = ("_body", "frame")

    def __init__(self, body: Callable[[], list[Value]], frame: Frame | None = None) -> None:
        self._body: Callable[[], list[Value]] | None = body
        self.frame = frame

    def run(self) -> list[Value]:
        """What it yields; nothing when it has run, or is running: a generator that feeds on itself."""
        body, self._body = self._body, None
        return body() if body is not None else []

    def advance(self) -> list[Value]:
        """What `next` gives, in a list: the function runs up to its first yield; the rest is taken never to run."""

        def suspend(value: Value) -> None:
            raise Suspended(value)

        if self._body is None:  # running: nobody outside waits for its next yield
            return []
        if self.frame is not None:
            self.frame.on_yield = suspend
        try:
            return self.run()[:1]
        except Suspended as suspended:
            return [suspended.value]


class ClassValue:
    """A class of analysed code. `open`: a base is not known."""

    __slots__ = ("_mro", "bases", "metaclass", "module", "name", "namespace", "open")

    def __init__(self, name: str, bases: tuple[Value, ...], namespace: dict[str, Value], module: ModuleValue) -> None:
        self.name = name
        self.bases = bases  # never assigned again: so is `mro`
        self.namespace = namespace
        self.module = module
        self.metaclass: Value = None
        order = [self]
        for base in bases:
            if isinstance(base, ClassValue):
                order += base.mro()
        unique = {id(cls): cls for cls in reversed(order)}
        self._mro = list(reversed(unique.values()))[:MAX_BASES]
        self.open: bool = len(unique) > MAX_BASES or any(
            base.open if isinstance(base, ClassValue) else not isinstance(base, BuiltinType) or base.members is None
            for base in bases
        )

    def mro(self) -> list[ClassValue]:
        """Depth first, later duplicates win: close enough to C3 for looking names up. The caller must not change it."""
        return self._mro

    def builtin_member(self, name: str) -> bool:
        """Whether a base that the interpreter provides has the attribute *name*."""
        return any(
            isinstance(base, BuiltinType) and base.members is not None and name in base.members
            for cls in self.mro()
            for base in cls.bases
        )

    def is_module_type(self) -> bool:
        """Whether its objects are modules."""
        return any(MODULE_TYPE in cls.bases for cls in self.mro())

    def __repr__(self) -> str:
        return f"<class {self.module.name}.{self.name}>"


class Instance:
    """An object of an analysed class."""

    __slots__ = ("attributes", "cls", "open")

    def __init__(self, cls: ClassValue) -> None:
        self.cls = cls
        self.attributes: dict[str, Value] = {}
        self.open = cls.open


class Method:
    """A function with its first argument."""

    __slots__ = ("function", "receiver")

    def __init__(self, function: Value, receiver: Value) -> None:
        self.function = function
        self.receiver = receiver


class Native:
    """Something of the interpreter's own that has a model: *call* gets an Invocation."""

    __slots__ = ("attributes", "call", "name")

    def __init__(
        self, name: str, call: Callable[[Invocation], Value], attributes: dict[str, Value] | None = None
    ) -> None:
        self.name = name
        self.call = call
        self.attributes = attributes or {}

    def __repr__(self) -> str:
        return f"<native {self.name}>"


class Invocation:
    """One call of a Native: positional and keyword values, and where it stands."""

    __slots__ = ("args", "complete", "frame", "keywords", "line", "machine")

    def __init__(  # noqa: PLR0917  built in one place, on the hot path
        self, machine: Any, frame: Frame, args: list[Value], keywords: dict[str, Value], line: int, complete: bool
    ) -> None:
        self.machine = machine
        self.frame = frame
        self.args = args
        self.keywords = keywords
        self.line = line
        self.complete = complete  # no *args or **kwargs of unknown content

    def get(self, position: int, name: str, default: Value = None) -> Value:
        """The argument at *position* or called *name*."""
        if position < len(self.args):
            return self.args[position]
        return self.keywords.get(name, default)


class Wrapper:
    """staticmethod, classmethod or property: *kind* says which."""

    __slots__ = ("function", "kind")

    def __init__(self, kind: str, function: Value) -> None:
        self.kind = kind
        self.function = function


class Super:
    """`super()` in a method of *owner*, called on *receiver*."""

    __slots__ = ("owner", "receiver")

    def __init__(self, owner: ClassValue, receiver: Value) -> None:
        self.owner = owner
        self.receiver = receiver


class LazyImport:
    """A PEP 810 binding that loads *module* when its name is used. `attribute` is set for `lazy from`.

    `below`: dotted paths under *module* that other lazy imports bound through the same name, each as its parts.
    """

    __slots__ = ("attribute", "below", "module", "site")

    def __init__(
        self, module: str, attribute: str | None, site: ImportSite, below: tuple[tuple[str, ...], ...] = ()
    ) -> None:
        self.module = module
        self.attribute = attribute
        self.site = site
        self.below = below


class BuiltinType:
    """A class of the interpreter's: `names` are its own and its bases' names, most derived first.

    `members` are the attributes it has; None when they are not known.
    """

    __slots__ = ("make", "members", "name", "names")

    def __init__(
        self,
        name: str,
        names: tuple[str, ...],
        make: Callable[[Invocation], Value] | None = None,
        members: frozenset[str] | None = None,
    ) -> None:
        self.name = name
        self.names = names
        self.make = make
        self.members = members

    def __repr__(self) -> str:
        return f"<type {self.name}>"


OBJECT = BuiltinType("object", ("object",), None, frozenset(dir(object)))
MODULE_TYPE = BuiltinType("module", ("module", "object"), None, frozenset(dir(type(sys))))
FUNCTION_TYPE = BuiltinType("function", ("function", "object"))
METHOD_TYPE = BuiltinType("method", ("method", "object"))


class Raised(Exception):  # noqa: N818 - the event of the analysed program, not an error of ours
    """An exception of the analysed program: *names* are its class's and bases' names."""

    def __init__(self, names: tuple[str, ...], value: Value = UNKNOWN) -> None:
        self.names = names
        self.value = value
        super().__init__(names[:1])


class Suspended(Exception):  # noqa: N818 - it leaves a generator's body, nothing went wrong
    """A generator has reached the yield that `next` asked for."""

    def __init__(self, value: Value) -> None:
        self.value = value
        super().__init__()


class Exhausted(Exception):  # noqa: N818 - a bound was reached; caught by the machine, which reports a Stop
    """The walk of one call or body used its share of steps."""


def is_constant(value: Value) -> bool:
    """Whether *value* is a Python constant, tuples of constants included: fit to be hashed and compared.

    Tuples that hold one another can stand for more values than there is memory, in a few lines of code; or be nested
    deeper than the interpreter compares.
    """
    if type(value) is not tuple:
        return isinstance(value, CONSTANTS) or type(value) is VersionInfo
    return all(isinstance(part, CONSTANTS) for part in leaves(value))


def leaves(value: Value) -> Iterator[Value]:
    """What *value*, a tuple of tuples, holds in the end, in order; UNKNOWN last when that is more than MAX_NESTED."""
    pending = [value]
    for _ in range(MAX_NESTED):
        if not pending:
            return
        part = pending.pop()
        if type(part) is tuple:
            pending += part[::-1][:MAX_NESTED]
        elif type(part) is VersionInfo:
            continue
        else:
            yield part
    if pending:
        yield UNKNOWN


def size_of(value: Value) -> int:
    """What making or walking *value* costs, in items; a few dozen characters are one."""
    if isinstance(value, ListValue | DictValue | SetValue):
        return len(value.items)
    if isinstance(value, str | bytes):
        return len(value) >> 5
    return len(value) if isinstance(value, tuple) else 1


def is_small(value: Value) -> bool:
    """Whether a number that was worked out is one to go on with."""
    return not isinstance(value, int) or value.bit_length() <= MAX_BITS


def truth(value: Value) -> bool | None:
    """Whether *value* is true; None if that is not known."""
    if value is UNKNOWN or isinstance(value, LazyImport):
        return None
    if isinstance(value, CONSTANTS) or type(value) in (tuple, VersionInfo):
        return bool(value)
    if isinstance(value, ListValue | DictValue | SetValue):
        return True if value.items else (None if value.open else False)
    if isinstance(value, Instance):
        return (
            None
            if value.open or value.cls.open
            else (None if any("__bool__" in c.namespace or "__len__" in c.namespace for c in value.cls.mro()) else True)
        )
    return True
