"""The pre-commit hook and the GitHub Actions example, run as far as they can be here."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[3]
IDENTITY = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")


@pytest.fixture
def shell(tmp_path):
    """`shell("git status")` in the project's folder, with the commands of this environment and no user's settings."""
    commands = Path(sys.executable).parent
    settings = {
        "PATH": f"{commands}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(tmp_path / "home"),
        "PRE_COMMIT_HOME": str(tmp_path / "home" / "pre-commit"),
        "GIT_CONFIG_NOSYSTEM": "1",
        "LANG": "C.UTF-8",
    }
    (tmp_path / "home").mkdir()

    def call(command, folder=tmp_path / "project", **more):
        return subprocess.run(
            ["bash", "-e", "-c", command],
            cwd=folder,
            env={**settings, **more},
            capture_output=True,
            text=True,
            timeout=100,
        )

    return call


@pytest.fixture
def project(tmp_path, write, shell):
    """A committed project whose start is clean; `origin/main` is that commit."""
    toml = 'entry = "app.py"\nheavy = ["colorsys"]'
    write({"project/app.py": "import one", "project/one.py": "", "project/importguard.toml": toml})
    commands = f"git init -q -b main && git add . && git {' '.join(IDENTITY)} commit -qm first"
    done = shell(
        f"{commands} && git clone -q --bare . ../origin && git remote add origin ../origin && git fetch -q origin"
    )
    assert done.returncode == 0, done.stderr
    return tmp_path / "project"


def test_the_hook_of_this_repository_runs_in_pre_commit(project, tmp_path, shell):
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    shutil.copy(ROOT / ".pre-commit-hooks.yaml", hooks)
    done = shell(f"git init -q -b main && git add . && git {' '.join(IDENTITY)} commit -qm hooks && git tag v1", hooks)
    assert done.returncode == 0, done.stderr
    config = {"repos": [{"repo": str(hooks), "rev": "v1", "hooks": [{"id": "importguard"}]}]}
    (project / ".pre-commit-config.yaml").write_text(json.dumps(config))
    clean = shell("git add . && pre-commit run --all-files")
    assert (clean.returncode, "importguard check" in clean.stdout, "Passed" in clean.stdout) == (0, True, True), clean
    (project / "one.py").write_text("import colorsys")
    found = shell("git add . && pre-commit run --all-files")
    assert (found.returncode, "one.py:1: IG101 colorsys" in found.stdout) == (1, True)


def steps():
    workflow = yaml.safe_load((ROOT / "docs" / "github_actions.yml").read_text())
    return {step["name"]: step["run"] for step in workflow["jobs"]["startup"]["steps"] if "run" in step}


def test_the_steps_of_the_workflow_do_what_they_say(project, tmp_path, shell):
    (project / "one.py").write_text("import colorsys")
    summary = tmp_path / "summary.md"
    more = {"GITHUB_BASE_REF": "main", "GITHUB_STEP_SUMMARY": str(summary)}
    # Everything is installed here already; what the other steps need of the network is nothing.
    done = {name: shell(run, **more) for name, run in steps().items() if name != "Install"}
    assert {name: one.returncode for name, one in done.items()} == {"Annotate": 1, "Report": 0, "Compare": 0}
    assert done["Annotate"].stdout.startswith("::error file=one.py,line=1,title=IG101::")
    assert json.loads((project / "importguard.sarif").read_text())["runs"][0]["results"][0]["ruleId"] == "IG101"
    assert "| `one.py:1` | colorsys | +1 |" in summary.read_text()


def test_a_step_fails_where_importguard_cannot_check(project, tmp_path, shell):
    (project / "importguard.toml").write_text("entry = 3")
    assert shell(steps()["Report"]).returncode == 1
