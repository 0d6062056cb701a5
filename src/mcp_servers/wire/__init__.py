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
from collections.abc import AsyncIterator, Coroutine
from contextlib import AsyncExitStack
from typing import Any, TypeVar

import mcp_types
from mcp.client.client import Client
from pydantic import TypeAdapter

from src.mcp_servers.definitions import MAX_TOOLS, Offered
from src.mcp_servers.offers import Offer
from src.mcp_servers.wire import web
from src.mcp_servers.wire.ending import Ending, ServerError
from src.mcp_servers.wire.offered import list_offers, read_offer
from src.mcp_servers.wire.pipe import open_pipe
from src.mcp_servers.wire.texts import cut, explain, text_of
from src.privacy.keys import Key
from src.project.servers import Server
from src.tools.outcome import Answer

__all__ = ["CALL_S", "START_S", "Connection", "ServerError", "connect", "explain"]

START_S = 60.0  # a runner such as uvx may fetch the server first
CALL_S = 120.0
LIST_S = 15.0  # for what it offers besides tools
MAX_PAGES = 32
_RESULT: TypeAdapter[Any] = TypeAdapter(mcp_types.CallToolResult | mcp_types.InputRequiredResult)
T = TypeVar("T")
_ABOUT = mcp_types.Implementation(name="sloppy", version="0.1.0")


class Connection:
    """A server that has been started; its tools as it listed them, and its `offers`. Used on the loop alone.

    `refused` are sentences about offers that are left out.
    """

    def __init__(self, client: Client, ending: Ending, offered: tuple[Offered, ...]) -> None:
        self._client = client
        self._ending = ending
        self._calls: set[asyncio.Future[Any]] = set()
        self.offered = offered
        self.offers: tuple[Offer, ...] = ()
        self.refused: tuple[str, ...] = ()

    async def look(self, server: str) -> None:
        """Asks for what it offers besides tools."""
        found = await self._within(list_offers(self._client, server), LIST_S)
        slow = f"It did not say in {LIST_S:.0f} s what it offers besides tools."
        self.offers, self.refused = found if found is not None else ((), (slow,))

    async def wait(self) -> str:
        """Waits until the server ends by itself; why, in a sentence."""
        await self._ending.ended.wait()
        return f"{self._ending.reason}{self._ending.said()}"

    async def call(self, name: str, arguments: dict[str, Any]) -> Answer:
        """What the tool *name* answers. Cancel it to give the call up."""
        return await self._within(self._ask(name, arguments), CALL_S) or _late(name)

    async def read(self, offer: Offer, filled: dict[str, str]) -> Answer:
        """The text of *offer*, a prompt's with its places *filled*. Cancel it to give it up."""
        return await self._within(self._read(offer, filled), CALL_S) or _late(offer.title)

    async def _within(self, asked: Coroutine[Any, Any, T], limit_s: float) -> T | None:
        """What *asked* gives; None when that takes longer than *limit_s*."""
        task = asyncio.ensure_future(asked)
        self._calls.add(task)  # the loop itself holds it weakly
        task.add_done_callback(self._calls.discard)
        try:
            done, _ = await asyncio.wait({task}, timeout=limit_s)
        finally:
            task.cancel()  # and not waited for: saying so to the server may take as long as the server likes
        return task.result() if done else None

    async def _ask(self, name: str, arguments: dict[str, Any]) -> Answer:
        params = mcp_types.CallToolRequestParams(name=name, arguments=arguments)
        try:
            # Not `call_tool`, which checks the result with the server's own schema.
            result = await self._client.session.send_request(
                mcp_types.CallToolRequest(params=params), _RESULT, request_read_timeout_seconds=CALL_S
            )
        except Exception as error:  # whatever a server does ends its call and nothing else
            return self._failed(name, error)
        if isinstance(result, mcp_types.InputRequiredResult):
            return Answer(f"{name} asks the user for more, which is not supported here.", failed=True)
        return Answer(cut(_text(result)), failed=bool(result.is_error))

    async def _read(self, offer: Offer, filled: dict[str, str]) -> Answer:
        try:
            return Answer((await read_offer(self._client, offer, filled)).encode(errors="replace").decode())
        except Exception as error:  # whatever a server does ends its answer and nothing else
            return self._failed(offer.title, error)

    def _failed(self, name: str, error: Exception) -> Answer:
        said = self._ending.reason or explain(error)
        return Answer(f"{name} failed: {said}{self._ending.said() if self._ending.reason else ''}", failed=True)


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
            await connection.look(server.name)
        except (Exception, BaseExceptionGroup) as error:
            failure = error  # raised below: what leaves through the SDK's groups of tasks becomes a group
            failure_said = f"{ending.reason or explain(error, START_S)}{ending.said()}"
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


def _late(name: str) -> Answer:
    return Answer(f"{name}: no answer came in {CALL_S:.0f} s.", failed=True)


def _text(result: mcp_types.CallToolResult) -> str:
    said = "\n".join(map(text_of, result.content))
    if not said and result.structured_content is not None:
        said = json.dumps(result.structured_content, ensure_ascii=False)
    return said.encode(errors="replace").decode()
