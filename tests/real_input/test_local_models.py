"""A model of an Ollama: what would be dropped is said, its window is set by keys, what was read is on the screen."""

from __future__ import annotations

import json
import threading

import pytest
from tests.real_input.conftest import begin
from tests.real_input.test_requests import run, write
from tests.turn.test_local_servers import LARGEST, LONG, Ollama


@pytest.fixture(scope="module")
def bench(display, tmp_path_factory):
    """A hand on a project whose one file is too long for the model as it is loaded, and the server."""
    home = tmp_path_factory.mktemp("home")
    server = Ollama()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    endpoint = {"name": "ollama", "title": "Ollama", "base_url": f"http://127.0.0.1:{server.server_port}/v1"}
    settings = {"endpoints": [{**endpoint, "models": ["small"]}], "provider": "ollama", "model": "small"}
    (home / ".config/sloppy").mkdir(parents=True)
    (home / ".config/sloppy/settings.json").write_text(json.dumps(settings))
    folder = home / "work"
    folder.mkdir()
    (folder / "long.txt").write_text(LONG)
    (folder / "sloppy.toml").write_text('schema = 1\nname = "work"\ninclude = ["*.txt"]\n')
    hand = begin(home, display)
    hand.program.choose_provider("ollama", "small")  # asks how much is loaded now
    hand.program.open_project(str(folder))
    hand.until(lambda: any(file.included for file in hand.program.context().files), "the file to go along")
    yield hand, server
    hand.close()
    assert hand.program.end() == 0
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_window_that_is_set_by_keys_holds_what_would_be_dropped(bench):
    hand, server = bench
    hand.until(lambda: hand.program.tokens().window_tokens == 4096, "the window of the model")
    write(hand, "well?")
    hand.chord("Ctrl+4")
    hand.sees("would be dropped without a word", "num_ctx of 12,288")
    run(hand, "Set the window")
    hand.shows(asked="The window of the model", text="4096")
    hand.sees(f"at most {LARGEST:,}")
    hand.chord("Ctrl+A")
    hand.type("16384")
    hand.chord("Enter")
    hand.until(lambda: hand.program.tokens().window_tokens == 16_384, "the larger window")
    assert hand.program.tokens().drops == ""
    hand.chord("Ctrl+L")
    hand.shows(field="composer", text="well?")
    hand.chord("Ctrl+Enter")
    hand.until(lambda: len(hand.program.discussion().turns) == 2, "the answer")
    turn = hand.program.discussion().turns[-1]
    assert (turn.text, turn.front_lost, server.window) == ("done", "", 16_384)
    hand.sees("in of ~", "sent")
