"""The distribution: what it contains, what its metadata says, and its runtime without any dependency."""

import email
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import venv
import zipfile
from pathlib import Path

import pytest

from importguard.cli import DEPENDENCIES

HERE = Path(__file__).parents[1]
ROOT = HERE.parents[1]
PUBLIC = ("3.11", "3.12", "3.13", "3.14", "3.15")


def command(*arguments, **more):
    return subprocess.run(arguments, capture_output=True, text=True, timeout=240, **more)


@pytest.fixture(scope="session")
def distributions(tmp_path_factory):
    """The wheel and the sdist of this checkout, built in place."""
    folder = tmp_path_factory.mktemp("dist")
    built = command(sys.executable, "-m", "hatchling", "build", "-d", str(folder), cwd=HERE)
    assert built.returncode == 0, built.stderr
    (wheel,), (sdist,) = folder.glob("*.whl"), folder.glob("*.tar.gz")
    return wheel, sdist


@pytest.fixture(scope="session")
def metadata(distributions):
    with zipfile.ZipFile(distributions[0]) as wheel:
        (name,) = [one for one in wheel.namelist() if one.endswith(".dist-info/METADATA")]
        return email.message_from_bytes(wheel.read(name))


def test_an_index_would_accept_it(distributions):
    for checker in (("twine", "check", "--strict", *distributions), ("check_wheel_contents", distributions[0])):
        done = command(sys.executable, "-m", *map(str, checker))
        assert done.returncode == 0, done.stdout + done.stderr


def test_it_holds_the_licence_the_types_and_what_builds_it_again(distributions):
    wheel, sdist = distributions
    with zipfile.ZipFile(wheel) as opened:
        names = opened.namelist()
        (licence,) = [name for name in names if name.endswith("/licenses/LICENSE")]
        assert opened.read(licence).decode() == (ROOT / "LICENSE").read_text()
    assert "importguard/py.typed" in names
    with tarfile.open(sdist) as opened:
        inside = {name.partition("/")[2] for name in opened.getnames()}
    assert {"LICENSE", "README.md", "pyproject.toml", "project_urls.py", "src/importguard/__init__.py"} <= inside


def test_its_metadata_names_every_python_and_links_nowhere_before_publication(metadata):
    classifiers = metadata.get_all("Classifier")
    stated = {one.rpartition(" ")[2] for one in classifiers if re.search(r":: 3\.\d+$", one)}
    assert (stated, metadata["License-Expression"], metadata.get_all("Project-URL")) == (set(PUBLIC), "MIT", None)
    assert any(one.startswith("Development Status ::") for one in classifiers)
    readme = metadata.get_payload()
    assert re.findall(r"\]\((?!https?://)[^)]*\)", readme) == [], "a link that leads nowhere on an index"


def test_its_urls_are_made_of_the_one_constant():
    home = "https://importguard.example"
    code = f"from project_urls import urls; print(*urls({home!r}).values())"
    done = command(sys.executable, "-c", code, cwd=HERE)
    assert [one.startswith(home) for one in done.stdout.split()] == [True, True], done.stderr


def test_the_version_is_the_distributions(metadata):
    done = command(sys.executable, "-c", "import importguard; print(importguard.__version__)")
    assert done.stdout.strip() == metadata["Version"]


def test_the_names_that_a_missing_dependency_is_looked_up_in_are_those_of_the_distribution():
    declared = tomllib.loads((HERE / "pyproject.toml").read_text())["project"]["dependencies"]
    assert [re.split(r"[<>=~!]", one)[0] for one in declared] == list(DEPENDENCIES)


def test_the_oldest_versions_that_are_tested_are_those_that_are_admitted():
    declared = tomllib.loads((HERE / "pyproject.toml").read_text())["project"]["dependencies"]
    tested = [line for line in (ROOT / ".ci" / "oldest.txt").read_text().splitlines() if not line.startswith("#")]
    admitted = dict(one.split(">=") for one in declared)
    assert admitted.keys() == {one.split("==")[0] for one in tested}
    for name, version in (one.split("==") for one in tested):
        assert re.fullmatch(rf"{re.escape(admitted[name])}(\.0)*", version), name


WARMED = """
import sys
from importguard import warmup
import importguard
running = warmup.Warmup(warmup.WarmupManifest.load("manifest.json"))
warmup.install(running)
running.start()
assert running.wait(20)
print(importguard.__version__, warmup.require_warmed("colorsys").__name__, running.status().completed)
"""


@pytest.fixture
def empty_environment(distributions, tmp_path):
    """`empty_environment("script")`: a path in an environment where the wheel is alone."""
    venv.create(tmp_path / "venv", with_pip=False, symlinks=os.name != "nt")
    binaries = tmp_path / "venv" / ("Scripts" if os.name == "nt" else "bin")
    uv = os.environ.get("UV") or shutil.which("uv")
    assert uv, "the tests need uv to install a wheel"
    python = str(binaries / "python")
    done = command(uv, "pip", "install", "--offline", "--no-deps", "--python", python, str(distributions[0]))
    assert done.returncode == 0, done.stderr
    return binaries


def test_the_runtime_works_with_no_dependency_at_all(empty_environment, tmp_path):
    (tmp_path / "manifest.json").write_text('{"schema": 1, "entry": "app.py", "jobs": [{"module": "colorsys"}]}')
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = command(str(empty_environment / "python"), "-c", WARMED, cwd=tmp_path, env=clean)
    assert (done.returncode, done.stdout) == (0, "0.1.0 colorsys ('colorsys',)\n"), done.stderr
    checked = command(str(empty_environment / "importguard"), "check", cwd=tmp_path, env=clean)
    said = "importguard: click is not installed; install importguard with its dependencies"
    assert (checked.returncode, checked.stderr.startswith(said)) == (2, True), checked.stderr


def test_installing_the_root_says_what_to_do_instead(tmp_path):
    pip = command(sys.executable, "-m", "pip", "--version")
    uv = os.environ.get("UV") or shutil.which("uv")
    installer = (sys.executable, "-m", "pip") if pip.returncode == 0 else (uv, "pip")
    done = command(*installer, "install", "--target", str(tmp_path), str(ROOT))
    assert done.returncode != 0
    assert "uv run sloppy.py" in done.stderr
    assert "pip install ./tools/importguard" in done.stderr
