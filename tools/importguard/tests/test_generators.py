"""Generators over something unknown hold more than is known; what they return counts."""

import pytest

from importguard.startup.trace import Certainty

UNKNOWN = {
    "any": "any(name == '.' for name in str(time.time()))",
    "all": "not all(name == 'x' for name in str(time.time()))",
    "a tuple": "tuple(name for name in str(time.time()))",
    "a list": "list(name for name in str(time.time()))",
    "a set": "set(name for name in str(time.time()) if name)",
    "a text": "''.join(name for name in str(time.time()))",
    "a function": "list(walk())",
    "a delegate": "list(below())",
}


@pytest.mark.parametrize("test", UNKNOWN.values(), ids=list(UNKNOWN))
def test_a_generator_over_something_unknown_is_not_taken_to_be_empty(starts_as, test):
    code = (
        "import time\ndef walk():\n    for name in str(time.time()): yield name\ndef below(): yield from walk()\n"
        f"if {test}: import one\nelse: import two"
    )
    starts_as(code, set(), {"one", "two"})


def test_the_body_of_a_loop_over_a_generator_that_is_not_known_is_possible(starts_as):
    code = "import time\nfor name in (n for n in str(time.time()) if n): import one\nimport two"
    starts_as(code, {"two"}, {"one"})


def test_what_a_generator_returns_is_the_value_of_yield_from(starts_as):
    code = (
        "def inner():\n    yield 'two'\n    return 'one'\ndef outer():\n    name = yield from inner()\n"
        "    __import__(name)\nfor name in outer(): __import__(name)"
    )
    starts_as(code, {"one", "two"}, set())


def test_a_yield_that_may_not_happen_gives_no_sure_item(starts_as):
    code = (
        "import time\ndef names():\n    if time.time() % 2: yield 'one'\n    yield 'two'\n"
        "for name in names():\n    if name == 'one': import three"
    )
    starts_as(code, set(), {"three"})


def test_a_generator_that_is_driven_beyond_its_first_yield_is_followed(start_of):
    code = "def steps():\n    import one\n    yield 1\n    import two\n    yield 2\ng = steps()\nnext(g)\nnext(g)"
    trace, _ = start_of(code)
    assert {"one", "two"} <= {module.name for module in trace.modules if module.certainty is Certainty.CERTAIN}
    assert trace.stops == ()


TAKEN = {
    "a loop": "for name in names(): print(name)",
    "a loop of another generator's": "def more():\n    for name in names(): yield name\nfor name in more(): pass",
    "a delegate": "def more(): yield from names()\nfor name in more(): pass",
}


@pytest.mark.parametrize("consumer", TAKEN.values(), ids=list(TAKEN))
def test_what_follows_a_yield_in_doubt_runs_where_somebody_takes_all(starts_as, consumer):
    code = f"import time\ndef names():\n    if time.time() % 2: yield 'x'\n    import one\n    yield 'y'\n{consumer}"
    starts_as(code, {"one"}, set())


@pytest.mark.parametrize("end", ["break", "raise SystemExit", "if name: break"])
def test_what_follows_a_yield_in_doubt_is_possible_where_somebody_may_stop(starts_as, end):
    code = (
        "import time\ndef names():\n    if time.time() % 2: yield 'x'\n    import one\n    yield 'y'\n"
        f"for name in names():\n    {end}"
    )
    starts_as(code, set(), {"one"})


def test_an_item_in_doubt_is_possible_and_the_sure_ones_stay_sure(starts_as):
    code = (
        "import time\ndef names():\n    if time.time() % 2: yield 'one'\n    yield 'two'\n"
        "for name in names(): __import__(name)"
    )
    starts_as(code, {"two"}, {"one"})
