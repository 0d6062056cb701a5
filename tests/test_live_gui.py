"""The real program with its window, on a display."""

import io

import pytest
from src.hooks.client import HookProblemError


def test_the_server_answers_and_all_is_ready(live_gui):
    assert live_gui.wait_for_server(timeout=90)
    assert live_gui.get("/api/warmup_status")["failed"] == []


def test_the_first_frame_comes_before_the_warmup_ends(live_gui):
    assert live_gui.get("/api/warmup_wait?timeout=30")["done"]
    moments = live_gui.get("/api/startup_profile")
    expected = ["main", "controller", "imgui_bundle", "gui", "immapp.run", "window", "first frame", "warmup done"]
    assert list(moments) == expected


def test_a_provider_switch_loads_nothing(live_gui):
    assert live_gui.get("/api/warmup_wait?timeout=30")["done"]
    before = live_gui.get("/api/warmup_status")
    assert live_gui.request("/api/provider", {"name": "gemini"})[0] == 200
    assert live_gui.get("/api/warmup_status") == before


def test_the_window_shows_itself(live_gui, tmp_path):
    from PIL import Image

    picture = tmp_path / "window.png"
    picture.write_bytes(live_gui.screenshot())
    with Image.open(picture) as shown:
        assert shown.size == (1280, 800)
        assert len(shown.getcolors(1 << 24)) > 20


def test_commands_are_listed_and_run_through_the_api(live_gui):
    from PIL import Image, ImageChops

    def look():
        return Image.open(io.BytesIO(live_gui.screenshot())).convert("RGB")

    themes = [one.id for one in live_gui.commands() if one.id.startswith("theme.")]
    live_gui.run_command(themes[0])
    before = look()
    live_gui.run_command(themes[1])
    assert ImageChops.difference(before, look()).getbbox() is not None


def test_a_command_that_is_unknown_or_refused_is_a_problem(live_gui):
    with pytest.raises(HookProblemError, match=r"404 Not Found: There is no command .no\.such."):
        live_gui.run_command("no.such")
    with pytest.raises(HookProblemError, match=r"409 Conflict: message\.stop cannot run now"):
        live_gui.run_command("message.stop")
