"""The index of which test files cover which module, by which `just changed` chooses."""

import ast
import subprocess
import sys

import pytest
from tests.repository import ROOT

sys.path.insert(0, str(ROOT / "scripts"))
from tests_of import Index, changed

IG = "tools/importguard/src/importguard"


@pytest.fixture(scope="module")
def index():
    return Index()


@pytest.fixture
def small(tmp_path):
    """`small(files)`: the index of a repository of these files, each with one line or more."""

    def make(files):
        for name, text in {"sloppy.py": "", **files}.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return Index(tmp_path)

    return make


def test_every_module_of_both_products_is_covered(index):
    modules = [path for path in index.files if path.startswith(("src/", IG))]
    code = [path for path in modules if len(ast.parse((ROOT / path).read_bytes()).body) > 1]
    assert len(code) > 500
    assert [path for path in code if not index.of(path)] == []


@pytest.mark.parametrize(
    ("path", "test"),
    [
        ("src/spending/ledger.py", "tests/spending/test_ledger.py"),
        ("src/providers/gemini_body.py", "tests/providers/test_providers.py"),
        (f"{IG}/rules/deadline.py", "tools/importguard/tests/rules/test_ig203.py"),
        (f"{IG}/startup/models/django.py", "tools/importguard/tests/test_frameworks.py"),
        (f"{IG}/cli/lock.py", "tools/importguard/tests/test_gate.py"),
        ("scripts/attacks/kills.py", "tests/test_attack_importguard.py"),
        ("README.md", "tests/test_pages.py"),
        ("tests/test_value.py", "tests/test_value.py"),
    ],
)
def test_a_file_is_covered_by_the_test_that_is_about_it(index, path, test):
    assert test in index.of(path)


def test_without_a_test_of_its_own_a_module_has_those_of_the_modules_that_import_it(small):
    found = small(
        {
            "src/low.py": "X = 1",
            "src/middle.py": "from src.low import X",
            "src/high.py": "import src.middle",
            "tests/test_high.py": "import src.high",
            "tests/test_other.py": "import json",
        }
    )
    assert found.of("src/low.py") == ("tests/test_high.py",)
    assert found.of("src/other.py") == ()


def test_the_tests_that_import_a_module_come_before_those_that_reach_it(small):
    direct = {f"tests/test_{name}.py": "import src.low" for name in ("one", "two", "three")}
    found = small(
        {
            "src/low.py": "",
            "src/high.py": "import src.low",
            "tests/test_high.py": "import src.high",
            **direct,
        }
    )
    assert found.of("src/low.py") == tuple(sorted(direct))


def test_a_fixture_leads_to_the_tests_below_its_folder(small):
    found = small(
        {
            "src/low.py": "",
            "tests/deep/conftest.py": "import src.low",
            "tests/deep/test_it.py": "",
            "tests/test_other.py": "",
        }
    )
    assert found.of("src/low.py") == found.of("tests/deep/conftest.py") == ("tests/deep/test_it.py",)


def test_a_helper_of_the_tests_leads_to_who_uses_it_and_circles_end(small):
    found = small(
        {
            "src/low.py": "import src.back",
            "src/back.py": "import src.low",
            "tests/driver.py": "from src import low",
            "tests/test_it.py": "from tests.driver import low",
        }
    )
    assert found.of("src/back.py") == ("tests/test_it.py",)


def test_the_command_prints_the_tests_of_a_file_and_names_what_has_none():
    command = [sys.executable, "scripts/tests_of.py", "src/value.py", "pyproject.toml"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=240)
    first, second = done.stdout.splitlines()
    assert first.startswith("src/value.py: ")
    assert "tests/test_value.py" in first.split()
    assert second == "pyproject.toml: no test file names it"


def test_what_differs_from_where_the_branch_began_is_changed(tmp_path):
    def git(*arguments):
        author = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
        subprocess.run(["git", *author, *arguments], cwd=tmp_path, check=True, capture_output=True)

    git("init", "--initial-branch", "main")
    for name in ("same.py", "edited.py", "removed.py"):
        (tmp_path / name).write_text("")
    git("add", ".")
    git("commit", "--message", "first")
    git("checkout", "-b", "branch")
    (tmp_path / "edited.py").write_text("X = 1")
    (tmp_path / "removed.py").unlink()
    (tmp_path / "new.py").write_text("")
    assert changed("main", tmp_path) == ["edited.py", "new.py"]
