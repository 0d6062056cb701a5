"""What `check` says of dear imports: which package, which statements have to go, what that saves; and the plan."""

import json
from pathlib import Path

import pytest

HEAVY = "heavy_ms = 15.0\n"
PART = "#" * 300_000  # a module of some 3.6 ms, by estimate


def package(name, modules=6, head=""):
    """A package that imports all of its *modules*, six of which are too dear."""
    names = [f"part{index}" for index in range(modules)]
    body = head + "".join(f"from {name} import {one}\n" for one in names)
    return {f"{name}/__init__.py": body, **{f"{name}/{one}.py": PART for one in names}}


def framework(name, modules=6):
    """A package with an empty `__init__`; `core` loads the rest, `one` and `two` load `core`."""
    names = [f"part{index}" for index in range(modules)]
    return {
        f"{name}/__init__.py": "",
        f"{name}/core.py": "".join(f"import {name}.{one}\n" for one in names),
        f"{name}/one.py": f"from {name} import core\n",
        f"{name}/two.py": "from . import core\n",
        **{f"{name}/{one}.py": PART for one in names},
    }


@pytest.fixture
def judge(run, write, tmp_path):
    """`judge(files, packages, config)`: the JSON of `check` on app.py, which finds *packages* as installed ones.

    The first line of app.py says where they are, so its own code begins in line 2.
    """

    def call(files, packages=None, config=HEAVY, *arguments):
        head = f"import sys; sys.path.append({str(tmp_path / 'site-packages')!r})\n"
        write({f"site-packages/{name}": text for name, text in (packages or {}).items()})
        write({**files, "app.py": head + files["app.py"], "importguard.toml": 'entry = "app.py"\n' + config})
        result = run("check", "--format", "json", *arguments)
        said = result.stderr.splitlines()
        assert [line for line in said if not line.startswith("importguard: nothing was found in app.py.")] == []
        return json.loads(result.stdout) | {"code": result.returncode}

    return call


def found(verdict, code="IG101"):
    """(subject, places, modules) of each finding of *code*."""
    return [
        (one["subject"], sorted(f"{at['path']}:{at['line']}" for at in one["statements"]), one["modules"])
        for one in verdict["findings"]
        if one["code"] == code
    ]


FORMS = {
    "import": "import fw.one",
    "from": "from fw.one import core",
    "submodule of the package": "from fw import one",
    "renamed": "import fw.one as f",
    "star": "from fw.one import *",
    "by name": "import importlib; importlib.import_module('fw.one')",
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS.keys())
def test_a_package_used_through_a_submodule_is_the_subject_with_all_that_goes(judge, form):
    assert found(judge({"app.py": form}, framework("fw"))) == [("fw", ["app.py:2"], 9)]


def test_two_modules_that_import_one_package_have_to_go_together(judge):
    files = {"app.py": "import a\nimport b", "a.py": "import big", "b.py": "import json\n\nimport big"}
    verdict = judge(files, package("big"))
    assert found(verdict) == [("big", ["a.py:1", "b.py:3"], 7)]
    (finding,) = verdict["findings"]
    assert ([at["modules"] for at in finding["statements"]], finding["line"]) == ([0, 0], 1)
    assert [step["path"] for step in finding["statements"][0]["chain"]] == ["app.py", "a.py"]


def test_the_dearest_statement_comes_first_with_what_it_saves_alone(judge):
    packages = framework("fw") | {"fw/two.py": ""}
    verdict = judge({"app.py": "import fw.two\nimport fw.one"}, packages)
    (finding,) = verdict["findings"]
    assert [(at["line"], at["modules"]) for at in finding["statements"]] == [(3, 8), (2, 1)]
    assert (finding["line"], finding["modules"]) == (2, 10)


def test_a_statement_that_only_runs_because_of_another_is_not_named(judge):
    """`plugin` is loaded by `big` alone: its import of `big` goes with the one in app.py."""
    files = {"app.py": "import big", "plugin.py": "import big"}
    assert found(judge(files, package("big", head="import plugin\n"))) == [("big", ["app.py:2"], 8)]


def test_a_submodule_that_is_loaded_already_is_imported_all_the_same(judge):
    files = {"app.py": "from fw.one import core\nfrom fw.two import core as c"}
    verdict = judge(files, framework("fw"))
    assert found(verdict) == [("fw", ["app.py:2", "app.py:3"], 10)]
    assert [at["modules"] for at in verdict["findings"][0]["statements"]] == [1, 1]


OTHERS = {"one": "import one", "two": "import two"}
LIGHT = {"one.py": "import big", "two.py": "import big"}


KEEPING = """
    from importlib import import_module
    NAMES = {"one": ".core", "two": ".core"}
    def __getattr__(name):
        if name not in NAMES:
            raise AttributeError(name)
        module = import_module(NAMES[name], __name__)
"""
LAZY = {
    "the name is kept": KEEPING + "        globals()[name] = getattr(module, name)\n        return globals()[name]\n",
    "all names of its module are kept": KEEPING
    + """
        for kept in NAMES:
            globals()[kept] = getattr(module, kept)
        return getattr(module, name)
    """,
    "nothing is kept": KEEPING + "        return getattr(module, name)\n",
}
USES = {
    "from": ("from fw import one", "from fw import two"),
    "attribute": ("import fw; fw.one", "import fw; fw.two"),
    "the same name": ("from fw import one", "from fw import one"),
}


@pytest.mark.parametrize("package", LAZY.values(), ids=LAZY.keys())
@pytest.mark.parametrize(("first", "second"), USES.values(), ids=USES.keys())
def test_a_lazily_exported_name_that_is_there_already_is_imported_all_the_same(judge, package, first, second):
    core = framework("fw")["fw/core.py"] + "def one(): ...\ndef two(): ...\n"
    files = {"app.py": "import left, right", "left.py": first, "right.py": second}
    verdict = judge(files, {**framework("fw"), "fw/__init__.py": package, "fw/core.py": core})
    ((subject, places, modules),) = found(verdict)
    assert (subject, places, modules >= 8) == ("fw", ["left.py:1", "right.py:1"], True)
    assert [one["modules"] for one in verdict["findings"][0]["statements"]] == [0, 0]


@pytest.mark.parametrize("config", [HEAVY, HEAVY + 'heavy = ["big"]\n', 'heavy = ["big"]\n'])
def test_what_two_packages_share_is_found_with_both(judge, config):
    verdict = judge({"app.py": "import one\nimport two"}, {**package("big"), **LIGHT}, config)
    assert (verdict["code"], found(verdict)) == (1, [("big", ["app.py:2", "app.py:3"], 9)])


def test_what_several_share_says_who(judge):
    verdict = judge({"app.py": "import one\nimport two"}, {**package("big"), **LIGHT})
    assert "shared by one and two" in verdict["findings"][0]["message"]
    assert verdict["plan"]["steps"][0]["shared_by"] == ["one", "two"]


def test_what_comes_through_a_dear_package_is_named_under_that(judge):
    packages = {**package("big"), **package("whole", head="import big\n")}
    assert found(judge({"app.py": "import whole\nimport big"}, packages)) == [("whole", ["app.py:2"], 7)]
    assert found(judge({"app.py": "import whole"}, packages)) == [("whole", ["app.py:2"], 14)]


def test_a_name_in_heavy_is_not_loaded_by_any_path(judge):
    packages = {**package("big"), "one.py": "import big", "two.py": "import one"}
    verdict = judge({"app.py": "import two\nimport big"}, packages, 'heavy = ["big"]\n')
    assert found(verdict) == [("big", ["app.py:2", "app.py:3"], 9)]


def test_a_dotted_name_in_heavy_is_a_subject_as_written(judge):
    packages = framework("fw") | {"fw/two.py": ""}
    verdict = judge({"app.py": "import fw.two, fw.one"}, packages, 'heavy = ["fw.core"]\n')
    assert found(verdict) == [("fw.core", ["app.py:2"], 8)]


def test_in_a_namespace_package_the_subject_is_what_one_distribution_owns(judge):
    packages = {f"space/{name}": text for name, text in package("tool").items()}
    packages = {name: text.replace("from tool", "from space.tool") for name, text in packages.items()}
    packages["space/other/__init__.py"] = ""
    verdict = judge({"app.py": "import space.other\nfrom space.tool import part1"}, packages)
    assert found(verdict) == [("space.tool", ["app.py:3"], 7)]


FAILING = {
    "try": "try:\n    import pkg\nexcept ImportError:\n    pass",
    "suppress": "from contextlib import suppress\nwith suppress(ImportError):\n    import pkg",
}


@pytest.mark.parametrize("form", FAILING.values(), ids=FAILING.keys())
def test_what_a_module_loaded_before_its_import_failed_is_paid(judge, run, form):
    files = {
        "app.py": form,
        "pkg/__init__.py": "from . import inner\nimport nowhere_to_be_found\n",
        "pkg/inner.py": "import big",
    }
    verdict = judge(files, package("big"))
    assert found(verdict) == [("big", ["pkg/inner.py:1"], 7)]
    chain = verdict["findings"][0]["statements"][0]["chain"]
    assert [step["imported"] for step in chain] == ["pkg", "pkg.inner", "big"]
    assert "pkg/inner.py:1" in run("why", "big").stdout
    assert "saves 21 ms, 7 modules" in run("why", "big").stdout


def test_own_modules_that_are_dear_are_found_at_the_statement_outside_of_them(judge):
    files = {"app.py": "import a", "a.py": "\nimport engine", **package("engine")}
    assert found(judge(files)) == [("engine", ["a.py:2"], 7)]


def test_an_own_package_is_not_dear_for_what_it_loads_of_others(judge):
    files = {"app.py": "import shop", "shop/__init__.py": "from shop import views", "shop/views.py": "import big"}
    assert found(judge(files, package("big"))) == [("big", ["shop/views.py:1"], 7)]


def test_an_own_package_in_heavy_is_found_whatever_it_costs(judge):
    files = {"app.py": "import a", "a.py": "import small", "small.py": ""}
    assert found(judge(files, config='heavy = ["small"]\n')) == [("small", ["a.py:1"], 1)]


def test_the_import_of_the_application_itself_is_no_finding_and_no_cut(run, write):
    write({**package("app"), "app/cli.py": "from app import part1", "importguard.toml": HEAVY + 'import = "app.cli"'})
    result = run("check", "--format", "json")
    assert (result.returncode, found(json.loads(result.stdout))) == (0, [])
    write({"run.py": "from app import cli", "app/cli.py": "import colorsys"})
    assert "Cut" in run("why", "colorsys", "run.py").stdout
    assert "run.py:1  " not in run("why", "colorsys", "run.py").stdout


def test_an_installed_program_is_own_code(run, write):
    write({"importguard.toml": "heavy_ms = 5.0\n"})
    (finding, *_) = json.loads(run("check", "--import", "pytest", "--format", "json").stdout)["findings"]
    assert (finding["code"], finding["subject"]) == ("IG101", "_pytest")
    assert {Path(at["path"]).parts[-2:] for at in finding["statements"]} == {("pytest", "__init__.py")}


def test_what_is_allowed_is_no_finding_and_nothing_that_it_loads(judge):
    packages = {**package("big"), **package("whole", head="import big\n")}
    verdict = judge({"app.py": "import whole\nimport big"}, packages, HEAVY + 'allow = ["whole"]\n')
    assert (verdict["code"], found(verdict)) == (0, [])
    assert [one["subject"] for one in verdict["plan"]["allowed"]] == ["whole"]


def test_what_is_allowed_does_not_hide_what_stands_beside_it(judge):
    packages = {**package("big"), **package("frame")}
    verdict = judge({"app.py": "import frame, big"}, packages, HEAVY + 'allow = ["frame"]\n')
    assert found(verdict) == [("big", ["app.py:2"], 7)]


LATER = {
    "under an unknown condition": "import sys\ndef f():\n    import big\nif len(sys.argv) > 9:\n    f()",
    "not called": "def f():\n    import big",
    "typing": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import big",
}


@pytest.mark.parametrize("form", LATER.values(), ids=LATER.keys())
def test_an_import_that_a_function_may_never_run_is_no_cost_of_the_start(judge, form):
    verdict = judge({"app.py": form}, package("big"))
    assert (verdict["code"], found(verdict)) == (0, [])


def test_an_import_in_a_function_that_the_start_calls_is_one(judge):
    assert found(judge({"app.py": "def f():\n    import big\nf()"}, package("big"))) == [("big", ["app.py:3"], 7)]


def test_what_else_a_line_imports_may_stay_and_is_in_no_promise(judge):
    verdict = judge({"app.py": "import colorsys, big, wave"}, package("big"))
    assert found(verdict) == [("big", ["app.py:2"], 7)]
    (finding,) = verdict["findings"]
    assert finding["message"].endswith(" ms); colorsys and 1 more at app.py:2 may stay")
    (alone,) = judge({"app.py": "import big.part1, big"}, package("big"))["findings"]
    assert alone["message"].endswith(" ms)")


def test_a_call_that_makes_a_library_import_is_no_statement_to_cut(judge):
    """Nobody can take `multiprocessing.queues` out of the call; without line 2 it does not load."""
    code = "import multiprocessing\nqueue = multiprocessing.Queue()"
    verdict = judge({"app.py": code}, {}, 'heavy = ["multiprocessing"]\n')
    (finding,) = found(verdict)
    assert finding[:2] == ("multiprocessing", ["app.py:2"])


PLANS = {
    "nothing": {"app.py": ""},
    "light": {"app.py": "import json, one"},
    "one": {"app.py": "import big"},
    "shared": {"app.py": "import one\nimport two\nimport json"},
    "overlap": {"app.py": "import whole\nimport big\nimport one"},
    "own": {"app.py": "import engine\nimport one", **package("engine", head="import big\n")},
    "maybe": {"app.py": "import sys, big\ndef f():\n    import whole\nif sys.argv[3:]:\n    f()"},
    "failed": {"app.py": "try:\n    import bad\nexcept ImportError:\n    import one", "bad.py": "import big, nowhere"},
}
INSTALLED = {**package("big"), **package("whole", head="import big\nimport argparse\n"), **LIGHT}


@pytest.mark.parametrize("allow", [(), ("big",), ("whole",), ("one", "engine")])
@pytest.mark.parametrize("files", PLANS.values(), ids=PLANS.keys())
def test_the_steps_what_is_allowed_and_the_rest_are_the_start(judge, files, allow):
    verdict = judge(files, INSTALLED, HEAVY + f"allow = {list(allow)}\n")
    plan = verdict["plan"]
    others = [one for part in ("allowed", "conditional", "rest") for one in plan[part]]
    assert sum(one["modules"] for one in (*plan["steps"], *others)) == verdict["modules"]
    saved = sum(one["saves_us"] for one in plan["steps"])
    assert saved + sum(one["cost_us"] for one in others) == verdict["cost_us"]
    for before, after in zip(plan["steps"], plan["steps"][1:], strict=False):
        assert after["remains_us"] == before["remains_us"] - after["saves_us"]


def test_a_plan_says_what_each_cut_saves_after_the_ones_before(judge):
    packages = {**package("big"), **package("a", 9, "import big\n"), **package("b", 7, "import big\n")}
    verdict = judge({"app.py": "import b\nimport a"}, packages)
    assert [(one["subject"], one["modules"]) for one in verdict["plan"]["steps"]] == [("a", 10), ("b", 15)]
    assert verdict["plan"]["steps"][0]["statements"] == [{"path": "app.py", "line": 3}]
    assert found(verdict) == [("b", ["app.py:2"], 8), ("a", ["app.py:3"], 10)]


def rows(text, title="Package"):
    lines = text.splitlines()
    start = next(index for index, line in enumerate(lines) if line.startswith(title))
    return lines[start + 1 : lines.index("", start)]


@pytest.mark.parametrize("config", [None, ""])
def test_the_text_has_the_plan_with_and_without_a_configuration(run, write, config):
    many = {f"m{index}.py": "" for index in range(12)}
    write({**many, "app.py": "import " + ", ".join(name.removesuffix(".py") for name in many)})
    if config is not None:
        write({"importguard.toml": config})
    table = rows(run("check", "app.py").stdout)
    assert (len(table), table[-1].split()[:2]) == (9, ["everything", "else"])
    assert sum(int(row.split(" ms ")[1].split()[0]) for row in table) == 13


def test_the_text_lists_the_statements_of_a_finding(run, judge):
    judge({"app.py": "import a\nimport b", "a.py": "import big", "b.py": "import big"}, package("big"))
    lines = run("check").stdout.splitlines()
    assert lines[0] == "a.py:1: IG101 big is imported eagerly on the main thread (2 statements, 21 ms)"
    assert lines[1:3] == [
        "    a.py:1  alone 0 ms; __main__ → a → big",
        "    b.py:1  alone 0 ms; __main__ → b → big",
    ]


def test_github_gets_an_annotation_for_each_statement(run, judge):
    judge({"app.py": "import a\nimport b", "a.py": "import big", "b.py": "import big"}, package("big"))
    lines = run("check", "--format", "github").stdout.splitlines()
    assert [line.partition(",title")[0] for line in lines] == ["::error file=a.py,line=1", "::error file=b.py,line=1"]


def test_why_and_check_name_the_same_statements_and_saving(run, judge):
    files = {"app.py": "import a\nimport b", "a.py": "import big", "b.py": "import big"}
    (finding,) = judge(files, package("big"))["findings"]
    (entry,) = json.loads(run("why", "big", "--format", "json").stdout)["entries"]
    (cut,) = entry["cuts"]
    assert (cut["modules"], cut["saves_us"]) == (finding["modules"], finding["cost_us"])
    assert cut["statements"] == finding["statements"]


def test_a_statement_of_an_own_module_whose_import_failed_is_the_one_to_cut(judge, run):
    files = {"app.py": FAILING["try"], "pkg.py": "import big\nimport nowhere_to_be_found\n"}
    verdict = judge(files, package("big"))
    assert found(verdict) == [("big", ["pkg.py:1"], 7)]
    assert [one["subject"] for one in verdict["entries"][0]["plan"]["steps"]] == ["big"]
    assert "pkg.py:1" in run("why", "big").stdout
