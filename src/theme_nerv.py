"""The NERV theme: black, amber and red, high contrast."""

from __future__ import annotations

from imgui_bundle import hello_imgui, imgui

AMBER = imgui.ImVec4(1.0, 0.60, 0.10, 1.0)
RED = imgui.ImVec4(0.75, 0.10, 0.08, 1.0)
BLACK = imgui.ImVec4(0.02, 0.02, 0.02, 1.0)


def apply() -> None:
    """Sets colours; the spacing stays."""
    hello_imgui.apply_theme(hello_imgui.ImGuiTheme_.black_is_black)
    style = imgui.get_style()
    for slot, colour in (
        (imgui.Col_.text, AMBER),
        (imgui.Col_.window_bg, BLACK),
        (imgui.Col_.border, RED),
        (imgui.Col_.button, RED),
        (imgui.Col_.title_bg_active, RED),
        (imgui.Col_.header, RED),
    ):
        style.set_color_(slot, colour)
