"""Files in a newer syntax than this Python's, read by the interpreter they are written for."""

import ast
import json
import os
import sys
from pathlib import Path

import msgspec
import pytest

from importguard.errors import SourceError
from importguard.source.program import Assign, Evaluate, Import, Opaque
from importguard.source.reader import read_program
from importguard.startup import trace_script
from importguard.storage.cache import user_cache
from importguard.target.environment import probe
from importguard.target.newer_syntax import newer_parser

NEXT = (sys.version_info[0], sys.version_info[1] + 1, 0, "final", 0)


@pytest.fixture
def target(tmp_path):
    """An interpreter one version ahead, that knows `soon` statements: this one behind a script that rewrites them."""

    def make(answer):
        script = tmp_path / "target-python"
        tree = json.dumps(json.dumps(answer))
        script.write_text(f"#!{sys.executable}\nimport sys\nsys.stdin.read()\nprint({tree})\n")
        script.chmod(0o755)
        return msgspec.structs.replace(probe(sys.executable), program=os.fspath(script), version_info=NEXT)

    return make


def node(node_name, kind="", line=1, /, **fields):
    return {"node": node_name, "kind": kind, "line": line, "fields": fields}


def variable(text):
    return node("Name", "expr", id=text, ctx=node("Load"))


IMPORT = node("Import", "stmt", 2, names=[node("alias", name="colorsys", asname=None)])


def module(*body):
    return node("Module", body=list(body), type_ignores=[])


def test_this_pythons_own_syntax_needs_no_target():
    assert newer_parser(probe(sys.executable)) is None


def test_a_newer_statement_is_read_by_the_target(target, tmp_path):
    environment = target(module(node("Soon", "stmt", 1, body=[IMPORT]), IMPORT))
    (tmp_path / "app.py").write_text("soon:\n    import colorsys\nimport colorsys")
    trace = trace_script(tmp_path / "app.py", environment, project_root=tmp_path, cache=user_cache())
    assert [loaded.name for loaded in trace.modules] == ["__main__", "colorsys"]
    assert trace.broken == ()


@pytest.mark.parametrize(
    ("tree", "expected"),
    [
        (IMPORT, Import),
        (node("TypeAlias", "stmt", name=variable("T"), type_params=[], value=variable("int")), Assign),
        (node("Expr", "stmt", value=node("TemplateString", "expr", values=[variable("x")])), Evaluate),
    ],
)
def test_kinds_of_newer_nodes(target, tree, expected):
    program = read_program(b"a b", "app.py", newer_parser(target(module(tree))))
    assert [type(statement) for statement in program.body] == [expected]


def test_a_newer_expression_is_opaque_and_keeps_its_parts(target):
    tree = module(node("Expr", "stmt", value=node("TemplateString", "expr", values=[variable("x")])))
    statement = read_program(b"a b", "app.py", newer_parser(target(tree))).body[0]
    assert isinstance(statement.value, Opaque)
    assert [part.id for part in statement.value.parts] == ["x"]


def test_what_the_target_refuses_too_is_an_error_with_its_line(target):
    with pytest.raises(SourceError, match="invalid syntax") as caught:
        read_program(b"a b", "app.py", newer_parser(target({"error": "invalid syntax", "line": 7})))
    assert caught.value.line == 7


@pytest.mark.parametrize("answer", [[], {"node": "Name"}, node("Name", "expr", id="x"), 3])
def test_an_unusable_answer_is_an_error(target, answer):
    with pytest.raises(SourceError, match=r"target-python|no module"):
        read_program(b"a b", "app.py", newer_parser(target(answer)))


def test_a_missing_target_is_an_error():
    environment = msgspec.structs.replace(probe(sys.executable), program="/nowhere/python", version_info=NEXT)
    with pytest.raises(SourceError, match="could not parse it either"):
        read_program(b"a b", "app.py", newer_parser(environment))


def test_the_target_parses_as_this_python_does(target):
    """The real parser program, on this interpreter: every node of a large module comes back."""
    environment = msgspec.structs.replace(probe(sys.executable), version_info=NEXT)
    parse = newer_parser(environment)
    text = Path(ast.__file__).read_text()
    assert ast.dump(parse(text)) == ast.dump(ast.parse(text))
