import struct
import zlib

import pytest
from src.hooks.client import HookProblemError
from src.hooks.picture import NoPictureError, Picture
from src.work.window_link import MAX_WAITING, NoWindowError, WindowLink


def test_a_question_is_answered_by_the_window_at_its_next_frame():
    link, woken = WindowLink(), []
    link.open("the window", lambda: woken.append(1))
    answer = link.ask(lambda window: f"{window} says")
    assert (answer.done(), woken) == (False, [1])
    link.answer()
    assert answer.result(0) == "the window says"


def test_what_a_question_raises_is_its_answer_and_the_others_go_on():
    link = WindowLink()
    link.open(3, int)
    bad, good = link.ask(lambda window: window / 0), link.ask(lambda window: window + 1)
    link.answer()
    assert (type(bad.exception(0)), good.result(0)) == (ZeroDivisionError, 4)


def test_without_a_window_or_with_too_many_questions_nothing_is_asked():
    link = WindowLink()
    with pytest.raises(NoWindowError, match="without --headless"):
        link.ask(str)
    link.open(None, int)
    waiting = [link.ask(str) for _ in range(MAX_WAITING)]
    with pytest.raises(NoWindowError, match="questions wait"):
        link.ask(str)
    link.close()
    assert {type(answer.exception(0)) for answer in waiting} == {NoWindowError}


def test_a_picture_becomes_a_png_with_its_top_row_first():
    red, blue = b"\xff\0\0", b"\0\0\xff"
    png = Picture(2, 2, blue + blue + red + red).png()
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", png[16:24]) == (2, 2)
    start = png.index(b"IDAT") + 4
    length = struct.unpack(">I", png[start - 8 : start - 4])[0]
    assert zlib.decompress(png[start : start + length]) == b"\0" + red + red + b"\0" + blue + blue


def test_a_window_without_opengl_says_so(drive):
    def steps(_context, gui):
        with pytest.raises(NoPictureError, match="does not draw with OpenGL"):
            gui.take_picture()

    drive(steps)


def test_headless_has_neither_commands_nor_a_picture(headless):
    for ask in (headless.commands, headless.screenshot, lambda: headless.run_command("view.quit")):
        with pytest.raises(HookProblemError, match="409 Conflict: Sloppy runs without a window"):
            ask()
