"""A disk that is full or read-only: what the user sees, what is kept, and that it is written once that is possible."""

import errno
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from src import project_manager as projects
from src.discussion import live, log, reading
from src.storage import settings as settings_module
from src.storage.instance_lock import InstanceLock
from src.storage.places import places_in
from tests.conftest import ECHO, settled, wait_until, written
from tests.disks import disk  # noqa: F401  a fixture

from importguard.warmup import WarmupJob

JOBS = (*ECHO, WarmupJob("tomlkit", group=2))
FAILURES = {"fill": "No space left on device", "lock": "Read-only file system"}


WAYS = [("real", "fill"), ("imitated", "fill"), ("imitated", "lock")]
in_every_way = pytest.mark.parametrize(("disk", "failure"), WAYS, indirect=["disk"])
LONG = "m" * 20_000  # more than what is left of a page


@pytest.fixture(autouse=True)
def quick_retries(monkeypatch):
    for module in (log, settings_module, projects):
        monkeypatch.setattr(module, "RETRY_S", 0.05)


@pytest.fixture
def running(disk, make_controller):  # noqa: F811
    """A controller with its files on the disk, ready."""
    controller = make_controller(JOBS, places=places_in(str(disk.folder)))
    assert controller.wait_for_warmup(60)
    controller.discussion.refresh().result(20)
    return controller


def told(controller, *words):
    """The toast that holds all *words*, once it is there."""
    return wait_until(
        controller,
        lambda: next(
            (one.text for one in controller.toasts.snapshot() if all(word in one.text for word in words)), None
        ),
    )


@in_every_way
def test_a_discussion_goes_on_and_is_written_when_there_is_room(running, disk, failure):  # noqa: F811
    running.send("before")
    settled(running)
    path = written(running)
    assert texts_in(path) == ["before"] * 2
    getattr(disk, failure)()
    running.send(LONG)
    state = settled(running)
    assert [turn.message.text for turn in running.discussion.snapshot().turns] == ["before"] * 2 + [LONG] * 2
    assert state.error == ""
    told(running, f"{path} cannot be written", FAILURES[failure], "nothing is lost")
    assert texts_in(path) == ["before"] * 2
    disk.restore()
    assert texts_in(written(running)) == ["before"] * 2 + [LONG] * 2


def texts_in(path):
    return [turn.message.text for turn in reading.load(path, mend=False).discussion.branch()]


@in_every_way
def test_a_discussion_that_is_left_and_opened_again_loses_nothing(running, disk, failure):  # noqa: F811
    discussion = running.discussion
    running.send("one")
    settled(running)
    path, name = written(running), discussion.snapshot().name
    getattr(disk, failure)()
    running.send(LONG)
    settled(running)
    told(running, f"{path} cannot be written", FAILURES[failure])
    discussion.new().result(20)
    assert name in [one.name for one in discussion.list()]
    discussion.open(name).result(20)
    assert shown(running) == ["one"] * 2 + [LONG] * 2
    running.send("short")
    settled(running)
    disk.restore()
    told(running, f"{path} is written again")
    assert texts_in(written(running)) == shown(running) == ["one"] * 2 + [LONG] * 2 + ["short"] * 2


@in_every_way
def test_a_first_message_on_a_full_disk_is_found_again(running, disk, failure):  # noqa: F811
    getattr(disk, failure)()
    running.send(LONG)
    settled(running)
    name = running.discussion.snapshot().name
    for _ in range(4):
        assert not running.discussion._log.flush()
    assert running.discussion.snapshot().name == name  # however often it was tried
    running.discussion.new().result(20)
    running.discussion.open(name).result(20)
    assert shown(running) == [LONG] * 2
    disk.restore()
    assert texts_in(written(running)) == [LONG] * 2


@in_every_way
def test_the_end_writes_discussions_that_were_left_too(running, disk, failure):  # noqa: F811
    running.send("one")
    settled(running)
    path = written(running)
    getattr(disk, failure)()
    running.send(LONG)
    settled(running)
    running.discussion.new().result(20)
    disk.restore()
    assert running.close(10)
    assert (running.unsaved, texts_in(path)) == ((), ["one"] * 2 + [LONG] * 2)


@in_every_way
def test_the_end_keeps_every_discussion_that_cannot_be_written(running, disk, failure):  # noqa: F811
    getattr(disk, failure)()
    for text in ("first", "second"):
        running.send(text + LONG)
        settled(running)
        running.discussion.new().result(20)
    assert running.close(10)
    kept = [Path(found[1]) for one in running.unsaved if (found := re.fullmatch(r"All of it is kept as (.+)\.", one))]
    texts = [json.loads(path.read_text())["turns"][0]["message"]["parts"][0]["text"] for path in kept]
    for path in kept:
        path.unlink()
    assert texts == ["first" + LONG, "second" + LONG]


@in_every_way
def test_a_discussion_opened_on_a_full_disk_can_be_written_once_there_is_room(
    running,
    disk,  # noqa: F811
    failure,
    make_controller,
    monkeypatch,
):
    monkeypatch.setattr(live, "RETRY_S", 0.05)
    running.send("one")
    settled(running)
    name = running.discussion.snapshot().name
    running.discussion.new().result(20)
    if failure == "fill":  # an empty lock file still fits on a full disk; here not even that
        monkeypatch.setattr(InstanceLock, "take", refuse_while(disk, InstanceLock.take))
    else:
        disk.lock()
    disk.is_full = True
    running.discussion.open(name).result(20)
    assert running.discussion.snapshot().read_only
    disk.is_full = False
    disk.restore() if failure == "lock" else None
    wait_until(running, lambda: not running.discussion.snapshot().read_only)
    told(running, "can be written now")


def refuse_while(disk, take):  # noqa: F811
    def call(lock):
        if disk.is_full:
            raise OSError(errno.ENOSPC, "No space left on device")
        return take(lock)

    return call


def shown(controller):
    return [turn.message.text for turn in controller.discussion.snapshot().turns]


@in_every_way
def test_settings_hold_and_are_written_when_there_is_room(running, disk, failure):  # noqa: F811
    path = disk.folder / "config" / "settings.json"
    running.settings.change(theme="light")
    running.settings.flush()
    getattr(disk, failure)()
    running.settings.change(theme="nerv")
    assert running.settings.snapshot().theme == "nerv"
    told(running, "The settings cannot be written", FAILURES[failure])
    assert json.loads(path.read_text())["theme"] == "light"
    disk.restore()
    running.settings.flush()
    assert json.loads(path.read_text())["theme"] == "nerv"


@in_every_way
def test_a_project_holds_and_is_written_when_there_is_room(running, disk, failure):  # noqa: F811
    folder = disk.folder / "project"
    folder.mkdir()
    (folder / "a.py").write_text("a = 1\n")
    running.project.create(str(folder)).result(20)
    wait_until(running, lambda: [file.path for file in running.project.snapshot().files])
    before = (folder / "sloppy.toml").read_text()
    getattr(disk, failure)()
    running.project.set_pinned("a.py", True)
    wait_until(running, lambda: next(one for one in running.project.snapshot().files if one.path == "a.py").pinned)
    told(running, "sloppy.toml cannot be written", FAILURES[failure])
    assert (folder / "sloppy.toml").read_text() == before
    disk.restore()
    running.project.flush()
    assert "a.py" in (folder / "sloppy.toml").read_text()


@in_every_way
def test_nothing_can_be_made_and_it_is_said_which_file(running, disk, failure):  # noqa: F811
    folder = disk.folder / "new"
    folder.mkdir()
    getattr(disk, failure)()
    with pytest.raises(OSError, match=FAILURES[failure]):
        running.project.create(str(folder)).result(20)
    told(running, str(folder), FAILURES[failure])
    disk.restore()
    running.project.create(str(folder)).result(20)


@pytest.mark.parametrize("disk", ["real"], indirect=True)
def test_the_manifest_stays_as_it_was(disk):  # noqa: F811
    (disk.folder / "app.py").write_text("import json\n")
    (disk.folder / "importguard.toml").write_text('entry = "app.py"\nmanifest = "warmup.json"\n')
    manifest = disk.folder / "warmup.json"
    manifest.write_text("as it was")
    disk.lock()
    command = [sys.executable, "-m", "importguard", "manifest", "--write"]
    result = subprocess.run(command, cwd=disk.folder, capture_output=True, text=True, timeout=240)
    assert (result.returncode, manifest.read_text()) == (2, "as it was")
    assert result.stderr.endswith("warmup.json: `manifest`: cannot be written: Read-only file system\n")
