"""The themes and what their colours mean. Changes imgui's style only; `theme_nerv` adds one more theme."""

from __future__ import annotations

from imgui_bundle import imgui
from imgui_bundle.imgui_color_text_edit import TextEditor

from src.value import Value


class Palette(Value):
    """The colours of a theme as 0xRRGGBB, named by what they are for."""

    ground: int  # behind everything
    panel: int
    raised: int  # popups, tooltips, headers of tables
    field: int  # what is typed into
    line: int
    text: int
    muted: int
    accent: int
    on_accent: int
    button: int
    ready: int
    busy: int
    failed: int
    is_dark: bool


class Theme(Value):
    """A look: its colours and its shape. `is_technical` sets everything in monospace and turns the effects on."""

    name: str
    title: str
    palette: Palette
    rounding: float = 5.0
    is_technical: bool = False


class Colours(Value):
    """The current theme's colours for panels to draw with."""

    text: imgui.ImVec4
    muted: imgui.ImVec4
    accent: imgui.ImVec4
    on_accent: imgui.ImVec4
    ready: imgui.ImVec4
    busy: imgui.ImVec4
    failed: imgui.ImVec4
    field: imgui.ImVec4
    raised: imgui.ImVec4
    line: imgui.ImVec4


DARK = Theme(
    "dark",
    "Dark",
    Palette(
        ground=0x15171C, panel=0x1C1F26, raised=0x262A33, field=0x12141A, line=0x343945, text=0xE4E7ED, muted=0x9AA2B1,
        accent=0x6EA8FE, on_accent=0x0B1220, button=0x2D3340, ready=0x5CCB7E, busy=0xF0BE5A,
        failed=0xF47C78, is_dark=True,
    ),
)  # fmt: skip
LIGHT = Theme(
    "light",
    "Light",
    Palette(
        ground=0xE9ECF1, panel=0xFBFCFD, raised=0xFFFFFF, field=0xF0F2F6, line=0xCDD3DD, text=0x1B2027, muted=0x5A6472,
        accent=0x1F5FCC, on_accent=0xFFFFFF, button=0xE1E6EE, ready=0x14763A, busy=0x8A5A00,
        failed=0xB3261E, is_dark=False,
    ),
)  # fmt: skip
HIGH_CONTRAST = Theme(
    "high_contrast",
    "High contrast",
    Palette(
        ground=0x000000, panel=0x000000, raised=0x0A0A0A, field=0x000000, line=0xFFFFFF, text=0xFFFFFF, muted=0xE0E0E0,
        accent=0xFFE14D, on_accent=0x000000, button=0x1A1A1A, ready=0x5CFF8F, busy=0xFFD75C,
        failed=0xFF8C86, is_dark=True,
    ),
    rounding=2.0,
)  # fmt: skip
THEMES = (DARK, LIGHT, HIGH_CONTRAST)


def vector(rgb: int, alpha: float = 1.0) -> imgui.ImVec4:
    """0xRRGGBB as imgui wants it."""
    return imgui.ImVec4((rgb >> 16 & 255) / 255, (rgb >> 8 & 255) / 255, (rgb & 255) / 255, alpha)


def mix(first: int, second: int, share: float) -> int:
    """*first* with *share* (0 to 1) of *second* in it."""
    parts = (
        round((first >> shift & 255) * (1 - share) + (second >> shift & 255) * share) << shift for shift in (16, 8, 0)
    )
    return sum(parts)


def _colours_of(palette: Palette) -> Colours:
    return Colours(*(vector(getattr(palette, name)) for name in Colours._fields))


class _Current:
    """The theme in use; the main thread's alone."""

    theme = DARK
    colours = _colours_of(DARK.palette)


def current() -> Theme:
    """The theme in use."""
    return _Current.theme


def colours() -> Colours:
    """The colours in use."""
    return _Current.colours


def apply(theme: Theme, font_scale: float = 1.0) -> None:
    """Takes *theme* into use, sizes grown by *font_scale*. Between frames or before the first."""
    _Current.theme, _Current.colours = theme, _colours_of(theme.palette)
    style = imgui.get_style()
    style.font_scale_main = font_scale
    _set_shape(style, theme, font_scale)
    for slot, colour in _slots(theme.palette).items():
        style.set_color_(slot, colour)
    palettes = TextEditor.get_dark_palette, TextEditor.get_light_palette
    TextEditor.set_default_palette(palettes[not theme.palette.is_dark]())


def _set_shape(style: imgui.Style, theme: Theme, scale: float) -> None:
    def pair(x: float, y: float) -> imgui.ImVec2:
        return imgui.ImVec2(round(x * scale), round(y * scale))

    rounding = theme.rounding * scale
    style.window_rounding = style.popup_rounding = style.child_rounding = rounding
    style.frame_rounding = style.grab_rounding = style.tab_rounding = rounding * 0.8
    style.selectable_rounding = style.menu_item_rounding = rounding * 0.6
    style.scrollbar_rounding = rounding
    style.scrollbar_size = round(11 * scale)
    style.grab_min_size = round(11 * scale)
    style.item_spacing = pair(8, 6)
    style.item_inner_spacing = pair(6, 4)
    style.frame_padding = pair(9, 5)
    style.window_padding = pair(12, 10)
    style.cell_padding = pair(6, 4)
    style.indent_spacing = round(18 * scale)
    style.separator_text_padding = pair(0, 6)
    style.docking_separator_size = round(3 * scale)
    style.tab_bar_overline_size = round(2 * scale)
    style.window_border_size = style.popup_border_size = style.child_border_size = 1.0
    style.frame_border_size = 1.0
    style.tab_border_size = 0.0
    # A title is whole; tabs that find no room are scrolled to.
    style.tab_min_width_shrink = 1e6
    # A close button would cover the title; a click of the middle button closes a tab.
    style.tab_close_button_min_width_selected = style.tab_close_button_min_width_unselected = 1e6
    style.docking_node_has_close_button = False
    style.disabled_alpha = 0.55


def _slots(palette: Palette) -> dict[imgui.Col_, imgui.ImVec4]:
    slot = imgui.Col_
    shown = vector
    soft = mix(palette.panel, palette.accent, 0.22)
    softer = mix(palette.panel, palette.accent, 0.12)
    hovered = mix(palette.button, palette.accent, 0.30)
    pressed = mix(palette.button, palette.accent, 0.50)
    grab = mix(palette.panel, palette.text, 0.25)
    return {
        slot.text: shown(palette.text),
        slot.text_disabled: shown(palette.muted),
        slot.text_link: shown(palette.accent),
        slot.text_selected_bg: shown(palette.accent, 0.35),
        slot.window_bg: shown(palette.panel),
        slot.child_bg: shown(palette.panel, 0.0),
        slot.popup_bg: shown(palette.raised),
        slot.border: shown(palette.line),
        slot.border_shadow: shown(0, 0.0),
        slot.frame_bg: shown(palette.field),
        slot.frame_bg_hovered: shown(mix(palette.field, palette.accent, 0.10)),
        slot.frame_bg_active: shown(mix(palette.field, palette.accent, 0.16)),
        slot.title_bg: shown(palette.ground),
        slot.title_bg_active: shown(palette.ground),
        slot.title_bg_collapsed: shown(palette.ground),
        slot.menu_bar_bg: shown(palette.ground),
        slot.scrollbar_bg: shown(palette.panel, 0.0),
        slot.scrollbar_grab: shown(grab),
        slot.scrollbar_grab_hovered: shown(mix(grab, palette.text, 0.25)),
        slot.scrollbar_grab_active: shown(palette.accent),
        slot.check_mark: shown(palette.accent),
        slot.checkbox_selected_bg: shown(softer),
        slot.slider_grab: shown(palette.accent),
        slot.slider_grab_active: shown(palette.accent),
        slot.button: shown(palette.button),
        slot.button_hovered: shown(hovered),
        slot.button_active: shown(pressed),
        slot.header: shown(soft),
        slot.header_hovered: shown(mix(palette.panel, palette.accent, 0.30)),
        slot.header_active: shown(mix(palette.panel, palette.accent, 0.40)),
        slot.separator: shown(mix(palette.panel, palette.line, 0.6)),
        slot.separator_hovered: shown(palette.accent, 0.8),
        slot.separator_active: shown(palette.accent),
        slot.resize_grip: shown(palette.line),
        slot.resize_grip_hovered: shown(palette.accent, 0.8),
        slot.resize_grip_active: shown(palette.accent),
        slot.input_text_cursor: shown(palette.accent),
        slot.tab: shown(palette.ground),
        slot.tab_hovered: shown(mix(palette.panel, palette.accent, 0.25)),
        slot.tab_selected: shown(palette.panel),
        slot.tab_selected_overline: shown(palette.accent),
        slot.tab_dimmed: shown(palette.ground),
        slot.tab_dimmed_selected: shown(palette.panel),
        slot.tab_dimmed_selected_overline: shown(palette.line),
        slot.docking_preview: shown(palette.accent, 0.5),
        slot.docking_empty_bg: shown(palette.ground),
        slot.plot_lines: shown(palette.accent),
        slot.plot_lines_hovered: shown(palette.busy),
        slot.plot_histogram: shown(palette.accent),
        slot.plot_histogram_hovered: shown(palette.busy),
        slot.table_header_bg: shown(palette.raised),
        slot.table_border_strong: shown(palette.line),
        slot.table_border_light: shown(mix(palette.panel, palette.line, 0.6)),
        slot.table_row_bg: shown(palette.panel, 0.0),
        slot.table_row_bg_alt: shown(palette.text, 0.03),
        slot.drag_drop_target: shown(palette.accent),
        slot.drag_drop_target_bg: shown(palette.accent, 0.12),
        slot.tree_lines: shown(palette.line),
        slot.unsaved_marker: shown(palette.text),
        slot.nav_cursor: shown(palette.accent),
        slot.nav_windowing_highlight: shown(palette.accent, 0.8),
        slot.nav_windowing_dim_bg: shown(palette.ground, 0.5),
        slot.modal_window_dim_bg: shown(palette.ground, 0.6),
    }
