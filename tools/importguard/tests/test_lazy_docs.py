"""docs/lazy_imports.md says what a real Python 3.15 did, and its examples are what importguard says of them."""

import importlib.util
import json
import sys
import tomllib
from pathlib import Path

import msgspec
import pytest

from importguard import find_project
from importguard.analysis import Analysis
from importguard.graph import ModuleGraph
from importguard.manifest import build
from importguard.startup.tracing import trace_script
from importguard.storage.cache import user_cache
from importguard.target.environment import probe

HERE = Path(__file__).parent
PAGE = HERE.parents[2] / "docs" / "lazy_imports.md"
PROGRAMS = tomllib.loads((HERE / "lazy_imports.toml").read_text())["programs"]
RECORDED = json.loads((HERE / "lazy_imports_recorded.json").read_text())


def rows():
    """The table of what loads `one` and what does not: first what does."""
    lines = {True: [], False: []}
    for name, program in PROGRAMS.items():
        if "row" in program:
            lines["one" in RECORDED["programs"][name]["loaded"]].append(program["row"])
    loaded = [f"| {row} | yes |" for row in lines[True]] + [f"| {row} | no |" for row in lines[False]]
    return "\n".join(["| The program | `one` is loaded |", "|---|---|", *loaded])


def test_the_table_is_what_was_recorded():
    text = PAGE.read_text()
    _, _, rest = text.partition("by its test -->\n")
    assert rest.partition("\n<!-- /rows")[0] == rows()


@pytest.mark.skipif(sys.version_info < (3, 15), reason="records with the Python that runs the tests; CI has 3.15")
def test_this_python_does_what_was_recorded():
    place = HERE.parent / "scripts" / "record_lazy_imports.py"
    spec = importlib.util.spec_from_file_location("record_lazy_imports", place)
    recorder = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(recorder)
    assert recorder.record(sys.executable)["programs"] == RECORDED["programs"]


def blocks(kind):
    return [part.partition("```")[0] for part in PAGE.read_text().split(f"```{kind}\n")[1:]]


def test_the_examples_manifest_warms_the_lazy_import(write):
    (config,) = blocks("toml")
    app = blocks("python")[0]
    root = write({"app.py": app, "importguard.toml": config + 'heavy = ["anthropic"]\n', "anthropic.py": ""})
    environment = msgspec.structs.replace(probe(sys.executable), version_info=(3, 15, 2, "final", 0), version="3.15.2")
    start = find_project(root).start()
    graph = ModuleGraph(trace_script(root / "app.py", environment, project_root=root, cache=user_cache()))
    analysis = Analysis(start, graph, build(graph, start), 0.0, environment)
    assert "anthropic" not in graph.eager
    assert [job.module for job in analysis.manifest.jobs] == ["anthropic"]
