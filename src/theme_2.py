"""The default theme: a calm dark one with an accent. Also the meaning of the status colours."""

from __future__ import annotations

from imgui_bundle import hello_imgui, imgui

READY = imgui.ImVec4(0.35, 0.80, 0.45, 1.0)
BUSY = imgui.ImVec4(0.95, 0.75, 0.30, 1.0)
FAILED = imgui.ImVec4(0.95, 0.40, 0.38, 1.0)
MUTED = imgui.ImVec4(0.62, 0.65, 0.70, 1.0)
ACCENT = imgui.ImVec4(0.45, 0.68, 1.0, 1.0)


def apply() -> None:
    """Sets colours and spacing."""
    hello_imgui.apply_theme(hello_imgui.ImGuiTheme_.darcula_darker)
    style = imgui.get_style()
    style.window_rounding = style.frame_rounding = style.popup_rounding = 4.0
    style.item_spacing = imgui.ImVec2(8, 6)  # pixels: no font is loaded yet to measure in em
    style.frame_padding = imgui.ImVec2(8, 4)
    style.window_padding = imgui.ImVec2(10, 8)
    style.cell_padding = imgui.ImVec2(6, 3)
