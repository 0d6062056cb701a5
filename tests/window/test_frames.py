"""What a frame does, counted in calls: no clock, so that other programs on the machine change nothing."""

import sys
import time

import pytest
from src.chat import Message
from src.discussion.tree import Added
from src.gui_2 import Gui


@pytest.fixture
def calls(monkeypatch):
    """The Python calls of each frame so far, the steps of generators included."""
    frames = []
    begin, end = Gui._begin_frame, Gui._end_frame

    def count(frame, event, argument):
        if event == "call":
            frames[-1] += 1

    def begin_frame(gui):
        frames.append(0)
        sys.setprofile(count)
        begin(gui)

    def end_frame(gui):
        end(gui)
        sys.setprofile(None)

    monkeypatch.setattr(Gui, "_begin_frame", begin_frame)
    monkeypatch.setattr(Gui, "_end_frame", end_frame)
    return frames


def fill(controller, count):
    for number in range(count):
        role = "assistant" if number % 2 else "user"
        message = Message.of(role, f"Turn {number}: some *words* to read", "echo", "echo-1")
        discussion = controller.discussion
        discussion.record(Added(discussion.next_id(), discussion.head(), time.time(), message))


def test_a_frame_at_rest_does_no_more_in_a_long_discussion_than_in_a_short_one(drive, calls):
    found = {}

    def steps(context, gui):
        for turns in (100, 900):
            fill(gui.controller, turns)
            context.yield_(20)
            found[turns] = min(calls[-5:])

    drive(steps)
    assert found[100] > 100
    assert found[900] < found[100] * 1.1, found


def test_commands_that_come_and_go_are_made_for_an_open_menu_only(drive):
    asked = []

    def steps(context, gui):
        varying = gui.commands._varying

        def ask():
            asked.append(True)
            return varying()

        gui.commands._varying = ask
        context.yield_(10)
        assert not asked
        context.menu_click("//##MainMenuBar/Model/Provider/###provider.echo")
        assert asked

    drive(steps)
