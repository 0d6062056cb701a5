"""Columns of imports say what the imports say that they were made of."""

import sys

from hypothesis import example, given, settings
from hypothesis import strategies as st

from importguard.graph import ModuleGraph
from importguard.source.import_site import ImportKind, ImportSite, Location
from importguard.startup import trace_script
from importguard.startup.trace import ImportEdge, Reach
from importguard.startup.trace.edges import Edges
from importguard.target.environment import probe

NAMES = st.sampled_from(["a", "a.b", "b", "c", "__main__"])
SITES = st.builds(
    ImportSite,
    NAMES,
    NAMES,
    st.sampled_from(ImportKind),
    st.builds(Location, st.sampled_from(["/a.py", "/b.py"]), st.integers(1, 70_000)),
    st.sampled_from([(), ("f",), ("C", "f")]),
    st.booleans(),
)
EDGES = st.lists(st.builds(ImportEdge, NAMES, NAMES, SITES, st.booleans(), st.sampled_from(Reach)), max_size=8)


@given(EDGES)
def test_edges_come_back_as_they_were_put_in(edges):
    assert list(Edges.of(edges)) == edges


@given(st.lists(st.tuples(EDGES, st.sets(NAMES)), min_size=1, max_size=3))
def test_joined_edges_are_those_of_each_part_without_the_importers_left_out(parts):
    joined = Edges.merged([(Edges.of(edges), left_out) for edges, left_out in parts])
    expected = [edge for edges, left_out in parts for edge in edges if edge.importer not in left_out]
    assert list(joined) == expected
    for name in {edge.importer for edge in expected}:
        following = [joined[place] for place in joined.following(joined.number[name])]
        assert following == [edge for edge in expected if edge.importer == name]


def start(*steps):
    """Edges; "abc": `a` imports `b`, by a statement in a function of `c` unless that is `a` itself."""
    return Edges.of(
        ImportEdge(one, other, ImportSite(owner, other, ImportKind.EAGER, Location("/a.py", 1)), certain=True)
        for one, other, owner in steps
    )


STEPS = st.lists(st.text("mabcde", min_size=3, max_size=3), min_size=1, max_size=16)
LATE = ["mam", "mbm", "acb"]  # `b`, in which the last statement stands, is reached after `a`, which executes it
LATER = ["mam", "mdm", "mem", "dbd", "efe", "fgf", "gbg", "acb"]  # first through `d`, without `d` only later


def lacking(edges, entry, modules, gate):
    """What the start lacks once every edge to *gate* is taken away."""
    without = [place for place, imported in enumerate(edges.imported) if imported == gate]
    return edges.started(entry, modules) - edges.started(entry, modules, without)


@given(STEPS, st.sets(st.sampled_from("mabcde")))
@example(LATE, set("mab"))
@example(LATER, set("mab"))
@settings(max_examples=300)
def test_what_is_started_only_through_a_module_is_what_the_start_lacks_without_the_edges_to_it(steps, modules):
    edges = start(*steps)
    entry = edges.number[steps[0][0]]
    expected = {gate: lacking(edges, entry, modules, gate) for gate in edges.number.values()}
    assert edges.started_through(entry, modules, edges.number.values()) == expected


def test_what_is_exclusive_to_each_module_of_a_real_start_is_what_it_lacks_without_the_edges_to_it(write):
    root = write({"app.py": "import json, argparse, email.message, unittest, xml.dom.minidom\n"})
    trace = trace_script(root / "app.py", probe(sys.executable), project_root=root)
    edges, names = trace.edges, {module.name for module in trace.modules}
    graph = ModuleGraph(trace)
    for name in names:
        gone = lacking(edges, edges.number["__main__"], names, edges.number.get(name, -1))
        assert graph.exclusive_to(name) == {edges.words[number] for number in gone}
    assert len(graph.exclusive_to("unittest")) > 10
    assert graph.exclusive_to("nothing.of.the.kind") == frozenset()
