"""Several `[[entry]]` tables in one configuration, and settings by path."""

import json
import os
import subprocess
import textwrap
from collections import Counter
from xml.etree import ElementTree as ET

import pytest

from importguard import Kind, find_project

SHOP = {
    "web.py": "import shared, colorsys",
    "worker.py": "import shared, calendar",
    "shared.py": "import string",
    "importguard.toml": """
        heavy = ["colorsys", "calendar"]

        [[entry]]
        name = "web"
        script = "web.py"
        allow = ["colorsys"]

        [[entry]]
        import = "worker"
        budget_modules = 500
    """,
}


LOCKED = {**SHOP, "importguard.toml": 'lock = "importguard.lock"\n' + textwrap.dedent(SHOP["importguard.toml"])}


def answer(result):
    assert not result.stderr or result.stderr.startswith("importguard: nothing was found in ")
    return json.loads(result.stdout)


def config(write, text):
    return find_project(write({"importguard.toml": text}))


def test_each_entry_has_its_own_allowances(run, write):
    write(SHOP)
    found = answer(run("check", "--format", "json", "--select", "IG101"))
    assert [(one["subject"], one["entries"]) for one in found["findings"]] == [("calendar", ["worker"])]
    assert [(one["entry"], one["ok"]) for one in found["entries"]] == [("web", True), ("worker", False)]


@pytest.mark.parametrize(
    ("arguments", "code"), [((), 1), (("--entry", "web"), 0), (("--entry", "worker"), 1), (("web.py",), 0)]
)
def test_a_run_checks_all_entries_or_those_that_are_named(run, write, arguments, code):
    write(SHOP)
    assert run("check", "--select", "IG101", *arguments).returncode == code


def test_lists_add_to_the_shared_ones_and_the_rest_replaces_them(write):
    project = config(
        write,
        """
        allow = ["a"]
        heavy_ms = 10
        per-path = {"x.py" = ["IG101"]}
        [[entry]]
        script = "one.py"
        allow = ["b"]
        per-path = {"y.py" = ["IG102"]}
        [[entry]]
        script = "two.py"
        heavy_ms = 20
        """,
    )
    one, two = (start.config for start in project.entries)
    assert (one.allow, one.heavy_ms, set(one.per_path)) == (("a", "b"), 10, {"x.py", "y.py"})
    assert (two.allow, two.heavy_ms, set(two.per_path)) == (("a",), 20, {"x.py"})


def test_a_script_that_is_no_entry_is_judged_by_the_shared_policy_alone(write):
    text = 'heavy = ["x"]\nlock = "l"\n[[entry]]\nscript = "one.py"\nallow = ["x"]\nmanifest = "m.json"'
    shared = config(write, text).start_of(Kind.SCRIPT, "other.py").config
    assert (shared.heavy, shared.allow, shared.lock, shared.manifest) == (("x",), (), None, None)


BAD = {
    '[[entry]]\nname = "a"': "`entry[0]`: needs a start: script = ",
    '[[entry]]\nscript = "a.py"\nmodule = "a"': "`entry[0].module`: cannot stand beside `script`; keep one of them",
    '[[entry]]\nrun_module = "a"\ncommand = "a"': "`entry[0].command`: cannot stand beside `run_module`",
    'entry = "a.py"\nimport = "a"': "`import`: cannot stand beside `entry`; keep one of them",
    'args = ["x"]': "`args`: belongs to a start",
    'args = ["x"]\n[[entry]]\nscript = "a.py"': "`args`: cannot stand beside [[entry]] tables",
    'import = "a"\nargs = ["x"]': "`args`: an import has no arguments; did you mean run_module or command?",
    'entry = "a.py"\nargs = "x"': "`args`: expected `array",
    '[[entry]]\nscript = "a.py"\n[[entry]]\nscript = "b.py"\nalow = []': "`entry[1].alow`: unknown key; did you mean",
    '[[entry]]\nscript = "a.py"\nbudget_ms = "x"': "`entry[0].budget_ms`: expected",
    "[[entry]]\nscript = 3": "`entry[0].script`: expected a text",
    '[[entry]]\nentry = "a.py"': "`entry[0].entry`: is called script here",
    '[[entry]]\nscript = "a.py"\n[[entry]]\nscript = "a.py"': "`entry[1].name`: a.py is taken",
    'module = "b"\n[[entry]]\nscript = "a.py"': "`module`: cannot stand beside [[entry]] tables",
    'manifest = "m"\n[[entry]]\nscript = "a.py"\n[[entry]]\nscript = "b.py"': "a.py and b.py both name m",
    '[entry]\nscript = "a.py"': "a table written [[entry]]",
    'entry = ["a.py"]': "`entry[0]`: expected a table: [[entry]]",
    '[per-path]\n"*.py" = ["IG999"]\n[[entry]]\nscript = "app.py"': "no rule has the code IG999",
    '[per-path]\n"[z-a]" = ["IG1"]\n[[entry]]\nscript = "app.py"': "is no gitignore pattern: no path can match [z-a]",
    '[per-path]\n"!" = ["IG1"]\n[[entry]]\nscript = "app.py"': "is no gitignore pattern",
    'pythons = ["three"]\nlock = "l"\n[[entry]]\nscript = "app.py"': '`pythons`: expected versions such as "3.12"',
    'platforms = ["plan9"]\nlock = "l"\n[[entry]]\nscript = "app.py"': "`platforms`: knows linux, darwin, win32",
}


@pytest.mark.parametrize(("text", "said"), BAD.items(), ids=range(len(BAD)))
def test_a_bad_entry_exits_2_and_is_named(run, write, text, said):
    write({"app.py": "", "importguard.toml": text})
    result = run(*(("lock", "--write") if "lock" in text else ("check",)))
    assert (result.returncode, result.stdout, "Traceback" in result.stderr) == (2, "", False)
    assert said in result.stderr


def test_an_unknown_entry_exits_2_and_the_known_ones_are_named(run, write):
    write(SHOP)
    result = run("check", "--entry", "wbe")
    assert (result.returncode, "none is called wbe; the entries are web, worker" in result.stderr) == (2, True)


def test_a_broken_pattern_of_governed_files_exits_2(run, write):
    write({"app.py": "import threading\nthreading.Thread()", "importguard.toml": 'governed = ["[z-a]"]'})
    result = run("check", "app.py")
    assert (result.returncode, "`governed`: is no gitignore pattern" in result.stderr) == (2, True)


def test_one_lock_holds_each_entry_and_is_kept_when_one_is_written_anew(run, write, tmp_path):
    write(LOCKED)
    run("lock", "--write")
    held = json.loads((tmp_path / "importguard.lock").read_text())["entries"]
    assert {name: one["modules"] for name, one in held.items()} == {
        "web": ["shared"],
        "worker": ["shared", "worker"],
    }
    write({"web.py": "import shared, late", "late.py": ""})
    assert [one["entries"] for one in answer(run("check", "--format", "json", "--select", "IG202"))["findings"]] == [
        ["web"]
    ]
    run("lock", "--write", "--entry", "web")
    held = json.loads((tmp_path / "importguard.lock").read_text())["entries"]
    assert {name: one["modules"] for name, one in held.items()} == {
        "web": ["late", "shared"],
        "worker": ["shared", "worker"],
    }


def test_an_entry_that_the_lock_lacks_is_a_finding(run, write):
    write({**LOCKED, "importguard.lock": '{"schema": 2, "entries": {"web": {"modules": ["shared"]}}}'})
    assert "importguard.lock says nothing of worker" in run("check", "--select", "IG202").stdout


def test_a_comment_in_a_shared_file_is_of_use_when_one_entry_needs_it(run, write):
    comment = "import calendar  # importguard: ignore[IG101] the worker starts at night"
    toml = SHOP["importguard.toml"].replace('["colorsys"]\n', '["colorsys", "calendar"]\n')
    write({**SHOP, "shared.py": comment, "worker.py": "import shared", "importguard.toml": toml})
    codes = ("--select", "IG101,IG503")
    assert [run("check", *codes, *of).returncode for of in ((), ("--entry", "web"), ("--entry", "worker"))] == [0, 0, 0]
    write({"importguard.toml": toml.replace('"calendar"]', '"string"]', 1)})
    assert [one["code"] for one in answer(run("check", "--format", "json", *codes))["findings"]] == ["IG503"]


def test_unchanged_files_of_several_entries_are_read_once_in_a_run(run, write, tmp_path, monkeypatch):
    write({**SHOP, "other.py": "", "web.py": "import shared, other"})
    run("check")
    opened = []
    of_system = os.open
    monkeypatch.setattr(
        os, "open", lambda path, *how, **more: opened.append(str(path)) or of_system(path, *how, **more)
    )
    run("check")
    read = Counter(os.path.basename(path) for path in opened if path.startswith(str(tmp_path)) and path.endswith("py"))
    assert read == {"web.py": 1, "worker.py": 1, "shared.py": 1, "other.py": 1}


def test_comments_that_come_and_go_in_a_shared_file_are_seen_in_the_next_run(run, write):
    toml = SHOP["importguard.toml"].replace('["colorsys"]\n', '["calendar"]\n')
    write({**SHOP, "web.py": "import shared", "worker.py": "import shared", "importguard.toml": toml})
    imported = "import colorsys"
    comment = "  # importguard: ignore[IG101] a small one"

    def findings(shared):
        write({"shared.py": shared})
        return [one["code"] for one in answer(run("check", "--format", "json"))["findings"]]

    assert findings(imported) == ["IG101"]
    assert findings(imported + comment) == []
    assert findings(imported + comment) == []
    assert findings("import string" + comment) == ["IG503"]
    assert findings(imported) == ["IG101"]


def test_the_same_finding_in_two_entries_stands_once(run, write):
    write({**SHOP, "shared.py": "import no_such_module_here"})
    (found,) = answer(run("check", "--format", "json", "--select", "IG501"))["findings"]
    assert found["entries"] == ["web", "worker"]
    assert len(run("check", "--format", "github", "--select", "IG501").stdout.splitlines()) == 1
    scan = json.loads(run("check", "--format", "sarif", "--select", "IG501").stdout)["runs"][0]
    assert len(scan["results"]) == 1
    assert run("check", "--select", "IG501").stdout.count("cannot be resolved") == 1


def test_junit_has_a_suite_an_entry(run, write):
    write(SHOP)
    root = ET.fromstring(run("check", "--format", "junit", "--select", "IG101").stdout)
    suites = {suite.get("name"): suite.get("failures") for suite in root.iter("testsuite")}
    assert suites == {"importguard.web": "0", "importguard.worker": "1"}


def test_text_and_markdown_have_a_verdict_an_entry(run, write):
    write(SHOP)
    text = run("check", "--select", "IG101").stdout
    assert ("✓ Clean. web loads" in text, "✗ 1 problem. worker loads" in text, "in:   worker" in text) == (True,) * 3
    markdown = run("check", "--select", "IG101", "--format", "markdown").stdout
    assert ("`web` loads" in markdown, "`worker` loads" in markdown) == (True, True)


def test_graph_why_and_measure_take_all_entries(run, write, tmp_path):
    write(SHOP)
    graphs = answer(run("graph", "--format", "json"))["entries"]
    assert {name: "calendar" in str(one["modules"]) for name, one in graphs.items()} == {"web": False, "worker": True}
    assert "shared" in run("graph").stdout.partition("\nworker\n")[2]
    why = run("why", "calendar").stdout
    assert ("web:\ncalendar is not among" in why, "worker.py:1" in why) == (True, True)
    measured = run("measure", "--runs", "1").stdout
    assert ("The start of web takes" in measured, "The start of worker takes" in measured) == (True, True)
    assert {"colorsys", "calendar", "shared"} <= set(
        json.loads((tmp_path / "importguard.costs.json").read_text())["self_us"]
    )


@pytest.mark.parametrize("arguments", [("graph", "--format", "dot"), ("manifest",)])
def test_what_is_of_one_start_asks_for_its_name(run, write, arguments):
    write(SHOP)
    result = run(*arguments)
    assert (result.returncode, "name one of web, worker with --entry" in result.stderr) == (2, True)
    assert run(*arguments, "--entry", "web").returncode == 0


WARMED = {
    "web.py": "def _require_warmed(name): ...\ndef use(): _require_warmed('one')",
    "worker.py": "def _require_warmed(name): ...\ndef use(): _require_warmed('two')",
    "one.py": "",
    "two.py": "",
    "importguard.toml": """
        [[entry]]
        script = "web.py"
        manifest = "web.json"
        [[entry]]
        script = "worker.py"
        manifest = "worker.json"
    """,
}


def test_each_entry_has_a_manifest(run, write, tmp_path):
    write(WARMED)
    run("manifest", "--write")
    jobs = [json.loads((tmp_path / name).read_text())["jobs"][0]["module"] for name in ("web.json", "worker.json")]
    assert jobs == ["one", "two"]
    assert (run("manifest", "--check").returncode, run("check").returncode) == (0, 0)
    write({"worker.py": WARMED["worker.py"].replace("two", "one")})
    stale = run("manifest", "--check")
    assert (stale.returncode, "web.json is fresh" in stale.stdout, "worker.json is stale" in stale.stdout) == (
        1,
        True,
        True,
    )


def test_a_baseline_is_shared_and_not_written_for_some_of_its_entries(run, write):
    write({**SHOP, "importguard.toml": 'baseline = "old.json"\n' + textwrap.dedent(SHOP["importguard.toml"])})
    refused = run("check", "--write-baseline", "--entry", "web")
    assert (refused.returncode, "also accepts findings of worker" in refused.stderr) == (2, True)
    run("check", "--write-baseline")
    assert run("check").returncode == 0


def test_against_a_revision_each_entry_is_compared_and_a_new_one_is_told(run, write, tmp_path):
    write({**SHOP, "importguard.toml": '[[entry]]\nscript = "web.py"'})
    identity = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    for command in (["init", "-q"], ["add", "."], [*identity, "commit", "-qm", "first"]):
        subprocess.run(["git", *command], cwd=tmp_path, check=True, capture_output=True)
    write({"web.py": "import shared, colorsys, late", "late.py": "", "importguard.toml": SHOP["importguard.toml"]})
    web, worker = run("check", "--against", "HEAD").stdout.split("\n\n")[:2]
    assert (web.startswith("web: +"), "+1 module via web.py:1  late" in web) == (True, True)
    assert worker.startswith("worker: new: +")
    markdown = run("check", "--against", "HEAD", "--format", "markdown").stdout
    assert ("at startup of `web` against" in markdown, "| `web.py:1` | late | +1 |" in markdown) == (True, True)


def test_per_path_leaves_rules_out_by_pattern(run, write):
    files = {"app.py": "import pkg.old, new", "pkg/__init__.py": "", "pkg/old.py": "import colorsys"}
    toml = 'entry = "app.py"\nheavy = ["colorsys", "calendar"]\n[per-path]\n"/pkg/**" = ["IG101"]'
    write({**files, "new.py": "import calendar", "importguard.toml": toml})
    assert [one["path"] for one in answer(run("check", "--format", "json"))["findings"]] == ["new.py"]
    write({"importguard.toml": toml.replace('"IG101"', '"IG5"')})
    assert len(answer(run("check", "--format", "json"))["findings"]) == 2


PORTABLE = {
    "app.py": """
        import sys
        if sys.platform == "win32":
            import for_windows, colorama_is_not_here
        elif sys.platform == "darwin":
            import for_macos
        if sys.version_info < (3, 11):
            import tomli_is_not_here.parser
        try:
            import never_installed
        except ImportError:
            pass
        """,
    "for_windows.py": "",
    "for_macos.py": "",
    "pyproject.toml": '[project]\nrequires-python = ">=3.10,<3.14"',
    "importguard.toml": 'entry = "app.py"\nlock = "app.lock"\nselect = ["IG202"]',
}


def test_a_lock_holds_for_every_supported_python_and_platform(run, write, tmp_path):
    write(PORTABLE)
    run("lock", "--write")
    assert json.loads((tmp_path / "app.lock").read_text())["entries"]["app.py"] == {
        "modules": ["for_macos", "for_windows"],
        "elsewhere": ["colorama_is_not_here", "tomli_is_not_here"],
        "standard": [],
    }
    # On another platform the missing package is there, with modules of its own.
    write({"app.py": "import for_windows, tomli_is_not_here.parser", "tomli_is_not_here/__init__.py": ""})
    write({"tomli_is_not_here/parser.py": ""})
    assert run("check").returncode == 0
    write({"app.py": "import for_windows, other", "other.py": ""})
    assert "IG202 other is new" in run("check").stdout


def test_a_lock_holds_only_for_what_the_configuration_supports(run, write, tmp_path):
    toml = PORTABLE["importguard.toml"] + '\npythons = ["3.12"]\nplatforms = ["linux"]'
    write({**PORTABLE, "importguard.toml": toml})
    run("lock", "--write")
    assert json.loads((tmp_path / "app.lock").read_text())["entries"]["app.py"] == {
        "modules": [],
        "elsewhere": [],
        "standard": [],
    }
