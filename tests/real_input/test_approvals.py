"""A model asks for a command: the question is on the screen, the keyboard stays where it was, keys answer it."""

from __future__ import annotations

import pytest
from tests.real_input.conftest import begin

TOOLS = ("Read files", "List files", "Search in files", "Edit files", "Run commands")


@pytest.fixture(scope="module")
def bench(display, tmp_path_factory):
    """A hand on a project in which the model may use every tool, and the project's folder."""
    home = tmp_path_factory.mktemp("home")
    folder = home / "work"
    folder.mkdir()
    with begin(home, display) as hand:
        hand.program.create_project(str(folder))
        hand.chord("Ctrl+5")
        hand.shows(window="Approvals", field="")
        for title in TOOLS:
            hand.chord("Down")
            hand.chord(" ")
            hand.sees(f"[x] {title}")
        yield hand, folder


def ask_for_a_command(hand, name):
    """A model asks to make the file *name*; the question is on the screen, and the keyboard is where it was."""
    text = f'[[tool run_command {{"argv": ["touch", "{name}"]}}]] please'
    hand.chord("Ctrl+L")
    hand.shows(field="composer", text="")
    hand.type(text)
    hand.shows(text=text)
    hand.chord("Ctrl+Enter")
    hand.sees("A command waits for you", f"1: {name}")
    hand.type("meanwhile")
    hand.shows(field="composer", text="meanwhile")
    hand.chord("Ctrl+A")
    hand.chord("Delete")
    hand.shows(field="composer", text="")


def test_what_waits_is_approved_by_its_keys(bench):
    hand, folder = bench
    ask_for_a_command(hand, "made")
    assert not (folder / "made").exists()
    hand.chord("Ctrl+Shift+Y")
    hand.sees("Nothing waits for you")
    hand.until(lambda: not hand.program.state().streaming, "the end of the reply")
    hand.until((folder / "made").exists, "the file")


def test_what_waits_is_denied_by_its_keys(bench):
    hand, folder = bench
    before = len(hand.program.discussion().turns)
    ask_for_a_command(hand, "denied")
    hand.chord("Ctrl+Shift+N")
    hand.sees("Nothing waits for you")
    hand.until(lambda: len(hand.program.discussion().turns) == before + 4, "the answer to the refusal")
    assert not (folder / "denied").exists()
