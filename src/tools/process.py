"""Runs an approved command on the turn loop. Reached through the warmup, for it imports asyncio.

Guarantees
- No shell; its input is empty; its environment holds none of the keys that are known here.
- The command leads a process group of its own. When it ends, is stopped or runs out of time, the whole group ends.
- The answer holds at most MAX_OUTPUT bytes, the beginning and the end of what was written; keys in it are hidden.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys

from src.privacy.redactor import redact
from src.tools.outcome import Answer, Command

MAX_OUTPUT = 50_000  # bytes
GRACE_S = 1.0
PIECE = 8192


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
        how = f"(ended after {command.timeout_s:.0f} s: out of time)"
    finally:
        _end_group(process)
        # Once more, so that the pipe closes while there is a loop; at most GRACE_S, whoever holds it.
        await asyncio.wait({reading, asyncio.ensure_future(process.wait())}, timeout=GRACE_S)
        reading.cancel()
    text = redact(output.text())
    return Answer(f"{text}\n{how}".lstrip("\n"), failed=process.returncode != 0)


def environment() -> dict[str, str]:
    """This process's variables without those that hold a key."""
    return {name: value for name, value in os.environ.items() if redact(f"{name}={value}") == f"{name}={value}"}


async def _read(process: asyncio.subprocess.Process, output: _Output) -> None:
    assert process.stdout is not None  # noqa: S101  it was asked for as a pipe
    while piece := await process.stdout.read(PIECE):
        output.add(piece)


def _end_group(process: asyncio.subprocess.Process) -> None:
    """Ends the command and everything that it started, the group's leader gone or not."""
    try:
        if sys.platform == "win32":
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return
