"""The questions that the window asks in the middle: yes or no, a line, a form. One at a time; the others wait."""

from __future__ import annotations

from collections import deque

from imgui_bundle import hello_imgui, imgui

from src.window.controls import draw_muted, draw_primary_button, draw_whole_choice, stay_on_line, width_of_button
from src.window.early_letters import EarlyLetters
from src.window.forms import FormDialog
from src.window.left_answers import LeftAnswers, first
from src.window.questions import Form, Question

AS_IT_WAS = "As it was"


class Dialogs:
    """The questions not answered yet."""

    def __init__(self) -> None:
        self._waiting: deque[Question | Form] = deque(maxlen=16)
        self._asked: Question | Form | None = None
        self._form: FormDialog | None = None
        self._text = ""
        self._is_new = False  # its field has not had the keyboard yet
        self._early = EarlyLetters()
        self._left = LeftAnswers()

    @property
    def asked(self) -> Question | Form | None:
        """The question that is on the screen, or comes next."""
        return self._asked or (self._waiting[0] if self._waiting else None)

    def ask(self, question: Question | Form) -> None:
        """Asks *question* once those before it are answered."""
        self._waiting.append(question)

    def draw(self) -> None:
        """One frame; call it outside any window."""
        if self._asked is None:
            if not self._waiting:
                return
            self._asked = self._waiting.popleft()
            texts = self._left.of(self._asked) or first(self._asked)
            self._form = FormDialog(self._asked, texts) if isinstance(self._asked, Form) else None
            self._text = texts[0] if texts else ""
        is_wide = self._form is not None or (isinstance(self._asked, Question) and self._asked.is_long)
        if not imgui.is_popup_open("###question"):  # a question ends with an answer and in no other way
            imgui.open_popup("###question")
        view = imgui.get_main_viewport()
        imgui.set_next_window_pos(view.get_center(), imgui.Cond_.appearing, imgui.ImVec2(0.5, 0.5))
        width = min(hello_imgui.em_size(46 if is_wide else 34), view.size.x * 0.94)
        imgui.set_next_window_size(imgui.ImVec2(width, 0))
        flags = imgui.WindowFlags_.no_saved_settings | imgui.WindowFlags_.no_resize
        if not imgui.begin_popup_modal(f"{self._asked.title}###question", None, flags)[0]:
            return
        self._draw_left(self._asked)
        if isinstance(self._asked, Form):
            self._draw_form(self._asked)
        else:
            self._draw_question(self._asked)
        imgui.end_popup()

    def _draw_left(self, asked: Question | Form) -> None:
        """That the lines hold what was typed before, and the way back to what they hold at first."""
        if self._left.of(asked) is None:
            return
        draw_muted("This is what you typed when you left the question.")
        stay_on_line(width_of_button(AS_IT_WAS))
        if imgui.small_button(AS_IT_WAS):
            self._left.forget(asked)
            self._text = first(asked)[0]
            self._form = FormDialog(asked, first(asked)) if isinstance(asked, Form) else None

    def _draw_form(self, form: Form) -> None:
        dialog = self._form
        outcome = dialog.draw() if dialog is not None else "left"
        if outcome != "open":
            imgui.close_current_popup()
            self._asked = self._form = None
        if outcome == "left" and dialog is not None:
            self._left.keep(form, dialog.texts)
        if outcome == "taken" and dialog is not None:
            self._left.forget(form)
            form.on_yes(dialog.texts)

    def _draw_question(self, question: Question) -> None:
        if question.body:
            imgui.text_wrapped(question.body)
            imgui.dummy(hello_imgui.em_to_vec2(0, 0.2))
        entered = self._draw_text(question)
        for number, choice in enumerate(question.choices):
            if draw_whole_choice(choice, f"choice{number}"):
                self._text = choice
                entered = True
        imgui.dummy(hello_imgui.em_to_vec2(0, 0.2))
        missing = question.text is not None and not (question.is_optional or self._text.strip())
        imgui.begin_disabled(missing)
        said_yes = (imgui.button if question.is_grave else draw_primary_button)(question.confirm)
        imgui.end_disabled()
        is_on_yes = imgui.is_item_focused()
        if question.text is None and imgui.is_window_appearing() and not question.is_grave:
            imgui.set_keyboard_focus_here(-1)
        imgui.same_line()
        said_no = (draw_primary_button if question.is_grave else imgui.button)("Cancel")
        if question.is_grave and imgui.is_window_appearing():
            imgui.set_keyboard_focus_here(-1)
        said_no = said_no or imgui.is_key_pressed(imgui.Key.escape, False)
        if question.is_grave and not is_on_yes and not imgui.is_window_appearing():
            said_no = said_no or imgui.is_key_pressed(imgui.Key.enter, False)
        if question.text is None and not (question.is_grave or imgui.is_item_focused() or imgui.is_window_appearing()):
            entered = imgui.is_key_pressed(imgui.Key.enter, False)  # a button takes it only once keys have moved there
        if said_no or ((said_yes or entered) and not missing):
            imgui.close_current_popup()
            self._asked = None
            if said_no:
                self._left.keep(question, (self._text,))
            else:
                self._left.forget(question)
                question.on_yes(self._text)

    def _draw_text(self, question: Question) -> bool:
        if question.text is None:
            return False
        if imgui.is_window_appearing():
            imgui.set_keyboard_focus_here()
            self._is_new = True
        self._early.offer(waits=self._is_new)
        entered = self._draw_field(question)
        self._is_new = not self._early.keep() and self._is_new
        return entered

    def _draw_field(self, question: Question) -> bool:
        if question.is_long:
            lines = question.body.count("\n") + 7  # title, body, buttons and the space between them
            free = imgui.get_main_viewport().size.y - lines * imgui.get_frame_height_with_spacing()
            size = imgui.ImVec2(-1, max(hello_imgui.em_size(4), min(hello_imgui.em_size(16), free)))
            flags = imgui.InputTextFlags_.word_wrap
            before, active = self._text, imgui.is_key_pressed(imgui.Key.escape, False)
            _, self._text = imgui.input_text_multiline("##answer", self._text, size, flags)
            if imgui.is_item_activated() and self._is_new:
                state = imgui.internal.get_input_text_state(imgui.get_item_id())
                if state is not None:  # who edits goes on at the end; imgui begins in front of the first letter
                    state.reload_user_buf_and_move_to_end()
            if active:  # imgui gives back the text from before; what was typed must not be lost
                self._text = before
            return imgui.is_item_focused() and imgui.is_key_chord_pressed(
                imgui.Key.mod_ctrl.value | imgui.Key.enter.value
            )
        imgui.set_next_item_width(-1)
        flags = imgui.InputTextFlags_.enter_returns_true
        entered, self._text = imgui.input_text_with_hint("##answer", question.hint, self._text, flags)
        return entered
