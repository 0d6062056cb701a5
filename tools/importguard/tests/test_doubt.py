"""What code that may not run does to objects: certain stays certain, and what hangs on the change is only possible."""

import sys

import pytest

from importguard.startup import trace_script
from importguard.startup.trace import Certainty, Reach
from importguard.storage.cache import user_cache
from importguard.target.environment import probe

NAMES = {"one", "two", "three"}
PROGRAMS = {
    "an attribute of an object": (
        "class Settings: pass\nsettings = Settings()\nsettings.fast = False\nif time.time() % 2: settings.fast = True\n"
        "if settings.fast: import one\nelse: import two",
        set(),
        {"one", "two"},
    ),
    "an attribute that both ways set alike": (
        "class Settings: pass\nsettings = Settings()\n"
        "if time.time() % 2: settings.name = 'one'\nelse: settings.name = 'one'\n__import__(settings.name)",
        {"one"},
        set(),
    ),
    "a class, by the function that is called": (
        "class Flags: on = False\ndef switch(): Flags.on = True\nif time.time() % 2: switch()\n"
        "if not Flags.on: import one",
        set(),
        {"one"},
    ),
    "a list that grows": (
        "names = ['one']\nif time.time() % 2: names.append('two')\nfor name in names: __import__(name)",
        {"one"},
        {"two"},
    ),
    "a list that takes what a table may hold": (
        "table, names = {}, []\nif time.time() % 2: table['one'] = 1\nnames.extend(table)\nnames += {}\n"
        "names = [*names] + list({})\nfor name in names: __import__(name)",
        set(),
        {"one"},
    ),
    "a list that gets a new first item": (
        "names = ['one']\nif time.time() % 2: names.insert(0, 'two')\n__import__(names[0])",
        set(),
        {"one", "two"},
    ),
    "a list behind an operator": (
        "names = []\ntime.time() % 2 and names.append('one')\nif names: import two\nelse: import three",
        set(),
        {"two", "three"},
    ),
    "a key of a dictionary": (
        "table = {}\nif time.time() % 2: table['a'] = 1\nif 'a' in table: import one\nif 'b' in table: import two",
        set(),
        {"one", "two"},
    ),
    "an item of a set": (
        "wanted = {'a', 'b'}\nif time.time() % 2: wanted.discard('a')\n"
        "if 'a' in wanted: import one\nif 'b' in wanted: import two",
        {"two"},
        {"one"},
    ),
    "a global name": (
        "mode = 1\ndef change():\n    global mode\n    if time.time() % 2: mode = 2\n"
        "change()\nif mode == 1: import one\nelse: import two",
        set(),
        {"one", "two"},
    ),
    "a name of the function around": (
        "def outer():\n    mode = 1\n    def change():\n        nonlocal mode\n        mode = 2\n"
        "    if time.time() % 2: change()\n    if mode == 1: import one\n    else: import two\nouter()",
        set(),
        {"one", "two"},
    ),
    "what follows a return that may have run": (
        "class Settings: on = True\ndef change():\n    if time.time() % 2: return\n    Settings.on = False\n"
        "change()\nif Settings.on: import one\nelse: import two",
        set(),
        {"one", "two"},
    ),
    "the body of a loop that may have no turn": (
        "table = {'mode': 1}\nfor each in time.times():\n    table['mode'] = 2\n"
        "if table['mode'] == 1: import one\nelse: import two",
        set(),
        {"one", "two"},
    ),
    "one of two values in an expression": (
        "names = []\ntime.time() if time.time() % 2 else names.append('one')\nif names: import two\nelse: import three",
        set(),
        {"two", "three"},
    ),
    "a filter of a comprehension": (
        "names = []\n[names.append(each) for each in ('one', 'two') if time.time() % 2]\nif not names: import three",
        set(),
        {"three"},
    ),
    "a certain change after a possible one": (
        "class Settings: name = 'one'\nif time.time() % 2: Settings.name = 'two'\nSettings.name = 'three'\n"
        "__import__(Settings.name)",
        {"three"},
        set(),
    ),
}


@pytest.mark.parametrize(("code", "certain", "possible"), PROGRAMS.values(), ids=list(PROGRAMS))
def test_what_hangs_on_a_change_that_may_have_happened_is_possible(write, code, certain, possible):
    root = write({**{f"{name}.py": "" for name in NAMES}, "app.py": f"import time\n{code}"})
    trace = trace_script(root / "app.py", probe(sys.executable), project_root=root, cache=user_cache())
    eager = {m.name: m.certainty for m in trace.modules if m.reach is Reach.EAGER and m.name in NAMES}
    assert {name for name, known in eager.items() if known is Certainty.CERTAIN} == certain
    assert {name for name, known in eager.items() if known is Certainty.POSSIBLE} == possible
