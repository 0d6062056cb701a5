"""What went wrong is in the log, with its reason, and all of it is on the screen."""

from __future__ import annotations

from tests.real_input.test_approvals import ask_for_a_command, bench

__all__ = ["bench"]  # a fixture
REASON = "Echo (offline) imitates the failure auth."


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
