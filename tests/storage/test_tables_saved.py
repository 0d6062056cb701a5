"""What is kept in one file: of two saves at once, the later value is the one on disk, and no other field is lost."""

import json
import threading

import pytest
from src.discussion import labels
from src.discussion.agreed import AgreedTools
from src.mcp_servers.agreed import AgreedServers
from src.storage import stored_file
from src.storage.settings import LiveSettings
from src.tools.allowed_commands import AllowedCommands
from tests.backgrounds import Now


class Later(Now):
    """A background whose jobs the test does itself."""

    def submit(self, job):
        self.waiting.append(job)


@pytest.fixture
def saves_at_once(monkeypatch):
    """Runs two saves, the first of which writes last if nothing holds the second back."""

    def run(first, second):
        write, begun, passed = stored_file.write_text, threading.Event(), threading.Event()

        def slow_once(*arguments):
            if not begun.is_set():
                begun.set()
                passed.wait(0.5)  # the other save gets by here, if it can
            write(*arguments)

        monkeypatch.setattr(stored_file, "write_text", slow_once)
        older = threading.Thread(target=first)
        older.start()
        assert begun.wait(10)
        second()
        passed.set()
        older.join(10)

    return run


def servers():
    table = AgreedServers(lambda: None)
    return table, lambda: table.agree("p", "k", {}), lambda: table.revoke("p", "k")


def commands():
    table = AllowedCommands(lambda: None)
    return table, lambda: table.add("p", ("ls",)), lambda: table.remove("p", ("ls",))


@pytest.mark.parametrize("make", [servers, commands])
def test_what_was_revoked_stays_revoked_when_an_older_save_is_slow(tmp_path, saves_at_once, make):
    table, agree, revoke = make()
    path = tmp_path / "table.json"
    table.load(str(path))
    agree()

    def revoke_and_save():
        revoke()
        table.save()

    saves_at_once(table.save, revoke_and_save)
    assert json.loads(path.read_text()) == {}


def test_of_two_saves_of_switched_on_tools_the_later_is_on_disk(tmp_path, saves_at_once):
    table = AgreedTools()
    path = tmp_path / "table.json"
    table.load(str(path))
    table.add("d", ("read_file",))

    def add_and_save():
        table.add("d", ("search",))
        table.save()

    saves_at_once(table.save, add_and_save)
    assert json.loads(path.read_text()) == {"d": ["read_file", "search"]}


def test_of_two_settings_that_change_at_once_both_are_on_disk_with_their_last_values(tmp_path, saves_at_once):
    live = LiveSettings(Later(), lambda _settings: None, lambda _text, _kind: None)
    path = tmp_path / "settings.json"
    live.load(str(path))
    live.change(theme="light", font_scale=1.25)

    def change_and_save():
        live.change(theme="nerv", token_cap=5)
        assert live.flush()

    saves_at_once(live.flush, change_and_save)
    kept = json.loads(path.read_text())
    assert (kept["theme"], kept["font_scale"], kept["token_cap"]) == ("nerv", 1.25, 5)


def test_of_two_discussions_that_are_renamed_at_once_both_have_their_names(tmp_path, saves_at_once):
    folder = str(tmp_path)
    saves_at_once(lambda: labels.change(folder, "a", title="First"), lambda: labels.change(folder, "b", title="Second"))
    assert {name: one.title for name, one in labels.read(folder).items()} == {"a": "First", "b": "Second"}
