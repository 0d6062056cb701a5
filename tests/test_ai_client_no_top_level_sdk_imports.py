from tests.conftest import heavy_in


def test_importing_the_facade_loads_no_sdk(loaded_by):
    assert heavy_in(loaded_by("import src.ai_client")) == []


def test_importing_the_facade_loads_no_event_loop(loaded_by):
    assert "asyncio" not in loaded_by("import src.ai_client")
