"""What is on the screen is read from the frame that was drawn."""

from src.window.questions import Question
from tests.window_driver import press


def read(context, gui):
    gui.read_next_frame()
    context.yield_(3)
    return gui.screen()


def test_words_keyboard_and_places_are_those_of_the_frame(drive):
    def steps(context, gui):
        context.yield_(3)
        press(context, "Ctrl+L")
        context.key_chars("half a thought")
        shown = read(context, gui)
        text = "\n".join(shown.lines)
        assert (shown.window, shown.field, shown.text, shown.asked) == ("Composer", "composer", "half a thought", "")
        assert "What shall we work on?" in text
        assert "half a thought" in text
        assert {"Discussion", "Composer", "Context", "Request"} <= {one.title for one in shown.areas}
        gui.ask(Question("Delete", "Really all of it?", "Delete", len))
        context.yield_(3)
        shown = read(context, gui)
        assert (shown.window, shown.asked) == ("Delete", "Delete")
        assert "Really all of it?" in "\n".join(shown.lines)

    drive(steps)


def test_a_frame_that_nobody_asked_for_is_not_read(drive):
    def steps(context, gui):
        context.yield_(3)
        assert gui.screen() is None

    drive(steps)
