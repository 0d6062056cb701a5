"""The patterns of `match` statements, from `ast` to the Program."""

from __future__ import annotations

import ast
from collections.abc import Callable

from importguard.source import program as ir


def lower_pattern(pattern: ast.pattern, expression: Callable[[ast.expr], ir.Expression]) -> ir.Pattern:
    """*pattern* as a value of the Program; *expression* does the expressions in it."""

    def below(patterns: list[ast.pattern]) -> tuple[ir.Pattern, ...]:
        return tuple([lower_pattern(one, expression) for one in patterns])

    if isinstance(pattern, ast.MatchValue):
        made: ir.Pattern = ir.ValuePattern(expression(pattern.value), False)
    elif isinstance(pattern, ast.MatchSingleton):
        made = ir.ValuePattern(ir.Constant(pattern.value), True)
    elif isinstance(pattern, ast.MatchSequence):
        made = ir.SequencePattern(below(pattern.patterns))
    elif isinstance(pattern, ast.MatchStar):
        made = ir.StarPattern(pattern.name)
    elif isinstance(pattern, ast.MatchMapping):
        keys = tuple([expression(key) for key in pattern.keys])
        made = ir.MappingPattern(keys, below(pattern.patterns), pattern.rest)
    elif isinstance(pattern, ast.MatchClass):
        inside = below([*pattern.patterns, *pattern.kwd_patterns])
        made = ir.ClassPattern(expression(pattern.cls), inside, tuple(pattern.kwd_attrs))
    elif isinstance(pattern, ast.MatchOr):
        made = ir.OrPattern(below(pattern.patterns))
    else:
        named = pattern if isinstance(pattern, ast.MatchAs) else ast.MatchAs()
        inner = None if named.pattern is None else lower_pattern(named.pattern, expression)
        made = ir.AsPattern(inner, named.name)
    return made
