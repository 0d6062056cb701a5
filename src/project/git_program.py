"""The program `git`, run so that it ends: bounded in time and output, with few variables, no terminal and no network.

Guarantees
- It is the `git` on the user's PATH, never one that lies in the project.
- A run that takes longer than its time, says more than its limit or is ended from outside is killed with all that it
  started.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping

from src.privacy.redactor import current
from src.storage.inside import is_inside
from src.value import Value
from src.work.process_group import end_group

SECONDS = 30.0
MAX_OUTPUT = 4_000_000  # bytes
MAX_SAID = 300  # characters of what git says about an error
_LOOK_S = 0.05
_PASSED = frozenset(
    "PATH HOME USERPROFILE USER LOGNAME USERNAME LANG TMPDIR TMP TEMP XDG_CONFIG_HOME SYSTEMROOT SYSTEMDRIVE PATHEXT"
    " APPDATA GIT_AUTHOR_NAME GIT_AUTHOR_EMAIL GIT_COMMITTER_NAME GIT_COMMITTER_EMAIL EMAIL".split()
)
_ALONE = {
    "LC_ALL": "C",  # what git says is shown, and the same everywhere
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_PAGER": "cat",
    "GIT_EDITOR": "true",
}


class GitError(ValueError):
    """Git did not do it; one sentence."""


class NoGitError(GitError):
    """There is no git on this machine."""


class TooLongError(GitError):
    """It took too long, or said too much."""


class Git(Value):
    """Git for the project in `folder`; `ended` ends what runs. `first` are its first arguments."""

    program: str
    folder: str
    ended: threading.Event
    environment: Mapping[str, str]
    first: tuple[str, ...] = ()

    def of(self, *first: str, **variables: str) -> Git:
        """The same with these first arguments, such as `--git-dir`, and these variables besides its own."""
        return self._replace(first=first, environment={**self.environment, **variables})

    def as_user(self) -> Git:
        """As the user runs it: with all variables but git's own and those that hold a key."""
        mine = os.environ.items()
        kept = {name: one for name, one in mine if not name.startswith("GIT_") and current().counted(one)[1] == 0}
        return self._replace(environment={**kept, "LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0", "GIT_EDITOR": "true"})

    def says(self, *arguments: str, given: bytes = b"", limit: int = MAX_OUTPUT, seconds: float = SECONDS) -> bytes:
        """What `git arguments` prints, with *given* as its input. Raises GitError with git's own words."""
        code, out, error = self.run(*arguments, given=given, limit=limit, seconds=seconds)
        if code:
            raise GitError(f"git says: {words(error) or words(out) or f'nothing (code {code})'}")
        return out

    def run(
        self, *arguments: str, given: bytes = b"", limit: int = MAX_OUTPUT, seconds: float = SECONDS
    ) -> tuple[int, bytes, bytes]:
        """Its exit code, what it prints and its errors. Raises GitError when it does not end by itself."""
        with tempfile.TemporaryFile() as asked, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as error:
            asked.write(given)
            asked.seek(0)
            try:
                process = subprocess.Popen(
                    [self.program, *self.first, *arguments],
                    cwd=self.folder,
                    env=dict(self.environment),
                    stdin=asked,
                    stdout=out,
                    stderr=error,
                    start_new_session=True,
                )
            except (OSError, ValueError) as failure:  # the second: a null byte
                raise GitError(f"git cannot be run: {failure}") from failure
            try:
                self._wait(process, (out.fileno(), error.fileno()), limit, seconds)
            finally:
                _end(process)
            out.seek(0)
            error.seek(0)
            return process.returncode, out.read(), error.read(MAX_OUTPUT)

    def _wait(self, process: subprocess.Popen[bytes], written: tuple[int, ...], limit: int, seconds: float) -> None:
        until = time.monotonic() + seconds
        while True:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(_LOOK_S)
            if sum(os.fstat(one).st_size for one in written) > limit:
                raise TooLongError(f"git says more than {limit / 1_000_000:,.0f} MB; it was ended.")
            if process.returncode is not None:
                return
            if self.ended.is_set():
                raise GitError("Sloppy is closing; git was ended.")
            if time.monotonic() > until:
                raise TooLongError(f"git took longer than {seconds:.0f} s; it was ended.")


def find(folder: str, ended: threading.Event) -> Git:
    """Git for the project in *folder*. Raises NoGitError."""
    found = shutil.which("git", path=os.environ.get("PATH"))
    real = os.path.realpath(found) if found else ""
    if not found or not os.path.isabs(found) or is_inside(os.path.realpath(folder), real):
        raise NoGitError("There is no git on this machine: what changed since the last commit is not known.")
    return Git(found, folder, ended, _environment())


def words(said: bytes) -> str:
    """What git said as one line, shortened."""
    text = " ".join(said.decode(errors="replace").split()).removeprefix("fatal: ").removeprefix("error: ")
    return text if len(text) <= MAX_SAID else f"{text[:MAX_SAID]}..."


def _environment() -> dict[str, str]:
    """The variables that git gets: none of those by which it could be led elsewhere or start a program."""
    return {name: value for name, value in os.environ.items() if name.upper() in _PASSED} | _ALONE


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ends git and what it started, its own end or not."""
    end_group(process)
    process.wait()
