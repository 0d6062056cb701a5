"""The two lazy forms of Python 3.15: the word `lazy`, and `__lazy_modules__`. Pure: text in, text out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider

from importguard.fix.statements import Move

_LAZY = "__lazy_modules__"
_Line = cst.SimpleStatementLine
_Import = cst.Import | cst.ImportFrom


def with_lazy(text: str, moves: Iterable[Move]) -> str:
    """The statements made `lazy`; whole ones, since the word is for all of a statement."""
    lines = text.split("\n")
    for move in moves:
        found = lines[move.line - 1].encode()
        lines[move.line - 1] = (found[: move.column] + b"lazy " + found[move.column :]).decode()
    return "\n".join(lines)


def with_names(text: str, moves: Sequence[Move]) -> str:
    """`__lazy_modules__` with the modules that the *moves* name, above the first import of the file."""
    tree = cst.parse_module(text)
    wrapper = MetadataWrapper(tree)
    positions = wrapper.resolve(PositionProvider)
    starts = {one.line for one in moves}
    wanted: list[str] = []
    for statement in wrapper.module.body:
        if not isinstance(statement, _Line):
            continue
        for small in statement.body:
            if isinstance(small, (cst.Import, cst.ImportFrom)) and positions[small].start.line in starts:
                move = next(one for one in moves if one.line == positions[small].start.line)
                wanted += [name for name in _modules(small, move) if name not in wanted]
    body = list(wrapper.module.body)
    for index, statement in enumerate(body):
        known = _lazy_list(statement)
        if known is not None:
            new = [*known, *(name for name in wanted if name not in known)]
            body[index] = statement.with_changes(body=_assignment(new).body)
            return wrapper.module.with_changes(body=body).code
    at = first_import(body)
    made = _assignment(wanted)
    if at < len(body) and isinstance(body[at], _Line):
        first = body[at]
        made = made.with_changes(leading_lines=first.leading_lines)
        body[at] = first.with_changes(leading_lines=())
    body.insert(at, made)
    return wrapper.module.with_changes(body=body).code


def _modules(small: _Import, move: Move) -> list[str]:
    if isinstance(small, cst.Import):
        return [dotted(alias.name) for index, alias in enumerate(small.names) if index in move.aliases]
    if small.module is None or small.relative:
        return []
    base = dotted(small.module)
    return [base]


def _lazy_list(statement: cst.BaseStatement | cst.BaseSmallStatement) -> list[str] | None:
    if not isinstance(statement, _Line) or not isinstance(statement.body[0], cst.Assign):
        return None
    target, value = statement.body[0].targets[0].target, statement.body[0].value
    if not isinstance(target, cst.Name) or target.value != _LAZY or not isinstance(value, (cst.List, cst.Tuple)):
        return None
    texts = [one.value for one in value.elements]
    return [str(one.evaluated_value) for one in texts if isinstance(one, cst.SimpleString)]


def _assignment(names: Sequence[str]) -> _Line:
    line = cst.parse_statement(f"{_LAZY} = [{', '.join(f'{chr(34)}{name}{chr(34)}' for name in names)}]\n")
    assert isinstance(line, _Line)  # noqa: S101  the text above is one
    return line


def first_import(body: Sequence[cst.BaseStatement | cst.BaseSmallStatement]) -> int:
    """The place of the first import other than `__future__`; the end of the docstring, where there is none."""
    after = 0
    for index, statement in enumerate(body):
        if not isinstance(statement, _Line):
            break
        small = statement.body[0]
        if (
            isinstance(small, cst.ImportFrom) and small.module is not None and dotted(small.module) == "__future__"
        ) or (isinstance(small, cst.Expr) and isinstance(small.value, (cst.SimpleString, cst.ConcatenatedString))):
            after = index + 1
        else:
            return index
    return after


def dotted(node: cst.BaseExpression) -> str:
    """`a.b` of the nodes for it; empty for any other expression."""
    if isinstance(node, cst.Attribute):
        return f"{dotted(node.value)}.{node.attr.value}"
    return node.value if isinstance(node, cst.Name) else ""
