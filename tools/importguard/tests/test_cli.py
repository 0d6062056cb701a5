"""The command line as its users call it."""

import json
import os
import pkgutil
import shlex
import subprocess
import sys

import click
import pytest
from click.shell_completion import ShellComplete

from importguard.cli.commands import NAMES, cli
from importguard.cli.examples import EXAMPLES
from importguard.rules import RULES

BAD_CONFIGS = {
    'entri = "app.py"': "importguard.toml: `entri`: unknown key; did you mean `entry`?",
    "heavy_ms = 'x'": "importguard.toml: `heavy_ms`: expected `float`, got `str`",
    "entry = ": "importguard.toml: is not valid TOML",
    "[warmup]\npriority = 3": "importguard.toml: `warmup.priority`: expected `object`, got `int`",
}


def test_a_clean_program_exits_0(run, write):
    write({"app.py": "import json"})
    result = run("check", "app.py")
    assert (result.returncode, result.stderr) == (0, "")
    assert "✓ Clean" in result.stdout


def test_a_finding_exits_1_with_its_chain_and_remedy(run, write):
    write({"app.py": "import two", "two.py": "import colorsys", "importguard.toml": 'heavy = ["colorsys"]'})
    result = run("check", "app.py")
    assert result.returncode == 1
    for part in ("two.py:1: IG101 colorsys is imported eagerly", "__main__ → two  app.py:1", "fix:"):
        assert part in result.stdout


def test_json_holds_the_finding_with_a_fingerprint_that_survives_moved_lines(run, write):
    write({"app.py": "import colorsys", "importguard.toml": 'heavy = ["colorsys"]'})
    (first,) = json.loads(run("check", "app.py", "--format", "json").stdout)["findings"]
    write({"app.py": "\n\nimport colorsys"})
    (second,) = json.loads(run("check", "app.py", "--format", "json").stdout)["findings"]
    assert (first["code"], first["line"], second["line"]) == ("IG101", 1, 3)
    assert first["fingerprint"] == second["fingerprint"]


def test_the_graph_is_what_the_interpreter_loads(run, write):
    root = write({"app.py": "import two\nimport colorsys", "two.py": "import xml.dom.minidom"})
    graph = json.loads(run("graph", "app.py", "--format", "json").stdout)
    assert set(graph) == {
        "schema",
        "entry",
        "python",
        "interpreter",
        "modules",
        "sites",
        "unresolved",
        "stops",
        "assumptions",
    }
    eager = {module["name"] for module in graph["modules"] if module["reach"] == "eager"} - {"__main__"}
    code = "import sys; bare = set(sys.modules); import app; print('\\n'.join(set(sys.modules) - bare - {'app'}))"
    real = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, timeout=240)
    assert eager == set(real.stdout.split())


def test_analysed_code_is_never_executed(run, write):
    root = write({"app.py": "open('ran.txt', 'w').close()\nimport two", "two.py": "open('ran.txt', 'w').close()"})
    assert run("check", "app.py").returncode == 0
    assert not (root / "ran.txt").exists()


def test_the_manifest_is_written_and_then_fresh_until_the_code_changes(run, write):
    root = write(
        {
            "app.py": "def _require_warmed(name): ...\ndef use(): return _require_warmed('heavy_one')",
            "heavy_one.py": "import colorsys",
            "importguard.toml": 'entry = "app.py"\nmanifest = "m.json"',
        }
    )
    assert run("manifest", "--check").returncode == 1
    assert run("manifest", "--write").returncode == 0
    first = (root / "m.json").read_bytes()
    assert run("manifest", "--check").returncode == 0
    assert run("manifest", "--write").returncode == 0
    assert (root / "m.json").read_bytes() == first
    write(
        {"app.py": "def _require_warmed(name): ...\ndef use(): return _require_warmed('other_one')", "other_one.py": ""}
    )
    stale = run("manifest", "--check")
    assert (stale.returncode, "IG301" in stale.stdout) == (1, True)


@pytest.mark.parametrize(("config", "message"), BAD_CONFIGS.items(), ids=range(len(BAD_CONFIGS)))
def test_a_bad_configuration_names_file_key_and_expectation(run, write, config, message):
    write({"app.py": "", "importguard.toml": config})
    result = run("check", "app.py")
    assert (result.returncode, result.stdout) == (2, "")
    assert message in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["check", "nope.py"], "nope.py: no such file"),
        (["check"], "no entry to analyse; pass a script, -m NAME, --import NAME or --command NAME"),
        (["check", "-m", "no_such_module_here"], "no such module"),
        (["check", "app.py", "--python", "/no/such/python"], "cannot probe the interpreter /no/such/python"),
        (["check", "app.py", "-m", "json"], "pass one of them"),
        (["--config", "nope.toml", "check", "app.py"], "nope.toml: no such file"),
        (["manifest", "--check", "app.py"], 'add manifest = "warmup_manifest.json"'),
        (["rule", "IG999"], "There is no rule IG999"),
        (["frobnicate"], "No such command"),
    ],
)
def test_what_cannot_be_checked_exits_2_with_one_sentence(run, write, arguments, message):
    write({"app.py": ""})
    result = run(*arguments)
    assert (result.returncode, result.stdout) == (2, "")
    assert message in result.stderr
    assert "Traceback" not in result.stderr


def test_a_manifest_of_a_newer_schema_exits_2(run, write):
    write({"app.py": "", "importguard.toml": 'entry = "app.py"\nmanifest = "m.json"', "m.json": '{"schema": 99}'})
    result = run("check")
    assert (result.returncode, "upgrade importguard" in result.stderr) == (2, True)


def test_every_rule_explains_itself(run):
    listed = [line.split()[0] for line in run("rule").stdout.splitlines()]
    assert {"IG101", "IG102", "IG103", "IG301", "IG302", "IG401", "IG501", "IG502"} <= set(listed)
    for code in listed:
        text = run("rule", code).stdout
        assert ("What it does" in text, "Why it is bad" in text) == (True, True)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_shell_completes_commands(shell):
    program = "import sys; sys.argv = ['importguard']; from importguard.cli import main; main()"
    environment = {**os.environ, "_IMPORTGUARD_COMPLETE": f"{shell}_source"}
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, env=environment, timeout=240
    )
    assert (result.returncode, "importguard" in result.stdout) == (0, True)


def test_help_is_the_text_that_click_makes(run):
    code = "import sys; sys.argv = ['importguard', '--help']; from importguard.cli.commands import run; sys.exit(run())"
    made = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=240)
    # To renew it: uv run python -c "<the code above>" > tools/importguard/src/importguard/cli/help.txt
    assert run("--help").stdout == made.stdout


def test_help_imports_nothing_that_it_does_not_need(run):
    code = "import sys; before = set(sys.modules); sys.argv = ['importguard', '--help']; import importguard.cli as c\n"
    code += "try:\n c.main()\nfinally: print(sorted(set(sys.modules) - before), file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=240)
    assert done.stderr.strip() == "['atexit', 'gc', 'importguard', 'importguard.cli']"


def test_every_command_has_its_module_and_no_module_is_forgotten():
    from importguard.cli import commands

    found = {module.name for module in pkgutil.iter_modules([os.path.dirname(commands.__file__)])}
    assert found == {
        *commands.NAMES,
        "answers",
        "subcommands",
        "completion",
        "entry",
        "examples",
        "progress",
        "reports",
        "start",
        "verdict_options",
    }
    assert all(commands.cli.get_command(None, name).name == name for name in commands.NAMES)


def test_the_graph_of_a_package_without_a_file_of_its_own(write, run):
    write({"spread/part.py": "import colorsys"})
    one, other = run("graph", "--import", "spread"), run("graph", "--import", "spread.part", "--format", "json")
    assert (one.returncode, other.returncode, one.stderr + other.stderr) == (0, 0, "")
    assert {"spread", "spread.part", "colorsys"} <= {module["name"] for module in json.loads(other.stdout)["modules"]}


def test_the_configuration_is_named_before_or_after_the_command(run, write):
    write({"app.py": "", "other.toml": 'entry = "app.py"\n'})
    for arguments in (
        ("--config", "other.toml", "check"),
        ("check", "--config", "other.toml"),
        ("check", "--config=other.toml"),
    ):
        assert run(*arguments).returncode == 0
    for command in ("graph", "lock", "manifest", "verify"):
        assert run(command, "--config", "other.toml").returncode == 0
    assert run("check").returncode == 2


def test_a_mistyped_command_gets_a_suggestion(run):
    result = run("chekc")
    assert (result.returncode, "No such command 'chekc'. Did you mean check?" in result.stderr) == (2, True)
    assert "The commands are bisect, cache, check, commands, compile, explore, fix," in run("xyzzy").stderr


def test_no_summary_of_a_command_is_cut(run):
    assert "..." not in run("--help").stdout.replace("[ARGS]...", "")


@pytest.mark.parametrize("command", ["", *NAMES])
def test_every_help_has_examples_that_click_understands(run, command):
    said = run(*([command] if command else []), "--help").stdout
    check_examples(command, said)


@pytest.mark.parametrize("command", [name for name in EXAMPLES if " " in name])
def test_every_help_of_a_command_within_a_command_has_examples(run, command):
    check_examples(command, run(*command.split(), "--help").stdout)


def check_examples(command, said):
    examples = [line.strip() for line in said.partition("Examples:")[2].splitlines() if line.strip()]
    assert examples == list(EXAMPLES[command])
    for example in examples:
        _, name, *arguments = shlex.split(example.partition(">")[0])
        found = cli.get_command(click.Context(cli), name)
        found.make_context(name, arguments, parent=click.Context(cli), resilient_parsing=False)


@pytest.mark.parametrize(
    ("arguments", "incomplete", "expected"),
    [
        (["rule"], "IG10", {"IG101", "IG102", "IG103", "IG104"}),
        (["check", "--select"], "IG101,IG20", {"IG101,IG201", "IG101,IG202", "IG101,IG203", "IG101,IG204"}),
        (["check", "--ignore"], "ig5", {rule.code for rule in RULES if rule.code.startswith("IG5")}),
        (["check", "--entry"], "w", {"web", "worker"}),
        (["--config", "broken.toml", "check", "--entry"], "w", set()),
    ],
)
def test_codes_and_entries_are_completed(run, write, monkeypatch, arguments, incomplete, expected):
    tables = "".join(f'[[entry]]\nname = "{name}"\nscript = "{name}.py"\n' for name in ("web", "worker", "other"))
    monkeypatch.chdir(write({"importguard.toml": tables, "broken.toml": "entry ="}))
    complete = ShellComplete(cli, {}, "importguard", "_IMPORTGUARD_COMPLETE")
    assert {one.value for one in complete.get_completions(arguments, incomplete)} == expected
