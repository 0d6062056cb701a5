"""A form in the middle of the window: labelled lines, Tab between them, Enter to take them. Draws only."""

from __future__ import annotations

from typing import Literal

from imgui_bundle import hello_imgui, imgui

from src import theme_2
from src.window.controls import draw_coloured, draw_primary_button
from src.window.questions import Form, FormField


class FormDialog:
    """What is typed into one form; *texts* is in its lines at first."""

    def __init__(self, form: Form, texts: tuple[str, ...]) -> None:
        self._form = form
        self._texts = list(texts)
        self._wrong = ""

    @property
    def texts(self) -> tuple[str, ...]:
        """The lines as they are now."""
        return tuple(self._texts)

    def draw(self) -> Literal["open", "left", "taken"]:
        """One frame inside the popup; `texts` are the lines once they are taken."""
        if self._form.body:
            imgui.text_wrapped(self._form.body)
            imgui.dummy(hello_imgui.em_to_vec2(0, 0.2))
        entered = False
        for number, field in enumerate(self._form.fields):
            entered = self._draw_field(number, field) or entered
        if self._wrong:
            draw_coloured(theme_2.colours().failed, self._wrong)
        imgui.dummy(hello_imgui.em_to_vec2(0, 0.2))
        missing = any(
            not text.strip() and not field.is_optional
            for text, field in zip(self._texts, self._form.fields, strict=True)
        )
        imgui.begin_disabled(missing)
        entered = draw_primary_button(self._form.confirm) or entered
        imgui.end_disabled()
        imgui.same_line()
        if imgui.button("Cancel") or imgui.is_key_pressed(imgui.Key.escape, False):
            return "left"
        if not entered or missing:
            return "open"
        self._wrong = self._form.check(self.texts)
        return "open" if self._wrong else "taken"

    def _draw_field(self, number: int, field: FormField) -> bool:
        """One line; True when Enter was pressed in it."""
        imgui.align_text_to_frame_padding()
        imgui.text_unformatted(field.label)
        imgui.same_line(hello_imgui.em_size(9))
        imgui.set_next_item_width(-1)
        if number == 0 and imgui.is_window_appearing():
            imgui.set_keyboard_focus_here()
        flags = imgui.InputTextFlags_.enter_returns_true
        if field.is_secret:
            flags |= imgui.InputTextFlags_.password
        before = self._texts[number]
        entered, typed = imgui.input_text_with_hint(f"##field{number}", field.hint, before, flags)
        if typed != before:
            self._texts[number], self._wrong = typed, ""
        return bool(entered)
