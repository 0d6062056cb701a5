"""The commands that run without a question: by their whole leading arguments, in one project, on this machine.

Guarantees
- The file is the user's own, never in a project's folder: what a project brings with it allows nothing.
- A shell, an interpreter or a program that starts others is never allowed, whatever it is called by: what follows it
  could be anything. Neither is a program named by a path, which a project could put another in the place of.
- Saving and locking are those of src/storage/agreed_table.py; `allows` touches no disk but to find the program.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable

from src.storage.agreed_table import AgreedTable

MAX_RULES = 200  # of one project
TOO_MANY = "There are too many rules; take some away first."
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
        self._table: AgreedTable[tuple[Rule, ...]] = AgreedTable(_read, list, TOO_MANY)

    def load(self, path: str) -> None:
        """Keeps the table at *path* from now on. A file that cannot be read allows nothing."""
        self._table.load(path)

    def of(self, project: str) -> tuple[Rule, ...]:
        """The rules of the project whose file is at *project*."""
        return self._table.of(project) or ()

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

        def with_rule(rules: tuple[Rule, ...] | None) -> tuple[Rule, ...]:
            if len(rules or ()) >= MAX_RULES:
                raise ValueError(TOO_MANY)
            return tuple(dict.fromkeys((*(rules or ()), rule)))

        self._table.change(project, with_rule)
        self._notify()

    def remove(self, project: str, rule: Rule) -> None:
        """Takes the rule away; the next such command asks again."""
        self._table.change(project, lambda rules: tuple(one for one in rules or () if one != rule))
        self._notify()

    def save(self) -> None:
        """Writes the table, on the pool. Raises OSError."""
        self._table.save()


def _read(rows: object) -> tuple[Rule, ...]:
    if not isinstance(rows, list):
        return ()
    return tuple(
        tuple(row) for row in rows if isinstance(row, list) and row and all(isinstance(one, str) for one in row)
    )
