"""Plans of any start: the parts are the start, a cut keeps its promise, and none has a statement too many."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from importguard import plan
from importguard.graph import ModuleGraph, is_below
from importguard.source.import_site import ImportKind, ImportSite, Location
from importguard.startup.trace import Certainty, ImportEdge, LoadedModule, Origin, Reach, StartupTrace
from importguard.startup.trace.edges import Edges

OWN = ["__main__", "a", "b", "shop", "shop.views"]
INSTALLED = ["p", "p.x", "p.y", "q", "q.x", "r", "s", "json"]
FAILED = ["broken"]
HEAVY_US = 2_000


def origin(name):
    if name in OWN:
        return Origin.FIRST_PARTY
    return Origin.STDLIB if name == "json" else Origin.THIRD_PARTY


@st.composite
def starts(draw):
    """A start: statements of modules, each of which imports one name and the packages above it."""
    names = [*OWN, *INSTALLED, *FAILED]
    pairs = draw(st.lists(st.tuples(st.sampled_from(names), st.sampled_from(names[1:])), max_size=24))
    sizes = draw(st.lists(st.integers(0, 300), min_size=len(names), max_size=len(names)))
    later = draw(st.sets(st.integers(0, 23), max_size=3))
    edges = []
    for line, (importer, imported) in enumerate(pairs, start=1):
        possible = (line - 1) in later
        kind, scope = (ImportKind.DEFERRED, ("f",)) if possible else (ImportKind.EAGER, ())
        site = ImportSite(importer, imported, kind, Location(f"/{importer}.py", line), scope)
        parts = imported.split(".")
        for depth in range(1, len(parts) + 1):
            target = ".".join(parts[:depth])
            if target != importer:
                edges.append(ImportEdge(importer, target, site, not possible, guarded=possible))
    packed = Edges.of(edges)
    roots = [packed.number["__main__"]] if "__main__" in packed.number else []
    loaded = {packed.words[one] for one in packed.started(roots)} | {"__main__"}
    modules = tuple(
        LoadedModule(name, origin(name), f"/{name}.py", Reach.EAGER, Certainty.CERTAIN, None, None, size * 1024)
        for name, size in zip(names, sizes, strict=True)
        if name in loaded and name not in FAILED
    )
    files = tuple(sorted(f"/{name}.py" for name in OWN))
    return StartupTrace(
        "__main__", "/__main__.py", "3.11.7", "linux", modules, packed, (), (), (), first_party_files=files
    )


POLICIES = st.builds(
    plan.Policy,
    st.just(HEAVY_US),
    st.lists(st.sampled_from(["r", "p.x", "q", "shop"]), max_size=2, unique=True).map(tuple),
    st.lists(st.sampled_from(["s", "q", "p"]), max_size=1).map(tuple),
)


def reached(graph, without=()):
    """What the entry reaches, worked out anew: no edge of the statements *without*, none under a condition."""
    listed = [
        edge
        for edge in graph.trace.edges
        if edge.site.location not in without and (edge.certain or edge.site.importer not in graph.own)
    ]
    seen = {"__main__"}
    while more := {edge.imported for edge in listed if edge.importer in seen} - seen:
        seen |= more
    return seen & graph.modules.keys()


def locations(edges):
    return {edge.site.location for edge in edges}


@given(starts(), POLICIES)
@settings(max_examples=60)
def test_the_parts_of_a_plan_are_the_start(trace, policy):
    graph = ModuleGraph(trace)
    made = plan.build(graph, policy)
    parts = [made.allowed, made.conditional, made.rest, *(step.saved for step in made.steps)]
    assert sum(map(len, parts)) == len(graph.eager)
    assert frozenset().union(*parts) == graph.eager
    assert sum(map(graph.cost_us, parts)) == graph.cost_us(graph.eager)
    gone = set()
    for step in made.steps:
        before, gone = reached(graph, gone), gone | locations(step.statements)
        assert (step.saved, step.remains) == (before - reached(graph, gone), reached(graph, gone))
    assert made.allowed | made.rest == reached(graph, gone)


@given(starts(), POLICIES)
@settings(max_examples=60)
def test_a_finding_keeps_its_promise_and_has_no_statement_too_many(trace, policy):
    graph = ModuleGraph(trace)
    for cut in plan.build(graph, policy).findings:
        statements = locations(cut.statements)
        assert cut.saved == reached(graph) - reached(graph, statements) == graph.saved_by(statements)
        assert cut.named or graph.cost_us(cut.saved) > HEAVY_US
        for one, alone in zip(cut.statements, cut.alone, strict=True):
            assert alone == reached(graph) - reached(graph, {one.site.location})
            left = reached(graph, statements - {one.site.location})
            # What failed is no module itself; what it loaded comes back.
            assert any(is_below(name, cut.subject) for name in left) or (cut.subject in FAILED and left & cut.saved)
        assert cut.stays or not any(is_below(name, cut.subject) for name in reached(graph, statements))


@given(starts(), POLICIES)
@settings(max_examples=60)
def test_after_the_plan_no_package_and_no_name_in_heavy_is_left_to_cut(trace, policy):
    graph = ModuleGraph(trace)
    made = plan.build(graph, policy)
    gone = locations(edge for step in made.steps for edge in step.statements)
    left = reached(graph, gone)
    for package in {name.partition(".")[0] for name in left & set(INSTALLED)} - set(policy.allow):
        importing = {
            edge.site.location
            for edge in trace.edges
            if edge.site.importer in OWN and edge.imported.partition(".")[0] == package
        }
        allowed = {
            edge.site.location for edge in trace.edges if any(is_below(edge.imported, one) for one in policy.allow)
        }
        assert graph.cost_us(left - reached(graph, gone | (importing - allowed))) <= HEAVY_US


@given(starts(), POLICIES)
@settings(max_examples=100)
def test_a_step_names_the_statements_of_its_finding_in_the_same_order(trace, policy):
    made = plan.build(ModuleGraph(trace), policy)
    findings = {cut.subject: cut for cut in made.findings}
    for number, step in enumerate(made.steps):
        listed = [edge.site.location for edge in findings[step.subject].statements] if step.subject in findings else []
        named = [edge.site.location for edge in step.statements]
        if number == 0:  # nothing is gone yet
            assert named == listed
        assert step.sharers or [one for one in listed if one in named] == [one for one in named if one in listed]


@given(starts(), st.sampled_from(INSTALLED))
@settings(max_examples=60)
def test_why_names_only_statements_without_which_the_name_is_gone(trace, name):
    graph = ModuleGraph(trace)
    cuts = plan.cuts_of(graph, name)
    for cut in cuts:
        assert name not in reached(graph, locations(cut.statements))
        assert cut.saved == reached(graph) - reached(graph, locations(cut.statements))
    assert bool(cuts) == (name in reached(graph))


SITE = "/env/lib/python3.11/site-packages"
WRAPPED = [("__main__", "tool.cli"), ("tool.cli", "big"), ("big", "tool.extra"), ("tool.cli", "tool.extra")]


def installed(entry_path, first_party=()):
    """A program whose files are all installed, but for *first_party* ones: `tool`, which imports `big`."""
    names = ["__main__", "tool", "tool.cli", "tool.extra", "big"]
    edges = []
    for line, (importer, imported) in enumerate(WRAPPED, start=1):
        for target in ([imported.partition(".")[0]] if "." in imported else []) + [imported]:
            if target != importer:
                site = ImportSite(importer, imported, ImportKind.EAGER, Location(f"{SITE}/{importer}.py", line))
                edges.append(ImportEdge(importer, target, site, certain=True))
    # `big` is asked by the entry for something that it loads in a function of its own.
    late = ImportSite("big", "json", ImportKind.DEFERRED, Location(f"{SITE}/big/__init__.py", 9), ("f",))
    edges.append(ImportEdge("__main__", "json", late, certain=True))
    paths = {"__main__": entry_path, "tool": f"{SITE}/tool/__init__.py", "big": f"{SITE}/big/__init__.py"}
    modules = tuple(
        LoadedModule(
            name,
            Origin.STDLIB if name == "json" else Origin.THIRD_PARTY,
            paths.get(name, f"{SITE}/{name}.py"),
            Reach.EAGER,
            Certainty.CERTAIN,
            None,
            None,
            400 * 1024,
        )
        for name in [*names, "json"]
    )
    return ModuleGraph(
        StartupTrace(
            "__main__",
            entry_path,
            "3.11.7",
            "linux",
            modules,
            Edges.of(edges),
            (),
            (),
            (),
            first_party_files=first_party,
        )
    )


STARTED = {"a console script": "/env/bin/tool", "python -m tool": f"{SITE}/tool/__main__.py"}


@pytest.mark.parametrize("path", STARTED.values(), ids=STARTED.keys())
def test_the_package_of_an_installed_program_is_own_code_and_no_cut(path):
    graph = installed(path)
    assert (graph.application, graph.own) == ({"tool"}, {"__main__", "tool", "tool.cli", "tool.extra"})
    (cut,) = plan.build(graph, plan.Policy(HEAVY_US)).findings
    assert (cut.subject, [edge.site.importer for edge in cut.statements]) == ("big", ["tool.cli"])
    assert cut.saved == {"big", "json"}


def test_a_script_of_the_project_has_no_package_that_it_is_the_start_of():
    graph = installed("/project/app.py", ("/project/app.py",))
    assert (graph.application, graph.own) == (frozenset(), frozenset())
