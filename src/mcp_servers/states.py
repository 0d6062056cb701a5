"""How a project's servers are: what a frame shows of each, and the row that its task changes. No lock of its own."""

from __future__ import annotations

from concurrent.futures import Future
from typing import Any, Literal

from src.mcp_servers.definitions import ServerTool
from src.mcp_servers.offers import Offer
from src.project.servers import Server
from src.value import Value

Status = Literal["unknown", "off", "starting", "ready", "failed", "stopped"]


class ToolState(Value):
    """A tool of a server. `agreed`: it may go out as it is defined now; `always`: it runs without a question."""

    tool: ServerTool
    agreed: bool
    always: bool


class ServerState(Value):
    """A server of the project: `unknown` until the user agrees to it; `reason` says why it does not run.

    `off` starts when a discussion uses it, `failed` and `stopped` only when they are asked to.

    `refused` are sentences about tools that are left out. `token` says where the token for its address is from.
    `files` are those of the project that its command names. `offers` are its resources and prompts.
    """

    server: Server
    status: Status
    reason: str = ""
    tools: tuple[ToolState, ...] = ()
    refused: tuple[str, ...] = ()
    token: str = ""
    files: tuple[str, ...] = ()
    offers: tuple[Offer, ...] = ()


class Row:
    """One server: how it is, and the task that holds it."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.status: Status = "off"
        self.reason = ""
        self.tools: tuple[ServerTool, ...] = ()
        self.refused: tuple[str, ...] = ()
        self.offers: tuple[Offer, ...] = ()
        self.connection: Any = None  # a Connection of `src.mcp_servers.wire`, which only the warmup imports
        self.task: Future[None] | None = None
        self.number = 0  # of the start; an older one says nothing any more
        self.files: tuple[str, ...] = ()
        self.changed: tuple[str, ...] = ()  # files that it names and that differ from what the user agreed to

    def reset(self, status: Status, reason: str = "") -> Future[None] | None:
        """The row without a connection; the task that held one."""
        task, self.task, self.connection = self.task, None, None
        self.status, self.reason, self.tools, self.refused, self.offers = status, reason, (), (), ()
        self.number += 1
        return task
