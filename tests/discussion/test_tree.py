"""The tree of turns: each event, undo, and that the state is the replay of the log."""

import pytest
from src.chat import Done, Failed, Message, Stopped, Text, Usage
from src.discussion.events import (
    Added,
    Arrived,
    Begun,
    Cut,
    Deleted,
    Edited,
    Ended,
    FilesSent,
    Moved,
    Redone,
    SentFile,
    Undone,
)
from src.discussion.tree import Discussion, DiscussionError
from src.models.prices import Money, Spent


def talk(*texts):
    """A discussion whose turns are *texts*, numbered from 1."""
    tree = Discussion()
    for number, text in enumerate(texts, 1):
        tree.apply(Added(number, number - 1, float(number), Message.of("user", text)))
    return tree


def shown(tree):
    return [turn.message.text for turn in tree.branch()]


def test_a_reply_becomes_a_turn_with_usage_cost_and_end():
    tree = talk("ask")
    for event in (Begun(2, 1, 5.0, "echo", "echo-1"), Arrived(Text("an")), Arrived(Text("swer")), Arrived(Usage(3, 2))):
        tree.apply(event)
    assert (shown(tree), tree.reply.text) == (["ask"], "answer")
    tree.apply(Ended(Done("end"), Money(7)))
    turn = tree.branch()[-1]
    assert (turn.id, turn.parent, turn.message) == (2, 1, Message.of("assistant", "answer", "echo", "echo-1"))
    assert (turn.usage, turn.cost, turn.end, tree.spent) == (Usage(3, 2), Money(7), Done("end"), Spent(Money(7)))


def test_the_files_that_went_out_stay_with_the_turn_and_its_answer():
    one, two, new = SentFile("a.py", "d1", 3), SentFile("b.py", "d2", 4), SentFile("a.py", "d3", 5)
    tree = talk("ask")
    tree.apply(Begun(2, 1, 5.0, "echo", "echo-1"))
    assert tree.sending((two, one)) == FilesSent((two, one))
    tree.apply(tree.sending((two, one)))
    for event in (Arrived(Text("answer")), Ended(Done("end"), None), Added(3, 2, 6.0, Message.of("user", "more"))):
        tree.apply(event)
    tree.apply(Begun(4, 3, 7.0, "echo", "echo-1"))
    assert tree.sending((new,)) == FilesSent((new,), ("b.py",))
    tree.apply(tree.sending((new,)))
    tree.apply(Ended(Failed("no network", "network"), None))
    tree.apply(Undone())
    assert [tree.sent_with(turn) for turn in (1, 2, 3, 4)] == [(one, two), (one, two), (new,), (new,)]


def test_a_reply_without_a_word_leaves_no_turn_and_its_number_is_not_given_again():
    tree = talk("ask")
    tree.apply(Begun(2, 1, 5.0, "echo", "echo-1"))
    tree.apply(Ended(Failed("no network", "network"), None))
    assert (shown(tree), tree.next_id, tree.spent) == (["ask"], 3, Spent())


def test_an_edit_keeps_what_follows_and_what_is_not_text():
    tree = talk("one", "two", "three")
    tree.apply(Edited(2, "zwei"))
    assert shown(tree) == ["one", "zwei", "three"]


def test_a_deleted_turn_leaves_what_follows_it():
    tree = talk("one", "two", "three")
    tree.apply(Deleted(2))
    assert (shown(tree), tree.branch()[1].parent) == (["one", "three"], 1)
    tree.apply(Deleted(3))
    assert (shown(tree), tree.head) == (["one"], 1)


def test_cut_takes_everything_after_the_turn():
    tree = talk("one", "two", "three")
    tree.apply(Cut(1))
    assert shown(tree) == ["one"]


def test_a_fork_makes_a_branch_and_a_switch_shows_the_other():
    tree = talk("one", "two", "three")
    tree.apply(Moved(1))
    tree.apply(Added(4, 1, 4.0, Message.of("user", "zwei")))
    assert (shown(tree), tree.branch()[1].siblings) == (["one", "zwei"], (2, 4))
    tree.apply(Moved(tree.leaf(2)))
    assert shown(tree) == ["one", "two", "three"]


def test_undo_and_redo_go_through_every_change():
    tree = talk("one", "two", "three")
    tree.apply(Edited(1, "eins"))
    tree.apply(Deleted(2))
    tree.apply(Cut(1))
    seen = [shown(tree)]
    while tree.can_undo:
        tree.apply(Undone())
        seen.append(shown(tree))
    assert seen == [
        ["eins"],
        ["eins", "three"],
        ["eins", "two", "three"],
        ["one", "two", "three"],
        ["one", "two"],
        ["one"],
        [],
    ]
    for expected in reversed(seen[:-1]):
        tree.apply(Redone())
        assert shown(tree) == expected


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        (Edited(9, "x"), "no turn 9"),
        (Deleted(9), "no turn 9"),
        (Cut(2), "nothing after"),
        (Moved(9), "no turn 9"),
        (Redone(), "nothing to redo"),
        (Arrived(Text("x")), "no reply"),
        (Ended(Stopped(), None), "no reply"),
        (FilesSent(()), "no reply"),
        (Added(1, 0, 0.0, Message.of("user", "x")), "was given"),
        (Added(7, 6, 0.0, Message.of("user", "x")), "no turn 6"),
    ],
)
def test_what_cannot_be_done_changes_nothing(event, reason):
    tree, same = talk("one", "two"), talk("one", "two")
    with pytest.raises(DiscussionError, match=reason):
        tree.apply(event)
    assert tree == same


def test_while_a_reply_streams_the_tree_is_left_alone():
    tree = talk("one")
    tree.apply(Begun(2, 1, 0.0, "echo", "echo-1"))
    with pytest.raises(DiscussionError, match="stop it first"):
        tree.apply(Deleted(1))
    assert shown(tree) == ["one"]
