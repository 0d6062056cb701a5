"""The commands that run without a question: by their whole leading arguments, in one project, on this machine.

Guarantees
- The file is the user's own, never in a project's folder: what a project brings with it allows nothing.
- A shell, an interpreter or a program that starts others is never allowed, whatever it is called by: what follows it
  could be anything. Neither is a program named by a path, which a project could put another in the place of.
- `_lock` guards the table; `allows` touches no disk but to find the program.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import threading
from collections.abc import Callable, Mapping

from src.storage import inside, stored_file

MAX_BYTES = 1_000_000
MAX_RULES = 200  # of one project
MAX_PROJECTS = 500
Rule = tuple[str, ...]

_STARTERS = frozenset(
    "sh bash dash ash zsh fish ksh mksh csh tcsh rbash busybox toybox cmd powershell pwsh nu elvish xonsh "
    "python pythonw pypy ipython jython node nodejs deno bun ruby irb perl php lua luajit tclsh wish expect guile "
    "racket rscript r julia java jshell groovy scala kotlin swift elixir iex erl ghci runghc runhaskell gawk awk mawk "
    "nawk sed ed ex vi vim nvim emacs env xargs find fd parallel watch timeout nohup nice ionice setsid stdbuf time "
    "strace ltrace gdb lldb script scriptreplay tmux screen ssh sshpass rsh mosh su sudo doas pkexec runuser chroot "
    "unshare nsenter flatpak snap systemd-run at batch crontab make gmake ninja just task rake cmake ant mvn gradle "
    "bazel npm npx pnpm pnpx yarn bunx uv uvx pipx pip poetry pdm hatch tox nox conda mamba cargo go dotnet docker "
    "podman kubectl nerdctl git hg svn tar rsync less more man open xdg-open start explorer wsl mshta wscript cscript "
    "rundll32 regsvr32 entr direnv".split()
)
_VERSION = re.compile(r"[-.]?\d[\d.]*[a-z]?$")


def refusal(argv: Rule, find: Callable[[str], str | None] = shutil.which) -> str:
    """Why commands that begin with *argv* cannot be allowed for good; empty when they can."""
    if not argv or not argv[0].strip():
        return "A rule names a program."
    name = argv[0]
    if "/" in name or "\\" in name or name != os.path.basename(name):
        return f"{name} is a path: what is there could be another program tomorrow."
    path = find(name)
    if path is None:
        return f"There is no program {name}."
    for one in (name, os.path.basename(path), os.path.basename(os.path.realpath(path))):
        if _stem(one) in _STARTERS:
            return f"{name} starts other programs, so that a rule for it would allow anything."
    return ""


def _stem(name: str) -> str:
    """`Python3.12.exe` → `python`."""
    plain = name.lower().removesuffix(".exe").removesuffix(".cmd").removesuffix(".bat")
    return plain if plain in _STARTERS else _VERSION.sub("", plain)


class AllowedCommands:
    """The table, in the file at the path given to `load`, or in memory alone without one."""

    def __init__(self, notify: Callable[[], None]) -> None:
        self._notify = notify
        self._lock = threading.Lock()
        self._saving = threading.Lock()  # held while a table is written: an older one never replaces a newer one
        self._path = ""
        self._rules: dict[str, tuple[Rule, ...]] = {}

    def load(self, path: str) -> None:
        """Keeps the table at *path* from now on. A file that cannot be read allows nothing."""
        try:
            kept = json.loads(inside.read_bytes((os.path.dirname(path),), path, MAX_BYTES))
        except (OSError, ValueError, RecursionError):
            kept = {}
        found = {str(project): _read(rows) for project, rows in kept.items()} if isinstance(kept, Mapping) else {}
        with self._lock:
            self._path = path
            self._rules = {**found, **self._rules}

    def of(self, project: str) -> tuple[Rule, ...]:
        """The rules of the project whose file is at *project*."""
        with self._lock:
            return self._rules.get(project, ())

    def allows(self, project: str, argv: Rule) -> bool:
        """*argv* begins with all arguments of a rule, and its program is still none that starts others."""
        rules = self.of(project) if project else ()
        return any(argv[: len(rule)] == rule for rule in rules) and not refusal(argv)

    def add(self, project: str, rule: Rule) -> None:
        """Commands that begin with *rule* run without a question from now on. Raises ValueError saying why not."""
        if not project:
            raise ValueError("No project is open; rules are a project's.")
        if reason := refusal(rule):
            raise ValueError(reason)
        with self._lock:
            rules = self._rules.get(project, ())
            if len(rules) >= MAX_RULES or (project not in self._rules and len(self._rules) >= MAX_PROJECTS):
                raise ValueError("There are too many rules; take some away first.")
            self._rules[project] = tuple(dict.fromkeys((*rules, rule)))
        self._notify()

    def remove(self, project: str, rule: Rule) -> None:
        """Takes the rule away; the next such command asks again."""
        with self._lock:
            self._rules[project] = tuple(one for one in self._rules.get(project, ()) if one != rule)
            if not self._rules[project]:
                del self._rules[project]
        self._notify()

    def save(self) -> None:
        """Writes the table, on the pool. Raises OSError."""
        with self._saving:
            with self._lock:
                path, text = self._path, json.dumps(self._rules)
            if path:
                stored_file.write_text(path, text)


def _read(rows: object) -> tuple[Rule, ...]:
    if not isinstance(rows, list):
        return ()
    return tuple(
        tuple(row) for row in rows if isinstance(row, list) and row and all(isinstance(one, str) for one in row)
    )
