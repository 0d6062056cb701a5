"""Whose packages are looked at: the order in which an environment is chosen, and that every report names it."""

import importlib.metadata
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from importguard.target import choice

PACKAGES = f"lib/python{sys.version_info[0]}.{sys.version_info[1]}/site-packages"
BASE = Path(os.path.realpath(sys.executable))
ABSENT = ("VIRTUAL_ENV", "CONDA_PREFIX", "PYTHONPATH", "POETRY_CACHE_DIR", "POETRY_VIRTUALENVS_PATH")


@pytest.fixture
def project(tmp_path):
    """A project whose only import is of a package that one environment has and the others lack."""
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "app.py").write_text("import heavylib\n")
    (folder / "importguard.toml").write_text('entry = "app.py"\n')
    return folder


@pytest.fixture(scope="session")
def alone(tmp_path_factory):
    """The interpreter of an environment that holds nothing but importguard and what it needs, as a tool's has."""
    folder = tmp_path_factory.mktemp("tool")
    environment(folder, None)
    for name in choice._needed() - {"pip", "setuptools", "wheel"}:
        try:
            found = importlib.metadata.distribution(name)
        except importlib.metadata.PackageNotFoundError:  # for another platform
            continue
        for top in {file.parts[0] for file in found.files or ()} - {"..", "__pycache__"}:
            place = folder / PACKAGES / top
            if not place.exists():
                place.symlink_to(found.locate_file(top))
    return folder / "bin/python"


def environment(folder, package="heavylib", **settings):
    """Makes a virtual environment that holds *package*."""
    (folder / PACKAGES).mkdir(parents=True)
    (folder / "bin").mkdir()
    (folder / "bin/python").symlink_to(BASE)
    lines = {"home": str(BASE.parent), **{key.replace("_", "-"): value for key, value in settings.items()}}
    (folder / "pyvenv.cfg").write_text("".join(f"{key} = {value}\n" for key, value in lines.items()))
    if package is not None:
        (folder / PACKAGES / f"{package}.py").write_text("import colorsys\n")
    return folder


def graph(folder, *arguments, python=sys.executable, **variables):
    """The answer of `graph --format json`, run as a process of its own, or the exit code and what was said."""
    clean = {key: value for key, value in os.environ.items() if key not in ABSENT} | {"PATH": "/nowhere"}
    done = subprocess.run(
        [python, "-m", "importguard", "graph", "--format", "json", *arguments],
        cwd=folder,
        env={**clean, **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    return json.loads(done.stdout) if done.returncode == 0 else (done.returncode, done.stderr)


def has_heavylib(answer):
    assert isinstance(answer, dict), answer
    return "heavylib" in {one["name"] for one in answer["modules"]}


def test_the_active_environment_counts_before_one_in_the_folder(project, tmp_path):
    active = environment(tmp_path / "active")
    environment(project / ".venv", None)
    answer = graph(project, VIRTUAL_ENV=str(active))
    assert has_heavylib(answer)
    assert answer["interpreter"]["executable"] == str(active / "bin/python")
    assert answer["interpreter"]["reason"] == "the active environment, VIRTUAL_ENV"


def test_the_command_line_counts_before_the_configuration_and_that_before_the_active_one(project, tmp_path):
    named, configured, active = (environment(tmp_path / name, name) for name in ("named", "configured", "active"))
    (project / "importguard.toml").write_text(f'entry = "app.py"\npython = "{configured}/bin/python"\n')
    (project / "app.py").write_text("import named, configured, active\n")

    def found(*arguments):
        answer = graph(project, *arguments, VIRTUAL_ENV=str(active))
        return {one["name"] for one in answer["modules"]} & {"named", "configured", "active"}

    assert found("--python", str(named / "bin/python")) == {"named"}
    assert found() == {"configured"}
    (project / "importguard.toml").write_text('entry = "app.py"\n')
    assert found() == {"active"}


@pytest.mark.parametrize("name", [".venv", "venv"])
def test_an_environment_upwards_from_the_project_is_found_from_every_folder(tmp_path, name):
    environment(tmp_path / name)
    inner = tmp_path / "services/web"
    inner.mkdir(parents=True)
    (inner / "app.py").write_text("import heavylib\n")
    (inner / "importguard.toml").write_text('entry = "app.py"\n')
    assert has_heavylib(graph(inner))
    answer = json.loads(_graph_with_config(tmp_path, inner / "importguard.toml"))
    assert has_heavylib(answer)
    assert answer["interpreter"]["reason"] == f"{name} in {tmp_path}"


def test_each_start_below_the_configuration_has_the_environment_beside_its_program(tmp_path):
    inside, above = environment(tmp_path / "web/.venv", "weblib"), environment(tmp_path / ".venv", "toolib")
    entries = "".join(f'[[entry]]\nname = "{one}"\nscript = "{one}/run.py"\n' for one in ("web", "tool"))
    (tmp_path / "importguard.toml").write_text(entries)
    (tmp_path / "tool").mkdir()
    for name in ("web", "tool"):
        (tmp_path / name / "run.py").write_text("import weblib, toolib\n")
    found = {name: graph(tmp_path, "--entry", name) for name in ("web", "tool")}
    libraries = {name: {one["name"] for one in answer["modules"]} for name, answer in found.items()}
    assert libraries["web"] & {"weblib", "toolib"} == {"weblib"}
    assert libraries["tool"] & {"weblib", "toolib"} == {"toolib"}
    assert found["web"]["interpreter"]["executable"] == str(inside / "bin/python")
    assert found["web"]["interpreter"]["reason"] == f".venv in {tmp_path / 'web'}"
    assert found["tool"]["interpreter"]["executable"] == str(above / "bin/python")


def _graph_with_config(folder, config):
    clean = {key: value for key, value in os.environ.items() if key not in ABSENT}
    command = [sys.executable, "-m", "importguard", "--config", str(config), "graph", "--format", "json"]
    return subprocess.run(command, cwd=folder, env=clean, capture_output=True, text=True, check=True).stdout


def test_a_folder_of_the_projects_called_venv_is_no_environment(project, tmp_path):
    (project / "venv").mkdir()
    (project / "venv/__init__.py").touch()
    environment(tmp_path / ".venv")
    assert has_heavylib(graph(project))


def test_the_environment_of_the_tool_itself_is_passed_over_though_it_is_active(project, alone):
    environment(project / ".venv")
    answer = graph(project, python=alone, VIRTUAL_ENV=str(alone.parent.parent))
    assert has_heavylib(answer)
    assert answer["interpreter"]["reason"] == f".venv in {project}"


def test_an_active_environment_that_holds_importguard_beside_the_projects_packages_is_looked_at(project):
    answer = graph(project, VIRTUAL_ENV=sys.prefix)
    assert answer["interpreter"]["executable"] == sys.executable
    assert answer["interpreter"]["reason"] == "the active environment, VIRTUAL_ENV, which holds importguard, too"


def test_poetrys_environment_is_found_by_the_projects_name_and_place(tmp_path):
    # What Poetry 2.5.1 calls the environment of a project `My App` in /srv/shop, made with Python 3.11.
    name = choice._NO_FILE_NAME.sub("_", "my app")
    assert name == "my_app"
    project = tmp_path / "shop"
    project.mkdir()
    (project / "pyproject.toml").write_text('[tool.poetry]\nname = "My App"\n[tool.importguard]\nentry = "app.py"\n')
    (project / "app.py").write_text("import heavylib\n")
    called = choice._poetry_name(project.resolve())
    kept = environment(tmp_path / f"cache/virtualenvs/{called}-py3.11")
    environment(tmp_path / f"cache/virtualenvs/{called}-py3.9", None)
    answer = graph(project, POETRY_CACHE_DIR=str(tmp_path / "cache"))
    assert has_heavylib(answer)
    assert answer["interpreter"]["executable"] == str(kept / "bin/python")
    (tmp_path / "cache/virtualenvs/envs.toml").write_text(f'["{called}"]\nminor = "3.9"\npatch = "3.9.1"\n')
    assert not has_heavylib(graph(project, POETRY_CACHE_DIR=str(tmp_path / "cache")))


def test_poetrys_name_is_the_one_that_poetry_makes(monkeypatch):
    """Recorded with Poetry 2.5.1: `poetry env use python3.11` in /tmp/gt/po made my_app-2aYbK56T-py3.11."""
    monkeypatch.setattr(choice.os.path, "realpath", lambda _: "/tmp/gt/po")
    monkeypatch.setattr("importguard.project.config.read_toml", lambda _: {"tool": {"poetry": {"name": "My App"}}})
    assert choice._poetry_name(Path("/anywhere")) == "my_app-2aYbK56T"


def test_condas_active_environment_is_found(project, tmp_path):
    conda = environment(tmp_path / "conda")
    answer = graph(project, CONDA_PREFIX=str(conda))
    assert has_heavylib(answer)
    assert answer["interpreter"]["reason"] == "conda's active environment, CONDA_PREFIX"


def test_python_on_path_is_found_and_the_tools_own_is_passed_over(project, tmp_path, alone):
    on_path = environment(tmp_path / "on-path")
    path = os.pathsep.join([str(alone.parent), str(on_path / "bin")])
    answer = graph(project, python=alone, PATH=path)
    assert has_heavylib(answer)
    assert answer["interpreter"]["reason"] == "`python` on PATH"


def test_a_program_in_the_project_is_not_started_because_path_leads_to_it(project, alone):
    program = project / "bin/python"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\ntouch {project}/ran\n")
    program.chmod(0o755)
    code, said = graph(project, python=alone, PATH=str(program.parent))
    assert (code, (project / "ran").exists()) == (2, False)
    assert "--python" in said


def test_the_tools_own_environment_is_the_last_resort_and_is_said_to_be(project, alone):
    answer = graph(project, python=alone)
    assert answer["interpreter"]["executable"] == str(alone)
    assert answer["interpreter"]["reason"].startswith("no environment of the project was found, so this is importguard")


def test_uv_lays_an_environment_over_the_projects_which_is_looked_at(tmp_path, alone):
    """`uv run --with importguard`: pyvenv.cfg names the environment below, a .pth line adds the folders of packages."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    (folder / "app.py").write_text("import heavylib\n")
    below = environment(tmp_path / "below")
    overlay = environment(tmp_path / "overlay", None, extends_environment=str(below))
    tool = alone.parent.parent / PACKAGES
    added = "; ".join(f'site.addsitedir(__import__("os").fsdecode(b"{one}"))' for one in (tool, below / PACKAGES))
    (overlay / PACKAGES / "_uv_ephemeral_overlay.pth").write_text(f"import site; {added}\n")
    answer = graph(folder, "app.py", python=overlay / "bin/python", VIRTUAL_ENV=str(overlay))
    assert has_heavylib(answer)
    assert answer["interpreter"]["executable"] == str(below / "bin/python")
    # Seen from another environment, the overlay has what its line adds.
    assert has_heavylib(graph(folder, "app.py", VIRTUAL_ENV=str(overlay)))


def test_an_environment_that_was_chosen_and_cannot_be_used_is_never_left_for_the_next(project, tmp_path):
    environment(project / ".venv")
    code, said = graph(project, VIRTUAL_ENV=str(tmp_path / "gone"))
    assert code == 2
    assert "VIRTUAL_ENV names it" in said
    (project / ".venv/bin/python").unlink()
    environment(tmp_path / ".venv")
    code, said = graph(project)
    assert code == 2
    assert f"{project}/.venv" in said
    (project / ".venv/bin/python").symlink_to(BASE)
    (project / ".venv/pyvenv.cfg").unlink()
    code, said = graph(project)
    assert code == 2
    assert "has no pyvenv.cfg" in said


def test_packages_that_cannot_be_read_exit_2(run, write, monkeypatch):
    folder = environment(write({"app.py": ""}) / ".venv") / PACKAGES
    listdir = os.listdir

    def refuse(path):
        if str(path) == str(folder):
            raise PermissionError(13, "Permission denied", str(path))
        return listdir(path)

    monkeypatch.setattr(os, "listdir", refuse)
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)
    result = run("check", "app.py", "--no-cache")
    assert (result.returncode, result.stdout) == (2, "")
    assert f"its packages in {folder} cannot be read: Permission denied" in result.stderr


def test_pythonpath_counts_and_is_named(project, tmp_path):
    (tmp_path / "extra").mkdir()
    (tmp_path / "extra/heavylib.py").touch()
    assert not has_heavylib(graph(project))
    assert has_heavylib(graph(project, PYTHONPATH="../extra"))


def test_configured_paths_count(project):
    (project / "lib").mkdir()
    (project / "lib/heavylib.py").touch()
    assert not has_heavylib(graph(project))
    (project / "importguard.toml").write_text('entry = "app.py"\npaths = ["lib"]\n')
    assert has_heavylib(graph(project))
    (project / "importguard.toml").write_text('entry = "app.py"\npaths = ["libs"]\n')
    code, said = graph(project)
    assert (code, "`paths`: libs is no folder" in said) == (2, True)


def test_src_is_recognised_for_scripts(tmp_path):
    shop = tmp_path / "src/shop"
    shop.mkdir(parents=True)
    (shop / "__init__.py").touch()
    (shop / "cart.py").touch()
    (shop / "__main__.py").write_text("import shop.cart\n")
    answer = graph(tmp_path, "src/shop/__main__.py")
    assert {"shop", "shop.cart"} <= {one["name"] for one in answer["modules"]}
    assert answer["unresolved"] == []


STYLES = ["text", "json", "sarif", "junit", "markdown"]


@pytest.mark.parametrize("style", STYLES)
def test_every_report_names_the_interpreter_and_why_it_was_chosen(run, write, style, monkeypatch):
    monkeypatch.setenv("VIRTUAL_ENV", sys.prefix)
    write({"app.py": "import colorsys"})
    said = run("check", "app.py", "--format", style).stdout
    assert sys.executable in said.replace("\\", "")
    assert "the active environment" in said


@pytest.mark.parametrize("arguments", [("graph", "app.py"), ("why", "colorsys", "app.py")])
def test_every_text_names_the_interpreter(run, write, arguments, monkeypatch):
    monkeypatch.setenv("VIRTUAL_ENV", sys.prefix)
    write({"app.py": "import colorsys"})
    last = run(*arguments).stdout.splitlines()[-1]
    assert last.startswith(f"Looked at Python {'.'.join(map(str, sys.version_info[:3]))}, {sys.executable}: the active")
