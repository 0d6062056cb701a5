"""Does what a model asks for with tools; asks a person first where it would change something. Warmed.

Guarantees
- Only tools that the discussion allows are run, one call after the other, inside the project's roots.
- A tool of an MCP server is asked only after its question was answered with yes, or when the user allowed it for good.
- An edit is made and a command run only after its question was answered with yes, and of an edit only the hunks that
  were taken; a command that the user allowed for good asks no more.
- A file or an edit that holds a secret is held back whole, and the user is asked; what a command printed or a
  server answered is redacted, with the number of places. Not so for a text of which the user said that it is none.
- A tool's answer is data: it becomes a result part and nothing here follows it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from src.chat import ToolCallPart, ToolResultPart
from src.privacy.detector import Finding
from src.privacy.redactor import current, in_places
from src.storage.inside import OutsideError
from src.tools import catalog, process, propose_edit, run_command
from src.tools.applied_edits import AppliedEdits
from src.tools.approvals import Approvals
from src.tools.hunks import hunks_of, refused_text
from src.tools.outcome import Answer, Command, Edit, ServerCall, ToolError, Workspace

if TYPE_CHECKING:
    from typing import Protocol

    class Servers(Protocol):
        """The project's MCP servers."""

        def plan(self, call: ToolCallPart) -> ServerCall:
            """What the call comes to. Raises ValueError."""
            raise NotImplementedError

        async def call(self, planned: ServerCall) -> Answer:
            """What the server answers."""
            raise NotImplementedError


T = TypeVar("T")
DENIED = Answer("The user did not allow it.", failed=True)


class ToolUse:
    """The tools of one discussion. *submit* runs a job on the pool, *hidden* gets what the model does not see.

    *allows* says which commands the user allowed for good; *servers* are the project's MCP servers, if it has any.
    """

    def __init__(
        self,
        submit: Callable[[Callable[[], Any]], Future[Any]],
        approvals: Approvals,
        edits: AppliedEdits,
        hidden: Callable[[str, Finding], object],
        *,
        allows: Callable[[tuple[str, ...]], bool] = lambda _: False,
        servers: Servers | None = None,
    ) -> None:
        self._submit = submit
        self._approvals = approvals
        self._edits = edits
        self._hidden = hidden
        self._allows = allows
        self._servers = servers

    async def answer(
        self, calls: tuple[ToolCallPart, ...], allowed: tuple[str, ...], workspace: Workspace | None
    ) -> tuple[ToolResultPart, ...]:
        """One result for each call, in order."""
        accepted = workspace.accepted if workspace is not None else frozenset()
        results = []
        for call in calls:
            try:
                answer = await self._do(call, allowed, workspace)
            except Exception as error:  # a call that goes wrong in any way is answered; it does not end the reply
                answer = Answer(f"{call.name} failed: {type(error).__name__}: {error}", failed=True)
            if answer.held is not None:
                self._hidden(call.name, answer.held)
            text = answer.text
            if call.name == run_command.SPEC.name or call.name not in catalog.NAMES:
                text, places = current().counted(text, accepted, partial(self._hidden, call.name))
                text += f"\n({in_places(places)})" if places else ""
            results.append(ToolResultPart(call.call_id, call.name, text, answer.failed))
        return tuple(results)

    async def _do(self, call: ToolCallPart, allowed: tuple[str, ...], workspace: Workspace | None) -> Answer:
        if call.name not in allowed:
            return Answer(f"The tool {call.name} is switched off in this discussion.", failed=True)
        if workspace is None:
            return Answer("No project is open, so there is nothing to work on.", failed=True)
        if call.name not in catalog.NAMES and self._servers is not None:
            return await self._ask_server(call, self._servers)
        planned = await self._on_pool(lambda: catalog.prepare(call, workspace))
        if isinstance(planned, Edit):
            return await self._edit(planned, workspace)
        if isinstance(planned, Command):
            allowed_now = await self._on_pool(lambda: self._allows(planned.argv)) or await asyncio.wrap_future(
                self._approvals.ask("command", planned.title, planned.detail, planned.argv)
            )
            return await process.run(planned) if allowed_now else DENIED
        return planned

    async def _ask_server(self, call: ToolCallPart, servers: Servers) -> Answer:
        try:
            planned = await self._on_pool(lambda: servers.plan(call))
        except ValueError as error:
            return Answer(str(error), failed=True)
        if not planned.is_allowed:
            question = self._approvals.ask("tool", planned.title, planned.detail, tool=planned.name)
            if not await asyncio.wrap_future(question):
                return DENIED
        return await servers.call(planned)

    async def _edit(self, planned: Edit, workspace: Workspace) -> Answer:
        hunks = await self._on_pool(lambda: hunks_of(planned.before, planned.after))
        titles = tuple(hunk.title for hunk in hunks)
        taken = await asyncio.wrap_future(self._approvals.ask_hunks(planned.title, planned.diff, titles))
        if not taken:
            return DENIED
        try:
            await self._on_pool(lambda: self._apply(propose_edit.part_of(planned, hunks, taken, workspace), workspace))
        except (ToolError, OutsideError, OSError) as error:
            return Answer(f"The edit was allowed but not made: {error}", failed=True)
        if len(taken) < len(hunks):
            return Answer(refused_text(hunks, taken))
        return Answer("The user allowed the edit and it was made.")

    def _apply(self, planned: Edit, workspace: Workspace) -> None:
        """Makes the edit and remembers it: one job, so that a reply that is stopped between leaves none unknown."""
        self._edits.add(planned, propose_edit.apply(planned, workspace))

    async def _on_pool(self, job: Callable[[], T]) -> T:
        done: T = await asyncio.wrap_future(self._submit(job))
        return done
