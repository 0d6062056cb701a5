"""Runs an approved command on the turn loop. Reached through the warmup, for it imports asyncio.

Guarantees
- No shell; its input is empty; it sees the variables that `PASSED` names, but for those that hold a key.
- The command leads a process group of its own. When it ends, is stopped or runs out of time, the whole group ends.
- The answer holds at most MAX_OUTPUT bytes, the beginning and the end of what was written. Keys in it are the caller's.
"""

from __future__ import annotations

import asyncio
import os

from src.models.patience import in_words
from src.privacy.redactor import current
from src.tools.outcome import Answer, Command
from src.work.process_group import end_group

MAX_OUTPUT = 50_000  # bytes
GRACE_S = 1.0
PIECE = 8192
# Where programs are and keep things, how they speak, and how they reach the network.
PASSED = frozenset(
    "PATH HOME USER LOGNAME SHELL LANG LANGUAGE TERM COLORTERM NO_COLOR COLUMNS LINES TZ TMPDIR TMP TEMP PWD EDITOR"
    " PAGER DISPLAY WAYLAND_DISPLAY XAUTHORITY VIRTUAL_ENV CONDA_PREFIX PYTHONPATH PYTHONUTF8 PYTHONIOENCODING"
    " PYENV_ROOT UV_CACHE_DIR PIP_CACHE_DIR CARGO_HOME RUSTUP_HOME GOPATH GOROOT GOCACHE GOMODCACHE JAVA_HOME NVM_DIR"
    " NODE_PATH MANPATH PKG_CONFIG_PATH LD_LIBRARY_PATH SSL_CERT_FILE SSL_CERT_DIR REQUESTS_CA_BUNDLE"
    " HTTP_PROXY HTTPS_PROXY ALL_PROXY NO_PROXY"
    " SYSTEMROOT SYSTEMDRIVE WINDIR COMSPEC PATHEXT APPDATA LOCALAPPDATA PROGRAMDATA PROGRAMFILES USERPROFILE USERNAME"
    " HOMEDRIVE HOMEPATH NUMBER_OF_PROCESSORS PROCESSOR_ARCHITECTURE OS".split()
)
PASSED_ALL = ("LC_", "XDG_")


class _Output:
    """The first half of MAX_OUTPUT, and the last; what comes between is counted and dropped."""

    def __init__(self) -> None:
        self._head = bytearray()
        self._tail = bytearray()
        self._dropped = 0

    def add(self, piece: bytes) -> None:
        room = MAX_OUTPUT // 2 - len(self._head)
        self._head += piece[:room]
        self._tail += piece[room:] if room > 0 else piece
        excess = len(self._tail) - MAX_OUTPUT // 2
        if excess > 0:
            del self._tail[:excess]
            self._dropped += excess

    def text(self) -> str:
        middle = f"\n... ({self._dropped:,} bytes left out) ...\n" if self._dropped else ""
        return f"{self._head.decode('utf-8', 'replace')}{middle}{self._tail.decode('utf-8', 'replace')}"


async def run(command: Command) -> Answer:
    """Runs *command* to its end; cancel the task to stop it. The answer holds its output and how it ended."""
    try:
        process = await asyncio.create_subprocess_exec(
            *command.argv,
            cwd=command.cwd,
            env=environment(),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
        )
    except OSError as error:
        return Answer(f"{command.argv[0]} cannot be run: {error.strerror or error}.", failed=True)
    output = _Output()
    reading = asyncio.ensure_future(_read(process, output))
    how = ""
    try:
        async with asyncio.timeout(command.timeout_s):
            code = await process.wait()
        # A grandchild may hold the pipe open; what the command itself wrote is there already.
        await asyncio.wait({reading}, timeout=GRACE_S)
        how = f"(ended with code {code})" if code >= 0 else f"(ended by signal {-code})"
    except TimeoutError:
        how = f"(ended after {in_words(command.timeout_s)}: out of time)"
    finally:
        end_group(process)
        # Once more, so that the pipe closes while there is a loop; at most GRACE_S, whoever holds it.
        await asyncio.wait({reading, asyncio.ensure_future(process.wait())}, timeout=GRACE_S)
        reading.cancel()
    return Answer(f"{output.text()}\n{how}".lstrip("\n"), failed=process.returncode != 0)


def environment() -> dict[str, str]:
    """Those of this process's variables that programs need and that hold no key. What is not named here stays here."""
    return {
        name: value
        for name, value in os.environ.items()
        if (name.upper() in PASSED or name.startswith(PASSED_ALL)) and current().counted(value)[1] == 0
    }


async def _read(process: asyncio.subprocess.Process, output: _Output) -> None:
    assert process.stdout is not None  # noqa: S101  it was asked for as a pipe
    while piece := await process.stdout.read(PIECE):
        output.add(piece)
