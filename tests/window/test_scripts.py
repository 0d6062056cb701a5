"""Texts of the world in the window: the fonts that they need, loaded when they come; the direction they are read in."""

import shutil
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from itertools import pairwise

import pytest
from imgui_bundle import imgui
from src.storage import fonts as font_files
from src.storage.fonts import is_drawable
from src.storage.scripts import BY_NAME, SCRIPTS, scripts_in
from src.window import fonts, reading_order, right_to_left
from tests.conftest import ECHO, wait_until
from tests.repository import ROOT

from importguard.warmup import WarmupJob

FONTS = ROOT / "tests/fonts"
ORDER = (*ECHO, WarmupJob("src.window.reading_order", group=2))


@pytest.fixture(autouse=True)
def system(tmp_path, monkeypatch):
    """The folder of the system's fonts, empty; what this process needed before is forgotten."""
    folder = tmp_path / "system-fonts"
    folder.mkdir()
    monkeypatch.setattr(font_files, "system_folders", lambda: (str(folder),))
    monkeypatch.setattr(fonts.Fonts, "needed", {})
    right_to_left.forget()
    return folder


def drawable(letter):
    """Whether every font of the window has *letter*."""
    return all(font.is_glyph_in_font(ord(letter)) for font in imgui.get_io().fonts.fonts)


def warned(gui):
    return [toast.text for toast in gui.controller.toasts.snapshot() if toast.kind == "warning"]


def show(context, gui, text):
    gui.controller.composer.set_text(text)
    context.yield_(3)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", ()),
        ("naïve Straße Привет Ελλάδα", ()),
        ("a 你好 🚀", ("Chinese", "Emoji")),
        ("안녕 こん", ("Japanese", "Korean")),
        ("שלום مرحبا", ("Arabic", "Hebrew")),
        ("हिन्दी ไทย", ("Devanagari", "Thai")),
        ("✓ → ★", ("Emoji", "Symbols")),
    ],
)
def test_the_scripts_of_a_text_are_known(text, expected):
    assert sorted(scripts_in(text)) == list(expected)


def test_no_two_scripts_claim_one_letter():
    ranges = sorted(row for script in SCRIPTS for row in script.ranges)
    assert all(before[1] < after[0] for before, after in pairwise(ranges))


@pytest.mark.parametrize(
    ("name", "expected"),
    [("twemoji.ttf", True), ("NotoSansCJKsc-Regular.otf", True), ("NotoColorEmoji.ttf", False), ("README.md", False)],
)
def test_a_font_of_bitmaps_alone_is_not_offered(name, expected):
    assert is_drawable(str(FONTS / name)) is expected


@pytest.mark.parametrize("content", [b"", b"ttcf", b"\0\1\0\0", b"\0\1\0\0\xff\xff" + b"\0" * 40, b"OTTO" * 9])
def test_a_damaged_font_is_not_offered(tmp_path, content):
    (tmp_path / "x.ttf").write_bytes(content)
    assert not is_drawable(str(tmp_path / "x.ttf"))
    assert not is_drawable(str(tmp_path / "none.ttf"))


def test_a_font_is_loaded_when_a_text_needs_it_and_not_before(drive, system):
    for name in ("NotoSansCJKsc-Regular.otf", "twemoji.ttf"):
        shutil.copy(FONTS / name, system)

    def steps(context, gui):
        context.yield_(3)
        assert (drawable("你"), gui.controller.fonts.snapshot().looked) == (False, False)
        show(context, gui, "你好 🚀")
        wait_until(gui.controller, lambda: gui.controller.fonts.snapshot().looked)
        context.yield_(20)
        assert (drawable("你"), drawable("🚀"), drawable("ש")) == (True, True, False)
        assert warned(gui) == []

    drive(steps)


def test_a_missing_font_is_said_once_and_fetched_from_the_settings(drive, tmp_path, monkeypatch):
    data = (FONTS / "NotoSansHebrew-Regular.ttf").read_bytes()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_args):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}/NotoSansHebrew-Regular.ttf"
    monkeypatch.setitem(BY_NAME, "Hebrew", BY_NAME["Hebrew"]._replace(address=address))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")

    def steps(context, gui):
        show(context, gui, "שלום")
        wait_until(gui.controller, lambda: gui.controller.fonts.snapshot().looked)
        context.yield_(5)
        assert warned(gui) == ["No font on this system has Hebrew. Fonts in the settings can fetch one."]
        gui.commands.run("settings.fonts")
        context.yield_(4)
        context.item_click("//Settings/**/Hebrew/Fetch a font")
        wait_until(gui.controller, lambda: "Hebrew" in gui.controller.fonts.snapshot().found)
        context.yield_(15)
        assert drawable("ש")
        kept = tmp_path / "data/fonts/NotoSansHebrew-Regular.ttf"
        assert kept.read_bytes() == data

    try:
        drive(steps, drive.make((*ECHO, WarmupJob("httpx2", group=3))))
    finally:
        server.shutdown()
        server.server_close()


def test_letters_that_cannot_be_joined_are_said(drive, system):
    shutil.copy(FONTS / "NotoSansDevanagari-Regular.ttf", system)

    def steps(context, gui):
        show(context, gui, "हिन्दी")
        wait_until(gui.controller, lambda: gui.controller.fonts.snapshot().looked)
        context.yield_(15)
        assert warned(gui) == ["Devanagari is shown letter by letter: the window's toolkit cannot join its letters."]

    drive(steps)


def test_arabic_is_joined_and_stands_in_visual_order():
    joined = reading_order.visual("مرحبا")
    assert [hex(ord(letter)) for letter in joined] == ["0xfe8e", "0xfe92", "0xfea3", "0xfeae", "0xfee3"]
    assert reading_order.visual("שלום world") == "world םולש"


def test_a_long_paragraph_breaks_before_it_is_turned_around():
    assert reading_order.lines("אב גד הו", 6, len) == ("דג בא", "וה")


@pytest.mark.parametrize(
    ("text", "expected"),
    [("שלום world", True), ("hello שלום", False), ("## שלום", True), ("123 - שלום", True), ("plain", False)],
)
def test_the_first_strong_letter_decides_the_direction(text, expected):
    assert right_to_left.is_right_to_left(text) is expected


def test_marks_of_markdown_are_taken_off_right_to_left_text():
    assert right_to_left.plain("## **אב** `ג`\n- [ד](https://x.example)\n") == "אב ג\n• ד (https://x.example)"


def test_a_right_to_left_turn_is_drawn_at_the_right_edge(drive, system, monkeypatch):
    shutil.copy(FONTS / "NotoSansHebrew-Regular.ttf", system)
    drawn = []
    draw = imgui.text_unformatted
    monkeypatch.setattr(
        right_to_left.imgui,
        "text_unformatted",
        lambda text: (drawn.append((text, imgui.get_cursor_pos_x())), draw(text)),
    )

    def steps(context, gui):
        assert gui.controller.wait_for_warmup(60)
        assert gui.controller.send("שלום עולם")
        wait_until(gui.controller, lambda: len(gui.controller.discussion.snapshot().turns) == 2)
        context.yield_(5)
        lines = [row for row in drawn if row[0] == "םלוע םולש"]
        assert lines
        assert lines[-1][1] > 300

    drive(steps, drive.make(ORDER))


def test_a_new_window_does_not_ask_for_the_fonts_of_the_last_one(drive):
    fonts.need("中文")

    def steps(context, gui):
        wait_until(gui.controller, lambda: gui.controller.fonts.snapshot().looked or not fonts.Fonts.needed)
        context.yield_(5)
        assert warned(gui) == []

    drive(steps)
