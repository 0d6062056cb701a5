"""The real program with its window, on a display."""


def test_the_server_answers_and_all_is_ready(live_gui):
    assert live_gui.wait_for_server(timeout=15)
    assert live_gui.get("/api/warmup_status")["failed"] == []


def test_the_first_frame_comes_before_the_warmup_ends(live_gui):
    assert live_gui.get("/api/warmup_wait?timeout=30")["done"]
    moments = live_gui.get("/api/startup_profile")
    assert list(moments) == ["main", "controller", "immapp.run", "first frame", "warmup done"]


def test_a_provider_switch_loads_nothing(live_gui):
    assert live_gui.get("/api/warmup_wait?timeout=30")["done"]
    before = live_gui.get("/api/warmup_status")
    assert live_gui.request("/api/provider", {"name": "gemini"})[0] == 200
    assert live_gui.get("/api/warmup_status") == before
