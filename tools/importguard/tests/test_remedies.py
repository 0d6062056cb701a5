"""What fails a check and what is a note, and what a finding tells people to do about it."""

import json
import sys

import msgspec
import pytest

from importguard import analyse, check, find_project
from importguard.graph import ModuleGraph
from importguard.project.start import Kind
from importguard.rules.remedies import first_use_remedy
from importguard.rules.subject import Subject
from importguard.source.import_site import ImportKind

LATER = {
    "IG102": "def f():\n    import colorsys",
    "IG103": "import importlib\ndef f():\n    importlib.import_module('colorsys')",
}
NAMED = 'entry = "app.py"\nheavy = ["colorsys"]\n'
MANIFEST = {"manifest.json": '{"schema": 1, "entry": "app.py", "jobs": []}'}


def judged(run):
    result = run("check", "--format", "json")
    return result.returncode, [(one["code"], one["severity"]) for one in json.loads(result.stdout)["findings"]]


@pytest.mark.parametrize(("code", "text"), LATER.items())
def test_a_heavy_first_use_is_a_note_until_the_project_warms(run, write, code, text):
    write({"app.py": text, "importguard.toml": NAMED})
    assert judged(run) == (0, [(code, "note")])
    write({"importguard.toml": f'{NAMED}error = ["{code}"]\n'})
    assert judged(run) == (1, [(code, "error")])
    write({**MANIFEST, "importguard.toml": f'{NAMED}manifest = "manifest.json"\nselect = ["IG1"]\n'})
    assert judged(run) == (1, [(code, "error")])


def test_a_code_in_error_that_no_rule_has_is_refused(run, write):
    write({"app.py": "", "importguard.toml": NAMED + 'error = ["IG999"]'})
    result = run("check")
    assert (result.returncode, "no rule has the code IG999" in result.stderr) == (2, True)


def test_every_format_shows_a_note_as_one(run, write):
    write({"app.py": LATER["IG102"], "importguard.toml": NAMED})
    text = run("check").stdout
    assert ("IG102 note: colorsys is imported in a function body" in text, "(1 note)" in text) == (True, True)
    (result,) = json.loads(run("check", "--format", "sarif").stdout)["runs"][0]["results"]
    assert result["level"] == "note"
    assert run("check", "--format", "github").stdout.startswith("::notice file=app.py,line=2,title=IG102::")
    assert 'failures="0"' in run("check", "--format", "junit").stdout
    assert "IG102 (note)" in run("check", "--format", "markdown").stdout


def test_a_function_that_imports_a_name_in_heavy_through_a_light_module_is_found(run, write):
    write({"app.py": "def f():\n    import light", "light.py": "import colorsys", "importguard.toml": NAMED})
    assert judged(run) == (0, [("IG102", "note")])


LAZY = "Write `lazy import`" if sys.version_info >= (3, 15) else ""
PROGRAMS = {
    "a command": ("import colorsys", "", LAZY or "Import it inside the function that uses it."),
    "a window": ("import tkinter, colorsys", "", LAZY or "load that in the background"),
    "a server": ("import fastapi, colorsys", "", "load that in the background"),
    "one that warms": ("import colorsys", 'manifest = "manifest.json"\n', "load that in the background"),
    "a command that calls it": (
        "def load(): import colorsys\nload()",
        "",
        LAZY
        or "The start calls the function that imports it. Move the import to a function that it does not call, "
        'or accept it: allow = ["colorsys"] in importguard.toml.',
    ),
}
FIRST_USES = {
    "a command": ("def f(): import colorsys", "", "That is right for a command: only who uses it waits for it."),
    "a window": (
        "import tkinter\ndef f(): import colorsys",
        "",
        "Whoever is first to get there waits. Load colorsys in the background once the program is up",
    ),
    "a server": ("import fastapi\ndef f(): import colorsys", "", "Whoever is first to get there waits."),
    "one that may do without its window": (
        "try: import tkinter\nexcept ImportError: pass\ndef f(): import colorsys",
        "",
        "That is right for a command",
    ),
    "one that warms": (
        "import tkinter\ndef f(): import colorsys",
        'manifest = "manifest.json"\n',
        "Import colorsys at the top of a warmed module and get that with _require_warmed.",
    ),
}


@pytest.mark.parametrize(("text", "config", "said"), PROGRAMS.values(), ids=PROGRAMS.keys())
def test_the_remedy_fits_the_program(run, write, text, config, said):
    write(
        {
            "app.py": text,
            "fastapi.py": "",
            "tkinter.py": "",
            "importguard.toml": NAMED + config + 'select = ["IG101"]\n',
        }
    )
    findings = json.loads(run("check", "--format", "json").stdout)["findings"]
    (hint,) = [one["fix_hint"] for one in findings if one["subject"] == "colorsys"]
    assert said in hint


@pytest.mark.parametrize(("text", "config", "said"), FIRST_USES.values(), ids=FIRST_USES.keys())
def test_the_remedy_of_a_first_use_fits_the_program(run, write, text, config, said):
    write(
        {
            "app.py": text,
            "fastapi.py": "",
            "tkinter.py": "",
            "importguard.toml": NAMED + config + 'select = ["IG102"]\n',
        }
    )
    (finding,) = json.loads(run("check", "--format", "json").stdout)["findings"]
    assert finding["fix_hint"].startswith(said)


def test_a_plugin_that_every_run_of_pytest_loads_may_stay_out(run, write):
    write({"conftest.py": "import colorsys", "tests/test_one.py": "def test(): pass"})
    write({"importguard.toml": 'heavy = ["colorsys", "schemathesis"]\nselect = ["IG101"]\n'})
    findings = json.loads(run("check", "--pytest", "tests", "--format", "json").stdout)["findings"]
    hints = {one["subject"]: one["fix_hint"] for one in findings}
    assert hints["schemathesis"] == (
        "pytest imports it for every run. Import schemathesis in the tests that need it; a plugin that nobody uses "
        'stays out with `addopts = "-p no:NAME"`.'
    )
    assert hints["colorsys"].startswith(LAZY or "Import it inside the function that uses it.")


def test_a_module_of_the_projects_own_may_do_less(run, write):
    write({"app.py": "import own", "own.py": "", "importguard.toml": 'entry = "app.py"\nheavy = ["own"]\n'})
    (finding,) = json.loads(run("check", "--format", "json").stdout)["findings"]
    assert finding["fix_hint"].startswith(
        LAZY or "Import it inside the function that uses it, or let its modules do less while they are imported."
    )


def test_on_python_3_15_the_remedy_is_to_write_lazy(write):
    from importguard.verdict import Report

    root = write({"app.py": "import colorsys", "importguard.toml": NAMED})
    analysis = analyse(find_project(root).start_of(Kind.SCRIPT, str(root / "app.py")))
    newer = ModuleGraph(msgspec.structs.replace(analysis.graph.trace, python="3.15.2"))
    reports: tuple[Report, ...] = check(msgspec.structs.replace(analysis, graph=newer)).reports
    assert "Write `lazy import`" in reports[0].findings[0].fix_hint


def test_a_framework_is_found_until_somebody_allows_it(run, write):
    files = {"fastapi/__init__.py": "", "app.py": "from fastapi import FastAPI\napp = FastAPI()"}
    write({**files, "importguard.toml": 'entry = "app.py"\nheavy = ["fastapi"]\n'})
    result = run("check", "--format", "json")
    (finding,) = json.loads(result.stdout)["findings"]
    assert (result.returncode, finding["code"]) == (1, "IG101")
    assert 'allow = ["fastapi"]' in finding["fix_hint"]
    write({"importguard.toml": 'entry = "app.py"\nheavy = ["fastapi"]\nallow = ["fastapi"]\n'})
    assert run("check").returncode == 0


NOT_BUILT_ON_IT = {
    "one that may do without it": "try: import fastapi\nexcept ImportError: pass",
    "a part of what it is built on": "import flask",
}


@pytest.mark.parametrize("text", NOT_BUILT_ON_IT.values(), ids=NOT_BUILT_ON_IT.keys())
def test_a_framework_that_the_program_itself_does_not_need_is_none_to_allow(run, write, text):
    packages = {"site-packages/fastapi/__init__.py": "", "site-packages/flask/__init__.py": "import fastapi"}
    write({**packages, "app.py": text})
    write(
        {"importguard.toml": 'entry = "app.py"\npaths = ["site-packages"]\nheavy = ["fastapi"]\nselect = ["IG101"]\n'}
    )
    findings = json.loads(run("check", "--format", "json").stdout)["findings"]
    assert [one["subject"] for one in findings] == ["fastapi"]
    assert "This program is built on fastapi" not in findings[0]["fix_hint"]


FIRST_USES_LATER = {
    "in a function": ("import tkinter\ndef f(): import colorsys", "Whoever is first to get there waits."),
    "lazily": ("import tkinter\n__lazy_modules__ = ['colorsys']\nimport colorsys", "Warm it; the code stays as it is"),
}


@pytest.mark.parametrize(("text", "said"), FIRST_USES_LATER.values(), ids=FIRST_USES_LATER.keys())
def test_on_python_3_15_only_a_lazy_import_is_warmed_as_it_is(write, text, said):
    root = write({"app.py": text, "importguard.toml": NAMED})
    analysis = analyse(find_project(root).start_of(Kind.SCRIPT, str(root / "app.py")))
    newer = ModuleGraph(msgspec.structs.replace(analysis.graph.trace, python="3.15.2"))
    subject = Subject(analysis.start, newer, analysis.manifest, None)
    kind = ImportKind.LAZY if "lazy" in text else ImportKind.DEFERRED
    assert first_use_remedy(subject, "colorsys", kind).startswith(said)


@pytest.mark.parametrize(
    ("text", "framework"),
    [
        ("from fastapi import FastAPI\napp = FastAPI()", "fastapi"),
        ("from django.core.wsgi import get_wsgi_application\napplication = get_wsgi_application()", "django"),
        ("from flask import Flask\napp = Flask(__name__)", "flask"),
    ],
)
def test_init_accepts_the_framework_of_a_server_and_says_why(run, write, text, framework):
    root = write({"server.py": text})
    said = run("init").stdout
    assert f'It has allow = ["{framework}"]: the application is built on {framework}' in said
    assert find_project(root).config.allow == (framework,)


def test_init_allows_nothing_where_there_is_no_framework(run, write):
    root = write({"main.py": "print(1)"})
    assert "allow" not in run("init").stdout
    assert find_project(root).config.allow == ()


PART = "#" * 200_000  # a module of some 2.4 ms, by estimate


@pytest.mark.parametrize(("modules", "near"), [(1, False), (9, True), (14, True), (40, False)])
def test_an_estimate_near_the_limit_says_so(run, write, modules, near):
    names = [f"big.part{index}" for index in range(modules)]
    files = {f"{name.replace('.', '/')}.py": PART for name in names}
    write({**files, "big/__init__.py": "", "app.py": f"import {', '.join(names)}"})
    write({"importguard.toml": 'entry = "app.py"\n'})
    assert ("importguard measure" in run("check").stdout) == near


def test_what_was_measured_is_near_nothing(run, write):
    write({"app.py": "import colorsys", "importguard.toml": 'entry = "app.py"\nheavy_ms = 0.3\n'})
    assert "importguard measure" in run("check").stdout
    run("measure", "--runs", "1")
    assert "importguard measure" not in run("check").stdout
