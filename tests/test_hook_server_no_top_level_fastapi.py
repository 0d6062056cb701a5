from tests.conftest import heavy_in


def test_importing_the_hook_facade_loads_no_web_framework(loaded_by):
    assert heavy_in(loaded_by("import src.api_hooks")) == []


def test_importing_the_controller_loads_no_web_framework_and_no_toolkit(loaded_by):
    modules = loaded_by("import src.app_controller")
    assert (heavy_in(modules), "imgui_bundle" in modules) == ([], False)
