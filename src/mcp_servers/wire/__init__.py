"""The connections to MCP servers, through the official SDK. Heavy: imports it, is reached through the warmup only.

Guarantees
- Every wait has a deadline: START_S until a server has said which tools it has, CALL_S for an answer. A call that is
  given up is not waited for, whatever the server does.
- What a server answers becomes at most MAX_TEXT characters. Its schemas are not followed here: it checks arguments
  itself, and a pattern of a stranger's could run without end.
- A server asks nothing of us: no sampling, no questions to the user, no folders.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import mcp_types
from mcp.client.client import Client
from mcp.shared.exceptions import MCPError
from pydantic import TypeAdapter, ValidationError

from src.mcp_servers.definitions import MAX_TOOLS, Offered
from src.mcp_servers.wire import web
from src.mcp_servers.wire.ending import MAX_SAID, Ending, ServerError
from src.mcp_servers.wire.pipe import open_pipe
from src.privacy.keys import Key
from src.privacy.redactor import redact
from src.project.servers import Server
from src.tools.outcome import Answer

__all__ = ["CALL_S", "START_S", "Connection", "ServerError", "connect"]

START_S = 60.0  # a runner such as uvx may fetch the server first
CALL_S = 120.0
MAX_PAGES = 32
MAX_TEXT = 50_000  # characters
_RESULT: TypeAdapter[Any] = TypeAdapter(mcp_types.CallToolResult | mcp_types.InputRequiredResult)
_ABOUT = mcp_types.Implementation(name="sloppy", version="0.1.0")


class Connection:
    """A server that has been started; its tools as it listed them. Used on the loop alone."""

    def __init__(self, client: Client, ending: Ending, offered: tuple[Offered, ...]) -> None:
        self._client = client
        self._ending = ending
        self._calls: set[asyncio.Future[Answer]] = set()
        self.offered = offered

    async def wait(self) -> str:
        """Waits until the server ends by itself; why, in a sentence."""
        await self._ending.ended.wait()
        return f"{self._ending.reason}{self._ending.said()}"

    async def call(self, name: str, arguments: dict[str, Any]) -> Answer:
        """What the tool *name* answers. Cancel it to give the call up."""
        task = asyncio.ensure_future(self._ask(name, arguments))
        self._calls.add(task)  # the loop itself holds it weakly
        task.add_done_callback(self._calls.discard)
        try:
            done, _ = await asyncio.wait({task}, timeout=CALL_S)
        finally:
            task.cancel()  # and not waited for: saying so to the server may take as long as the server likes
        return task.result() if done else Answer(f"{name}: no answer came in {CALL_S:.0f} s.", failed=True)

    async def _ask(self, name: str, arguments: dict[str, Any]) -> Answer:
        params = mcp_types.CallToolRequestParams(name=name, arguments=arguments)
        try:
            # Not `call_tool`, which checks the result with the server's own schema.
            result = await self._client.session.send_request(
                mcp_types.CallToolRequest(params=params), _RESULT, request_read_timeout_seconds=CALL_S
            )
        except Exception as error:  # whatever a server does ends its call and nothing else
            said = self._ending.reason or explain(error)
            return Answer(f"{name} failed: {said}{self._ending.said() if self._ending.reason else ''}", failed=True)
        if isinstance(result, mcp_types.InputRequiredResult):
            return Answer(f"{name} asks the user for more, which is not supported here.", failed=True)
        return Answer(_cut(_text(result)), failed=bool(result.is_error))


@contextlib.asynccontextmanager
async def connect(server: Server, folder: str, token: Key | None = None) -> AsyncIterator[Connection]:
    """Starts *server* in *folder* and asks for its tools. *token* goes to an address. Raises ServerError."""
    ending = Ending()
    failure: BaseException | None = None
    async with AsyncExitStack() as stack:
        try:
            async with asyncio.timeout(START_S):
                if server.url:
                    http = await stack.enter_async_context(web.Client(server.url, CALL_S, token))
                    transport = web.open_web(server.url, http)
                else:
                    transport = open_pipe(server.command, folder, ending)
                client = await stack.enter_async_context(Client(transport, client_info=_ABOUT, cache=None))
                connection = Connection(client, ending, await _list(client))
        except (Exception, BaseExceptionGroup) as error:
            failure = error  # raised below: what leaves through the SDK's groups of tasks becomes a group
            failure_said = f"{ending.reason or explain(error)}{ending.said()}"
        if failure is None:
            yield connection
    if failure is not None:
        raise ServerError(failure_said) from failure


async def _list(client: Client) -> tuple[Offered, ...]:
    """The tools, page by page, up to one more than are taken."""
    offered: list[Offered] = []
    cursor = None
    for _ in range(MAX_PAGES):
        page = await client.list_tools(cursor=cursor)
        offered += [Offered(one.name, one.description or one.title or "", one.input_schema) for one in page.tools]
        cursor = page.next_cursor
        if not cursor or len(offered) > MAX_TOOLS:
            break
    return tuple(offered[: MAX_TOOLS + 1])


def explain(error: BaseException) -> str:
    """What went wrong, in a sentence without anything of the user's."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    seen: BaseException | None = error
    for _ in range(8):
        if isinstance(seen, ServerError):
            return str(seen)
        seen = seen and (seen.__cause__ or seen.__context__)
    if isinstance(error, TimeoutError):
        return f"It did not answer in {START_S:.0f} s."
    if isinstance(error, ValidationError):
        return "It answered with something that the protocol does not know."
    said = " ".join(redact(str(error)).split())[:MAX_SAID] or type(error).__name__
    return f"It refused: {said}." if isinstance(error, MCPError) else f"It cannot be reached ({said})."


def _text(result: mcp_types.CallToolResult) -> str:
    said = "\n".join(map(_block, result.content))
    if not said and result.structured_content is not None:
        said = json.dumps(result.structured_content, ensure_ascii=False)
    return said.encode(errors="replace").decode()


def _block(block: Any) -> str:
    match block:
        case mcp_types.TextContent():
            return block.text
        case mcp_types.EmbeddedResource(resource=mcp_types.TextResourceContents() as inner):
            return inner.text
        case mcp_types.EmbeddedResource():
            return f"({block.resource.uri}: bytes, left out)"
        case mcp_types.ResourceLink():
            return f"(link: {block.name} {block.uri})"
        case mcp_types.ImageContent() | mcp_types.AudioContent():
            return f"({block.mime_type}, {len(block.data) * 3 // 4:,} bytes, left out)"
        case _:
            return "(something that is no text, left out)"


def _cut(text: str) -> str:
    if len(text) <= MAX_TEXT:
        return text
    half = MAX_TEXT // 2
    return f"{text[:half]}\n... ({len(text) - 2 * half:,} characters left out) ...\n{text[-half:]}"
