"""The user's git repository, and one of our own that borrows its objects.

**Guarantees**
- Nothing is written into the repository, checked out or fetched, and no program runs but git itself. Of the user's
  repository only names are asked (`rev-parse`). Objects are read in a repository of our own, where the configuration,
  hooks, filters, attributes, replace refs and remotes of the user's are not there.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from importguard.errors import ConfigError
from importguard.storage.regular_file import read_regular

SECONDS = 60  # for one answer of git's
_MAX_SHALLOW = 16 * 1024 * 1024
_NO_FETCH = {"GIT_NO_LAZY_FETCH": "1", "GIT_ALLOW_PROTOCOL": "none", "GIT_TERMINAL_PROMPT": "0"}
_NOTHING_ELSE = {
    **_NO_FETCH,
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_ALLOC_LIMIT": "128m",  # what git may ask for at a time: an object may be a small change of a huge one
}


class Base(NamedTuple):
    """The commit that a revision is compared as: the merge base with HEAD, or itself where there is none (`apart`)."""

    commit: str
    apart: bool


class CommitName(NamedTuple):
    """A commit: its name, the day it was made (`2026-11-29`), the first line of its message."""

    name: str
    date: str
    subject: str

    @property
    def short(self) -> str:
        """Enough of the name to find it by."""
        return self.name[:10]


class Repository(NamedTuple):
    """The user's repository: `top` is the folder of its files; `own` the one of ours that borrows its objects."""

    top: Path
    own: str
    objects: str

    def base(self, revision: str) -> Base:
        """Where HEAD and *revision* parted. Raises ConfigError when there is no such revision."""
        wanted = _commit_of(self.top, revision)
        if wanted is None:
            raise ConfigError(str(self.top), "--against", f"there is no revision {revision}")
        head = _commit_of(self.top, "HEAD")
        if head is None:
            return Base(wanted, True)
        asked = ["git", f"--git-dir={self.own}", "merge-base", head, wanted]
        found = _run(asked, self.top, self.environment).stdout.decode("ascii", "replace").split()
        return Base(found[0], False) if found else Base(wanted, True)

    def line(self, since: str | None, until: str, most: int) -> tuple[CommitName, ...]:
        """The commits from *until* back along first parents, the newest first: to *since*, or *most* of them.

        Raises ConfigError when there is no such revision, and when *since* is more than *most* commits away.
        """
        wanted = {one: _commit_of(self.top, one) for one in (until, since) if one is not None}
        for revision, commit in wanted.items():
            if commit is None:
                raise ConfigError(str(self.top), "", f"there is no revision {revision}")
        last, first = str(wanted[until]), wanted.get(since) if since is not None else None
        ends = [last] if first is None else [last, f"^{first}"]
        found = self._log(most + 1, *ends)
        if first is None:
            return found[:most]
        if len(found) > most:
            raise ConfigError(str(self.top), "", f"{since} is more than {most} commits away; pass a later one")
        return found + self._log(1, first)

    def _log(self, most: int, *ends: str) -> tuple[CommitName, ...]:
        told = "log", "--first-parent", f"--max-count={most}", "--format=%H%x1f%cs%x1f%s", "--no-color", *ends
        done = _run(["git", f"--git-dir={self.own}", *told], self.top, self.environment)
        if done.returncode:
            words = " ".join(done.stderr.decode(errors="replace").split())
            raise ConfigError(str(self.top), "", f"git says: {words or 'nothing'}")
        lines = done.stdout.decode(errors="replace").split("\n")
        return tuple(CommitName(*line.split("\x1f", 2)) for line in lines if line.count("\x1f") >= 2)

    @property
    def environment(self) -> Mapping[str, str]:
        """What git gets to see of ours where it reads objects."""
        plain = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
        return {**plain, **_NOTHING_ELSE, "GIT_OBJECT_DIRECTORY": self.objects}


@contextlib.contextmanager
def repository(folder: Path) -> Iterator[Repository]:
    """The repository that *folder* is in. Raises ConfigError, with git's own words, where git refuses it."""
    top = _said(folder, "rev-parse", "--show-toplevel")
    names = "--path-format=absolute", "--git-path", "objects", "--git-path", "shallow"
    form, objects, shallow, *more = _said(folder, "rev-parse", "--show-object-format", *names).split("\n")
    if more:
        raise ConfigError(str(folder), "--against", "the name of git's folder has a line end; rename it")
    with tempfile.TemporaryDirectory() as own:
        os.mkdir(os.path.join(own, "refs"))
        os.mkdir(os.path.join(own, "objects"))
        Path(own, "HEAD").write_text("ref: refs/heads/none\n", encoding="ascii")
        version = "[core]\n\tbare = true\n\trepositoryformatversion = 1\n"
        Path(own, "config").write_text(f"{version}[extensions]\n\tobjectFormat = {form}\n", encoding="ascii")
        with contextlib.suppress(OSError):  # a clone that is whole has none
            Path(own, "shallow").write_bytes(read_regular(shallow, _MAX_SHALLOW))
        yield Repository(Path(top).resolve(), own, objects)


def head_of(folder: Path) -> str:
    """The short name of the commit that *folder* is at; empty outside of a repository."""
    try:
        return _said(folder, "rev-parse", "--short=9", "HEAD")
    except ConfigError:
        return ""


def _commit_of(folder: Path, revision: str) -> str | None:
    wanted = "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}"
    try:
        done = _run(["git", "rev-parse", *wanted], folder, {**os.environ, **_NO_FETCH})
    except ValueError:  # a null byte
        return None
    return done.stdout.decode("ascii", "replace").strip() if done.returncode == 0 else None


def _said(folder: Path, *arguments: str) -> str:
    done = _run(["git", *arguments], folder, {**os.environ, **_NO_FETCH})
    if done.returncode:
        words = " ".join(done.stderr.decode(errors="replace").split())
        remedy = "" if "safe.directory" not in words else " (run that only if you trust its files)"
        raise ConfigError(str(folder), "--against", f"git says: {words or 'nothing'}{remedy}")
    return os.fsdecode(done.stdout).removesuffix("\n")


def _run(command: list[str], folder: Path, environment: Mapping[str, str]) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ConfigError(str(folder), "--against", f"git cannot be run: {error}") from error
