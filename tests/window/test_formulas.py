"""Formulas are set on every system: also where the locale that their library wants is missing."""

import os
import time

import pytest
from src.chat import Done, Message, Text
from src.discussion.events import Added, Arrived, Begun, Ended
from src.window import formulas

FORMULAS = ["y = 1", r"\int_0^1 x^2\,dx = \frac{1}{3}", r"\sum_{i=1}^n i"]


def answer(controller, text):
    discussion = controller.discussion
    discussion.record(Added(discussion.next_id(), discussion.head(), time.time(), Message.of("user", "prove it")))
    discussion.record(Begun(discussion.next_id(), discussion.head(), time.time(), "echo", "echo-1"))
    discussion.record(Arrived(Text(text)))
    discussion.record(Ended(Done("end_turn"), None))


@pytest.mark.parametrize("dollars", ["$", "$$"])
def test_a_formula_in_an_answer_is_set_and_not_shown_as_its_source(drive, dollars):
    def steps(context, gui):
        answer(gui.controller, "\n\n".join(f"{dollars}{one}{dollars}" for one in FORMULAS))
        context.yield_(4)
        gui.read_next_frame()
        context.yield_(3)
        # The rows of the request show what goes out, which is the source.
        shown = "\n".join(line for line in gui.screen().lines if not line.startswith("| "))
        assert "prove it" in shown
        assert not [one for one in FORMULAS if one in shown]

    drive(steps)


def test_what_is_lent_to_formulas_is_taken_back(monkeypatch):
    monkeypatch.setenv("LOCPATH", "/mine")
    with formulas.locale_lent():
        assert os.environ["LOCPATH"].split(":")[-1] == "/mine"
    assert os.environ["LOCPATH"] == "/mine"
    monkeypatch.delenv("LOCPATH")
    with formulas.locale_lent():
        pass
    assert "LOCPATH" not in os.environ
