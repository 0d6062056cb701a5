"""A disk that is full or read-only: what the user sees, what is kept, and that it is written once that is possible."""

import json
import subprocess
import sys

import pytest
from src import project_manager as projects
from src.discussion import log
from src.storage import settings as settings_module
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
    assert controller.wait_for_warmup(20)
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
    return [turn.message.text for turn in log.load(path, mend=False).discussion.branch()]


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
    result = subprocess.run(command, cwd=disk.folder, capture_output=True, text=True, timeout=60)
    assert (result.returncode, manifest.read_text()) == (2, "as it was")
    assert result.stderr.endswith("warmup.json: `manifest`: cannot be written: Read-only file system\n")
