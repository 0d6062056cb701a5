"""The log's guarantee as a state machine: whatever valid events come, the replay of the log is the state.

Every rule draws an event that the tree takes, and each kind must occur often: a run that skips some proves nothing.
"""

import json
from collections import Counter

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test
from src.chat import Done, Failed, Message, Stopped, Text, Thinking, ToolCall, Truncated, Usage
from src.discussion import format as log_format
from src.discussion.events import (
    Added,
    Arrived,
    Begun,
    Cut,
    Deleted,
    Edited,
    Ended,
    Moved,
    Redone,
    SentFile,
    ToolsChosen,
    Undone,
)
from src.discussion.tree import Discussion
from src.models.prices import Money

KINDS = (
    "Added Begun Arrived FilesSent Ended Edited Deleted Cut Moved Undone Redone ToolsChosen "
    "Done Failed Truncated Stopped Text Thinking ToolCall Usage"
).split()
LEAST = 15  # of each kind in one run
WORDS = st.text(max_size=8)
SMALL = st.integers(0, 12)
PIECES = {
    "Text": st.builds(Text, WORDS),
    "Thinking": st.builds(Thinking, WORDS, WORDS),
    "ToolCall": st.builds(ToolCall, WORDS, WORDS, WORDS),
    "Usage": st.builds(Usage, SMALL, SMALL, SMALL),
}
ENDS = st.builds(Done, WORDS) | st.builds(Failed, WORDS) | st.just(Truncated()) | st.just(Stopped())
FILES = st.lists(st.builds(SentFile, WORDS, WORDS, SMALL), max_size=3, unique_by=lambda file: file.path).map(
    lambda files: tuple(sorted(files, key=lambda file: file.path))
)

streams = precondition(lambda machine: machine.live.reply is not None)
rests = precondition(lambda machine: machine.live.reply is None)
has_turns = precondition(lambda machine: machine.live.reply is None and len(machine.live))


class Log(RuleBasedStateMachine):
    """A tree, and the lines that were written about it."""

    seen: Counter[str]

    def __init__(self):
        super().__init__()
        self.live = Discussion()
        self.lines = []

    def happen(self, event, *kinds):
        self.live.apply(event)
        line = log_format.encode(event)
        assert log_format.decode(json.loads(line)) == event
        self.lines.append(line)
        self.seen.update((type(event).__name__, *kinds))

    def some(self, number):
        """The id of a turn that is there."""
        turns = self.live.turns()
        return turns[number % len(turns)].id

    @rests
    @rule(text=WORDS, number=SMALL)
    def write(self, text, number):
        parent = self.some(number) if number and len(self.live) else self.live.head
        self.happen(Added(self.live.next_id, parent, 1.5, Message.of("user", text)))

    @has_turns
    @rule()
    def ask(self):
        self.happen(Begun(self.live.next_id, self.live.head, 2.5, "echo", "echo-1"))

    @streams
    @rule(data=st.data(), kind=st.sampled_from(sorted(PIECES)))
    def arrive(self, data, kind):
        self.happen(Arrived(data.draw(PIECES[kind])), kind)

    @streams
    @rule(files=FILES)
    def send_files(self, files):
        self.happen(self.live.sending(files))
        assert self.live.sent_with(self.live._reply_at[0]) == files

    @streams
    @rule(end=ENDS, cost=st.none() | st.builds(Money, SMALL))
    def end(self, end, cost):
        self.happen(Ended(end, cost), type(end).__name__)

    @has_turns
    @rule(number=SMALL, text=WORDS)
    def edit(self, number, text):
        self.happen(Edited(self.some(number), text))

    @has_turns
    @rule(number=SMALL)
    def delete(self, number):
        self.happen(Deleted(self.some(number)))

    @has_turns
    @rule(number=SMALL)
    def cut(self, number):
        parents = sorted({turn.parent for turn in self.live.turns()} - {0})
        if parents:
            self.happen(Cut(parents[number % len(parents)]))

    @has_turns
    @rule(number=SMALL)
    def move(self, number):
        self.happen(Moved(self.some(number)))

    @precondition(lambda machine: machine.live.can_undo)
    @rule()
    def undo(self):
        self.happen(Undone())

    @precondition(lambda machine: machine.live.can_redo)
    @rule()
    def redo(self):
        self.happen(Redone())

    @rule(names=st.lists(WORDS, max_size=2))
    def choose_tools(self, names):
        self.happen(ToolsChosen(tuple(names)))

    def teardown(self):
        replayed = Discussion()
        for line in self.lines:
            replayed.apply(log_format.decode(json.loads(line)))
        assert replayed == self.live
        if self.live.reply is not None:
            return
        while replayed.can_redo:
            replayed.apply(Redone())
        before, undone = replayed.turns(), 0
        while replayed.can_undo:
            replayed.apply(Undone())
            undone += 1
        assert (replayed.turns(), replayed.head) == ((), 0)
        for _ in range(undone):
            replayed.apply(Redone())
        assert replayed.turns() == before


def test_the_replay_of_the_log_is_the_state_and_every_change_can_be_taken_back():
    Log.seen = Counter()
    run_state_machine_as_test(Log, settings=settings(max_examples=200, stateful_step_count=50, derandomize=True))
    assert {kind: Log.seen[kind] for kind in KINDS if Log.seen[kind] < LEAST} == {}


@pytest.mark.parametrize(
    ("end", "word"),
    [(Done("stop"), "done"), (Failed("no"), "failed"), (Truncated(), "truncated"), (Stopped(), "stopped")],
)
def test_an_end_has_its_own_word_in_the_log(end, word):
    assert json.loads(log_format.encode(Ended(end, None)))["end"]["is"] == word
