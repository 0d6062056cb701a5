"""Accuracy on packages that nobody here wrote: the static start beside what was recorded of the interpreter.

The record is made by `scripts/benchmark_accuracy.py --record-fixture` per Python version, in this project's packages.
"""

import functools
import importlib.metadata
import json
import statistics
import subprocess
import sys
from pathlib import Path

import pytest

from importguard.source import cache as programs
from importguard.startup import trace_module
from importguard.startup.trace import Certainty, Reach
from importguard.storage.cache import user_cache
from importguard.target.environment import probe

pytestmark = pytest.mark.timeout(900)  # the first test waits for all starts to be recorded and worked out

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


LOADED = """
import sys
bare = set(sys.modules)
asked = set()
class Recorder:
    def find_spec(name, path=None, target=None):
        asked.add(name)
sys.meta_path.insert(0, Recorder)
import {entry}
print(*((set(map(str, sys.modules)) - bare) & asked), sep="\\n")
print("aliases:", *(set(map(str, sys.modules)) - bare - asked), sep="\\n")
"""


def record_now(entry):
    """What *entry* loads here, and the names that code puts into `sys.modules` itself."""
    command = [sys.executable, "-I", "-c", LOADED.format(entry=entry)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, check=True)
    loaded, _, aliases = done.stdout.partition("aliases:\n")
    return set(loaded.split()) - set(aliases.split()), set(aliases.split())


@pytest.fixture(scope="module")
def changed(record):
    """Top-level modules of the packages that are not those of the record: other versions, and what it did not have."""
    other = {name for name, version in record["packages"].items() if _installed(name) != version}
    other |= {each.name for each in importlib.metadata.distributions() if each.name not in record["packages"]}
    owners = importlib.metadata.packages_distributions()
    return {module for module, names in owners.items() if other.intersection(names)}


@pytest.fixture(scope="module")
def starts(record, changed, tmp_path_factory):
    """Per entry: modules really loaded, predicted as certain, predicted at all; aliases left out.

    An entry that uses, or is said to use, a package that is not the record's is recorded again here.
    """
    empty = tmp_path_factory.mktemp("empty")
    patch = pytest.MonkeyPatch()
    patch.setattr(programs, "read_program", functools.cache(programs.read_program))
    found = {}
    for entry, spans in record["entries"].items():
        real = {record["names"][index] for index in numbers(spans)}
        aliases = {record["names"][index] for index in numbers(record["aliases"][entry])}
        trace = trace_module(entry, probe(sys.executable), project_root=empty, cache=user_cache())
        eager = [module for module in trace.modules if module.reach is Reach.EAGER]
        if changed & {name.partition(".")[0] for name in real.union(module.name for module in eager)}:
            real, aliases = record_now(entry)
        eager = [module for module in eager if module.name not in aliases]
        certain = {module.name for module in eager if module.certainty is Certainty.CERTAIN}
        found[entry] = real, certain, {module.name for module in eager}
    patch.undo()
    return found


def _installed(name):
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def test_the_record_is_large_enough(starts):
    assert len(starts) >= 40


def test_certain_modules_are_loaded(starts):
    precision = statistics.fmean(len(certain & real) / len(certain) for real, certain, _ in starts.values())
    assert precision >= 0.995


def test_possible_modules_are_mostly_loaded(starts):
    precision = statistics.fmean(len(both & real) / len(both) for real, _, both in starts.values())
    assert precision >= 0.98


def test_loaded_modules_are_predicted(starts):
    recall = statistics.fmean(len(both & real) / len(real) for real, _, both in starts.values())
    assert recall >= 0.97


def test_no_entry_is_far_off(starts):
    poor = {
        entry: (sorted(real - both)[:9], sorted(certain - real)[:9])
        for entry, (real, certain, both) in starts.items()
        if len(both & real) < 0.85 * len(real) or len(certain & real) < 0.95 * len(certain)
    }
    assert poor == {}
