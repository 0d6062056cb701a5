"""The file through which one run of Sloppy hands its token to the programs of the same user. Standard library only.

Guarantees
- The file is made anew, readable by its user alone (0600 in a folder of 0700); nothing that stood there before is
  followed or overwritten.
- The token is in the file and nowhere else: not in the output, not in a variable that child processes inherit.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import tempfile

from src.value import Value


class HookToken(Value):
    """A token, and the file that holds it."""

    path: str
    token: str

    @classmethod
    def create(cls) -> HookToken:
        """A new token in a new file, in the user's runtime folder or the system's temporary one. Raises OSError."""
        runtime = os.environ.get("XDG_RUNTIME_DIR")
        folder = tempfile.mkdtemp(prefix="sloppy-", dir=runtime if runtime and os.path.isdir(runtime) else None)
        made = cls(os.path.join(folder, "token"), secrets.token_urlsafe(32))
        file = os.open(made.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(file, "w", encoding="ascii") as opened:
            opened.write(f"{made.token}\n")
        return made

    def remove(self) -> None:
        """Takes the file and its folder away; nothing happens where they are gone."""
        with contextlib.suppress(OSError):
            os.unlink(self.path)
        with contextlib.suppress(OSError):
            os.rmdir(os.path.dirname(self.path))


def read_token(path: str) -> str:
    """The token in *path*. Raises OSError, or ValueError where the file holds none."""
    with open(path, encoding="ascii") as file:
        token = file.read(1000).strip()
    if not token:
        raise ValueError(f"{path} holds no token; give the file that Sloppy printed when it started.")
    return token
