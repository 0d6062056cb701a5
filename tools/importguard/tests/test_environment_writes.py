"""What the program itself writes into os.environ is read as it was written, in every module."""

import textwrap

import pytest

PROGRAMS = {
    "an item": """
        os.environ['SHOP_MODE'] = 'm1'
        __import__(os.environ['SHOP_MODE'])
    """,
    "an item, asked for in a condition": """
        os.environ['SHOP'] = '1'
        if os.environ.get('SHOP'): import m1
        else: import m2
    """,
    "getenv and in": """
        os.environ['A'] = 'm1'
        __import__(os.getenv('A'))
        if 'A' in os.environ: import m2
        else: import m3
    """,
    "update": """
        os.environ.update({'A': 'm1'}, B='m2')
        __import__(os.environ['A'])
        __import__(os.environ['B'])
    """,
    "in place": """
        os.environ |= {'A': 'm3'}
        __import__(os.environ['A'])
    """,
    "pop": """
        os.environ['A'] = 'm1'
        __import__(os.environ.pop('A'))
        __import__(os.environ.pop('A', 'm2'))
    """,
    "del": """
        os.environ['A'] = 'm1'
        del os.environ['A']
        if 'A' in os.environ: import m1
        __import__(os.environ.get('A', 'm2'))
    """,
    "another module reads it": """
        os.environ.setdefault('SHOP_SETTINGS', 'm4')
        import reader
    """,
    "setdefault leaves what is there": """
        os.environ['A'] = 'm1'
        os.environ.setdefault('A', 'm2')
        __import__(os.environ['A'])
    """,
    "in a function": """
        def begin(): os.environ['A'] = 'm5'
        begin()
        __import__(os.environ['A'])
    """,
}
READER = {"reader.py": "import os\n__import__(os.environ['SHOP_SETTINGS'])"}


@pytest.mark.parametrize("code", PROGRAMS.values(), ids=list(PROGRAMS))
def test_a_variable_that_the_program_writes_is_known(as_python_loads, code):
    certain, _, loaded = as_python_loads(f"import os\n{textwrap.dedent(code)}", READER)
    assert certain == loaded


def test_a_variable_written_under_a_condition_is_only_possible(as_python_loads):
    code = (
        "import os, time\nos.environ['A'] = 'x'\nif time.time() % 2: os.environ['A'] = ''\n"
        "if os.environ['A']: import m1\nelse: import m2"
    )
    certain, possible, _ = as_python_loads(code)
    assert (certain, possible) == (set(), {"m1", "m2"})
