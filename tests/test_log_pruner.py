import gzip
import os

import pytest
from src import log_pruner
from src.storage.instance_lock import InstanceLock
from tests.conftest import settled

NOW = 1_000_000.0


@pytest.fixture
def folder(tmp_path):
    """Logs of 100 bytes, 1 to 4 days old, one of them in a project's folder."""
    for age, name in enumerate(("new", "mid", "project/old", "ancient"), 1):
        path = tmp_path / f"{name}.jsonl"
        path.parent.mkdir(exist_ok=True)
        path.write_text(name.ljust(100))
        os.utime(path, (NOW - age * 86400, NOW - age * 86400))
    (tmp_path / "notes.txt").write_text("x")
    return tmp_path


def names(planned):
    return [os.path.basename(one.path).removesuffix(".jsonl") for one in planned]


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        ({}, []),
        ({"max_age_s": 2.5 * 86400}, ["ancient", "old"]),
        ({"max_bytes": 250}, ["ancient", "old"]),
        ({"max_bytes": 0}, ["ancient", "old", "mid", "new"]),
    ],
)
def test_a_plan_names_what_is_old_or_too_much_and_changes_nothing(folder, limits, expected):
    before = sorted(folder.rglob("*"))
    assert names(log_pruner.plan(str(folder), now=NOW, **limits)) == expected
    assert sorted(folder.rglob("*")) == before


def test_the_open_discussion_is_never_planned(folder):
    kept = frozenset({str(folder / "ancient.jsonl")})
    assert names(log_pruner.plan(str(folder), kept, now=NOW, max_age_s=0)) == ["old", "mid", "new"]


def test_a_missing_folder_has_nothing(tmp_path):
    assert log_pruner.plan(str(tmp_path / "no")) == ()


def test_what_is_planned_is_packed_beside_it(folder):
    done = log_pruner.archive(log_pruner.plan(str(folder), now=NOW, max_age_s=2.5 * 86400))
    assert (done.archives, done.left) == (
        (str(folder / "archive/ancient.jsonl.gz"), str(folder / "project/archive/old.jsonl.gz")),
        (),
    )
    with gzip.open(done.archives[0], "rt") as file:
        assert file.read().strip() == "ancient"
    assert sorted(one.name for one in folder.rglob("*.jsonl*")) == [
        "ancient.jsonl.gz",
        "mid.jsonl",
        "new.jsonl",
        "old.jsonl.gz",
    ]
    assert log_pruner.plan(str(folder), now=NOW, max_age_s=2.5 * 86400) == ()


def test_one_that_is_open_or_has_changed_stays_and_is_named(folder):
    planned = log_pruner.plan(str(folder), now=NOW, max_age_s=2.5 * 86400)
    lock = InstanceLock(str(folder / "ancient.jsonl.lock"))
    assert lock.take()
    (folder / "project/old.jsonl").write_text("more")
    done = log_pruner.archive(planned)
    lock.release()
    assert (done.archives, len(done.left)) == ((), 2)
    assert ["is open" in done.left[0], "has changed since" in done.left[1]] == [True, True]


def test_a_full_disk_leaves_the_log_and_nothing_half(folder, monkeypatch):
    planned = log_pruner.plan(str(folder), now=NOW, max_age_s=3.5 * 86400)

    def full(*_, **_options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    done = log_pruner.archive(planned)
    assert (done.archives, "No space left" in done.left[0]) == ((), True)
    assert (folder / "ancient.jsonl").exists()
    assert list((folder / "archive").iterdir()) == []


def test_the_controller_plans_and_packs(make_controller, tmp_path):
    controller = make_controller()
    assert controller.wait_until_set_up(20)
    controller.send("kept, for it is open")
    settled(controller)
    old = tmp_path / "data/sessions/old.jsonl"
    old.write_text("x")
    os.utime(old, (0, 0))
    planned = controller.archive.plan().result(10)
    assert names(planned) == ["old"]
    assert len(controller.archive.pack(planned).result(10).archives) == 1
