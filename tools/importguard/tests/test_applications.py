"""What real applications are made of, and what `init` and `check` say of it in the application's own checkout."""

import json
import os
import venv

import pytest

from importguard.project.config import find_project

PART = "#" * 300_000  # a module of some 3.6 ms, by estimate
COMMAND = '[project]\nname = "tool"\nscripts.tool = "{target}"\n'


def dear(name):
    """The files of a package that takes some 20 ms."""
    names = [f"part{index}" for index in range(6)]
    body = "".join(f"from {name} import {one}\n" for one in names)
    return {f"{name}/__init__.py": body, **{f"{name}/{one}.py": PART for one in names}}


def answer(result):
    """What a command has printed as JSON."""
    return json.loads(result.stdout)


def test_the_second_package_of_a_distribution_is_no_cut_of_its_own_command(run, write):
    write(
        {
            **dear("engine"),
            "tool/__init__.py": "",
            "tool/cli.py": "from engine import part0\ndef main(): ...",
            "pyproject.toml": COMMAND.format(target="tool.cli:main"),
            "importguard.toml": 'command = "tool"\nheavy_ms = 15.0\n',
        }
    )
    said = answer(run("check", "--format", "json"))
    assert (said["ok"], said["findings"], said["plan"]["steps"]) == (True, [], [])
    assert {one["subject"] for one in said["plan"]["rest"]} >= {"engine", "tool"}


def test_a_package_of_another_folder_is_a_cut_of_a_command(run, write):
    write(
        {
            **{f"libs/{path}": text for path, text in dear("engine").items()},
            "tool/__init__.py": "",
            "tool/cli.py": "import engine\ndef main(): ...",
            "pyproject.toml": COMMAND.format(target="tool.cli:main"),
            "importguard.toml": 'command = "tool"\nheavy_ms = 15.0\npaths = ["libs"]\n',
        }
    )
    (finding,) = answer(run("check", "--format", "json"))["findings"]
    assert (finding["subject"], finding["path"]) == ("engine", "tool/cli.py")


@pytest.mark.parametrize("start", [["--command", "tool"], ["-m", "tool"], ["--import", "tool.cli"], ["app.py"]])
def test_the_checkout_is_read_before_a_release_that_is_installed(run, write, tmp_path, start, monkeypatch):
    root = write(
        {
            "site/tool/__init__.py": "",
            "site/tool/cli.py": "import colorsys\ndef main(): ...",
            "site/tool/__main__.py": "import tool.cli",
            "src/tool/__init__.py": "",
            "src/tool/cli.py": "import wave\ndef main(): ...",
            "src/tool/__main__.py": "import tool.cli",
            "app.py": "import tool.cli",
            "pyproject.toml": COMMAND.format(target="tool.cli:main"),
        }
    )
    said = run("init").stdout
    assert 'It has paths = ["src"]' in said
    assert find_project(root).config.paths == ("src",)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "site"))  # it comes before the project's own paths
    with_path = {one["name"] for one in answer(run("graph", "--format", "json", *start))["modules"]}
    monkeypatch.delenv("PYTHONPATH")
    alone = {one["name"] for one in answer(run("graph", "--format", "json", *start))["modules"]}
    assert ("wave" in alone, "colorsys" in alone) == (True, False)
    assert ("wave" in with_path) == (start != ["app.py"])  # there PYTHONPATH comes first, as in Python


def test_a_command_without_configuration_reads_the_checkout_too(run, write, monkeypatch, tmp_path):
    write(
        {
            "site/tool/__init__.py": "",
            "site/tool/cli.py": "import colorsys\ndef main(): ...",
            "src/tool/__init__.py": "",
            "src/tool/cli.py": "import wave\ndef main(): ...",
            "pyproject.toml": COMMAND.format(target="tool.cli:main"),
        }
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "site"))
    loaded = {one["name"] for one in answer(run("graph", "--format", "json", "--command", "tool"))["modules"]}
    assert ("wave" in loaded, "colorsys" in loaded) == (True, False)


@pytest.mark.parametrize("folder", ["", "src/"])
def test_init_in_the_checkout_of_a_framework_does_not_allow_it(run, write, folder):
    root = write(
        {
            f"{folder}celery/__init__.py": "from celery.app import Celery",
            f"{folder}celery/app.py": "class Celery: ...\ndefault = Celery('default')",
            f"{folder}celery/__main__.py": "import celery\ndef main(): ...",
            "pyproject.toml": '[project]\nname = "celery"\nscripts.celery = "celery.__main__:main"\n',
        }
    )
    assert "allow" not in run("init").stdout
    config = find_project(root).config
    assert (config.allow, config.command) == ((), "celery")


BUILT_ON = {
    "textual": ("from textual.app import App\nclass Tool(App): ...\ndef main(): ...", ("textual",)),
    "click": ("import click\n@click.command()\ndef main(): ...", ("click",)),
    "typer": ("import typer\napp = typer.Typer()\ndef main(): ...", ("typer",)),
    "rich": ("from rich.console import Console\ndef main(): Console().print('x')", ("rich",)),
    "rich beside what the program is": ("import click, rich\n@click.group()\ndef main(): ...", ("click",)),
    "a use of click that makes no command": ("from click import echo\ndef main(): echo('x')", ()),
    "nothing": ("def main(): ...", ()),
}


@pytest.mark.parametrize(("text", "allowed"), BUILT_ON.values(), ids=BUILT_ON.keys())
@pytest.mark.parametrize("folder", ["", "src/"])
def test_init_allows_what_a_command_is_built_on_and_says_why(run, write, text, allowed, folder):
    files = {f"{folder}tool/__init__.py": "", f"{folder}tool/cli.py": text}
    root = write({**files, "pyproject.toml": COMMAND.format(target="tool.cli:main")})
    said = run("init").stdout
    assert find_project(root).config.allow == allowed
    for package in allowed:
        assert f'It has allow = ["{package}"]: the application is built on {package}, which has to load.' in said
    assert bool(allowed) == ("It has allow" in said)


OPTIONAL = {
    "under a caught ImportError": ("try:\n    import absent\nexcept ImportError:\n    absent = None", None),
    "in a function that nothing calls": ("def export():\n    import absent", "note"),
    "by name in a function that nothing calls": (
        "import importlib\ndef export():\n    importlib.import_module('absent')",
        "note",
    ),
    "in a function that is called on a condition": (
        "import sys\ndef export():\n    import absent\nif '--export' in sys.argv:\n    export()",
        "note",
    ),
    "in a function that the start calls": ("def export():\n    import absent\nexport()", "error"),
    "at module level": ("import absent", "error"),
    "at module level of a module that a function imports": ("def export():\n    import plugin", "error"),
    "by a computed name that the start runs": (
        "import importlib, sys\ndef load(name):\n    importlib.import_module(name)\nload(input())",
        "error",
    ),
    "by a computed name in a function that nothing calls": (
        "import importlib\ndef load(name):\n    importlib.import_module(name)",
        None,
    ),
}


@pytest.mark.parametrize(("text", "severity"), OPTIONAL.values(), ids=OPTIONAL.keys())
def test_an_import_that_the_start_does_not_run_fails_nothing(run, write, text, severity):
    write({"app.py": text, "plugin.py": "import absent", "importguard.toml": 'entry = "app.py"\nselect = ["IG501"]\n'})
    result = run("check", "--format", "json")
    assert [one["severity"] for one in answer(result)["findings"]] == ([severity] if severity else [])
    assert result.returncode == (severity == "error")


def test_a_plan_says_where_it_may_be_incomplete(run, write):
    files = {"app.py": "import importlib\nname = input()\nimportlib.import_module(name)"}
    write({**files, "importguard.toml": 'entry = "app.py"\nignore = ["IG501"]\n'})
    assert answer(run("check", "--format", "json"))["plan"]["incomplete"] == [{"path": "app.py", "line": 3}]
    text = run("check").stdout
    assert "note: the plan may be incomplete: app.py:3 imports by a name that is computed" in text
    assert "importguard verify" in text
    write({"app.py": "import colorsys"})
    assert answer(run("check", "--format", "json"))["plan"]["incomplete"] == []


def test_an_optional_framework_does_not_make_a_command_a_server(run, write):
    head = "try:\n    import django\nexcept ImportError:\n    django = None\n"
    write(
        {
            "django/__init__.py": "",
            "app.py": head + "import colorsys\n",
            "importguard.toml": 'entry = "app.py"\nheavy = ["colorsys"]\n',
        }
    )
    (finding,) = answer(run("check", "--format", "json"))["findings"]
    assert "mport it inside the function that uses it." in finding["fix_hint"]  # 3.15 has `lazy import` before it


def test_the_second_package_of_an_installed_distribution_is_no_cut_of_its_command(run, write, tmp_path):
    venv.create(tmp_path / "venv", symlinks=os.name != "nt")
    python = next(tmp_path.glob("venv/[bS]*/python*"))
    site = next((tmp_path / "venv").rglob("site-packages")).relative_to(tmp_path).as_posix()
    wrapper = "import sys\nfrom tool.cli import main\nif __name__ == '__main__':\n    sys.exit(main())\n"
    record = "tool/__init__.py,,\ntool/cli.py,,\nengine/__init__.py,,\n../../../bin/tool,,\n"
    installed = {
        **dear("engine"),
        **dear("paint"),
        "tool/__init__.py": "",
        "tool/cli.py": "import engine\nimport paint\ndef main(): ...",
        "tool-1.dist-info/RECORD": record,
        "tool-1.dist-info/entry_points.txt": "[console_scripts]\ntool = tool.cli:main\n",
    }
    files = {f"{site}/{path}": text for path, text in installed.items()}
    write({**files, f"{python.parent.relative_to(tmp_path)}/tool": f"#!{python}\n{wrapper}"})
    write({"importguard.toml": 'command = "tool"\nheavy_ms = 15.0\n'})
    said = answer(run("check", "--format", "json", "--python", str(python)))
    assert [one["subject"] for one in said["findings"]] == ["paint"]
    assert {one["subject"] for one in said["plan"]["rest"]} >= {"engine", "tool"}
