"""Expressions of a syntax tree as those of a Program. Pure: nodes in, values out."""

import ast
from collections.abc import Callable
from typing import Any

from importguard.source import program as ir

MAX_DEPTH = 10_000  # of expressions inside one another: what no Python compiles
_IMPORTING_CALLS = frozenset({"import_module", "__import__", "_require_warmed", "require_warmed"})


def handlers(cls: type, prefix: str) -> dict[type, Callable[..., Any]]:
    """The methods of *cls* for the kinds of nodes that this Python has."""
    named = {name.removeprefix(prefix): method for name, method in vars(cls).items() if name.startswith(prefix)}
    return {getattr(ast, name): method for name, method in named.items() if hasattr(ast, name)}


class ExpressionLowering:
    """Turns `ast` expressions into those of a Program, and notes what calls in them say of the file."""

    def __init__(self) -> None:
        self.above = 0  # the lines of the file that stand above the tree
        self.nodes = 0  # that have been made
        self.imports_in_functions = False
        self.told: set[str] = set()
        self.function_depth = 0
        self.depth = 0  # of expressions
        self.yields = False

    def line(self, node: ast.stmt | ast.expr) -> int:
        """Of the file, the one that *node* begins in."""
        return node.lineno + self.above

    def expr(self, node: ast.expr | None) -> ir.Expression:
        if node is None:
            return ir.Constant(None)
        self.nodes += 1
        if self.depth >= MAX_DEPTH:
            raise RecursionError
        if type(node) is ast.Name:  # the most frequent one
            return ir.Name(node.id)
        self.depth += 1
        handler = _EXPRESSIONS.get(type(node))
        if handler is not None:
            made = handler(self, node)
        else:
            made = ir.Opaque(
                tuple(self.expr(part) for part in ast.iter_child_nodes(node) if isinstance(part, ast.expr))
            )
        self.depth -= 1
        return made

    def maybe(self, node: ast.expr | None) -> ir.Expression | None:
        return None if node is None else self.expr(node)

    def exprs(self, nodes: list[ast.expr]) -> tuple[ir.Expression, ...]:
        return tuple([self.expr(node) for node in nodes])

    def expr_Constant(self, node: ast.Constant) -> ir.Expression:
        value = node.value
        if isinstance(value, str):
            if not value.isascii() and any("\ud800" <= char <= "\udfff" for char in value):
                return ir.Opaque()  # a lone surrogate does not serialise
        elif isinstance(value, int):
            if not -(2**63) <= value < 2**63:
                return ir.Opaque()
        elif isinstance(value, bytes):
            return ir.Bytes(value)
        elif value is not None and not isinstance(value, float):
            return ir.Opaque()
        return ir.Constant(value)

    def expr_Name(self, node: ast.Name) -> ir.Expression:
        return ir.Name(node.id)

    def expr_Attribute(self, node: ast.Attribute) -> ir.Expression:
        return ir.Attribute(self.expr(node.value), node.attr, self.line(node))

    def expr_Subscript(self, node: ast.Subscript) -> ir.Expression:
        return ir.Subscript(self.expr(node.value), self.expr(node.slice))

    def expr_Slice(self, node: ast.Slice) -> ir.Expression:
        return ir.Slice(self.maybe(node.lower), self.maybe(node.upper), self.maybe(node.step))

    def keywords(self, nodes: list[ast.keyword]) -> tuple[ir.Keyword, ...]:
        return tuple([ir.Keyword(node.arg, self.expr(node.value)) for node in nodes])

    def expr_Call(self, node: ast.Call) -> ir.Expression:
        called = node.func
        name = called.id if isinstance(called, ast.Name) else getattr(called, "attr", "")
        looks_up = name == "lookup" and getattr(getattr(called, "value", None), "id", "") == "codecs"
        self.imports_in_functions |= self.function_depth > 0 and (looks_up or name in _IMPORTING_CALLS)
        if node.args and isinstance(node.args[0], ast.Constant) and isinstance(node.args[0].value, str):
            self.told.add(name)
        return ir.Call(self.expr(called), self.exprs(node.args), self.keywords(node.keywords), self.line(node))

    def expr_BinOp(self, node: ast.BinOp) -> ir.Expression:
        return ir.BinOp(self.expr(node.left), type(node.op).__name__, self.expr(node.right))

    def expr_UnaryOp(self, node: ast.UnaryOp) -> ir.Expression:
        return ir.UnaryOp(type(node.op).__name__, self.expr(node.operand))

    def expr_BoolOp(self, node: ast.BoolOp) -> ir.Expression:
        return ir.BoolOp(type(node.op).__name__, self.exprs(node.values))

    def expr_Compare(self, node: ast.Compare) -> ir.Expression:
        return ir.Compare(
            self.expr(node.left), tuple(type(op).__name__ for op in node.ops), self.exprs(node.comparators)
        )

    def expr_IfExp(self, node: ast.IfExp) -> ir.Expression:
        return ir.IfExp(self.expr(node.test), self.expr(node.body), self.expr(node.orelse))

    def expr_List(self, node: ast.List) -> ir.Expression:
        return ir.Display("list", self.exprs(node.elts))

    def expr_Tuple(self, node: ast.Tuple) -> ir.Expression:
        return ir.Display("tuple", self.exprs(node.elts))

    def expr_Set(self, node: ast.Set) -> ir.Expression:
        return ir.Display("set", self.exprs(node.elts))

    def expr_Dict(self, node: ast.Dict) -> ir.Expression:
        return ir.Dict(tuple(self.maybe(key) for key in node.keys), self.exprs(node.values))

    def expr_Starred(self, node: ast.Starred) -> ir.Expression:
        return ir.Starred(self.expr(node.value))

    def expr_JoinedStr(self, node: ast.JoinedStr) -> ir.Expression:
        return ir.JoinedStr(self.exprs(node.values))

    def expr_FormattedValue(self, node: ast.FormattedValue) -> ir.Expression:
        conversion = "" if node.conversion == -1 else chr(node.conversion)
        return ir.FormattedValue(self.expr(node.value), conversion, self.maybe(node.format_spec))

    def _comprehension(
        self, kind: str, elt: ast.expr, value: ast.expr | None, generators: list[ast.comprehension]
    ) -> ir.Expression:
        parts = tuple(
            ir.Generator(self.expr(part.target), self.expr(part.iter), self.exprs(part.ifs)) for part in generators
        )
        return ir.Comprehension(kind, self.expr(elt), self.maybe(value), parts)

    def expr_ListComp(self, node: ast.ListComp) -> ir.Expression:
        return self._comprehension("list", node.elt, None, node.generators)

    def expr_SetComp(self, node: ast.SetComp) -> ir.Expression:
        return self._comprehension("set", node.elt, None, node.generators)

    def expr_GeneratorExp(self, node: ast.GeneratorExp) -> ir.Expression:
        return self._comprehension("generator", node.elt, None, node.generators)

    def expr_DictComp(self, node: ast.DictComp) -> ir.Expression:
        return self._comprehension("dict", node.key, node.value, node.generators)

    def expr_NamedExpr(self, node: ast.NamedExpr) -> ir.Expression:
        return ir.NamedExpr(self.expr(node.target), self.expr(node.value))

    def expr_Yield(self, node: ast.Yield) -> ir.Expression:
        self.yields = True
        return ir.Yield(self.maybe(node.value), delegate=False)

    def expr_Await(self, node: ast.Await) -> ir.Expression:
        return ir.Await(self.expr(node.value))

    def expr_YieldFrom(self, node: ast.YieldFrom) -> ir.Expression:
        self.yields = True
        return ir.Yield(self.expr(node.value), delegate=True)

    def expr_Lambda(self, node: ast.Lambda) -> ir.Expression:
        self.function_depth += 1
        body = self.expr(node.body)
        self.function_depth -= 1
        return ir.Lambda(self.parameters(node.args), body)

    def parameters(self, arguments: ast.arguments) -> ir.Parameters:
        self.nodes += len(arguments.args) + len(arguments.posonlyargs) + len(arguments.kwonlyargs)
        return ir.Parameters(
            tuple(argument.arg for argument in (*arguments.posonlyargs, *arguments.args)),
            self.exprs(arguments.defaults),
            arguments.vararg.arg if arguments.vararg else None,
            tuple(argument.arg for argument in arguments.kwonlyargs),
            tuple(self.maybe(default) for default in arguments.kw_defaults),
            arguments.kwarg.arg if arguments.kwarg else None,
        )


_EXPRESSIONS: dict[type, Callable[..., ir.Expression]] = handlers(ExpressionLowering, "expr_")
