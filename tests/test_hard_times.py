"""What the surroundings do to a running Sloppy: clocks that jump, folders that go, files that are far too large."""

import shutil
import time
from datetime import timedelta

import pytest
from src.discussion import reading
from src.project.file import ProjectError
from tests.conftest import ECHO, settled, wait_until

from importguard.warmup import WarmupJob

JOBS = (*ECHO, WarmupJob("tomlkit", group=2))
HUGE = 100_000_000  # bytes


@pytest.fixture
def running(make_controller):
    controller = make_controller(JOBS)
    assert controller.wait_for_warmup(60)
    controller.discussion.refresh().result(20)
    return controller


@pytest.fixture
def folder(running, tmp_path):
    """A project with one file, open in *running*."""
    made = tmp_path / "project"
    made.mkdir()
    (made / "a.py").write_text("a = 1\n")
    running.project.create(str(made)).result(20)
    wait_until(running, lambda: [file.path for file in running.project.snapshot().files])
    return made


def told(controller, *words):
    """The toast that holds all *words*, once it is there."""
    return wait_until(
        controller,
        lambda: next(
            (one.text for one in controller.toasts.snapshot() if all(word in one.text for word in words)), None
        ),
    )


def test_a_clock_that_jumps_changes_neither_order_nor_content(running, monkeypatch):
    real, jump = time.time, timedelta()
    monkeypatch.setattr(time, "time", lambda: real() + jump.total_seconds())
    for days in (0, -400, 4000, -1):
        jump = timedelta(days=days)
        running.send(f"day {days}")
        settled(running)
    texts = [turn.message.text for turn in running.discussion.snapshot().turns]
    assert texts == [text for days in (0, -400, 4000, -1) for text in [f"day {days}"] * 2]
    path = running.discussion._log.path
    assert running.close(10)
    assert [turn.message.text for turn in reading.load(path).discussion.branch()] == texts


def make_huge(path):
    with open(path, "wb") as file:
        file.truncate(HUGE)
    return path


@pytest.mark.parametrize("name", ["huge.txt", "huge.png"])
def test_a_huge_file_is_not_attached_and_not_read(running, tmp_path, name):
    running.composer.attach(str(make_huge(tmp_path / name)))
    assert "bytes" in told(running, name, "cannot be attached")
    assert running.composer.snapshot().attachments == ()


def test_a_huge_file_of_a_project_is_shown_and_never_sent(running, folder):
    make_huge(folder / "huge.txt")
    running.project.rescan()
    wait_until(running, lambda: len(running.project.snapshot().files) == 3)
    (huge,) = [file for file in running.project.snapshot().files if file.path == "huge.txt"]
    assert (huge.size, huge.included) == (HUGE, False)
    assert huge.excluded_reason
    with pytest.raises(ProjectError, match=r"huge\.txt cannot be sent"):
        running.project.set_pinned("huge.txt", True)


def test_a_huge_project_file_is_refused(running, tmp_path):
    with pytest.raises(ProjectError, match="more than"):
        running.project.open(str(make_huge(tmp_path / "sloppy.toml"))).result(20)


def test_a_project_whose_folder_goes_away_says_so_and_the_discussion_goes_on(running, folder):
    running.project.set_pinned("a.py", True)
    wait_until(running, lambda: [file.path for file, _ in running.project.known_files()] == ["a.py"])
    assert any("a.py" in (folder / "sloppy.toml").read_text() for _ in range(100_000))  # nothing is left to write
    shutil.rmtree(folder)
    running.project.rescan()
    told(running, f"{folder} is not there any more")
    wait_until(running, lambda: running.project.snapshot().files == ())
    assert running.send("still there?")
    assert settled(running).error == ""
    assert [turn.message.text for turn in running.discussion.snapshot().turns] == ["still there?"] * 2
    folder.mkdir()
    (folder / "a.py").write_text("a = 1\n")
    running.project.rescan()
    wait_until(running, lambda: [file.path for file, _ in running.project.known_files()] == ["a.py"])
    shutil.rmtree(folder)
    running.project.close().result(20)
    with pytest.raises(ProjectError, match="There is no folder"):
        running.project.open(str(folder)).result(20)
