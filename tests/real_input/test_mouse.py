"""What a hand does with the mouse alone: lists, files, what is dropped and pasted, themes, other discussions."""

from __future__ import annotations

import os
import stat

import pytest
from tests.real_input.conftest import begin

SIZE = (1280, 800)
TAB, ROW, LINE, PAD = 26, 32, 22, 10  # pixels at 100 %: a tab, a row of buttons and one of words with gaps, padding
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63f8cfc0000003010100"
    "c9fe92ef0000000049454e44ae426082"
)


@pytest.fixture(scope="module")
def bench(display, tmp_path_factory):
    """A hand on a project of two files, `xclip` that holds a picture, and the home of the program."""
    home = tmp_path_factory.mktemp("home")
    folder = home / "work"
    folder.mkdir()
    (folder / "alpha.txt").write_text("alpha\n")
    (folder / "beta.txt").write_text("beta\n")
    (home / "picture.png").write_bytes(PNG)
    clip = home / "bin" / "xclip"  # the picture on the clipboard, as the program of this name answers
    clip.parent.mkdir()
    clip.write_text(f"#!/bin/sh\ncat '{home / 'picture.png'}'\n")
    clip.chmod(clip.stat().st_mode | stat.S_IXUSR)
    with begin(home, display, PATH=f"{clip.parent}{os.pathsep}{os.environ['PATH']}") as hand:
        hand.resize(*SIZE)
        hand.program.create_project(str(folder))
        hand.sees("alpha.txt", "beta.txt")
        yield hand, home


@pytest.fixture
def hand(bench):
    """A hand on a new discussion with an empty composer."""
    found, _ = bench
    found.chord("Escape")
    found.chord("Ctrl+N")
    found.chord("Ctrl+L")
    found.shows(field="composer", asked="")
    found.chord("Ctrl+A")
    found.chord("Delete")
    found.shows(field="composer", text="")
    return found


def test_provider_and_model_are_chosen_with_the_mouse(hand):
    left, top, right, _ = hand.area("Composer")
    wide, button = right - left, top + TAB + PAD  # the lists open above their buttons
    first, model = hand.program.state().provider, hand.program.state().model
    hand.click(left + wide * 0.1, button + ROW / 2)
    hand.sees("Echo (offline)", "OpenAI")
    hand.click(left + wide * 0.1, button - PAD - LINE / 2)  # the last one
    hand.until(lambda: hand.program.state().provider != first, "another provider")
    assert hand.program.state().model != model
    hand.click(left + wide * 0.1, button + ROW / 2)
    hand.sees("Echo (offline)", "Anthropic")
    hand.click(left + wide * 0.1, button - PAD - LINE * 3.5)  # the first one
    hand.until(lambda: hand.program.state().provider == first, "the provider from before")
    hand.click(left + wide * 0.5, button + ROW / 2)
    hand.sees("echo-slow", "Fetch the list")
    before = hand.program.state().model
    hand.click(left + wide * 0.5 + 80, button - PAD - ROW * 5 + LINE * 1.5)  # the second one
    hand.until(lambda: hand.program.state().model != before, "another model")
    hand.program.choose_provider(first, before)


def test_a_file_is_chosen_with_the_mouse_and_goes_along(hand):
    left, top, _, _ = hand.area("Context")
    chosen = lambda: [file.path for file in hand.program.context().files if file.included]  # noqa: E731
    assert chosen() == []
    for offset in range(TAB + PAD + 3 * ROW, TAB + PAD + 7 * ROW, 8):  # the first box below the search
        hand.click(left + PAD + 8, top + offset)
        if chosen():
            break
    assert chosen() == ["alpha.txt"]
    hand.sees("1 of 3 files")


def test_a_file_is_attached_by_the_paper_clip_and_its_path(bench, hand):
    _, home = bench
    (home / "note.txt").write_text("a note\n")
    left, _, _, bottom = hand.area("Composer")
    hand.click(left + 22, bottom - 24)
    hand.shows(asked="Attach a file")
    hand.type(str(home / "note.txt"))
    hand.chord("Enter")
    hand.sees("note.txt")
    hand.shows(asked="")
    hand.chord("Ctrl+L")
    hand.type("read it")
    hand.chord("Ctrl+Enter")
    hand.until(lambda: len(hand.program.discussion().turns) == 2, "an answer")
    assert "a note" in hand.program.export()


def test_what_is_dropped_onto_the_window_is_attached(bench, hand):
    _, home = bench
    (home / "dropped one.txt").write_text("dropped words\n")
    path = str(home / "dropped one.txt").replace(" ", "%20")
    hand.drop([path], (400, 300))
    hand.sees("dropped one.txt")
    hand.chord("Ctrl+L")
    hand.type("what is it")
    hand.chord("Ctrl+Enter")
    hand.until(lambda: len(hand.program.discussion().turns) == 2, "an answer")
    assert "dropped words" in hand.program.export()


def test_a_picture_on_the_clipboard_is_pasted(hand):
    hand.chord("Ctrl+Shift+B")
    hand.sees("pasted 1.png")


def test_another_discussion_is_opened_from_the_list(hand):
    hand.type("the first of two")
    hand.chord("Ctrl+Enter")
    hand.until(lambda: len(hand.program.discussion().turns) == 2, "an answer")
    name = hand.program.state().discussion
    hand.chord("Ctrl+N")
    hand.until(lambda: hand.program.state().discussion != name, "a new discussion")
    hand.chord("Ctrl+9")
    hand.sees("Search all discussions")
    hand.until(lambda: name in [one.name for one in hand.program.discussions().discussions], "the list")
    left, top, _, _ = hand.area("Discussions")
    for offset in range(TAB + PAD + ROW, TAB + PAD + 4 * ROW, 8):  # the first row
        hand.click(left + 90, top + offset)
        if hand.program.state().discussion == name:
            break
    hand.until(lambda: hand.program.state().discussion == name, "the discussion")
    hand.sees("the first of two")


def test_a_theme_is_chosen_in_the_settings(hand):
    hand.chord("Ctrl+8")
    hand.shows(window="Settings")
    hand.sees("Theme", "Dark")
    left, top, _, _ = hand.area("Settings")
    hand.click(left + 300, top + TAB + PAD + ROW + ROW / 2)
    hand.sees("High contrast")
    hand.chord("Down")
    hand.chord("Enter")
    hand.until(lambda: hand.program.settings()["theme"] != "dark", "another theme")
