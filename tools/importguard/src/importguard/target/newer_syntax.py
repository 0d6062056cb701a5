"""Syntax trees of files that are newer than the Python that runs importguard, made by the target interpreter.

One short subprocess per file runs `ast.parse` on its text; nothing of the file is executed. What this Python's `ast`
does not know becomes `Unknown`, or a block that may run.
"""

import ast
import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any

from importguard.running.answer import answer_of
from importguard.target.environment import Environment
from importguard.target.newer_nodes import TypeAlias, TypeParameter

_PARSE_SECONDS = 30
_MAX_ANSWER = 64 * 1024 * 1024
_PARSER = r"""
import ast, json, sys
def plain(value):
    if isinstance(value, ast.AST):
        fields = {name: plain(item) for name, item in ast.iter_fields(value)}
        kind = "stmt" if isinstance(value, ast.stmt) else "expr" if isinstance(value, ast.expr) else ""
        return {"node": type(value).__name__, "kind": kind, "line": getattr(value, "lineno", 1), "fields": fields}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if value is None or isinstance(value, (bool, str, float)) or isinstance(value, int) and abs(value) < 2**63:
        return value
    return {"bytes": list(value)} if isinstance(value, bytes) else {"other": repr(type(value))}
text = sys.stdin.buffer.read().decode("utf-8", "surrogatepass")
try:
    answer = plain(ast.parse(text))
except SyntaxError as error:
    answer = {"error": error.msg, "line": error.lineno or 1}
except (RecursionError, MemoryError, ValueError) as error:
    answer = {"error": str(error), "line": 1}
sys.stdout.buffer.write(json.dumps(answer).encode())
"""

_NEWER: dict[str, type[ast.AST]] = {
    "TypeAlias": TypeAlias,
    **dict.fromkeys(("TypeVar", "ParamSpec", "TypeVarTuple"), TypeParameter),
}
Parse = Callable[[str], ast.Module]


class Unknown(ast.expr):
    """An expression of a kind this Python does not know; `parts` are the expressions inside it."""

    _fields = ("parts",)

    def __init__(self, parts: list[ast.expr]) -> None:
        super().__init__()
        self.parts = parts


def newer_parser(environment: Environment) -> Parse | None:
    """A parser for *environment*'s syntax; None when this Python's own already knows all of it."""
    if environment.version_info[:2] <= sys.version_info[:2]:
        return None
    return lambda text: _parse(environment.program, text)


def _parse(program: str, text: str) -> ast.Module:
    """Raises SyntaxError, also when the target gives no usable answer."""
    command = [program, "-I", "-S", "-c", _PARSER]  # -S: no `.pth` file and no sitecustomize of the environment runs
    try:
        given = text.encode("utf-8", "surrogatepass")
        answer = json.loads(answer_of(command, seconds=_PARSE_SECONDS, limit=_MAX_ANSWER, given=given))
        if "error" in answer:
            raise SyntaxError(answer["error"], ("", answer["line"], 0, ""))
        tree = _node(answer)
    except (OSError, subprocess.SubprocessError, ValueError, KeyError, TypeError) as error:
        raise SyntaxError(f"{program} could not parse it either: {type(error).__name__}") from error
    if not isinstance(tree, ast.Module):
        raise SyntaxError(f"{program} answered with no module")
    return tree


def _value(value: Any) -> Any:
    if isinstance(value, list):
        return [_value(item) for item in value]
    if not isinstance(value, dict):
        return value
    if "node" in value:
        return _node(value)
    return bytes(value["bytes"]) if "bytes" in value else ...


def _node(answer: dict[str, Any]) -> ast.AST:
    name, line = answer["node"], answer["line"]
    fields = {key: _value(item) for key, item in answer["fields"].items()}
    known = getattr(ast, name, None)
    made: ast.AST
    if isinstance(known, type) and issubclass(known, ast.AST):
        made = known.__new__(known)  # its constructor warns of fields that this Python expects
        for key, item in fields.items():
            setattr(made, key, item)
    elif name in _NEWER:
        made = _NEWER[name]()
        for key, item in fields.items():
            setattr(made, key, item)
    elif answer["kind"] == "stmt":
        body = [item for field in fields.values() for item in _listed(field) if isinstance(item, ast.stmt)]
        made = ast.If(test=Unknown(_expressions(fields)), body=body, orelse=[])
    else:
        made = Unknown(_expressions(fields))
    for each in ast.iter_child_nodes(made):
        if not hasattr(each, "lineno"):
            each.lineno = line  # type: ignore[attr-defined]  # every node here may carry a line
    made.lineno = line  # type: ignore[attr-defined]  # the same
    return made


def _listed(field: Any) -> list[Any]:
    return field if isinstance(field, list) else [field]


def _expressions(fields: dict[str, Any]) -> list[ast.expr]:
    return [item for field in fields.values() for item in _listed(field) if isinstance(item, ast.expr)]
