"""A server that is a program, and the pipes to it, as a transport of the SDK. Heavy: imports it.

Not the SDK's own, which holds a line of any length and lets live what a server has started once the server ends.

Guarantees
- No shell; it runs in the project's folder, with the variables that `src.tools.process.environment` lets through.
- It leads a process group of its own. Whatever ends the connection, the whole group ends, in at most 2 * END_S.
- Between two of our requests it may write MAX_ANSWER bytes; a line that is no message is dropped.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import anyio
import mcp_types
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
from mcp.shared.message import SessionMessage

from src.mcp_servers.wire.ending import MAX_ANSWER, Ending, ServerError
from src.tools.process import environment
from src.work.process_group import end_group

END_S = 0.5
PIECE = 1 << 16
MAX_WORDS = 2_000  # bytes of what it wrote last to its standard error
Incoming = MemoryObjectSendStream[SessionMessage | Exception]
Outgoing = MemoryObjectReceiveStream[SessionMessage]
Streams = tuple[MemoryObjectReceiveStream[SessionMessage | Exception], MemoryObjectSendStream[SessionMessage]]


@contextlib.asynccontextmanager
async def open_pipe(command: tuple[str, ...], folder: str, ending: Ending) -> AsyncIterator[Streams]:
    """Starts *command* in *folder*; its messages and ours. *ending* says how it ended. Raises ServerError."""
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            cwd=folder,
            env=environment(),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        said = (error.strerror if isinstance(error, OSError) else "") or error
        raise ServerError(f"{command[0]} cannot be run: {said}.") from error
    try:
        child = _Child(process, ending)
        incoming, read_stream = anyio.create_memory_object_stream[SessionMessage | Exception](0)
        write_stream, outgoing = anyio.create_memory_object_stream[SessionMessage](0)
        tasks = [
            asyncio.ensure_future(job)
            for job in (child.read(incoming), child.write(outgoing, incoming), child.listen())
        ]
        try:
            yield read_stream, write_stream
        finally:
            for stream in (read_stream, write_stream, incoming, outgoing):
                stream.close()
            await child.leave()
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks, timeout=END_S)
    finally:
        end_group(process)
        # Its pipes close while there is a loop; what is still in them is read for that and dropped.
        rest = [asyncio.ensure_future(one) for one in (_drop(process.stdout), _drop(process.stderr), process.wait())]
        _, late = await asyncio.wait(rest, timeout=END_S)
        for one in late:
            one.cancel()


class _Child:
    """The process, and how much it has written since we last asked something."""

    def __init__(self, process: asyncio.subprocess.Process, ending: Ending) -> None:
        self._process = process
        self._ending = ending
        self._written = 0

    async def read(self, incoming: Incoming) -> None:
        """Hands each line that is a message to the session, until there are no more."""
        assert self._process.stdout is not None  # noqa: S101  it was asked for as a pipe
        try:
            await self._read_lines(self._process.stdout, incoming)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(END_S):
                    await self._process.wait()
            self._ending.end(_how(self._process.returncode))
        except (anyio.ClosedResourceError, anyio.BrokenResourceError):
            return  # the session is gone
        finally:
            incoming.close()  # whoever waits for an answer gets none

    async def _read_lines(self, stdout: asyncio.StreamReader, incoming: Incoming) -> None:
        rest = b""
        while piece := await stdout.read(PIECE):
            self._written += len(piece)
            if self._written > MAX_ANSWER:
                self._ending.end(f"It wrote more than {MAX_ANSWER >> 20} MiB at once and was stopped.")
                end_group(self._process)
                return
            if b"\n" not in piece:
                rest += piece
                continue
            *lines, rest = (rest + piece).split(b"\n")
            for line in lines:
                if (message := _parse(line)) is not None:
                    await incoming.send(SessionMessage(message))
                elif line.strip():
                    self._ending.heard(line)

    async def write(self, outgoing: Outgoing, incoming: Incoming) -> None:
        """Hands our messages to the process; each request is a new count of what it writes."""
        assert self._process.stdin is not None  # noqa: S101  as above
        try:
            async for message in outgoing:
                line = message.message.model_dump_json(by_alias=True, exclude_unset=True)
                if isinstance(message.message, mcp_types.JSONRPCRequest):
                    self._written = 0  # an answer of ours is none: it could ask without end
                self._process.stdin.write(line.encode() + b"\n")
                await self._process.stdin.drain()
        except (OSError, RuntimeError):
            await asyncio.sleep(2 * END_S)  # one that has ended says so itself
            self._ending.end("It reads nothing more.")
            incoming.close()

    async def listen(self) -> None:
        """Keeps the last words of its standard error."""
        assert self._process.stderr is not None  # noqa: S101  as above
        while piece := await self._process.stderr.read(PIECE):
            self._ending.words = (self._ending.words + piece)[-MAX_WORDS:]

    async def leave(self) -> None:
        """Asks it to end: by the end of its input, then by a signal."""
        self._ending.end("")  # what becomes of it now is our doing
        assert self._process.stdin is not None  # noqa: S101  as above
        with contextlib.suppress(OSError, RuntimeError):
            self._process.stdin.close()
        for asks in (False, True):
            if asks:
                end_group(self._process, kill=False)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(END_S):
                    await self._process.wait()
                return


async def _drop(stream: asyncio.StreamReader | None) -> None:
    while stream is not None and await stream.read(PIECE):
        pass


def _parse(line: bytes) -> mcp_types.JSONRPCMessage | None:
    """The message in *line*; None when it is none."""
    try:
        return mcp_types.jsonrpc_message_adapter.validate_json(line, by_name=False)
    except (ValueError, RecursionError):
        return None


def _how(code: int | None) -> str:
    if code is None:
        return "It closed its output."
    return f"It ended with code {code}." if code >= 0 else f"It was ended by signal {-code}."
