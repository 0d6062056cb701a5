"""Accuracy on packages that nobody here wrote: the static start beside what was recorded of the interpreter.

The record is made by `scripts/benchmark_accuracy.py --record-fixture` per Python version, in this project's packages.
"""

import functools
import importlib.metadata
import json
import statistics
import sys
from pathlib import Path

import pytest

from importguard.environment import probe
from importguard.startup import loading, trace_module
from importguard.startup.trace import Certainty, Reach

HERE = Path(__file__).parent / "recorded_starts"


@pytest.fixture(scope="module")
def record():
    file = HERE / f"{sys.version_info[0]}.{sys.version_info[1]}.json"
    assert file.is_file(), f"no record of this Python: scripts/benchmark_accuracy.py --record-fixture {HERE}"
    return json.loads(file.read_text())


def numbers(spans):
    for span in spans.split():
        first, _, last = span.partition("-")
        yield from range(int(first), int(last or first) + 1)


@pytest.fixture(scope="module")
def starts(record, tmp_path_factory):
    """Per entry: modules really loaded, predicted as certain, predicted at all; aliases left out."""
    empty = tmp_path_factory.mktemp("empty")
    patch = pytest.MonkeyPatch()
    patch.setattr(loading, "read_program", functools.cache(loading.read_program))
    found = {}
    for entry, spans in record["entries"].items():
        real = {record["names"][index] for index in numbers(spans)}
        aliases = {record["names"][index] for index in numbers(record["aliases"][entry])}
        trace = trace_module(entry, probe(sys.executable), project_root=empty)
        eager = [module for module in trace.modules if module.reach is Reach.EAGER and module.name not in aliases]
        certain = {module.name for module in eager if module.certainty is Certainty.CERTAIN}
        found[entry] = real, certain, {module.name for module in eager}
    patch.undo()
    return found


@pytest.fixture(scope="module")
def changed(record):
    """Packages that are not those of the record: they may explain a failure."""
    return {
        name: (version, _installed(name)) for name, version in record["packages"].items() if _installed(name) != version
    }


def _installed(name):
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def test_the_record_is_large_enough(starts):
    assert len(starts) >= 40


def test_certain_modules_are_loaded(starts, changed):
    precision = statistics.fmean(len(certain & real) / len(certain) for real, certain, _ in starts.values())
    assert precision >= 0.995, f"packages unlike the record's: {changed}"


def test_possible_modules_are_mostly_loaded(starts, changed):
    precision = statistics.fmean(len(both & real) / len(both) for real, _, both in starts.values())
    assert precision >= 0.98, f"packages unlike the record's: {changed}"


def test_loaded_modules_are_predicted(starts, changed):
    recall = statistics.fmean(len(both & real) / len(real) for real, _, both in starts.values())
    assert recall >= 0.97, f"packages unlike the record's: {changed}"


def test_no_entry_is_far_off(starts, changed):
    poor = {
        entry: (sorted(real - both)[:9], sorted(certain - real)[:9])
        for entry, (real, certain, both) in starts.items()
        if len(both & real) < 0.85 * len(real) or len(certain & real) < 0.95 * len(certain)
    }
    assert poor == {}, f"packages unlike the record's: {changed}"
