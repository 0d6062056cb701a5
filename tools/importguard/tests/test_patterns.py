"""Patterns of a stranger: what they take is what git says, in the time of their length and the path's."""

import random
import subprocess

import pytest

from importguard import Patterns
from importguard.project.patterns import MAX_PATTERN

PIECES = ["a", "b", "*", "?", "[ab]", "[!a]", ".", "**", "\\*", "ab", "[a-b]", "[]a]", "ä"]


def pattern(chance, pieces=tuple(PIECES)):
    segments = [
        "**" if chance.random() < 0.3 else "".join(chance.choices(pieces, k=chance.randint(1, 5)))
        for _ in range(chance.randint(1, 4))
    ]
    sign = "!" if chance.random() < 0.1 else ""
    return sign + "/" * (chance.random() < 0.2) + "/".join(segments) + "/" * (chance.random() < 0.2)


def path(chance):
    return "/".join("".join(chance.choices("ab.*ä", k=chance.randint(1, 5))) for _ in range(chance.randint(1, 5)))


def test_one_pattern_takes_what_git_takes(tmp_path):
    chance = random.Random(3)
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    for _ in range(60):
        line = pattern(chance, tuple(filter(str.isascii, PIECES))).lstrip("!")  # git's `?` is a byte
        (tmp_path / ".gitignore").write_text(line + "\n")
        names = sorted(filter(str.isascii, {path(chance) for _ in range(80)}))
        names = [name for name in names if not {".", "..", ".git"} & set(name.split("/"))]
        command = ["git", "-c", "core.quotePath=false", "check-ignore", "--no-index", "-z", "--stdin"]
        done = subprocess.run(
            command, cwd=tmp_path, input="\0".join(names).encode(), capture_output=True, timeout=240, check=False
        )
        taken = set(done.stdout.decode().split("\0")) - {""}
        ours = Patterns.strict([line])
        assert {name for name in names if ours.takes(name)} == taken, line


BOMBS = {
    "stars": "*a" * 300,
    "stars with an end": "a*" * 400 + "b",
    "question marks": "*?" * 300 + "x",
    "classes": "*[ab]" * 150 + "x",
    "folders": "**/a*/" * 80 + "x",
    "stars in folders": "**/" + "*a" * 200 + "/**/" + "b*" * 100 + "x",
    "nothing but stars": "*" * 900,
    "nothing but folders": "**/" * 300,
}
NAMES = ["a" * 60 + "b.txt", "a" * 255, "/".join(["a" * 200] * 20), "a/" * 2000 + "b", "ab" * 120 + "/" + "ab" * 100]


@pytest.mark.timeout(60)
@pytest.mark.parametrize("line", BOMBS.values(), ids=BOMBS)
def test_a_bomb_ends(line):
    spec = Patterns.strict([line])
    for name in NAMES:
        spec.takes(name)


@pytest.mark.timeout(60)
@pytest.mark.parametrize("config", ['governed = ["{}"]', '[per-path]\n"{}" = ["IG101"]'])
def test_a_bomb_in_a_configuration_ends(write, run, config):
    name = "a" * 60 + "b"
    code = "import threading\ndef f(): threading.Thread(target=f).start()\nimport colorsys"
    toml = 'entry = "app.py"\nheavy = ["colorsys"]\n' + config.format("*a" * 30)
    write({"importguard.toml": toml, "app.py": f"import {name}", f"{name}.py": code})
    done = run("check")
    assert (done.returncode, "IG101" in done.stdout) == (1, True)


@pytest.mark.parametrize("line", ["a\\", "x" * (MAX_PATTERN + 1), "*" * 100_000])
def test_what_is_no_pattern_is_refused_by_key(write, run, line):
    escaped = line.replace("\\", "\\\\")
    write({"importguard.toml": f'entry = "app.py"\n[per-path]\n"{escaped}" = ["IG101"]', "app.py": ""})
    done = run("check")
    assert (done.returncode, "per-path" in done.stderr, "is no gitignore pattern" in done.stderr) == (2, True, True)


def test_what_python_warns_of_in_a_pattern_is_not_printed(recwarn):
    Patterns.strict(["[[a]", "[a&&b]", "[a||b]"])
    assert list(recwarn) == []
