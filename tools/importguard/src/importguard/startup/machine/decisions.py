"""Which environment variables decide something: their value reaches a condition, or the name of an import.

Values do not say where they come from. So what the value of an assignment asks for is held by the names that it binds,
and whoever tests such a name has asked for the same.
"""

from __future__ import annotations

from collections.abc import Collection
from operator import attrgetter

from importguard.source import program as ir
from importguard.startup.trace.trace import Taken

MAX_PARTS = 200  # of one expression that are looked at
_CLOSED = (ir.Name, ir.Attribute, ir.Lambda, ir.Comprehension)  # nodes whose fields are not all looked at
_OPEN = [kind for kind in ir.Node.__subclasses__() if kind not in _CLOSED]
# What gives the only field of a node, or all of them.
_FIELD: dict[type, attrgetter[object]] = {
    kind: attrgetter(*kind.__struct_fields__) for kind in _OPEN if len(kind.__struct_fields__) == 1
}
_FIELDS: dict[type, attrgetter[tuple[object, ...]]] = {
    kind: attrgetter(*kind.__struct_fields__) for kind in _OPEN if len(kind.__struct_fields__) > 1
}
Asked = tuple[str, Taken]  # a variable, and what was assumed of it


class Decisions:
    """Those of one walk."""

    def __init__(self) -> None:
        self.made: set[Asked] = set()
        self.asked: list[Asked] = []  # whenever somebody asked, in order
        self._held: dict[str, set[Asked]] = {}
        self._named: dict[int, tuple[ir.Expression, frozenset[str]]] = {}  # by the expression's identity

    def bind(self, since: int, node: ir.Assign, module: str) -> None:
        """*node* has been evaluated in *module*, when so many had been *asked* for before."""
        found = self._reaching(since, node.value, module)
        if found:  # hardly ever
            for target in node.targets:
                for name in self._names(target, module):
                    self._held.setdefault(name, set()).update(found)

    def decide(self, since: int, node: ir.Expression, module: str) -> None:
        """The value of *node* decides what runs."""
        self.made.update(self._reaching(since, node, module))

    def _reaching(self, since: int, node: ir.Expression | None, module: str) -> Collection[Asked]:
        found = self.asked[since:]
        if self._held and node is not None:
            names = self._names(node, module)
            if not self._held.keys().isdisjoint(names):
                found += [asked for name in names for asked in self._held.get(name, ())]
        return found

    def _names(self, node: ir.Expression, module: str) -> frozenset[str]:
        """What *node* names: constants and attributes as everybody knows them, other names as those of *module*."""
        known = self._named.get(id(node))
        if known is None:
            known = self._named[id(node)] = node, frozenset(_names_in(node, module))
        return known[1]


def _names_in(node: ir.Expression, module: str) -> set[str]:
    found: set[str] = set()
    pending: list[object] = [node]
    for _ in range(MAX_PARTS):
        if not pending:
            break
        part = pending.pop()
        if type(part) is ir.Name:
            found.add(part.id if part.id.isupper() else f"{module}:{part.id}")
        elif type(part) is ir.Attribute:
            found.add(part.attr if part.attr.isupper() else f".{part.attr}")
            pending.append(part.value)
        elif type(part) is tuple:
            pending += part
        elif (fields := _FIELDS.get(type(part))) is not None:
            pending += fields(part)
        elif (field := _FIELD.get(type(part))) is not None:
            pending.append(field(part))
    return found
