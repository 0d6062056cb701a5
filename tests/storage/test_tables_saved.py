"""Tables of what the user agreed to: of two saves at once, the later table is the one on disk."""

import json
import threading

import pytest
from src.mcp_servers.agreed import AgreedServers
from src.storage import stored_file
from src.tools.allowed_commands import AllowedCommands


def servers():
    table = AgreedServers(lambda: None)
    return table, lambda: table.agree("p", "k", {}), lambda: table.revoke("p", "k")


def commands():
    table = AllowedCommands(lambda: None)
    return table, lambda: table.add("p", ("ls",)), lambda: table.remove("p", ("ls",))


@pytest.mark.parametrize("make", [servers, commands])
def test_what_was_revoked_stays_revoked_when_an_older_save_is_slow(tmp_path, monkeypatch, make):
    table, agree, revoke = make()
    path = tmp_path / "table.json"
    table.load(str(path))
    write, begun, second = stored_file.write_text, threading.Event(), threading.Event()

    def slow_once(*arguments):
        if not begun.is_set():
            begun.set()
            second.wait(0.5)  # the other save gets by here, if it can
        write(*arguments)

    monkeypatch.setattr(stored_file, "write_text", slow_once)
    agree()
    older = threading.Thread(target=table.save)
    older.start()
    assert begun.wait(10)
    revoke()
    table.save()
    second.set()
    older.join(10)
    assert json.loads(path.read_text()) == {}
