"""Which MCP servers the user agreed to, in which project, on this machine; and which of their tools, as they were then.

Guarantees
- The file is the user's own, never in a project's folder: what a project brings with it starts nothing.
- A server is known by its exact command line or URL, a tool by the digest of its definition: one that differs in a
  letter is another, and is asked for again.
- `_lock` guards the table; nothing but `load` and `save` touches the disk.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Mapping

from src.storage import inside, stored_file
from src.value import Value

MAX_BYTES = 2_000_000
MAX_PROJECTS = 500
MAX_TOOLS = 1_000  # of one server


class Agreement(Value):
    """What the user agreed to of one server: digests of tools that may go out, and of those that run unasked."""

    tools: frozenset[str] = frozenset()
    always: frozenset[str] = frozenset()


Table = Mapping[str, Mapping[str, Agreement]]


class AgreedServers:
    """The table, project → server's key → agreement, in the file given to `load`, or in memory alone without one."""

    def __init__(self, notify: Callable[[], None]) -> None:
        self._notify = notify
        self._lock = threading.Lock()
        self._saving = threading.Lock()  # held while a table is written: an older one never replaces a newer one
        self._path = ""
        self._agreed: dict[str, dict[str, Agreement]] = {}

    def load(self, path: str) -> None:
        """Keeps the table at *path* from now on. A file that cannot be read agrees to nothing."""
        try:
            kept = json.loads(inside.read_bytes((os.path.dirname(path),), path, MAX_BYTES))
        except (OSError, ValueError, RecursionError):
            kept = {}
        found = {str(project): _read(rows) for project, rows in kept.items()} if isinstance(kept, Mapping) else {}
        with self._lock:
            self._path = path
            self._agreed = {**found, **self._agreed}
        self._notify()

    def of(self, project: str, key: str) -> Agreement | None:
        """What was agreed to of the server with this key in the project; None when it may not be started."""
        with self._lock:
            return self._agreed.get(project, {}).get(key)

    def keys(self, project: str) -> tuple[str, ...]:
        """The keys of all servers agreed to in the project, those that its file no longer names, too."""
        with self._lock:
            return tuple(self._agreed.get(project, ()))

    def agree(self, project: str, key: str) -> None:
        """The server may be started. Raises ValueError without a project, or when there are too many."""
        if not project:
            raise ValueError("No project is open; servers are a project's.")
        with self._lock:
            if project not in self._agreed and len(self._agreed) >= MAX_PROJECTS:
                raise ValueError("Servers of too many projects are agreed to; revoke some first.")
            self._agreed.setdefault(project, {}).setdefault(key, Agreement())
        self._notify()

    def revoke(self, project: str, key: str) -> None:
        """The server may no longer be started, and what was agreed to of its tools is forgotten."""
        with self._lock:
            servers = self._agreed.get(project, {})
            servers.pop(key, None)
            if not servers:
                self._agreed.pop(project, None)
        self._notify()

    def take_tool(self, project: str, key: str, digest: str) -> None:
        """The tool with this definition may go out. Raises ValueError when its server may not be started."""
        self._change(project, key, lambda before: before._replace(tools=_with(before.tools, digest)))

    def set_always(self, project: str, key: str, digest: str, always: bool) -> None:
        """The tool runs without a question from now on, or asks again. Raises ValueError as `take_tool`."""

        def change(before: Agreement) -> Agreement:
            return before._replace(always=_with(before.always, digest) if always else before.always - {digest})

        self._change(project, key, change)

    def save(self) -> None:
        """Writes the table, on the pool. Raises OSError."""
        with self._saving:
            with self._lock:
                path = self._path
                text = json.dumps(
                    {
                        project: {
                            key: {"tools": sorted(one.tools), "always": sorted(one.always)}
                            for key, one in servers.items()
                        }
                        for project, servers in self._agreed.items()
                    }
                )
            if path:
                stored_file.write_text(path, text)

    def _change(self, project: str, key: str, change: Callable[[Agreement], Agreement]) -> None:
        with self._lock:
            before = self._agreed.get(project, {}).get(key)
            if before is None:
                raise ValueError("This server is not agreed to; agree to it first.")
            self._agreed[project][key] = change(before)
        self._notify()


def _with(digests: frozenset[str], digest: str) -> frozenset[str]:
    if len(digests) >= MAX_TOOLS:
        raise ValueError("Too many tools of this server are agreed to; revoke the server and agree to it again.")
    return digests | {digest}


def _read(rows: object) -> dict[str, Agreement]:
    if not isinstance(rows, Mapping):
        return {}
    return {
        str(key): Agreement(_texts(row.get("tools")), _texts(row.get("always")))
        for key, row in rows.items()
        if isinstance(row, Mapping)
    }


def _texts(value: object) -> frozenset[str]:
    return frozenset(one for one in value if isinstance(one, str)) if isinstance(value, list) else frozenset()
