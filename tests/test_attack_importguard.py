"""The attacks of `scripts/attack_importguard.py`, a few of each shape; more of them run by hand."""

import re
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from attacks.kills import Project
from tests.repository import ROOT

from importguard.startup.trace.cached import CachedTrace
from importguard.storage.cache import VARIABLE, Cache


@pytest.mark.timeout(300)
def test_a_few_hostile_inputs_of_each_shape_and_kills_leave_nothing_wrong(tmp_path):
    command = [
        sys.executable,
        ROOT / "scripts/attack_importguard.py",
        "--inputs",
        "262",
        "--seed",
        "11",
        "--kills",
        "2",
    ]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=280, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    counts = [int(count) for count in re.findall(r"^ +(\d+)  (?!inputs)", done.stdout, re.MULTILINE)]
    assert (len(counts) >= 30, min(counts), sum(counts)) == (True, 2, 262)


@pytest.fixture
def attacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """The project that kills are tried on, with all its files written."""
    monkeypatch.setenv(VARIABLE, str(tmp_path / "cache"))
    project = Project(tmp_path / "project")
    project.restore(0)
    project.become(1)
    return project


@pytest.mark.timeout(120)
def test_a_wrong_cost_that_was_kept_is_seen_and_a_torn_file_is(attacked: Project, tmp_path: Path) -> None:
    assert attacked.wrong("", 0) == []
    cache = Cache(str(tmp_path / "cache"))
    for entry in (tmp_path / "cache").glob("trace-*"):
        kept = CachedTrace.load(cache, entry.name)
        assert kept is not None
        modules = tuple(msgspec.structs.replace(one, size=one.size + 90_000) for one in kept.modules)
        cache.save(entry.name, msgspec.msgpack.encode(msgspec.structs.replace(kept, modules=modules)))
    (fault,) = attacked.wrong("", 0)
    assert fault.startswith("what was kept is not what is there: ")
    assert "cost_us" in fault

    costs = attacked.folder / "importguard.costs.json"
    costs.write_bytes(costs.read_bytes()[:-20])
    assert "importguard.costs.json is neither the old one nor the new one" in attacked.wrong(costs.name, 0)
