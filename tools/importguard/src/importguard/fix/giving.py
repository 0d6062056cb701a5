"""The names of a module that other modules take from it, imported when they ask: its `__getattr__`. Pure.

Runs in the child process of `fix.child`, as the rest of the editing does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import libcst as cst

_Line = cst.SimpleStatementLine
_TEXT = '''
def __getattr__(name: str):
    """What other modules take from here is imported when they ask for it."""
    pass
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
'''


def with_getter(tree: cst.Module, given: Sequence[tuple[_Line, Sequence[str]]]) -> cst.Module:
    """*tree* with a `__getattr__` below its imports; *given*: an import, and the names that others take from it."""
    if not given:
        return tree
    made = cst.parse_statement(_TEXT)
    assert isinstance(made, cst.FunctionDef)  # noqa: S101  the text above is one
    inside = list(made.body.body)
    inside[1:2] = [branch for line, names in given for branch in _branches(line, names)]
    blank = [cst.EmptyLine(indent=False)] * 2
    made = made.with_changes(body=made.body.with_changes(body=inside), leading_lines=blank)
    body = list(tree.body)
    at = max((index for index, one in enumerate(body, 1) if any(_imports(one))), default=0)
    if at == 0 and body and isinstance(body[0], _Line) and isinstance(body[0].body[0], cst.Expr):
        at = 1  # below a docstring
    if at < len(body) and isinstance(body[at], _Line | cst.BaseCompoundStatement):
        following = body[at]
        own = list(following.leading_lines)
        while own and own[0].comment is None:
            del own[0]
        body[at] = following.with_changes(leading_lines=[*blank, *own])
    body.insert(at, made)
    return tree.with_changes(body=body)


def _branches(line: _Line, names: Sequence[str]) -> Iterator[cst.If]:
    for name in names:
        made = cst.parse_statement(f'if name == "{name}":\n    pass\n\n    return {name}\n')
        assert isinstance(made, cst.If)  # noqa: S101  the text above is one
        yield made.with_changes(body=made.body.with_changes(body=[line, *made.body.body[1:]]))


def _imports(statement: cst.CSTNode) -> Iterator[bool]:
    """True for each import of the statement itself, or in the blocks of one that is no function and no class."""
    if isinstance(statement, _Line):
        yield any(isinstance(one, (cst.Import, cst.ImportFrom)) for one in statement.body)
    elif isinstance(statement, (cst.If, cst.Try, cst.Else, cst.ExceptHandler, cst.With)):
        for child in statement.children:
            yield from _imports(child)
    elif isinstance(statement, cst.IndentedBlock):
        for child in statement.body:
            yield from _imports(child)
