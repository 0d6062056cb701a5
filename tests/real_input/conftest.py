"""The real program in a real window, and a hand on it."""

from __future__ import annotations

import os
import shutil
import subprocess

import pytest
from tests.conftest import start_program

LARGE = 1.1**7  # what seven presses of Ctrl+= make of the text
# Each size of the window and each size of the text, and the two that leave the least room together: not each pair.
LAYOUTS = [(1024, 700, LARGE), (1280, 800, 1.0), (1920, 1080, 1.0)]
# What is done by keys is the same in each, so it is done where there is the least room.
by_keys = pytest.mark.parametrize("layout", LAYOUTS[:1], indirect=True, ids=["the least room"])


@pytest.fixture(scope="session")
def display():
    """An X server of its own: no other window takes the keys, and the largest window fits. Its name."""
    if shutil.which("Xvfb") is None:
        if os.environ.get("SLOPPY_DISPLAY_REQUIRED"):
            pytest.fail("SLOPPY_DISPLAY_REQUIRED is set and there is no Xvfb; install it")
        pytest.skip("no Xvfb; install it")
    reading, writing = os.pipe()
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1920x1080x24", "-nolisten", "tcp"]
    server = subprocess.Popen(command, pass_fds=[writing], stderr=subprocess.DEVNULL)
    os.close(writing)
    with open(reading) as file:
        number = file.readline().strip()
    assert number, "Xvfb did not start"
    try:
        yield f":{number}"
    finally:
        server.terminate()
        server.wait(10)


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("home")


def begin(home, display, **variables):
    """The program, all warm, and a hand on its window; `with` ends both. *variables* are more of its environment."""
    from tests.real_input.x_hand import Hand

    program = start_program(home, "--enable-test-hooks", DISPLAY=display, **variables)
    try:
        assert program.wait_for_server(timeout=90)
        assert any(program.get("/api/warmup_wait?timeout=30")["done"] for _ in range(4))
        hand = Hand(program, display)
        hand.shows(field="composer")
    except BaseException:
        program.finish()
        raise
    return hand


@pytest.fixture(scope="module")
def running(display, home):
    """One program; the sizes of its window and of its text are the test's."""
    with begin(home, display) as hand:
        yield hand


@pytest.fixture(scope="module", params=LAYOUTS, ids=lambda one: f"{one[0]}x{one[1]}, text {one[2]:.0%}")
def layout(request):
    """Width, height and size of the text."""
    return request.param


@pytest.fixture
def hand(layout, running):
    """A hand on a new discussion, in each layout."""
    *size, scale = layout
    running.resize(*size)
    running.chord("Escape")  # closes what is open, else ends the typing
    running.shows(asked="")
    running.chord("Escape")
    running.shows(field="")
    set_text_size(running, scale)
    running.chord("Ctrl+N")
    running.chord("Ctrl+L")
    running.shows(field="composer", asked="")
    running.chord("Ctrl+A")
    running.chord("Delete")
    running.shows(field="composer", text="", asked="")
    return running


def set_text_size(hand, scale):
    """Brings the text to *scale* with the keys for it."""
    shown = lambda: hand.program.settings()["font_scale"]  # noqa: E731
    if abs(shown() - scale) < 0.01:
        return
    hand.chord("Ctrl+0")
    hand.until(lambda: shown() == 1.0, "the text in its own size")
    while shown() < scale - 0.01:
        before = shown()
        hand.chord("Ctrl+=")
        hand.until(lambda: shown() > before, "larger text")  # noqa: B023  asked before the loop goes on
