"""The real program in a real window, and a hand on it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess

import pytest
from tests.conftest import start_program

SIZES = [(1024, 700), (1280, 800), (1920, 1080)]
SCALES = [1.0, 2.0]


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


@pytest.fixture(scope="module", params=SCALES, ids=lambda scale: f"text {scale:.0%}")
def running(request, display, home):
    """A program for each size of text; the window's size is the test's."""
    (home / ".config/sloppy").mkdir(parents=True, exist_ok=True)
    (home / ".config/sloppy/settings.json").write_text(json.dumps({"font_scale": request.param}))
    with begin(home, display) as hand:
        yield hand


@pytest.fixture(params=SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def hand(request, running):
    """A hand on a new discussion, at each size of the window and of the text."""
    running.resize(*request.param)
    running.chord("Escape")  # closes what is open, else ends the typing
    running.shows(asked="")
    running.chord("Escape")
    running.shows(field="")
    running.chord("Ctrl+N")
    running.chord("Ctrl+L")
    running.shows(field="composer", asked="")
    running.chord("Ctrl+A")
    running.chord("Delete")
    running.shows(field="composer", text="", asked="")
    return running
