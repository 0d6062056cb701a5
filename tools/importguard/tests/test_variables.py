"""Environment variables: what is given counts, the rest is an assumption that is listed, never a silent choice."""

import json
import sys
import textwrap

import pytest

from importguard import find_project
from importguard.project.start import Kind
from importguard.session import Session
from importguard.startup import trace_start
from importguard.storage.disk import Now

FLAG = "import os\nif {}:\n    import asyncio\n"
READS = [
    'os.environ.get("ENABLE_GUI") == "1"',
    'os.getenv("ENABLE_GUI")',
    '"ENABLE_GUI" in os.environ',
    'os.environ["ENABLE_GUI"] == "1"',
    'os.environ.get("ENABLE_GUI", "0") != "0"',
    'os.environ.setdefault("ENABLE_GUI", "0") == "1"',
]


def loaded(run, *arguments):
    """asyncio's certainty in the graph, None where it is not loaded; and the assumptions."""
    document = json.loads(run("graph", "app.py", "--format", "json", *arguments).stdout)
    found = {one["name"]: one["certainty"] for one in document["modules"] if one["reach"] == "eager"}
    return found.get("asyncio"), document["assumptions"]


@pytest.mark.parametrize("condition", READS)
def test_in_the_projects_own_files_both_ways_are_possible(run, write, condition):
    write({"app.py": FLAG.format(condition)})
    assert loaded(run) == (
        "possible",
        [{"variable": "ENABLE_GUI", "taken": "open", "value": None, "asked_by": "__main__"}],
    )


@pytest.mark.parametrize("condition", READS)
def test_what_is_given_counts(run, write, condition):
    write({"app.py": FLAG.format(condition)})
    certainty, assumptions = loaded(run, "--env", "ENABLE_GUI=1")
    assert certainty == "certain"
    assert assumptions == [{"variable": "ENABLE_GUI", "taken": "given", "value": "1", "asked_by": "__main__"}]


def test_the_configuration_gives_variables_and_the_command_line_comes_first(run, write):
    write({"app.py": FLAG.format(READS[0]), "importguard.toml": 'entry = "app.py"\n[env]\nENABLE_GUI = "0"\n'})
    assert loaded(run)[0] is None
    assert loaded(run, "--env", "ENABLE_GUI=1")[0] == "certain"
    assert loaded(run)[0] is None  # nothing of the other answer was kept for this one
    assert run("graph", "app.py", "--env", "ENABLE_GUI").returncode == 2


def test_an_installed_package_finds_a_variable_unset_and_the_assumption_is_listed(run, write, tmp_path, monkeypatch):
    write({"app.py": "import dep", "lib/site-packages/dep.py": FLAG.format('os.environ.get("EAGER_IMPORT")')})
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "lib/site-packages"))
    assert loaded(run) == (None, [{"variable": "EAGER_IMPORT", "taken": "unset", "value": None, "asked_by": "dep"}])
    verbose = run("check", "app.py", "-v").stdout
    assert "assumed that EAGER_IMPORT, which dep asks for, is not set" in verbose
    report = json.loads(run("check", "app.py", "--format", "json").stdout)
    assert [one["variable"] for one in report["assumptions"]] == ["EAGER_IMPORT"]
    assert loaded(run, "--env", "EAGER_IMPORT=1")[0] == "certain"


def test_a_variable_that_the_program_sets_is_found_by_what_it_imports(run, write, tmp_path, monkeypatch):
    write({"app.py": 'import os\nos.environ["EAGER_IMPORT"] = "1"\nimport dep'})
    write({"lib/site-packages/dep.py": FLAG.format('os.environ.get("EAGER_IMPORT")')})
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "lib/site-packages"))
    assert loaded(run)[0] == "certain"


def test_a_run_that_is_verified_gets_the_variables_that_are_given(run, write):
    write({"app.py": FLAG.format(READS[0]), "importguard.toml": 'entry = "app.py"\n[env]\nENABLE_GUI = "1"\n'})
    found = json.loads(run("verify", "--format", "json").stdout)
    assert (found["missing"], found["unpredicted"]) == ([], [])


def test_a_gate_is_red_for_what_a_variable_may_load(run, write):
    write({"app.py": FLAG.format(READS[0]), "importguard.toml": 'entry = "app.py"\nheavy = ["asyncio"]\n'})
    result = run("check")
    assert (result.returncode, "IG101" in result.stdout) == (1, True)


DECIDING = {
    "a module's name": "KIND = os.environ.get('DECIDES')\nif KIND: import asyncio",
    "a constant of another module": "import conf\nif conf.MODE: import asyncio",
    "a constant by its name": "from conf import MODE\nwhile MODE: break",
    "what a function returns": "def debug(): return os.environ.get('DECIDES') == '1'\nx = 1 if debug() else 2",
    "an attribute of an object": """
        class Settings:
            def __init__(self): self.debug = bool(os.environ.get('DECIDES'))
        if Settings().debug: import asyncio
        """,
    "another name for it": "kind = os.environ.get('DECIDES', '')\nmode = kind.lower()\nif mode == 'x': import asyncio",
    "the name of an import": "import importlib\nimportlib.import_module(os.environ.get('DECIDES', 'colorsys'))",
    "a subject": "match os.environ.get('DECIDES'):\n    case '1': import asyncio",
    "a filter": "names = [one for one in ('a', 'b') if os.environ.get('DECIDES')]",
}


@pytest.mark.parametrize("code", DECIDING.values(), ids=list(DECIDING))
def test_only_variables_that_decide_something_are_listed(run, write, code):
    asked = "import os\nprint(os.environ.get('SHOWN'))\nlevel = os.getenv('KEPT')\n"
    write({"app.py": asked + textwrap.dedent(code), "conf.py": "import os\nMODE = os.environ.get('DECIDES')\n"})
    assert [one["variable"] for one in loaded(run)[1]] == ["DECIDES"]


CHOICES = {
    "a variable's default": 'if os.environ.get("ENGINE", "asyncio") == "asyncio":\n        import asyncio\n',
    "the other branch": 'if os.environ.get("ENGINE"):\n        import csv\n    else:\n        import asyncio\n',
    "no flag": 'if "--fast" not in sys.argv:\n        import asyncio\n',
    "a parser's default": "if parser.parse_args().engine == 'asyncio':\n        import asyncio\n",
    "a name": 'importlib.import_module(os.environ.get("ENGINE", "asyncio"))\n',
    "a table": 'TABLE[os.environ.get("ENGINE", "asyncio")]()\n',
}
OTHERS = {
    "a variable that nobody sets": 'if os.environ.get("ENGINE") == "asyncio":\n        import asyncio\n',
    "a flag": 'if "--slow" in sys.argv:\n        import asyncio\n',
    "a file": 'if os.path.exists("settings.json"):\n        import asyncio\n',
}
MAIN = """
import argparse, importlib, os, sys

parser = argparse.ArgumentParser()
parser.add_argument("--engine", default="asyncio")


def load():
    import asyncio


TABLE = {{"asyncio": load}}


def main():
    {}

main()
"""
HEAVY = 'entry = "app.py"\nheavy_ms = 1000\nheavy = ["asyncio"]\n'


@pytest.mark.parametrize("choice", CHOICES.values(), ids=CHOICES)
def test_what_a_function_imports_when_nobody_says_anything_is_of_the_start(run, write, choice):
    write({"app.py": MAIN.format(choice), "importguard.toml": HEAVY})
    done = run("check", "--format", "json")
    report = json.loads(done.stdout)
    (finding,) = (one for one in report["findings"] if one["code"] == "IG101")
    assert (done.returncode, finding["subject"]) == (1, "asyncio")
    assert finding["message"].endswith("; so unless an argument or an environment variable says otherwise")
    plan = report["entries"][0]["plan"]
    assert [step["subject"] for step in plan["steps"]] == ["asyncio"]
    assert sum(one["modules"] for one in plan["conditional"]) < 5  # `csv` at most


@pytest.mark.parametrize("choice", OTHERS.values(), ids=OTHERS)
def test_what_a_function_imports_only_when_somebody_says_so_is_not(run, write, choice):
    write({"app.py": MAIN.format(choice), "importguard.toml": HEAVY})
    done = run("check", "--format", "json")
    assert done.returncode == 0
    (hanging,) = json.loads(done.stdout)["entries"][0]["plan"]["conditional"]
    assert hanging["modules"] > 50


TOP = "import os, sys\nif {}:\n    import asyncio\nimport colorsys\n"
DEAR = 'entry = "app.py"\nheavy_ms = 10\n'
UNLESS = "; so unless an argument or an environment variable says otherwise"
UNKNOWN = "; only if a condition holds that is not known before the program runs"
AT_THE_TOP = {
    "a flag that nobody gives": ('"--plot" in sys.argv', None),
    "a variable that nobody sets": ('os.environ.get("PLOT") == "1"', None),
    "a variable's default": ('os.environ.get("ENGINE", "asyncio") == "asyncio"', UNLESS),
    "no flag": ('"--fast" not in sys.argv', UNLESS),
    "a file": ('os.path.exists("settings.json")', UNKNOWN),
}


@pytest.mark.parametrize(("condition", "said"), AT_THE_TOP.values(), ids=AT_THE_TOP)
def test_what_a_condition_at_module_level_leaves_out_of_a_plain_start_is_no_finding(run, write, condition, said):
    write({"app.py": TOP.format(condition), "importguard.toml": DEAR})
    done = run("check", "--format", "json")
    report = json.loads(done.stdout)
    found = [one["message"].partition(" ms)")[2] for one in report["findings"] if one["code"] == "IG101"]
    assert (done.returncode, found) == ((0, []) if said is None else (1, [said]))
    hanging = report["entries"][0]["plan"]["conditional"]
    assert (sum(one["modules"] for one in hanging) > 50) == (said is None)
    assert said is not None or " more (about" in run("check").stdout


def test_a_name_in_heavy_is_a_finding_under_any_condition_and_says_so(run, write):
    write({"app.py": TOP.format('"--plot" in sys.argv'), "importguard.toml": DEAR + 'heavy = ["asyncio"]\n'})
    done = run("check")
    assert (done.returncode, UNKNOWN in " ".join(done.stdout.split())) == (1, True)


def test_what_comes_after_an_end_that_a_plain_start_meets_is_not_left_out(run, write):
    code = "import os, sys\nif len(sys.argv) < 2:\n    sys.exit('usage: app.py PATH')\nif sys.argv[1].endswith('.x'):\n"
    write({"app.py": code + "    import asyncio\nimport colorsys\n", "importguard.toml": DEAR})
    assert (run("check").returncode, UNKNOWN in " ".join(run("check").stdout.split())) == (1, True)


def test_what_a_library_loads_in_a_call_that_a_plain_start_does_not_make_is_in_no_promise(
    run, write, tmp_path, monkeypatch
):
    write(
        {
            "app.py": "import sys\nimport dep\nif len(sys.argv) > 1:\n    dep.read(sys.argv[1])\n",
            "lib/site-packages/dep.py": "import colorsys\ndef read(path):\n    import asyncio\n",
            "importguard.toml": DEAR,
        }
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "lib/site-packages"))
    assert run("check").returncode == 0
    assert run("check", "--", "x").returncode == 1


def test_what_a_lazy_package_loads_for_a_name_under_a_condition_of_its_own_counts(run, write, tmp_path, monkeypatch):
    """As `from celery import Celery`: nobody knows the package's condition, and without the name the import fails."""
    lazy = "import os\ndef __getattr__(name):\n    if os.path.exists(name) or name in os.environ['MADE']:\n"
    write(
        {
            "app.py": "from dep import Thing\n",
            "lib/site-packages/dep.py": lazy
            + "        import asyncio\n        return asyncio\n    raise AttributeError(name)\n",
            "importguard.toml": DEAR,
        }
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "lib/site-packages"))
    assert run("check").returncode == 1


def test_arguments_and_variables_that_are_given_decide(run, write):
    write({"app.py": MAIN.format(CHOICES["a variable's default"]), "importguard.toml": HEAVY})
    assert run("check", "--env", "ENGINE=csv").returncode == 0
    assert run("check", "--env", "ENGINE=asyncio").returncode == 1


def test_a_start_that_is_asked_for_alone_has_nothing_of_what_functions_load_later(write):
    root = write({"app.py": "import one\ndef later():\n    import two\n", "one.py": "", "two.py": "import three"})
    start = find_project(root).start_of(Kind.SCRIPT, str(root / "app.py"))
    session = Session(None, Now(), sys.executable)
    assert {one.name for one in trace_start(start, session, later=False).modules} == {"__main__", "one"}
    assert {one.name for one in trace_start(start, session).modules} == {"__main__", "one", "two"}
