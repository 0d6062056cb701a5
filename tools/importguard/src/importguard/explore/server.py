"""The page over HTTP, for this machine and this user alone.

**Guarantees**
- It listens on 127.0.0.1, answers only who names that host and knows the address with its token, and reads no body.
- Nothing is written, and nothing of the project runs.
"""

from __future__ import annotations

import hmac
import json
import secrets
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from importguard.errors import ImportGuardError
from importguard.explore.state import State
from importguard.printable import plain

_WAIT_S = 10.0  # then a line goes out, and it shows whether the browser is still there
_LONGEST = 200  # characters of a revision


class Server(ThreadingHTTPServer):
    """Serves *state* on *port*; 0: one that is free."""

    daemon_threads = True

    def __init__(self, state: State, port: int) -> None:
        self.state, self.token = state, secrets.token_urlsafe(16)
        super().__init__(("127.0.0.1", port), _Handler)

    @property
    def address(self) -> str:
        """Where a browser finds the page."""
        return f"http://127.0.0.1:{self.server_port}/{self.token}/"


class _Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"
    timeout = 60

    def do_GET(self) -> None:
        """The page, its data, its news, or an earlier revision of a start."""
        hosts = {f"127.0.0.1:{self.server.server_port}", f"localhost:{self.server.server_port}"}
        if self.headers.get("Host") not in hosts:  # a name of somebody else that leads here
            self._answer(403, "text/plain", "importguard: this page is for this machine alone\n")
            return
        asked = urlsplit(self.path)
        token, _, name = asked.path.lstrip("/").partition("/")
        if not hmac.compare_digest(token.encode(), self.server.token.encode()):
            self._answer(
                404, "text/plain", "importguard: the address ends in a token; `importguard explore` prints it\n"
            )
        elif name == "":
            self._answer(200, "text/html", self.server.state.page())
        elif name == "data.json":
            self._answer(200, "application/json", json.dumps(self.server.state.data(), separators=(",", ":")))
        elif name == "events":
            self._events()
        elif name == "at":
            self._revision(parse_qs(asked.query))
        else:
            self._answer(404, "text/plain", "importguard: there is nothing here\n")

    def _revision(self, query: dict[str, list[str]]) -> None:
        revision, entry = (query.get(name, [""])[0] for name in ("revision", "entry"))
        try:
            found = self.server.state.at(revision[:_LONGEST], entry)
        except ImportGuardError as error:
            self._answer(400, "text/plain", f"{plain(str(error))}\n")
        else:
            self._answer(200, "application/json", json.dumps(found, separators=(",", ":")))

    def _events(self) -> None:
        self.send_response(200)
        self._headers("text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        known = self.server.state.version
        try:
            self.wfile.write(b": ready\n\n")
            while known >= 0:
                known, event, said = self.server.state.news(known, _WAIT_S)
                text = f"event: {event}\ndata: {said}\n\n" if event else ": waiting\n\n"
                self.wfile.write(text.encode())
                self.wfile.flush()
        except OSError:  # the browser has left
            return

    def _answer(self, code: int, kind: str, text: str) -> None:
        content = text.encode()
        self.send_response(code)
        self._headers(f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _headers(self, kind: str) -> None:
        for name, value in (
            ("Content-Type", kind),
            ("Cache-Control", "no-store"),
            ("X-Content-Type-Options", "nosniff"),
            ("X-Frame-Options", "DENY"),
            ("Referrer-Policy", "no-referrer"),
            ("Cross-Origin-Resource-Policy", "same-origin"),
        ):
            self.send_header(name, value)

    def log_message(self, *_: Any) -> None:
        """Nothing: the terminal is for the address."""
