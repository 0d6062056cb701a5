"""The user's settings: what is taken, what is refused, what is kept when the disk or the file is not well."""

import json
import os

import pytest
from src.models.endpoints import Endpoint
from src.storage import stored_file
from src.storage.settings import LiveSettings, Settings, SettingsError
from tests.discussion.test_log import Now


@pytest.fixture
def told():
    return []


@pytest.fixture
def make(told, tmp_path):
    def run(content=None):
        path = tmp_path / "settings.json"
        if content is not None:
            path.write_text(content)
        made = LiveSettings(Now(), lambda _settings: None, lambda text, kind: told.append(text))
        made.load(str(path))
        return made, path

    return run


def test_a_change_shows_at_once_and_is_read_again(make):
    live, path = make()
    live.change(
        theme="light", money_cap_usd=2.5, endpoints=[{"name": "ollama", "base_url": "http://localhost:11434/v1"}]
    )
    again, _ = make()
    assert again.snapshot() == live.snapshot()
    assert again.snapshot().endpoints == (Endpoint("ollama", "http://localhost:11434/v1"),)
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "fields",
    [
        {"theme": "pink"},
        {"font_scale": 40},
        {"font_scale": True},
        {"token_cap": -1},
        {"token_cap": 1.5},
        {"token_cap": 0},
        {"token_cap": 10**12},
        {"day_cap_usd": 0},
        {"day_cap_usd": -1},
        {"day_cap_usd": float("nan")},
        {"day_cap_usd": float("inf")},
        {"money_cap_usd": "3"},
        {"endpoints": [{"name": "x", "base_url": "file:///etc/passwd"}]},
        {"endpoints": [{"name": "x", "base_url": "http://far.example/v1", "key_name": "A_KEY"}]},
        {"shortcuts": ["a"]},
        {"recent_projects": "abc"},
        {"prices": {"m": [1]}},
        {"no_such": 1},
    ],
)
def test_a_wrong_value_is_named_and_nothing_changes(make, fields):
    live, _ = make()
    with pytest.raises(SettingsError, match=next(iter(fields))):
        live.change(reduced_motion=True, **fields)
    assert live.snapshot() == Settings()


@pytest.mark.parametrize("content", ["{", "[1]", "\0", '"x"'])
def test_a_damaged_file_is_kept_aside_and_the_defaults_hold(make, told, tmp_path, content):
    live, _ = make(content)
    assert live.snapshot() == Settings()
    (aside,) = tmp_path.glob("settings.json.bad-*")
    assert (aside.read_text(), "are kept as" in told[0]) == (content, True)


def test_a_wrong_field_in_the_file_keeps_its_default_and_the_others_count(make, told):
    live, _ = make(json.dumps({"theme": "pink", "font_scale": 2.0}))
    assert live.snapshot() == Settings(font_scale=2.0)
    assert "pink" in told[0]


def test_fields_of_a_newer_sloppy_and_of_another_instance_stay(make):
    live, path = make(json.dumps({"hologram": True}))
    path.write_text(json.dumps({"hologram": True, "font_scale": 2.0}))
    live.change(theme="nerv")
    assert json.loads(path.read_text()) == {"hologram": True, "font_scale": 2.0, "theme": "nerv"}


def test_a_change_that_cannot_be_written_holds_and_is_tried_again(make, told, monkeypatch):
    live, path = make()

    def full(*_, **_options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    live.change(theme="light")
    assert (live.snapshot().theme, path.exists(), "No space left" in told[0]) == ("light", False, True)
    monkeypatch.undo()
    live._background.pass_time()
    assert json.loads(path.read_text()) == {"theme": "light"}


def test_recent_projects_are_few_and_the_last_comes_first(make):
    live, _ = make()
    for number in [*range(20), 18]:
        live.remember_project(f"/p{number}")
    recent = live.snapshot().recent_projects
    assert (recent[:3], len(recent)) == (("/p18", "/p19", "/p17"), 12)


def test_a_failed_write_leaves_the_old_file_and_no_scratch(tmp_path, monkeypatch):
    path = tmp_path / "one.json"
    stored_file.write_text(str(path), "old")

    def full(*_, **_options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="No space left"):
        stored_file.write_text(str(path), "new")
    assert [(one.name, one.read_text()) for one in tmp_path.iterdir()] == [("one.json", "old")]
