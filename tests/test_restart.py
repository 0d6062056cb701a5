"""Sloppy starts again where it was: project, discussion, what was typed, the files with it; also after a kill -9."""

import json

import pytest
from src.host.last_place import Place, decode
from tests.conftest import ECHO, settled, wait_until

from importguard.warmup import WarmupJob

JOBS = (*ECHO, WarmupJob("tomlkit", group=2))


@pytest.fixture
def start(make_controller):
    """A window's controller, all restored."""

    def make():
        controller = make_controller(JOBS, start=False)
        controller.last_place.keep()
        controller.start_warmup()
        assert controller.wait_for_warmup(60)
        wait_until(controller, lambda: controller.last_place._is_restored)
        return controller

    return make


def texts(controller):
    return [turn.message.text for turn in controller.discussion.snapshot().turns]


def test_project_discussion_draft_and_files_are_back(start, tmp_path):
    folder = tmp_path / "work"
    folder.mkdir()
    (folder / "notes.txt").write_text("hello\n")
    first = start()
    first.project.create(str(folder)).result(20)
    first.discussion.refresh().result(20)
    first.send("in the project")
    settled(first)
    first.composer.set_text("half a thou")
    first.composer.attach(str(folder / "notes.txt"))
    first.last_place.see(1)
    first.close()
    again = start()
    assert again.project.snapshot().project.folder == str(folder)
    assert texts(again) == ["in the project"] * 2
    state = again.composer.snapshot()
    assert (state.text, [one.path for one in state.attachments]) == ("half a thou", [str(folder / "notes.txt")])
    assert (again.last_place.turn_to_show(), again.last_place.turn_to_show()) == (1, 0)


def test_a_first_start_and_a_start_without_a_window_restore_nothing(start, make_controller):
    first = start()
    assert (first.composer.snapshot().text, texts(first)) == ("", [])
    first.send("one")
    settled(first)
    first.composer.set_text("draft")
    first.close()
    other = make_controller(JOBS)
    assert other.wait_for_warmup(60)
    wait_until(other, lambda: other.discussion._folder)
    assert (other.composer.snapshot().text, texts(other)) == ("", [])


def test_what_was_done_before_the_file_was_read_stays(make_controller, start):
    first = start()
    first.composer.set_text("old draft")
    first.close()
    second = make_controller(JOBS, start=False)
    second.last_place.keep()
    second.composer.set_text("typed at once")
    second.start_warmup()
    wait_until(second, lambda: second.last_place._is_restored)
    assert second.composer.snapshot().text == "typed at once"


def test_a_discussion_that_another_sloppy_has_open_is_left_to_it(start):
    first = start()
    first.send("mine")
    settled(first)
    first.last_place.flush()
    second = start()
    state = second.discussion.snapshot()
    assert (texts(second), state.read_only) == ([], False)


def test_a_place_that_is_gone_is_said_or_is_a_first_start(start, tmp_path):
    path = tmp_path / "data" / "last_place.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(Place(str(tmp_path / "gone/sloppy.toml"), "no-such", 7, "draft")._asdict()))
    controller = start()
    assert (texts(controller), controller.composer.snapshot().text) == ([], "draft")
    assert any("is gone" in toast.text for toast in controller.toasts.snapshot())
    controller.close()
    path.write_text("no json")
    again = start()
    assert again.composer.snapshot().text == ""
    (aside,) = path.parent.glob("last_place.json.bad-*")
    assert aside.read_text() == "no json"


@pytest.mark.parametrize(
    ("value", "place"),
    [
        ([], Place()),
        ({"draft": 3, "turn": True, "files": "x", "project": None}, Place()),
        ({"draft": "a", "turn": -1, "files": ["x", 1], "later": {}}, Place(draft="a", files=("x",))),
    ],
)
def test_a_wrong_field_is_as_at_a_first_start(value, place):
    assert decode(value) == place


def test_the_file_that_was_written_is_read_as_it_was():
    place = Place("/a/sloppy.toml", "name", 3, 'half a surrogate \ud83d, "é"\n', ("/a/b",))
    assert decode(json.loads(json.dumps(place._asdict()))) == place
