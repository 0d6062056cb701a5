"""The pre-commit hook, the GitHub Action and the recipe for GitLab, run as far as they can be here."""

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
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
            timeout=240,
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
    # What `language: python` would fetch is installed here already.
    config = {"repos": [{"repo": str(hooks), "rev": "v1", "hooks": [{"id": "importguard", "language": "system"}]}]}
    (project / ".pre-commit-config.yaml").write_text(json.dumps(config))
    clean = shell("git add . && pre-commit run --all-files")
    assert (clean.returncode, "importguard check" in clean.stdout, "Passed" in clean.stdout) == (0, True, True), clean
    (project / "one.py").write_text("import colorsys")
    found = shell("git add . && pre-commit run --all-files")
    assert (found.returncode, "one.py:1: IG101 colorsys" in found.stdout) == (1, True)


def hook():
    (found,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    return found


TRIGGERS = (
    "src/app.py importguard.toml pyproject.toml sub/importguard.lock importguard.costs.json importguard.baseline.json "
    "importguard.seen.json warmup_manifest.json requirements.txt requirements-dev.in constraints.txt uv.lock "
    "poetry.lock pdm.lock pylock.toml"
).split()


def test_the_hook_runs_for_each_file_that_the_verdict_hangs_on_and_for_no_other():
    assert [name for name in TRIGGERS if not re.search(hook()["files"], name)] == []
    others = ["README.md", "data.json", "app.pyc", "package.lock.md", "notes.txt", "other.toml"]
    assert [name for name in others if re.search(hook()["files"], name)] == []
    assert (hook()["language"], hook()["pass_filenames"]) == ("python", False)


@pytest.fixture
def backend(tmp_path):
    """The build backend of a checkout's root, and that root."""
    root = tmp_path / "checkout"
    (root / "scripts").mkdir(parents=True)
    shutil.copy(ROOT / "scripts" / "not_a_package.py", root / "scripts")
    spec = importlib.util.spec_from_file_location("not_a_package", root / "scripts" / "not_a_package.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module, root


def test_pre_commit_installs_importguard_where_everybody_else_reads_what_to_do(backend, tmp_path, monkeypatch):
    module, root = backend
    monkeypatch.setenv("VIRTUAL_ENV", str(tmp_path / "venv"))
    with pytest.raises(SystemExit, match=r"pip install \./tools/importguard"):
        module.build_wheel(str(tmp_path))
    monkeypatch.setenv("VIRTUAL_ENV", str(root / "py_env-python3.13"))
    assert module.get_requires_for_build_wheel() == []
    with zipfile.ZipFile(tmp_path / module.build_wheel(str(tmp_path))) as wheel:
        metadata = wheel.read("importguard_hook-1.0.dist-info/METADATA").decode()
    assert f"Requires-Dist: importguard @ {(root / 'tools' / 'importguard').as_uri()}\n" in metadata


@pytest.mark.parametrize("name", ["docs/github_actions.yml", ".github/workflows/platforms.yml"])
def test_the_workflows_are_what_github_takes(name, tmp_path):
    lint = Path(sys.executable).with_name("actionlint")
    shutil.copytree(ROOT / ".github", tmp_path / ".github")
    shutil.copy(ROOT / "docs" / "github_actions.yml", tmp_path / ".github" / "workflows")
    (tmp_path / ".importguard").mkdir()
    shutil.copy(ROOT / "action.yml", tmp_path / ".importguard")
    command = [str(lint), "-no-color", f".github/workflows/{Path(name).name}"]
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True, timeout=240)
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=240)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr


GH = """\
#!/usr/bin/env bash
echo "$*" >> "$CALLS"
case "$*" in
  *PATCH*|*POST*) [ -z "$FORBIDDEN" ] || { echo "HTTP 403" >&2; exit 1; }; cp "${!#}" /dev/null 2>/dev/null; exit 0 ;;
  *) echo "$KNOWN" ;;
esac
"""


@pytest.fixture
def action(project, tmp_path, shell):
    """`action("Check")`: what the action's step of that name does on a pull request, by its exit code and output."""
    described = yaml.safe_load((ROOT / "action.yml").read_text())
    runner = tmp_path / "runner"
    (runner / "bin").mkdir(parents=True)
    (runner / "bin" / "gh").write_text(GH)
    (runner / "bin" / "gh").chmod(0o755)
    base = shell("git rev-parse HEAD").stdout.strip()
    context = {
        **{f"inputs.{name}": one["default"] for name, one in described["inputs"].items()},
        "inputs.python": sys.executable,
        "steps.install.outputs.python": sys.executable,
        "github.event.pull_request.base.sha": base,
        "github.event.pull_request.number": "7",
        "runner.temp": str(runner),
    }
    more = {
        "RUNNER_TEMP": str(runner),
        "GITHUB_STEP_SUMMARY": str(runner / "summary.md"),
        **{f"GITHUB_{name}": str(runner / name) for name in ("ENV", "OUTPUT", "PATH")},
        "GITHUB_REPOSITORY": "me/shop",
        "CALLS": str(runner / "calls"),
        "PATH": os.pathsep.join([str(runner / "bin"), str(Path(sys.executable).parent), os.environ["PATH"]]),
    }

    def call(name, **extra):
        (step,) = [one for one in described["runs"]["steps"] if one["name"] == name]
        values = re.compile(r"\$\{\{ *([\w.-]+) *\}\}")
        said = {key: values.sub(lambda one: context[one[1]], text) for key, text in step.get("env", {}).items()}
        assert step["shell"] == "bash"
        assert "${{" not in step["run"]  # what others write gets into a script as a variable, never as its text
        return shell(f"set -o pipefail\n{step['run']}", **{"FORBIDDEN": "", "KNOWN": "", **more, **said, **extra})

    call.runner, call.shell = runner, shell
    return call


def test_the_action_annotates_reports_and_compares(action, project):
    (project / "one.py").write_text("import colorsys")
    check = action("Check")
    assert (check.returncode, check.stdout.startswith("::error file=one.py,line=1,title=IG101::")) == (1, True), check
    results = json.loads((action.runner / "importguard.sarif").read_text())["runs"][0]["results"]
    assert results[0]["ruleId"] == "IG101"
    assert action("Compare").returncode == 0
    text = (action.runner / "summary.md").read_text()
    assert text == (action.runner / "importguard.md").read_text()
    assert text.startswith("<!-- importguard . -->\n")
    assert (action.runner / "OUTPUT").read_text() == f"sarif={action.runner / 'importguard.sarif'}\n"
    assert "| `one.py:1` | colorsys | +1 |" in text
    assert "what to cut first" in text


# A Python that makes environments and installs without an index, and says who it is.
PYTHON = """\
#!/usr/bin/env bash
case "$*" in
  "-m venv "*) mkdir -p "$3/bin" && cp "$0" "$3/bin/python" && cp "$0" "$3/bin/importguard" ;;
  "-m pip "*) echo "$*" >> "$CALLS" ;;
  *version_info*) exit "${TOO_OLD:-0}" ;;
  *) echo "$0" ;;
esac
"""


@pytest.fixture
def python(action):
    """The `python` that a step before the action has set up."""
    made = action.runner / "bin" / "python"
    made.write_text(PYTHON)
    made.chmod(0o755)
    return made


def of_file(path):
    return path.read_text().splitlines() if path.is_file() else []


def test_the_action_looks_at_the_python_that_was_set_up_and_not_at_its_own(action, python):
    done = action("Install", PYTHON="python", GITHUB_ACTION_PATH="/there")
    assert done.returncode == 0, done.stderr
    assert f"python={python}" in of_file(action.runner / "OUTPUT")
    assert of_file(action.runner / "calls") == ["-m pip install --quiet /there/tools/importguard"]
    (added,) = of_file(action.runner / "PATH")  # what GitHub puts in front of PATH for the steps that follow
    assert os.listdir(added) == ["importguard"]


@pytest.mark.parametrize(
    ("own", "kept", "said"),
    [("", "cache={}/importguard-cache", "IMPORTGUARD_CACHE={}/importguard-cache"), ("s3://ours/cache", "", "")],
)
def test_the_action_keeps_its_cache_unless_the_user_has_one(action, python, own, kept, said):
    assert action("Install", PYTHON="python", GITHUB_ACTION_PATH="/there", IMPORTGUARD_CACHE=own).returncode == 0
    written = [one for one in of_file(action.runner / "OUTPUT") if one.startswith("cache=")]
    assert written == ([kept.format(action.runner)] if kept else [])
    assert of_file(action.runner / "ENV") == ([said.format(action.runner)] if said else [])


def test_a_python_that_is_too_old_to_run_importguard_is_looked_at_by_another_one(action, python):
    old = action.runner / "bin" / "python3.8"
    old.write_text(PYTHON.replace("${TOO_OLD:-0}", "1"))
    old.chmod(0o755)
    shutil.copy(python, action.runner / "bin" / "python3")
    assert action("Install", PYTHON="python3.8", GITHUB_ACTION_PATH="/there").returncode == 0
    assert f"python={old}" in of_file(action.runner / "OUTPUT")
    assert os.access(action.runner / "importguard" / "bin" / "importguard", os.X_OK)


def test_no_python_for_importguard_is_an_error_with_its_remedy(action, python):
    shutil.copy(python, action.runner / "bin" / "python3")
    done = action("Install", PYTHON="python", GITHUB_ACTION_PATH="/there", TOO_OLD="1")
    assert (done.returncode, "::error title=importguard::No Python from 3.11 on" in done.stdout) == (2, True)


def test_each_folder_of_a_repository_has_a_comment_of_its_own(action):
    said = {}
    for name, folder in (("", "api"), ("", "web"), ("jobs", "web")):
        assert action("Compare", NAME=name, FOLDER=folder).returncode == 0
        said[name or folder] = (action.runner / "importguard.md").read_text().splitlines()[0]
    assert said == {name: f"<!-- importguard {name} -->" for name in ("api", "web", "jobs")}


def test_what_the_action_looks_for_is_the_mark_that_it_has_written(action):
    (action.runner / "importguard.md").write_text("text")
    (action.runner / "bin" / "gh").write_text('#!/usr/bin/env bash\necho "$MARK" >> "$CALLS"')
    assert action("Comment", NAME="", FOLDER="api").returncode == 0
    assert set(of_file(action.runner / "calls")) == {"<!-- importguard api -->"}


def test_the_action_writes_one_comment_and_changes_it_later(action):
    (action.runner / "importguard.md").write_text("text")
    assert action("Comment").returncode == 0
    assert action("Comment", KNOWN="42").returncode == 0
    first, posted, second, patched = (action.runner / "calls").read_text().splitlines()
    assert first == second
    assert "--method POST repos/me/shop/issues/7/comments" in posted
    assert "--method PATCH repos/me/shop/issues/comments/42" in patched
    assert f"body=@{action.runner}/importguard.md" in patched


def test_a_comment_that_may_not_be_written_fails_nothing(action):
    (action.runner / "importguard.md").write_text("text")
    done = action("Comment", FORBIDDEN="1")
    assert (done.returncode, "::notice title=importguard::" in done.stdout, "HTTP 403" in done.stdout) == (
        0,
        True,
        True,
    )


def test_the_action_fails_where_importguard_cannot_check(action, project):
    (project / "importguard.toml").write_text("entry = 3")
    assert action("Check").returncode == 2
    assert action("Compare").returncode == 2


def test_a_start_and_its_arguments_may_be_named(action, project):
    (project / "importguard.toml").unlink()
    assert action("Check", ARGUMENTS="app.py --select IG1").returncode == 0


def test_the_script_for_gitlab_does_what_it_says(project, shell):
    job = yaml.safe_load((ROOT / "docs" / "gitlab_ci.yml").read_text())["startup"]
    (project / "one.py").write_text("import colorsys")
    base = shell("git rev-parse HEAD").stdout.strip()
    script = "\n".join(job["script"]).replace("--python python", f"--python {sys.executable}")
    done = shell(script, CI_MERGE_REQUEST_DIFF_BASE_SHA=base)
    assert (done.returncode, "one.py:1: IG101 colorsys" in done.stdout) == (1, True), done.stderr
    assert "colorsys" in (project / job["artifacts"]["reports"]["junit"]).read_text()
    assert "| `one.py:1` | colorsys | +1 |" in (project / job["artifacts"]["paths"][0]).read_text()
    (project / "one.py").write_text("")
    assert shell(script).returncode == 0
