"""A build of Sloppy in which one provider is a `lazy import` (Python 3.15): proven, warmed, free at its first use."""

import json
import subprocess
import sys

import pytest

if sys.version_info < (3, 15):
    pytest.skip("`lazy import` is Python 3.15; CI runs this file there", allow_module_level=True)

import benchmark_lazy_provider

from importguard import analyse, check, find_project
from importguard.verify import verify


@pytest.fixture(scope="module")
def lazy_build(tmp_path_factory):
    return benchmark_lazy_provider.write_lazily(tmp_path_factory.mktemp("lazy"))


def test_the_check_proves_that_it_stays_lazy_and_the_manifest_warms_it(lazy_build):
    path = lazy_build / "src" / "warmup_manifest.json"
    before = json.loads(path.read_text())["jobs"]
    command = [sys.executable, "-m", "importguard", "manifest", "--write", "--python", sys.executable]
    subprocess.run(command, cwd=lazy_build, check=True, capture_output=True)
    analysis = analyse(find_project(lazy_build).start())
    assert [finding.code for finding in check(analysis).findings] == []
    after = json.loads(path.read_text())["jobs"]
    assert [one["module"] for one in after] == [one["module"] for one in before]
    changed = [two["reason"] for one, two in zip(before, after, strict=True) if one != two]
    assert changed == ["lazy in src.models.providers"]
    assert "anthropic" not in analysis.graph.eager


def test_its_first_use_after_the_warmup_loads_nothing(lazy_build):
    found = verify(analyse(find_project(lazy_build).start()))
    assert (found.heavy, found.waits, found.record.failed, found.record.ended) == ((), (), (), "ready")
    assert [one for one in found.lag if one.heavy] == []


def test_its_window_opens_and_gives_the_module_at_once(lazy_build):
    said = benchmark_lazy_provider.start(lazy_build)
    assert (said["module"], said["frames"] > 10) == (benchmark_lazy_provider.MODULE, True)
