"""Which import statements of one file can leave module level, and where they go. Pure: a text in, values out.

What cannot be shown to be safe is refused with its line and the reason.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from importguard.fix.names import Span, Use, bound_by
from importguard.fix.source_file import Placed, SourceFile

_CHANGES = {"store": "bound again", "delete": "deleted"}
_AROUND = (
    ((ast.FunctionDef, ast.AsyncFunctionDef), "is in the function {} already, which the start calls"),
    ((ast.ClassDef,), "makes an attribute of the class {}"),
    ((ast.Try,), "is in a try statement, which answers its failure"),
)


class Wanted(NamedTuple):
    """A statement that the plan cuts: its line, and which of the modules that it imports; None: all of them.

    `taken`: the names that other files take from this one. `kept`: those that its `__getattr__` cannot give.
    """

    line: int
    modules: tuple[str, ...] | None
    taken: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()


class Refused(NamedTuple):
    """Why the statement at *line* stays; *at* is the line that is in the way."""

    line: int
    at: int
    reason: str


class Move(NamedTuple):
    """What becomes of one statement.

    `aliases`: the positions of the names that leave it. `functions`: for the line of each `def` that gets an import,
    which. `typing`: which a type-checking block gets. `quotes`: the annotations that get quotes. `given`: those that a
    `__getattr__` imports when another module asks for them. `warmed`: of each alias that leaves, the module to ask the
    warmup for, and the attribute of that which it stands for, if any.
    """

    line: int
    column: int
    form: str
    aliases: tuple[int, ...]
    names: tuple[str, ...]
    functions: tuple[tuple[int, tuple[int, ...]], ...] = ()
    typing: tuple[int, ...] = ()
    quotes: tuple[Span, ...] = ()
    given: tuple[int, ...] = ()
    warmed: tuple[tuple[int, str, str], ...] = ()


def decide(file: SourceFile, wanted: Iterable[Wanted], form: str) -> tuple[list[Move], list[Refused]]:
    """What becomes of each of the *wanted* statements of *file*."""
    moves: list[Move] = []
    refused: list[Refused] = []
    for one in wanted:
        there = [_Decision(file, placed) for placed in file.at(one.line)]
        for decision in [it for it in there if it.imports(one.modules)] or there:  # a line may have several
            found = decision.made(one, form)
            (moves if isinstance(found, Move) else refused).append(found)  # type: ignore[arg-type]
        if not there:
            refused.append(Refused(one.line, one.line, "is no import statement: it imports by a call"))
    return moves, refused


class _Decision:
    def __init__(self, file: SourceFile, placed: Placed) -> None:
        self._file, self._tree = file, file.tree
        self._node, self._around = placed

    def made(self, wanted: Wanted, form: str) -> Move | Refused:
        """The move, or why there is none."""
        node = self._node
        problem = self._place() or self._by_name()
        if problem is not None:
            return Refused(node.lineno, *problem)
        chosen = self._chosen(wanted.modules)
        names = {index: bound_by(node.names[index], node) for index in chosen}
        uses = tuple(use for name in dict.fromkeys(names.values()) for use in self._file.uses(name))
        given: set[str] = set(wanted.taken) & set(names.values())
        for name in names.values():
            problem = self._bound_elsewhere(name) or self._in_the_way(name, uses, form)
            for_others = self._for_others(name, [use for use in uses if use.name == name], lazy=form.startswith("lazy"))
            if problem is None and for_others is not None:
                given.add(name)
                if form != "function" or name in wanted.kept or not self._is_taken(name, wanted, uses):
                    problem = for_others
            if problem is None and name in given:
                problem = self._ungivable(name)
            if problem is not None:
                return Refused(node.lineno, *problem)
        move = self._move(form, names, uses, given)
        if move.form != "warmed":
            return move
        return move._replace(warmed=tuple(self._warmed(index, wanted.modules or ()) for index in names))

    def _warmed(self, index: int, modules: tuple[str, ...]) -> tuple[int, str, str]:
        name = self._node.names[index].name
        if isinstance(self._node, ast.Import):
            return index, name, ""
        whole, base = self._from(name)
        return (index, whole, "") if whole in modules else (index, base, name)

    def _place(self) -> tuple[int, str] | None:
        """Only what the body of the module itself does is moved."""
        node = self._node
        if isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names):
            return node.lineno, "a star import: nobody can say which names it binds"
        if getattr(node, "is_lazy", 0):
            return node.lineno, "is lazy already: something that runs at import uses it"
        if not self._around:
            return None
        for kinds, reason in _AROUND:
            for outer in self._around:
                if isinstance(outer, kinds):
                    return outer.lineno, reason.format(getattr(outer, "name", ""))
        return node.lineno, "runs under a condition or in a block"

    def _by_name(self) -> tuple[int, str] | None:
        call = self._file.by_name or self._file.local_readers.get(0)
        if call is None:
            return None
        return call.lineno, f"the module calls {ast.unparse(call.func)}, which can reach its names by their spelling"

    def imports(self, modules: tuple[str, ...] | None) -> bool:
        """Whether the statement imports one of *modules*; None: of all."""
        everything = range(len(self._node.names))
        return modules is None or any(self._imported(index) & set(modules) for index in everything)

    def _chosen(self, modules: tuple[str, ...] | None) -> list[int]:
        everything = list(range(len(self._node.names)))
        if modules is None:
            return everything
        found = [index for index in everything if self._imported(index) & set(modules)]
        return found or everything

    def _imported(self, index: int) -> set[str]:
        """The modules that one name of the statement may stand for."""
        name = self._node.names[index].name
        if isinstance(self._node, ast.Import):
            return {name}
        return set(self._from(name))

    def _from(self, name: str) -> tuple[str, str]:
        """What *name* of a `from` statement is called if it is a module, and the module that it is of."""
        assert isinstance(self._node, ast.ImportFrom)  # noqa: S101  the callers look
        base = self._node.module or ""
        if self._node.level:
            parts = self._file.package.split(".") if self._file.package else []
            kept = parts[: len(parts) - self._node.level + 1]
            base = ".".join([*kept, base] if base else kept)
        return f"{base}.{name}" if base else name, base

    def _bound_elsewhere(self, name: str) -> tuple[int, str] | None:
        for other in self._file.binding(name):
            if other.node is not self._node and not other.in_function and not other.for_types:
                return other.node.lineno, f"another import binds {name} too"
        return None

    def _in_the_way(self, name: str, uses: tuple[Use, ...], form: str) -> tuple[int, str] | None:
        for use in uses:
            if use.name != name:
                continue
            if use.kind == "evaluated" or (use.kind == "load" and not use.functions):
                return use.line, f"{name} is used {use.context}"
            if use.kind in _CHANGES:
                return use.line, f"{name} is {_CHANGES[use.kind]}"
            if use.kind == "load" and form == "types":
                return use.line, f"{name} is used by more than annotations"
        return None if form.startswith("lazy") else self._in_an_example(name) or self._in_locals(name, uses)

    def _in_an_example(self, name: str) -> tuple[int, str] | None:
        """doctest runs examples with the names that the file has once it is imported."""
        found = next((one for one in self._file.examples if name in one.names), None)
        return (found.line, f"{name} is used in an example of a docstring, which doctest runs") if found else None

    def _in_locals(self, name: str, uses: tuple[Use, ...]) -> tuple[int, str] | None:
        """Who asks for all names of a function would find one more."""
        readers = self._file.local_readers
        for line in _outermost([use.functions for use in uses if use.name == name and use.kind == "load"]):
            if line in readers:
                call = readers[line]
                return call.lineno, f"the function that uses {name} calls {ast.unparse(call.func)}, which would have it"
        return None

    def _is_taken(self, name: str, wanted: Wanted, uses: Sequence[Use]) -> bool:
        """Whether the import of *name* is there for its sake, not for what it does."""
        if name in wanted.taken or uses or _listed(self._tree, name) is not None:  # one name of it is enough
            return True
        return isinstance(self._node, ast.ImportFrom) and self._file.is_package

    def _ungivable(self, name: str) -> tuple[int, str] | None:
        """Why `__getattr__` cannot give *name* to others."""
        own = next((one for one in self._tree.body if getattr(one, "name", "") == "__getattr__"), None)
        if own is not None:
            return own.lineno, f"{name} is for others, and the module has a __getattr__ of its own"
        if isinstance(self._node, ast.ImportFrom):
            for alias in self._node.names:
                if bound_by(alias, self._node) == name and self._from(alias.name)[1] == self._file.package:
                    return self._node.lineno, f"{name} is for others, who may find it as a part of its package, too"
        return None

    def _for_others(self, name: str, uses: Sequence[Use], *, lazy: bool) -> tuple[int, str] | None:
        """Why *name* may be there for other modules. A *lazy* name stays where they find it."""
        line = self._node.lineno
        listed = _listed(self._tree, name)
        if lazy and (listed is not None or self._file.is_package):
            return None
        if listed is not None:
            return listed, f"{name} is in __all__, so it is for others"
        alias = next(one for one in self._node.names if bound_by(one, self._node) == name)
        if alias.asname is not None and alias.asname == alias.name:
            return line, f"`as {name}` says that {name} is for others"
        if not uses:
            what = "re-exports it" if self._file.is_package else "is there for what the import does, or for others"
            return line, f"{name} is never used here: the statement {what}"
        return None

    def _move(self, form: str, names: dict[int, str], uses: tuple[Use, ...], given: set[str]) -> Move:
        node = self._node
        typed = {use.name for use in uses if use.kind in {"annotation", "quoted"}}
        loaded = {use.name for use in uses if use.kind == "load"}
        made = Move(node.lineno, node.col_offset, form, tuple(names), tuple(names.values()))
        if form in {"lazy", "lazy-modules"}:
            return made
        by_function: dict[int, set[int]] = {}
        for index, name in names.items():
            for line in _outermost([use.functions for use in uses if use.name == name and use.kind == "load"]):
                by_function.setdefault(line, set()).add(index)
        functions = tuple((line, tuple(sorted(found))) for line, found in sorted(by_function.items()))
        # Who reads the file finds there what it lists, or what it only imports for others.
        typed |= {name for name in given if name not in loaded or _listed(self._tree, name) is not None}
        typing = tuple(index for index, name in names.items() if name in typed)
        others = tuple(index for index, name in names.items() if name in given)
        quotes = tuple(dict.fromkeys(use.span for use in uses if use.kind == "annotation" and use.span is not None))
        kind = form if loaded and form == "warmed" else "function" if loaded or others else "types"
        return made._replace(form=kind, functions=functions, typing=typing, quotes=quotes, given=others)


def _outermost(found: list[tuple[int, ...]]) -> set[int]:
    """The innermost function of each use, without those inside a function that has the import already."""
    inner = {functions[-1] for functions in found}
    return {functions[-1] for functions in found if not any(line in inner for line in functions[:-1])}


def _listed(tree: ast.Module, name: str) -> int | None:
    """The line where `__all__` gets *name*, or gets what cannot be read."""
    for node in tree.body:
        if not isinstance(node, (ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Expr)):
            continue
        if not any(isinstance(one, ast.Name) and one.id == "__all__" for one in ast.walk(node)):
            continue
        if any(isinstance(one, ast.Constant) and one.value == name for one in ast.walk(node)):
            return node.lineno
    return None
