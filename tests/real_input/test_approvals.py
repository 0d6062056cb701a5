"""A model asks for a command: the question is on the screen, the keyboard stays where it was, keys answer it.

What was denied or has failed is in the log, with its reason.
"""

from __future__ import annotations

import pytest
from tests.real_input.conftest import begin

REASON = "Echo (offline) imitates the failure auth."
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


def is_quiet(hand):
    """No reply streams and none waits."""
    now = hand.program.state()
    return not (now.streaming or now.waiting)


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
    hand.until(lambda: is_quiet(hand), "the end of the reply")
    hand.until((folder / "made").exists, "the file")


def test_what_waits_is_denied_by_its_keys(bench):
    hand, folder = bench
    before = len(hand.program.discussion().turns)
    ask_for_a_command(hand, "denied")
    hand.chord("Ctrl+Shift+N")
    hand.sees("Nothing waits for you")
    hand.until(lambda: len(hand.program.discussion().turns) == before + 4, "the answer to the refusal")
    assert not (folder / "denied").exists()


def test_a_command_that_is_always_allowed_asks_no_more_until_that_is_taken_back(bench):
    hand, folder = bench
    ask_for_a_command(hand, "once")
    hand.chord("Ctrl+Shift+P")
    hand.shows(asked="Commands")
    hand.type("always allow")
    hand.chord("Enter")
    hand.shows(asked="Always allow?", text="touch once")
    hand.chord("Ctrl+A")
    hand.type("touch")
    hand.shows(text="touch")
    hand.chord("Enter")
    hand.until((folder / "once").exists, "the file")
    hand.until(lambda: is_quiet(hand), "the end of the reply")
    assert hand.program.allowed_commands() == (("touch",),)
    hand.chord("Ctrl+L")
    hand.shows(field="composer", text="", asked="")
    hand.type('[[tool run_command {"argv": ["touch", "again"]}]] please')
    hand.shows(text='[[tool run_command {"argv": ["touch", "again"]}]] please')
    hand.chord("Ctrl+Enter")
    hand.until((folder / "again").exists, "the file that nobody was asked about")
    hand.chord("Ctrl+5")
    hand.sees("Commands that ask no more in this project", "touch ...")
    assert hand.program.revoke_command(("touch",)) == ()
    hand.until(lambda: is_quiet(hand), "the end of the reply")
    ask_for_a_command(hand, "asked")
    hand.chord("Ctrl+Shift+N")
    hand.sees("Nothing waits for you")


def test_hunks_of_an_edit_are_taken_one_by_one_with_the_keyboard(bench):
    hand, folder = bench
    lines = ["first", *"abcdefgh", "last"]
    (folder / "notes.md").write_text("\n".join(lines))
    old, new = "\\n".join(lines), "\\n".join(["FIRST", *lines[1:-1], "LAST"])
    hand.until(lambda: is_quiet(hand), "the end of the reply before")
    hand.program.send(f'[[tool propose_edit {{"path": "notes.md", "old_text": "{old}", "new_text": "{new}"}}]] please')
    hand.sees("2 of 2 changes are made", "[x] 1. Line 1: 1 out, 1 in", "[x] 2. Line 10: 1 out, 1 in")
    hand.chord("Alt+2")
    hand.sees("1 of 2 changes are made", "[ ] 2. Line 10: 1 out, 1 in")
    hand.chord("Ctrl+Shift+Y")
    hand.sees("Nothing waits for you")
    hand.until(lambda: (folder / "notes.md").read_text() != "\n".join(lines), "the edit")
    assert "last" in (folder / "notes.md").read_text()


def log_of(hand):
    """The words of the log, which is opened."""
    hand.chord("Ctrl+7")
    hand.shows(window="Log", field="")
    return hand.screen()["lines"]


def test_a_reply_that_fails_is_in_the_log_with_the_reason(bench):
    hand, _ = bench
    hand.chord("Ctrl+L")
    hand.shows(field="composer", text="")
    hand.type("[[fail auth]] hello")
    hand.chord("Ctrl+Enter")
    hand.sees(f"{REASON}\n[ Try again ]")  # in the discussion
    log_of(hand)
    hand.sees(f"error reply\n{REASON}")


def test_a_command_that_is_denied_is_in_the_log_by_its_name(bench):
    hand, folder = bench
    ask_for_a_command(hand, "never")
    hand.chord("Ctrl+Shift+N")
    hand.sees("Nothing waits for you")
    log_of(hand)
    hand.sees("warning approvals", "Not allowed: Run")
    assert not (folder / "never").exists()
