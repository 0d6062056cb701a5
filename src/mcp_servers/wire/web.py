"""A server at a URL, over streamable HTTP, as the SDK's transport with bounds. Heavy: imports httpx2 and the SDK.

Guarantees
- A redirect to another host is not followed (the SDK's rule). The user's token goes to the server's own address and
  nowhere else.
- One answer holds at most MAX_ANSWER bytes. It may not be compressed: a small body could be a large text.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from typing import Any

import httpx2
from mcp.client.streamable_http import streamable_http_client

from src.mcp_servers.wire.ending import MAX_ANSWER, ServerError
from src.privacy.keys import Key

CONNECT_S = 15.0


class Client(httpx2.AsyncClient):
    """An httpx2 client for the server at *url* that takes no more than MAX_ANSWER bytes in one answer."""

    def __init__(self, url: str, silence_s: float, token: Key | None) -> None:
        self._origin = _origin(httpx2.URL(url))
        self._token = token
        timeout = httpx2.Timeout(CONNECT_S, read=silence_s)
        super().__init__(timeout=timeout, follow_redirects=False, headers={"accept-encoding": "identity"})

    async def send(self, request: httpx2.Request, **options: Any) -> httpx2.Response:
        """Sends *request*. Raises ServerError for an answer that is compressed, and for a token that is refused."""
        if self._token is not None and _origin(request.url) == self._origin:
            request.headers["authorization"] = f"Bearer {self._token.reveal()}"
        response = await super().send(request, **{**options, "follow_redirects": False})
        if response.status_code in (401, 403):
            await response.aclose()
            raise ServerError(_refusal(response.status_code, self._token))
        if response.headers.get("content-encoding", "identity").lower() not in ("", "identity"):
            await response.aclose()
            raise ServerError("It answers with a compressed text, which was not asked for.")
        if options.get("stream") and isinstance(response.stream, httpx2.AsyncByteStream):
            response.stream = _Bounded(response.stream)
        return response


class _Bounded(httpx2.AsyncByteStream):
    """A body up to MAX_ANSWER bytes."""

    def __init__(self, body: httpx2.AsyncByteStream) -> None:
        self._body = body

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        async for piece in self._body:
            size += len(piece)
            if size > MAX_ANSWER:
                raise ServerError(f"It sent more than {MAX_ANSWER >> 20} MiB in one answer.")
            yield piece

    async def aclose(self) -> None:
        await self._body.aclose()


def _origin(url: httpx2.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port


def _refusal(status: int, token: Key | None) -> str:
    if token is None:
        return f"It wants a token (HTTP {status}); set one with Token... in Approvals."
    return f"It refuses the token {token.place} (HTTP {status}); set another with Token... in Approvals."


def open_web(url: str, client: Client) -> AbstractAsyncContextManager[Any]:
    """The streams to the server at *url*."""
    return streamable_http_client(url, http_client=client, max_sse_event_size=MAX_ANSWER)
