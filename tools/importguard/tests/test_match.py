"""`match` statements beside the interpreter: which case is taken, and what its pattern binds."""

import pytest

PROGRAMS = {
    "a capture": "match 'm' + '1':\n    case name: __import__(name)",
    "one of several, with a name": "match 'm2':\n    case 'm1' | 'm2' as name: __import__(name)\n    case _: import m8",
    "sequences": """
        for row in ([], ['m1'], ('m2', 'm3'), ['m4', 1, 2], 'm8', {1: 2}):
            match row:
                case []: import m5
                case [name]: __import__(name)
                case (first, last): __import__(last)
                case [first, *rest, _] if len(rest) == 1: __import__(first)
                case str() | {}: import m6
        """,
    "mappings": """
        match {'kind': 'load', 'name': 'm1', 'also': 'm2'}:
            case {'kind': 'none'}: import m8
            case {'missing': _}: import m8
            case {'kind': 'load', 'name': str(name), **rest}:
                __import__(name)
                for one in rest.values(): __import__(one)
        """,
    "classes": """
        class Point:
            __match_args__ = ('x', 'y')
            def __init__(self, x, y): self.x, self.y = x, y
        match Point('m1', 2):
            case Point('m8', _): import m8
            case Point(x=str(name), y=1): import m8
            case Point(name, y=2): __import__(name)
        """,
    "fields of a dataclass": """
        import dataclasses
        @dataclasses.dataclass
        class Load: name: str
        match Load('m1'):
            case Load(name=name): __import__(name)
            case _: import m8
        """,
    "types of constants": """
        for one in (True, 3, 'x', None, 2.5, b''):
            match one:
                case bool(): import m1
                case int(n): __import__(f'm{n}')
                case None: import m2
                case str(): import m4
                case float(): import m5
                case bytes(): import m6
                case _: import m8
        """,
    "dotted names": "import os\nmatch os.sep:\n    case os.extsep: import m8\n    case os.sep: import m1",
    "a guard that fails": "match 3:\n    case n if n > 5: import m8\n    case n if n > 2: import m1",
    "no case": "match 3:\n    case 4: import m8\nimport m1",
}


@pytest.mark.parametrize("code", PROGRAMS.values(), ids=list(PROGRAMS))
def test_the_case_that_is_taken(as_python_loads, code):
    certain, possible, loaded = as_python_loads(code)
    assert (certain, possible) == (loaded, set())


def test_where_the_subject_is_not_known_each_case_that_may_fit_is_possible(as_python_loads):
    code = (
        "import sys\nmatch sys.stdin.read:\n    case [_, *_]: import m1\n    case 3: import m2\n    case n: import m3"
    )
    certain, possible, loaded = as_python_loads(code)
    assert certain <= loaded <= certain | possible == {"m1", "m2", "m3"}
