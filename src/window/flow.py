"""Rows of different heights in a scrolling window, of which only the visible ones are drawn.

A row's height is guessed until it was drawn once. When rows above the visible part turn out higher or lower, `draw`
tells by how much, so that the window can scroll along and nothing jumps under the reader's eyes.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import accumulate

from imgui_bundle import imgui

MAX_DRAWN = 400  # rows in one frame, whatever their heights are


class Flow:
    """The heights of the rows, known or guessed."""

    def __init__(self) -> None:
        self._heights: list[float] = []
        self._tops: list[float] | None = None

    @property
    def height(self) -> float:
        """Of all rows."""
        return self._offsets()[-1]

    def __len__(self) -> int:
        return len(self._heights)

    def resize(self, count: int, guess: Callable[[int], float]) -> None:
        """Keeps the first *count* rows and guesses the heights of new ones."""
        self.shorten(count)
        if count > len(self._heights):
            self._heights.extend(guess(number) for number in range(len(self._heights), count))
            self._tops = None

    def shorten(self, count: int) -> None:
        """Keeps no more than the first *count* rows."""
        if count < len(self._heights):
            del self._heights[count:]
            self._tops = None

    def clear(self) -> None:
        """Forgets every height."""
        self._heights.clear()
        self._tops = None

    def set_height(self, number: int, height: float) -> float:
        """The height of a row, as it is; by how much it differs from what was held."""
        change = height - self._heights[number]
        if abs(change) > 0.01:
            self._heights[number] = height
            self._tops = None
        return change

    def height_of(self, number: int) -> float:
        """The height of the row, as far as it is known."""
        return self._heights[number]

    def top_of(self, number: int) -> float:
        """How many pixels below the first row's top the row begins."""
        return self._offsets()[number]

    def draw(self, draw_row: Callable[[int], float | None]) -> float:
        """Draws the visible rows from the cursor on, and leaves the room of the others.

        *draw_row* answers None for a plain row and, for a row that is a flow itself, what its `draw` answered: by how
        much the rows above the visible part grew.
        """
        offsets = self._offsets()
        canvas = imgui.get_window_draw_list()
        first_seen, last_seen = canvas.get_clip_rect_min().y, canvas.get_clip_rect_max().y
        origin = imgui.get_cursor_screen_pos()
        number = self.row_at(first_seen - origin.y) if self._heights else 0
        drawn, shift = 0, 0.0
        y = origin.y + offsets[min(number, len(self._heights))]
        while number < len(self._heights) and y < last_seen and drawn < MAX_DRAWN:
            imgui.set_cursor_screen_pos((origin.x, y))
            inner = draw_row(number)
            height = imgui.get_cursor_screen_pos().y - y
            change = self.set_height(number, height)
            if inner is not None:
                shift += inner
            elif y < first_seen and y + height - change < last_seen:
                shift += change
            y += height
            number += 1
            drawn += 1
        imgui.set_cursor_screen_pos(origin)
        spacing = imgui.get_style().item_spacing.y
        imgui.dummy((0.0, max(0.0, self.height - spacing)))
        return shift

    def row_at(self, depth: float) -> int:
        """The number of the row that is *depth* below the first row's top."""
        from bisect import bisect_right  # an extension module; the first frame has no rows

        return max(0, bisect_right(self._offsets(), depth) - 1)

    def _offsets(self) -> list[float]:
        if self._tops is None:
            self._tops = [0.0, *accumulate(self._heights)]
        return self._tops
