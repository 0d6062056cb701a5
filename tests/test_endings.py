"""Every way in which Sloppy ends while a reply streams: what is kept, and that it ends."""

import json
import os
import signal
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from src.discussion import reading
from src.storage.places import places_in
from tests.conftest import clean_environment, settled, start_program
from tests.disks import disk  # noqa: F401  a fixture
from tests.repository import ROOT

WORDS = " ".join(f"word{number}" for number in range(2000))  # 20 s of streaming


def stream(program):
    """Lets a reply stream; what has been shown of it when there are some words."""
    program.choose_provider("echo")
    shown = ""
    with closing(program.events()) as events:
        next(events)
        program.send(WORDS)
        for event in events:
            if event.kind == "reply":
                shown = shown[: event.value.start] + event.value.text
            if len(shown) > 50:
                return shown


def kept(home):
    """The discussion in the one discussion file below *home*."""
    (path,) = Path(home).rglob("sessions/**/*.jsonl")
    return reading.load(str(path), mend=False).discussion


def check_kept(home, shown):
    asked, answered = kept(home).branch()
    assert asked.message.text == WORDS
    assert answered.message.text.startswith(shown)
    assert WORDS.startswith(answered.message.text)
    assert type(answered.end).__name__ == "Stopped"


def test_a_signal_ends_the_reply_and_keeps_what_came(tmp_path):
    program = start_program(tmp_path, "--headless")
    shown = stream(program)
    with closing(program.events()) as events:
        next(events)
        program.process.terminate()
        for _ in events:  # ends, and says nothing of it
            pass
    assert (program.process.wait(15), program.process.stdout.read()) == (0, "")
    check_kept(tmp_path, shown)


def test_what_was_shown_for_a_second_survives_a_kill(tmp_path):
    command = [sys.executable, "scripts/kill_discussions.py", "--times", "10", "--at-once", "5"]
    environment = clean_environment(tmp_path)
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=240)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("10 kills, 0 wrong;")


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT", "SIGHUP"])
def test_a_first_signal_asks_for_the_end_and_a_second_kills(name):
    code = f"""
import os, signal, sloppy
ended = sloppy._catch_signals()
os.kill(os.getpid(), signal.{name})
assert ended.is_set()
os.kill(os.getpid(), signal.{name})
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, timeout=240)
    assert (done.returncode, done.stderr) == (-getattr(signal, name), b"")


@pytest.mark.usefixtures("live_gui")  # where there is no display
@pytest.mark.parametrize("close", ["command", "signal"])
def test_a_window_that_closes_ends_the_reply_and_keeps_what_came(tmp_path, close):
    program = start_program(tmp_path, "--enable-test-hooks")
    assert program.wait_for_server(timeout=90)
    shown = stream(program)
    if close == "command":
        program.run_command("view.quit")
    else:
        program.process.terminate()
    assert program.process.wait(15) == 0
    check_kept(tmp_path, shown)
    assert not program.token_file.exists()


def test_an_import_that_hangs_holds_neither_the_work_nor_the_end(tmp_path):
    hanging = tmp_path / "hanging" / "anthropic"
    hanging.mkdir(parents=True)
    (hanging / "__init__.py").write_text("import threading\nthreading.Event().wait()\n")
    program = start_program(tmp_path, "--headless", PYTHONPATH=f"{hanging.parent}{os.pathsep}{ROOT}")
    assert program.wait_for_server(timeout=90)
    shown = stream(program)
    assert any(program.warmup_status().running == "anthropic" for _ in range(10_000))
    program.process.terminate()
    assert program.process.wait(15) == 0
    check_kept(tmp_path, shown)


@pytest.mark.parametrize("disk", ["real", "imitated"], indirect=True)
def test_what_finds_no_room_at_the_end_is_kept_elsewhere_and_said(tmp_path, disk, make_controller, monkeypatch):  # noqa: F811
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(elsewhere))
    controller = make_controller(places=places_in(str(disk.folder)))
    assert controller.wait_for_warmup(60)
    controller.send("asked before")
    settled(controller)
    disk.fill()
    controller.send("m" * 20_000)
    settled(controller)
    assert controller.close(10)
    (rescued,) = elsewhere.iterdir()
    cost = "What the last requests cost could not be written."  # a line so short may still find room
    said = [one for one in controller.unsaved if one != cost]
    assert said == ["The discussion could not be written.", f"All of it is kept as {rescued}."]
    text = rescued.read_text()
    assert json.loads(text)
    assert ("asked before" in text, "m" * 20_000 in text) == (True, True)
