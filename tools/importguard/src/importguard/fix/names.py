"""Every use of a name that an import binds at module level, and what kind of use it is. Pure: a syntax tree in."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

Function = ast.FunctionDef | ast.AsyncFunctionDef
_NESTED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
# Decorators that do not read the annotations of what they decorate.
_BLIND = frozenset(
    "staticmethod classmethod property abstractmethod override final overload cached_property cache lru_cache wraps "
    "contextmanager asynccontextmanager setter getter deleter".split()
)
# Base classes that read no annotations.
_PLAIN = frozenset({"object", "Protocol", "ABC", "Exception"})
_TYPE_COMMENT = re.compile(r"#[ \t]*+type:[ \t]*+(?!ignore\b)(.+)")
_WORD = re.compile(r"(?<![\w.])[^\W\d]\w*+")
# Calls that reach a module's names by their spelling.
BY_NAME = frozenset({"eval", "exec", "globals", "vars"})


class Span(NamedTuple):
    """Where an expression is: lines from 1, columns in characters from 0."""

    line: int
    column: int


class Use(NamedTuple):
    """One use of the module's name *name*.

    `functions` are the lines of the `def`s around it, outermost first; empty: importing the file runs it, as the
    `context` says. `kind`: load, store, delete, annotation (evaluated), quoted (an annotation that is not).
    """

    name: str
    line: int
    kind: str
    functions: tuple[int, ...]
    context: str
    span: Span | None = None  # of the annotation


class _Frame:
    def __init__(self, kind: str, bound: Iterable[str] = (), declared: Iterable[str] = (), line: int = 0) -> None:
        self.kind, self.bound, self.declared, self.line = kind, frozenset(bound), frozenset(declared), line


def uses_of(tree: ast.Module, names: frozenset[str], text: str, blind: frozenset[str] = frozenset()) -> tuple[Use, ...]:
    """The uses of *names* as names of the module *tree*, in the order of the file; its imports are none.

    *blind* are names of decorators and base classes that read no annotations.
    """
    walk = _Walk(tree, names, text.split("\n"), blind)
    walk.block(tree.body)
    return tuple(sorted([*walk.found, *_in_type_comments(text, names)], key=lambda use: use.line))


def _in_type_comments(text: str, names: frozenset[str]) -> Iterator[Use]:
    """What `# type: pandas.DataFrame` uses, as an annotation in quotes does."""
    for line, content in enumerate(text.split("\n"), 1):
        found = _TYPE_COMMENT.search(content)
        for name in sorted(names.intersection(_WORD.findall(found[1]))) if found is not None else ():
            yield Use(name, line, "quoted", (), "in a type comment")


def called_by_name(tree: ast.Module) -> ast.Call | None:
    """The first call that can reach any name of the module by its spelling."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in BY_NAME:
            of_another = bool(node.args) if node.func.id == "vars" else _has_a_namespace(node)
            if not of_another:
                return node
    return None


def _has_a_namespace(call: ast.Call) -> bool:
    """Whether `eval` or `exec` gets a namespace; that of this module is reached by a call that counts itself."""
    given = [*call.args[1:2], *(one.value for one in call.keywords if one.arg == "globals")]
    return any(not isinstance(one, (ast.Constant, ast.Starred)) for one in given)


class _Walk:
    """Visits the tree with a stack of scopes."""

    def __init__(self, tree: ast.Module, names: frozenset[str], lines: list[str], blind: frozenset[str]) -> None:
        self._names, self._lines, self._blind = names, lines, blind
        self._for_types = False
        self._frames = [_Frame("module")]
        self._context = "at module level"
        self._future = any(
            isinstance(node, ast.ImportFrom) and node.module == "__future__" and _has(node, "annotations")
            for node in tree.body
        )
        self._evaluated_class = False
        self.found: list[Use] = []

    def block(self, body: Iterable[ast.AST]) -> None:
        """Visits statements or expressions."""
        for node in body:
            self.visit(node)

    def visit(self, node: ast.AST) -> None:
        """Visits one node and what is in it."""
        method = getattr(self, f"_on_{type(node).__name__.lower()}", None)
        if method is not None:
            method(node)
        elif isinstance(node, _COMPREHENSIONS):
            self._comprehension(node)
        else:
            with_context = _context_of(node)
            if with_context and not self._functions():
                self._within(with_context, ast.iter_child_nodes(node))
            else:
                self.block(ast.iter_child_nodes(node))

    def _functions(self) -> tuple[int, ...]:
        return tuple(frame.line for frame in self._frames if frame.kind == "function")

    def _within(self, context: str, nodes: Iterable[ast.AST]) -> None:
        before, self._context = self._context, context
        self.block(nodes)
        self._context = before

    def _in_frame(self, frame: _Frame, nodes: Iterable[ast.AST]) -> None:
        self._frames.append(frame)
        self.block(nodes)
        self._frames.pop()

    # Names

    def _on_name(self, node: ast.Name) -> None:
        kind = {ast.Load: "load", ast.Store: "store", ast.Del: "delete"}[type(node.ctx)]
        self._note(node.id, node.lineno, kind)

    def _note(self, name: str, line: int, kind: str, span: Span | None = None) -> None:
        if name in self._names and self._is_global(name):
            context = self._context
            if any(frame.kind == "lambda" for frame in self._frames):
                context = "in a lambda outside of any function"
            kind = "quoted" if self._for_types and kind == "load" else kind
            self.found.append(Use(name, line, kind, self._functions(), context, span))

    def _is_global(self, name: str) -> bool:
        for frame in reversed(self._frames[1:]):
            if name in frame.declared:
                return True
            if name in frame.bound and (frame.kind != "class" or frame is self._frames[-1]):
                return False
        return True

    # Blocks

    def _on_if(self, node: ast.If) -> None:
        """What is below TYPE_CHECKING never runs; a program's own block runs as a function does."""
        if is_for_types(node.test):
            before, self._for_types = self._for_types, True
            self.block(node.body)
            self._for_types = before
            self.block(node.orelse)
        elif len(self._frames) == 1 and is_program(node):
            self._in_frame(_Frame("function", line=node.lineno), node.body)
        elif self._functions():
            self.block(ast.iter_child_nodes(node))
        else:
            self._within("in a condition at module level", [node.test])
            self._within("in a block at module level", [*node.body, *node.orelse])

    def _on_call(self, node: ast.Call) -> None:
        """A type variable may have its bound in quotes."""
        bound = next((one for one in node.keywords if one.arg == "bound"), None)
        if bound is None or _last(node.func) != "TypeVar" or self._functions():
            context = _context_of(node)
            nodes = ast.iter_child_nodes(node)
            self.block(nodes) if self._functions() else self._within(context, nodes)
            return
        self._within(
            "in a call at import", [node.func, *node.args, *(one for one in node.keywords if one is not bound)]
        )
        self._annotated(bound.value, safe=True, evaluated=True)

    def _on_excepthandler(self, node: ast.ExceptHandler) -> None:
        if node.type is not None:
            self._within("in an except clause", [node.type])
        if node.name:
            self._note(node.name, node.lineno, "store")
        self.block(node.body)

    def _on_global(self, node: ast.Global) -> None:
        for name in node.names:
            self._note(name, node.lineno, "store")

    # Scopes

    def _on_functiondef(self, node: Function) -> None:
        self._note(node.name, node.lineno, "store")
        self._within("in a decorator", node.decorator_list)
        self._within("in a default", [*node.args.defaults, *filter(None, node.args.kw_defaults)])
        safe = all(self._is_blind(one) for one in node.decorator_list)
        arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs, node.args.vararg, node.args.kwarg]
        for annotation in (*(one.annotation for one in arguments if one is not None), node.returns):
            self._annotated(annotation, safe=safe)
        bound, declared = bindings(node.body)
        bound |= {one.arg for one in arguments if one is not None}
        self._in_frame(_Frame("function", bound, declared, node.lineno), node.body)

    _on_asyncfunctiondef = _on_functiondef

    def _on_lambda(self, node: ast.Lambda) -> None:
        self._within("in a default", [*node.args.defaults, *filter(None, node.args.kw_defaults)])
        arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs, node.args.vararg, node.args.kwarg]
        self._in_frame(_Frame("lambda", {one.arg for one in arguments if one is not None}), [node.body])

    def _on_classdef(self, node: ast.ClassDef) -> None:
        self._note(node.name, node.lineno, "store")
        self._within("in a decorator", node.decorator_list)
        self._within("in a base class", [*node.bases, *node.keywords])
        before = self._evaluated_class
        # A dataclass, a model or a named tuple evaluates the annotations of its fields.
        self._evaluated_class = bool(node.keywords) or not (
            all(self._is_blind(one) for one in node.decorator_list)
            and all(_last(one) in _PLAIN or root_of(one) in self._blind for one in node.bases)
        )
        bound, declared = bindings(node.body)
        self._in_frame(_Frame("class", bound, declared), node.body)
        self._evaluated_class = before

    def _is_blind(self, decorator: ast.expr) -> bool:
        return _last(decorator) in _BLIND or root_of(decorator) in self._blind

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp) -> None:
        self.visit(node.generators[0].iter)
        bound = {
            one.id for generator in node.generators for one in ast.walk(generator.target) if isinstance(one, ast.Name)
        }
        inner: list[ast.AST] = [one.iter for one in node.generators[1:]]
        inner += [test for one in node.generators for test in one.ifs]
        inner += [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        self._in_frame(_Frame("comprehension", bound), inner)

    # Annotations

    def _on_annassign(self, node: ast.AnnAssign) -> None:
        inside = self._frames[-1].kind
        self.visit(node.target)
        if node.value is not None:
            self._within("in an assignment", [node.value])
        if inside == "function":  # never evaluated
            self.visit(node.annotation)
        else:
            self._annotated(node.annotation, safe=not (inside == "class" and self._evaluated_class))

    def _annotated(self, annotation: ast.expr | None, *, safe: bool, evaluated: bool = False) -> None:
        """*evaluated*: although annotations are not."""
        if annotation is None:
            return
        names = {one.id: one.lineno for one in ast.walk(annotation) if isinstance(one, ast.Name)}
        quoted = [one for one in ast.walk(annotation) if isinstance(one, ast.Constant) and isinstance(one.value, str)]
        for name, line in names.items():
            if not safe:
                before, self._context = self._context, "in an annotation that a decorator or a base class may read"
                self._note(name, line, "evaluated")
                self._context = before
            elif self._future and not evaluated:
                self._note(name, line, "quoted")
            else:
                self._note(name, line, "annotation", self._span(annotation))
        for one in quoted:
            for name in _names_in(str(one.value)):
                self._note(name, one.lineno, "quoted" if safe else "evaluated")

    def _span(self, node: ast.expr) -> Span:
        before = self._lines[node.lineno - 1].encode()[: node.col_offset]
        return Span(node.lineno, len(before.decode(errors="replace")))

    def _on_import(self, node: ast.Import | ast.ImportFrom) -> None:
        """What it binds is looked at where imports are."""

    _on_importfrom = _on_import


def bindings(body: Iterable[ast.AST]) -> tuple[set[str], set[str]]:
    """The names that these statements bind in their own scope, and those that they declare global."""
    bound: set[str] = set()
    declared: set[str] = set()
    for node in _own_nodes(body):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            bound.add(node.id)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            bound.add(node.name)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            bound |= {bound_by(alias, node) for alias in node.names}
        elif isinstance(node, ast.Global):
            declared |= set(node.names)
        else:
            for field in ("name", "rest"):
                if isinstance(value := getattr(node, field, None), str):
                    bound.add(value)
    return bound - declared, declared


def bound_by(alias: ast.alias, node: ast.Import | ast.ImportFrom) -> str:
    """The name that *alias* of *node* binds."""
    return alias.asname or (alias.name.partition(".")[0] if isinstance(node, ast.Import) else alias.name)


def _own_nodes(body: Iterable[ast.AST]) -> Iterator[ast.AST]:
    pending = list(body)
    while pending:
        node = pending.pop()
        if isinstance(node, _COMPREHENSIONS):
            pending += [one for one in ast.walk(node) if isinstance(one, ast.NamedExpr)]
            continue
        yield node
        if isinstance(node, _NESTED):
            if not isinstance(node, ast.Lambda):
                pending += node.decorator_list
            continue
        pending += ast.iter_child_nodes(node)


def _has(node: ast.ImportFrom, name: str) -> bool:
    return any(alias.name == name for alias in node.names)


def is_for_types(test: ast.expr) -> bool:
    """*test* is `TYPE_CHECKING`, or that name of a module."""
    return ast.unparse(test).rpartition(".")[2] == "TYPE_CHECKING"


def is_program(node: ast.If) -> bool:
    """*node* is `if __name__ == "__main__":`."""
    return ast.unparse(node.test) in {"__name__ == '__main__'", "'__main__' == __name__"}


def root_of(node: ast.expr) -> str:
    """The name that an expression of attributes, calls and subscripts begins with."""
    while isinstance(node, (ast.Attribute, ast.Call, ast.Subscript)):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


def _last(node: ast.expr) -> str:
    if isinstance(node, (ast.Call, ast.Subscript)):
        return _last(node.func if isinstance(node, ast.Call) else node.value)
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def _names_in(text: str) -> set[str]:
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return set()
    return {one.id for one in ast.walk(tree) if isinstance(one, ast.Name)}


def _context_of(node: ast.AST) -> str:
    """What a statement or call at module level does with the names in it."""
    if isinstance(node, ast.Call):
        return "in isinstance at import" if _last(node.func) in {"isinstance", "issubclass"} else "in a call at import"
    if isinstance(node, (ast.Assign, ast.AugAssign)):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        if any(isinstance(one, (ast.Attribute, ast.Subscript)) for one in targets):
            return "in an assignment to a part of something (a monkey-patch)"
        return "in an assignment at module level"
    if isinstance(node, (ast.While, ast.Match)):
        return "in a condition at module level"
    return ""
