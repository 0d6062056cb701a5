"""`importguard commands`: each sub-command of a program as a start of its own, and what it may cost."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from importguard.startup.machine import bounds

CLICK = """
    import click

    @click.group()
    def cli():
        pass

    @cli.command()
    @click.argument("file")
    @click.option("--pretty", is_flag=True)
    def show(file, pretty):
        if file is None:
            return
        import one
        if pretty:
            import three

    @cli.group()
    def db():
        pass

    @db.command()
    @click.option("--to", required=True)
    def migrate(to):
        import two

    @db.command("drop")
    def remove():
        import one, two

    if __name__ == "__main__":
        cli()
    """
TYPER = """
    import typer

    app = typer.Typer()
    db = typer.Typer()
    app.add_typer(db, name="db")

    @app.command()
    def show(file: str, pretty: bool = False):
        import one

    @db.command("migrate")
    def move(to: str = typer.Option(...)):
        import two

    @db.command()
    def drop():
        import one, two

    if __name__ == "__main__":
        app()
    """
ARGPARSE = """
    import argparse

    def show(args):
        import one
        if args.pretty:
            import three

    def migrate(args):
        import two

    def drop(args):
        import one, two

    def main():
        parser = argparse.ArgumentParser()
        commands = parser.add_subparsers(required=True)
        shown = commands.add_parser("show", aliases=["s"])
        shown.add_argument("file")
        shown.add_argument("--pretty", action="store_true")
        shown.set_defaults(run=show)
        below = commands.add_parser("db").add_subparsers(required=True)
        moved = below.add_parser("migrate")
        moved.add_argument("to", nargs="+")
        moved.set_defaults(run=migrate)
        below.add_parser("drop").set_defaults(run=drop)
        args = parser.parse_args()
        args.run(args)

    if __name__ == "__main__":
        main()
    """
FIRE = """
    import fire

    def show(file, pretty=False):
        import one
        if pretty:
            import three

    class Database:
        def migrate(self, to):
            import two

        def drop(self):
            import one, two

        def _hidden(self):
            import three

    if __name__ == "__main__":
        fire.Fire({"show": show, "db": Database})
    """
# The words that each command demands, so that it really runs.
REAL = {
    "--help": ["--help"],
    "db --help": ["db", "--help"],
    "show": ["show", "file.txt"],
    "db migrate": ["db", "migrate", "--to", "now"],
    "db drop": ["db", "drop"],
}
LOADED = {"--help": set(), "db --help": set(), "show": {"one"}, "db migrate": {"two"}, "db drop": {"one", "two"}}
PROGRAMS = {"click": CLICK, "typer": TYPER, "argparse": ARGPARSE, "fire": FIRE}
MARKERS = {"one.py": "", "two.py": "", "three.py": ""}


def commands_of(done):
    return {one["name"]: one for one in json.loads(done.stdout)["commands"]}


@pytest.mark.parametrize("library", PROGRAMS)
def test_each_command_loads_what_a_real_run_of_it_loads(write, run, library):
    root = write({**MARKERS, "cli.py": PROGRAMS[library]})
    found = commands_of(run("commands", "cli.py", "--format", "json"))
    told = {
        name: {one for one in LOADED["db drop"] | {"three"} if one in row["packages"]} for name, row in found.items()
    }
    assert told == LOADED
    for name, words in REAL.items():
        positional = [word for word in words if library != "argparse" or word != "--to"]
        assert _really_loaded(root, positional) == LOADED[name], name


def _really_loaded(root, words):
    """Which of the MARKERS a run with *words* has loaded."""
    code = (
        "import runpy, sys\nsys.path.insert(0, '.')\n"
        f"sys.argv = ['cli.py', *{words!r}]\n"
        "try: runpy.run_path('cli.py', run_name='__main__')\nexcept SystemExit as ended: assert not ended.code, ended\n"
        "print('\\nloaded', *{'one', 'two', 'three'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, timeout=240, check=False
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.rpartition("loaded")[2].split())


def test_a_program_that_has_words_of_its_own_for_who_gives_none_has_its_commands(write, run):
    code = ARGPARSE.replace("args = parser.parse_args()", "args = parser.parse_args(sys.argv[1:] or ['db', 'drop'])")
    write({**MARKERS, "cli.py": code.replace("import argparse", "import argparse, sys", 1)})
    assert set(commands_of(run("commands", "cli.py", "--format", "json"))) == set(LOADED)


CHOICES = """
    import argparse, importlib

    def main():
        parser = argparse.ArgumentParser()
        parser.add_argument("--quiet", action="store_true")
        parser.add_argument("command", choices={"show": "one", "drop": "two"}.keys())
        parser.add_argument("rest", nargs=argparse.REMAINDER)
        args = parser.parse_args()
        importlib.import_module({"show": "one", "drop": "two"}[args.command])

    if __name__ == "__main__":
        main()
    """


def test_the_choices_of_a_first_argument_are_commands(write, run):
    write({**MARKERS, "cli.py": CHOICES})
    found = commands_of(run("commands", "cli.py", "--format", "json"))
    said = {name: {"one", "two"} & set(row["packages"]) for name, row in found.items()}
    assert said == {"--help": set(), "show": {"one"}, "drop": {"two"}}


def test_the_choices_of_an_option_are_no_commands(write, run):
    write({**MARKERS, "cli.py": CHOICES.replace('"command", choices', '"--command", choices')})
    assert "no sub-commands were found" in run("commands", "cli.py").stderr


LONG = """
    @click.group()
    @click.option("--banner", is_flag=True, is_eager=True, expose_value=False, callback=spin)
    """
SPIN = """
    def spin(context, parameter, value):
        if not value:
            return
        for first in range(1000):
            for second in range(1000):
                first, second = second, first

    """


def test_what_an_option_calls_may_take_long_and_the_commands_are_found(write, run):
    code = CLICK.replace("@click.group()", LONG.strip(), 1).replace("import click\n", f"import click\n{SPIN}", 1)
    write({**MARKERS, "cli.py": code})
    found = commands_of(run("commands", "cli.py", "--format", "json"))
    assert {name: {"one", "two"} & set(row["packages"]) for name, row in found.items()} == LOADED


def test_a_command_whose_walk_is_too_long_is_a_row_that_says_so(write, run, monkeypatch):
    monkeypatch.setattr(bounds, "MAX_WORK", 3_000_000)
    slow = "for i in range(2000):\n for j in range(2000):\n  x = [i, j]\n"
    write({**MARKERS, "slow.py": slow, "cli.py": ARGPARSE.replace("import one, two", "import one, slow")})
    done = run("commands", "cli.py")
    assert done.returncode == 2, done.stderr
    assert [line.partition("  ")[0] for line in done.stdout.splitlines() if "≥" in line] == ["db drop"]
    (said,) = [line for line in done.stdout.splitlines() if line.startswith("! ")]
    assert "! db drop: slow.py:" in said.replace(os.getcwd() + os.sep, "")
    assert "takes more than 3,000,000 steps to work out" in said
    found = commands_of(run("commands", "cli.py", "--format", "json"))
    assert {name for name, row in found.items() if row["unfinished"]} == {"db drop"}
    assert "one" in found["db drop"]["packages"]


@pytest.mark.parametrize("shelf", ["vendor", "_vendor"])
def test_a_copy_of_click_that_a_package_ships_is_click(write, run, shelf):
    import click

    package = Path(click.__file__).parent
    copies = {f"big/{shelf}/click/{one.name}": one.read_text() for one in package.glob("*.py")}
    code = CLICK.replace("import click", f"from big.{shelf} import click", 1)
    write({**MARKERS, "big/__init__.py": "", f"big/{shelf}/__init__.py": "", **copies, "cli.py": code})
    found = commands_of(run("commands", "cli.py", "--format", "json"))
    assert {name: {"one", "two"} & set(row["packages"]) for name, row in found.items()} == LOADED


def test_the_matrix_has_commands_by_packages(write, run):
    write({**MARKERS, "cli.py": CLICK})
    done = run("commands", "cli.py")
    lines = [line for line in done.stdout.splitlines() if "  " in line]
    header, *rows = [line.split("  ") for line in lines]
    assert done.returncode == 0
    assert header[0].strip() == "Command"
    assert {row[0].strip() for row in rows} == set(LOADED)
    assert {"one", "two", "click"} <= {cell.strip() for cell in header}


@pytest.mark.parametrize(
    ("budgets", "over"),
    [
        (["--help=0"], {"--help"}),
        (["*=0"], {"show", "db migrate", "db drop"}),
        (["*=0", "show=100000"], {"db migrate", "db drop"}),
        (["--help=100000", "*=100000"], set()),
    ],
)
def test_a_command_over_its_budget_fails_the_gate(write, run, budgets, over):
    write({**MARKERS, "cli.py": CLICK})
    asked = [part for one in budgets for part in ("--budget", one)]
    done = run("commands", "cli.py", *asked)
    told = {line[2:].partition(":")[0] for line in done.stdout.splitlines() if line.startswith("✗ ")}
    assert (told, done.returncode) == (over, int(bool(over)))
    found = commands_of(run("commands", "cli.py", "--format", "json", *asked))
    assert {name for name, row in found.items() if row["over"]} == over


def test_the_configuration_names_the_group_and_the_budgets(write, run):
    budgets = '{ "--help" = 0, "show" = 100000 }'
    config = f'heavy_ms = 1000\n[[entry]]\nname = "tool"\nsubcommands = "pkg.cli:cli"\ncommand_budgets = {budgets}\n'
    write({**MARKERS, "pkg/__init__.py": "", "pkg/cli.py": CLICK, "importguard.toml": config})
    done = run("commands")
    assert (done.returncode, "✗ --help" in done.stdout, "✗ show" in done.stdout) == (1, True, False), done.stderr
    assert set(commands_of(run("commands", "--format", "json"))) == set(LOADED)
    checked = run("check", "--format", "json")
    assert checked.returncode == 0, checked.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["plain.py"], "no sub-commands were found"),
        (["cli.py", "--budget", "shwo=1"], "no such sub-command has a budget; there are --help, db --help, show"),
        (["cli.py", "--budget", "show"], "is no NAME=MS"),
        (["cli.py", "--budget", "show=fast"], "is no NAME=MS"),
        (["--command", "pkg:"], 'expected a module and what a console script calls: "package.cli:main"'),
    ],
)
def test_what_cannot_be_answered_says_why(write, run, arguments, said):
    write({**MARKERS, "cli.py": CLICK, "plain.py": "import one"})
    done = run("commands", *arguments)
    assert done.returncode == 2
    assert said in " ".join(done.stderr.split())


# Of public programs: the words of a real run, and the packages that only another project's files would make it load.
REAL_PROGRAMS = {
    "hatchling": {
        "--help": (["--help"], set()),
        "version": (["version"], {"packaging"}),
        "metadata": (["metadata"], set()),
    },
    "mkdocs": {"--help": (["--help"], set()), "new": (["new", "site"], set())},
}
INSIDE = "cython_runtime"  # what Cython's modules make in memory, beside names with an underscore


def test_real_programs_load_what_their_commands_are_said_to_load(write, run):
    """hatchling parses with argparse, mkdocs with click."""
    root = write(
        {
            "pyproject.toml": '[project]\nname = "sample"\nversion = "1.0"\n'
            '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n',
            "sample/__init__.py": "",
            "importguard.toml": "",
        }
    )
    for program, commands in REAL_PROGRAMS.items():
        found = commands_of(run("commands", "--command", program, "--format", "json"))
        for name, (words, possible) in commands.items():
            loaded = _packages_of_a_run(root, program, words)
            said = {one.partition(".")[0] for one in found[name]["packages"] if one != "standard library"}
            assert (loaded - said, said - loaded) == (set(), possible), (program, name)


def _packages_of_a_run(root, program, words):
    """The top-level packages outside the standard library that a run of the console script has loaded."""
    code = (
        "import sys; before = set(sys.modules)\n"
        "from importlib.metadata import entry_points\n"
        f"(point,) = entry_points(group='console_scripts', name={program!r})\n"
        f"sys.argv = [{program!r}, *{words!r}]\n"
        "try: point.load()()\nexcept SystemExit as ended: assert not ended.code, ended\n"
        "names = {name.partition('.')[0] for name in set(sys.modules) - before}\n"
        f"names = {{name for name in names if name[0] != '_' and name != {INSIDE!r}}}\n"
        "print('\\nloaded', *(names - sys.stdlib_module_names))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, timeout=240, check=False
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.rpartition("loaded")[2].split())
