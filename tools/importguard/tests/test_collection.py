"""`--pytest`: what collecting tests imports, beside a real `pytest --collect-only`."""

import json
import os
import subprocess
import sys

import pytest

from importguard import analyse, find_project
from importguard.startup.trace import Certainty

# Of the plugins that are installed here one is left, so that most of what is loaded is the project's.
WITHOUT = "anyio hypothesispytest importguard schemathesis timeout xdist xdist.looponfail".split()
FILES = {
    "pytest.ini": f"[pytest]\naddopts = -p early {' '.join(f'-p no:{one}' for one in WITHOUT)}\npythonpath = lib\n",
    "early.py": "import m1",
    "lib/shared.py": "import m2",
    "m1.py": "",
    "m2.py": "",
    "m3.py": "",
    "m4.py": "",
    "m5.py": "",
    "plugs.py": "import m3",
    "conftest.py": "pytest_plugins = ['plugs']\n",
    "tests/conftest.py": "import beside\n",
    "tests/beside.py": "",
    "tests/test_one.py": "import shared\nimport pytest\ndef test(): import m4",
    "tests/two_test.py": "import shared\ntry: import m5\nexcept ImportError: pass\ndef test(): pass",
    "tests/deep/__init__.py": "",
    "tests/deep/conftest.py": "",
    "tests/deep/test_one.py": "from .part import x\ndef test(): pass",
    "tests/deep/part.py": "x = 1",
    "tests/helper.py": "import m4",
    "tests/node_modules/test_none.py": "import m4",
}
TELL = """
import sys
import pytest
class Tell:
    def pytest_collection_finish(self): self.names = sorted(sys.modules)
tell = Tell()
code = pytest.main(["--collect-only", "-q", sys.argv[1]], plugins=[tell])
print("\\n" + " ".join(tell.names))
"""


def collected(root, target):
    """What a real collection has loaded."""
    environment = {**os.environ, "PYTHONPATH": str(root)}
    environment = {name: one for name, one in environment.items() if not name.startswith(("PYTEST", "COV"))}
    done = subprocess.run(
        [sys.executable, "-c", TELL, target], cwd=root, capture_output=True, text=True, env=environment, timeout=240
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return set(done.stdout.splitlines()[-1].split())


@pytest.fixture
def project(write):
    root = write(FILES)
    return root, find_project(root)


def test_the_collection_loads_what_a_real_one_does(write, run, monkeypatch):
    root = write(FILES)
    monkeypatch.setenv("PYTHONPATH", str(root))
    graph = json.loads(run("graph", "--pytest", "tests", "--format", "json").stdout)
    own = {name.rpartition("/")[2].removesuffix(".py") for name in FILES} | {"deep.test_one", "deep.part", "deep"}
    predicted = {one["name"] for one in graph["modules"] if one["reach"] == "eager"}
    real = collected(root, "tests")
    assert predicted & own == real & own
    assert {"m1", "m2", "m3", "m5", "plugs", "early", "conftest", "deep.test_one"} <= predicted
    assert not {"m4", "helper"} & predicted
    certain = {one["name"] for one in graph["modules"] if one["reach"] == "eager" and one["certainty"] == "certain"}
    assert {name for name in certain if name.startswith("_pytest.")} <= real


def test_the_report_says_what_each_file_needs_and_what_half_of_them_share(write, run):
    write({**FILES, "pytest.ini": "[pytest]\npythonpath = lib .\n"})
    found = json.loads(run("check", "--pytest", "tests", "--format", "json").stdout)["collection"]
    rows = {one["path"]: one["modules"] for one in found["files"]}
    assert rows["tests/test_one.py"] == 3
    assert {"tests/conftest.py", "tests/deep/test_one.py"} <= rows.keys()
    assert {one["package"]: one["files"] for one in found["shared"]}.keys() == set()
    text = run("check", "--pytest", "tests").stdout
    assert "pytest and its plugins alone:" in text
    assert "tests/two_test.py" in text


def test_what_half_of_the_files_share_is_named(write, run):
    write(
        {"big.py": "import decimal, fractions", **{f"test_{name}.py": "import big" for name in "abc"}, "test_d.py": ""}
    )
    found = json.loads(run("check", "--pytest", ".", "--format", "json").stdout)["collection"]
    assert ("big", 3) in {(one["package"], one["files"]) for one in found["shared"]}


def test_verify_compares_a_real_collection(write, run):
    write({"test_a.py": "import wave\ndef test(): pass", "importguard.toml": 'pytest = "."\n'})
    found = json.loads(run("verify", "--format", "json").stdout)
    assert "wave" not in {*found["missing"], *(one["name"] for one in found["unpredicted"])}
    assert found["record"]["ended"] == "exit"


def test_a_project_may_have_its_tests_as_one_of_its_starts(write):
    text = '[[entry]]\nscript = "app.py"\n[[entry]]\nname = "tests"\npytest = "test_a.py"\nheavy = ["decimal"]\n'
    root = write({"app.py": "", "test_a.py": "import decimal", "importguard.toml": text})
    (start,) = find_project(root).starts(("tests",))
    graph = analyse(start).graph
    assert graph.modules["decimal"].certainty is Certainty.CERTAIN


def test_a_collection_is_not_compared_with_a_commit(write, run):
    root = write({"test_a.py": ""})
    for line in (["init", "-q"], ["add", "."], ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "a"]):
        subprocess.run(["git", *line], cwd=root, check=True)
    result = run("check", "--pytest", ".", "--against", "HEAD")
    assert (result.returncode, "not compared with a commit" in result.stderr) == (2, True), result.stderr


IMPOSSIBLE = {
    ("--pytest", "absent"): "no such file or folder",
    ("--pytest", "empty"): "none is called test_*.py or *_test.py",
    ("--pytest", "tests", "app.py"): "each name a start",
    ("--pytest", "tests", "--preset", "mcp"): "mcp does not go with an import alone",
}


@pytest.mark.parametrize(("arguments", "said"), IMPOSSIBLE.items(), ids=["absent", "empty", "two starts", "a preset"])
def test_a_collection_that_cannot_be_is_an_error_that_says_why(write, run, arguments, said):
    write({"empty/note.txt": "", "tests/test_a.py": "", "app.py": ""})
    result = run("check", *arguments)
    assert (result.returncode, said in result.stderr) == (2, True), result.stderr
