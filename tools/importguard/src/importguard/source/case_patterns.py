"""The patterns of `match` statements, from `ast` to the Program."""

from __future__ import annotations

import ast
from collections.abc import Callable

from importguard.source import program as ir


def lower_pattern(pattern: ast.pattern, expression: Callable[[ast.expr], ir.Expression]) -> ir.Pattern:
    """*pattern* as a value of the Program; *expression* does the expressions in it."""

    def below(patterns: list[ast.pattern]) -> tuple[ir.Pattern, ...]:
        return tuple([lower_pattern(one, expression) for one in patterns])

    match pattern:
        case ast.MatchValue():
            return ir.ValuePattern(expression(pattern.value), False)
        case ast.MatchSingleton():
            return ir.ValuePattern(ir.Constant(pattern.value), True)
        case ast.MatchSequence():
            return ir.SequencePattern(below(pattern.patterns))
        case ast.MatchStar():
            return ir.StarPattern(pattern.name)
        case ast.MatchMapping():
            keys = tuple([expression(key) for key in pattern.keys])
            return ir.MappingPattern(keys, below(pattern.patterns), pattern.rest)
        case ast.MatchClass():
            inside = below([*pattern.patterns, *pattern.kwd_patterns])
            return ir.ClassPattern(expression(pattern.cls), inside, tuple(pattern.kwd_attrs))
        case ast.MatchOr():
            return ir.OrPattern(below(pattern.patterns))
        case ast.MatchAs():
            inner = None if pattern.pattern is None else lower_pattern(pattern.pattern, expression)
            return ir.AsPattern(inner, pattern.name)
    return ir.AsPattern(None, None)
