import os
import threading

import pytest
from src import log_pruner, project_manager, session_log
from src.chat import Conversation, Message
from src.hot_reload import Reloader
from tests.conftest import ECHO

from importguard.warmup import WarmupJob

TALK = Conversation((Message.of("user", "hé"), Message.of("assistant", "ho", "echo", "echo-1")), "short")


def test_a_saved_conversation_opens_again(tmp_path):
    project_manager.save_conversation(str(tmp_path), Conversation())
    project_manager.save_conversation(str(tmp_path), TALK)
    assert project_manager.open_last_conversation(str(tmp_path)) == TALK


@pytest.mark.parametrize("text", ["{", "[]", '{"schema": 1}', '{"schema": 1, "system": "", "messages": [{"x": 1}]}'])
def test_a_damaged_conversation_is_kept_aside(tmp_path, text):
    path = tmp_path / "one.json"
    path.write_text(text)
    with pytest.raises(project_manager.ConversationError, match=r"one\.json is damaged and was kept"):
        project_manager.open_conversation(str(path))
    assert (path.exists(), (tmp_path / "one.json.bad").read_text()) == (False, text)


def test_a_conversation_of_a_newer_sloppy_is_left_alone(tmp_path):
    path = tmp_path / "one.json"
    path.write_text('{"schema": 99}')
    with pytest.raises(project_manager.ConversationError, match="newer Sloppy"):
        project_manager.open_conversation(str(path))
    assert path.exists()


def test_without_a_saved_conversation_it_says_so(tmp_path):
    with pytest.raises(project_manager.ConversationError, match="no saved conversation"):
        project_manager.open_last_conversation(str(tmp_path))


def test_a_failed_save_leaves_nothing_behind(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="No space left"):
        project_manager.save_conversation(str(tmp_path), TALK)
    assert os.listdir(project_manager.folder_of(str(tmp_path))) == []


def test_a_session_reads_back_without_its_torn_last_line(tmp_path):
    session_log.append(str(tmp_path), "s", TALK.messages[:1])
    path = session_log.append(str(tmp_path), "s", TALK.messages[1:])
    with open(path, "a", encoding="utf-8") as file:
        file.write('{"role": "us')
    assert session_log.read(path) == TALK.messages


def test_old_and_surplus_logs_go_and_other_files_stay(tmp_path):
    for age, name in enumerate(("new.jsonl", "mid.jsonl", "old.jsonl", "notes.txt")):
        (tmp_path / name).write_text("x")
        os.utime(tmp_path / name, (1000 - age * 100, 1000 - age * 100))
    assert log_pruner.prune(str(tmp_path), max_age_s=150, now=1000) == ["old.jsonl"]
    assert log_pruner.prune(str(tmp_path), max_files=1, max_age_s=1e9, now=1000) == ["mid.jsonl"]
    assert sorted(os.listdir(tmp_path)) == ["new.jsonl", "notes.txt"]
    assert log_pruner.prune(str(tmp_path / "missing")) == []


def test_the_controller_records_saves_and_opens(make_controller, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    controller = make_controller((*ECHO, WarmupJob("platformdirs")))
    toasted, opened = threading.Event(), threading.Event()

    def look():
        state = controller.snapshot()
        if state.toast and state.toast.text.startswith("Saved as "):
            toasted.set()
        if toasted.is_set() and len(state.conversation.messages) == 2:
            opened.set()

    assert controller.wait_for_warmup(10)
    answered = threading.Event()
    controller.on_change(lambda: len(controller.snapshot().conversation.messages) == 2 and answered.set())
    controller.send("keep me")
    assert answered.wait(10)
    controller.on_change(look)
    controller.save_conversation()
    assert toasted.wait(10)
    controller.new_conversation()
    opened.clear()
    controller.open_last_conversation()
    assert opened.wait(10)
    assert [message.text for message in controller.snapshot().conversation.messages] == ["keep me", "keep me"]
    controller.close(10)
    (log,) = tmp_path.rglob("*.jsonl")
    assert session_log.read(str(log)) == controller.snapshot().conversation.messages


def test_changed_modules_run_again(tmp_path, monkeypatch):
    package = tmp_path / "reloaded_package"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "one.py").write_text("value = 1\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    import reloaded_package.one as one

    reloader = Reloader("reloaded_package")
    assert reloader.reload() == []
    (package / "one.py").write_text("value = 'changed'\n")
    assert (reloader.reload(), one.value) == (["reloaded_package.one"], "changed")
