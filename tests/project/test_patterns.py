"""A project's patterns mean what they mean to git, and none of them can be made to run for ever."""

import random
import subprocess

import pytest
from tests.privacy.patterns import faults

from importguard.project import patterns
from importguard.project.patterns import Patterns

FILES = (
    "a", "b.py", "ab", "aab.txt", "a-b", "x y", "[a]", "a/b/c", "a2/a/b.py", "b/a/c.txt", "b/b/b/b", "src/a.py",
    "src/a/b/a.py", "src/deep/er/a.txt", "doc/a.md", "doc/x/y/z.md", "build/out", "c/build/out.py", "A.PY",
    "\u00e9.txt",
)  # fmt: skip
LINES = (
    "*", "a", "a*", "*a", "*.py", "?", "??", "a?b", "/a", "/b.py", "a/", "build/", "/build", "a/b", "a/*", "a/**",
    "**/a",
    "**/a/", "src/**/a.py", "src/**", "**/build/**", "b/**/b", "**", "*/", "[ab]", "[!a]*", "[^a]*", "[a-c]*", "*[.]py",
    "[[:alpha:]]", "[]a]*", "[a", "\\[a]", "\\*", "x y", "x\\ y", "a ", "#a", "\\#a", "!a", "!*.py", "!src/a.py",
    "\\!a",
    "", "/", "//", "a//b", "doc/*/y", "doc/**/z.md", "*.t?t", "a*b", "*a*b*", "a\\", "a**b", "**a", "a/**/**/c", "***",
    "*/b", "/*/b", "/*/", "src/*", "!src/deep/", "[a-]*", "[--b]*", "\u00e9*", "b/?/b",
)  # fmt: skip


@pytest.fixture(scope="module")
def repository(tmp_path_factory):
    folder = tmp_path_factory.mktemp("repository")
    for name in FILES:
        path = folder / name
        if path.is_dir() or any(parent.is_file() for parent in path.parents if parent != folder):
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
    subprocess.run(["git", "init", "-q", str(folder)], check=True)
    return folder


def ignored_by_git(folder, lines):
    (folder / ".git/info/exclude").write_text("\n".join(lines) + "\n", encoding="utf-8")
    names = [
        str(path.relative_to(folder))
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".git" not in path.parts
    ]
    command = ["git", "-c", "core.ignoreCase=false", "check-ignore", "--no-index", "-z", "--stdin"]
    done = subprocess.run(command, cwd=folder, input="\0".join(names).encode(), capture_output=True)
    return names, set(done.stdout.decode().split("\0")) - {""}


def test_random_lines_take_what_git_takes(repository):
    draw = random.Random(1)
    wrong = {}
    for _ in range(150):
        lines = draw.sample(LINES, draw.randint(1, 4))
        names, taken = ignored_by_git(repository, lines)
        mine = {name for name in names if Patterns(lines).decide(name)}
        if mine != taken:
            wrong[tuple(lines)] = (sorted(mine - taken), sorted(taken - mine))
    assert wrong == {}


@pytest.mark.parametrize("line", LINES)
def test_each_line_alone_takes_what_git_takes(repository, line):
    names, taken = ignored_by_git(repository, [line])
    assert {name for name in names if Patterns([line]).decide(name)} == taken


@pytest.mark.parametrize(
    ("line", "path"),
    [
        ("*a" * 30, "a" * 60 + "b.txt"),
        ("*a*" * 1000, "a" * 200 + "b"),
        ("**/a/" * 500 + "b", "a/" * 1000 + "c"),
        ("**/*a*a/" * 200 + "*b", "aaa/" * 800 + "c"),
        ("[a-z]*" * 300, "a" * 250 + "1"),
        ("?*" * 1000, "a" * 250),
        ("*" * 4000, "a" * 250),
        ("[" * 4000, "a" * 250),
        ("\\" * 4000, "a" * 250),
        ("a" * 1_000_000, "a" * 250),
    ],
)
def test_a_bomb_of_any_length_ends(line, path):
    assert Patterns([line]).decide(path) in (True, None)


@pytest.mark.parametrize("line", LINES)
def test_what_a_line_becomes_is_linear_by_how_it_is_made(line):
    read = patterns._read(line)
    assert read is None or faults(read.matches.pattern, anchored=True) == []
