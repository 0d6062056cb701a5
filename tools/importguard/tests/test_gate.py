"""What an old or a large project commits beside its code: suppressions, a baseline, a lock; and how it begins."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from importguard.project.config import find_project

APP = {"app.py": "import two", "two.py": "import colorsys"}
HEAVY = 'entry = "app.py"\nheavy = ["colorsys"]\n'


def codes(result):
    return [finding["code"] for finding in json.loads(result.stdout)["findings"]]


@pytest.mark.parametrize(
    ("comment", "expected", "said"),
    [
        ("ignore[IG101] the splash screen covers it", [], ""),
        ("ignore[ig101, IG102] the splash screen covers it, until 2999-12-31", [], ""),
        ("ignore[IG101] covered, until 2020-01-31", ["IG101", "IG503"], "ended on 2020-01-31"),
        ("ignore[IG101] covered, until 2020-13-45", ["IG101", "IG503"], "which is no date"),
        ("ignore[IG101]", ["IG503"], "gives no reason"),
        ("ignore[IG501] not here", ["IG101", "IG503"], "there is no such finding here"),
        ("ignore[] why", ["IG101", "IG503"], "this suppression names no rule"),
        ("ignore[IG101] until 2020-01-01, the splash covers it", ["IG101", "IG503"], "words behind its last day"),
        ("ignore[IG101] covered, until 1 March 2027", ["IG101", "IG503"], "words behind its last day"),
        ("ignore[IG101] covered, Until 2020-01-31", ["IG101", "IG503"], "ended on 2020-01-31"),
        ("ignore[IG101] covered, until further notice", ["IG101", "IG503"], "words behind its last day"),
        ("ignore IG101 covered", ["IG101", "IG503"], "cannot be read"),
        ("ignore", ["IG101", "IG503"], "cannot be read"),
        ("ignore [IG101] covered", ["IG101", "IG503"], "cannot be read"),
        ("ignore[IG101]covered", ["IG101", "IG503"], "cannot be read"),
        ("ignore[IG101; IG102] covered", ["IG101", "IG503"], "cannot be read"),
        ("ignore[IG9] covered", ["IG101", "IG503"], "no rule has that code"),
        ("ignore[IG1] covered", [], ""),
    ],
)
def test_a_suppression_holds_only_while_it_should(run, write, comment, expected, said):
    write({**APP, "two.py": f"import colorsys  # importguard: {comment}", "importguard.toml": HEAVY})
    result = run("check", "--format", "json")
    assert (codes(result), said in result.stdout) == (expected, True)


def test_a_suppression_without_the_space_says_so_whatever_else_is_in_the_file(run, write):
    comment = "import colorsys  # importguard:ignore[IG101] covered"
    for more in ("", "\nx = 1  # importguard: ignore[IG102] there"):
        write({**APP, "two.py": comment + more, "importguard.toml": HEAVY})
        result = run("check")
        assert result.returncode == 1
        assert "two.py:1: IG503 this suppression cannot be read: `# importguard:ignore[IG101] covered`" in result.stdout
        assert "Write it as `# importguard: ignore[IG101] reason, until 2027-03-01`" in result.stdout


def test_a_suppression_at_the_end_of_a_long_import_says_where_to_move(run, write):
    write({**APP, "two.py": "x = 1\nfrom colorsys import (\n    rgb_to_hls,\n)  # importguard: ignore[IG101] covered"})
    write({"importguard.toml": HEAVY})
    result = run("check")
    assert result.returncode == 1
    assert "two.py:4: IG503 the suppression of IG101 accepts nothing: its statement begins in line 2" in result.stdout
    assert "Move the comment to line 2." in result.stdout
    write({"two.py": "x = 1\nfrom colorsys import (  # importguard: ignore[IG101] covered\n    rgb_to_hls,\n)"})
    assert run("check").returncode == 0


def test_a_suppression_in_a_string_is_none(run, write):
    write({**APP, "two.py": 'TEXT = """\n# importguard: ignore[IG101] an example\n"""', "importguard.toml": HEAVY})
    assert codes(run("check", "--format", "json")) == []


def test_a_suppression_of_a_rule_that_is_not_applied_is_not_judged(run, write):
    write({**APP, "two.py": "x = 1  # importguard: ignore[IG101] later", "importguard.toml": HEAVY})
    assert codes(run("check", "--format", "json", "--ignore", "IG101")) == []


def test_a_baseline_accepts_what_is_there_and_nothing_new(run, write):
    both = HEAVY.replace('"colorsys"', '"colorsys", "calendar"')
    write({**APP, "importguard.toml": both + 'baseline = "baseline.json"\n'})
    assert run("check", "--write-baseline").stdout == "Wrote baseline.json: 1 finding accepted for now.\n"
    clean = run("check")
    assert (clean.returncode, "1 in the baseline" in clean.stdout) == (0, True)
    write({"app.py": "import two\nimport three", "three.py": "import colorsys"})
    assert codes(run("check", "--format", "json")) == []  # the package is accepted, wherever it is imported
    write({"three.py": "import calendar"})
    assert codes(run("check", "--format", "json")) == ["IG101"]


def test_a_baseline_survives_moved_lines(run, write):
    write({**APP, "importguard.toml": HEAVY + 'baseline = "baseline.json"\n'})
    run("check", "--write-baseline")
    write({"two.py": "'''Moved.'''\n\n\nimport colorsys"})
    assert run("check").returncode == 0


def test_a_lock_names_what_is_new_with_its_chain_and_cost(run, write):
    write({**APP, "three.py": "", "four.py": "import three", "importguard.toml": 'entry = "app.py"\nlock = "app.lock"'})
    assert run("lock", "--write").stdout == "Wrote app.lock: 1 module.\n"
    assert run("check").returncode == 0
    write({"two.py": "import colorsys\nimport four"})
    result = run("check")
    assert result.returncode == 1
    assert "two.py:2: IG202 four is new among the modules that the start loads" in result.stdout
    assert "three is new" not in result.stdout  # it comes with four, and is counted there
    assert "2 modules" in result.stdout


def test_a_lock_is_updated_without_losing_what_another_python_loads(run, write, tmp_path):
    write({**APP, "importguard.toml": 'entry = "app.py"\nlock = "app.lock"'})
    (tmp_path / "app.lock").write_text('{"schema": 2, "entries": {"app.py": {"modules": ["only_elsewhere"]}}}')
    run("lock", "--update")
    assert json.loads((tmp_path / "app.lock").read_text())["entries"]["app.py"]["modules"] == ["only_elsewhere", "two"]


def test_a_lock_holds_the_same_bytes_every_time(run, write, tmp_path):
    write({**APP, "importguard.toml": 'entry = "app.py"\nlock = "app.lock"'})
    run("lock", "--write")
    first = (tmp_path / "app.lock").read_bytes()
    run("lock", "--update")
    assert (tmp_path / "app.lock").read_bytes() == first


@pytest.mark.parametrize("key", ["lock", "baseline"])
@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('{"schema": 9', "is damaged"),
        ('{"schema": 1}', "is damaged"),
        (b"\xff\xfe", "is damaged"),
        (None, "cannot be read"),
    ],
)
def test_a_damaged_file_exits_2_and_stays(run, write, tmp_path, key, content, said):
    write({**APP, "importguard.toml": f'entry = "app.py"\n{key} = "committed.json"'})
    file = tmp_path / "committed.json"
    if content is not None:
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
    result = run("check")
    assert (result.returncode, said in result.stderr, "importguard " in result.stderr) == (2, True, True)
    assert not file.exists() or file.stat().st_size == len(content)


def test_a_lock_of_another_schema_exits_2(run, write, tmp_path):
    write({**APP, "importguard.toml": 'entry = "app.py"\nlock = "app.lock"'})
    (tmp_path / "app.lock").write_text('{"schema": 9, "entries": {}}')
    assert "9 is not 2" in run("check").stderr


def test_without_a_named_file_nothing_is_written(run, write, tmp_path):
    write({**APP, "importguard.toml": HEAVY})
    for arguments in (("lock", "--write"), ("check", "--write-baseline")):
        result = run(*arguments)
        assert (result.returncode, "names no file; add" in result.stderr) == (2, True)
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_file()) == [
        "app.py",
        "importguard.toml",
        "two.py",
    ]


def test_a_write_that_is_cut_short_leaves_the_file_as_it_was(run, write, tmp_path, monkeypatch):
    write({**APP, "importguard.toml": 'entry = "app.py"\nlock = "app.lock"', "app.lock": "old"})

    def fail(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", fail)
        patched.setattr("os.replace", fail)
        result = run("lock", "--write")
    assert (result.returncode, "cannot be written: No space left on device" in result.stderr) == (2, True)
    assert (tmp_path / "app.lock").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir() if "app.lock" in path.name] == ["app.lock"]


PROJECTS = {
    "script": ({"app.py": ""}, 'entry = "app.py"'),
    "console script": ({"pyproject.toml": '[project.scripts]\ngo = "tool.cli:main"'}, 'command = "go"'),
    "Poetry": ({"pyproject.toml": '[tool.poetry.scripts]\ngo = "tool.cli:main"'}, 'command = "go"'),
    "setup.cfg": (
        {"setup.cfg": "[options.entry_points]\nconsole_scripts =\n    go = tool.cli:main\n    # old = x:y\n"},
        'command = "go"',
    ),
    "setup.py, lists": (
        {"setup.py": "setup(entry_points={'console_scripts': ['go = tool.cli:main'], 'pytest11': ['x = y:z']})"},
        'command = "go"',
    ),
    "setup.py, a name": (
        {"setup.py": "POINTS = '''[console_scripts]\ngo = tool.cli:main [extra]\n'''\nsetup(entry_points=POINTS)"},
        'command = "go"',
    ),
    "package": ({"src/tool/__init__.py": "", "src/tool/__main__.py": ""}, 'run_module = "tool"'),
    "web": ({"site/main.py": "from fastapi import FastAPI\napp = FastAPI()"}, 'import = "site.main"'),
    "Celery": ({"tasks.py": "from celery import Celery\napp = Celery('tasks')"}, 'import = "tasks"'),
    "nothing": ({}, '# entry = "app.py"'),
}


@pytest.mark.parametrize(("files", "line"), PROJECTS.values(), ids=PROJECTS.keys())
def test_init_finds_the_entry(run, write, tmp_path, files, line):
    write(files)
    assert run("init").returncode == 0
    assert line in (tmp_path / "importguard.toml").read_text().splitlines()


SEVERAL = {
    "manage.py": "",
    "shop/__init__.py": "",
    "shop/__main__.py": "",
    "shop/asgi.py": "from django.core.asgi import get_asgi_application\napplication = get_asgi_application()",
    "tests/web.py": "app = FastAPI()",
}


@pytest.mark.parametrize("arguments", [(), ("--pyproject",)])
def test_init_writes_a_table_for_each_of_several_starts(run, write, tmp_path, arguments):
    write({**SEVERAL, "pyproject.toml": "[project]\nname = 'shop'"})
    assert run("init", *arguments).returncode == 0
    project = find_project(tmp_path)
    assert project.file == tmp_path / ("pyproject.toml" if arguments else "importguard.toml")
    assert [start.name for start in project.entries] == ["shop", "manage.py", "shop.asgi"]
    assert "name = 'shop'" in (tmp_path / "pyproject.toml").read_text()
    assert run("init", *arguments).returncode == 2


def test_init_leaves_a_configuration_alone(run, write, tmp_path):
    write({"importguard.toml": HEAVY})
    assert run("init").returncode == 2
    assert (tmp_path / "importguard.toml").read_text() == HEAVY


def test_what_init_writes_is_a_configuration(run, write):
    write(APP)
    run("init")
    assert run("check").returncode == 0


def test_each_finding_says_where_its_cost_is_from(run, write):
    write({"app.py": "def later():\n    import colorsys", "importguard.toml": HEAVY})
    assert "ms estimated" in run("check").stdout
    write({"app.py": "import colorsys", "importguard.toml": HEAVY})
    run("measure", "--runs", "1")
    assert "ms measured" in run("check").stdout
    write({"app.py": "def later():\n    import colorsys"})
    assert "IG102" in run("check").stdout
    assert "ms measured" in run("check").stdout


def test_the_gate_neither_flakes_nor_misses_a_new_module_on_a_busy_machine():
    script = Path(__file__).parents[3] / "scripts" / "benchmark_gate.py"
    command = [sys.executable, str(script), "--runs", "2", "--injected", "2"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=280)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "unchanged code: 2 runs, 0 failed, 0 differed" in done.stdout
    assert "a new module: 2 injected, 2 found" in done.stdout


LOCKED = {
    "app.py": "import dep",
    "site/dep/__init__.py": "",
    "importguard.toml": 'entry = "app.py"\nlock = "app.lock"\npaths = ["../site"]\nheavy_ms = 1000.0\n',
}


@pytest.fixture
def locked(tmp_path, run):
    """A project below a folder beside that of its dependency, locked as it is; the folder of both."""

    def make(dependency):
        for name, text in {**LOCKED, "site/dep/__init__.py": dependency}.items():
            path = tmp_path.parent / f"{tmp_path.name}-site" / name.removeprefix("site/") if "site/" in name else None
            path = path or tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text.replace("../site", f"../{tmp_path.name}-site"))

    make("")
    run("lock", "--write")
    return make


def test_a_dependency_that_begins_to_import_a_standard_module_has_grown_with_all_that_it_costs(run, locked, tmp_path):
    """The example of the rule's own page: a release of a dependency imports asyncio at its top."""
    assert run("check").returncode == 0
    locked("import asyncio")
    result = run("check", "--format", "json")
    assert result.returncode == 1
    (finding,) = json.loads(result.stdout)["findings"]
    assert (finding["code"], finding["subject"]) == ("IG202", "asyncio")
    assert (finding["path"], finding["line"]) == ("app.py", 1)  # nobody can change the dependency here
    assert finding["modules"] > 50
    assert finding["cost_us"] > 5000
    run("lock", "--write")
    assert run("check").returncode == 0


def test_what_the_standard_library_loads_inside_is_not_in_the_lock(run, locked, tmp_path):
    locked("import asyncio")
    run("lock", "--write")
    entry = json.loads((tmp_path / "app.lock").read_text())["entries"]["app.py"]
    assert entry == {"modules": ["dep"], "elsewhere": [], "standard": ["asyncio"]}


def test_a_standard_module_that_is_loaded_anyway_is_no_growth(run, locked):
    locked("import asyncio")
    run("lock", "--write")
    locked("import asyncio, socket")
    assert run("check").returncode == 0


def test_a_lock_of_an_earlier_version_holds_and_says_how_to_renew_it(run, locked, tmp_path):
    (tmp_path / "app.lock").write_text('{"schema": 2, "entries": {"app.py": {"modules": ["dep"]}}}')
    locked("import asyncio")
    result = run("check")
    assert result.returncode == 0
    assert (
        "IG202 warning: app.lock is of an earlier version and does not say which standard modules app.py imports"
        in result.stdout
    )


@pytest.mark.parametrize(("key", "remedy"), [("lock", "lock --write"), ("baseline", "check --write-baseline")])
@pytest.mark.parametrize("arguments", [(), ("--format", "json")])
def test_a_committed_file_that_is_not_there_is_one_sentence(run, write, key, remedy, arguments):
    write({**APP, "importguard.toml": f'{HEAVY}{key} = "committed.json"\n'})
    result = run("check", *arguments)
    assert (result.returncode, result.stdout) == (2, "")
    (sentence,) = result.stderr.splitlines()
    assert sentence.endswith(f"it is configured and not written yet; run: importguard {remedy}")


def test_two_configurations_in_one_folder_are_one_sentence(run, write, tmp_path):
    write({**APP, "importguard.toml": HEAVY, "pyproject.toml": "[tool.importguard]\nentry = 'two.py'\n"})
    result = run("check")
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == (
        f"importguard: {tmp_path}/pyproject.toml: `tool.importguard`: importguard.toml beside it configures the same; "
        "keep one of them\n"
    )


def test_an_entry_of_the_baseline_that_no_longer_occurs_is_reported(run, write, tmp_path):
    write({**APP, "importguard.toml": HEAVY + 'baseline = "baseline.json"\n'})
    run("check", "--write-baseline")
    write({"two.py": ""})
    result = run("check")
    assert result.returncode == 0
    assert "IG503 warning: baseline.json accepts IG101 of colorsys in two.py, which no longer occurs" in result.stdout
    (finding,) = json.loads(run("check", "--format", "json").stdout)["findings"]
    text = (tmp_path / "baseline.json").read_text().splitlines()
    assert (finding["severity"], "fingerprint" in text[finding["line"] - 1]) == ("warning", True)
    assert "no longer occurs" not in run("check", "--ignore", "IG101").stdout  # it was not looked for
    run("check", "--write-baseline")
    assert "no longer occurs" not in run("check").stdout


OLD = {
    "schema": 1,
    "findings": [{"path": "two.py", "code": "IG101", "subject": "xml.dom.minidom", "fingerprint": "0123456789abcdef"}],
}


def test_an_older_baseline_holds_and_says_how_it_is_renewed(run, write):
    settings = 'entry = "app.py"\nheavy = ["xml"]\nbaseline = "baseline.json"\n'
    write({"app.py": "import two", "two.py": "import xml.dom.minidom", "importguard.toml": settings})
    write({"baseline.json": json.dumps(OLD)})
    result = run("check")
    assert (result.returncode, "importguard check --write-baseline" in result.stdout) == (0, True)
    run("check", "--write-baseline")
    renewed = run("check")
    assert (renewed.returncode, "--write-baseline" in renewed.stdout) == (0, False)
    (accepted,) = json.loads((write({}) / "baseline.json").read_text())["findings"]
    assert (accepted["code"], accepted["subject"]) == ("IG101", "xml")


def test_an_older_baseline_accepts_no_other_package_and_no_other_file(run, write):
    settings = 'entry = "app.py"\nheavy = ["xml", "calendar"]\nbaseline = "baseline.json"\n'
    write({"app.py": "import xml.dom.minidom", "importguard.toml": settings, "baseline.json": json.dumps(OLD)})
    assert sorted(codes(run("check", "--format", "json"))) == ["IG101", "IG503"]  # and what it accepts is gone
    write({"app.py": "import two", "two.py": "import calendar"})
    assert sorted(codes(run("check", "--format", "json"))) == ["IG101", "IG503"]  # and what it accepts is gone


def test_a_finding_of_several_statements_keeps_its_fingerprint_wherever_they_are(run, write):
    write({**APP, "importguard.toml": HEAVY})
    before = json.loads(run("check", "--format", "json").stdout)["findings"][0]["fingerprint"]
    write({"app.py": "import three", "three.py": "\nimport colorsys"})
    assert json.loads(run("check", "--format", "json").stdout)["findings"][0]["fingerprint"] == before
    write({"importguard.toml": '[[entry]]\nname = "other"\nscript = "app.py"\nheavy = ["colorsys"]\n'})
    assert json.loads(run("check", "--format", "json").stdout)["findings"][0]["fingerprint"] != before


IGNORED = "import colorsys  # importguard: ignore[IG101] the splash covers it"


def test_a_comment_on_one_statement_takes_it_out_of_the_promise_and_says_so(run, write):
    write({"app.py": "import two\nimport three", "two.py": IGNORED, "three.py": "import colorsys"})
    write({"importguard.toml": HEAVY})
    result = run("check", "--format", "json")
    (finding,) = json.loads(result.stdout)["findings"]
    assert ([at["path"] for at in finding["statements"]], finding["modules"]) == (["three.py"], 0)
    assert (result.returncode, "a comment accepts 1 of the statements" in finding["message"]) == (1, True)


def test_a_comment_on_all_statements_accepts_the_finding(run, write):
    write({"app.py": "import two\nimport three", "two.py": IGNORED, "three.py": IGNORED, "importguard.toml": HEAVY})
    result = run("check", "--format", "json")
    verdict = json.loads(result.stdout)
    assert (result.returncode, verdict["findings"], len(verdict["suppressed"])) == (0, [], 1)
    assert (verdict["plan"]["steps"], sum(one["modules"] for one in verdict["plan"]["allowed"])) == ([], 1)


def test_a_path_that_is_exempt_is_so_with_all_statements_alone(run, write):
    settings = HEAVY + '[per-path]\n"two.py" = ["IG101"]\n'
    write({"app.py": "import two\nimport three", "two.py": "import colorsys", "three.py": "import colorsys"})
    write({"importguard.toml": settings})
    assert codes(run("check", "--format", "json")) == ["IG101"]
    write({"three.py": ""})
    assert codes(run("check", "--format", "json")) == []
