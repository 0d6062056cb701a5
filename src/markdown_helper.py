"""Draws Markdown of any size: prose by imgui-bundle's renderer, code by `markdown_code`, tables by `markdown_table`.

Guarantees
- A text is split once and goes on from where it was split when it grows; only the visible blocks are drawn.
- Nothing is fetched and no file is read: images show their name, transclusions stay text.
- A link does nothing but call `on_link`; only http and https get that far.

The modules for blocks, code and tables are imported by the first text or block that is drawn with them, a millisecond
after the first frame instead of before it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from imgui_bundle import hello_imgui, imgui, rich_md

from src.value import Value
from src.window import fonts
from src.window.flow import Flow

if TYPE_CHECKING:
    from src.window.markdown_blocks import Block

# Modules that keep what they made for texts drawn before.
KEEPERS = ("src.window.markdown_code", "src.markdown_table", "src.window.right_to_left", "src.window.pictures")
_IMAGE = r"`[^`]*`|!\[(?!\[)"
# A dollar before a number is money, unless what follows the number makes it a formula.
_PRICE = r"`[^`]*`|\$(?=\d[\d.,]*+(?![A-Za-z]?[ ]*+[\\^_+*/=$]))"


def load_fonts() -> None:
    """Loads the fonts of texts and code, between two frames: 6 ms that the first frame with a text would take more."""
    rich_md.get_code_font()


class _Drawing:
    """What the renderer asks back while it draws."""

    grows = False


def is_web_address(url: str) -> bool:
    """*url* is http or https, of one line, and not endless."""
    return url.lower().startswith(("http://", "https://")) and len(url) <= 4_000 and url.isprintable()


def make_options(on_link: Callable[[str], None]) -> rich_md.MarkdownOptions:
    """Settings of imgui-bundle's renderer: formulas, no images, line breaks as written, links call *on_link*."""
    options = rich_md.MarkdownOptions()
    options.hard_soft_breaks = True
    options.with_latex = True
    options.callbacks.on_open_link = on_link
    options.callbacks.on_image = _on_image
    # Code inside a list of a text that still grows would leave one editor in the renderer's cache at each frame.
    options.callbacks.can_use_child_windows = lambda: not _Drawing.grows
    return options


def forget() -> None:
    """Drops what is kept for texts drawn before, at the end of the window; imports nothing for it."""
    for name in KEEPERS:
        if (module := sys.modules.get(name)) is not None:
            module.forget()


def _on_image(_path: str) -> None:
    """Draws nothing for an image in HTML."""


class Document:
    """One text as it is drawn from frame to frame."""

    def __init__(self, key: str) -> None:
        self._key = key
        from src.window.markdown_blocks import Splitter  # the first frame has no text

        self._splitter = Splitter()
        self._flow = Flow()
        self._measured_for = (0.0, 0.0, "")
        self._blocks: list[Block] = []
        self._generation = 0
        self._shown: tuple[str | None, bool] = (None, False)

    def draw(self, text: str, *, is_growing: bool = False) -> float:
        """Draws *text* at the cursor; by how many pixels what is above the visible part grew."""
        self._follow(text, is_growing)
        _Drawing.grows = False

        def draw_row(number: int) -> None:
            _Drawing.grows = is_growing and number == len(self._blocks) - 1
            self._draw_block(number, self._blocks[number])

        imgui.push_id(self._key)
        shift = self._flow.draw(draw_row)
        imgui.pop_id()
        _Drawing.grows = False
        return shift

    def _follow(self, text: str, is_growing: bool) -> None:
        width, size = imgui.get_content_region_avail().x, imgui.get_font_size()
        if (text, is_growing) != self._shown or not self._splitter.is_finished:
            grown = self._shown[0] or ""
            fonts.need(text[len(grown) :] if is_growing and text.startswith(grown) else text)
            self._splitter.set_text(text, is_whole=not is_growing)
            self._splitter.take()
            self._blocks = self._splitter.blocks()
            self._shown = (text, is_growing)
            if not self._splitter.is_finished:
                hello_imgui.request_refresh()
        if self._generation != self._splitter.generation or self._measured_for != (width, size, self._key):
            self._generation = self._splitter.generation
            self._measured_for = (width, size, self._key)
            self._flow.clear()
        if len(self._blocks) != len(self._flow):
            measure = Measure.here()
            self._flow.resize(len(self._blocks), lambda number: self._guess(measure, number))

    def _guess(self, measure: Measure, number: int) -> float:
        block = self._blocks[number]
        if block.kind == "code":
            from src.window import markdown_code

            return markdown_code.height_of(self._splitter.text.count("\n", block.body, block.end))
        return measure.height_of(self._splitter.text, block.start, block.end)

    def _draw_block(self, number: int, block: Block) -> None:
        text = self._splitter.text
        imgui.push_id(number)
        if block.kind == "code":
            from src.window import markdown_code

            body = text[block.body : block.end].removesuffix("\n")
            markdown_code.draw((self._key, number, block.language), block.language, body, is_growing=block.is_open)
        elif block.kind == "table":
            from src import markdown_table

            table = text[block.start : block.end]
            if not markdown_table.draw((self._key, number), table):
                rich_md.render_raw(table)
        elif fonts.needs_order() and self._draw_right_to_left(number, text[block.start : block.end]):
            pass
        else:
            self._draw_prose(self._prose(block))
        imgui.pop_id()
        imgui.dummy((0.0, hello_imgui.em_size(0.35)))

    def _draw_right_to_left(self, number: int, prose: str) -> bool:
        """Draws *prose* when it runs from right to left; else False."""
        from src.window import right_to_left

        return right_to_left.draw((self._key, number), prose)

    def _draw_prose(self, prose: str) -> None:
        if "$" in prose:
            from src.window import formulas  # no text has one before the first frame

            formulas.render(prose)
        else:
            rich_md.render_raw(prose)

    def _prose(self, block: Block) -> str:
        prose = self._splitter.text[block.start : block.end]
        if fonts.needs_order():
            from src.window import right_to_left

            prose = right_to_left.turn_runs(prose)
        if "![" in prose:  # an image becomes a link with its name
            from src.window.markdown_blocks import compiled

            prose = compiled(_IMAGE).sub(lambda found: found[0] if found[0][0] == "`" else "[image: ", prose)
        if "####" in prose:
            prose = as_bold(prose)
        if "\\(" in prose or "\\[" in prose:
            prose = "`".join(as_dollars(part) if at % 2 == 0 else part for at, part in enumerate(prose.split("`")))
        if "$" in prose:
            from src.window.markdown_blocks import compiled

            prose = compiled(_PRICE).sub(lambda found: found[0] if found[0][0] == "`" else "\\$", prose)
        if self._splitter.references and "[" in prose:
            return prose + "\n\n" + "\n".join(self._splitter.references)
        return prose


def as_bold(prose: str) -> str:
    """*prose* with headings of the fourth level and below in bold: their size alone is nearly that of the text."""
    lines = prose.split("\n")
    for at, line in enumerate(lines):
        words = line.strip()
        level = len(words) - len(words.lstrip("#"))
        title = words[level:].strip()
        if 4 <= level <= 6 and words[level : level + 1] in (" ", "\t") and title and "*" not in title:
            lines[at] = f"{words[:level]} **{title}**"
    return "\n".join(lines)


def as_dollars(text: str) -> str:
    r"""*text* with formulas as the renderer knows them: what is in \( \) or \[ \] is set in dollars."""
    for opening, closing, mark in (("\\(", "\\)", "$"), ("\\[", "\\]", "$$")):
        head, *rest = text.split(opening)
        parts = [head]
        for piece in rest:
            inside, found, after = piece.partition(closing)
            parts.append(f"{mark}{inside.strip()}{mark}{after}" if found else opening + piece)
        text = "".join(parts)
    return text


class Measure(Value):
    """What heights are guessed from: how many letters fit on a line, and how high one is."""

    per_line: float
    line: float
    gap: float

    @classmethod
    def here(cls) -> Measure:
        """At the cursor, for the width that is left."""
        size = imgui.get_font_size() or 16.0
        per_line = max(10.0, imgui.get_content_region_avail().x / (size * 0.48))
        return cls(per_line, imgui.get_text_line_height_with_spacing(), size * 0.5)

    def height_of(self, text: str, start: int = 0, end: int | None = None) -> float:
        """About how high the prose from *start* to *end* is."""
        last = len(text) if end is None else end
        return self.height_for(text.count("\n", start, last) + 1, last - start)

    def height_for(self, lines: int, letters: int) -> float:
        """As `height_of`, of prose of so many lines and letters."""
        return max(lines, letters / self.per_line) * self.line + self.gap
