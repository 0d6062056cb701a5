"""A server written with the SDK: over stdio, or over streamable HTTP on the port that its first argument names.

With a second argument it answers only who sends that as a bearer token.
"""

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


@server.resource("notes://today", title="Notes of today", description="What was written down.")
def notes() -> str:
    """What was written down."""
    return "buy tea; the key is sk-Zx8Lq2Rv5Tn9Wy3Bk6Mp1Hd4Fg7Js0Uc"


@server.resource("notes://picture", mime_type="image/png")
def picture() -> bytes:
    """Bytes."""
    return b"12345678"


@server.resource("notes://broken")
def broken() -> str:
    """One that cannot be read."""
    raise ValueError("the notes are gone")


@server.prompt()
def review(code: str, tone: str = "kind") -> str:
    """Asks for a review of some code."""
    return f"Review this in a {tone} way: {code}"


def guarded(app, token):
    """The application, closed to who does not send the token."""

    async def answer(scope, receive, send):
        headers = dict(scope.get("headers", ()))
        if scope["type"] == "http" and headers.get(b"authorization") != f"Bearer {token}".encode():
            await send({"type": "http.response.start", "status": 401, "headers": [(b"www-authenticate", b"Bearer")]})
            await send({"type": "http.response.body", "body": b"no"})
            return
        await app(scope, receive, send)

    return answer


if __name__ == "__main__":
    if len(sys.argv) > 2:
        import uvicorn

        uvicorn.run(guarded(server.streamable_http_app(), sys.argv[2]), host="127.0.0.1", port=int(sys.argv[1]))
    elif len(sys.argv) > 1:
        server.run("streamable-http", host="127.0.0.1", port=int(sys.argv[1]))
    else:
        server.run()
