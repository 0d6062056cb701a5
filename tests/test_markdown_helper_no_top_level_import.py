import sys

from tests.conftest import heavy_in


def test_importing_it_loads_nothing_heavier_than_the_toolkit(loaded_by):
    extra = loaded_by("import src.markdown_helper, src.markdown_table") - loaded_by(
        "from imgui_bundle import hello_imgui, imgui, imgui_md, immapp"
    )
    assert heavy_in(extra) == []
    assert {name.partition(".")[0] for name in extra} - sys.stdlib_module_names <= {"src", "importguard"}
