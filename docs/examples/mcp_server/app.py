"""An MCP server that answers its client at once; the tool's heavy library is imported behind the first answer."""

import asyncio
import sys
from pathlib import Path

from mcp.server import MCPServer

from importguard import warmup

MANIFEST = Path(__file__).with_name("warmup_manifest.json")
LOOK_S = 0.03

server = MCPServer("markdown")


def _require_warmed(name: str):
    return warmup.require_warmed(name)


@server.tool()
async def render(text: str) -> str:
    """Markdown as plain text. A call that comes before the renderer is warm waits for it; other requests go on."""
    while True:
        try:
            return _require_warmed("renderer").render(text)
        except warmup.NotWarmedError:
            await asyncio.sleep(LOOK_S)


if __name__ == "__main__":
    running = warmup.Warmup(MANIFEST)  # on daemon threads of its own: the server ends with its client
    warmup.install(running)
    running.start()
    if "--once" in sys.argv:
        print(asyncio.run(render("# Warm")))
    else:
        server.run()  # on standard input and output
