"""Columns of imports say what the imports say that they were made of."""

from hypothesis import given
from hypothesis import strategies as st

from importguard.source.import_site import ImportKind, ImportSite, Location
from importguard.startup.edges import Edges
from importguard.startup.trace import ImportEdge, Reach

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
    joined = Edges.joined([(Edges.of(edges), left_out) for edges, left_out in parts])
    expected = [edge for edges, left_out in parts for edge in edges if edge.importer not in left_out]
    assert list(joined) == expected
    for name in {edge.importer for edge in expected}:
        following = [joined[place] for place in joined.following(joined.number[name])]
        assert following == [edge for edge in expected if edge.importer == name]
