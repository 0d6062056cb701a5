"""Values have named fields, differ by class, are frozen, and say what is wrong with a construction."""

from __future__ import annotations

import copy
import pickle
import sys
from typing import NamedTuple

import pytest
from src.chat import Stopped, Truncated
from src.value import Value


class Point(Value):
    x: int
    y: int = 0
    name: str = "origin"


class Place(Value):
    x: int
    y: int = 0
    name: str = "origin"


class Empty(Value):
    """No fields."""


class Twin(NamedTuple):
    x: int
    y: int = 0
    name: str = "origin"


@pytest.mark.parametrize(
    ("values", "named"), [((1,), {}), ((1, 2, "a"), {}), ((), {"x": 1}), ((1,), {"name": "b"}), ((), {"y": 3, "x": 4})]
)
def test_it_is_made_compared_and_shown_as_a_named_tuple_is(values, named):
    point, twin = Point(*values, **named), Twin(*values, **named)
    assert (point.x, point.y, point.name) == (twin.x, twin.y, twin.name)
    assert point._asdict() == twin._asdict()
    assert repr(point) == repr(twin).replace("Twin", "Point")
    assert (hash(point), point == Point(*twin), point != Point(99)) == (hash(Point(*twin)), True, True)
    assert point._replace(y=7)._asdict() == twin._replace(y=7)._asdict()


@pytest.mark.parametrize(
    ("one", "other"),
    [(Point(1), Place(1)), (Point(1), (1, 0, "origin")), (Stopped(), Truncated()), (Empty(), ()), (Empty(), Stopped())],
)
def test_values_of_different_classes_are_unequal_and_hash_apart(one, other):
    assert one != other
    assert len({one, other}) == 2
    assert hash(one) != hash(other)


def test_a_value_is_true_also_without_fields_and_with_false_ones():
    assert [bool(one) for one in (Empty(), Stopped(), Point(0, 0, ""))] == [True, True, True]


@pytest.mark.parametrize("use", [list, lambda one: one[0], lambda one: 1 in one, lambda one: (*one,)])
def test_a_value_is_no_sequence(use):
    with pytest.raises(TypeError):
        use(Point(1))


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (Point, "Point needs the field 'x'"),
        (lambda: Point(1, 2, "a", 4), "Point has 3 fields, not 4"),
        (lambda: Point(1, x=2), "Point has the field 'x' already or not at all"),
        (lambda: Point(1, z=2), "Point has the field 'z' already or not at all"),
        (lambda: Point(1)._replace(z=2), "Point has no field 'z'"),
        (lambda: type("Bad", (Value,), {"__annotations__": {"a": "int", "b": "int"}, "a": 1}), "Bad: fields without"),
        # What a class body holds on Python 3.14 whose module lacks `from __future__ import annotations`.
        (lambda: type("Lazy", (Value,), {"__annotate_func__": print}), "Lazy: begin its module with `from __future__"),
        (lambda: type("Lazy", (Value,), {"__annotate__": print}), "Lazy: begin its module with `from __future__"),
    ],
)
def test_a_wrong_construction_names_what_is_wrong(make, said):
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
    copied = [copy.copy(point), copy.deepcopy(point), pickle.loads(pickle.dumps(point))]
    assert copied == [point, point, point]
    assert sys.getsizeof(point) < 200
