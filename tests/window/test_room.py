"""What has too little room: side panels grow with the text, and of a table the amounts stay on the screen."""

import time

import pytest
from imgui_bundle import hello_imgui, imgui
from src.chat import Done, Message, ModelReply, TextPart, Usage
from src.models.prices import Money
from src.panels.docked_sizes import SIDES
from src.panels.places import PLACES
from src.spending.entries import Entry, Order, day_of
from src.spending.ledger import Ledger
from src.turn.compared import Column
from src.turn.comparison import Comparison, ComparisonState
from tests.conftest import settled, wait_until
from tests.panels.test_discussion import add
from tests.scenes import beside

SETTINGS = "temperature=0.2,thinking=high"


def em_of(title, axis):
    """The panel's size in em of the text."""
    return getattr(imgui.internal.find_window_by_name(title).dock_node.size, axis) / hello_imgui.em_size(1)


def test_side_panels_grow_and_shrink_with_the_text(drive):
    def steps(context, gui):
        context.yield_(6)
        first = {title: em_of(title, axis) for title, axis, _, _ in SIDES}
        for scale in (1.5, 2.2, 1.0):
            gui.controller.settings.change(font_scale=scale)
            context.yield_(12)
            for title, axis, least, most in SIDES:
                whole = getattr(imgui.get_main_viewport().size, axis)
                assert em_of(title, axis) * hello_imgui.em_size(1) <= whole * most + 2
                assert em_of(title, axis) >= min(least, whole * most / hello_imgui.em_size(1)) - 0.2
        assert {title: em_of(title, axis) for title, axis, _, _ in SIDES} == pytest.approx(first, rel=0.02)

    drive(steps)


def lines(context, gui):
    gui.read_next_frame()
    context.yield_(3)
    return "\n".join(gui.screen().lines)


def column(settings):
    reply = ModelReply("anthropic", "claude-sonnet-5", (TextPart("**so**"),), Usage(24_801, 12_400, 3_072), Done("end"))
    return Column("anthropic", "claude-sonnet-5", reply, 0.25, 12.5, Money(1_234_567_000), 4, settings=settings)


@pytest.mark.parametrize("scale", [1.0, 1.5, 1.85])
def test_the_comparison_shows_what_each_answer_cost_and_its_markdown(drive, monkeypatch, scale):
    state = ComparisonState(3, (column(""), column(SETTINGS)))
    monkeypatch.setattr(Comparison, "snapshot", lambda _: state)

    def steps(context, gui):
        gui.controller.settings.change(font_scale=scale)
        gui.show_panel("Compare")
        context.yield_(8)
        shown = lines(context, gui)
        assert "claude-sonnet-5" in shown
        assert shown.count(str(Money(1_234_567_000))) == 2
        assert "12.50 s" in shown
        assert "**" not in shown

    drive(steps)


def test_amounts_of_what_was_spent_are_whole_when_larger_ones_come(drive, monkeypatch):
    entries = []
    monkeypatch.setattr(Ledger, "entries", lambda _: tuple(entries))
    monkeypatch.setattr(Ledger, "revision", property(lambda _: len(entries)))

    def entry(number, tokens, nanos):
        order = Order("anthropic", "claude-sonnet-5", "", "", "reply", Money(nanos))
        usage, now = Usage(tokens, tokens // 2), time.time()
        return Entry(f"{number}", now, day_of(now), order, "done", usage, Money(nanos))

    def steps(context, gui):
        entries.append(entry(1, 3, 1_000))
        gui.show_panel("Spending")
        context.yield_(8)
        entries.append(entry(2, 1_234_567, 98_765_432_100_000))
        context.yield_(8)
        shown = lines(context, gui)
        assert str(Money(98_765_432_100_000)) in shown
        assert "1.2M in, 617k out" in shown

    drive(steps)


def test_who_was_paid_is_on_the_screen_in_a_narrow_column_too(drive, monkeypatch):
    def steps(context, gui):
        order, now = Order("anthropic", "claude-sonnet-5", "", "", "reply", None), time.time()
        one = Entry("1", now, day_of(now), order, "done", Usage(1_234_567, 617_000), None)
        monkeypatch.setattr(Ledger, "entries", lambda _: (one,))
        monkeypatch.setattr(Ledger, "revision", property(lambda _: 7))
        gui.controller.settings.change(font_scale=2.6)
        gui.show_panel("Spending")
        context.yield_(10)
        assert imgui.internal.find_window_by_name("Spending").size.x / hello_imgui.em_size(1) < 24  # as at 1280 pixels
        shown = lines(context, gui)
        assert shown.count("claude-sonnet-5") >= 2, shown
        assert "unknown |" in shown
        assert "reply of unk" not in shown.partition("Paid to")[2]

    drive(steps)


def test_an_error_is_of_its_discussion_and_its_branch(drive):
    def steps(context, gui):
        controller = gui.controller
        controller.send("[[fail auth]] this")
        beside(context, lambda: settled(controller))
        said = controller.snapshot().error
        assert said
        name = controller.discussion.snapshot().name
        controller.discussion.new()
        assert controller.snapshot().error == ""
        add(controller, Message.of("user", "another discussion"))
        assert "Try again" not in lines(context, gui)
        controller.discussion.open(name)
        wait_until(controller, lambda: controller.discussion.snapshot().name == name)
        controller.send("a question that is answered")
        beside(context, lambda: settled(controller))
        assert controller.snapshot().error == ""

    drive(steps)


def test_an_error_is_not_shown_below_a_later_answer(drive):
    """A comparison answers without a reply: what the last reply failed with is not about it."""

    def steps(context, gui):
        controller = gui.controller
        controller.send("[[truncate]] some words that are cut")
        beside(context, lambda: settled(controller))
        assert controller.snapshot().error
        text = lines(context, gui)
        assert "The connection ended before the answer did." in text
        assert "The stream ended without" not in text  # once is enough
        assert "Try again" in text
        add(controller, Message.of("user", "which one"))
        assert controller.snapshot().error == ""
        controller.discussion.undo()
        assert controller.snapshot().error

    drive(steps)


def test_a_turn_is_no_wider_than_can_be_read_and_no_tab_has_a_button_over_its_title(drive):
    def steps(context, gui):
        add(gui.controller, Message.of("assistant", "word " * 400, "echo", "echo-1"))
        context.yield_(8)
        turns = next(one for one in imgui.get_current_context().windows if "/turns_" in one.name)
        assert turns.size.x / hello_imgui.em_size(1) > 55  # there would be room
        assert (turns.work_rect.max.x - turns.work_rect.min.x) / hello_imgui.em_size(1) < 52
        quiet = imgui.internal.DockNodeFlagsPrivate_.no_close_button.value
        for place in (one for one in PLACES if one.space):
            gui.show_panel(place.title)
            context.yield_(4)
            node = imgui.internal.find_window_by_name(place.title).dock_node
            assert node.merged_flags & quiet, place.title

    drive(steps)
