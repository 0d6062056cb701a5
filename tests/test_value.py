"""Values behave as named tuples do, and say what is wrong with a construction."""

import copy
import pickle
from typing import NamedTuple

import pytest
from src.value import Value


class Point(Value):
    x: int
    y: int = 0
    name: str = "origin"


class Twin(NamedTuple):
    x: int
    y: int = 0
    name: str = "origin"


@pytest.mark.parametrize(
    ("values", "named"), [((1,), {}), ((1, 2, "a"), {}), ((), {"x": 1}), ((1,), {"name": "b"}), ((), {"y": 3, "x": 4})]
)
def test_it_is_made_compared_and_shown_as_a_named_tuple_is(values, named):
    point, twin = Point(*values, **named), Twin(*values, **named)
    assert tuple(point) == tuple(twin)
    assert (point.x, point.y, point.name) == (twin.x, twin.y, twin.name)
    assert point._asdict() == twin._asdict()
    assert repr(point) == repr(twin).replace("Twin", "Point")
    assert (hash(point), point == Point(*twin), point != Point(99)) == (hash(twin), True, True)
    assert tuple(point._replace(y=7)) == tuple(twin._replace(y=7))


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (Point, "Point needs the field 'x'"),
        (lambda: Point(1, 2, "a", 4), "Point has 3 fields, not 4"),
        (lambda: Point(1, x=2), "Point has the field 'x' already or not at all"),
        (lambda: Point(1, z=2), "Point has the field 'z' already or not at all"),
        (lambda: Point(1)._replace(z=2), "Point has no field 'z'"),
        (lambda: type("Bad", (Value,), {"__annotations__": {"a": "int", "b": "int"}, "a": 1}), "Bad: fields without"),
    ],
)
def test_a_wrong_construction_names_the_field(make, said):
    with pytest.raises(TypeError, match=said):
        make()


def test_it_is_frozen_has_no_dictionary_and_takes_part_in_patterns():
    point = Point(1, 2)
    with pytest.raises(AttributeError):
        point.x = 3
    with pytest.raises(AttributeError):
        point.other = 3
    match point:
        case Point(x, 2, name=name):
            assert (x, name) == (1, "origin")


def test_it_is_copied_and_pickled_as_itself():
    point = Point(1, 2)
    assert [type(each) for each in (copy.copy(point), pickle.loads(pickle.dumps(point)))] == [Point, Point]
    assert (copy.deepcopy(point), pickle.loads(pickle.dumps(point))) == (point, point)
