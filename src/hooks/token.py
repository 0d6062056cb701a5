"""The file through which one run of Sloppy hands its token to the programs of the same user. Standard library only.

Guarantees
- The file is made anew, readable by its user alone (0600 in a folder of 0700); nothing that stood there before is
  followed or overwritten.
- The file stays locked while its process runs; one that nobody holds is taken away by the next that makes one.
- The token is in the file and nowhere else: not in the output, not in a variable that child processes inherit.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
import tempfile

from src.storage.stored_file import regular
from src.value import Value

PREFIX = "sloppy-hook-"
MAX_SWEPT = 1000  # folders looked at
_held: dict[str, int] = {}  # the files of this process, open and locked


class HookToken(Value):
    """A token, and the file that holds it."""

    path: str
    token: str

    @classmethod
    def create(cls) -> HookToken:
        """A new token in a new file, in the user's runtime folder or the system's temporary one. Raises OSError."""
        runtime = os.environ.get("XDG_RUNTIME_DIR")
        where = runtime if runtime and os.path.isdir(runtime) else tempfile.gettempdir()
        sweep(where)
        folder = tempfile.mkdtemp(prefix=PREFIX, dir=where)
        made = cls(os.path.join(folder, "token"), secrets.token_urlsafe(32))
        file = os.open(made.path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        os.write(file, f"{made.token}\n".encode())
        if _lock(file):
            _held[made.path] = file  # until the end of the process, however it ends
        else:
            os.close(file)
        return made

    def remove(self) -> None:
        """Deletes the file and its folder, if they exist."""
        if (held := _held.pop(self.path, None)) is not None:
            os.close(held)
        with contextlib.suppress(OSError):
            os.unlink(self.path)
        with contextlib.suppress(OSError):
            os.rmdir(os.path.dirname(self.path))


def sweep(folder: str) -> int:
    """Takes away the tokens in *folder* of this user's processes that have ended without doing so; how many."""
    swept = 0
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in [one for one in entries if one.name.startswith(PREFIX)][:MAX_SWEPT]:
            with contextlib.suppress(OSError):
                swept += entry.is_dir(follow_symlinks=False) and _take_away(entry.path)
    return swept


def _take_away(folder: str) -> bool:
    about = os.lstat(folder)
    if os.name != "posix" or about.st_uid != os.getuid() or stat.S_IMODE(about.st_mode) != 0o700:
        return False
    path = os.path.join(folder, "token")
    try:
        file = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        return False  # it may be being made
    try:
        if not _lock(file):
            return False
        os.unlink(path)
        os.rmdir(folder)
    finally:
        os.close(file)
    return True


def _lock(file: int) -> bool:
    """Whether the file is this process's now. The kernel lets it go when the process ends."""
    try:
        import fcntl
    except ImportError:  # Windows: a file that is open cannot be deleted there
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def read_token(path: str) -> str:
    """The token in *path*. Raises OSError, or ValueError where the file holds none."""
    with open(path, encoding="ascii", opener=regular) as file:
        token = file.read(1000).strip()
    if not token:
        raise ValueError(f"{path} holds no token; give the file that Sloppy printed when it started.")
    return token
