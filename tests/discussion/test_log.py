"""The log of a discussion on disk: written in order, mended when torn, refused when newer."""

import json
import os
from pathlib import Path

import pytest
from src.chat import Done, Message, Text, TextPart
from src.discussion import format as log_format
from src.discussion.events import Added, Arrived, Begun, Ended, FilesSent, SentFile
from src.discussion.log import DiscussionLog
from src.discussion.message_json import encode
from src.discussion.reading import UnreadableDiscussionError, first_text, load
from src.discussion.tree import Discussion
from src.project.scan import frame
from src.storage.instance_lock import InstanceLock
from tests.backgrounds import Now

ASKED = Added(1, 0, 1.0, Message.of("user", "hé"))
BEGUN = Begun(2, 1, 2.0, "echo", "echo-1")
ENDED = Ended(Done("end"), None)


@pytest.fixture
def now():
    return Now()


@pytest.fixture
def path(tmp_path):
    return str(tmp_path / "sessions" / "s.jsonl")


def bytes_of(path):
    return Path(path).read_bytes()


def lines_of(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def write(now, path, *events, size=0):
    log = DiscussionLog(now, path, size, print)
    for event in events:
        log.append(event)
    assert log.close()


def test_what_is_written_is_read_back(now, path):
    write(now, path, ASKED, BEGUN, Arrived(Text("a")), Arrived(Text("b")), ENDED)
    expected = Discussion()
    for event in (ASKED, BEGUN, Arrived(Text("ab")), ENDED):
        expected.apply(event)
    loaded = load(path)
    assert (loaded.discussion, loaded.size, loaded.notice) == (expected, os.path.getsize(path), "")


def test_the_files_that_went_out_are_in_the_log_without_their_contents(now, path):
    sent = FilesSent((SentFile("a.py", "0" * 64, 12),))
    write(now, path, ASKED, BEGUN, sent, Arrived(Text("x")), ENDED)
    assert lines_of(path)[3] == {"e": "sent", "files": [["a.py", "0" * 64, 12]], "gone": []}
    assert load(path).discussion.sent_with(2) == sent.files


def test_a_log_of_before_there_were_files_in_it_is_opened(now, path):
    Path(path).parent.mkdir(parents=True)
    lines = (
        '{"e":"session","schema":1,"name":"s","at":1.0}',
        '{"e":"add","id":1,"parent":0,"at":1.0,"message":{"role":"user","parts":[{"kind":"text","text":"hi"}]}}',
        '{"e":"begin","id":2,"parent":1,"at":2.0,"provider":"echo","model":"echo-1"}',
        '{"+":"ho"}',
        '{"e":"end","end":{"is":"done","reason":"end"},"cost":null}',
    )
    Path(path).write_text("\n".join(lines) + "\n")
    loaded = load(path)
    assert ([turn.message.text for turn in loaded.discussion.branch()], loaded.notice) == (["hi", "ho"], "")
    assert loaded.discussion.sent_with(2) == ()


@pytest.mark.parametrize("files", ['[["a.py","d"]]', '[["a.py",1,2]]', '[["a.py","d","2"]]', "7"])
def test_a_line_of_files_that_is_damaged_is_found(now, path, files):
    write(now, path, ASKED, BEGUN)
    with open(path, "a", encoding="utf-8") as file:
        file.write(f'{{"e":"sent","files":{files},"gone":[]}}\n')
    assert "line 4: not an event" in load(path).notice


def test_a_discussion_goes_on_where_it_ended(now, path):
    write(now, path, ASKED)
    write(now, path, BEGUN, Arrived(Text("x")), ENDED, size=load(path).size)
    assert [turn.message.text for turn in load(path).discussion.branch()] == ["hé", "x"]


def test_pieces_wait_for_the_clock_and_become_one_line(now, path):
    log = DiscussionLog(now, path, 0, print)
    for event in (ASKED, BEGUN, *(Arrived(Text(word)) for word in "abc")):
        log.append(event)
    assert len(lines_of(path)) == 3
    now.pass_time()
    assert lines_of(path)[3:] == [{"+": "abc"}]
    log.close()


def test_what_cannot_be_written_waits_in_memory_and_is_told_once(now, path, monkeypatch):
    told = []
    log = DiscussionLog(now, path, 0, lambda text, kind: told.append(text))
    log.append(ASKED)
    before = os.path.getsize(path)
    real, calls = os.write, []

    def half_then_full(descriptor, data):
        calls.append(data)
        if len(calls) % 2:
            return real(descriptor, data[:5])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", half_then_full)
    log.append(BEGUN)
    log.append(Arrived(Text("kept")))
    now.pass_time()
    assert (os.path.getsize(path), len(told)) == (before, 1)
    assert "No space left" in told[0]
    monkeypatch.undo()
    now.pass_time()
    assert told[1:] == [f"{path} is written again; nothing is missing in it."]
    assert lines_of(path)[2:] == [json.loads(log_format.encode(BEGUN)), {"+": "kept"}]
    log.close()


def test_a_new_log_never_opens_a_file_that_exists(now, path):
    write(now, path, ASKED)
    before = bytes_of(path)
    second, third = (DiscussionLog(now, path, 0, print) for _ in range(2))
    for log in (second, third):
        log.append(ASKED)
    assert (bytes_of(path), second.name, third.name) == (before, "s-2", "s-3")
    assert len(load(second.path).discussion) == len(load(third.path).discussion) == 1
    assert second.close()
    assert third.close()


def test_a_file_that_somebody_else_changed_is_left_alone(now, path):
    write(now, path, ASKED)
    told = []
    log = DiscussionLog(now, path, os.path.getsize(path), lambda text, kind: told.append(text))
    with open(path, "ab") as file:
        file.write(b'{"e":"undo"}\n')
    log.append(BEGUN)
    assert lines_of(path)[-1] == {"e": "undo"}
    assert "another program has changed it" in told[0]


def test_a_closed_log_keeps_its_lock_until_all_is_written(now, path, monkeypatch):
    ended = []
    log = DiscussionLog(now, path, 0, print, written=lambda: ended.append(True))
    log.append(ASKED)
    monkeypatch.setattr(os, "write", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    log.append(BEGUN)
    assert not log.close()
    monkeypatch.undo()
    assert not InstanceLock(f"{path}.lock").take()
    assert ended == []
    now.pass_time()
    assert (ended, lines_of(path)[-1]["e"]) == ([True], "begin")
    again = InstanceLock(f"{path}.lock")
    assert again.take()
    again.release()


def test_a_torn_last_line_is_cut_off_kept_aside_and_told(now, path, tmp_path):
    write(now, path, ASKED)
    good = bytes_of(path)
    with open(path, "ab") as file:
        file.write(b'{"+":"half a wo')
    loaded = load(path)
    assert (bytes_of(path), len(loaded.discussion)) == (good, 1)
    assert "was torn" in loaded.notice
    (aside,) = tmp_path.rglob("*.torn-*")
    assert aside.read_text() == '{"+":"half a wo'


@pytest.mark.parametrize(
    "damage", [b"no json\n", b"[1]\n", b'{"e":"delete","id":77}\n', b'{"e":"edit"}\n', b'{"a":1},{"b":2}\n']
)
def test_damage_in_the_middle_keeps_the_file_aside_and_what_stands_before_it(now, path, tmp_path, damage):
    write(now, path, ASKED)
    good = bytes_of(path)
    with open(path, "ab") as file:
        file.write(damage + log_format.encode(BEGUN))
    whole = bytes_of(path)
    loaded = load(path)
    assert (bytes_of(path), len(loaded.discussion), loaded.size) == (good, 1, len(good))
    assert "line 3" in loaded.notice
    (aside,) = tmp_path.rglob("*.bad-*")
    assert aside.read_bytes() == whole


@pytest.mark.parametrize("line", [b'{"e":"session","schema":99,"name":"x","at":1}\n', b'{"e":"telepathy"}\n'])
def test_a_newer_discussion_is_refused_and_left_as_it_is(now, path, line):
    write(now, path, ASKED)
    content = line if b"schema" in line else bytes_of(path) + line
    with open(path, "wb") as file:
        file.write(content)
    with pytest.raises(UnreadableDiscussionError, match="Upgrade Sloppy"):
        load(path)
    assert bytes_of(path) == content


def test_a_discussion_that_another_writes_is_read_and_not_mended(now, path):
    write(now, path, ASKED)
    with open(path, "ab") as file:
        file.write(b'{"+":"ha')
    before = bytes_of(path)
    assert len(load(path, mend=False).discussion) == 1
    assert bytes_of(path) == before


def test_half_a_surrogate_pair_is_kept(now, path):
    write(now, path, ASKED, BEGUN, Arrived(Text("a\ud83d")), ENDED)
    assert load(path).discussion.branch()[1].message.text == "a\ud83d"


def test_appending_writes_what_is_new_however_long_the_file_is(now, path, monkeypatch):
    written = []
    real = os.write
    log = DiscussionLog(now, path, 0, print)
    log.lock()
    monkeypatch.setattr(os, "write", lambda descriptor, data: written.append(len(data)) or real(descriptor, data))
    log.append(ASKED)
    for number in range(2, 2002):
        log.append(Added(number, number - 1, 1.0, Message.of("user", "x" * 1000)))
    log.close()
    assert (len(written), written[2], written[-1] - written[2]) == (
        2001,
        len(log_format.encode(Added(3, 2, 1.0, Message.of("user", "x" * 1000)))),
        6,
    )
    loaded = load(path)
    assert (len(loaded.discussion), len(loaded.discussion.branch())) == (2001, 2001)


@pytest.mark.parametrize(
    ("texts", "title"),
    [
        ((frame("notes.txt", "secret plans"), "what is this?"), "what is this?"),
        ((frame("notes.txt", "secret plans"),), "notes.txt"),
        ((frame("notes.txt", "long " * 9000), "what is this?"), "notes.txt"),
        (("plain",), "plain"),
    ],
)
def test_a_title_is_what_was_written_and_not_the_file_that_went_along(texts, title):
    message = Message("user", tuple(map(TextPart, texts)))
    lines = b"{}\n" + json.dumps({"e": "add", "message": encode(message)}, separators=(",", ":")).encode()
    assert first_text(lines[:16_384]) == title
