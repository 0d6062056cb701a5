"""Who may speak to the hook API, and how much: checked before anything of the application runs.

Guarantees
- A request is served when its Host is exactly this server's, no foreign page sent it, it carries this run's token
  (compared in constant time) and its body, if any, is JSON of at most `MAX_BODY` bytes.
- At most `MAX_REQUESTS` are served at a time; others get an answer that says when to try again.
- No answer lets a page of another origin read it; none is cached; none carries a traceback.
"""

from __future__ import annotations

import logging
import secrets
from http import HTTPStatus

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from src.hooks.server import problems

MAX_BODY = 2_000_000  # bytes
MAX_REQUESTS = 64
HEADERS = (
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
logger = logging.getLogger("sloppy.hooks")
OWN_FETCH_SITES = (b"same-origin", b"none")


class RefusedError(Exception):
    """A request that is not let in."""

    def __init__(self, status: HTTPStatus, detail: str, *headers: tuple[bytes, bytes]) -> None:
        super().__init__(detail)
        self.status, self.detail, self.headers = status, detail, headers


class Guard:
    """ASGI middleware around the whole application."""

    def __init__(self, app: ASGIApp, token: str, port: int) -> None:
        self._app = app
        self._credentials = f"Bearer {token}".encode()
        self._hosts = (f"127.0.0.1:{port}".encode(), f"localhost:{port}".encode())
        self._origins = tuple(b"http://" + host for host in self._hosts)
        self._serving = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request."""
        if scope["type"] != "http":
            return
        started = False

        async def send_closed(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                message["headers"] = [*message.get("headers", ()), *HEADERS]
            await send(message)

        self._serving += 1
        try:
            headers = _read_headers(scope)
            self._admit(headers)
            body = await self._read_body(headers, receive)
            await self._app(scope, _Replay(body, receive), send_closed)
        except RefusedError as refusal:
            await _refuse(send_closed, refusal)
        except Exception as error:  # the application has answered already, unless it was in the middle of a stream
            _report(scope, error)
            if not started:
                await _refuse(send_closed, RefusedError(HTTPStatus.INTERNAL_SERVER_ERROR, problems.FAILED))
        finally:
            self._serving -= 1

    def _admit(self, headers: dict[bytes, list[bytes]]) -> None:
        if not any(headers.get(b"host") == [host] for host in self._hosts):
            raise RefusedError(HTTPStatus.FORBIDDEN, "The Host header must be 127.0.0.1 or localhost, with this port.")
        foreign = any(origin not in self._origins for origin in headers.get(b"origin", ()))
        foreign |= any(site not in OWN_FETCH_SITES for site in headers.get(b"sec-fetch-site", ()))
        if foreign:
            raise RefusedError(HTTPStatus.FORBIDDEN, "Pages of other origins may not use the hook API.")
        given = headers.get(b"authorization", [])
        if len(given) != 1 or not secrets.compare_digest(given[0], self._credentials):
            detail = "Send the token in the file that Sloppy named when it started, as Authorization: Bearer TOKEN."
            raise RefusedError(HTTPStatus.UNAUTHORIZED, detail, (b"www-authenticate", b"Bearer"))
        if self._serving > MAX_REQUESTS:
            detail = f"{MAX_REQUESTS} requests are being served; try again."
            raise RefusedError(HTTPStatus.SERVICE_UNAVAILABLE, detail, (b"retry-after", b"1"))

    @staticmethod
    async def _read_body(headers: dict[bytes, list[bytes]], receive: Receive) -> bytes:
        length = headers.get(b"content-length", [b"0"])[0]
        if length == b"0" and b"transfer-encoding" not in headers:
            return b""
        kind, _, parameters = headers.get(b"content-type", [b""])[0].partition(b";")
        charset = parameters.replace(b" ", b"").replace(b'"', b"").lower()
        if kind.strip().lower() != b"application/json" or charset not in (b"", b"charset=utf-8"):
            raise RefusedError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "A body must be Content-Type: application/json.")
        if b"content-encoding" in headers:
            raise RefusedError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "A body must come without Content-Encoding.")
        # h11 has checked that the length is a number, of at most 20 digits.
        if int(length) > MAX_BODY:
            raise _too_large()
        body = bytearray()
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return b""
            body += message.get("body", b"")
            if len(body) > MAX_BODY:
                raise _too_large()
            if not message.get("more_body", False):
                return bytes(body)


class _Replay:
    """An ASGI `receive` that gives the body that was read, then what comes after it."""

    def __init__(self, body: bytes, receive: Receive) -> None:
        self._body: bytes | None = body
        self._receive = receive

    async def __call__(self) -> Message:
        body, self._body = self._body, None
        return await self._receive() if body is None else {"type": "http.request", "body": body, "more_body": False}


def _read_headers(scope: Scope) -> dict[bytes, list[bytes]]:
    found: dict[bytes, list[bytes]] = {}
    for name, value in scope["headers"]:
        found.setdefault(name, []).append(value)
    return found


def _report(scope: Scope, error: Exception) -> None:
    # The route's template and never the path as sent, and nothing that could end the line.
    route = getattr(scope.get("route"), "path", "?")
    logger.error("%s %s failed: %s: %s", scope["method"], route, type(error).__name__, ascii(str(error))[:500])


def _too_large() -> RefusedError:
    return RefusedError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"A body holds at most {MAX_BODY} bytes.")


async def _refuse(send: Send, refusal: RefusedError) -> None:
    body = problems.body_of(problems.problem(refusal.status, refusal.detail))
    # What is left of the body is not read, so the connection cannot serve another request.
    headers = [
        (b"content-type", problems.MEDIA_TYPE.encode()),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
        *refusal.headers,
    ]
    await send({"type": "http.response.start", "status": int(refusal.status), "headers": headers})
    await send({"type": "http.response.body", "body": body})
