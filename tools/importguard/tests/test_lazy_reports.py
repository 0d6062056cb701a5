"""What reports, the plan and the manifest make of lazy imports on Python 3.15, whatever Python runs the tests."""

import json
import sys

import msgspec
import pytest

from importguard import find_project
from importguard.analysis import Analysis
from importguard.graph import ModuleGraph
from importguard.manifest import build
from importguard.startup.tracing import trace_script
from importguard.storage.cache import user_cache
from importguard.target.environment import probe
from importguard.verdict import check

FIELD = (
    "from dataclasses import dataclass as d\nlazy from colorsys import rgb_to_hsv as C\n\n@d\nclass Settings:\n    c: C"
)
USED = "lazy import colorsys\nRED = colorsys.ONE_THIRD"
LATER = "lazy import colorsys\ndef f():\n    return colorsys.ONE_THIRD"
LISTED = "__lazy_modules__ = ['colorsys']\nimport colorsys\ndef f():\n    return colorsys.ONE_THIRD"


@pytest.fixture
def analysed(write):
    """`analysed(code, config, requires)`: the Analysis of app.py as Python 3.15 starts it, and its findings."""

    def run(code, config="", requires=""):
        files = {"app.py": code, "importguard.toml": f'entry = "app.py"\nheavy = ["colorsys"]\n{config}'}
        if requires:
            files["pyproject.toml"] = f'[project]\nname = "app"\nrequires-python = "{requires}"'
        root = write(files)
        environment = msgspec.structs.replace(
            probe(sys.executable), version_info=(3, 15, 2, "final", 0), version="3.15.2"
        )
        start = find_project(root).start()
        graph = ModuleGraph(trace_script(root / "app.py", environment, project_root=root, cache=user_cache()))
        analysis = Analysis(start, graph, build(graph, start), 0.0, environment)
        return analysis, [(one.code, one.location.line, one.message, one.fix_hint) for one in check(analysis).findings]

    return run


UNUSED = "lazy import colorsys\ndef f(): return colorsys.ONE_THIRD"
FIRST_USES = {
    "a command": (UNUSED, "", "That is right for a command: only who uses it waits for it."),
    "a window": (f"import imgui_bundle\n{UNUSED}", "", "Warm it; the code stays as it is: "),
    "one that warms": (
        UNUSED,
        'manifest = "m.json"\n[warmup]\nlazy = false',
        "Let the manifest warm it: `lazy = true` under [warmup], and colorsys not in `cold`.",
    ),
}


@pytest.mark.parametrize(("code", "config", "said"), FIRST_USES.values(), ids=FIRST_USES.keys())
def test_the_remedy_of_a_lazy_first_use_fits_the_program(analysed, code, config, said):
    (hint,) = (hint for rule, _, _, hint in analysed(code, config)[1] if rule == "IG104")
    assert hint.startswith(said)


def test_a_use_at_start_is_reported_where_it_stands(analysed):
    _, ((code, line, message, hint),) = analysed(USED)
    assert (code, line) == ("IG101", 2)
    assert message.endswith("; lazy since line 1")
    assert hint == "To keep it lazy, use the name only in functions that the start does not call."


def test_an_annotation_that_is_read_names_the_reader(analysed):
    _, ((code, line, message, hint),) = analysed(FIELD)
    assert (code, line) == ("IG101", 6)
    assert message.endswith("; lazy since line 2; the dataclass `Settings` reads the annotation")
    assert hint.startswith("To keep it lazy, annotate with `Any`, or move")


@pytest.mark.parametrize("base", ["NamedTuple", "TypedDict", "Protocol"])
def test_what_leaves_texts_alone_is_kept_lazy_by_a_text(analysed, base):
    code = f"from typing import {base}\nlazy from colorsys import rgb_to_hsv as C\nclass Row({base}):\n    c: "
    _, ((_, _, _, hint),) = analysed(f"{code}C")
    assert hint == "To keep it lazy, write the annotation as a text, which nobody evaluates."
    assert [row[0] for row in analysed(f"{code}'C'")[1]] == ["IG104"]


def test_the_graph_says_where_the_name_was_bound(analysed, run):
    analysis, _ = analysed(FIELD)
    from importguard.render.json import render_graph

    modules = {one["name"]: one for one in json.loads(render_graph(analysis.graph))["modules"]}
    assert modules["colorsys"]["line"] == 6
    assert modules["colorsys"]["lazy"]["line"] == 2
    assert modules["colorsys"]["lazy"]["reader"] == "the dataclass `Settings`"


MANIFEST = 'manifest = "m.json"\n'


@pytest.mark.parametrize(
    ("code", "config", "jobs"),
    [
        (LATER, "", ["colorsys"]),
        (LISTED, "", ["colorsys"]),
        (LATER, "[warmup]\nlazy = false", []),
        (LATER, '[warmup]\ncold = ["colorsys"]', []),
        (USED, "", []),
        ("lazy import string\ndef f():\n    return string", "", []),
    ],
)
def test_the_manifest_warms_heavy_lazy_imports(analysed, code, config, jobs):
    analysis, _ = analysed(code, MANIFEST + config)
    assert [job.module for job in analysis.manifest.jobs] == jobs


def test_a_job_says_who_has_it_lazily(analysed):
    analysis, _ = analysed(LATER + "\ndef _require_warmed(n): ...\ndef g(): _require_warmed('colorsys')", MANIFEST)
    assert [job.reason for job in analysis.manifest.jobs] == ["required by __main__.g; lazy in __main__"]


def test_ig104_is_silent_where_the_manifest_warms_it(analysed):
    assert [row[0] for row in analysed(LATER)[1]] == ["IG104"]
    assert "IG104" not in [row[0] for row in analysed(LATER, MANIFEST)[1]]
    assert "IG104" in [row[0] for row in analysed(LATER, MANIFEST + "[warmup]\nlazy = false")[1]]


def test_a_list_is_reported_for_the_pythons_that_do_not_know_it(analysed):
    _, rows = analysed(LISTED, MANIFEST, ">=3.12")
    (row,) = (one for one in rows if one[0] == "IG101")
    assert row[1:3] == (
        2,
        f"colorsys is imported eagerly on Python 3.12 to 3.14: `__lazy_modules__` does nothing there ({row[2][-5:-1]})",
    )
    assert "_require_warmed" in row[3]
    assert "IG101" not in [one[0] for one in analysed(LISTED, MANIFEST, ">=3.15")[1]]


def test_the_keyword_is_reported_for_the_pythons_that_cannot_read_it(analysed):
    _, rows = analysed(LATER, MANIFEST, ">=3.14")
    assert ("IG502", 1, "app.py cannot be parsed by Python 3.14: it has a `lazy import`") in [row[:3] for row in rows]
    assert "IG502" not in [row[0] for row in analysed(LATER, MANIFEST, ">=3.15")[1]]


def test_the_environment_sets_the_mode(write):
    from importguard.startup.options import Options

    root = write({"app.py": "import colorsys"})
    environment = msgspec.structs.replace(probe(sys.executable), version_info=(3, 15, 2, "final", 0))
    loaded = {}
    for mode in ("all", "normal"):
        options = Options(variables=(("PYTHON_LAZY_IMPORTS", mode),))
        trace = trace_script(root / "app.py", environment, project_root=root, options=options, cache=user_cache())
        loaded[mode] = next(one.reach for one in trace.modules if one.name == "colorsys")
    assert loaded == {"all": "lazy", "normal": "eager"}
