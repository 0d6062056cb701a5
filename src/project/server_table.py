"""The table `mcp` of a project's file, changed server by server: comments and all other servers stay as written.

Changes the document that it is given; never touches disk.
"""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from typing import Any

from src.project.servers import Server

Changes = Mapping[str, Server | None]  # by name; None takes the server out


def put(document: Any, changes: Changes, tomlkit: Any) -> None:
    """Makes *changes* in *document*, a text that *tomlkit* has read. Raises ValueError.

    A server that is named already keeps what else is in its table.
    """
    if "mcp" not in document:
        document["mcp"] = tomlkit.table(True)
    servers = document["mcp"]
    if not isinstance(servers, MutableMapping):
        raise ValueError("`mcp` must hold servers by name, such as [mcp.time]")
    for name, server in changes.items():
        if server is None:
            if name in servers:
                del servers[name]
        elif isinstance(row := servers.get(name), MutableMapping):
            _fill(row, server)
        else:
            row = tomlkit.inline_table() if isinstance(servers, tomlkit.items.InlineTable) else tomlkit.table()
            _fill(row, server)
            servers[name] = row
    if not servers:
        del document["mcp"]
    elif tomlkit.parse(tomlkit.dumps(document)).unwrap() != document.unwrap():
        _write_anew(document, tomlkit)  # a server of `mcp.name.command = ...` would swallow the lines below it


def _write_anew(document: Any, tomlkit: Any) -> None:
    """The whole table at the end of *document*, one table for each server; its comments are lost."""
    rows = document["mcp"].unwrap()
    del document["mcp"]
    servers = document["mcp"] = tomlkit.table(True)
    for name, row in rows.items():
        servers[name] = row


def _fill(row: MutableMapping[str, Any], server: Server) -> None:
    field, value, other = ("url", server.url, "command") if server.url else ("command", list(server.command), "url")
    if other in row:
        del row[other]
    if row.get(field) != value:
        row[field] = value
