"""Syntax tree to Program: keeps what a start needs. Pure: a tree in, values out.

The body of a function stays text until somebody asks for its statements: most functions are never called by a start.
Only where it may hold an import or a `yield` is it looked into at once, for what the Program says of the whole.
"""

import ast
import contextlib
import re
from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from importguard.source import program as ir
from importguard.source.case_patterns import lower_pattern
from importguard.source.expression_lowering import ExpressionLowering, handlers
from importguard.target.newer_nodes import TypeAlias

_PLAIN = frozenset({"bool", "bytes", "dict", "float", "int", "list", "object", "set", "str", "tuple", "type"})
_TELLING = re.compile("import|yield|require_warmed|codecs.lookup")  # without these words a body changes no flag


def lower_file(tree: ast.Module, text: str, lazy_lines: frozenset[int], size: int) -> ir.Program:
    """The Program of a file of *size* bytes: its *tree* and the *text* of that. Raises SyntaxError.

    *lazy_lines*: those from which a PEP 810 `lazy` was taken off.
    """
    made = _Lowering(text.split("\n"), lazy_lines).program(tree, size)
    return msgspec.structs.replace(made, names_threads=may_say(text, "Thread"))


def may_say(text: str, *words: str) -> bool:
    """Whether one of *words* may stand in the code *text*; names beyond ASCII have several spellings."""
    return not text.isascii() or any(word in text for word in words)


def lower_body(body: ir.Body, tree: ast.Module) -> tuple[tuple[ir.Statement, ...], int]:
    """The statements of *body*, and of how many nodes they are made. *tree* is its text under the line of a `def`."""
    lowering = _Lowering(body.text.split("\n"), frozenset())
    return lowering.statements_of(body, tree), lowering.nodes


def lower_signature(signature: ir.Signature, tree: ast.Module) -> tuple[tuple[tuple[str, ir.Expression], ...], int]:
    """The annotations of *signature*, and of how many nodes they are made. *tree* is its text with a body."""
    lowering = _Lowering(signature.text.split("\n"), frozenset())
    return lowering.notes_of(signature, tree), lowering.nodes


def _notes(node: ast.FunctionDef | ast.AsyncFunctionDef) -> list[tuple[str, ast.expr]]:
    """The annotations of the parameters and of what is returned, each with its name."""
    arguments = node.args
    every = [*arguments.posonlyargs, *arguments.args, arguments.vararg, *arguments.kwonlyargs, arguments.kwarg]
    found = [(one.arg, one.annotation) for one in every if one is not None] + [("return", node.returns)]
    return [(name, note) for name, note in found if note is not None]


class _Lowering(ExpressionLowering):
    """Turns one `ast` tree into a Program, or a function's body into its statements."""

    def __init__(self, lines: list[str], lazy_lines: frozenset[int]) -> None:
        super().__init__()
        self.lines = lines
        self.lazy_lines = lazy_lines
        self.first_line = 1  # the number of the first of `lines` in the file
        self.future_annotations = False
        self.is_local = False  # annotations belong to a function's own names
        self.eager_only = ""  # the construct around the statement in which PEP 810 allows no `lazy`
        self.never_lazy = False  # and in which `__lazy_modules__` and the mode "all" have no effect
        self.only_flags = False  # what is made of the tree is for nobody to keep

    def program(self, tree: ast.Module, size: int) -> ir.Program:
        self.future_annotations = any(
            isinstance(node, ast.ImportFrom)
            and node.module == "__future__"
            and any(alias.name == "annotations" for alias in node.names)
            for node in tree.body
        )
        body = self.block(tree.body)
        told = tuple(sorted(self.told))
        return ir.Program(body, size, self.future_annotations, self.imports_in_functions, told=told, nodes=self.nodes)

    def statements_of(self, body: ir.Body, tree: ast.Module) -> tuple[ir.Statement, ...]:
        self.first_line = body.line
        self.above = body.line - 2  # the first line of the tree is a `def` that we have put there
        self.future_annotations = body.future_annotations
        self.function_depth = 1
        self.is_local = True
        with self._inside("a function"):
            return self.block(tree.body[0].body)  # type: ignore[attr-defined]  # it is that `def`

    def block(self, nodes: list[ast.stmt]) -> tuple[ir.Statement, ...]:
        lowered = []
        self.nodes += len(nodes)
        for node in nodes:
            handler = _STATEMENTS.get(type(node))
            statement = handler(self, node) if handler is not None else None
            if statement is not None:
                lowered.append(statement)
        return tuple(lowered)

    def stmt_Import(self, node: ast.Import) -> ir.Statement:
        self.imports_in_functions |= self.function_depth > 0
        self.nodes += len(node.names)
        names = tuple([ir.Alias(alias.name, alias.asname) for alias in node.names])
        return ir.Import(names, self.line(node), self._lazy(node), self.never_lazy)

    def stmt_ImportFrom(self, node: ast.ImportFrom) -> ir.Statement:
        self.imports_in_functions |= self.function_depth > 0
        self.nodes += len(node.names)
        names = tuple([ir.Alias(alias.name, alias.asname) for alias in node.names])
        return ir.ImportFrom(node.module, names, node.level, self.line(node), self._lazy(node), self.never_lazy)

    def _lazy(self, node: ast.Import | ast.ImportFrom) -> bool:
        if node.lineno not in self.lazy_lines and not getattr(node, "is_lazy", False):
            return False
        star = any(alias.name == "*" for alias in node.names) and "an import of *"
        future = isinstance(node, ast.ImportFrom) and node.module == "__future__" and "a __future__ import"
        if refusing := self.eager_only or star or future:
            raise SyntaxError(f"`lazy` is not allowed in {refusing}", ("", node.lineno, 0, ""))
        return True

    @contextlib.contextmanager
    def _inside(self, construct: str, *, never_lazy: bool = True) -> Iterator[None]:
        outer = self.eager_only, self.never_lazy
        self.eager_only, self.never_lazy = construct, never_lazy or self.never_lazy
        yield
        self.eager_only, self.never_lazy = outer

    def stmt_Assign(self, node: ast.Assign) -> ir.Statement:
        return ir.Assign(self.exprs(node.targets), self.expr(node.value), self.line(node))

    def stmt_TypeAlias(self, node: Any) -> ir.Statement:
        # Of Python 3.12; its value is evaluated on demand only.
        names = tuple(one.name for one in node.type_params)
        made = ir.Call(ir.Name(ir.TYPE_ALIAS), (self._on_demand(node.value, names),), (), self.line(node))
        return ir.Assign((self.expr(node.name),), made, self.line(node))

    def _on_demand(self, node: ast.expr | None, names: tuple[str, ...]) -> ir.Expression:
        """A function of the type parameters *names* that gives the value of *node*; None without one."""
        if node is None:
            return ir.Constant(None)
        return ir.Lambda(ir.Parameters(names, (), None, (), (), None), self.expr(node))

    def _type_parameters(self, node: ast.ClassDef) -> tuple[ir.Statement, ...]:
        """A class with type parameters, of Python 3.12, knows them; `typing` makes its base."""
        brackets = self._brackets(node)
        if not brackets:
            return ()
        made = ir.Call(ir.Name(ir.TYPE_PARAMETERS), brackets, (), self.line(node))
        return (ir.Assign((ir.Name("__type_params__"),), made, self.line(node)),)

    def _brackets(self, node: ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) -> tuple[ir.Expression, ...]:
        """Of each type parameter what gives its bound, its constraints and its default."""
        params = getattr(node, "type_params", ())
        names = tuple(one.name for one in params)
        made: list[ir.Expression] = []
        for one in params:
            bound = getattr(one, "bound", None)
            several = isinstance(bound, ast.Tuple)
            parts = None if several else bound, bound if several else None, getattr(one, "default_value", None)
            made += [self._on_demand(part, names) for part in parts]
        return tuple(made)

    def stmt_AnnAssign(self, node: ast.AnnAssign) -> ir.Statement:
        # Annotations of locals never run; those of a module or a class do, unless postponed.
        annotation = None if self.is_local else self.expr(node.annotation)
        target, value = (self.expr(node.target),), self.maybe(node.value)
        return ir.Assign(target, value, self.line(node), annotation, self.future_annotations)

    def stmt_AugAssign(self, node: ast.AugAssign) -> ir.Statement:
        return ir.AugAssign(self.expr(node.target), type(node.op).__name__, self.expr(node.value), self.line(node))

    def stmt_Expr(self, node: ast.Expr) -> ir.Statement | None:
        return None if isinstance(node.value, ast.Constant) else ir.Evaluate(self.expr(node.value), self.line(node))

    def stmt_If(self, node: ast.If) -> ir.Statement:
        return ir.If(self.expr(node.test), self.block(node.body), self.block(node.orelse), self.line(node))

    def stmt_For(self, node: ast.For) -> ir.Statement:
        body, orelse = self.block(node.body), self.block(node.orelse)
        return ir.For(self.expr(node.target), self.expr(node.iter), body, orelse, self.line(node))

    stmt_AsyncFor = stmt_For

    def stmt_While(self, node: ast.While) -> ir.Statement:
        return ir.While(self.expr(node.test), self.block(node.body), self.block(node.orelse), self.line(node))

    def stmt_Try(self, node: ast.Try) -> ir.Statement:
        with self._inside("a `try`"):
            handlers = tuple(
                ir.Handler(self.maybe(handler.type), handler.name, self.block(handler.body))
                for handler in node.handlers
            )
            body = self.block(node.body)
        with self._inside("a `try`", never_lazy=False):
            orelse, finalbody = self.block(node.orelse), self.block(node.finalbody)
        return ir.Try(body, handlers, orelse, finalbody, self.line(node), type(node).__name__ == "TryStar")

    stmt_TryStar = stmt_Try

    def stmt_With(self, node: ast.With) -> ir.Statement:
        items = tuple(ir.WithItem(self.expr(item.context_expr), self.maybe(item.optional_vars)) for item in node.items)
        return ir.With(items, self.block(node.body), self.line(node))

    stmt_AsyncWith = stmt_With

    def stmt_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> ir.Statement:
        decorators = self.exprs(node.decorator_list)
        parameters = self.parameters(node.args)
        annotations = () if self.future_annotations else self._annotations(node)
        outer_yields, self.yields = self.yields, False
        outer_local, self.is_local = self.is_local, True
        self.function_depth += 1
        with self._inside("a function"):
            body = self._body(node)
        self.function_depth -= 1
        self.is_local = outer_local
        is_generator, self.yields = self.yields, outer_yields
        is_async = isinstance(node, ast.AsyncFunctionDef)
        line, signature = self.line(node), self._signature(node)
        return ir.FunctionDef(
            node.name, parameters, body, decorators, annotations, is_async, is_generator, line, signature
        )

    stmt_AsyncFunctionDef = stmt_FunctionDef

    def _body(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> ir.Body:
        first, end = node.body[0], node.end_lineno
        decorators = getattr(first, "decorator_list", None)
        start = decorators[0] if decorators else first
        place = self.line(start)
        if self.only_flags:
            self.block(node.body)
            return ir.Body("", place, self.future_annotations)
        if end is None or self.lines[place - self.first_line][: start.col_offset].strip() not in {"", "@"}:
            # A tree from another parser has no such places; and a body may start on the signature's last line.
            return ir.Body("", place, self.future_annotations, self.block(node.body))
        text = "\n".join(self.lines[place - self.first_line : end + self.above - self.first_line + 1])
        if _TELLING.search(text):
            self.only_flags = True
            self.block(node.body)
            self.only_flags = False
        return ir.Body(text, place, self.future_annotations)

    def _annotations(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> tuple[ir.Expression, ...]:
        """Those that may touch an attribute or call something: a bare name or constant has no effect."""
        return tuple(
            self.expr(annotation)
            for _, annotation in _notes(node)
            if not isinstance(annotation, ast.Name | ast.Constant)
        )

    def _signature(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> ir.Signature | None:
        """None where no annotation names anything but what the interpreter provides, and no decorator may read it."""
        notes, brackets = _notes(node), self._brackets(node)
        plain = all(isinstance(note, ast.Name) and note.id in _PLAIN for _, note in notes)
        if self.only_flags or (not brackets and (not notes or (plain and not node.decorator_list))):
            return None
        first, place, postponed = node.body[0], self.line(node), self.future_annotations
        decorators = getattr(first, "decorator_list", None)
        start = decorators[0] if decorators else first
        end = self.line(start) - self.first_line
        if node.end_lineno is None or self.lines[end][: start.col_offset].strip() not in {"", "@"}:  # as in `_body`
            return ir.Signature("", place, postponed, tuple((name, self.expr(note)) for name, note in notes), brackets)
        return ir.Signature("\n".join(self.lines[place - self.first_line : end]), place, postponed, None, brackets)

    def notes_of(self, signature: ir.Signature, tree: ast.Module) -> tuple[tuple[str, ir.Expression], ...]:
        self.above = signature.line - 1
        return tuple((name, self.expr(note)) for name, note in _notes(tree.body[0]))  # type: ignore[arg-type]  # a `def`

    def stmt_ClassDef(self, node: ast.ClassDef) -> ir.Statement:
        decorators, bases = self.exprs(node.decorator_list), self.exprs(node.bases)
        outer_local, self.is_local = self.is_local, False
        with self._inside("a class"):
            body = (*self._type_parameters(node), *self.block(node.body))
        self.is_local = outer_local
        return ir.ClassDef(node.name, bases, self.keywords(node.keywords), body, decorators, self.line(node))

    def stmt_Return(self, node: ast.Return) -> ir.Statement:
        return ir.Return(self.maybe(node.value), self.line(node))

    def stmt_Raise(self, node: ast.Raise) -> ir.Statement:
        return ir.Raise(self.maybe(node.exc), self.line(node), self.maybe(node.cause))

    def stmt_Delete(self, node: ast.Delete) -> ir.Statement:
        return ir.Delete(self.exprs(node.targets), self.line(node))

    def stmt_Global(self, node: ast.Global) -> ir.Statement:
        return ir.Scope(tuple(node.names), is_global=True)

    def stmt_Nonlocal(self, node: ast.Nonlocal) -> ir.Statement:
        return ir.Scope(tuple(node.names), is_global=False)

    def stmt_Break(self, _: ast.Break) -> ir.Statement:
        return ir.Break()

    def stmt_Continue(self, _: ast.Continue) -> ir.Statement:
        return ir.Continue()

    def stmt_Assert(self, node: ast.Assert) -> ir.Statement:
        kind: ir.Expression = ir.Name("AssertionError")
        if node.msg is not None:
            kind = ir.Call(kind, (self.expr(node.msg),), (), self.line(node))
        failed = ir.Raise(kind, self.line(node))
        return ir.If(ir.UnaryOp("Not", self.expr(node.test)), (failed,), (), self.line(node))

    def stmt_Match(self, node: ast.Match) -> ir.Statement:
        return ir.Match(self.expr(node.subject), tuple(self._case(case) for case in node.cases), self.line(node))

    def _case(self, case: ast.match_case) -> ir.Case:
        return ir.Case(lower_pattern(case.pattern, self.expr), self.maybe(case.guard), self.block(case.body))


_STATEMENTS: dict[type, Callable[..., ir.Statement | None]] = {
    TypeAlias: _Lowering.stmt_TypeAlias,
    **handlers(_Lowering, "stmt_"),
}
