"""Fenced code: a bar with the language and a copy button over imgui-bundle's editor, read-only and highlighted.

rich_md would draw it too, but keeps one editor for every text it has seen: code that streams in would cost a megabyte a
second. Here a block has one editor that grows with it, and only the blocks seen last keep theirs.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable

from imgui_bundle import hello_imgui, imgui, rich_md
from imgui_bundle.imgui_color_text_edit import TextEditor

from src import theme_2

MAX_EDITORS = 64
MAX_LINES = 36  # shown at once; longer code scrolls inside
PER_FRAME = 60_000  # characters that an editor takes in one frame
LINE_NUMBERS_FROM = 6

_Language = TextEditor.Language
# The bundle knows eleven languages; a near relative colours comments, strings and most keywords rightly.
_LANGUAGES: dict[str, Callable[[], TextEditor.Language]] = {
    **dict.fromkeys(("py", "python", "python3", "pycon"), _Language.python),
    **dict.fromkeys(("sh", "bash", "shell", "console", "zsh", "toml", "yaml", "yml", "ruby", "rb"), _Language.python),
    **dict.fromkeys(("c", "h"), _Language.c),
    **dict.fromkeys(("cpp", "c++", "cc", "hpp", "rust", "rs", "go", "swift", "zig"), _Language.cpp),
    **dict.fromkeys(("cs", "csharp", "c#", "java", "kotlin"), _Language.cs),
    **dict.fromkeys(("js", "javascript", "jsx", "ts", "tsx", "typescript"), _Language.cs),
    **dict.fromkeys(("json", "jsonc", "json5"), _Language.json),
    **dict.fromkeys(("glsl", "hlsl", "wgsl"), _Language.glsl),
    "lua": _Language.lua,
    "sql": _Language.sql,
    **dict.fromkeys(("md", "markdown"), _Language.markdown),
}  # fmt: skip


class _Code:
    """One block's editor, and how much of the text it has."""

    def __init__(self, language: str) -> None:
        self.taken = ""
        self.theme = ""
        self.editor = TextEditor()
        self.editor.set_read_only_enabled(True)
        self.editor.set_show_whitespaces_enabled(False)
        self.editor.set_show_matching_brackets(False)
        self.editor.set_show_current_line_highlight_enabled(False)
        self.editor.set_show_scrollbar_mini_map_enabled(False)
        self.editor.set_carets_visible(False)
        self.editor.set_find_replace_enabled(True)
        if make := _LANGUAGES.get(language):
            self.editor.set_language(make())

    def take(self, text: str) -> bool:
        """Lets the editor have more of *text*; True when it has all of it."""
        if not text.startswith(self.taken):
            self.editor.set_text("")
            self.taken = ""
        more = text[len(self.taken) : len(self.taken) + PER_FRAME]
        if more and not self.taken:
            self.editor.set_text(more)
        elif more:
            last = self.editor.get_line_count() - 1
            end = TextEditor.DocPos(last, len(self.editor.get_line_text(last)))
            self.editor.replace_section_text(end, end, more)
        self.taken += more
        return len(self.taken) == len(text)

    def follow_theme(self) -> None:
        """Takes over the colours of the theme in use."""
        if self.theme != theme_2.current().name:
            self.theme = theme_2.current().name
            self.editor.set_palette(TextEditor.get_default_palette())


_FLAGS = (imgui.WindowFlags_.no_move | imgui.WindowFlags_.horizontal_scrollbar | imgui.WindowFlags_.no_background).value
_codes: OrderedDict[Hashable, _Code] = OrderedDict()


def forget() -> None:
    """Drops every editor: at the end of the window, and before code of this module is replaced."""
    _codes.clear()


def height_of(lines: int) -> float:
    """The height of a block of so many lines."""
    shown = max(1, min(lines, MAX_LINES))
    size = rich_md.get_code_font().size if imgui.get_frame_count() else 16.0
    return shown * size * 1.1 + imgui.get_frame_height() + hello_imgui.em_size(1.6)


def draw(key: Hashable, language: str, text: str, *, is_growing: bool = False) -> None:
    """Draws *text* over the whole width. *key* tells one block from another from frame to frame."""
    code = _codes.get(key)
    if code is None:
        code = _codes[key] = _Code(language)
        if len(_codes) > MAX_EDITORS:
            _codes.popitem(last=False)
    _codes.move_to_end(key)
    grew = len(code.taken) < len(text)
    if not code.take(text):
        hello_imgui.request_refresh()
    code.follow_theme()
    start, width = imgui.get_cursor_screen_pos(), imgui.get_content_region_avail().x
    _draw_bar(language, text)
    _draw_editor(code, is_growing and grew)
    end = (start.x + width, imgui.get_item_rect_max().y)
    line = imgui.get_color_u32(theme_2.colours().line)
    imgui.get_window_draw_list().add_rect(start, end, line, imgui.get_style().child_rounding)


def _draw_bar(language: str, text: str) -> None:
    lines = text.count("\n") + 1
    note = f"{language or 'text'}" + (f"   {lines:,} lines" if lines > MAX_LINES else "")
    draw_bar(note, "Copy", lambda: text)


def draw_bar(note: str, button: str, copied: Callable[[], str]) -> None:
    """A line with *note* on its left and a button on its right that copies what *copied* answers."""
    style, colours = imgui.get_style(), theme_2.colours()
    start, width = imgui.get_cursor_screen_pos(), imgui.get_content_region_avail().x
    height = imgui.get_text_line_height() + style.frame_padding.y
    ground = imgui.get_color_u32(colours.raised)
    top = imgui.ImDrawFlags_.round_top.value
    canvas = imgui.get_window_draw_list()
    canvas.add_rect_filled(start, (start.x + width, start.y + height), ground, style.child_rounding, top)
    y = start.y + style.frame_padding.y / 2
    canvas.add_text((start.x + style.frame_padding.x, y), imgui.get_color_u32(colours.muted), note)
    room = imgui.calc_text_size(button).x + 2 * style.frame_padding.x
    imgui.set_cursor_screen_pos((start.x + width - room - style.frame_padding.y, y))
    imgui.push_style_color(imgui.Col_.button, imgui.ImVec4(0, 0, 0, 0))
    imgui.push_style_var(imgui.StyleVar_.frame_border_size, 0.0)
    if imgui.small_button(button):
        imgui.set_clipboard_text(copied())
    imgui.pop_style_var()
    imgui.pop_style_color()
    imgui.set_cursor_screen_pos((start.x, start.y + height))


def _draw_editor(code: _Code, follow: bool) -> None:
    editor, lines = code.editor, code.editor.get_line_count()
    font = rich_md.get_code_font()
    imgui.push_font(font.font, font.size)
    editor.set_show_line_numbers_enabled(lines >= LINE_NUMBERS_FROM)
    line = editor.get_line_height() or imgui.get_text_line_height()
    height = min(lines, MAX_LINES) * line + imgui.get_style().scrollbar_size + hello_imgui.em_size(0.3)
    if follow and lines > MAX_LINES:
        editor.scroll_to_line(lines - 1, TextEditor.Scroll.align_bottom)
    at, width = imgui.get_cursor_screen_pos(), imgui.get_content_region_avail().x
    ground = imgui.get_color_u32(theme_2.colours().field)  # the editor's own palettes have a grey that no theme has
    imgui.get_window_draw_list().add_rect_filled(at, (at.x + width, at.y + height), ground)
    editor.render("##code", imgui.ImVec2(0, height), imgui.ChildFlags_.none.value, _FLAGS)
    imgui.pop_font()
