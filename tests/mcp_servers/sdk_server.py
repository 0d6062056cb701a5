"""A server written with the SDK: over stdio, or over streamable HTTP on the port that its argument names."""

import os
import sys

from mcp.server import MCPServer

server = MCPServer("calc")


@server.tool()
def add(a: int, b: int) -> int:
    """Adds two whole numbers."""
    return a + b


@server.tool()
def secret() -> str:
    """Says something that looks like a key."""
    return "the key is sk-Zx8Lq2Rv5Tn9Wy3Bk6Mp1Hd4Fg7Js0Uc"


@server.tool()
def variables() -> list[str]:
    """The names of the variables that it sees."""
    return sorted(os.environ)


@server.tool()
def where() -> str:
    """The folder that it runs in."""
    return os.getcwd()


@server.tool()
def fail() -> str:
    """Fails."""
    raise ValueError("it does not work")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        server.run("streamable-http", host="127.0.0.1", port=int(sys.argv[1]))
    else:
        server.run()
