"""One request to several models at once, over the real SDKs against the fakes."""

import io
import json
import threading
from pathlib import Path

import pytest
from src.ask import Prompt, ask
from src.chat import ModelOptions, Stopped
from src.models.prices import Money
from src.turn.compared import Column, differences, state_of, table
from tests.conftest import settled, wait_until, written
from tests.turn.providers import connected

THREE = (("anthropic", "ok"), ("gemini", "ok"), ("openai", "ok"))
PRICES = {"ok": (1000.0, 10_000.0, 100.0), "meet": (1000.0, 10_000.0, 100.0)}
EACH = 2 * 1_000_000 + 100_000 + 2 * 10_000_000  # what the fakes report, at these prices


@pytest.fixture
def controller(fake, monkeypatch, make_controller):
    made = connected(make_controller, monkeypatch)
    made.settings.change(prices=PRICES)
    return made


def compared(controller, models=THREE, text="hello", **options):
    """The columns once all have ended."""
    assert controller.comparison.ask(models, text, confirmed=False, **options).accepted
    wait_until(controller, lambda: not controller.comparison.snapshot().is_running, 30)
    return controller.comparison.snapshot().columns


def test_every_model_answers_the_same_request_and_its_figures_are_those_it_reported(controller, fake):
    columns = compared(controller)
    assert [column.reply.text for column in columns] == ["one two"] * 3
    assert [(column.reply.usage.input_tokens, column.cost) for column in columns] == [(3, Money(EACH))] * 3
    assert all(0 < column.first_s <= column.whole_s for column in columns)
    assert sorted("anthropic" if "messages" in one.path else one.path.split("/")[1] for one in fake.requests) == [
        "anthropic",
        "v1",
        "v1beta",
    ]


def test_they_are_asked_at_once(controller, fake):
    fake.meeting = threading.Barrier(3)  # none answers before all have been asked
    columns = compared(controller, tuple((name, "meet") for name, _ in THREE))
    assert [column.is_whole for column in columns] == [True] * 3


def test_answers_are_branches_and_one_is_gone_on_with(controller):
    columns = compared(controller)
    asked = controller.comparison.snapshot().asked
    siblings = controller.discussion.snapshot().turns[-1].siblings
    assert sorted(siblings) == sorted(column.turn for column in columns)
    controller.comparison.choose(columns[0].turn)
    turns = controller.discussion.snapshot().turns
    assert [(turn.id, turn.message.provider) for turn in turns] == [(asked, ""), (columns[0].turn, "anthropic")]
    controller.choose_provider("openai", "ok")
    assert controller.send("and then").accepted
    assert settled(controller).error == ""
    assert len(controller.discussion.snapshot().turns) == 4


def test_the_ledger_has_a_line_for_each(controller):
    compared(controller)
    entries = controller.ledger.entries()
    assert sorted((one.order.provider, one.order.what, one.cost) for one in entries) == [
        (name, "comparison", Money(EACH)) for name, _ in THREE
    ]
    assert controller.caps().sums.day.known == controller.discussion.snapshot().cost.known == Money(3 * EACH)


def test_one_that_fails_leaves_the_others_alone(controller):
    columns = compared(controller, (("anthropic", "ok"), ("openai", "refuse")))
    assert [type(column.end).__name__ for column in columns] == ["Done", "Failed"]
    assert (columns[1].turn, "does not accept the key" in columns[1].end.reason) == (0, True)


def test_a_cap_holds_back_those_that_would_go_over_it(controller, fake):
    most = 1.2 * 20 * 1000.0 / 1e6 + 8192 * 10_000.0 / 1e6
    controller.settings.change(day_cap_usd=round(1.5 * most, 4))
    columns = compared(controller, (("anthropic", "ok"), ("openai", "ok")))
    assert [column.over_cap for column in columns] == [False, True]
    assert ("today may cost" in columns[1].refusal, len(fake.requests)) == (True, 1)


def test_stopping_keeps_what_has_come(controller):
    models = (("anthropic", "hang"), ("openai", "hang"))
    controller.settings.change(prices={"hang": (1.0, 1.0)})
    assert controller.comparison.ask(models, "hello", confirmed=False).accepted
    wait_until(controller, lambda: all(one.first_s for one in controller.comparison.snapshot().columns))
    assert controller.send("meanwhile").reason == "A reply is on its way; stop it first."
    controller.stop()
    wait_until(controller, lambda: not controller.comparison.snapshot().is_running)
    columns = controller.comparison.snapshot().columns
    assert [(type(one.end), one.reply.text, one.turn > 0) for one in columns] == [(Stopped, "one", True)] * 2
    assert all(entry.guessed for entry in controller.ledger.entries())


@pytest.mark.parametrize(
    ("models", "said"),
    [
        ((("echo", "echo-1"),), "2 to 8 different models"),
        ((("echo", "echo-1"), ("echo", "echo-1")), "2 to 8 different models"),
        ((("echo", "echo-1"), ("nobody", "m")), "no provider 'nobody'"),
    ],
)
def test_what_cannot_be_compared_is_refused(make_controller, models, said):
    controller = make_controller()
    result = controller.comparison.ask(models, "hello", confirmed=False)
    assert (result.kind, said in result.reason, controller.discussion.snapshot().turns) == ("refused", True, ())


def test_the_last_question_is_asked_again_when_nothing_is_typed(make_controller):
    controller = make_controller()
    assert controller.wait_for_warmup(60)
    assert controller.send("again").accepted
    settled(controller)
    columns = compared(controller, (("echo", "echo-1"), ("echo", "echo-think")), None)
    assert [column.reply.text for column in columns] == ["again", "again"]
    first = controller.discussion.snapshot().turns[0]
    assert (controller.comparison.snapshot().asked, len(controller.discussion.snapshot().turns)) == (first.id, 2)


def test_the_terminal_prints_the_answers_and_the_table(controller):
    out, told = io.StringIO(), io.StringIO()
    prompt = Prompt("hello", provider="anthropic", models=("ok", "openai/ok"))
    assert ask(controller, prompt, None, out, told) == 0
    lines = out.getvalue().splitlines()
    assert lines[:2] == ["== anthropic/ok ==", "one two"]
    assert lines[-3].split() == ["model", "cost", "first", "word", "whole", "in", "cached", "out", "end"]
    assert [line.split()[0] for line in lines[-2:]] == ["anthropic/ok", "openai/ok"]
    assert [(line.split()[1], line.split()[-4:]) for line in lines[-2:]] == [("$0.0221", ["3", "1", "2", "done"])] * 2


@pytest.mark.parametrize(("models", "code"), [(("ok", "refuse"), 1), (("ok", "ok"), 2)])
def test_the_exit_code_says_what_went_wrong(controller, models, code):
    assert ask(controller, Prompt("x", "anthropic", models=models), None, io.StringIO(), io.StringIO()) == code


def test_a_cap_on_the_terminal_has_its_own_code(controller):
    controller.settings.change(request_cap_usd=0.01)
    out, told = io.StringIO(), io.StringIO()
    assert ask(controller, Prompt("x", "anthropic", models=("ok", "openai/ok")), None, out, told) == 3
    assert "Pass --over-cap" in told.getvalue()


def test_differences_are_line_by_line():
    assert differences("a\nb\nc", "a\nx\nc") == ((" ", "a"), ("-", "b"), ("+", "x"), (" ", "c"))
    assert differences("", "") == ()


def test_a_column_that_was_not_asked_says_why_in_the_table():
    assert table((Column("x", "m", refusal="over a cap"),)).splitlines()[1].endswith("over a cap")


def test_one_model_with_other_settings_is_a_column_of_its_own(controller, fake):
    names = ("ok", "ok:temperature=0.2,tokens=77", "ok:thinking=high")
    columns = compared(controller, tuple(("anthropic", name) for name in names))
    assert [column.settings for column in columns] == ["", "temperature=0.2,tokens=77", "thinking=high"]
    assert [state_of(column) for column in columns] == ["done"] * 3
    assert len({column.turn for column in columns}) == 3
    asked = {one.body["max_tokens"]: one.body.get("temperature") for one in fake.requests}
    assert asked[77] == 0.2
    assert sum("thinking" in one.body for one in fake.requests) == 1
    assert "anthropic/ok:temperature=0.2,tokens=77" in table(columns)
    assert controller.settings.snapshot().model_options == {}


@pytest.mark.parametrize(
    ("names", "reason"),
    [(("ok", "ok:tokens=0"), "cannot be set"), (("ok:tokens=1", "ok:tokens=01"), "one model with other settings")],
)
def test_settings_that_cannot_be_or_are_the_same_are_refused(controller, names, reason):
    result = controller.comparison.ask(tuple(("anthropic", name) for name in names), "hello", confirmed=False)
    assert (result.kind, reason in result.reason) == ("refused", True)
    assert controller.discussion.snapshot().turns == ()


def test_the_terminal_takes_a_model_with_settings_alone_and_beside_itself(controller, fake):
    out, told = io.StringIO(), io.StringIO()
    assert ask(controller, Prompt("hi", "anthropic", "ok:tokens=99"), None, out, told) == 0
    assert fake.requests[-1].body["max_tokens"] == 99
    assert ask(controller, Prompt("hi", "anthropic", models=("ok", "ok:thinking=on")), None, out, told) == 0
    assert "== anthropic/ok:thinking=on ==" in out.getvalue()
    assert ask(controller, Prompt("hi", "anthropic", "ok:tokens=no"), None, out, told) == 2
    assert "tokens=no cannot be set" in told.getvalue()


def test_the_settings_of_a_column_are_in_the_log_and_read_again(controller, make_controller):
    both = (("openai", "ok:temperature=0.2,tokens=50"), ("openai", "ok"))
    columns = compared(controller, both)
    controller.comparison.choose(columns[0].turn)
    name = controller.discussion.snapshot().name
    assert controller.discussion.snapshot().turns[-1].settings == "temperature=0.2,tokens=50"
    log = Path(written(controller)).read_text().splitlines()
    begun = [json.loads(line) for line in log if '"e":"begin"' in line]
    assert sorted(one.get("settings") or "" for one in begun) == ["", "temperature=0.2,tokens=50"]
    assert "(temperature=0.2,tokens=50)" in controller.discussion.export("markdown")
    assert controller.close(10)
    again = make_controller()
    assert again.wait_until_set_up(20)
    again.discussion.open(name).result(20)
    shown = again.discussion.snapshot().turns[-1]
    siblings = {turn: again.discussion.tree().turn(turn).settings for turn in shown.siblings}
    assert siblings == {columns[0].turn: "temperature=0.2,tokens=50", columns[1].turn: ""}


def test_an_answer_says_with_which_settings_of_its_model_it_was_asked(controller):
    controller.choose_provider("openai", "ok")
    controller.settings.change(model_options={"openai/ok": ModelOptions(temperature=0.5)})
    assert controller.send("hello").accepted
    settled(controller)
    assert controller.discussion.snapshot().turns[-1].settings == "temperature=0.5"
