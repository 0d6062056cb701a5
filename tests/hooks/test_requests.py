"""What the user decides about requests, through the hook API: marks, compaction, schemas, comparisons, the ledger."""

import csv
import io
import shutil
import subprocess
import time
from contextlib import closing

import pytest
from src.hooks.client import HookProblemError
from tests.conftest import start_program

SCHEMA = '{"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}'


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    found = start_program(tmp_path_factory.mktemp("home"), "--headless")
    assert found.wait_for_server(30)
    found.choose_provider("echo")
    yield found
    assert found.end() == 0


@pytest.fixture
def bench(program):
    program.new_discussion()
    return program


def until_done(bench):
    with closing(bench.events()) as events:
        for _ in events:
            if not (now := bench.comparison()).running:
                return now
    raise AssertionError("the comparison never ended")


def test_a_turn_that_is_left_out_no_longer_goes_out(bench):
    bench.ask("first words")
    before = bench.tokens()
    turn = bench.mark(1, -1, "out").turns[0]
    assert [(mark.part, mark.how) for mark in turn.marks] == [(-1, "out")]
    assert len(bench.tokens().parts) == len(before.parts) - 1
    assert bench.mark(1, -1, "").turns[0].marks == ()
    assert bench.tokens() == before


@pytest.mark.parametrize(
    ("turn", "part", "how", "status"), [(99, 0, "out", 409), (1, 9, "out", 409), (1, 0, "gone", 422), (1, 0, "", 409)]
)
def test_a_mark_that_cannot_be_is_refused(bench, turn, part, how, status):
    bench.ask("words")
    with pytest.raises(HookProblemError) as problem:
        bench.mark(turn, part, how)
    assert problem.value.problem.status == status


def test_old_long_turns_are_compacted_once(bench):
    bench.ask("a word and another word " * 200)
    for number in range(3):
        bench.ask(f"question {number}")
    before = bench.tokens().total_tokens
    assert bench.compact().turns[0].marks[0].how == "short"
    assert bench.tokens().total_tokens < before / 2
    with pytest.raises(HookProblemError, match="nothing to change"):
        bench.compact()


def test_an_answer_by_a_schema_is_checked(bench):
    bench.choose_schema(SCHEMA)
    turn = bench.ask('{"n": 1}')
    fit = bench.fit(turn.id)
    assert (fit.fits, fit.value, fit.errors, bool(turn.schema)) == (True, {"n": 1}, (), True)
    assert bench.fit(bench.ask('{"n": "x"}').id).errors == ("$.n: 'x' is not of type 'integer'",)
    bench.choose_schema("")
    with pytest.raises(HookProblemError, match="no answer"):
        bench.fit(bench.ask("in words").id)


def test_a_schema_that_is_none_is_refused(bench):
    with pytest.raises(HookProblemError) as problem:
        bench.choose_schema("{")
    assert problem.value.problem.status == 409


def test_several_models_answer_and_one_is_gone_on_with(bench):
    bench.compare(["echo/echo-1", "echo/echo-think"], "which")
    now = until_done(bench)
    assert [(column.model, column.text, column.state) for column in now.columns] == [
        ("echo-1", "which", "done"),
        ("echo-think", "which", "done"),
    ]
    turns = bench.fork(now.columns[0].turn).turns
    assert (turns[-1].model, len(turns[-1].siblings)) == ("echo-1", 2)


@pytest.mark.parametrize("models", [["echo/echo-1"], ["echo", "echo-1"], ["nobody/m", "echo/echo-1"]])
def test_a_comparison_that_cannot_be_is_refused(bench, models):
    with pytest.raises(HookProblemError) as problem:
        bench.compare(models, "which")
    assert problem.value.problem.status in (409, 422)


def test_every_request_is_in_the_ledger(bench):
    before = {row.model: row.requests for row in bench.spending().models}
    bench.ask("count me")
    after = {row.model: row.requests for row in bench.spending().models}
    assert after["echo-1"] == before.get("echo-1", 0) + 1
    rows = list(csv.DictReader(io.StringIO(bench.spending_csv())))
    assert (len(rows), rows[-1]["model"], rows[-1]["end"]) == (sum(after.values()), "echo-1", "done")
    assert bench.spending().caps_usd == {"request": None, "discussion": None, "project": None, "day": None}


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_what_changed_since_the_last_commit_goes_along(bench, tmp_path):
    (tmp_path / "a.md").write_text("one\n")
    (tmp_path / "sloppy.toml").write_text("schema = 1\n")
    for words in ("init -q -b main", "add .", "-c user.name=A -c user.email=a@example.org commit -q -m first"):
        subprocess.run(["git", *words.split()], cwd=tmp_path, check=True)
    (tmp_path / "a.md").write_text("uno\n")
    with pytest.raises(HookProblemError, match="No project is open"):
        bench.changes()
    bench.open_project(str(tmp_path))
    bench.context(20)
    found = bench.changes()
    assert (found.kind, found.branch, [(one.path, one.how) for one in found.files]) == (
        "ready", "main", [("a.md", "modified")]
    )  # fmt: skip
    assert found.files[0].diff.endswith("-one\n+uno\n")
    made = bench.attach_diff("a.md")
    assert made.name == "diff of a.md"
    assert any(part.label.startswith("a.md, what changed") for part in bench.tokens().parts)
    bench.choose_changed()
    assert [file.path for file in bench.context(5).files if file.included] == ["a.md"]
    (tmp_path / "a.md").write_text("due\n")
    bench.look_again()
    bench.context(20)
    for _ in range(300):
        if (found := bench.changes()).files[0].diff.endswith("+due\n"):
            break
        time.sleep(0.1)  # git is a process
    assert found.files[0].diff.endswith("+due\n")
    with pytest.raises(HookProblemError, match="No accepted edit") as problem:
        bench.commit("nothing")
    assert problem.value.problem.status == 409
    with pytest.raises(HookProblemError, match=r"b\.md has not changed"):
        bench.attach_diff("b.md")
    bench.close_project()


def test_a_model_is_compared_with_itself_under_other_settings(bench):
    bench.compare(["echo/echo-1", "echo/echo-1:temperature=0.2,tokens=5"], "which")
    now = until_done(bench)
    assert [column.settings for column in now.columns] == ["", "temperature=0.2,tokens=5"]
    with pytest.raises(HookProblemError, match="cannot be set"):
        bench.compare(["echo/echo-1", "echo/echo-1:top_p=1"], "which")


def test_what_is_set_for_the_chosen_model_is_read_and_changed(bench):
    assert bench.model_settings().settings == ""
    made = bench.set_model_settings("thinking=high, temperature=0.20")
    assert (made.model, made.settings, made.window_tokens) == ("echo-1", "temperature=0.2,thinking=high", 100_000)
    options = bench.settings()["model_options"]["echo/echo-1"]
    assert (options["temperature"], options["effort"], options["thinking"]) == (0.2, "high", True)
    with pytest.raises(HookProblemError, match="cannot be set"):
        bench.set_model_settings("num_ctx=0")
    assert bench.set_model_settings("").settings == ""
    assert bench.settings()["model_options"] == {}
