"""What a hand does all day: what stays on the screen after it. What the mouse does, at three sizes of the window."""

from __future__ import annotations

import io

from tests.real_input.conftest import by_keys


def turns(hand):
    return [turn.text for turn in hand.program.discussion().turns]


def ask(hand, text):
    """Writes and sends *text*, and waits for the answer to end."""
    before = len(turns(hand))
    hand.type(text)
    hand.shows(text=text)
    hand.chord("Ctrl+Enter")
    hand.until(lambda: len(turns(hand)) == before + 2, "an answer")
    return hand.shows(field="composer", text="", asked="")


def send_button(hand):
    """The middle of the button: it is in the lower right corner of the composer."""
    _, _, right, bottom = hand.area("Composer")
    size = hand.program.settings()["font_scale"] * 16
    return right - 3 * size, bottom - 1.4 * size


def run_from_palette(hand, typed):
    hand.chord("Ctrl+Shift+P")
    hand.shows(asked="Commands")
    hand.type(typed)
    hand.shows(text=typed)
    hand.chord("Enter")


@by_keys
def test_a_message_is_sent_by_keys_once_and_the_composer_is_empty(hand):
    ask(hand, "first question")
    hand.chord("Ctrl+Enter")
    now = hand.screen()
    assert (turns(hand), now["text"]) == (["first question"] * 2, "")
    ask(hand, "second")
    assert turns(hand) == ["first question"] * 2 + ["second"] * 2


def test_a_message_is_sent_by_the_button(hand):
    hand.type("by the button")
    hand.shows(text="by the button")
    hand.click(*send_button(hand))
    hand.until(lambda: turns(hand) == ["by the button"] * 2, "an answer")
    hand.shows(field="composer", text="")


HIDDEN = "[key hidden]"  # as the hook API says it
SECRET = "sk-Zx8Lq2Rv5Tn9Wy3Bk6Mp1Hd4Fg7Js0Uc"


def test_a_question_before_sending_stays_and_no_is_what_enter_means(hand):
    hand.type(SECRET)
    hand.shows(text=HIDDEN)
    hand.click(*send_button(hand))
    hand.shows(asked="Send it anyway?", window="Send it anyway?")
    for _ in range(5):
        assert hand.screen()["asked"] == "Send it anyway?"
    hand.chord("Enter")
    hand.shows(asked="", field="composer", text=HIDDEN)
    assert turns(hand) == []


@by_keys
def test_a_reply_is_stopped(hand):
    hand.type("[[slow 0.2]] one two three four five six seven eight nine ten")
    hand.chord("Ctrl+Enter")
    hand.until(lambda: hand.program.state().streaming, "a reply")
    hand.chord("Escape")
    hand.until(lambda: not hand.program.state().streaming, "its end")
    hand.until(lambda: "stopped" in [turn.end for turn in hand.program.discussion().turns], "a stopped turn")


@by_keys
def test_a_turn_is_edited_and_asked_again_and_branches_are_shown(hand):
    ask(hand, "alpha")
    hand.chord("Ctrl+R")
    hand.sees("2/2")
    hand.chord("Ctrl+[")
    hand.sees("1/2")
    hand.chord("Ctrl+E")
    hand.shows(asked="Edit the turn", text="alpha")
    hand.chord("Ctrl+A")
    hand.type("beta")
    hand.shows(text="beta")
    hand.chord("Ctrl+Enter")
    hand.shows(asked="")
    hand.until(lambda: "beta" in turns(hand), "the edit")


@by_keys
def test_the_search_has_the_keyboard_and_escape_closes_it(hand):
    ask(hand, "needle")
    hand.chord("Ctrl+F")
    hand.shows(field="search")
    hand.type("needle")
    hand.shows(field="search", text="needle")
    hand.sees("2 found")
    hand.chord("Enter")
    hand.shows(field="search")
    hand.chord("Escape")
    hand.shows(field="composer", text="")


@by_keys
def test_the_model_and_the_theme_are_chosen_in_the_palette(hand):
    run_from_palette(hand, "model echo-slow")
    hand.until(lambda: hand.program.state().model == "echo-slow", "another model")
    hand.shows(asked="")
    run_from_palette(hand, "model echo-1")
    hand.until(lambda: hand.program.state().model == "echo-1", "the model")
    hand.shows(asked="")
    before = hand.program.settings()["theme"]
    run_from_palette(hand, "theme light" if before == "dark" else "theme dark")
    hand.until(lambda: hand.program.settings()["theme"] != before, "another theme")
    hand.shows(asked="")


@by_keys
def test_settings_open_from_the_palette_and_are_left_for_the_composer(hand):
    run_from_palette(hand, "keys of providers")
    hand.shows(window="Settings", asked="")
    hand.sees("Paste ANTHROPIC_API_KEY")
    hand.chord("Ctrl+L")
    hand.shows(window="Composer", field="composer")
    hand.type("a thought")
    hand.shows(field="composer", text="a thought")


@by_keys
def test_a_short_chord_counts_in_any_order_of_its_release(hand):
    for number in range(6):
        hand.chord("Ctrl+F", as_tools_do=True)
        hand.shows(field="composer" if number % 2 else "search")


def test_the_picture_is_not_empty_and_has_the_size_of_the_window(hand):
    from PIL import Image

    shown = Image.open(io.BytesIO(hand.program.screenshot()))
    area = max(hand.screen()["areas"], key=lambda one: one["width"])
    assert abs(shown.size[0] - area["width"]) < 2
    assert len(shown.convert("RGB").getcolors(1 << 24)) > 20
