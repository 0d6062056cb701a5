"""Starts as people write them: each is analysed, run by the real interpreter, and compared."""

import json
import os
import re
import stat
import subprocess
import sys
import sysconfig
import venv
import zipapp
from pathlib import Path

import pytest

import importguard
from importguard.cli.entry import Choice

# Modules that a small program does not load by itself.
MARKERS = {"colorsys", "sched", "netrc", "wave", "tomllib", "sndhdr", "this", "antigravity", "mailcap", "imghdr"}
MARKED = re.compile(r"^import time:.*\| +([\w.]+)$", re.MULTILINE)

WRAPPER = """\
#!{python}
# -*- coding: utf-8 -*-
import re
import sys
from crane.cli import run
if __name__ == "__main__":
    sys.argv[0] = re.sub(r"(-script\\.pyw|\\.exe)?$", "", sys.argv[0])
    sys.exit(run())
"""
CRANE = """
import sys, colorsys
def run():
    import sched
    if len(sys.argv) > 1 and sys.argv[1] == "--deep":
        import netrc
class App:
    @staticmethod
    def start():
        import tomllib
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """The Python of an environment with a package `crane` and its commands: one has a wrapper, one has none."""
    folder = tmp_path_factory.mktemp("env")
    venv.create(folder, with_pip=False, symlinks=os.name != "nt")
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    site = Path(sysconfig.get_path("purelib", "venv", {"base": str(folder)}))
    (site / "crane").mkdir()
    (site / "crane" / "__init__.py").touch()
    (site / "crane" / "cli.py").write_text(CRANE)
    (site / "crane-1.dist-info").mkdir()
    points = "[console_scripts]\ncrane = crane.cli:run\n\n[gui_scripts]\ncrane-app = crane.cli:App.start\n"
    (site / "crane-1.dist-info" / "entry_points.txt").write_text(points)
    wrapper = python.parent / "crane"
    wrapper.write_text(WRAPPER.format(python=python))
    wrapper.chmod(wrapper.stat().st_mode | stat.S_IXUSR)
    (python.parent / "hoist").write_text(f"#!{python}\nimport sys, colorsys\nimport crane.cli\ncrane.cli.run()\n")
    (site / "crane-1.dist-info" / "RECORD").write_text("crane/cli.py,,\ncrane/__init__.py,,\n../../../bin/hoist,,\n")
    return python


def loaded(*command, folder):
    """The marker modules that *command* loads in the real interpreter."""
    done = subprocess.run(
        [command[0], "-X", "importtime", *command[1:]], cwd=folder, capture_output=True, text=True, timeout=240
    )
    assert done.returncode == 0, done.stderr
    return MARKERS & set(MARKED.findall(done.stderr))


def predicted(result):
    """Certain and possible marker modules of `graph --format json`."""
    assert result.returncode == 0, result.stderr
    modules = [
        one for one in json.loads(result.stdout)["modules"] if one["reach"] == "eager" and one["name"] in MARKERS
    ]
    return tuple({one["name"] for one in modules if one["certainty"] == which} for which in ("certain", "possible"))


PACKAGE = {
    "pk/__init__.py": "import colorsys",
    "pk/__main__.py": "from .cli import main\nif __name__ == '__main__':\n    main()\nelse:\n    import netrc",
    "pk/cli.py": "def main():\n    import sched",
    "pk/tool.py": """
        if __name__ == "__main__" and __package__ == "pk" and __spec__.name == "pk.tool":
            from . import part
        else:
            import netrc
        """,
    "pk/part.py": "import wave",
}
PROGRAMS = {
    "script": ({"app.py": "import lib", "lib.py": "import colorsys"}, ["app.py"], ["app.py"]),
    "script below": (
        {"tools/app.py": "import lib", "tools/lib.py": "import colorsys", "lib.py": "import netrc"},
        ["tools/app.py"],
        ["tools/app.py"],
    ),
    "script without a spec": (
        {"app.py": "if __spec__ is None and __package__ is None: import colorsys\nelse: import netrc"},
        ["app.py"],
        ["app.py"],
    ),
    "first argument": (
        {"app.py": "import sys\nif sys.argv[0].endswith('app.py'): import colorsys\nelse: import netrc"},
        ["app.py"],
        ["app.py"],
    ),
    "folder": (
        {
            "site/__main__.py": "import lib\nif __package__ == '' and __spec__.name == '__main__': import sched",
            "site/lib.py": "import colorsys",
            "lib.py": "import netrc",
        },
        ["site"],
        ["site"],
    ),
    "-m package": (PACKAGE, ["-m", "pk"], ["-m", "pk"]),
    "-m module": (PACKAGE, ["-m", "pk.tool"], ["-m", "pk.tool"]),
    "-m of a file": ({"one.py": "import two", "two.py": "import colorsys"}, ["-m", "one"], ["-m", "one"]),
    "-m and the file's path": (
        {"pk/__init__.py": "", "pk/go.py": "import sys\nif sys.argv[0].endswith('go.py'): import colorsys"},
        ["-m", "pk.go"],
        ["-m", "pk.go"],
    ),
    "--import": (PACKAGE, ["--import", "pk.tool"], ["-c", "import pk.tool"]),
    "--import of a package": (PACKAGE, ["--import", "pk"], ["-c", "import pk"]),
    "arguments": (
        {"app.py": "import sys\nfor name in sys.argv[1:]: __import__(name)"},
        ["app.py", "--", "colorsys", "sched"],
        ["app.py", "colorsys", "sched"],
    ),
    "no arguments": (
        {"app.py": "import sys\nif len(sys.argv) > 1: import netrc\nelse: import colorsys"},
        ["app.py", "--"],
        ["app.py"],
    ),
    "arguments of a module": (
        {"pk/__init__.py": "", "pk/__main__.py": "import sys\nif '--deep' in sys.argv: import wave"},
        ["-m", "pk", "--", "--deep"],
        ["-m", "pk", "--deep"],
    ),
}


@pytest.mark.parametrize(("files", "start", "command"), PROGRAMS.values(), ids=PROGRAMS.keys())
def test_a_start_loads_what_the_interpreter_loads(run, write, files, start, command):
    root = write(files)
    cut = start.index("--") if "--" in start else len(start)
    result = run("graph", *start[:cut], "--format", "json", *start[cut:])
    assert predicted(result) == (loaded(sys.executable, *command, folder=root), set())


def test_an_archive_is_a_start(run, write):
    root = write({"site/__main__.py": "import lib", "site/lib.py": "import colorsys", "lib.py": "import netrc"})
    zipapp.create_archive(root / "site", root / "app.pyz", interpreter="/usr/bin/env python3")
    assert predicted(run("graph", "app.pyz", "--format", "json")) == ({"colorsys"}, set())
    assert loaded(sys.executable, "app.pyz", folder=root) == {"colorsys"}
    assert "app.pyz loads" in run("check", "app.pyz").stdout


def test_what_runs_as_main_and_is_imported_too_is_loaded_twice(run, write):
    write({"pk/__init__.py": "", "pk/a.py": "import pk.b", "pk/b.py": "import pk.a"})
    modules = json.loads(run("graph", "-m", "pk.a", "--format", "json").stdout)["modules"]
    assert [one["name"] for one in modules if one["reach"] == "eager"] == ["__main__", "pk", "pk.b", "pk.a"]


def test_without_arguments_every_branch_on_them_is_possible(run, write):
    write({"app.py": "import sys\nif '--deep' in sys.argv: import wave\nif len(sys.argv) > 1: import sched"})
    assert predicted(run("graph", "app.py", "--format", "json")) == (set(), {"wave", "sched"})


COMMANDS = {
    "with a wrapper": (["crane"], {"colorsys", "sched"}),
    "with arguments": (["crane", "--", "--deep"], {"colorsys", "sched", "netrc"}),
    "without a wrapper": (["crane-app", "--"], {"colorsys", "tomllib"}),
}


@pytest.mark.parametrize(("command", "found"), COMMANDS.values(), ids=COMMANDS.keys())
def test_a_console_script_loads_what_its_function_imports(run, tmp_path, installed, command, found):
    name, *rest = command
    rest = rest or ["--"]
    result = run("graph", "--command", name, "--python", str(installed), "--format", "json", *rest)
    assert predicted(result) == (found, set())
    if (installed.parent / name).exists():
        assert loaded(str(installed), str(installed.parent / name), *rest[1:], folder=tmp_path) == found


def test_a_command_is_named_by_its_name_on_every_machine(run, write, installed):
    write({"importguard.toml": 'command = "crane"\nmanifest = "m.json"\n[warmup]\nmodules = ["colorsys"]'})
    assert "crane loads" in run("check", "--python", str(installed)).stdout
    assert run("manifest", "--write", "--python", str(installed)).returncode == 0
    manifest = json.loads(Path("m.json").read_text())
    assert (manifest["entry"], str(installed.parent) in Path("m.json").read_text()) == ("crane", False)
    assert run("manifest", "--check", "--python", str(installed)).returncode == 0


def test_a_wrapper_in_bin_is_the_command_with_its_own_interpreter(run, installed):
    result = run("check", str(installed.parent / "crane"))
    assert (result.returncode, "crane loads" in result.stdout) == (0, True)
    assert predicted(run("graph", str(installed.parent / "crane"), "--format", "json", "--")) == (
        {"colorsys", "sched"},
        set(),
    )


@pytest.mark.skipif(os.name == "nt", reason="there a program among the commands has no first line for an interpreter")
def test_a_command_may_be_a_program_itself(run, write, installed):
    write({})
    result = run("graph", "--command", "hoist", "--python", str(installed), "--format", "json", "--")
    assert predicted(result) == (loaded(installed, installed.parent / "hoist", folder="."), set())
    assert predicted(result)[0] >= {"colorsys", "sched"}
    found = {one["name"]: one["origin"] for one in json.loads(result.stdout)["modules"]}
    assert found["crane.cli"] == "third-party"


def test_a_command_that_is_not_installed_is_read_from_the_projects_files(run, write, tmp_path, installed):
    write(
        {
            "pyproject.toml": '[project.scripts]\nlift = "lift.cli:go"',
            "src/lift/__init__.py": "",
            "src/lift/cli.py": "def go():\n    import wave",
        }
    )
    result = run("graph", "--command", "lift", "--python", str(installed), "--format", "json")
    assert predicted(result) == ({"wave"}, set())
    assert json.loads(result.stdout)["entry"]["path"] == str(tmp_path / "pyproject.toml")


def test_an_unknown_command_exits_2_and_the_nearest_one_is_named(run, write, installed):
    write({})
    result = run("check", "--command", "crain", "--python", str(installed))
    assert (result.returncode, result.stdout) == (2, "")
    assert "crain: no such console script in the environment of" in result.stderr
    assert "did you mean crane?" in result.stderr


WRONG = {
    "a folder": (["check", "pk"], "the folder has no __main__.py; pass a script, or -m NAME"),
    "a package without main": (["check", "-m", "pk"], "is a package without __main__.py"),
    "no module": (["check", "-m", "nowhere.at.all"], "no such module"),
    "two": (["check", "-m", "pk", "--import", "pk"], "pass one of them"),
    "with an entry": (["check", "-m", "pk", "--entry", "x"], "START and --entry each name what to analyse"),
    "arguments of an import": (["check", "--import", "pk", "--", "x"], "an import has no arguments"),
    "arguments of nobody": (["check", "--", "x"], "no entry to analyse"),
    "too much": (["check", "app.py", "x"], "unexpected extra argument"),
}


@pytest.mark.parametrize(("arguments", "said"), WRONG.values(), ids=WRONG.keys())
def test_a_start_that_is_none_exits_2_and_says_why(run, write, arguments, said):
    write({"pk/__init__.py": "", "app.py": ""})
    result = run(*arguments)
    assert (result.returncode, result.stdout, said in result.stderr) == (2, "", True), result.stderr


CONFIGURED = {
    "entry": ('entry = "site"', {"site/__main__.py": "import colorsys"}),
    "run_module": ('run_module = "pk"', {"pk/__main__.py": "if __name__ == '__main__': import colorsys"}),
    "import": ('import = "pk"', {"pk/__init__.py": "import colorsys", "pk/__main__.py": "import netrc"}),
    "module": ('module = "pk"', {"pk/__init__.py": "import colorsys", "pk/__main__.py": "import netrc"}),
    "args": ('entry = "app.py"\nargs = ["colorsys"]', {"app.py": "import sys\n__import__(sys.argv[1])"}),
    "no args": ('entry = "app.py"\nargs = []', {"app.py": "import sys\nif not sys.argv[1:]: import colorsys"}),
    "table": (
        '[[entry]]\nrun_module = "pk"\nargs = ["colorsys"]',
        {"pk/__main__.py": "import sys\n__import__(sys.argv[1])"},
    ),
}


@pytest.mark.parametrize(("config", "files"), CONFIGURED.values(), ids=CONFIGURED.keys())
def test_a_configured_start_is_analysed_and_verified_alike(run, write, config, files):
    write({**files, "importguard.toml": config})
    assert predicted(run("graph", "--format", "json")) == ({"colorsys"}, set())
    found = run("verify", "--format", "json")
    assert (found.returncode, json.loads(found.stdout)["agrees"]) == (0, True)


def test_the_older_words_are_explained_on_stderr_and_nowhere_else(run, write):
    write({"pk/__init__.py": "", "pk/__main__.py": ""})
    plain = run("graph", "--import", "pk", "--format", "json")
    older = run("graph", "--module", "pk", "--format", "json")
    assert (plain.stdout, plain.stderr) == (older.stdout, "")
    assert older.stderr == (
        "importguard: --module means the import of pk alone; "
        "write --import pk for that, or -m pk for what `python -m pk` does.\n"
    )
    assert run("check", "-m", "pk").stderr == (
        "importguard: -m pk is what `python -m pk` does; --import pk is the import alone, which -m was before.\n"
    )
    write({"importguard.toml": 'module = "pk"'})
    assert run("check").stderr == (
        "importguard: `module` in importguard.toml means the import of pk alone; "
        'write import = "pk" for that, or run_module = "pk" for what `python -m pk` does.\n'
    )
    write({"importguard.toml": 'import = "pk"'})
    assert run("check").stderr == ""


def test_arguments_on_the_command_line_take_the_place_of_configured_ones(run, write):
    files = {"app.py": "import sys\nfor name in sys.argv[1:]: __import__(name)"}
    write({**files, "importguard.toml": 'entry = "app.py"\nargs = ["netrc"]\nbudget_modules = 1'})
    assert predicted(run("graph", "app.py", "--format", "json", "--", "colorsys")) == ({"colorsys"}, set())
    assert predicted(run("graph", "--format", "json", "--", "colorsys")) == ({"colorsys"}, set())
    assert predicted(run("graph", "app.py", "--format", "json")) == ({"netrc"}, set())
    assert "IG201" in run("check", "app.py", "--", "colorsys").stdout  # with the entry's policy


VERIFIED = {
    "a script with arguments": ["app.py", "--", "colorsys"],
    "a whole command line": ["--", "app.py", "colorsys"],
    "a module": ["-m", "pk", "--", "colorsys"],
    "a whole command line with a module": ["--", "-m", "pk", "colorsys"],
    "an import": ["--import", "lib"],
    "a folder": ["site"],
    "the configured one with arguments": ["--entry", "app", "--", "colorsys"],
}


@pytest.mark.parametrize("start", VERIFIED.values(), ids=VERIFIED.keys())
def test_verify_runs_the_start_that_it_predicts(run, write, start):
    program = "import sys\nassert __name__ == '__main__'\nfor name in sys.argv[1:]: __import__(name)"
    entry = '[[entry]]\nname = "app"\nscript = "app.py"\n[[entry]]\nscript = "site"'
    write({"app.py": program, "pk/__main__.py": program, "lib.py": "import colorsys", "importguard.toml": entry})
    write({"site/__main__.py": "import lib", "site/lib.py": "import colorsys"})
    cut = start.index("--") if "--" in start else len(start)
    result = run("verify", *start[:cut], "--format", "json", *start[cut:])
    found = json.loads(result.stdout)
    assert (result.returncode, found["agrees"], found["on_main"] >= 1) == (0, True, True), found


def test_verify_runs_a_console_script_with_and_without_its_wrapper(run, write, installed):
    write({})
    for command in (["crane", "--", "--deep"], ["crane-app", "--"]):
        result = run("verify", "--command", command[0], "--python", str(installed), "--format", "json", *command[1:])
        found = json.loads(result.stdout)
        assert (result.returncode, found["agrees"], found["entry"]) == (0, True, command[0]), found


def test_a_command_beside_an_earlier_revision_is_the_projects_own_code(run, write, installed):
    def git(*arguments):
        subprocess.run(["git", "-c", "user.name=n", "-c", "user.email=e@x", *arguments], cwd=root, check=True)

    config = {"pyproject.toml": '[project.scripts]\nlift = "lift.cli:go"', "importguard.toml": 'command = "lift"'}
    root = write({**config, "lift/__init__.py": "", "lift/cli.py": "def go(): pass"})
    git("init", "--quiet")
    git("add", ".")
    git("commit", "--quiet", "-m", "one")
    write({"lift/cli.py": "def go():\n    import wave"})
    assert re.search(r"\+\d+ modules", run("check", "--against", "HEAD", "--python", str(installed)).stdout)


NOTE = "note: the arguments of {} are not known, so each branch on them is possible."
ASKS = "import sys\nif '--deep' in sys.argv: import colorsys"
NOTED = {
    "arguments are read": ({"app.py": ASKS}, ["app.py"], "app.py"),
    "a parser is used": (
        {"pk/__main__.py": "from argparse import ArgumentParser\nif ArgumentParser().parse_args().x: import colorsys"},
        ["-m", "pk"],
        "-m pk",
    ),
    "they are known": ({"app.py": ASKS}, ["app.py", "--"], None),
    "nothing hangs on them": ({"app.py": "import sys, colorsys\nprint(sys.argv)"}, ["app.py"], None),
    "other things are possible": ({"app.py": "import os\nif os.getpid() % 2: import colorsys"}, ["app.py"], None),
    "an import": ({"app.py": ASKS}, ["--import", "app"], None),
}


@pytest.mark.parametrize(("files", "start", "name"), NOTED.values(), ids=NOTED.keys())
def test_check_says_once_that_unknown_arguments_leave_branches_open(run, write, files, start, name):
    write(files)
    said = run("check", *start).stdout
    assert said.count("note: the arguments of") == (name is not None)
    assert name is None or NOTE.format(name) in said


def test_a_wrapper_keeps_its_interpreter_when_it_is_checked_again(tmp_path, installed, monkeypatch):
    monkeypatch.chdir(tmp_path)
    start = importguard.find_project().start_of(importguard.Kind.COMMAND, "crane").with_python(str(installed))
    again = Choice(start.project, start, (), None).anew()
    assert again.start.config.python == str(installed)
