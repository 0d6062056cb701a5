"""Which MCP servers the user agreed to, in which project, on this machine; and which of their tools, as they were then.

Guarantees
- The file is the user's own, never in a project's folder: what a project brings with it starts nothing.
- A server is known by its exact command line or URL, a tool by the digest of its definition: one that differs in a
  letter is another, and is asked for again. So is a command of which a file that it names has changed.
- Saving and locking are the table's own (src/storage/agreed_table.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from src.storage.agreed_table import AgreedTable
from src.value import Value

MAX_TOOLS = 1_000  # of one server


class Agreement(Value):
    """What the user agreed to of one server: digests of tools that may go out, and of those that run unasked.

    `files`: digests of the project's own files that its command names, as `named_files` takes them.
    """

    tools: frozenset[str] = frozenset()
    always: frozenset[str] = frozenset()
    files: Mapping[str, str] = {}


Servers = Mapping[str, Agreement]  # of one project, by the server's key


class AgreedServers:
    """The table, project → server's key → agreement, in the file given to `load`, or in memory alone without one."""

    def __init__(self, notify: Callable[[], None]) -> None:
        self._notify = notify
        full = "Servers of too many projects are agreed to; revoke some first."
        self._table: AgreedTable[Servers] = AgreedTable(_read, _written, full)

    def load(self, path: str) -> None:
        """Keeps the table at *path* from now on. A file that cannot be read agrees to nothing."""
        self._table.load(path)
        self._notify()

    def of(self, project: str, key: str) -> Agreement | None:
        """What was agreed to of the server with this key in the project; None when it may not be started."""
        return (self._table.of(project) or {}).get(key)

    def keys(self, project: str) -> tuple[str, ...]:
        """The keys of all servers agreed to in the project, those that its file no longer names, too."""
        return tuple(self._table.of(project) or ())

    def agree(self, project: str, key: str, files: Mapping[str, str]) -> None:
        """The server may be started as long as its *files* are these.

        Raises ValueError without a project, or when there are too many.
        """
        if not project:
            raise ValueError("No project is open; servers are a project's.")

        def change(servers: Servers | None) -> Servers:
            before = (servers or {}).get(key, Agreement())
            return {**(servers or {}), key: before._replace(files=files)}

        self._table.change(project, change)
        self._notify()

    def revoke(self, project: str, key: str) -> None:
        """The server may no longer be started, and what was agreed to of its tools is forgotten."""
        self._table.change(project, lambda servers: {one: was for one, was in (servers or {}).items() if one != key})
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
        self._table.save()

    def _change(self, project: str, key: str, change: Callable[[Agreement], Agreement]) -> None:
        def changed(servers: Servers | None) -> Servers:
            if servers is None or key not in servers:
                raise ValueError("This server is not agreed to; agree to it first.")
            return {**servers, key: change(servers[key])}

        self._table.change(project, changed)
        self._notify()


def _with(digests: frozenset[str], digest: str) -> frozenset[str]:
    if len(digests) >= MAX_TOOLS:
        raise ValueError("Too many tools of this server are agreed to; revoke the server and agree to it again.")
    return digests | {digest}


def _read(rows: object) -> dict[str, Agreement]:
    if not isinstance(rows, Mapping):
        return {}
    return {
        str(key): Agreement(_texts(row.get("tools")), _texts(row.get("always")), _files(row.get("files")))
        for key, row in rows.items()
        if isinstance(row, Mapping)
    }


def _written(servers: Servers) -> dict[str, dict[str, object]]:
    return {
        key: {"tools": sorted(one.tools), "always": sorted(one.always), "files": dict(one.files)}
        for key, one in servers.items()
    }


def _files(value: object) -> dict[str, str]:
    rows = value.items() if isinstance(value, Mapping) else ()
    return {str(path): digest for path, digest in rows if isinstance(digest, str)}


def _texts(value: object) -> frozenset[str]:
    return frozenset(one for one in value if isinstance(one, str)) if isinstance(value, list) else frozenset()
