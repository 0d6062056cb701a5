"""Small controls that several panels draw: the primary button, icon buttons, muted lines, bars, empty states."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imgui_bundle import hello_imgui, imgui

from src import theme_2
from src.window import fonts

if TYPE_CHECKING:
    from src.models.prices import Money, Spent


def draw_primary_button(label: str, size: imgui.ImVec2 | None = None) -> bool:
    """The button that does what the window is for."""
    colours, palette = theme_2.colours(), theme_2.current().palette
    hovered = theme_2.vector(theme_2.mix(palette.accent, palette.text, 0.25))
    imgui.push_style_color(imgui.Col_.button, colours.accent)
    imgui.push_style_color(imgui.Col_.text, colours.on_accent)
    imgui.push_style_color(imgui.Col_.button_hovered, hovered)
    imgui.push_style_color(imgui.Col_.button_active, hovered)
    pressed = imgui.button(label, size or imgui.ImVec2(0, 0))
    imgui.pop_style_color(4)
    return pressed


def draw_icon_button(icon: str, name: str, tip: str = "", *, enabled: bool = True) -> bool:
    """A flat button of one icon; *name* tells it from others (`icon###name`), *tip* says what it does."""
    imgui.push_style_color(imgui.Col_.button, imgui.ImVec4(0, 0, 0, 0))
    imgui.push_style_var(imgui.StyleVar_.frame_border_size, 0.0)
    imgui.begin_disabled(not enabled)
    pressed = imgui.small_button(f"{icon}###{name}")
    imgui.end_disabled()
    imgui.pop_style_var()
    imgui.pop_style_color()
    if tip:
        imgui.set_item_tooltip(tip)
    return pressed


def draw_coloured(colour: imgui.ImVec4, text: str) -> None:
    """Text in *colour*, wrapped at the window's edge."""
    imgui.push_style_color(imgui.Col_.text, colour)
    imgui.text_wrapped(text)
    imgui.pop_style_color()


def draw_muted(text: str) -> None:
    """Text that is there when one looks for it."""
    draw_coloured(theme_2.colours().muted, text)


def stay_on_line(width: float) -> None:
    """Keeps the next item of *width* on this line when there is room for it; else it goes to the next one."""
    imgui.same_line()
    if imgui.get_content_region_avail().x < width:
        imgui.new_line()


def move_right(width: float) -> None:
    """Puts the next item of *width* at the right edge of this line, or where the cursor is when there is no room."""
    free = imgui.get_content_region_avail().x - width
    if free > 0:
        imgui.set_cursor_pos_x(imgui.get_cursor_pos_x() + free)


def width_of_button(label: str) -> float:
    """How wide a button with *label* is."""
    return imgui.calc_text_size(label, True).x + 2 * imgui.get_style().frame_padding.x


def draw_choice(label: str, width: float, *, has_arrow: bool = True) -> bool:
    """A field that shows what is chosen and opens a list; True when it was pressed. *label*: `shown###name`."""
    style, colours = imgui.get_style(), imgui.Col_
    imgui.push_style_color(colours.button, style.color_(colours.frame_bg))
    imgui.push_style_color(colours.button_hovered, style.color_(colours.frame_bg_hovered))
    imgui.push_style_var(imgui.StyleVar_.button_text_align, imgui.ImVec2(0.0, 0.5))
    shown, _, name = label.partition("###")
    arrow = imgui.get_frame_height() if has_arrow else 0.0
    room = width - 2 * style.frame_padding.x - arrow
    pressed = imgui.button(f"{fit(shown, room)}###{name}", imgui.ImVec2(width, 0))
    imgui.pop_style_var()
    imgui.pop_style_color(2)
    if has_arrow:
        low, high = imgui.get_item_rect_min(), imgui.get_item_rect_max()
        half, x, y = hello_imgui.em_size(0.28), high.x - arrow / 2, (low.y + high.y) / 2
        shade = imgui.get_color_u32(theme_2.colours().muted)
        canvas = imgui.get_window_draw_list()
        canvas.add_triangle_filled((x - half, y - half / 2), (x + half, y - half / 2), (x, y + half / 2), shade)
    return pressed


def width_of_choice(shown: str, *, has_arrow: bool = True) -> float:
    """How wide `draw_choice` has to be for all of *shown*."""
    arrow = imgui.get_frame_height() if has_arrow else 0.0
    return imgui.calc_text_size(shown).x + 2 * imgui.get_style().frame_padding.x + arrow + 1.0


def draw_whole_choice(text: str, name: str) -> bool:
    """A row to choose whose *text* goes on in the next line where it is too long: a path, a command to allow."""
    start, room = imgui.get_cursor_screen_pos(), imgui.get_content_region_avail().x
    height = imgui.calc_text_size(text, False, room).y
    flags = imgui.SelectableFlags_.no_auto_close_popups
    pressed = imgui.selectable(f"###{name}", False, flags, imgui.ImVec2(0, height))[0]
    end = imgui.get_cursor_screen_pos()
    imgui.set_cursor_screen_pos(start)
    imgui.push_text_wrap_pos(imgui.get_cursor_pos_x() + room)
    imgui.text_unformatted(text)
    imgui.pop_text_wrap_pos()
    imgui.set_cursor_screen_pos(end)
    return bool(pressed)


def divide(room: float, shares: tuple[float, ...], needs: tuple[float, ...]) -> tuple[float, ...]:
    """*room* by *shares*; what one has beyond its need goes to those that have less than theirs."""
    widths = [room * share for share in shares]
    spare = [max(0.0, width - need) for width, need in zip(widths, needs, strict=True)]
    lack = [max(0.0, need - width) for width, need in zip(widths, needs, strict=True)]
    moved = min(sum(spare), sum(lack))
    if not moved:
        return tuple(widths)
    given, taken = moved / sum(lack), moved / sum(spare)
    return tuple(width + given * less - taken * more for width, less, more in zip(widths, lack, spare, strict=True))


def begin_list(name: str, width: float) -> bool:
    """The popup *name* of the item before, at least *width* em wide, on that side of it which has more room."""
    if not imgui.is_popup_open(name):
        return False
    low, high, view = imgui.get_item_rect_min(), imgui.get_item_rect_max(), imgui.get_main_viewport()
    above, below = low.y - view.work_pos.y, view.work_pos.y + view.work_size.y - high.y
    is_above = above > below
    widest = view.work_size.x * 0.96
    least = min(hello_imgui.em_size(width), widest)
    right = view.work_pos.x + view.work_size.x
    at = imgui.ImVec2(min(low.x, right - least), low.y if is_above else high.y)
    imgui.set_next_window_pos(at, imgui.Cond_.always, imgui.ImVec2(0.0, float(is_above)))
    highest = max(above, below) - hello_imgui.em_size(0.5)
    imgui.set_next_window_size_constraints(imgui.ImVec2(least, 0), imgui.ImVec2(max(least, right - at.x), highest))
    return bool(imgui.begin_popup(name))


def fit(text: str, room: float) -> str:
    """*text*, or as much of its beginning as fits into *room*, with dots."""
    if imgui.calc_text_size(text).x <= room:
        return text
    kept = max(0, int(len(text) * room / max(1.0, imgui.calc_text_size(text).x)) - 1)
    while kept and imgui.calc_text_size(f"{text[:kept]}...").x > room:
        kept -= 1
    return f"{text[:kept]}..." if kept else ""


def fit_here(text: str) -> str:
    """*text*, or as much of its beginning as fits into what is left of the line, with dots."""
    return fit(text, imgui.get_content_region_avail().x)


def fit_model(name: str, between: str, room: float) -> str:
    """A provider and its model, *between* them a sign, cut to *room*; the provider goes first."""
    return fit(name if imgui.calc_text_size(name).x <= room else name.partition(between)[2], room)


def wrap(text: str, room: float) -> str:
    """*text* on as many lines as its words need to fit into *room*: for the label of a button."""
    lines: list[str] = []
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and imgui.calc_text_size(longer).x <= room:
            lines[-1] = longer
        else:
            lines.append(word)
    return "\n".join(lines)


def draw_command_button(title: str, name: str) -> bool:
    """A button for the command *name*; its title takes several lines where the panel is narrow."""
    room = imgui.get_content_region_avail().x - 2 * imgui.get_style().frame_padding.x
    return imgui.button(f"{wrap(title, room)}###{name}")


def draw_check(label: str, is_on: bool, *, beside_fields: bool = False) -> tuple[bool, bool]:
    """A checkbox as high as its text, everywhere alike; *beside_fields*: on a line whose fields are higher.

    It answers whether it was pressed, and what it is then.
    """
    padding = imgui.get_style().frame_padding
    if beside_fields:
        imgui.set_cursor_pos_y(imgui.get_cursor_pos_y() + padding.y)
    imgui.push_style_var(imgui.StyleVar_.frame_padding, imgui.ImVec2(padding.x, 0))
    pressed, now = imgui.checkbox(label, is_on)
    imgui.pop_style_var()
    return pressed, now


def draw_radio(label: str, is_chosen: bool) -> bool:
    """One of several that exclude each other, as high as its text; whether it was pressed."""
    imgui.push_style_var(imgui.StyleVar_.frame_padding, imgui.ImVec2(imgui.get_style().frame_padding.x, 0))
    pressed = imgui.radio_button(label, is_chosen)
    imgui.pop_style_var()
    return pressed


def draw_bar(share: float, colour: imgui.ImVec4, height: float = 0.35) -> None:
    """A thin bar of which *share* (0 to 1) is filled; *height* in em."""
    start, width = imgui.get_cursor_screen_pos(), imgui.get_content_region_avail().x
    high = hello_imgui.em_size(height)
    canvas, rounding = imgui.get_window_draw_list(), high / 2
    palette = theme_2.current().palette
    ground = imgui.get_color_u32(theme_2.vector(theme_2.mix(palette.panel, palette.text, 0.18)))
    canvas.add_rect_filled(start, (start.x + width, start.y + high), ground, rounding)
    filled = width * min(max(share, 0.0), 1.0)
    if filled >= 1:
        canvas.add_rect_filled(start, (start.x + filled, start.y + high), imgui.get_color_u32(colour), rounding)
    imgui.dummy((width, high))


def draw_working(label: str) -> None:
    """A bar without a share, for what takes an unknown time."""
    imgui.push_style_color(imgui.Col_.plot_histogram, theme_2.colours().accent)
    imgui.progress_bar(-0.6 * imgui.get_time(), imgui.ImVec2(-1, hello_imgui.em_size(0.35)), "")
    imgui.pop_style_color()
    if label:
        draw_muted(label)
    hello_imgui.request_refresh()


def draw_title(text: str) -> None:
    """The name of a section."""
    imgui.dummy(hello_imgui.em_to_vec2(0, 0.15))
    imgui.push_style_color(imgui.Col_.text, theme_2.colours().muted)
    imgui.separator_text(text)
    imgui.pop_style_color()


def money(amount: Money | Spent | None) -> str:
    """An amount, short: nothing is $0, unknown is said."""
    if amount is None:
        return "price unknown"
    return str(amount).replace("$0.0000", "$0")


def spent(amount: Spent) -> str:
    """What a discussion cost, short: what is not known is said once."""
    if not amount.unknown:
        return f"{money(amount.known)} spent"
    return f"more than {money(amount.known)} spent" if amount.known.nanos else "spent: price unknown"


def count(number: int) -> str:
    """A number of tokens, short: 950, 12.3k, 1.2M."""
    for limit, divisor, unit in ((1_000, 1, ""), (1_000_000, 1_000, "k"), (10**12, 1_000_000, "M")):
        if number < limit:
            value = number / divisor
            return f"{value:.0f}{unit}" if divisor == 1 or value >= 100 else f"{value:.1f}{unit}"
    return f"{number:,}"


def shown(name: str) -> str:
    """A name or a title as it is drawn: its scripts get a font, its right-to-left words stand in visual order."""
    if name.isascii():
        return name
    fonts.need(name)
    if not fonts.needs_order():
        return name
    from src.window import right_to_left

    return right_to_left.turn_runs(name)
