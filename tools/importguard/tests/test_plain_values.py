"""Numbers within bounds, types, and functions of constants, beside the interpreter."""

import pytest

TEMPLATE = "import ast, random, time\nif {0}: import m1\nelse: import m2"
DECIDED = [
    "time.time() > 1_000",
    "time.monotonic() >= 0",
    "not time.time_ns() < 5",
    "random.random() < 1",
    "random.random() + 2 > 1.5",
    "2 * random.random() - 3 < 0",
    "0 <= random.randint(3, 9) - 3 <= 6",
    "id(object()) > 7",
    "-id(ast) < 0",
    "int(time.time()) != 4",
    "abs(-3) + divmod(9, 4)[1] == 4",
    "ord('m') == 109 and chr(49) == '1' and bin(5) == '0b101'",
    "round(2.5) == 2 and pow(2, 5) == 32 and sum([1, 2, 3]) == 6",
    "2 ** 10 >> 3 == 128 and ~7 == -8 and 1 << 4 == 16",
    "isinstance(3, int | None) and not isinstance('x', int | float)",
    "isinstance((), (str, (bytes, (list, tuple))))",
    "type('x') is str and type([]) == list and type(None) is not int",
    "type(type) is type and type(int) is type",
    "{int: 'a', str: 'b'}[type('x')] == 'b'",
    "{ValueError: 1}[ValueError] == 1 and type(4) in {int: 1, float: 2}",
    "f'{3:03d}{2.5:.2f}{chr(97)!r:>5}' == \"0032.50  'a'\"",
    "str(b'one', 'utf-8') == 'one' and repr('x') == \"'x'\" and format(255, 'x') == 'ff'",
    "str(ValueError('one')) == 'one' and str(None) == 'None' and str((1, 'a')) == \"(1, 'a')\"",
]


@pytest.mark.parametrize("condition", DECIDED)
def test_what_python_can_only_answer_in_one_way_is_decided(as_python_loads, condition):
    certain, possible, loaded = as_python_loads(TEMPLATE.format(condition))
    assert (certain, possible) == (loaded, set()) == ({"m1"}, set())


UNKNOWN = ["random.random() < .5", "time.time() % 2 < 1", "id(3) % 3 == 1", "random.randint(1, 3) == 2"]


@pytest.mark.parametrize("condition", UNKNOWN)
def test_what_a_number_may_be_stays_possible(as_python_loads, condition):
    certain, possible, _ = as_python_loads(TEMPLATE.format(condition))
    assert (certain, possible) == (set(), {"m1", "m2"})


TEXTS = {
    "str": "str(Own('m1'))",
    "repr": "repr(Own('m2'))",
    "format": "format(Own('m3'), 'wide')",
    "an f-string": "f'{Own(\"m4\"):wide}'",
    "an f-string that asks for the text": "f'{Own(\"m5\")!s}'",
    "a negative": "-Own('m6')",
}
OWN = """
class Own:
    def __init__(self, name): self.name = name
    def __str__(self): __import__(self.name); return 'a'
    def __repr__(self): __import__(self.name); return 'b'
    def __format__(self, wanted): __import__(self.name); return wanted
    def __neg__(self): return __import__(self.name)
"""


@pytest.mark.parametrize("code", TEXTS.values(), ids=list(TEXTS))
def test_the_text_of_an_object_is_what_its_class_makes(as_python_loads, code):
    certain, possible, loaded = as_python_loads(OWN + code)
    assert (certain, possible) == (loaded, set())
