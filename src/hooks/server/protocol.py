"""Connections of the hook server, bounded in number and time. On uvicorn's h11 protocol.

Guarantees
- At most `MAX_CONNECTIONS` are open; one more gets an answer that says so, and is closed.
- A head of more than `MAX_HEAD` bytes is refused, also one that comes at once or behind another request.
- A refusal reaches a client that still sends its body: the rest is discarded, up to `MAX_DISCARDED` and `LINGER_S`.
- A request that is not whole after `REQUEST_S` seconds and an answer that is not taken for `ANSWER_S` seconds end their
  connection, whatever trickles in the meantime.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from src.hooks.server import problems

MAX_CONNECTIONS = 128
MAX_HEAD = 16_384  # bytes of a request up to its body
MAX_DISCARDED = 32_000_000  # bytes
REQUEST_S = 10.0
ANSWER_S = 10.0
LINGER_S = 2.0


def _raw_problem(status: int, detail: str) -> bytes:
    found = problems.problem(status, detail)
    body = problems.body_of(found)
    head = (
        f"HTTP/1.1 {status} {found.title}\r\ncontent-type: {problems.MEDIA_TYPE}\r\n"
        f"content-length: {len(body)}\r\nconnection: close\r\n\r\n"
    )
    return head.encode() + body


BUSY = _raw_problem(503, f"{MAX_CONNECTIONS} connections are open; close one and try again.")
MALFORMED = _raw_problem(400, "This is not an HTTP request that can be read.")


class LingeringTransport:
    """A transport whose `close` lets a client that still sends read its answer: closed at once, the kernel drops it."""

    def __init__(self, transport: asyncio.Transport, is_whole: Callable[[], bool]) -> None:
        self._transport = transport
        self._is_whole = is_whole
        self._discarded = 0
        self.is_lingering = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def close(self) -> None:
        """Closes now when the request has come whole, else when its rest has come or takes too long."""
        if self._is_whole() or self._transport.is_closing():
            self._transport.close()
        elif not self.is_lingering:
            self.is_lingering = True
            self._transport.write_eof()
            self._transport.resume_reading()
            asyncio.get_running_loop().call_later(LINGER_S, self._transport.abort)

    def is_closing(self) -> bool:
        """Nothing more is served."""
        return self.is_lingering or self._transport.is_closing()

    def discard(self, data: bytes) -> None:
        """Takes what nobody will read."""
        self._discarded += len(data)
        if self._discarded > MAX_DISCARDED:
            self._transport.abort()


class BoundedProtocol(H11Protocol):
    """One connection. `_deadline` ends a request that comes slowly, `_stall` an answer that is not taken."""

    _deadline: asyncio.TimerHandle | None = None
    _stall: asyncio.TimerHandle | None = None
    _head = 0  # bytes of the head that has not ended yet

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Takes the connection, or refuses it when there are too many."""
        self._rest = bytearray()
        self._lingering = LingeringTransport(transport, self._is_whole)
        super().connection_made(self._lingering)  # type: ignore[arg-type]
        transport.set_write_buffer_limits(high=0)  # so that anything not taken at once is on the clock
        if len(self.connections) > MAX_CONNECTIONS:
            transport.write(BUSY)
            transport.close()
            return
        self._watch_request()

    def data_received(self, data: bytes) -> None:
        """Reads on; the clock runs until the request is whole."""
        if self.transport.is_closing():
            self._lingering.discard(data)
            return
        self._rest += data
        self._take()

    def on_response_complete(self) -> None:
        """Goes on to the next request, which may have come already."""
        super().on_response_complete()
        self._take()

    def send_400_response(self, _msg: str) -> None:
        """Answers what is not HTTP."""
        if self.cycle is None or not self.cycle.response_started or self.cycle.response_complete:
            self.transport.write(MALFORMED)
        self.transport.close()

    def pause_writing(self) -> None:
        """The client does not take its answer."""
        super().pause_writing()
        self._stall = self.loop.call_later(ANSWER_S, self.transport.abort)

    def resume_writing(self) -> None:
        """The client has taken what was sent."""
        super().resume_writing()
        _stop(self._stall)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stops the clocks."""
        _stop(self._deadline)
        _stop(self._stall)
        super().connection_lost(exc)

    def _take(self) -> None:
        """Hands on what has come, a head no further than it may go: what comes at once would be taken at any length."""
        while self._rest and not self.transport.is_closing():
            in_head = self.conn.their_state is h11.IDLE
            if not in_head and self.conn.their_state is not h11.SEND_BODY:
                self.flow.pause_reading()  # the next request waits until this one is answered
                break
            if in_head and self._head == MAX_HEAD:
                self.send_400_response("")
                break
            piece = bytes(self._rest[: MAX_HEAD - self._head] if in_head else self._rest)
            del self._rest[: len(piece)]
            self._head = self._head + len(piece) if in_head else 0
            super().data_received(piece)
            self._head = self._head if self.conn.their_state is h11.IDLE else 0
        if self.transport.is_closing() and self._rest:
            self._lingering.discard(bytes(self._rest))
            self._rest.clear()
        self._watch_request()

    def _is_whole(self) -> bool:
        return not self._head and self.conn.their_state not in (h11.SEND_BODY, h11.ERROR)

    def _watch_request(self) -> None:
        state: Any = self.conn.their_state
        waiting = state in (h11.IDLE, h11.SEND_BODY) and not self.transport.is_closing()
        kept_alive = self.timeout_keep_alive_task is not None  # uvicorn's own clock runs between requests
        if not waiting or kept_alive:
            _stop(self._deadline)
            self._deadline = None
        elif self._deadline is None:
            self._deadline = self.loop.call_later(REQUEST_S, self.transport.abort)


def _stop(timer: asyncio.TimerHandle | None) -> None:
    if timer is not None:
        timer.cancel()
