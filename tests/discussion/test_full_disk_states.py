"""Discussions on a disk that fills and empties: left, opened again, closed and started anew in any order.

What was said is shown as long as the program runs, is in its file once there is room, or is what the end reports.
"""

import errno
import json
import os
import tempfile

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from src.chat import Message
from src.discussion.events import Added
from src.discussion.live import LiveDiscussion
from src.discussion.reading import load
from tests.backgrounds import Now

REAL_OPEN, REAL_WRITE = os.open, os.write


class Disk:
    """Lets `os` write `room` more bytes below *folder*, and make no file when there are none; None: as many as wanted.

    What was there already can be opened for writing on a full disk, and cut."""

    def __init__(self, folder):
        self.folder = folder
        self.room = None

    def __enter__(self):
        os.open, os.write = self._open, self._write
        return self

    def __exit__(self, *_):
        os.open, os.write = REAL_OPEN, REAL_WRITE

    def _open(self, path, flags, mode=0o777, *, dir_fd=None):
        if self.room == 0 and flags & os.O_CREAT:
            try:
                return REAL_OPEN(path, flags & ~os.O_CREAT & ~os.O_EXCL, mode, dir_fd=dir_fd)
            except FileNotFoundError:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), path) from None
        return REAL_OPEN(path, flags, mode, dir_fd=dir_fd)

    def _write(self, descriptor, data):
        if self.room is None or len(data) < 16:  # the number of a process in a lock file takes no new block
            return REAL_WRITE(descriptor, data)
        if self.room == 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        done = REAL_WRITE(descriptor, bytes(data)[: self.room])
        self.room -= done
        return done


class FullDisk(RuleBasedStateMachine):
    """`said`: for each discussion by name what was said in it, in order."""

    def __init__(self):
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.disk = Disk(self.folder.name).__enter__()
        self.said = {}
        self.number = 0

    @initialize()
    def start(self):
        self.told = []
        self.now = Now()
        self.live = LiveDiscussion(self.now, tuple, lambda text, kind: self.told.append((kind, text)), tuple)
        self.live.load_folder(self.folder.name)

    @property
    def name(self):
        return self.live.snapshot().name

    @rule(length=st.sampled_from([3, 400, 30_000]))
    @precondition(lambda self: not self.live.snapshot().read_only)
    def say(self, length):
        self.number += 1
        text = f"{self.number} " + "x" * length
        live = self.live
        live.record(Added(live.next_id(), live.head(), 1.0, Message.of("user", text)))
        self.said.setdefault(self.name, []).append(text)

    @rule(room=st.sampled_from([0, 300, 12_000]))
    def fill(self, room):
        self.disk.room = room

    @rule()
    def make_room(self):
        self.disk.room = None

    @rule()
    def pass_time(self):
        self.now.pass_time()

    @rule()
    def leave_for_a_new_one(self):
        self.live.new()

    @rule(data=st.data())
    @precondition(lambda self: self.said)
    def open_another(self, data):
        name = data.draw(st.sampled_from(sorted(self.said)))
        self.live.refresh()
        assert name in [one.name for one in self.live.list()] or name == self.name
        self.live.open(name)
        assert self.name == name

    @rule()
    def start_anew(self):
        written = self.live.close()
        rescued = {}
        for text in self.live.unwritten():
            value = json.loads(text)
            rescued[value["name"]] = [turn["message"]["parts"][0]["text"] for turn in value["turns"]]
        assert written == (not rescued)
        assert written or self.disk.room is not None  # with room, nothing is left for a rescue
        self.die()
        for name, texts in self.said.items():
            if name in rescued:
                assert rescued[name] == texts
            else:
                assert self.on_disk(name) == texts
        # What was rescued is another file's now; the discussion goes on with what its own file has.
        self.said = {
            name: left
            for name, texts in self.said.items()
            if (left := self.on_disk(name) if name in rescued else texts)
        }
        self.start()

    def die(self):
        """The process is over: the kernel lets go of its locks."""
        for one in self.live._left:
            if one.log._instance is not None:
                one.log._instance.release()
                one.log._instance = None

    def on_disk(self, name):
        try:
            found = load(os.path.join(self.folder.name, f"{name}.jsonl"), mend=False)
        except FileNotFoundError:
            return []
        assert found.notice == ""
        return [turn.message.text for turn in found.discussion.branch()]

    @invariant()
    def all_that_was_said_is_shown(self):
        if hasattr(self, "live"):
            assert [turn.message.text for turn in self.live.snapshot().turns] == self.said.get(self.name, [])

    def teardown(self):
        try:
            if hasattr(self, "live"):
                self.disk.room = None
                self.now.pass_time()
                self.now.pass_time()
                failing = [text for kind, text in self.told if kind == "error"]
                assert len([text for _, text in self.told if "is written again" in text]) == len(failing)
                assert self.live.close()
                for name, texts in self.said.items():
                    assert self.on_disk(name) == texts
        finally:
            self.disk.__exit__()
            self.folder.cleanup()


TestFullDisk = FullDisk.TestCase
TestFullDisk.settings = settings(
    max_examples=60, stateful_step_count=25, suppress_health_check=list(HealthCheck), derandomize=True
)
