"""Which test files cover which module, and how to run only those of what changed.

    uv run scripts/tests_of.py                          # the index: each module and its test files
    uv run scripts/tests_of.py src/spending/ledger.py   # those of one file
    just changed                                        # pytest on those of what differs from main

A test file covers what it imports, what it names in a text (a module that is patched, a program for a child process,
the command of `run("check")`, a script), and the rule that it is called after. A module with fewer than three has those
of the modules that import it as well, the nearest first. Nothing is executed: the index is made from the sources.
"""

from __future__ import annotations

import argparse
import ast
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_SOURCES = {"src": "", "tools/importguard/src": "tools/importguard/src/", "scripts": "", "tests": ""}
_TESTS = ("tests", "tools/importguard/tests")
_NAME = re.compile(r"\b(?:src|importguard|tests)(?:\.\w+)+")
_COMMAND = re.compile(r"\b(?:run|importguard)\(\W{0,3}(\w+)")
_LIBRARY = re.compile(r"\b(?:import|from) (\w+)")
_SCRIPT = re.compile(r"\b(\w+)\.py\b")
_ENOUGH = 3  # test files: with fewer those of the modules that import it count, too
_PAGES = ("tests/test_pages.py", "tests/test_site.py", "tests/test_documents.py", "tests/test_english.py")


class Index:
    """The test files of each file of the repository below *root*. Paths are relative to it, with forward slashes."""

    def __init__(self, root: Path = ROOT) -> None:
        self._root = root

    @cached_property
    def files(self) -> Mapping[str, str]:
        """The module's name of each source file and helper of the tests, in order."""
        found = {}
        for folder, base in _SOURCES.items():
            for path in sorted((self._root / folder).rglob("*.py")):
                shown = path.relative_to(self._root).as_posix()
                if not path.name.startswith("test_"):
                    name = shown.removeprefix(base).removesuffix(".py").replace("/", ".").removesuffix(".__init__")
                    found[shown] = name
        return {**found, "sloppy.py": "sloppy"}

    @cached_property
    def tests(self) -> tuple[str, ...]:
        """Every test file."""
        found = (path for folder in _TESTS for path in sorted((self._root / folder).rglob("test_*.py")))
        return tuple(path.relative_to(self._root).as_posix() for path in found)

    @cached_property
    def users(self) -> Mapping[str, tuple[str, ...]]:
        """Of each source file the files, tests among them, that import or name it."""
        places = {name: path for path, name in self.files.items()}
        found: dict[str, dict[str, None]] = {path: {} for path in self.files}
        for path in (*self.files, *self.tests):
            for name in self._named(path, places):
                if places[name] != path:
                    found[places[name]][path] = None
        return {path: tuple(users) for path, users in found.items()}

    def of(self, path: str) -> tuple[str, ...]:
        """The test files that cover *path*; none for a file that the index does not know."""
        if path in self.tests:
            return (path,)
        if path.endswith(".md"):
            return tuple(one for one in _PAGES if one in self.tests)
        if path.endswith("/conftest.py"):
            return tuple(one for one in self.tests if one.startswith(path.removesuffix("conftest.py")))
        found: dict[str, None] = {}
        seen, near = {path}, [path] if path in self.files else []
        while near and len(found) < _ENOUGH:
            users = list(dict.fromkeys(user for one in near for user in self._users_of(one) if user not in seen))
            seen.update(users)
            found.update(dict.fromkeys(one for one in users if one in self.tests))
            near = [one for one in users if one in self.files and not (found and one.endswith("conftest.py"))]
            for one in near:
                if one.endswith("conftest.py"):  # its fixtures are all that leads to it
                    found.update(dict.fromkeys(self.of(one)))
        return tuple(sorted(found))

    def _users_of(self, path: str) -> tuple[str, ...]:
        """Its users; of a module that is found by its name alone those of its package."""
        package = f"{path.rpartition('/')[0]}/__init__.py"
        return self.users[path] or (self.users[package] if package in self.files else ())

    def _named(self, path: str, places: Mapping[str, str]) -> Iterator[str]:
        """The modules that *path* names; an attribute counts for its module."""
        text = (self._root / path).read_text(encoding="utf-8")
        named = [*_imported(ast.parse(text), self.files.get(path, "")), *_NAME.findall(text)]
        if not path.startswith(("src/", "tools/")):
            named += [f"scripts.{name}" for name in named]  # scripts import each other from where they are
        if path in self.tests or path.startswith("tests/"):
            named += (f"importguard.cli.{command}" for command in _COMMAND.findall(text))
            named += (name for script in _SCRIPT.findall(text) for name in (script, f"scripts.{script}"))
            named += self._rule(path)
        if path.startswith("tools/importguard/tests/"):  # programs that it has analysed: their libraries have models
            own = {name.partition(".")[0] for name in named}
            named += (
                f"importguard.startup.models.{library}" for library in _LIBRARY.findall(text) if library not in own
            )
        for name in dict.fromkeys(named):
            module = name
            while module and module not in places:
                module = module.rpartition(".")[0]
            if module:
                yield module

    def _rule(self, test: str) -> Iterable[str]:
        code = re.search(r"rules/test_(ig\d+)", test)
        wanted = f'code = "{code[1].upper()}"' if code else None
        rules = (path for path in self.files if "importguard/rules/" in path) if wanted else ()
        return [self.files[path] for path in rules if wanted and wanted in (self._root / path).read_text("utf-8")]


def _imported(tree: ast.Module, own: str) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            package = ".".join(own.split(".")[: -node.level]) if node.level else ""
            base = ".".join(part for part in (package, node.module) if part)
            yield from (f"{base}.{alias.name}" for alias in node.names)


def changed(since: str, root: Path = ROOT) -> list[str]:
    """The files below *root* that differ from where its branch left *since*, and those that git does not know yet."""

    def git(*arguments: str) -> list[str]:
        done = subprocess.run(["git", *arguments], cwd=root, capture_output=True, text=True, check=True)
        return done.stdout.splitlines()

    base = git("merge-base", since, "HEAD")[0]
    listed = git("diff", "--name-only", base) + git("ls-files", "--others", "--exclude-standard")
    return [path for path in dict.fromkeys(listed) if (root / path).is_file()]


def main() -> int:
    """The exit code: pytest's with --run."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("files", nargs="*", help="source files; without any the whole index")
    parser.add_argument("--since", metavar="REV", help="those of what differs from REV instead")
    parser.add_argument("--run", action="store_true", help="run pytest on them")
    options, more = parser.parse_known_args()
    index = Index()
    asked = [Path(one).resolve().relative_to(ROOT).as_posix() for one in options.files]
    files = changed(options.since) if options.since else asked or [*index.files]
    if not options.run:
        for path in files:
            print(f"{path}: {' '.join(index.of(path)) or 'no test file names it'}")
        return 0
    wanted = sorted({test for path in files for test in index.of(path)})
    unknown = [path for path in files if not index.of(path)]
    print(f"{len(files)} files changed: {len(wanted)} test files", flush=True)
    if unknown:
        print(f"No test file is known for {', '.join(unknown)}: `.ci/run` covers all.", flush=True)
    if not wanted:
        return 0
    return subprocess.run([sys.executable, "-m", "pytest", "-q", *more, *wanted], cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
