"""IG104: a lazy import of a heavy module that nothing warms."""

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

LATER = "lazy import colorsys\ndef f(): return colorsys.ONE_THIRD"
LISTED = "__lazy_modules__ = ['colorsys']\nimport colorsys\ndef f(): return colorsys.ONE_THIRD"
NOT_WARMED = "manifest = 'm.json'\n[warmup]\n"
REPORTS = {
    "lazy import": (LATER, "", 1),
    "lazy from": ("\nlazy from colorsys import rgb_to_hls\ndef f(): return rgb_to_hls", "", 2),
    "a list of lazy modules": (LISTED, "", 2),
    "a manifest that leaves lazy imports out": (LATER, f"{NOT_WARMED}lazy = false", 1),
    "a manifest that leaves this one out": (LATER, f'{NOT_WARMED}cold = ["colorsys"]', 1),
}
SILENT = {
    "warmed by the manifest": (LATER, "manifest = 'm.json'"),
    "a light module": ("lazy import string\ndef f(): return string.digits", ""),
    "used by the start, where IG101 reports it": ("lazy import colorsys\nRED = colorsys.ONE_THIRD", ""),
    "allowed": (LATER, 'allow = ["colorsys"]'),
    "an import of today": ("def f(): import colorsys", ""),
    "inside `__getattr__`, where IG103 reports it": ("def __getattr__(name): __import__('colorsys')", ""),
}


@pytest.fixture
def lines(write):
    """`lines(code, config)`: the lines of app.py that IG104 names, as Python 3.15 starts it."""
    environment = msgspec.structs.replace(probe(sys.executable), version_info=(3, 15, 2, "final", 0), version="3.15.2")

    def judge(code, config):
        root = write({"app.py": code, "importguard.toml": f'entry = "app.py"\nheavy = ["colorsys"]\n{config}'})
        start = find_project(root).start()
        graph = ModuleGraph(trace_script(root / "app.py", environment, project_root=root, cache=user_cache()))
        found = check(Analysis(start, graph, build(graph, start), 0.0, environment)).findings
        return [one.location.line for one in found if one.code == "IG104"]

    return judge


@pytest.mark.parametrize(("code", "config", "line"), REPORTS.values(), ids=REPORTS.keys())
def test_it_reports(lines, code, config, line):
    assert lines(code, config) == [line]


@pytest.mark.parametrize(("code", "config"), SILENT.values(), ids=SILENT.keys())
def test_it_stays_silent(lines, code, config):
    assert lines(code, config) == []
