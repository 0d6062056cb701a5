"""Starts the hook server once FastAPI is warm, and ends it.

Guarantees
- The socket listens at once; what connects before the server runs waits in its queue. No server starts after `stop`.
- `_lock` guards the fields.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from importguard.warmup import require_warmed as _require_warmed
from src.host.warming import Warming
from src.work.io_pool import IoPool

if TYPE_CHECKING:
    import socket

SERVER = "src.hooks.server"
BACKLOG = 128


class HookHost:
    """The hook server of one running Sloppy; a job of the pool."""

    def __init__(self, pool: IoPool, warming: Warming) -> None:
        self._pool = pool
        self._warming = warming
        self._lock = threading.Lock()
        self._stopped = False
        self._server: Any = None

    def start(self, controller: object, port: int, token: str) -> socket.socket:
        """Listens on 127.0.0.1:*port* and serves *controller* once the server's module is warm. Raises OSError."""
        import socket

        listener = socket.create_server(("127.0.0.1", port), backlog=BACKLOG)
        self._warming.warmup.promote(SERVER)
        self._warming.background.when_warm((SERVER,), lambda: self._serve(controller, listener, token))
        return listener

    def stop(self) -> None:
        """Ends the server."""
        with self._lock:
            self._stopped = True
            server = self._server
        if server is not None:
            server.stop()

    def _serve(self, controller: object, listener: socket.socket, token: str) -> None:
        server = _require_warmed("src.hooks.server").HookServer(controller, listener, token)
        with self._lock:
            if self._stopped:
                listener.close()
                return
            self._server = server
        self._pool.submit(server.run)
