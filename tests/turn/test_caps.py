"""A cap is checked on the request that goes out, not on what was known when the message was sent."""

import time

import pytest
from tests.conftest import ECHO, settled, wait_until
from tests.project.test_project import LIBRARIES, scanned


@pytest.fixture
def controller(make_controller, tmp_path):
    """A project whose one chosen file is small, and a cap that the file fits under."""
    folder = tmp_path / "work"
    folder.mkdir()
    (folder / "notes.txt").write_text("small\n")
    made = make_controller((*ECHO, *LIBRARIES))
    assert made.wait_for_warmup(60)
    made.project.create(str(folder)).result(10)
    scanned(made)
    made.project.set_globs(("*.txt",), ())
    wait_until(made, made.project.known_files)
    made.settings.change(token_cap=1000)
    return made


def test_a_chosen_file_that_grew_since_it_was_read_does_not_pass_the_cap(controller, tmp_path):
    (tmp_path / "work/notes.txt").write_text("w" * 1_000_000)
    assert controller.send("hello").kind == "sent"
    assert settled(controller).error.endswith("; your cap is 1,000. Ask for the answer again to go on.")
    (turn,) = controller.discussion.snapshot().turns
    assert (turn.message.role, controller.discussion.sent_with(turn.id)) == ("user", ())


def test_the_message_that_the_cap_held_back_asks_first_and_goes_out_when_it_is_confirmed(controller, tmp_path):
    (tmp_path / "work/notes.txt").write_text("w" * 1_000_000)
    controller.send("hello")
    settled(controller)
    for _ in range(300):  # the message that was held back may still be on its way into the discussion
        if (asked := controller.answer()).kind != "refused":
            break
        time.sleep(0.1)
    assert asked.kind == "confirm"
    assert controller.answer(confirmed=True).kind == "sent"
    assert settled(controller).error == ""
    answer = controller.discussion.snapshot().turns[-1]
    assert [(file.path, file.size) for file in controller.discussion.sent_with(answer.id)] == [("notes.txt", 1_000_000)]


def test_a_file_that_shrank_goes_out_under_the_cap(controller, tmp_path):
    (tmp_path / "work/notes.txt").write_text("less\n")
    assert controller.send("hello").kind == "sent"
    assert settled(controller).error == ""
