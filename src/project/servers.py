"""The MCP servers that a project's file names: what each is, and nothing of it is started here. Pure."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping
from urllib.parse import urlsplit

from src.value import Value

MAX_SERVERS = 16
MAX_TEXT = 4_000  # characters of a whole command or URL
NAME = re.compile(r"[a-z][a-z0-9-]{0,23}")
FIELDS = ("command", "url")
ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
LOOPBACK = ("127.0.0.1", "localhost", "::1")


class Server(Value):
    """A server: `command` is its program with all arguments, or `url` where it answers; one of them is empty."""

    name: str
    command: tuple[str, ...] = ()
    url: str = ""

    @property
    def key(self) -> str:
        """What the user agrees to: the exact command line or URL, so that no two servers have the same."""
        return json.dumps(["url", self.url] if self.url else ["command", *self.command])


def read_servers(path: str, rows: object) -> tuple[tuple[Server, ...], tuple[str, ...]]:
    """The servers in the table `mcp` of the file at *path*, and a sentence for each that is not followed."""
    if not isinstance(rows, Mapping):
        return (), (f"{path}: `mcp` must hold servers by name, such as [mcp.time].",)
    found: list[Server] = []
    warnings: list[str] = []
    for name, row in rows.items():
        try:
            if len(found) >= MAX_SERVERS:
                raise ValueError(f"is one too many; at most {MAX_SERVERS} are taken")
            found.append(check(str(name), row))
        except ValueError as error:
            warnings.append(f"{path}: the MCP server {str(name)[:40]!r} {error}.")
    return tuple(found), tuple(warnings)


def parse_line(name: str, line: str) -> Server:
    """The server that a person writes as one line: an address, or a program with its arguments as a shell reads them.

    Raises ValueError saying what to write instead.
    """
    text = line.strip()
    try:
        row = {"url": text} if ADDRESS.match(text) else {"command": shlex.split(text)}
    except ValueError as error:
        raise ValueError(f"The command cannot be read: {error}. Close the quotation marks.") from error
    try:
        return check(name.strip(), row)
    except ValueError as error:
        raise ValueError(f"The MCP server {name.strip()[:40]!r} {error}.") from error


def line_of(server: Server) -> str:
    """The line that `parse_line` makes *server* of."""
    return server.url or shlex.join(server.command)


def check(name: str, row: object) -> Server:
    """The server of the table *row*. Raises ValueError with the end of a sentence."""
    if not NAME.fullmatch(name):
        raise ValueError("needs a name of at most 24 small letters, digits and dashes")
    if not isinstance(row, Mapping):
        raise ValueError("must be a table")
    if unknown := [field for field in row if field not in FIELDS]:
        raise ValueError(f"has {unknown[0]!r}, which is not known; there are {' and '.join(FIELDS)}")
    command, url = row.get("command", []), row.get("url", "")
    if not isinstance(url, str) or not isinstance(command, list) or not all(isinstance(one, str) for one in command):
        raise ValueError("needs a list of texts as `command`, or a text as `url`")
    if bool(command) == bool(url):
        raise ValueError("needs either a `command` or a `url`")
    if sum(map(len, command)) + len(url) > MAX_TEXT:
        raise ValueError(f"has more than {MAX_TEXT:,} characters")
    if url:
        if wrong := _wrong_url(str(url)):
            raise ValueError(wrong)
        return Server(name, url=str(url))
    argv = tuple(str(one) for one in command)
    if not argv[0].strip() or any("\0" in one for one in argv):
        raise ValueError("needs a program as the first text of `command`, and no null bytes")
    return Server(name, argv)


def _wrong_url(url: str) -> str:
    """Why nothing is asked at *url*; empty when it can be."""
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        return "has a `url` that is none"
    if not host or parts.scheme not in ("http", "https") or not url.isascii() or not url.isprintable() or " " in url:
        return "needs a `url` of http or https"
    if "@" in parts.netloc:
        return "has a name or a password in its `url`; keep them out of the project"
    if parts.scheme == "http" and host not in LOOPBACK:
        return "needs https: over http anybody on the way reads and changes what is said"
    return ""
