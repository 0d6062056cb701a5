"""Each rule on small programs: what it reports, where it stays silent."""

import json

import pytest

from importguard import analyse, check, find_project

IN_FILE = {
    "module level": "import colorsys",
    "from import": "from colorsys import rgb_to_hls",
    "try": "try: import colorsys\nexcept ImportError: pass",
    "else of try": "try: pass\nexcept ValueError: pass\nelse: import colorsys",
    "finally": "try: pass\nfinally: import colorsys",
    "true condition": "import sys\nif sys.version_info >= (3, 8): import colorsys",
    "with": "import contextlib\nwith contextlib.suppress(ImportError): import colorsys",
    "class body": "class A: import colorsys",
    "loop": "for _ in range(2): import colorsys",
    "match": "match 1:\n    case 1: import colorsys",
    "called function": "def f(): import colorsys\nf()",
    "decorator": "def d(f):\n    import colorsys\n    return f\n@d\ndef g(): pass",
    "import_module": "import importlib\nimportlib.import_module('colorsys')",
    "dunder import": "__import__('colorsys')",
    "main block": "if __name__ == '__main__': import colorsys",
}
SILENT = {
    "TYPE_CHECKING": "from typing import TYPE_CHECKING\nif TYPE_CHECKING: import colorsys",
    "typing as t": "import typing as t\nif t.TYPE_CHECKING: import colorsys",
    "other version": "import sys\nif sys.version_info < (3, 8): import colorsys",
    "other platform": "import sys\nif sys.platform == 'plan9': import colorsys",
    "dead code": "if False: import colorsys",
    "a string": "text = 'import colorsys'",
}


@pytest.mark.parametrize("code", IN_FILE.values(), ids=IN_FILE.keys())
def test_ig101_reports_what_runs_at_startup(findings, code):
    assert [code for code, _ in findings({"app.py": code})] == ["IG101"]


@pytest.mark.parametrize("code", SILENT.values(), ids=SILENT.keys())
def test_rules_stay_silent_on_what_never_runs(findings, code):
    assert findings({"app.py": code}) == []


def test_ig101_stands_at_the_statement_deep_in_the_chain(findings):
    files = {"app.py": "import one", "one.py": "\nfrom two import x", "two.py": "x = 1\n\nimport colorsys"}
    assert findings(files) == [("IG101", "two.py:3")]


def test_ig101_is_silent_on_what_is_allowed(findings):
    assert findings({"app.py": "import colorsys"}, 'allow = ["colorsys"]') == []


def test_ig101_is_silenced_by_a_comment_at_the_place(findings):
    assert findings({"app.py": "import colorsys  # importguard: ignore[IG101] needed here"}) == []


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("def f(): import colorsys", [("IG102", "app.py:1")]),
        ("class A:\n    def f(self):\n        from colorsys import rgb_to_hls", [("IG102", "app.py:3")]),
        ("import importlib\ndef f(): importlib.import_module('colorsys')", [("IG103", "app.py:2")]),
        ("def f(): import string", []),
    ],
)
def test_what_a_function_loads_on_its_first_call(findings, code, expected):
    assert findings({"app.py": code}) == expected


WARM = {
    "app.py": "def _require_warmed(name): ...\ndef use(): return _require_warmed('heavy_one')",
    "heavy_one.py": "import colorsys",
}
STALE = '{"schema": 1, "entry": "app.py", "jobs": [{"module": "old_one"}]}'


def test_a_module_behind_the_warmup_is_no_finding(findings):
    assert findings(WARM) == []


def test_ig301_reports_a_missing_manifest(findings):
    assert findings(WARM, 'manifest = "m.json"') == [("IG301", "m.json:1")]


def test_ig301_ig302_ig303_report_a_stale_manifest(findings):
    expected = [("IG301", "m.json:1"), ("IG302", "app.py:2"), ("IG303", "m.json:1")]
    assert findings({**WARM, "m.json": STALE}, 'manifest = "m.json"') == expected


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
ORDERS = {
    "parents first": ([("pk", 0), ("pk.a", 0)], []),
    "a module before its package": ([("pk.a", 0), ("pk", 0)], ["warms pk.a before its package pk"]),
    "a cycle in one group": ([("two", 3), ("one", 3)], []),
    "a cycle in two groups": (
        [("one", 0), ("two", 1)],
        ["tears an import cycle apart: one, two stand in different groups"],
    ),
    "no cycle": ([("pk", 0), ("pk.a", 0), ("one", 1), ("leaf", 2)], []),
    "groups that need each other": (
        [("left", 0), ("left_leaf", 0), ("right", 1), ("right_leaf", 1)],
        ["has groups that need each other: 0 → 1 → 0"],
    ),
    "a module that the code does not know": ([("gone", 0), ("gone.part", 1)], []),
}


@pytest.mark.parametrize(("order", "faults"), ORDERS.values(), ids=ORDERS.keys())
def test_ig304_reports_an_order_that_is_not_safe(write, order, faults):
    jobs = [{"module": name, "group": group} for name, group in order]
    files = {**CYCLE, "m.json": json.dumps({"schema": 1, "jobs": jobs})}
    root = write({**files, "importguard.toml": 'entry = "app.py"\nmanifest = "m.json"\nselect = ["IG304"]'})
    report = check(analyse(find_project(root).start()))
    assert [finding.message for finding in report.findings] == [f"m.json {fault}" for fault in faults]


@pytest.mark.parametrize(
    ("governed", "expected"), [('governed = ["*.py"]', [("IG401", "app.py:2")]), ("", []), ('governed = ["/src/"]', [])]
)
def test_ig401_reports_raw_threads_where_it_governs(findings, governed, expected):
    assert findings({"app.py": "import threading\nthreading.Thread(target=print)"}, governed) == expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("import no_such_module_here", [("IG501", "app.py:1")]),
        ("try: import no_such_module_here\nexcept ImportError: pass", []),
    ],
)
def test_ig501_reports_what_is_not_installed(findings, code, expected):
    assert findings({"app.py": code}) == expected


@pytest.mark.parametrize("text", ["def broken(:\n", b"x = '\xff'\n"])
def test_ig502_reports_a_file_that_cannot_be_parsed(findings, text):
    assert ("IG502", "two.py:1") in findings({"app.py": "import two", "two.py": text})
