"""One file's syntax tree, looked through once for all the statements that somebody asks about."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple

from importguard.fix.names import Function, Use, bound_by, called_by_name, is_for_types, uses_of
from importguard.fix.reflection import Example, examples_of, readers_of_locals

Statement = ast.Import | ast.ImportFrom


class Placed(NamedTuple):
    """An import statement and the statements around it, outermost first."""

    node: Statement
    around: tuple[ast.stmt, ...]

    @property
    def bound(self) -> tuple[str, ...]:
        """The names that it binds; none for a star."""
        return tuple(bound_by(alias, self.node) for alias in self.node.names if alias.name != "*")

    @property
    def in_function(self) -> bool:
        """Whether a function runs it."""
        return any(isinstance(one, Function) for one in self.around)

    @property
    def for_types(self) -> bool:
        """Whether it is below `if TYPE_CHECKING:` at module level."""
        first = self.around[0] if self.around else None
        return isinstance(first, ast.If) and is_for_types(first.test)


class SourceFile:
    """A *tree* and its *text*. *package*: what relative imports start from. *is_package*: it is a package's own file.

    *blind* are the names of decorators and base classes that read no annotations.
    """

    def __init__(self, tree: ast.Module, text: str, package: str, *, is_package: bool, blind: frozenset[str]) -> None:
        self.tree, self.text, self.package, self.is_package = tree, text, package, is_package
        self._blind = blind

    @cached_property
    def imports(self) -> tuple[Placed, ...]:
        """All import statements, in the order of the text."""
        return tuple(sorted(_imports(self.tree), key=lambda one: (one.node.lineno, one.node.col_offset)))

    def at(self, line: int) -> list[Placed]:
        """The import statements that begin on *line*."""
        return [one for one in self.imports if one.node.lineno == line]

    def binding(self, name: str) -> tuple[Placed, ...]:
        """The import statements that bind *name*."""
        return self._bound.get(name, ())

    @cached_property
    def _bound(self) -> dict[str, tuple[Placed, ...]]:
        found: dict[str, tuple[Placed, ...]] = {}
        for one in self.imports:
            for name in set(one.bound):
                found[name] = (*found.get(name, ()), one)
        return found

    @cached_property
    def by_name(self) -> ast.Call | None:
        """The first call that can reach any name of the module by its spelling."""
        return called_by_name(self.tree)

    @cached_property
    def local_readers(self) -> dict[int, ast.Call]:
        """The first call in each function that gives all its names, by the line of its `def`; 0: at module level."""
        return readers_of_locals(self.tree)

    @cached_property
    def examples(self) -> tuple[Example, ...]:
        """What the examples in docstrings take from the file."""
        return examples_of(self.tree)

    def uses(self, name: str) -> tuple[Use, ...]:
        """The uses of *name*, which an import binds, in the order of the text."""
        return self._uses.get(name, ())

    @cached_property
    def _uses(self) -> dict[str, tuple[Use, ...]]:
        found: dict[str, list[Use]] = {}
        for use in uses_of(self.tree, frozenset(self._bound), self.text, self._blind):
            found.setdefault(use.name, []).append(use)
        return {name: tuple(uses) for name, uses in found.items()}


def _imports(tree: ast.Module) -> Iterator[Placed]:
    pending: list[tuple[ast.AST, tuple[ast.stmt, ...]]] = [(tree, ())]
    while pending:
        node, around = pending.pop()
        if isinstance(node, Statement):
            yield Placed(node, around)
            continue
        if isinstance(node, ast.expr):  # no expression holds a statement
            continue
        inner = (*around, node) if isinstance(node, ast.stmt) else around
        pending += [(one, inner) for one in ast.iter_child_nodes(node)]
