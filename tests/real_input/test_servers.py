"""MCP servers with the keyboard alone, in a real window: added, agreed to, used and removed."""

from __future__ import annotations

import json
import shlex
import sys

import pytest
from tests.mcp_servers.programs import HERE
from tests.real_input.conftest import begin


@pytest.fixture(scope="module")
def bench(display, tmp_path_factory):
    """A hand on a project that names a real server."""
    home = tmp_path_factory.mktemp("home")
    folder = home / "work"
    folder.mkdir()
    command = json.dumps([sys.executable, str(HERE / "sdk_server.py")])
    (folder / "sloppy.toml").write_text(f"schema = 1\n[mcp.calc]\ncommand = {command}\n")
    with begin(home, display) as hand:
        hand.program.open_project(str(folder))
        hand.until(hand.program.servers, "the servers of the project")
        yield hand


def run(hand, words, asked=""):
    """Runs the command that *words* find in the palette."""
    hand.chord("Ctrl+Shift+P")
    hand.shows(asked="Commands")
    hand.type(words)
    hand.chord("Enter")
    hand.shows(asked=asked)


def server(hand):
    return hand.program.servers()[0]


def test_a_server_is_used_with_the_keyboard_alone(bench):
    hand = bench
    assert server(hand).status == "unknown"
    run(hand, "agree to calc", "Agree to the MCP server calc?")
    hand.sees("The project names a program", "sdk_server.py")
    hand.chord("Escape")
    hand.shows(asked="")
    assert server(hand).status == "unknown"
    run(hand, "agree to calc", "Agree to the MCP server calc?")
    hand.chord("Left")
    hand.chord(" ")
    hand.shows(asked="")
    hand.until(lambda: server(hand).status == "ready", "the server")
    run(hand, "switch calc__add on", "Switch on calc__add?")
    hand.sees("Adds two whole numbers.")
    hand.chord("Enter")
    hand.shows(asked="")
    hand.until(lambda: any(one.on for one in server(hand).tools), "the tool")
    hand.chord("Ctrl+5")
    hand.sees("MCP server calc", "Runs.", "[x] add")
    hand.chord("Ctrl+L")
    hand.shows(field="composer", text="")
    text = '[[tool calc__add {"a": 2, "b": 3}]] please'
    hand.type(text)
    hand.shows(text=text)
    hand.chord("Ctrl+Enter")
    hand.sees("A call of a server's tool waits for you", "with a: 2", "with b: 3")
    hand.type("meanwhile")
    hand.shows(field="composer", text="meanwhile")
    hand.chord("Ctrl+Shift+Y")
    hand.sees("Nothing waits for you", "calc__add answered: 5")
    run(hand, "stop calc")
    hand.until(lambda: server(hand).status == "stopped", "the end of the server")
    hand.chord("Ctrl+5")
    hand.sees("You stopped it.")
    run(hand, "revoke your agreement to calc")
    hand.until(lambda: server(hand).status == "unknown", "the agreement to be gone")


def test_a_server_is_added_and_removed_with_the_keyboard_alone(bench):
    hand = bench
    run(hand, "add an mcp server", "Add an MCP server")
    hand.type("second")
    hand.shows(text="second")
    hand.chord("Tab")
    hand.shows(text="")
    hand.type(shlex.join([sys.executable, str(HERE / "sdk_server.py")]))
    hand.chord("Enter")
    hand.shows(asked="Agree to the MCP server second?")
    hand.sees("The project names a program", "sdk_server.py")
    hand.chord("Left")
    hand.chord(" ")
    hand.shows(asked="")
    hand.until(lambda: hand.program.servers()[-1].status == "ready", "the second server")
    run(hand, "remove second", "Remove the MCP server second?")
    hand.chord("Left")
    hand.chord(" ")
    hand.shows(asked="")
    hand.until(lambda: [one.name for one in hand.program.servers()] == ["calc"], "the second server to be gone")
