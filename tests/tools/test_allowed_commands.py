"""Which commands run without a question: whole leading arguments, never a program that starts others."""

import json
import os
import stat

import pytest
from src.tools.allowed_commands import AllowedCommands, refusal

HERE = "/home/u/work/sloppy.toml"


def found(name):
    return f"/usr/bin/{name}"


@pytest.mark.parametrize(
    "name",
    ["bash", "sh", "zsh", "python", "python3", "python3.12", "Python.EXE", "pypy3.10", "node", "env", "xargs", "find",
     "sudo", "make", "npm", "npx", "uv", "docker", "git", "ssh", "nohup", "timeout", "perl5.36", "ruby3.1", "tar"],
)  # fmt: skip
def test_a_program_that_starts_others_is_never_allowed(name):
    assert "starts other programs" in refusal((name, "-c", "x"), found)


@pytest.mark.parametrize("name", ["./pytest", "/usr/bin/pytest", "bin/ruff", "..\\tool"])
def test_a_program_named_by_a_path_is_never_allowed(name):
    assert "is a path" in refusal((name,), found)


@pytest.mark.parametrize("argv", [(), ("",), (" ",)])
def test_a_rule_names_a_program(argv):
    assert "names a program" in refusal(argv, found)


def test_a_program_that_is_not_there_is_refused():
    assert "no program nowhere" in refusal(("nowhere",), lambda _: None)


@pytest.mark.parametrize("name", ["pytest", "ruff", "mypy", "ls", "cat", "pytest-3"])
def test_other_programs_can_be_allowed(name):
    assert refusal((name,), found) == ""


def test_another_name_for_a_shell_is_that_shell(tmp_path):
    real = tmp_path / "bash"
    real.write_text("#!/bin/true\n")
    real.chmod(real.stat().st_mode | stat.S_IXUSR)
    os.symlink(real, tmp_path / "harmless")
    assert "starts other programs" in refusal(("harmless",), lambda name: str(tmp_path / name))


@pytest.fixture
def table(tmp_path, monkeypatch):
    for name in ("pytest", "ruff"):
        (tmp_path / name).write_text("#!/bin/true\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    made = AllowedCommands(lambda: None)
    made.load(str(tmp_path / "data/allowed.json"))
    return made


@pytest.mark.parametrize(
    ("argv", "allowed"),
    [
        (("pytest", "-q"), True),
        (("pytest", "-q", "tests"), True),
        (("pytest",), False),
        (("pytest", "-qx"), False),
        (("pytest", "-x", "-q"), False),
        (("pytest -q",), False),
        (("ruff", "-q"), False),
    ],
)
def test_whole_leading_arguments_are_compared(table, argv, allowed):
    table.add(HERE, ("pytest", "-q"))
    assert table.allows(HERE, argv) is allowed
    assert not table.allows("/home/u/other/sloppy.toml", argv)
    assert not table.allows("", argv)


def test_rules_are_kept_and_revoked(table, tmp_path):
    table.add(HERE, ("pytest",))
    table.add(HERE, ("ruff", "check"))
    table.save()
    again = AllowedCommands(lambda: None)
    again.load(str(tmp_path / "data/allowed.json"))
    assert again.of(HERE) == (("pytest",), ("ruff", "check"))
    again.remove(HERE, ("pytest",))
    assert (again.of(HERE), again.allows(HERE, ("pytest",))) == ((("ruff", "check"),), False)


def test_a_refused_rule_is_not_kept(table):
    with pytest.raises(ValueError, match=r"no program bash|starts other programs"):
        table.add(HERE, ("bash", "-c"))
    with pytest.raises(ValueError, match="No project"):
        table.add("", ("pytest",))
    assert table.of(HERE) == ()


@pytest.mark.parametrize("text", ["", "[]", '{"p": 1}', '{"p": [["a", 1], "b", []]}', "[" * 10_000])
def test_a_damaged_table_allows_nothing(tmp_path, text):
    (tmp_path / "allowed.json").write_text(text)
    table = AllowedCommands(lambda: None)
    table.load(str(tmp_path / "allowed.json"))
    assert table.of("p") == ()


def test_a_rule_in_the_file_for_a_shell_allows_nothing(tmp_path):
    (tmp_path / "allowed.json").write_text(json.dumps({HERE: [["sh"], ["env", "x"]]}))
    table = AllowedCommands(lambda: None)
    table.load(str(tmp_path / "allowed.json"))
    assert not table.allows(HERE, ("sh", "-c", "true"))
    assert not table.allows(HERE, ("env", "x"))
