"""Every pattern of both programs, and whether it is linear by how it is made. Reads source, and what `re` parses.

`re` tries again wherever a repeat may give back what it took, and `search` begins again at each character. A pattern is
linear when neither can happen without a bound: see `faults`.
"""

from __future__ import annotations

import ast
import builtins
import contextlib
import importlib
import re
from collections.abc import Iterator
from pathlib import Path
from re import _constants as code  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ((ROOT, "src"), (ROOT / "tools" / "importguard" / "src", "importguard"))
ANCHORED = frozenset({"match", "fullmatch"})
# These are handed their patterns, which are read where they are written; the work of those that an analysed program
# brings is counted, see tools/importguard/tests/test_bounds.py.
MAKERS = frozenset({"src.privacy.sliced", "importguard.startup.models.re"})
SEARCHING = frozenset({"search", "finditer", "findall", "sub", "split", "subn"})
MANY = 64  # a repeat of more is unbounded here: what bounds it is as large as a text
LETTERS = tuple(map(chr, range(128)))
_TAKERS = re.compile(r"\b(?:re|sliced|compiled)\b")  # what `_function` looks for
_WORD = frozenset(letter for letter in LETTERS if letter.isalnum() or letter == "_") | {"\u2603"}


class Use(NamedTuple):
    """A pattern where it is used, whether it is tried at one place alone, and whether `sliced.find` runs it."""

    place: str
    pattern: str
    anchored: bool
    in_slices: bool


def uses() -> tuple[Use, ...]:
    """All uses in the source of both programs. Raises AssertionError for a pattern that cannot be read."""
    return tuple(
        use
        for root, package in PACKAGES
        for path in sorted((root / package).rglob("*.py"))
        for use in _in_file(path, ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__"))
    )


def _in_file(path: Path, name: str) -> Iterator[Use]:
    text = path.read_text(encoding="utf-8")
    if not _TAKERS.search(text):  # most files: they are not parsed
        return
    tree = ast.parse(text)
    nodes = list(ast.walk(tree))
    if not any(isinstance(node, ast.Call) and _function(node.func) for node in nodes):
        return
    parents = {child: node for node in nodes for child in ast.iter_child_nodes(node)}
    for node in nodes:
        if isinstance(node, ast.Call) and node.args and (function := _function(node.func)):
            place = f"{path.relative_to(ROOT)}:{node.lineno}"
            if name in MAKERS or (isinstance(node.args[0], ast.Attribute) and node.args[0].attr == "compile"):
                continue  # takes the patterns that are read where they are given
            module = importlib.import_module(name)
            for argument in _choices(node.args[0]):
                pattern = eval(ast.unparse(argument), dict(vars(module)), _Locals(node, parents, vars(module)))
                if isinstance(pattern, bytes):
                    pattern = pattern.decode("latin-1")
                if "MULTILINE" in ast.unparse(node):
                    pattern = f"(?m){pattern}"
                assert isinstance(pattern, str), f"{place}: {ast.unparse(argument)} is no text"
                methods = _methods(parents.get(node), nodes) or {function}
                yield Use(place, pattern, methods <= ANCHORED, ast.unparse(node.func) == "sliced.find")


def _methods(around: ast.AST | None, nodes: list[ast.AST]) -> set[str]:
    """The methods that the file calls of a compiled pattern: at once, or of the name that it is given."""
    if isinstance(around, ast.Attribute):
        return {around.attr}
    if not isinstance(around, ast.Assign) or not isinstance(around.targets[0], ast.Name):
        return set()
    name = around.targets[0].id
    return {
        one.attr
        for one in nodes
        if isinstance(one, ast.Attribute) and isinstance(one.value, ast.Name) and one.value.id == name
    }


class _Locals(dict[str, Any]):
    """The names of the function around a call: what it assigns to them, and for all others a word."""

    def __init__(self, call: ast.AST, parents: dict[ast.AST, ast.AST], beside: dict[str, Any]) -> None:
        super().__init__()
        function: ast.AST | None = call
        while function is not None and not isinstance(function, ast.FunctionDef):
            function = parents.get(function)
        inside = list(ast.walk(function)) if function is not None else []
        self._texts = {
            one.arg for one in inside if isinstance(one, ast.arg) and ast.unparse(one.annotation or one) != "bytes"
        }
        self._numbers = {
            one.arg for one in inside if isinstance(one, ast.arg) and ast.unparse(one.annotation or one) == "int"
        }
        self._assigned = {
            target.id: one.value
            for one in inside
            if isinstance(one, ast.Assign)
            for target in one.targets
            if isinstance(target, ast.Name)
        }
        self._beside = beside

    def __missing__(self, name: str) -> Any:
        if name in self._beside or hasattr(builtins, name):
            raise KeyError(name)
        self[name] = "word" if name in self._texts else b"word"  # what is found in a file is bytes
        if name in self._numbers:
            self[name] = 1
        if name in self._assigned:
            with contextlib.suppress(TypeError):  # what only a match of a real file would give
                self[name] = eval(ast.unparse(self._assigned[name]), dict(self._beside), self)
        return self[name]


def _choices(argument: ast.expr) -> tuple[ast.expr, ...]:
    return (argument.body, argument.orelse) if isinstance(argument, ast.IfExp) else (argument,)


def _function(called: ast.expr) -> str:
    """The function that takes a pattern first; empty for others."""
    if isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name):
        owner, name = called.value.id, called.attr
        if owner == "re" and name in ANCHORED | SEARCHING | {"compile"}:
            return name
        return {"sliced.find": "finditer", "sliced.compiled": "compile"}.get(f"{owner}.{name}", "")
    return "compile" if isinstance(called, ast.Name) and called.id == "compiled" else ""


def faults(pattern: str, *, anchored: bool) -> list[str]:
    """Why *pattern* is not linear: what makes `re` look at a place of a text as often as the text is long."""
    parsed = parser.parse(pattern)
    flags = parsed.state.flags
    found = list(_in_sequence(list(parsed), flags))
    if not anchored:
        found += _restarts(list(parsed), flags)
    return found


def longest(pattern: str) -> int:
    """The most characters that *pattern* matches."""
    return int(parser.parse(pattern).getwidth()[1])


def _in_sequence(items: list[Any], flags: int) -> Iterator[str]:
    """Two repeats that may share a text between them, and repeats of repeats."""
    open_sets: list[frozenset[str]] = []  # of repeats before, that may still give back
    for operator, argument in items:
        if operator in (code.MAX_REPEAT, code.MIN_REPEAT):
            _least, most, body = argument
            inner = _letters(list(body), flags)
            if most > MANY:
                if any(_is_repeat(item) for item in _flat(list(body))):
                    yield "a repeat of a repeat gives back what it took"
                if any(before & inner for before in open_sets):
                    yield "two repeats can match the same text"
                open_sets.append(inner)
            yield from _in_sequence(list(body), flags)
        elif operator is code.POSSESSIVE_REPEAT:
            yield from _in_sequence(list(argument[2]), flags)
        elif operator is code.ATOMIC_GROUP:
            yield from _in_sequence(list(argument), flags)
        elif operator is code.SUBPATTERN:
            yield from _in_sequence(list(argument[-1]), flags)
        elif operator is code.BRANCH:
            for branch in argument[1]:
                yield from _in_sequence(list(branch), flags)
        elif operator in (code.ASSERT, code.ASSERT_NOT):
            yield from _in_sequence(list(argument[1]), flags)
        elif operator in (code.LITERAL, code.IN, code.NOT_LITERAL, code.CATEGORY):
            # A character that none of the repeats before could have taken parts them for good.
            letters = _letters([(operator, argument)], flags)
            open_sets = [before for before in open_sets if before & letters]


def _restarts(items: list[Any], flags: int) -> list[str]:
    """A search that may begin anywhere inside what a repeat takes, and fail behind it: each takes it again."""
    found = []
    for branch in _branches(items):
        begins: frozenset[str] = frozenset()
        guarded = bool(branch) and branch[0][0] is code.ASSERT_NOT and branch[0][1][0] < 0
        at_line = bool(branch) and branch[0] == (code.AT, code.AT_BEGINNING)
        of_word = bool(branch) and branch[0] == (code.AT, code.AT_BOUNDARY)
        for number, (operator, argument) in enumerate(branch):
            if operator in (code.MAX_REPEAT, code.MIN_REPEAT, code.POSSESSIVE_REPEAT) and argument[1] > MANY:
                inner = _letters(list(argument[2]), flags)
                least, rest = argument[0], branch[number + 1 :]
                may_begin_inside = not begins or begins <= inner
                # No line begins within a line, and no word within a word.
                may_begin_inside &= not (at_line and ("\n" not in inner or not flags & re.MULTILINE))
                may_begin_inside &= not (of_word and not begins and inner <= _WORD)
                can_fail = any(not _is_empty(item) for item in rest) and least <= MANY * 4
                if may_begin_inside and can_fail and not guarded and not _ends(rest, inner, flags):
                    found.append("a search begins again inside a repeat that it has taken")
            elif not begins:
                begins = _letters([(operator, argument)], flags)
            else:
                begins = begins | _letters([(operator, argument)], flags)
    return found


def _ends(rest: list[Any], inner: frozenset[str], flags: int) -> bool:
    """What follows only asks that the run has ended, which it has."""
    return all(
        operator is code.ASSERT_NOT and _letters(list(argument[1]), flags) <= inner for operator, argument in rest
    )


def _branches(items: list[Any]) -> Iterator[list[Any]]:
    """*items* with each alternative at their beginning written out."""
    for number, (operator, argument) in enumerate(items):
        if operator is code.BRANCH:
            for branch in argument[1]:
                yield from _branches([*items[:number], *branch, *items[number + 1 :]])
            return
        if operator is code.SUBPATTERN:
            yield from _branches([*items[:number], *argument[-1], *items[number + 1 :]])
            return
    yield items


def _flat(items: list[Any]) -> Iterator[Any]:
    for operator, argument in items:
        yield operator, argument
        if operator is code.SUBPATTERN:
            yield from _flat(list(argument[-1]))
        elif operator is code.BRANCH:
            for branch in argument[1]:
                yield from _flat(list(branch))


def _is_repeat(item: Any) -> bool:
    return item[0] in (code.MAX_REPEAT, code.MIN_REPEAT) and item[1][1] > 1


def _is_empty(item: Any) -> bool:
    operator, argument = item
    repeats = (code.MAX_REPEAT, code.MIN_REPEAT, code.POSSESSIVE_REPEAT)
    return operator in repeats and argument[0] == 0


def _letters(items: list[Any], flags: int) -> frozenset[str]:
    """The ASCII letters of which one may stand in what *items* match, and one that stands for all others."""
    taken: set[str] = set()
    for operator, argument in _flat(items):
        if operator in (code.MAX_REPEAT, code.MIN_REPEAT, code.POSSESSIVE_REPEAT):
            taken |= _letters(list(argument[2]), flags)
        elif operator is code.ATOMIC_GROUP:
            taken |= _letters(list(argument), flags)
        elif operator in (code.LITERAL, code.NOT_LITERAL, code.IN, code.ANY, code.CATEGORY):
            taken |= _of(operator, argument, flags)
    return frozenset(taken)


def _of(operator: Any, argument: Any, flags: int) -> set[str]:
    single = parser.SubPattern(parser.State(), [(operator, argument)])
    single.state.flags = flags | re.DOTALL if operator is code.ANY else flags
    program = re._compiler.compile(single)  # type: ignore[attr-defined]
    return {letter for letter in (*LETTERS, "\u2603") if program.match(letter)}
