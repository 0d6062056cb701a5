"""What every value of the analysed program can be asked, and the values that stand for what is not known.

Constants (None, numbers, texts, bytes, tuples) stand for themselves; `behaviour` gives what answers for them.
Each question is a method of `Abstract` and answers as little as possible; a kind of values says what it knows.
No answer raises a Python exception for a mistake of the analysed program. Its exceptions travel as `Raised`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from importguard.startup.machine.state import MachineState
    from importguard.startup.values.builtin_types import BuiltinType
    from importguard.startup.values.classes import ClassValue
    from importguard.startup.values.frames import Completion, Frame

MAX_TEXT = 100_000  # characters of a text that is worked out
MAX_BITS = 4_096  # of a number that is worked out
MAX_NESTED = 1_000  # values in a constant, those inside it included: equal parts count each time they are met
MAX_ITEMS = 4_000  # of one container or loop
MAX_TURNS = 200  # of a loop whose end is decided turn by turn
MAX_KEYS = 4 * MAX_ITEMS  # of one dict or set
CONSTANTS = (type(None), bool, int, float, str, bytes)

Value: TypeAlias = "Abstract | bool | int | float | str | bytes | tuple[Value, ...] | None"
Items: TypeAlias = "tuple[list[Value], bool]"  # what iterating gives, and whether that is all


class Abstract:
    """A value that is no constant."""

    __slots__ = ()
    type_name: str | None = None  # of its Python type, where the interpreter provides it
    by_identity = False  # whether `==` compares by identity
    by_value = False  # whether its class says what it is equal to, and that it can be a key

    # What expressions ask

    def attribute(self, _name: str, _machine: MachineState, _frame: Frame) -> Value:
        """`self.name`: MISSING when there is surely no such attribute."""
        return UNKNOWN

    def call(self, _call: Invocation) -> Value:
        """`self(...)`."""
        return UNKNOWN

    def item(self, _key: Value, _machine: MachineState, _frame: Frame) -> Value:
        """`self[key]`."""
        return UNKNOWN

    def part(self, _bounds: slice) -> Value:
        """`self[start:stop:step]`, with bounds that are known."""
        return UNKNOWN

    def iterate(self, _machine: MachineState) -> Items | None:
        """What iterating over it gives; None when nothing is known."""
        return None

    def some_item(self, _machine: MachineState) -> Value:
        """An item that iterating gives, where nobody knows which ones there are."""
        return UNKNOWN

    def truth(self, _machine: MachineState) -> bool | None:
        """`bool(self)`; None when that is not known."""
        return True

    def length(self, _machine: MachineState) -> int | None:
        """`len(self)`; None when that is not known."""
        return None

    def contains(self, _item: Value, _machine: MachineState) -> bool | None:
        """`item in self`; None when that is not known."""
        return None

    def compare(self, op: str, other: Value, _machine: MachineState) -> Value:
        """`self op other`, not both of them constants; *op* is the name of the class in `ast`."""
        if self.by_identity and other is not UNKNOWN and op in {"Eq", "NotEq"}:
            return (self is other) is (op == "Eq")
        return UNKNOWN

    def binary(self, _op: str, _other: Value, _machine: MachineState) -> Value:
        """`self op other`; *op* is the name of the class in `ast`."""
        return UNKNOWN

    def unary(self, _op: str, _machine: MachineState) -> Value:
        """`-self`, `+self` and `~self`; *op* is the name of the class in `ast`."""
        return UNKNOWN

    def next(self, call: Invocation) -> Value:
        """`next(self)`, or `next(self, default)`; what it iterates over is known, but not how far it has come."""
        found = self.iterate(call.machine)
        if found is None:
            return UNKNOWN
        items, complete = found
        if items:
            return items[0]
        return call.args[1] if len(call.args) > 1 and complete else UNKNOWN

    def awaited(self, _machine: MachineState, _frame: Frame) -> Value:
        """`await self`."""
        return UNKNOWN

    # What statements do to it

    def set_attribute(self, name: str, value: Value, machine: MachineState) -> None:
        """`self.name = value`."""

    def delete_attribute(self, name: str, machine: MachineState) -> None:
        """`del self.name`."""

    def set_item(self, key: Value, value: Value, machine: MachineState) -> None:
        """`self[key] = value`."""

    def delete_item(self, key: Value, machine: MachineState) -> None:
        """`del self[key]`."""

    def set_part(self, _bounds: slice | None, _value: Value, _machine: MachineState) -> None:
        """`self[start:stop:step] = value`; the bounds are None where they are not known."""
        self.forget()

    def delete_part(self, _bounds: slice | None, _machine: MachineState) -> None:
        """`del self[start:stop:step]`."""
        self.forget()

    def in_place(self, _op: str, _other: Value, _machine: MachineState) -> Value:
        """What `self op= other` binds; MISSING where that is `self op other`."""
        return MISSING

    def around(self, block: Callable[[Value], Completion], _machine: MachineState, _frame: Frame) -> Completion:
        """`with self as entered`: *block* gets what is entered."""
        return block(UNKNOWN)

    # What it is

    def type_of(self) -> Value:
        """`type(self)`."""
        return UNKNOWN

    def is_a(self, builtin: BuiltinType) -> bool | None:
        """`isinstance(self, builtin)`; None when that is not known."""
        return None if self.type_name is None else builtin.name in {self.type_name, "object"}

    def is_of(self, _cls: ClassValue) -> bool | None:
        """`isinstance(self, cls)` for a class of the program; None when that is not known."""
        return False

    def has_instance(self, _value: Value) -> bool | None:
        """`isinstance(value, self)`; None when that is not known."""
        return None

    def has_subclass(self, _cls: ClassValue | BuiltinType) -> bool | None:
        """`issubclass(cls, self)`; None when that is not known."""
        return None

    def is_callable(self) -> bool | None:
        """`callable(self)`; None when that is not known."""
        return None

    def hashed(self, machine: MachineState) -> None:
        """It is looked up in a dict or set, or put there: `hash(self)`."""

    def names(self, _machine: MachineState, _frame: Frame) -> Value:
        """`dir(self)`."""
        return UNKNOWN

    def reflected(self, _op: str, _left: Value, _machine: MachineState) -> Value:
        """`left op self`, an operator or a comparison of which *left* knows nothing."""
        return UNKNOWN

    def repeated(self, _times: int) -> Value:
        """`self * times`."""
        return UNKNOWN

    def exception_names(self) -> tuple[str, ...]:
        """The names of its class and bases as an exception, most derived first; empty when not known."""
        return ()

    # What reading it from a class gives

    def bind(self, _receiver: Value, _cls: ClassValue, _machine: MachineState, _frame: Frame) -> Value:
        """Read through an object *receiver* of *cls*."""
        return self

    def bind_to_class(self, _cls: ClassValue) -> Value:
        """Read through the class itself."""
        return self

    def bind_to_super(self, _name: str, _receiver: Value) -> Value:
        """Read as *name* through `super()` in a method of *receiver*."""
        return self

    def unwrapped(self) -> Value:
        """The function below `staticmethod`, `classmethod` or `property`; itself otherwise."""
        return self

    # What the analysis asks

    def size(self) -> int:
        """What making or walking it costs, in items."""
        return 1

    def is_own(self) -> bool:
        """Whether the project's own code defines it."""
        return False

    def in_common(self, _other: Value) -> Value:
        """What is sure of an object that is this one or the *other*; MISSING where its kind says nothing of that."""
        return MISSING

    def forget(self) -> None:
        """Code that was not followed may have changed it: it may hold more than is known."""


class Unknown(Abstract):
    """The value of everything that cannot be worked out."""

    __slots__ = ()

    def truth(self, _machine: MachineState) -> bool | None:
        """Either."""
        return None

    def is_of(self, _cls: ClassValue) -> bool | None:
        """Either."""
        return None

    def __repr__(self) -> str:
        return "UNKNOWN"


class Missing(Abstract):
    """There is no such name or attribute."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "MISSING"


class Present(Abstract):
    """Something that is there, and true, but not known further."""

    __slots__ = ()

    def is_of(self, _cls: ClassValue) -> bool | None:
        """Either."""
        return None


UNKNOWN = Unknown()
MISSING = Missing()
PRESENT = Present()


class Invocation:
    """One call: positional and keyword values, and its place."""

    __slots__ = ("args", "complete", "frame", "keywords", "line", "machine")

    def __init__(  # noqa: PLR0917  on the hot path
        self,
        machine: MachineState,
        frame: Frame,
        args: list[Value],
        keywords: dict[str, Value],
        line: int,
        complete: bool,
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

    def first(self) -> Value:
        """The first argument; UNKNOWN if there is none."""
        return self.args[0] if self.args else UNKNOWN

    def after(self, *first: Value) -> Invocation:
        """The same call with *first* before its other arguments."""
        return Invocation(self.machine, self.frame, [*first, *self.args], self.keywords, self.line, self.complete)


class Raised(Exception):  # noqa: N818 - the event of the analysed program, not an error of ours
    """An exception of the analysed program: *names* are its class's and bases' names."""

    def __init__(self, names: tuple[str, ...], value: Value = UNKNOWN) -> None:
        self.names = names
        self.value = value
        self.place = ""  # where a module's body has failed
        self.proven = True  # it comes of no value that may have been worked out wrongly
        self.ends = False  # it surely ends the program: nobody catches it
        self.missing = ""  # the module that an import has not found
        self.given: tuple[Value, ...] | None = None  # to one that the interpreter raises itself, where they are known
        super().__init__(names[:1])

    @classmethod
    def of(cls, kind: type[BaseException], *args: Value) -> Raised:
        """One that the interpreter raises itself, with *args* as far as they are known."""
        made = cls(tuple(base.__name__ for base in kind.__mro__))
        made.given = args or None
        return made


class Suspended(Exception):  # noqa: N818 - it leaves a generator's body, nothing went wrong
    """A generator has reached the yield that `next` asked for."""

    def __init__(self, value: Value) -> None:
        self.value = value
        super().__init__()


class Exhausted(Exception):  # noqa: N818 - a bound was reached; caught by the machine, which reports a Stop
    """The walk of one call or body used its share of steps."""


def leaves(value: Value) -> Iterator[Value]:
    """What *value*, a tuple of tuples, holds in the end, in order; UNKNOWN last when that is more than MAX_NESTED."""
    pending = [value]
    for _ in range(MAX_NESTED):
        if not pending:
            return
        part = pending.pop()
        if type(part) is tuple:
            pending += part[::-1][:MAX_NESTED]
        elif not isinstance(part, tuple):  # what is left is `sys.version_info`
            yield part
    if pending:
        yield UNKNOWN


def is_constant(value: Value) -> bool:
    """Whether *value* is a Python constant, tuples of constants included: fit to be hashed and compared.

    Tuples that hold one another can stand for more values than there is memory, in a few lines of code; or be nested
    deeper than the interpreter compares.
    """
    if type(value) is not tuple:
        return not isinstance(value, Abstract)
    return all(isinstance(part, CONSTANTS) for part in leaves(value))


def is_key(value: Value) -> bool:
    """Whether *value* may be a key of a dict or set here: a constant, or something that is equal to itself alone."""
    if isinstance(value, Abstract):
        return value.by_identity
    return type(value) is not tuple or all(isinstance(one, CONSTANTS) or is_key(one) for one in leaves(value))


def key_of(value: Value, keys: Iterable[Value], machine: MachineState) -> Value:
    """The one of *keys* that *value* is equal to, else *value* itself; MISSING where that is not known."""
    if isinstance(value, Abstract):
        value.hashed(machine)
    if is_key(value):
        return value
    if not isinstance(value, Abstract) or not value.by_value:
        return MISSING
    for one in keys:
        if isinstance(one, Abstract) and one.by_value:
            equal = True if one is value else truth(machine.compare(one, "Eq", value), machine)
            if equal is not False:
                return one if equal else MISSING
    return value


def is_small(value: Value) -> bool:
    """Whether a number that was worked out is one to go on with."""
    return not isinstance(value, int) or value.bit_length() <= MAX_BITS


def same(left: Value, right: Value) -> bool | None:
    """`left is right`; None when that is not known."""
    if isinstance(left, Unknown) or isinstance(right, Unknown):
        return None
    if isinstance(left, bool | None) or isinstance(right, bool | None):
        return left is right
    if is_constant(left) and is_constant(right):
        return bool(left == right) if type(left) is type(right) else False
    return left is right


def truth(value: Value, machine: MachineState) -> bool | None:
    """Whether *value* is true; None if that is not known."""
    return value.truth(machine) if isinstance(value, Abstract) else bool(value)


def size_of(value: Value) -> int:
    """What making or walking *value* costs, in items; a few dozen characters are one."""
    if isinstance(value, Abstract):
        return value.size()
    if isinstance(value, str | bytes):
        return len(value) >> 5
    return len(value) if isinstance(value, tuple) else 1


def holds(items: Sequence[Value], wanted: Value) -> bool | None:
    """Whether *wanted* is among *items*; None when that is not known."""
    answers = [same(one, wanted) if not is_constant(one) else is_constant(wanted) and one == wanted for one in items]
    if True in answers:
        return True
    return None if None in answers else False


def index_of(items: list[Value], wanted: Value) -> Value:
    """The place of *wanted* among *items*, where all of them are constants."""
    known = is_constant(wanted) and all(map(is_constant, items))
    return items.index(wanted) if known and wanted in items else UNKNOWN
