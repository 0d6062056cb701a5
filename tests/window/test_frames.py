"""What a frame does, counted in calls: no clock, so that other programs on the machine change nothing."""

import itertools
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


def steps_of_a_turn(drive, calls, act):
    """How many calls the frame of `act(context, gui, name)` takes for each turn of a discussion."""
    found = {}

    def steps(context, gui):
        gui.controller.composer.set_model("anthropic", "claude-sonnet-5")  # it has a cache, which weighs each turn
        for turns in (100, 900):
            gui.controller.discussion.new().result(30)
            fill(gui.controller, turns)
            context.yield_(10)
            name = gui.controller.discussion.snapshot().name
            start = len(calls)
            act(context, gui, name)
            drawn = calls[start:-1]  # the pool may change the turns in the middle of a frame: two share the work then
            found[turns] = max(map(sum, itertools.pairwise(drawn)))

    drive(steps)
    return (found[900] - found[100]) / 800


def test_opening_a_long_discussion_leaves_little_of_each_turn_to_a_frame(drive, calls):
    def reopen(context, gui, name):
        discussion = gui.controller.discussion
        discussion.new().result(30)
        context.yield_(3)  # the empty one is shown
        opened = discussion.open(name)
        while not opened.done():
            context.yield_(1)
        opened.result()
        context.yield_(5)
        assert len(discussion.snapshot().turns) in (100, 900)

    assert steps_of_a_turn(drive, calls, reopen) < 22


def test_a_letter_in_a_long_discussion_costs_little_for_each_turn(drive, calls):
    def write(context, gui, name):
        for text in ("a", "ab", "abc"):
            gui.controller.composer.set_text(text)
            context.yield_(2)

    assert steps_of_a_turn(drive, calls, write) < 9


def test_one_more_turn_in_a_long_discussion_costs_little_for_each_turn(drive, calls):
    def add(context, gui, name):
        fill(gui.controller, 1)
        context.yield_(3)

    assert steps_of_a_turn(drive, calls, add) < 17


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
