"""What reaches names by way of their function or their file: `locals()`, and examples that doctest runs. Pure."""

from __future__ import annotations

import ast
import doctest
from collections.abc import Iterator
from typing import NamedTuple, TypeGuard

Function = ast.FunctionDef | ast.AsyncFunctionDef
_READ_LOCALS = frozenset({"locals", "vars", "dir"})  # without an argument
_CLASS = -1  # the body of a class has names of its own
_WITH_DOCSTRING = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


class Example(NamedTuple):
    """Names that the examples of one docstring take from its file, and the line of that docstring."""

    line: int
    names: frozenset[str]


def readers_of_locals(tree: ast.Module) -> dict[int, ast.Call]:
    """The first call in each function that gives all its names, by the line of its `def`; 0: at module level."""
    found: dict[int, ast.Call] = {}
    pending: list[tuple[ast.AST, int]] = [(tree, 0)]
    while pending:
        node, line = pending.pop()
        if _reads_locals(node):
            found.setdefault(line, node)
        inner = node.lineno if isinstance(node, Function) else _CLASS if isinstance(node, ast.ClassDef) else line
        pending += [(one, inner) for one in reversed(list(ast.iter_child_nodes(node)))]
    return found


def _reads_locals(node: ast.AST) -> TypeGuard[ast.Call]:
    if not isinstance(node, ast.Call) or node.args or node.keywords:
        return False
    return isinstance(node.func, ast.Name) and node.func.id in _READ_LOCALS


def examples_of(tree: ast.Module) -> tuple[Example, ...]:
    """Those of the docstrings, in the order of the text."""
    nodes = (node for node in ast.walk(tree) if isinstance(node, _WITH_DOCSTRING) and node.body)
    found = [Example(text.lineno, _taken(str(text.value))) for node in nodes for text in _docstring(node)]
    return tuple(sorted(one for one in found if one.names))


def _docstring(node: ast.Module | ast.ClassDef | Function) -> Iterator[ast.Constant]:
    first = node.body[0]
    value = first.value if isinstance(first, ast.Expr) else None
    if isinstance(value, ast.Constant) and isinstance(value.value, str) and ">>>" in value.value:
        yield value


def _taken(text: str) -> frozenset[str]:
    """Names that the examples in *text* use and do not bind before."""
    try:
        examples = doctest.DocTestParser().get_examples(text)
    except ValueError:  # doctest refuses it, so nobody runs it
        return frozenset()
    bound: set[str] = set()
    used: set[str] = set()
    for example in examples:
        try:
            tree = ast.parse(example.source)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        names = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
        used |= {node.id for node in names if isinstance(node.ctx, ast.Load)} - bound
        bound |= {node.id for node in names if not isinstance(node.ctx, ast.Load)}
        bound |= {
            (alias.asname or alias.name).partition(".")[0]
            for node in ast.walk(tree)
            if isinstance(node, ast.Import | ast.ImportFrom)
            for alias in node.names
        }
        bound |= {node.name for node in ast.walk(tree) if isinstance(node, ast.ClassDef | Function)}
    return frozenset(used)
