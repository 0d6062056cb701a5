"""The moves of one file, made in its concrete syntax tree: formatting and comments stay. Pure: text in, text out.

Runs in the child process of `fix.child`: LibCST's parser crashes on code that is nested very deeply.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Sequence

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider

from importguard.fix.giving import with_getter
from importguard.fix.lazy import dotted, first_import, with_names
from importguard.fix.statements import Move

_TYPING = "TYPE_CHECKING"
_TYPE_COMMENT = re.compile(r"#[ \t]*type:[ \t]*(?!ignore)")
_CALL = "_require_warmed"  # what the analysis knows
_Line = cst.SimpleStatementLine
_Import = cst.Import | cst.ImportFrom


def edited(text: str, moves: Iterable[Move], *, typing: bool = True, calls: Sequence[str] = ()) -> str:
    """*text* with the *moves* made; *typing* may be imported. *calls*: what asks the warmup for a module.

    Raises `libcst.ParserSyntaxError`.
    """
    listed = list(moves)
    if listed[0].form == "lazy-modules":
        return with_names(text, listed)
    wrapper = MetadataWrapper(cst.parse_module(text))
    positions = wrapper.resolve(PositionProvider)
    bound = {name for statement in wrapper.module.body for name in _bound(statement)}
    known = next((name for name in calls if name in bound), "")
    editor = _Editor(positions, listed, known or _CALL)
    tree = with_getter(editor.with_typing(wrapper.module.visit(editor), typing), editor.given())
    if not known and any(move.form == "warmed" for move in listed):
        body = list(tree.body)
        made = cst.parse_statement(f"from importguard.warmup import require_warmed as {_CALL}\n")
        assert isinstance(made, _Line)  # noqa: S101  the text above is one
        _import(body, made)
        tree = tree.with_changes(body=body)
    return tree.code


class _Editor(cst.CSTTransformer):
    """Takes imports out of module level, and puts them into functions."""

    def __init__(self, positions: object, moves: Sequence[Move], call: str) -> None:
        super().__init__()
        self._positions, self._call = positions, call
        self._moves = {(one.line, one.column): one for one in moves}
        self._quotes = {tuple(span) for one in moves for span in one.quotes}
        self._into: dict[int, list[tuple[Move, tuple[int, ...]]]] = {}
        for move in moves:
            for line, aliases in move.functions:
                self._into.setdefault(line, []).append((move, aliases))
        self._taken: dict[tuple[int, int], _Import] = {}  # the statements as they were
        self._trailing: dict[tuple[int, int], cst.Comment | None] = {}

    def visit_Module(self, node: cst.Module) -> None:  # noqa: N802  LibCST's name
        """Finds the statements that move, since functions above them may need them."""
        for statement in node.body:
            if isinstance(statement, _Line):
                for small in statement.body:
                    key = self._key(small)
                    if key in self._moves and isinstance(small, (cst.Import, cst.ImportFrom)):
                        self._taken[key] = small
                        self._trailing[key] = statement.trailing_whitespace.comment

    def _key(self, node: cst.CSTNode) -> tuple[int, int]:
        start = self._positions[node].start  # type: ignore[index]  # a mapping by node
        return start.line, start.column

    def leave_Module(self, original_node: cst.Module, updated_node: cst.Module) -> cst.Module:  # noqa: N802
        """Without the names that have left."""
        body: list[cst.BaseStatement | cst.BaseSmallStatement] = []
        waiting: tuple[cst.EmptyLine, ...] = ()
        for before, after in zip(original_node.body, updated_node.body, strict=True):
            if not isinstance(before, _Line) or not isinstance(after, _Line):
                body.append(_led(after, waiting))
                waiting = ()
                continue
            small = [self._reduced(one, new) for one, new in zip(before.body, after.body, strict=True)]
            left = [one for one in small if one is not None]
            if left:
                last = left[-1].with_changes(semicolon=cst.MaybeSentinel.DEFAULT)
                line = (
                    after.with_changes(body=[*left[:-1], last])
                    if len(left) < len(small)
                    else after.with_changes(body=left)
                )
                body.append(_led(line, waiting))
                waiting = ()
            else:
                waiting = (
                    (*waiting, *after.leading_lines) if not waiting else (*waiting, *_comments(after.leading_lines))
                )
        if waiting:
            return updated_node.with_changes(body=body, footer=[*_comments(waiting), *updated_node.footer])
        return updated_node.with_changes(body=body)

    def _reduced(self, before: cst.BaseSmallStatement, after: cst.BaseSmallStatement) -> cst.BaseSmallStatement | None:
        move = self._moves.get(self._key(before)) if isinstance(before, (cst.Import, cst.ImportFrom)) else None
        if (
            move is None
            or not isinstance(after, (cst.Import, cst.ImportFrom))
            or isinstance(after.names, cst.ImportStar)
        ):
            return after
        left = [alias for index, alias in enumerate(after.names) if index not in move.aliases]
        if not left:
            return None
        return _with_aliases(after, left)

    def leave_If(self, original_node: cst.If, updated_node: cst.If) -> cst.If:  # noqa: N802  LibCST's name
        """The program's own block, with the imports that it needs at its top."""
        found = self._into.get(self._key(original_node)[0])
        if not found:
            return updated_node
        lines = self._lines_of(found)
        body = updated_node.body
        if isinstance(body, cst.SimpleStatementSuite):
            return updated_node.with_changes(body=cst.IndentedBlock([*lines, _Line(body.body)]))
        return updated_node.with_changes(body=body.with_changes(body=[*lines, *body.body]))

    def leave_Arg(self, original_node: cst.Arg, updated_node: cst.Arg) -> cst.Arg:  # noqa: N802  LibCST's name
        """The bound of a type variable in quotes."""
        if self._key(original_node.value) not in self._quotes:
            return updated_node
        return updated_node.with_changes(value=_quoted(original_node.value))

    def leave_FunctionDef(  # noqa: N802  LibCST's name
        self, original_node: cst.FunctionDef, updated_node: cst.FunctionDef
    ) -> cst.FunctionDef:
        """With the imports that it needs, below its docstring."""
        line = self._positions[original_node.name].start.line  # type: ignore[index]  # a mapping by node
        found = self._into.get(line)
        if not found:
            return updated_node
        lines = self._lines_of(found)
        body = updated_node.body
        if isinstance(body, cst.SimpleStatementSuite):
            rest = _Line(body.body, trailing_whitespace=body.trailing_whitespace)
            return updated_node.with_changes(body=cst.IndentedBlock([*lines, rest]))
        statements = list(body.body)
        at = 1 if _is_docstring(statements[0]) else 0
        if at == 0:
            lines[0], statements[0] = _below_signature(lines[0], statements[0])
        return updated_node.with_changes(body=body.with_changes(body=[*statements[:at], *lines, *statements[at:]]))

    def _lines_of(self, found: Iterable[tuple[Move, tuple[int, ...]]]) -> list[_Line]:
        """The imports that a function gets, then what it asks the warmup for."""
        imports = _sorted(self._line_of(move, aliases) for move, aliases in found if move.form != "warmed")
        asked = [line for move, aliases in found if move.form == "warmed" for line in self._asking(move, aliases)]
        return [*imports, *asked]

    def _asking(self, move: Move, aliases: Sequence[int]) -> list[_Line]:
        """`name = _require_warmed("module")` for each of the *aliases*."""
        taken = self._taken[move.line, move.column]
        assert not isinstance(taken.names, cst.ImportStar)  # noqa: S101  a star import is refused before
        lines = []
        for index, module, attribute in move.warmed:
            if index not in aliases:
                continue
            alias = taken.names[index]
            name = dotted(alias.asname.name) if alias.asname is not None else dotted(alias.name)
            asked = f'{self._call}("{module}")'
            if "." in name:  # it binds the package
                lines.append(asked)
                name = name.partition(".")[0]
                asked = f'{self._call}("{name}")'
            lines.append(f"{name} = {asked}{f'.{attribute}' if attribute else ''}")
        made = (cst.parse_statement(f"{line}\n") for line in dict.fromkeys(lines))
        return [line for line in made if isinstance(line, _Line)]

    def _line_of(self, move: Move, aliases: Sequence[int]) -> _Line:
        key = move.line, move.column
        taken = self._taken[key]
        assert not isinstance(taken.names, cst.ImportStar)  # noqa: S101  a star import is refused before
        small = _with_aliases(taken, [taken.names[index] for index in aliases])
        small = small.with_changes(semicolon=cst.MaybeSentinel.DEFAULT)
        comment = self._trailing[key]
        if comment is None:
            return _Line([small])
        white = cst.TrailingWhitespace(whitespace=cst.SimpleWhitespace("  "), comment=comment)
        return _Line([small], trailing_whitespace=white)

    def given(self) -> list[tuple[_Line, list[str]]]:
        """The imports that a `__getattr__` makes, each with the name that it gives."""
        found = []
        for move in self._moves.values():
            for index in move.given:
                line = self._line_of(move, (index,))
                found.append((line.with_changes(trailing_whitespace=cst.TrailingWhitespace()), _bound(line)))
        return found

    def leave_Annotation(  # noqa: N802  LibCST's name
        self, original_node: cst.Annotation, updated_node: cst.Annotation
    ) -> cst.Annotation:
        """In quotes, where a type in it is no longer there when the file is imported."""
        if self._key(original_node.annotation) not in self._quotes:
            return updated_node
        return updated_node.with_changes(annotation=_quoted(original_node.annotation))

    def with_typing(self, tree: cst.Module, may_import: bool) -> cst.Module:
        """With the imports for type checkers, in the block that the file has, or in a new one below its imports."""
        lines = _sorted(self._line_of(move, move.typing) for move in self._moves.values() if move.typing)
        if not lines:
            return tree
        body = list(tree.body)
        for index, statement in enumerate(body):
            if (
                isinstance(statement, cst.If)
                and _is_flag(statement.test)
                and isinstance(statement.body, cst.IndentedBlock)
            ):
                there = list(_without_pass(statement.body.body))
                at = max((index for index, one in enumerate(there, 1) if _is_import(one)), default=0)
                inner = statement.body.with_changes(body=[*there[:at], *lines, *there[at:]])
                body[index] = statement.with_changes(body=inner)
                return tree.with_changes(body=body)
        block = cst.If(cst.Name(_TYPING), cst.IndentedBlock(lines), leading_lines=[cst.EmptyLine(indent=False)])
        last = max((index for index, one in enumerate(body) if _is_import(one)), default=first_import(body) - 1)
        if last < 0:  # the first of the file
            block = block.with_changes(leading_lines=())
        if any(_binds_flag(one) for one in body):
            body.insert(last + 1, block)
        elif not may_import:  # type checkers take it for true
            flag = cst.parse_statement(f"{_TYPING} = False\n").with_changes(leading_lines=block.leading_lines)
            body[last + 1 : last + 1] = [flag, block.with_changes(leading_lines=())]
        else:
            body.insert(last + 1, block)
            _import_flag(body)
        return tree.with_changes(body=body)


def _quoted(node: cst.BaseExpression) -> cst.SimpleString:
    code = cst.Module([]).code_for_node(node)
    if "\n" in code or "\\" in code:
        raise ValueError("an annotation that goes over several lines cannot be put in quotes")
    quote = '"' if '"' not in code else "'"
    if quote in code:
        raise ValueError("an annotation with both kinds of quotes cannot be put in quotes")
    return cst.SimpleString(f"{quote}{code}{quote}")


def _bound(statement: cst.BaseStatement | cst.BaseSmallStatement) -> list[str]:
    """The names of functions and imports that *statement* binds."""
    if isinstance(statement, cst.FunctionDef):
        return [statement.name.value]
    small = statement.body[0] if isinstance(statement, _Line) else None
    if not isinstance(small, (cst.Import, cst.ImportFrom)) or isinstance(small.names, cst.ImportStar):
        return []
    names = (str(alias.evaluated_alias or alias.evaluated_name) for alias in small.names)
    return [name.partition(".")[0] for name in names]


def _import_flag(body: list[_Line | cst.BaseCompoundStatement]) -> None:
    """Imports the flag among the first imports of the standard library, where they are sorted, or above all."""
    _import(body, _Line([cst.ImportFrom(cst.Name("typing"), [cst.ImportAlias(cst.Name(_TYPING))])]))


def _import(body: list[_Line | cst.BaseCompoundStatement], made: _Line) -> None:
    """Puts an import among the first ones, where they are sorted, or above all."""
    at = first = first_import(body)
    while at < len(body) and isinstance(line := body[at], _Line) and _is_import(line) and _order(line) < _order(made):
        at += 1
    following = body[at]
    blank = [cst.EmptyLine(indent=False)]
    if at == first:
        own = following.leading_lines if isinstance(following, _Line) else ()
        made = made.with_changes(leading_lines=own or (blank if at else ()))
        apart = isinstance(following, _Line) and _is_import(following) and _order(following)[0] != _order(made)[0]
        body[at] = following.with_changes(leading_lines=blank if apart or not _is_import(following) else ())
    body.insert(at, made)


def _order(line: _Line) -> tuple[int, bool, str]:
    """Where an import is among others: the standard library first, relative ones last; `from` below `import`."""
    small = line.body[0]
    if isinstance(small, cst.ImportFrom):
        name = "." * len(small.relative) + (dotted(small.module) if small.module is not None else "")
    else:
        name = dotted(small.names[0].name) if isinstance(small, cst.Import) else ""
    section = 2 if name.startswith(".") else int(name.partition(".")[0] not in sys.stdlib_module_names)
    return section, isinstance(small, cst.ImportFrom), name


def _sorted(lines: Iterable[_Line]) -> list[_Line]:
    """The imports in order, with a blank line between their sections."""
    found = sorted(lines, key=_order)
    return [
        line.with_changes(leading_lines=[cst.EmptyLine(indent=False)])
        if index and _order(line)[0] != _order(found[index - 1])[0]
        else line
        for index, line in enumerate(found)
    ]


def _with_aliases(node: _Import, aliases: Sequence[cst.ImportAlias]) -> _Import:
    """*node* with these names; the last gets no comma, but where parentheses span lines."""
    many = isinstance(node, cst.ImportFrom) and node.lpar is not None and len(aliases) > 1
    if many:
        return node.with_changes(names=list(aliases))
    last = aliases[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)
    changed = node.with_changes(names=[*aliases[:-1], last])
    return (
        changed.with_changes(lpar=None, rpar=None)
        if isinstance(node, cst.ImportFrom) and len(aliases) == 1
        else changed
    )


def _led(
    statement: cst.BaseStatement | cst.BaseSmallStatement, waiting: tuple[cst.EmptyLine, ...]
) -> cst.BaseStatement | cst.BaseSmallStatement:
    """*statement* below the blank lines and comments of what stood above it and has left."""
    if not waiting or not hasattr(statement, "leading_lines"):
        return statement
    own = tuple(statement.leading_lines)
    kept = _comments(waiting) if own and own[0].comment is None else waiting
    return statement.with_changes(leading_lines=[*kept, *own])


def _below_signature(made: _Line, first: cst.CSTNode) -> tuple[_Line, cst.CSTNode]:
    """*made* below the type comment of the function, which has to be what comes first in it."""
    own = tuple(getattr(first, "leading_lines", ()))
    if not own or own[0].comment is None or not _TYPE_COMMENT.match(own[0].comment.value):
        return made, first
    return made.with_changes(leading_lines=own[:1]), first.with_changes(leading_lines=own[1:])


def _comments(lines: Iterable[cst.EmptyLine]) -> tuple[cst.EmptyLine, ...]:
    return tuple(line for line in lines if line.comment is not None)


def _is_docstring(statement: cst.CSTNode) -> bool:
    return (
        isinstance(statement, _Line)
        and isinstance(statement.body[0], cst.Expr)
        and isinstance(statement.body[0].value, (cst.SimpleString, cst.ConcatenatedString))
    )


def _is_import(statement: cst.CSTNode) -> bool:
    return isinstance(statement, _Line) and isinstance(statement.body[0], (cst.Import, cst.ImportFrom))


def _is_flag(test: cst.BaseExpression) -> bool:
    return dotted(test).rpartition(".")[2] == _TYPING


def _binds_flag(statement: cst.BaseStatement | cst.BaseSmallStatement) -> bool:
    if not isinstance(statement, _Line):
        return False
    for small in statement.body:
        if isinstance(small, cst.ImportFrom) and not isinstance(small.names, cst.ImportStar):
            if any(alias.evaluated_name == _TYPING and alias.asname is None for alias in small.names):
                return True
        elif isinstance(small, cst.Assign) and any(dotted(one.target) == _TYPING for one in small.targets):
            return True
    return False


def _without_pass(body: Sequence[cst.BaseStatement]) -> list[cst.BaseStatement]:
    return [one for one in body if not (isinstance(one, _Line) and isinstance(one.body[0], cst.Pass))]
