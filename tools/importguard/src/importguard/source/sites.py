"""Every import statement of one Program with its kind, scope and line. Pure: a Program in, values out."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from importguard.source import program as ir
from importguard.source.import_site import ImportKind
from importguard.source.lowering import may_say
from importguard.source.reader import Spend, read_body

_IMPORT_ERRORS = frozenset({"ImportError", "ModuleNotFoundError", "Exception", "BaseException"})
_DYNAMIC = frozenset({"import_module", "__import__"})


class NamedSite(msgspec.Struct, frozen=True):
    """A statement as written: *module* and *level* as in `from`, the *names* taken from it."""

    module: str | None
    level: int
    names: tuple[str, ...]
    kind: ImportKind
    line: int
    scope: tuple[str, ...]
    optional: bool
    in_coroutine: bool = False


def scan_sites(program: ir.Program, warm_calls: frozenset[str], spend: Spend = id) -> list[NamedSite]:
    """The import sites of *program* in the order of the text. *spend*: as for `read_body`."""
    return list(_Scan(program, warm_calls, spend).block(program.body, _Place()))


def raw_thread_lines(program: ir.Program, spend: Spend = id) -> list[int]:
    """The lines that construct a `threading.Thread`, whatever name it was imported under. *spend*: as above."""
    if not program.names_threads:
        return []
    names: set[str] = set()
    modules = {"threading"}
    lines: list[int] = []
    nodes = list(_walk(program, spend))
    for node in nodes:
        if isinstance(node, ir.ImportFrom) and node.module == "threading" and node.level == 0:
            names |= {alias.asname or alias.name for alias in node.names if alias.name == "Thread"}
        elif isinstance(node, ir.Import):
            modules |= {alias.asname for alias in node.names if alias.name == "threading" and alias.asname}
    for node in nodes:
        if isinstance(node, ir.Call):
            called = node.func
            plain = isinstance(called, ir.Name) and called.id in names
            dotted = (
                isinstance(called, ir.Attribute)
                and called.attr == "Thread"
                and isinstance(called.value, ir.Name)
                and called.value.id in modules
            )
            if plain or dotted:
                lines.append(node.line)
    return sorted(lines)


class _Place(msgspec.Struct, frozen=True):
    """Where a statement is."""

    scope: tuple[str, ...] = ()
    deferred: bool = False
    type_checking: bool = False
    optional: bool = False
    in_coroutine: bool = False


class _Scan:
    def __init__(self, program: ir.Program, warm_calls: frozenset[str], spend: Spend) -> None:
        self.spend = spend
        self.warm_calls = warm_calls
        self.constants = _constants(program.body)
        self.importers = set(_DYNAMIC) - _defined(program.body)
        self.importlib = {"importlib"}
        self.typing_names, self.flags = {"typing", "typing_extensions"}, {"TYPE_CHECKING"}
        self.lazy_modules: frozenset[str] = frozenset()
        for node in program.body:
            if isinstance(node, ir.Import):
                self.typing_names |= {a.asname for a in node.names if a.asname and a.name.startswith("typing")}
            elif isinstance(node, ir.ImportFrom) and (node.module or "").startswith("typing"):
                self.flags |= {a.asname for a in node.names if a.name == "TYPE_CHECKING" and a.asname}
            if isinstance(node, ir.Import | ir.ImportFrom):
                self._learn_importers(node)
            elif isinstance(node, ir.Assign) and isinstance(node.value, ir.Display):  # noqa: SIM102  the two tests read as two questions
                if any(isinstance(t, ir.Name) and t.id == "__lazy_modules__" for t in node.targets):
                    values = [e.value for e in node.value.elts if isinstance(e, ir.Constant)]
                    self.lazy_modules = frozenset(v for v in values if isinstance(v, str))
        self.words = ("import", *warm_calls, *self.importers)
        self.calls_count = not (warm_calls | self.importers | _DYNAMIC).isdisjoint(program.told)

    def _learn_importers(self, node: ir.Import | ir.ImportFrom) -> None:
        """The names under which importlib and its `import_module` are known from *node* on."""
        if isinstance(node, ir.Import):
            self.importlib |= {a.asname for a in node.names if a.name == "importlib" and a.asname}
        elif node.module == "importlib" and node.level == 0:
            self.importers |= {a.asname or a.name for a in node.names if a.name in _DYNAMIC}

    def block(self, body: tuple[ir.Statement, ...], place: _Place) -> Iterator[NamedSite]:
        for node in body:
            yield from self._statement(node, place)

    def _statement(self, node: ir.Statement, place: _Place) -> Iterator[NamedSite]:
        if isinstance(node, ir.Import | ir.ImportFrom):
            self._learn_importers(node)
        if isinstance(node, ir.Import):
            for alias in node.names:
                kind = self._kind(place, node.lazy, alias.name)
                yield _named(place, alias.name, 0, (), kind, node.line)
        elif isinstance(node, ir.ImportFrom):
            names = tuple(alias.name for alias in node.names if alias.name != "*")
            kind = self._kind(place, node.lazy, node.module or "")
            yield _named(place, node.module, node.level, names, kind, node.line)
        elif isinstance(node, ir.If):
            yield from self._if(node, place)
        elif isinstance(node, ir.Try):
            caught = any(h.caught is None or _names(h.caught) & _IMPORT_ERRORS for h in node.handlers)
            yield from self.block(node.body, msgspec.structs.replace(place, optional=place.optional or caught))
            for handler in node.handlers:
                yield from self.block(handler.body, place)
            yield from self.block(node.orelse + node.finalbody, place)
        elif isinstance(node, ir.FunctionDef):
            inner = msgspec.structs.replace(
                place, scope=(*place.scope, node.name), deferred=True, optional=False, in_coroutine=node.is_async
            )
            yield from self._calls(node, place)
            if _may_hold(node.body, self.words):
                yield from self.block(read_body(node.body, spend=self.spend), inner)
        elif isinstance(node, ir.ClassDef):
            yield from self._calls(node, place)
            yield from self.block(node.body, msgspec.structs.replace(place, scope=(*place.scope, node.name)))
        else:
            yield from self._calls(node, place)
            for inner_body in _bodies(node):
                yield from self.block(inner_body, place)

    def _if(self, node: ir.If, place: _Place) -> Iterator[NamedSite]:
        test = node.test
        negated = isinstance(test, ir.UnaryOp) and test.op == "Not"
        flag = self._is_flag(test.operand if isinstance(test, ir.UnaryOp) and negated else test)
        never = isinstance(test, ir.Constant) and not test.value
        hidden = msgspec.structs.replace(place, type_checking=place.type_checking or flag or never)
        yield from self._calls(node, place)
        yield from self.block(node.body, place if negated else hidden)
        yield from self.block(node.orelse, hidden if negated else place)

    def _is_flag(self, test: ir.Expression) -> bool:
        if isinstance(test, ir.Name):
            return test.id in self.flags
        if isinstance(test, ir.BoolOp) and test.op == "And":
            return any(self._is_flag(value) for value in test.values)
        return (
            isinstance(test, ir.Attribute)
            and test.attr == "TYPE_CHECKING"
            and isinstance(test.value, ir.Name)
            and test.value.id in self.typing_names
        )

    def _kind(self, place: _Place, lazy: bool, module: str) -> ImportKind:
        if place.type_checking:
            return ImportKind.TYPE_CHECKING
        if place.deferred:
            return ImportKind.DEFERRED
        return ImportKind.LAZY if lazy or module in self.lazy_modules else ImportKind.EAGER

    def _calls(self, node: ir.Statement, place: _Place) -> Iterator[NamedSite]:
        """Imports by name and warmed names in the expressions of one statement."""
        if not (place.deferred or self.calls_count):
            return
        for call, in_lambda in _calls_in(node):
            name = call.func.attr if isinstance(call.func, ir.Attribute) else getattr(call.func, "id", "")
            first = call.args[0] if call.args else None
            literal = self.constants.get(first.id) if isinstance(first, ir.Name) else getattr(first, "value", None)
            if isinstance(literal, str) and literal and (name in self.warm_calls or self._imports_by_name(call.func)):
                kind = ImportKind.WARMED if name in self.warm_calls else ImportKind.DYNAMIC
                if place.type_checking:
                    kind = ImportKind.TYPE_CHECKING
                level = len(literal) - len(literal.lstrip("."))
                here = place
                if in_lambda and kind is ImportKind.DYNAMIC and not place.deferred:
                    here = msgspec.structs.replace(place, scope=(*place.scope, "<lambda>"))
                yield _named(here, literal.lstrip(".") or None, level, (), kind, call.line)

    def _imports_by_name(self, called: ir.Expression) -> bool:
        if isinstance(called, ir.Attribute):
            return called.attr in _DYNAMIC and isinstance(called.value, ir.Name) and called.value.id in self.importlib
        return isinstance(called, ir.Name) and called.id in self.importers


def _named(  # noqa: PLR0917  a statement's parts
    place: _Place, module: str | None, level: int, names: tuple[str, ...], kind: ImportKind, line: int
) -> NamedSite:
    return NamedSite(module, level, names, kind, line, place.scope, place.optional, place.in_coroutine)


def _constants(body: tuple[ir.Statement, ...]) -> dict[str, str]:
    """The names that the module binds at its top to one text."""
    bound: dict[str, list[object]] = {}
    for node in body:
        if isinstance(node, ir.Assign):
            for target in node.targets:
                if isinstance(target, ir.Name):
                    bound.setdefault(target.id, []).append(getattr(node.value, "value", None))
    return {name: values[0] for name, values in bound.items() if len(values) == 1 and isinstance(values[0], str)}


def _defined(body: tuple[ir.Statement, ...]) -> set[str]:
    return {node.name for node in body if isinstance(node, ir.FunctionDef | ir.ClassDef)}


def _bodies(node: ir.Statement) -> Iterator[tuple[ir.Statement, ...]]:
    if isinstance(node, ir.Match):
        for case in node.cases:
            yield case.body
    elif isinstance(node, ir.For | ir.While):
        yield node.body
        yield node.orelse
    elif isinstance(node, ir.With):
        yield node.body


def _names(node: ir.Expression) -> set[str]:
    if isinstance(node, ir.Display):
        return {name for element in node.elts for name in _names(element)}
    return {node.id} if isinstance(node, ir.Name) else set()


def _calls_in(node: ir.Statement) -> Iterator[tuple[ir.Call, bool]]:
    """The calls in the expressions of a statement, outer before inner, not in the statements under it.

    With each: whether it is the body of a lambda, which runs when somebody calls that.
    """
    pending: list[tuple[object, bool]] = [(getattr(node, name), False) for name in reversed(node.__struct_fields__)]
    while pending:
        value, inside = pending.pop()
        if isinstance(value, tuple):
            pending.extend((one, inside) for one in reversed(value))
        elif isinstance(value, ir.Node) and not isinstance(value, _STATEMENTS):
            if isinstance(value, ir.Call):
                yield value, inside
            is_lambda = isinstance(value, ir.Lambda)
            fields = reversed(value.__struct_fields__)
            pending.extend((getattr(value, name), inside or (is_lambda and name == "body")) for name in fields)


def _may_hold(body: ir.Body, words: tuple[str, ...]) -> bool:
    return body.statements is not None or may_say(body.text, *words)


def _walk(program: ir.Program, spend: Spend) -> Iterator[ir.Node]:
    pending: list[object] = [program.body]
    while pending:
        value = pending.pop()
        if isinstance(value, tuple):
            pending.extend(value)
        elif isinstance(value, ir.Body):
            if _may_hold(value, ("Thread",)):
                pending.append(read_body(value, spend=spend))
        elif isinstance(value, ir.Node):
            yield value
            pending.extend(getattr(value, name) for name in value.__struct_fields__)


_STATEMENTS = (
    ir.Import, ir.ImportFrom, ir.Assign, ir.AugAssign, ir.Evaluate, ir.If, ir.For, ir.While, ir.Try, ir.With,
    ir.FunctionDef, ir.ClassDef, ir.Return, ir.Raise, ir.Delete, ir.Scope, ir.Break, ir.Continue, ir.Match,
    ir.Handler, ir.Case,
)  # fmt: skip
