"""Helpers that are called for each of hundreds of things and never import: what follows them is still found."""

import sys
import textwrap
from collections import Counter

import pytest

from importguard.startup import trace_script
from importguard.startup.machine import calls
from importguard.startup.machine.machine import Machine
from importguard.target.environment import probe

LONG = "    for number in range(200): text = str(number) + name\n"


@pytest.fixture
def start(write):
    """The names that a script loads, and how many steps it took to find out."""

    def run(code):
        steps = []
        with pytest.MonkeyPatch.context() as patch:
            finish = Machine._finish
            patch.setattr(Machine, "_finish", lambda self, *entry: steps.append(self.steps) or finish(self, *entry))
            root = write({"app.py": code, "one.py": "", "two.py": ""})
            trace = trace_script(root / "app.py", probe(sys.executable), project_root=root)
        return {module.name for module in trace.modules} & {"one", "two"}, steps[0]

    return run


def test_a_helper_that_imports_nothing_is_followed_a_few_times_only(start):
    code = f"def fill(table, name):\n{LONG}    table[name] = text\ntable = {{}}\n"
    few = start(code + "fill(table, 'a')\n" * 10)
    many = start(code + "fill(table, 'a')\n" * 1000)
    assert many[1] - few[1] < 5 * 1000  # a few steps for each more call, instead of two hundred


def test_what_such_a_helper_may_have_changed_is_not_known(start):
    code = f"def fill(table, name):\n{LONG}    table[name] = text\ntable = {{}}\n"
    code += "".join(f"fill(table, 'n{number}')\n" for number in range(20))
    found, _ = start(code + "try: table['n19']\nexcept KeyError: import one\nimport two\n")
    assert found == {"one", "two"}  # the key may be missing for all that is known


@pytest.mark.parametrize("given", ["return cls", "return None", "pass"])
def test_what_it_decorates_stays_what_it_is(start, given):
    code = f"def mark(cls, name='x'):\n{LONG}    {given}\n"
    code += "".join(f"@mark\nclass C{number}:\n    def run(self): import one\n" for number in range(20))
    expected = {"one", "two"} if given == "return cls" else {"two"}
    assert start(code + "try: C19().run()\nexcept Exception: pass\nimport two\n")[0] == expected | {"one"}


@pytest.mark.parametrize(
    "last",
    [
        "    if name == '19': import one\n",  # the condition is looked at each time: the calls are short
        "    __import__('two')\n" + LONG + "    if name == '19': import one\n",  # it imports something each time
        LONG + "    return name == '19'\n",  # what it gives is known
    ],
)
def test_a_helper_that_is_cheap_or_imports_or_tells_something_is_always_followed(start, last):
    code = f"def helper(name):\n{last}"
    code += "".join(f"if helper('{number}'): import one\n" for number in range(20))
    assert "one" in start(code)[0]


LIBRARY = """
    def convert(value, other=None):
        import one
        for number in range(200): text = str(number)
        if value == 'last': import two
        return unknown(text)
"""
APP = "import sys\nsys.path.insert(0, __file__.rpartition('/')[0] + '/site-packages')\n"


@pytest.fixture
def installed(write):
    """The edges that a script's package makes, and how often each function has been followed."""

    def run(user, library=LIBRARY):
        followed = Counter()
        with pytest.MonkeyPatch.context() as patch:
            real = calls._run_function
            patch.setattr(calls, "_run_function", lambda *call: followed.update([call[1].name]) or real(*call))
            files = {"library.py": library, "user.py": user, "one.py": "", "two.py": "", "three.py": ""}
            root = write(
                {"app.py": APP + "import user\n"}
                | {f"site-packages/{name}": textwrap.dedent(text) for name, text in files.items()}
            )
            trace = trace_script(root / "app.py", probe(sys.executable), project_root=root)
        edges = {(edge.importer, edge.imported): edge.certain for edge in trace.edges}
        return edges, followed

    return run


def test_what_a_package_asks_again_with_the_same_arguments_is_followed_a_few_times_only(installed):
    edges, followed = installed("from library import convert\nfor n in range(300): convert(None, (1, 'a'))\n")
    assert edges["user", "one"] is True
    assert followed["convert"] < 10


@pytest.mark.parametrize(
    ("user", "found"),
    [
        ("for n in range(50): convert(None)\nconvert('last')\n", ("user", "two")),  # another argument
        ("class A: pass\nfor n in range(50): convert(A())\nconvert('last')\n", ("user", "two")),
        ("for n in range(50): convert(None)\ndef f(): import three; convert(None)\nf()\n", ("user", "three")),
        (
            "for n in range(50): convert(None)\n"
            "try: convert(None)\nexcept Exception: import two\n",  # what is not followed in it may fail each time
            ("user", "two"),
        ),
    ],
)
def test_another_question_is_followed(installed, user, found):
    edges, _ = installed("from library import convert\n" + user)
    assert found in edges


def test_what_tells_something_each_time_is_followed(installed):
    library = LIBRARY.replace("return unknown(text)", "seen.append(1)\n        return len(seen)")
    user = "from library import convert\nfor n in range(30): last = convert(None)\nif last == 30: import two\n"
    edges, followed = installed(user, f"seen = []\n{textwrap.dedent(library)}")
    assert followed["convert"] == 30
    assert edges["user", "two"] is True


def test_another_module_that_asks_the_same_imports_it_too(installed):
    library = textwrap.dedent(LIBRARY) + "for n in range(50): convert(None)\n"
    edges, _ = installed("from library import convert\nconvert(None)\n", library)
    assert ("library", "one") in edges
    assert ("user", "one") in edges


def test_what_may_fail_each_time_and_is_caught_leaves_no_doubt(installed):
    library = LIBRARY.replace("return unknown(text)", "if unknown(text): raise ValueError\n        return None")
    user = (
        "from library import convert\nfor n in range(30):\n    try: convert(None)\n    except ValueError: pass\n"
        "import two\n"
    )
    edges, followed = installed(user, library)
    assert followed["convert"] < 10
    assert edges["user", "two"] is True
