"""Indented JSON is, byte for byte, what the standard library writes."""

import json
import random
from typing import Any

import pytest

from importguard.render.indented import indented

_TEXTS = ["", "a", 'qu"ote', "back\\slash", "é", "\U0001f600", "\udc80", "\x7f\x1b\n\t", "##[group]", ",\n      "]
_PLAIN = [None, True, False, 0, -7, 10**20, 0.1, 1e300, -0.0, *_TEXTS]


def _any(chance: random.Random, depth: int) -> Any:
    kind = chance.randrange(6 if depth else 3)
    if kind < 3:
        return chance.choice(_PLAIN)
    count = chance.randrange(4)
    if kind == 3:
        return {chance.choice(_TEXTS) + str(index): _any(chance, depth - 1) for index in range(count)}
    items = [_any(chance, depth - 1) for _ in range(count)]
    return items if kind == 4 else tuple(items)


@pytest.mark.parametrize("seed", range(20))
def test_values_of_every_shape_are_written_as_the_standard_library_does(seed: int) -> None:
    chance = random.Random(seed)
    values = [_any(chance, 5) for _ in range(100)]
    assert [indented(value) for value in values] == [json.dumps(value, indent=2) for value in values]


def test_deep_nesting_is_indented_level_by_level() -> None:
    value: Any = {"end": []}
    for _ in range(200):
        value = [{"in": value, "beside": 1}]
    assert indented(value) == json.dumps(value, indent=2)
