"""Who has the keyboard: what stays on the screen after each key, not what was to be drawn."""

import pytest
from imgui_bundle import imgui
from src.window import shortcuts
from src.window.focus import COMPOSER, SEARCH, focused_window
from src.window.questions import Question
from tests.conftest import settled
from tests.scenes import beside
from tests.window_driver import press

CTRL, SHIFT, O = imgui.Key.mod_ctrl, imgui.Key.mod_shift, imgui.Key.o  # noqa: E741


def texts(gui):
    return [turn.message.text for turn in gui.controller.discussion.snapshot().turns]


def typed(gui):
    return gui.controller.composer.snapshot().text


def ready(context, gui):
    beside(context, lambda: gui.controller.wait_for_warmup(60))
    context.yield_(3)
    press(context, "Ctrl+L")


def child_named(part):
    return next(one for one in imgui.get_current_context().windows if f"/{part}_" in one.name)


def test_ctrl_enter_sends_once_and_empties_the_composer(drive):
    def steps(context, gui):
        ready(context, gui)
        context.key_chars("first question")
        press(context, "Ctrl+Enter")
        beside(context, lambda: settled(gui.controller))
        context.yield_(5)
        assert typed(gui) == ""
        press(context, "Ctrl+Enter")
        context.yield_(3)
        assert texts(gui) == ["first question"] * 2
        context.key_chars("second")
        context.yield_(3)
        assert (gui.focus.field, typed(gui)) == (COMPOSER, "second")

    drive(steps)


def test_what_the_program_sets_while_somebody_types_is_what_the_field_has(drive):
    def steps(context, gui):
        ready(context, gui)
        context.key_chars("typed")
        gui.controller.composer.set_text("set by the program")
        context.yield_(3)
        context.key_chars(", and typed on")
        context.yield_(2)
        assert typed(gui) == "set by the program, and typed on"

    drive(steps)


@pytest.mark.parametrize("by", ["button", "keys", "palette"])
def test_a_question_before_sending_stays_until_it_is_answered(drive, by):
    def steps(context, gui):
        ready(context, gui)
        gui.controller.settings.change(token_cap=1)
        context.key_chars("over the cap")
        context.yield_(2)
        if by == "button":
            context.item_click("//Composer/###send")
        elif by == "keys":
            press(context, "Ctrl+Enter")
        else:
            gui.commands.run("message.send")
        context.yield_(10)
        assert (gui.dialogs.asked is not None, focused_window(), texts(gui)) == (True, "Send it anyway?", [])
        press(context, "Enter")  # no is what Enter means here
        context.yield_(4)
        assert (gui.dialogs.asked, texts(gui), typed(gui)) == (None, [], "over the cap")
        context.key_chars("!")
        context.yield_(2)
        assert typed(gui) == "over the cap!"
        context.item_click("//Composer/###send")
        context.yield_(5)
        context.item_click("//###question/Send anyway")
        beside(context, lambda: settled(gui.controller))
        context.yield_(3)
        assert (texts(gui)[:1], typed(gui)) == (["over the cap!"], "")

    drive(steps)


def test_the_search_has_the_keyboard_goes_to_hits_and_closes(drive):
    def steps(context, gui):
        ready(context, gui)
        for text in ("alpha", "beta", "alpha again"):
            gui.controller.send(text)
            beside(context, lambda: settled(gui.controller))
        press(context, "Ctrl+F")
        context.yield_(3)
        context.key_chars("alpha")
        context.yield_(3)
        panel = gui.made["Discussion"]
        assert (gui.focus.field, panel.search.text, typed(gui)) == (SEARCH, "alpha", "")
        went = []
        for _ in range(3):
            press(context, "Enter")
            context.yield_(3)
            went.append(panel.search._hit)
            assert gui.focus.field == SEARCH
        assert went == [0, 1, 2]
        press(context, "Escape")
        context.yield_(3)
        assert (panel.search.is_open, gui.focus.field) == (False, COMPOSER)
        press(context, "Ctrl+F")
        context.yield_(3)
        assert (panel.search.is_open, gui.focus.field) == (True, SEARCH)

    drive(steps)


def test_escape_in_the_search_stops_no_reply(drive):
    def steps(context, gui):
        ready(context, gui)
        gui.controller.send("[[hang]] for ever")
        press(context, "Ctrl+F")
        context.yield_(3)
        press(context, "Escape")
        context.yield_(3)
        assert not gui.made["Discussion"].search.is_open
        state = gui.controller.snapshot()
        assert state.waiting or state.reply is not None
        press(context, "Escape")
        beside(context, lambda: settled(gui.controller))

    drive(steps)


def test_an_approval_comes_to_the_front_and_takes_no_letter(drive):
    def steps(context, gui):
        ready(context, gui)
        context.key_chars("half a wo")
        answer = gui.controller.approvals.ask("command", "run", "program:  ls")
        context.yield_(8)
        context.key_chars("rd")
        context.yield_(3)
        assert (gui.focus.field, typed(gui)) == (COMPOSER, "half a word")
        assert context.item_exists("//Approvals/###deny")
        press(context, "Ctrl+Shift+Y")
        assert answer.result(5) is True
        other = gui.controller.approvals.ask("command", "run", "program:  rm")
        context.yield_(8)
        press(context, "Ctrl+Shift+N")
        assert other.result(5) is False
        assert typed(gui) == "half a word"

    drive(steps)


def test_what_was_not_on_the_screen_cannot_be_approved(drive):
    def steps(context, gui):
        ready(context, gui)
        rows = "\n".join(f"{number}:  argument" for number in range(200))
        answer = gui.controller.approvals.ask("command", "run", rows)
        context.yield_(8)
        assert "scroll to its end" in gui.commands.run("approval.approve")
        press(context, "Ctrl+Shift+Y")
        assert not answer.done()
        child = child_named("detail")
        imgui.internal.set_scroll_y(child, child.scroll_max.y)
        context.yield_(4)
        assert gui.commands.run("approval.approve") == ""
        assert answer.result(5) is True

    drive(steps)


def test_a_long_argument_is_wrapped_and_none_of_it_is_beside_the_screen(drive):
    def steps(context, gui):
        ready(context, gui)
        gui.controller.approvals.ask("command", "run", "2:  " + "ruff format src/ && pytest " * 40 + "; touch PWNED")
        context.yield_(8)
        child = child_named("detail")
        assert child.scroll_max.x == 0
        assert child.content_size.x <= child.size.x
        assert child.content_size.y > 5 * imgui.get_font_size()

    drive(steps)


def test_a_question_ends_with_an_answer_alone(drive):
    def steps(context, gui):
        ready(context, gui)
        gui.ask(Question("Delete", "Really?", "Delete", len))
        context.yield_(3)
        gui.show_panel("Log")
        imgui.internal.focus_window(imgui.internal.find_window_by_name("Composer"))
        context.yield_(6)
        assert (gui.dialogs.asked is not None, focused_window()) == (True, "Delete")

    drive(steps)


class Frames:
    """imgui alone, fed with key events, a frame at a time."""

    def __enter__(self):
        imgui.create_context()
        io = imgui.get_io()
        io.display_size = imgui.ImVec2(400, 300)
        io.set_ini_filename("")
        io.backend_flags |= imgui.BackendFlags_.renderer_has_textures
        return self

    def __exit__(self, *_):
        imgui.destroy_context()

    def draw(self, keys, *events):
        for key, is_down in events:
            imgui.get_io().add_key_event(key, is_down)
        shortcuts.read_events()
        imgui.new_frame()
        pressed = shortcuts.is_pressed(keys)
        imgui.end_frame()
        return pressed


SHORT = ((CTRL, True), (O, True), (CTRL, False), (O, False))


@pytest.mark.parametrize(
    ("frames", "pressed"),
    [
        ([SHORT], 1),
        ([SHORT[:1], SHORT[1:]], 1),
        ([SHORT[:2], SHORT[2:]], 1),
        ([SHORT[:3], SHORT[3:]], 1),
        ([SHORT, SHORT], 2),
        ([((CTRL, True), (O, True), (O, False), (CTRL, False))], 1),
        ([((CTRL, True), (CTRL, False), (O, True), (O, False))], 0),
        ([((CTRL, True),), ((CTRL, False), (O, True))], 0),
        ([((SHIFT, True), (O, True), (SHIFT, False))], 0),
        ([((CTRL, True), (SHIFT, True), (O, True), (CTRL, False), (SHIFT, False))], 0),
    ],
)
def test_a_short_chord_counts_once_however_its_events_fall_into_frames(frames, pressed):
    with Frames() as alone:
        alone.draw("Ctrl+O")
        assert sum(alone.draw("Ctrl+O", *some) for some in (*frames, *[()] * 6)) == pressed


def test_a_chord_pressed_in_the_first_frame_after_a_question_counts_once():
    with Frames() as alone:
        for _ in range(3):
            alone.draw("Ctrl+O")
        for _ in range(3):  # a question is open: nobody asks for the shortcuts of the window
            alone.draw("Ctrl+P")
        assert [alone.draw("Ctrl+O", *some) for some in (((CTRL, True), (O, True)), (), ())] == [True, False, False]


@pytest.mark.parametrize("way", ["Ctrl+L", "Ctrl+F"])
def test_letters_typed_before_the_field_has_the_keyboard_are_in_it(drive, way):
    """A hand does not wait for the frames that a field takes to get the keyboard."""

    def steps(context, gui):
        ready(context, gui)
        gui.show_panel("Request")  # something else has it
        context.yield_(8)
        assert gui.focus.field == ""
        gui.focus_composer() if way == "Ctrl+L" else gui.toggle_search()
        context.key_chars("which of you")
        context.yield_(4)
        gui.read_next_frame()
        context.yield_(2)
        assert (gui.screen().field, gui.screen().text) == (COMPOSER if way == "Ctrl+L" else SEARCH, "which of you")

    drive(steps)


@pytest.mark.parametrize("what", ["palette", "question", "long question"])
def test_letters_typed_while_a_popup_opens_are_in_its_field(drive, what):
    def steps(context, gui):
        ready(context, gui)
        context.key_chars("in the composer")
        context.yield_(2)
        said = []
        if what == "palette":
            gui.open_palette()
        else:
            gui.ask(Question("Which?", "", "This", said.append, "", is_long=what == "long question"))
        context.key_chars("which of you")
        context.yield_(4)
        gui.read_next_frame()
        context.yield_(2)
        assert gui.screen().text == "which of you"
        assert typed(gui) == "in the composer"

    drive(steps)
