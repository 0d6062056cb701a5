"""The system's dialogs, dropped files and pasted pictures, with programs that stand in for the system's."""

import os
import stat

import pytest
from src.window import dropped, file_picker
from src.window.file_picker import FilePicker
from src.window.questions import Pick, Question
from src.work import clipboard


@pytest.fixture
def program(tmp_path, monkeypatch):
    """`program(name, says)`: a program of that name is the only one on the path."""
    folder = tmp_path / "programs"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}/usr/bin{os.pathsep}/bin")

    def run(name, script):
        path = folder / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)

    return run


def test_without_a_dialog_the_path_is_typed(drive, monkeypatch):
    monkeypatch.setattr(file_picker.shutil, "which", lambda _name: None)

    def steps(context, gui):
        gui.commands.run("composer.attach")
        context.yield_(3)
        assert gui.dialogs._asked.title == "Attach a file"

    drive(steps)


def test_the_answer_of_a_dialog_is_taken_when_it_has_come(monkeypatch):
    class Dialog:
        has_ended = False

        def ready(self, _timeout):
            return self.has_ended

        def result(self):
            return ["/a", "/b"]

    dialog, chosen = Dialog(), []
    monkeypatch.setattr(file_picker, "_make", lambda _pick: dialog)
    monkeypatch.setattr(file_picker.hello_imgui, "request_refresh", lambda: None)
    picker = FilePicker()
    picker.ask(Pick("file", Question("t", "", "ok", len), chosen.append))
    picker.follow()
    assert chosen == []
    dialog.has_ended = True
    picker.follow()
    picker.follow()
    assert chosen == ["/a", "/b"]


def test_dropped_names_that_are_no_text_are_left_out():
    assert dropped.paths_of([b"/a/\xc3\xa4.txt", b"/a/\xff"]) == ("/a/ä.txt",)


def test_a_picture_on_the_clipboard_is_read(program, monkeypatch):
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    program("xclip", r"printf '\211PNG\r\n\032\nrest'")
    assert clipboard.read_picture() == b"\x89PNG\r\n\x1a\nrest"


def test_what_is_no_picture_is_none(program, monkeypatch):
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    program("wl-paste", "echo text")
    assert clipboard.read_picture() == b""


def test_a_missing_program_is_named(monkeypatch):
    monkeypatch.setattr(clipboard.shutil, "which", lambda _name: None)
    with pytest.raises(OSError, match="wl-clipboard or xclip"):
        clipboard.read_picture()


def test_a_pasted_picture_is_attached(drive, monkeypatch):
    from tests.conftest import wait_until

    monkeypatch.setattr(clipboard, "read_picture", lambda: b"\x89PNG\r\n\x1a\nrest")

    def steps(context, gui):
        gui.commands.run("composer.paste")
        wait_until(gui.controller, lambda: gui.controller.composer.snapshot().attachments)
        assert gui.controller.composer.snapshot().attachments[0].name == "pasted 1.png"

    drive(steps)
