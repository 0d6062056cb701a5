"""Exceptions travel with their class: which handler runs for sure, which may run, what does not run then."""

import pytest

BAD = {
    "fails.py": "import two\nraise LookupError('no display')\nimport three",
    "asks.py": "from two import NOTHING\nimport three",
    "leaves.py": "import sys\nsys.exit(2)\nimport three",
    "pack/__init__.py": "raise OSError",
    "pack/inner.py": "import three",
}
CERTAIN = {
    "a division": ("try: 7 % 0\nexcept ArithmeticError: import one\nelse: import three", {"one"}),
    "a place that a list lacks": ("try: [1, 2][5]\nexcept LookupError: import one\nelse: import three", {"one"}),
    "a place that a tuple lacks": ("row = ()\ntry: row[0]\nexcept IndexError: import one", {"one"}),
    "too few values": ("try: a, b, c = 1, 2\nexcept ValueError: import one\nelse: import three", {"one"}),
    "an assertion": ("try:\n    assert 1 > 2\n    import three\nexcept AssertionError: import one", {"one"}),
    "no number": ("try: int('seven')\nexcept (TypeError, ValueError): import one\nelse: import three", {"one"}),
    "a raise in a function": (
        "class Mine(KeyError): pass\ndef deep(): raise Mine('x')\ndef call(): deep()\n"
        "try:\n    call()\n    import three\nexcept LookupError: import one",
        {"one"},
    ),
    "the first handler that fits": (
        "try: raise OSError\nexcept ValueError: import three\nexcept EnvironmentError: import one\nexcept: import two",
        {"one"},
    ),
    "a handler that raises another one": (
        "try:\n    try: raise KeyError\n    except KeyError: raise ValueError\nexcept ValueError: import one",
        {"one"},
    ),
    "a handler that raises the same again": (
        "try:\n    try: raise KeyError\n    except KeyError: raise\n    finally: import two\n"
        "except KeyError: import one",
        {"one", "two"},
    ),
    "the end of the program": ("import sys\ntry: sys.exit(3)\nexcept SystemExit: import one", {"one"}),
    "a module that fails": ("try: import fails\nexcept Exception: import one\nelse: import four", {"one", "two"}),
    "a module that lacks a name": ("try: import asks\nexcept ImportError: import one", {"one", "two"}),
    "a module that ends the program": ("try: import leaves\nexcept BaseException: import one", {"one"}),
    "a package that fails": ("try: import pack.inner\nexcept OSError: import one\nelse: import four", {"one"}),
    "no parent package": ("try: from .one import x\nexcept ImportError: import two", {"two"}),
    "no parent package, two levels up": ("try: from .. import one\nexcept ImportError: import two", {"two"}),
    "groups": (
        "try: raise ExceptionGroup('all', [OSError(1), KeyError(2)])\nexcept* LookupError: import one\n"
        "except* OSError: import two\nelse: import three\nfinally: import four",
        {"one", "two", "four"},
    ),
    "what an exit block swallows": (
        "class Calm:\n    def __enter__(self): return self\n"
        "    def __exit__(self, kind, value, trace): return issubclass(kind, KeyError)\n"
        "with Calm():\n    raise KeyError\n    import three\nimport one",
        {"one"},
    ),
    "what a generator swallows": (
        "import contextlib\n@contextlib.contextmanager\ndef calm():\n    try: yield\n    except KeyError: import one\n"
        "with calm():\n    raise KeyError\n    import three\nimport two",
        {"one", "two"},
    ),
}
POSSIBLE = {
    "a raise behind a value that is not known": (
        "import _operator\ndef make(cache):\n    if cache.get('a') is not None: return 1\n    raise ValueError\n"
        "try: make({'a': _operator.add})\nexcept ValueError: import one",
        {"one"},
    ),
    "a file that may be missing": (
        "try: open('not there')\nexcept OSError: import one\nelse: import two",
        {"one", "two"},
    ),
    "what follows in the body": (
        "import os\ntry:\n    os.stat('not there')\n    import two\nexcept OSError: import one\nimport three",
        {"one", "two"},
    ),
    "a raise behind a condition": (
        "import time\ndef ask():\n    if time.time() % 2: raise ValueError\n    import two\n"
        "try: ask()\nexcept ValueError: import one\nimport three",
        {"one", "two"},
    ),
    "a flag that a handler sets": (
        "import os\nfound = True\ntry: os.stat('not there')\nexcept OSError: found = False\n"
        "if found: import one\nelse: import two\nimport three",
        {"one", "two"},
    ),
    "a list that a handler fills": (
        "import os\nfound = []\ntry: os.stat('not there')\nexcept OSError: found.append(1)\n"
        "if found: import one\nelse: import two\nimport three",
        {"one", "two"},
    ),
    "a handler that returns": (
        "import os\ndef ask():\n    try: os.stat('not there')\n    except OSError: return\n    import one\n"
        "ask()\nimport three",
        {"one"},
    ),
}


@pytest.mark.parametrize(("code", "certain"), CERTAIN.values(), ids=list(CERTAIN))
def test_the_handler_of_a_sure_exception_runs_for_sure(starts_as, code, certain):
    starts_as(code, certain, set(), BAD)


@pytest.mark.parametrize(("code", "possible"), POSSIBLE.values(), ids=list(POSSIBLE))
def test_the_handler_of_an_exception_that_may_come_is_possible(starts_as, code, possible):
    starts_as(code, {"three"} if "import three" in code else set(), possible)


def test_nothing_follows_the_sure_end_of_the_program(starts_as):
    starts_as("import sys\nimport one\nsys.exit()\nimport two", {"one"}, set())


def test_nothing_follows_an_import_that_ends_the_program(starts_as):
    files = {"leaves.py": "import one\nraise SystemExit(2)"}
    starts_as("try: import leaves\nexcept Exception: import two\nimport three", {"one"}, set(), files)


def test_a_name_that_is_not_there_does_not_end_a_call_of_import(starts_as):
    code = "try:\n    __import__('lib', globals(), {}, ['GONE'])\n    import one\nexcept ImportError:\n    import two"
    starts_as(code, {"one"}, set(), {"lib.py": "VALUE = 1\n"})


def test_a_module_that_locks_while_it_is_imported_does_not_fail(starts_as):
    starts_as("try:\n    import threading\nexcept ImportError:\n    import one\nimport two", {"two"}, set())


def test_names_that_a_package_gives_itself_by_globals_are_there(starts_as):
    names = "def names():\n    import random\n    return dir(random)\nglobals().update((name, 1) for name in names())\n"
    code = "try:\n    from lib import choice\nexcept ImportError:\n    import one\nimport two"
    starts_as(code, {"two"}, set(), {"lib.py": names})
