"""IG304: a manifest whose order is not safe."""

import json

import pytest

from importguard import analyse, check, find_project

CYCLE = {
    "app.py": "import pk.a, one, leaf, left, right",
    "pk/__init__.py": "",
    "pk/a.py": "import one",
    "one.py": "def f(): import leaf\nimport two",
    "two.py": "import three",
    "three.py": "import one",
    "leaf.py": "",
    "left.py": "import right_leaf",
    "left_leaf.py": "",
    "right.py": "import left_leaf",
    "right_leaf.py": "",
}
REPORTS = {
    "a module before its package": ([("pk.a", 0), ("pk", 0)], ["warms pk.a before its package pk"]),
    "a module before the package of its package": (
        [("far.deep.leaf", 0), ("far.deep", 0), ("far", 0)],
        [
            "warms far.deep before its package far",
            "warms far.deep.leaf before its package far",
        ],
    ),
    "a module before the part that it is in": (
        [("far", 0), ("far.deep.leaf", 0), ("far.deep", 0)],
        ["warms far.deep.leaf before its package far.deep"],
    ),
    "a cycle in two groups": (
        [("one", 0), ("two", 1)],
        ["tears an import cycle apart: one, two stand in different groups"],
    ),
    "groups that need each other": (
        [("left", 0), ("left_leaf", 0), ("right", 1), ("right_leaf", 1)],
        ["has groups that need each other: 0 → 1 → 0"],
    ),
}
SILENT = {
    "parents first": [("pk", 0), ("pk.a", 0)],
    "a cycle in one group": [("two", 3), ("one", 3)],
    "no cycle": [("pk", 0), ("pk.a", 0), ("one", 1), ("leaf", 2)],
    "a module that the code does not know": [("gone", 0), ("gone.part", 1)],
}


@pytest.fixture
def faults(write):
    """`faults(order)`: what IG304 says of a manifest with these jobs."""

    def judge(order):
        jobs = [{"module": name, "group": group} for name, group in order]
        files = {**CYCLE, "m.json": json.dumps({"schema": 1, "jobs": jobs})}
        root = write({**files, "importguard.toml": 'entry = "app.py"\nmanifest = "m.json"\nselect = ["IG304"]'})
        return [finding.message for finding in check(analyse(find_project(root).start())).findings]

    return judge


@pytest.mark.parametrize(("order", "expected"), REPORTS.values(), ids=REPORTS.keys())
def test_it_reports_an_order_that_is_not_safe(faults, order, expected):
    assert faults(order) == [f"m.json {fault}" for fault in expected]


@pytest.mark.parametrize("order", SILENT.values(), ids=SILENT.keys())
def test_it_stays_silent_on_an_order_that_is_safe(faults, order):
    assert faults(order) == []


def test_it_names_the_file_and_the_first_job_of_the_groups(write):
    order = [("leaf", 7), ("left", 0), ("left_leaf", 0), ("right", 1), ("right_leaf", 1)]
    jobs = [{"module": name, "group": group} for name, group in order]
    files = {**CYCLE, "m.json": json.dumps({"schema": 1, "jobs": jobs})}
    root = write({**files, "importguard.toml": 'entry = "app.py"\nmanifest = "m.json"\nselect = ["IG304"]'})
    (found,) = check(analyse(find_project(root).start())).findings
    assert (found.location.path, found.location.line) == (str(root / "m.json"), 1)
    assert found.subject in {"left", "right"}
    assert f": {dict(order)[found.subject]} → " in found.message
