"""The Program of one source file: its syntax as small serialisable values. Values only.

Names and fields follow `ast`, less what a start never needs: columns, docstrings, comments, type comments.
"""

from __future__ import annotations

import msgspec


class Node(msgspec.Struct, frozen=True, array_like=True, tag=True, gc=False):
    """Base of every syntax node."""


class Constant(Node, frozen=True):
    """A literal that serialises; `...` and complex numbers become Opaque."""

    value: bool | int | float | str | None


class Bytes(Node, frozen=True):
    """A literal of bytes."""

    value: bytes


class Opaque(Node, frozen=True):
    """An expression whose value is never known; its parts still run."""

    parts: tuple[Expression, ...] = ()


class Name(Node, frozen=True):
    """A variable."""

    id: str


class Attribute(Node, frozen=True):
    """`value.attr`."""

    value: Expression
    attr: str
    line: int


class Subscript(Node, frozen=True):
    """`value[slice]`."""

    value: Expression
    slice: Expression


class Slice(Node, frozen=True):
    """`lower:upper:step`."""

    lower: Expression | None
    upper: Expression | None
    step: Expression | None


class Keyword(Node, frozen=True):
    """`arg=value`, or `**value` when arg is None."""

    arg: str | None
    value: Expression


class Call(Node, frozen=True):
    """`func(*args, **keywords)`."""

    func: Expression
    args: tuple[Expression, ...]
    keywords: tuple[Keyword, ...]
    line: int


class BinOp(Node, frozen=True):
    """`left op right`; op is the ast class name."""

    left: Expression
    op: str
    right: Expression


class UnaryOp(Node, frozen=True):
    """`op operand`."""

    op: str
    operand: Expression


class BoolOp(Node, frozen=True):
    """`and` / `or` over values."""

    op: str
    values: tuple[Expression, ...]


class Compare(Node, frozen=True):
    """A chain of comparisons."""

    left: Expression
    ops: tuple[str, ...]
    comparators: tuple[Expression, ...]


class IfExp(Node, frozen=True):
    """`body if test else orelse`."""

    test: Expression
    body: Expression
    orelse: Expression


class Display(Node, frozen=True):
    """A list, tuple or set display: kind is "list", "tuple" or "set"."""

    kind: str
    elts: tuple[Expression, ...]


class Dict(Node, frozen=True):
    """A dict display; a None key unpacks its value."""

    keys: tuple[Expression | None, ...]
    values: tuple[Expression, ...]


class Starred(Node, frozen=True):
    """`*value`."""

    value: Expression


class JoinedStr(Node, frozen=True):
    """An f-string."""

    values: tuple[Expression, ...]


class FormattedValue(Node, frozen=True):
    """One `{value!conversion:format}`."""

    value: Expression
    conversion: str = ""
    format: Expression | None = None


class Generator(Node, frozen=True):
    """One `for target in iter if ...` of a comprehension."""

    target: Expression
    iter: Expression
    ifs: tuple[Expression, ...]


class Comprehension(Node, frozen=True):
    """kind: "list", "set", "dict" or "generator"; `value` only for dicts."""

    kind: str
    elt: Expression
    value: Expression | None
    generators: tuple[Generator, ...]


class NamedExpr(Node, frozen=True):
    """`target := value`."""

    target: Expression
    value: Expression


class Yield(Node, frozen=True):
    """`yield value` or `yield from value`."""

    value: Expression | None
    delegate: bool


class Await(Node, frozen=True):
    """`await value`."""

    value: Expression


# What a `type` statement and the brackets of a class or a function call: no name of a program's own.
TYPE_ALIAS, TYPE_PARAMETERS, FUNCTION_PARAMETERS = "\0type_alias", "\0type_parameters", "\0function_parameters"


class Parameters(Node, frozen=True):
    """A function's parameters; `defaults` belong to the last of `positional`, `kw_defaults` to `keyword_only`."""

    positional: tuple[str, ...]
    defaults: tuple[Expression, ...]
    vararg: str | None
    keyword_only: tuple[str, ...]
    kw_defaults: tuple[Expression | None, ...]
    kwarg: str | None


class Lambda(Node, frozen=True):
    """`lambda parameters: body`."""

    parameters: Parameters
    body: Expression


class Alias(Node, frozen=True):
    """`name as asname`."""

    name: str
    asname: str | None


class Import(Node, frozen=True):
    """`import names`; lazy as in PEP 810. `eager`: it is where no list and no mode makes it so."""

    names: tuple[Alias, ...]
    line: int
    lazy: bool = False
    eager: bool = False


class ImportFrom(Node, frozen=True):
    """`from ...module import names`."""

    module: str | None
    names: tuple[Alias, ...]
    level: int
    line: int
    lazy: bool = False
    eager: bool = False


class Assign(Node, frozen=True):
    """`targets = value`; an annotated assignment carries its annotation. `postponed`: that is a text (PEP 563)."""

    targets: tuple[Expression, ...]
    value: Expression | None
    line: int
    annotation: Expression | None = None
    postponed: bool = False


class AugAssign(Node, frozen=True):
    """`target op= value`."""

    target: Expression
    op: str
    value: Expression
    line: int


class Evaluate(Node, frozen=True):
    """An expression statement."""

    value: Expression
    line: int


class If(Node, frozen=True):
    """`if test`."""

    test: Expression
    body: tuple[Statement, ...]
    orelse: tuple[Statement, ...]
    line: int


class For(Node, frozen=True):
    """`for target in iter`."""

    target: Expression
    iter: Expression
    body: tuple[Statement, ...]
    orelse: tuple[Statement, ...]
    line: int


class While(Node, frozen=True):
    """`while test`."""

    test: Expression
    body: tuple[Statement, ...]
    orelse: tuple[Statement, ...]
    line: int


class Handler(Node, frozen=True):
    """`except caught as name`."""

    caught: Expression | None
    name: str | None
    body: tuple[Statement, ...]


class Try(Node, frozen=True):
    """`try`."""

    body: tuple[Statement, ...]
    handlers: tuple[Handler, ...]
    orelse: tuple[Statement, ...]
    finalbody: tuple[Statement, ...]
    line: int
    is_star: bool = False


class WithItem(Node, frozen=True):
    """`context as target`."""

    context: Expression
    target: Expression | None


class With(Node, frozen=True):
    """`with items`."""

    items: tuple[WithItem, ...]
    body: tuple[Statement, ...]
    line: int


class Body(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What a function runs: the text of its lines, the first of them *line*, or its statements where that is short."""

    text: str
    line: int
    future_annotations: bool
    statements: tuple[Statement, ...] | None = None


class Signature(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The annotations of a function: the text of its signature, the first line *line*, or the annotations themselves.

    `postponed`: they are texts (PEP 563). `brackets`: of each type parameter what gives bound, constraints and default.
    """

    text: str
    line: int
    postponed: bool
    notes: tuple[tuple[str, Expression], ...] | None = None
    brackets: tuple[Expression, ...] = ()


class FunctionDef(Node, frozen=True):
    """A function; `annotations` are those that run at definition up to Python 3.13, `signature` has all of them."""

    name: str
    parameters: Parameters
    body: Body
    decorators: tuple[Expression, ...]
    annotations: tuple[Expression, ...]
    is_async: bool
    is_generator: bool
    line: int
    signature: Signature | None = None


class ClassDef(Node, frozen=True):
    """A class."""

    name: str
    bases: tuple[Expression, ...]
    keywords: tuple[Keyword, ...]
    body: tuple[Statement, ...]
    decorators: tuple[Expression, ...]
    line: int


class Return(Node, frozen=True):
    """`return value`."""

    value: Expression | None
    line: int


class Raise(Node, frozen=True):
    """`raise exc from cause`."""

    exc: Expression | None
    line: int
    cause: Expression | None = None


class Delete(Node, frozen=True):
    """`del targets`."""

    targets: tuple[Expression, ...]
    line: int


class Scope(Node, frozen=True):
    """`global names` or `nonlocal names`."""

    names: tuple[str, ...]
    is_global: bool


class Break(Node, frozen=True):
    """`break`."""


class Continue(Node, frozen=True):
    """`continue`."""


class ValuePattern(Node, frozen=True):
    """`case 1`, `case os.F_OK`; `identical` for None, True and False."""

    value: Expression
    identical: bool


class SequencePattern(Node, frozen=True):
    """`case [first, *rest]`."""

    patterns: tuple[Pattern, ...]


class StarPattern(Node, frozen=True):
    """`*rest` of a sequence."""

    name: str | None


class MappingPattern(Node, frozen=True):
    """`case {key: pattern, **rest}`."""

    keys: tuple[Expression, ...]
    patterns: tuple[Pattern, ...]
    rest: str | None


class ClassPattern(Node, frozen=True):
    """`case cls(pattern, name=pattern)`; the last patterns are those of *names*."""

    cls: Expression
    patterns: tuple[Pattern, ...]
    names: tuple[str, ...]


class AsPattern(Node, frozen=True):
    """`case pattern as name`, `case name`, `case _`."""

    pattern: Pattern | None
    name: str | None


class OrPattern(Node, frozen=True):
    """`case one | other`."""

    patterns: tuple[Pattern, ...]


class Case(Node, frozen=True):
    """`case pattern if guard`."""

    pattern: Pattern
    guard: Expression | None
    body: tuple[Statement, ...]


class Match(Node, frozen=True):
    """`match subject`."""

    subject: Expression
    cases: tuple[Case, ...]
    line: int


Expression = (
    Constant
    | Bytes
    | Opaque
    | Name
    | Attribute
    | Subscript
    | Slice
    | Call
    | BinOp
    | UnaryOp
    | BoolOp
    | Compare
    | IfExp
    | Display
    | Dict
    | Starred
    | JoinedStr
    | FormattedValue
    | Comprehension
    | NamedExpr
    | Yield
    | Await
    | Lambda
)
Pattern = ValuePattern | SequencePattern | StarPattern | MappingPattern | ClassPattern | AsPattern | OrPattern
Statement = (
    Import
    | ImportFrom
    | Assign
    | AugAssign
    | Evaluate
    | If
    | For
    | While
    | Try
    | With
    | FunctionDef
    | ClassDef
    | Return
    | Raise
    | Delete
    | Scope
    | Break
    | Continue
    | Match
)


class Program(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One file. `future_annotations`: annotations do not run. `imports_in_functions`: some call may import.

    `names_threads`: it may say `Thread`. `told`: the names of what is called with a literal text first; functions whose
    bodies stay text are left out. `nodes`: of how many it is made, with those of functions that were looked into.
    """

    body: tuple[Statement, ...]
    size: int
    future_annotations: bool = False
    imports_in_functions: bool = False
    names_threads: bool = True
    told: tuple[str, ...] = ()
    nodes: int = 0
