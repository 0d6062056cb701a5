"""What goes out of a turn: parts that the user leaves out, shortens or pins, and what compaction makes of old ones."""

import json

import pytest
from src.chat import Done, ImagePart, Message, Text, TextPart, ThinkingPart, ToolCallPart, ToolResultPart
from src.discussion import format as log_format
from src.discussion.events import Added, Arrived, Begun, Edited, Ended, Marked, Redone, Undone
from src.discussion.marks import LEFT_OUT, WHOLE, Mark, compact, describe, merge, outgoing, shorten, shortened, toggle
from src.discussion.tree import Discussion, DiscussionError, spoken

LONG = "a line of the answer of a tool\n" * 200
CALLED = Message("assistant", (ThinkingPart("hm"), TextPart("look"), ToolCallPart("c", "read_file", "{}")), "x", "m")
ANSWERED = Message("user", (ToolResultPart("c", "read_file", LONG), TextPart("and this")))


def tree_of(*messages):
    tree = Discussion()
    for message in messages:
        tree.apply(Added(tree.next_id, tree.head, 1.0, message))
    return tree


def test_without_marks_the_same_message_goes_out():
    assert outgoing(ANSWERED, ()) is ANSWERED
    assert outgoing(ANSWERED, (Mark(1, WHOLE, "pin"), Mark(1, 0, "pin"))) is ANSWERED


@pytest.mark.parametrize(
    ("marks", "texts"),
    [
        ((Mark(1, 1, "out"),), [LONG]),
        ((Mark(1, 0, "out"),), [LEFT_OUT, "and this"]),
        ((Mark(1, 0, "short", "less"), Mark(1, 1, "short", "this")), ["less", "this"]),
        ((Mark(1, WHOLE, "out"), Mark(1, 0, "short", "less")), None),
    ],
)
def test_what_goes_out_is_what_the_marks_say(marks, texts):
    sent = outgoing(ANSWERED, marks)
    assert (None if sent is None else [part.text for part in sent.parts]) == texts


def test_a_turn_of_which_every_part_is_left_out_does_not_go_out():
    tree = tree_of(Message.of("user", "one"), Message.of("user", "two"))
    tree.apply(Marked((Mark(1, 0, "out"),)))
    assert spoken(tree.branch()) == (Message.of("user", "two"),)
    assert [turn.message.text for turn in tree.branch()] == ["one", "two"]


def test_marks_are_one_step_of_undo_and_come_again():
    tree = tree_of(CALLED, ANSWERED)
    tree.apply(Marked((Mark(1, 0, "out"), Mark(2, 0, "short", "less"))))
    marked = spoken(tree.branch())
    tree.apply(Undone())
    assert spoken(tree.branch()) == (CALLED, ANSWERED)
    tree.apply(Redone())
    assert spoken(tree.branch()) == marked != (CALLED, ANSWERED)


@pytest.mark.parametrize(
    ("marks", "said"),
    [
        ((Mark(9, 0, "out"),), "no turn 9"),
        ((Mark(1, 7, "out"),), "no part 7"),
        ((Mark(1, 0, ""),), "nothing to change"),
    ],
)
def test_what_cannot_be_marked_changes_nothing(marks, said):
    tree = tree_of(CALLED)
    before = tree.revision
    with pytest.raises(DiscussionError, match=said):
        tree.apply(Marked(marks))
    assert (tree.revision, tree.turn(1).marks) == (before, ())


def test_an_edit_takes_the_marks_of_parts_with_it_and_leaves_that_of_the_turn():
    tree = tree_of(ANSWERED)
    tree.apply(Marked((Mark(1, 1, "short", "x"), Mark(1, WHOLE, "pin"))))
    tree.apply(Edited(1, "other words"))
    assert tree.turn(1).marks == (Mark(1, WHOLE, "pin"),)


def test_a_mark_is_in_the_log_as_it_was():
    event = Marked((Mark(1, -1, "out"), Mark(2, 0, "short", "less\n")))
    assert log_format.decode(json.loads(log_format.encode(event))) == event


@pytest.mark.parametrize("row", [[1, 0, "gone", ""], ["1", 0, "out", ""], [1, 0, "out", None], [1]])
def test_a_damaged_mark_is_no_event(row):
    with pytest.raises(log_format.LineError):
        log_format.decode({"e": "mark", "marks": [row]})


def test_a_shortened_text_keeps_its_ends_and_says_what_is_missing():
    text = shortened(LONG)
    assert text.startswith("a line")
    assert text.endswith("a tool\n")
    assert "characters left out by the user]" in text
    assert len(text) < 1100
    assert shortened("short") == "short"
    assert len(shortened("x" * 10_000)) < 1100


def test_only_what_is_long_and_unmarked_is_shortened():
    assert [mark.part for mark in shorten(1, ANSWERED, ())] == [0]
    assert shorten(1, ANSWERED, (Mark(1, 0, "pin"),)) == ()
    assert shorten(1, ANSWERED, (Mark(1, WHOLE, "pin"),)) == ()


def test_compaction_shortens_what_is_old_and_leaves_what_is_pinned_or_recent():
    picture = Message("user", (ImagePart("image/png", b"x", "a.png"), TextPart("see")))
    turns = [CALLED, ANSWERED, picture, ANSWERED, *[ANSWERED] * 4]
    rows = tuple((number, message, ()) for number, message in enumerate(turns, 1))
    rows = (*rows[:3], (4, ANSWERED, (Mark(4, WHOLE, "pin"),)), *rows[4:])
    marks = compact(rows)
    assert [(mark.turn, mark.part, mark.how) for mark in marks] == [(1, 0, "out"), (2, 0, "short"), (3, 0, "out")]
    assert compact(rows[:3]) == ()


def test_a_mark_is_switched_on_and_off():
    on = toggle(1, 0, (), "out")
    assert toggle(1, 0, (on,), "out") == Mark(1, 0, "")
    assert merge((on,), (Mark(1, 0, ""),)) == ()


def test_marks_are_said_in_words():
    assert describe((Mark(1, WHOLE, "out"), Mark(1, 0, "short", "x"))) == "left out"
    marks = (Mark(1, 0, "out"), Mark(1, 1, "out"), Mark(1, 2, "short", "x"), Mark(1, WHOLE, "pin"))
    assert describe(marks) == "2 parts left out, 1 part shortened, pinned"
    assert describe(()) == ""


def test_an_answer_can_be_left_out_too():
    tree = tree_of(Message.of("user", "one"))
    for event in (Begun(2, 1, 1.0, "echo", "m"), Arrived(Text("answer")), Ended(Done("end"), None)):
        tree.apply(event)
    tree.apply(Marked((Mark(2, WHOLE, "out"),)))
    assert [message.text for message in spoken(tree.branch())] == ["one"]
