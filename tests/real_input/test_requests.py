"""What the user sees and decides about a request, by keyboard, against servers that cache, count and answer."""

from __future__ import annotations

import json

import pytest
from tests import fake_providers
from tests.real_input.conftest import begin
from tests.real_input.test_gestures import send_button

LONG = "quick brown foxes " * 2300
PRICES = {name: [1.0, 10.0, 0.1, 1.25] for name in ("cached", "ok", "json")}
SETTINGS = {
    "provider": "anthropic",
    "model": "cached",
    "prices": {**PRICES, "dear": [1000.0, 100_000.0]},
    "compared": ["anthropic/ok", "openai/ok"],
    "request_cap_usd": 1.0,
}
SCHEMA = '{"type": "object", "required": ["n"]}'


@pytest.fixture(scope="module")
def bench(display, tmp_path_factory):
    """A hand on a project whose one long file goes along, and the servers."""
    home = tmp_path_factory.mktemp("home")
    (home / ".config/sloppy").mkdir(parents=True)
    (home / ".config/sloppy/settings.json").write_text(json.dumps(SETTINGS))
    folder = home / "work"
    folder.mkdir()
    (folder / "long.txt").write_text(LONG)
    (folder / "sloppy.toml").write_text('schema = 1\nname = "work"\ninclude = ["*.txt"]\n')
    with fake_providers.serve() as fake:
        addresses = {
            "ANTHROPIC_BASE_URL": fake.address,
            "GOOGLE_GEMINI_BASE_URL": fake.address,
            "OPENAI_BASE_URL": f"{fake.address}/v1",
            "ANTHROPIC_API_KEY": "a-key-of-the-tests",
            "OPENAI_API_KEY": "a-key-of-the-tests",
            "ANTHROPIC_CONFIG_DIR": str(home),
        }
        hand = begin(home, display, **addresses)
        hand.program.open_project(str(folder))
        hand.until(lambda: any(file.included for file in hand.program.context().files), "the file to go along")
        yield hand, fake
        hand.close()
        assert hand.program.end() == 0


@pytest.fixture
def hand(bench):
    """A hand on a new discussion, whose next answer is the model's `cached`."""
    hand, _ = bench
    hand.chord("Escape")
    hand.chord("Ctrl+N")
    hand.program.choose_provider("anthropic", "cached")
    write(hand, "")
    return hand


def write(hand, text):
    """Has *text* in the composer."""
    hand.chord("Ctrl+L")
    hand.shows(field="composer", asked="")
    hand.chord("Ctrl+A")
    hand.chord("Delete")
    hand.type(text)
    hand.shows(text=text)


def ask(hand, text):
    """Sends *text* and waits for the answer."""
    before = len(hand.program.discussion().turns)
    write(hand, text)
    hand.chord("Ctrl+Enter")
    hand.until(lambda: len(hand.program.discussion().turns) == before + 2, "an answer")
    return hand.program.discussion().turns[-1]


def run(hand, typed):
    hand.chord("Ctrl+Shift+P")
    hand.shows(asked="Commands")
    hand.type(typed)
    hand.shows(text=typed)
    hand.chord("Enter")


def test_what_the_cache_will_do_is_on_the_screen_and_is_what_it_does(hand):
    ask(hand, "first")
    write(hand, "second")
    hand.chord("Ctrl+4")
    hand.sees("from the cache", "saves $")
    said = hand.program.tokens().cache
    turn = ask(hand, "second")
    assert turn.cached_tokens == pytest.approx(said.read_tokens, rel=0.2)
    assert turn.saved_usd > 0
    hand.sees("% cached, $")


def test_a_turn_is_left_out_by_its_key_and_comes_back_by_undo(hand):
    ask(hand, "first")
    whole = hand.program.tokens().total_tokens
    hand.chord("Ctrl+K")
    hand.chord("Ctrl+Shift+L")
    hand.sees("left out")
    hand.until(lambda: hand.program.tokens().total_tokens < whole, "a smaller request")
    hand.chord("Ctrl+4")
    hand.sees("Left out by you")
    hand.chord("Ctrl+Z")
    hand.until(lambda: hand.program.tokens().total_tokens == whole, "the whole request")


def test_two_models_answer_side_by_side_and_one_is_gone_on_with(hand):
    write(hand, "which one")
    hand.chord("Ctrl+Shift+Enter")
    hand.until(lambda: not hand.program.comparison().running, "both answers")
    hand.sees("The discussion goes on with this", "Go on with this", "First word")
    columns = hand.program.comparison().columns
    assert [(column.model, column.text) for column in columns] == [("ok", "one two")] * 2
    assert len(hand.program.discussion().turns[-1].siblings) == 2


def test_the_chosen_model_is_compared_with_itself_by_keys(hand):
    hand.program.choose_provider("anthropic", "ok")
    run(hand, "with other settings")
    hand.shows(asked="Compare with other settings")
    hand.type("temperature=0.2, thinking=high")
    hand.chord("Enter")
    hand.until(
        lambda: "anthropic/ok:temperature=0.2,thinking=high" in hand.program.settings()["compared"], "the column"
    )
    write(hand, "which settings")
    hand.chord("Ctrl+Shift+Enter")
    hand.until(lambda: len(hand.program.comparison().columns) == 3, "three columns")
    hand.until(lambda: not hand.program.comparison().running, "all answers")
    hand.sees("anthropic/ok:temperature=0.2,thinking=high")
    assert [one.state for one in hand.program.comparison().columns] == ["done"] * 3


def test_an_answer_by_a_schema_is_checked_and_shown(hand):
    hand.program.choose_provider("anthropic", "json")
    write(hand, "")
    hand.chord("Ctrl+Shift+J")
    hand.shows(asked="A JSON Schema for the answers")
    hand.type(SCHEMA)
    hand.shows(text=SCHEMA)
    hand.chord("Ctrl+Enter")
    hand.shows(asked="")
    hand.chord("Ctrl+1")
    ask(hand, "count")
    hand.sees("It fits the schema.", "n: 1")
    run(hand, "answer in words")
    hand.until(lambda: "schema" not in [part.origin for part in hand.program.tokens().parts], "words again")


def test_what_was_spent_is_a_panel(hand):
    ask(hand, "first")
    run(hand, "go to spending")
    hand.sees("Today: $", "anthropic cached", "The last requests")
    assert hand.program.spending().day.usd > 0


def test_a_cap_asks_before_the_request_goes_out(bench, hand):
    _, fake = bench
    hand.program.choose_provider("anthropic", "dear")
    before = len(fake.requests)
    write(hand, "dear")
    hand.click(*send_button(hand))
    hand.shows(asked="Send it anyway?")
    hand.sees("your cap is $1.00")
    assert hand.screen()["asked"] == "Send it anyway?"
    hand.chord("Escape")
    hand.shows(asked="", field="composer", text="dear")
    assert len(fake.requests) == before
