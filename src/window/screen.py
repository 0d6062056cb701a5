"""What is on the screen, read from a frame while it is drawn: its words, who has the keyboard, the text of its field.

For the hook API and for tests: what the state says was to be drawn is another matter. Reading costs one frame a little,
and only when it is asked for.
"""

from __future__ import annotations

from imgui_bundle import imgui

from src.value import Value
from src.window.focus import focused_window

_FALLBACK = "Debug##Default"  # imgui's own window, which ends last: the log of a frame goes on until then
_PRIVATE = range(0xE000, 0xF900)  # icons


class Area(Value):
    """A window of the frame: a panel, a question, a menu. In pixels from the left and the top."""

    title: str
    left: float
    top: float
    width: float
    height: float


class Screen(Value):
    """A frame as it was drawn. `lines` are the visible words of the panels, in the order of drawing.

    `window` gets the keys; `field` is the field that has them; `text` is what a text field with the keyboard holds,
    empty for one that hides it; `asked` is a question's title, `Commands` for the palette, or empty.
    """

    frame: int
    lines: tuple[str, ...]
    window: str
    field: str
    text: str
    asked: str
    areas: tuple[Area, ...]


class ScreenReader:
    """Reads one frame when that is wanted."""

    def __init__(self) -> None:
        self._wanted = self._reading = False
        self.last: Screen | None = None

    def want(self) -> None:
        """The next frame is read."""
        self._wanted, self.last = True, None

    def begin(self) -> None:
        """Before anything of the frame is drawn, inside a window."""
        fallback = imgui.internal.find_window_by_name(_FALLBACK) if self._wanted else None
        if fallback is None:
            return
        self._wanted, self._reading = False, True
        imgui.internal.log_to_buffer(0)
        context = imgui.get_current_context()
        context.log_window = fallback
        context.item_unclip_by_log = False  # what is out of sight stays out

    def end(self, field: str, asked: str) -> None:
        """After all of the frame is drawn, before it is rendered."""
        if not self._reading:
            return
        self._reading = False
        written = imgui.get_current_context().log_buffer.c_str() or ""
        imgui.log_finish()
        lines = (_words(line) for line in written.splitlines())
        self.last = Screen(
            imgui.get_frame_count(),
            tuple(line for line in lines if line),
            focused_window(),
            field,
            _field_text(),
            asked,
            tuple(_areas()),
        )


def _words(line: str) -> str:
    return " ".join("".join(one for one in line if ord(one) not in _PRIVATE).split())


def _field_text() -> str:
    number = imgui.internal.get_active_id()
    state = imgui.internal.get_input_text_state(number) if number else None
    if state is None or state.flags & imgui.InputTextFlags_.password.value:
        return ""
    return str(state.get_text())


def _areas() -> list[Area]:
    child = imgui.WindowFlags_.child_window.value
    return [
        Area(_title(one.name), one.pos.x, one.pos.y, one.size.x, one.size.y)
        for one in imgui.get_current_context().windows
        if one.active
        and not one.hidden
        and one.name != _FALLBACK
        and _title(one.name)
        and (one.dock_node or not one.flags & child)
    ]


def _title(name: str) -> str:
    return name.partition("###")[0].partition("##")[0]
