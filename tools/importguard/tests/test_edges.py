"""Columns of imports say what the imports say that they were made of."""

from hypothesis import example, given, settings
from hypothesis import strategies as st

from importguard import analyse, find_project
from importguard.project.start import Kind
from importguard.source.import_site import ImportKind, ImportSite, Location
from importguard.startup.trace import ImportEdge, Reach
from importguard.startup.trace.edges import Edges

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


def lacking(edges, roots, places):
    """What the start lacks once the edges at *places* are taken away."""
    return edges.started(roots) - edges.started(roots, places)


def plainly_started(edges, roots, without):
    """`started` by its definition: what may be added is added until nothing more may be."""
    listed = [edge for place, edge in enumerate(edges) if place not in without and edge.reach is Reach.EAGER]
    everything = {name for edge in edges for name in (edge.importer, edge.imported)}
    seen = {edges.words[root] for root in roots}
    while True:
        there = seen | {edge.site.importer for edge in edges} - everything
        more = {edge.imported for edge in listed if edge.importer in seen and edge.site.importer in there}
        if more <= seen:
            return {edges.number[name] for name in seen}
        seen |= more


PLACES = st.sets(st.integers(0, 15))


@given(STEPS, PLACES)
@example(LATE, set())
@settings(max_examples=300)
def test_what_is_started_is_what_may_be_added(steps, places):
    edges = start(*steps)
    root = edges.number[steps[0][0]]
    places = {place for place in places if place < len(edges)}
    assert edges.started([root], places) == plainly_started(edges, [root], places)


@given(STEPS, st.lists(PLACES, max_size=4), PLACES)
@example(LATE, [{1}], set())
@example(LATER, [{1}, {2}], set())
@settings(max_examples=300)
def test_what_each_of_several_cuts_saves_is_what_the_start_lacks_without_it(steps, groups, gone):
    edges = start(*steps)
    root = edges.number[steps[0][0]]
    groups = [{place for place in group if place < len(edges)} for group in groups]
    gone = {place for place in gone if place < len(edges)}
    expected = [edges.started([root], gone) - edges.started([root], gone | group) for group in groups]
    assert edges.lost_without_each([root], groups, gone) == expected


def test_what_is_exclusive_to_each_module_of_a_real_start_is_what_it_lacks_without_the_edges_to_it(write):
    root = write({"app.py": "import json, argparse, email.message, unittest, xml.dom.minidom\n"})
    graph = analyse(find_project(root).start_of(Kind.SCRIPT, str(root / "app.py"))).graph
    edges, names = graph.trace.edges, graph.start
    for name in names - {"__main__"}:
        gates = {number for word, number in edges.number.items() if word == name or word.startswith(f"{name}.")}
        without = [place for place, imported in enumerate(edges.imported) if imported in gates]
        roots = [edges.number["__main__"]]
        left = edges.started(roots, graph.conditional.union(without))
        gone = edges.started(roots, graph.conditional) - left
        assert graph.exclusive_to(name) == {edges.words[number] for number in gone} & names
    assert {"xml", "xml.dom", "xml.dom.minidom"} <= graph.exclusive_to("xml")
    assert len(graph.exclusive_to("unittest")) > 10
    assert graph.exclusive_to("nothing.of.the.kind") == frozenset()
