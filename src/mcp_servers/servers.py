"""The MCP servers of the open project, live: which are agreed to, which run, which of their tools may go out.

Guarantees
- A server that the user has not agreed to on this machine is not started, whatever a project or a discussion says.
- Servers run on the turn loop; it and `stop` end them with all that they started. Nothing here waits for one.
- So is a command of which a file of the project that it names has changed since.
- A tool goes out only with the definition that it had when it was switched on.
- `_lock` guards the table of servers. `look` is called on every change and only compares.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import Any

from importguard.warmup import require_warmed as _require_warmed
from src.chat import ToolCallPart, ToolSpec
from src.discussion.live import LiveDiscussion
from src.mcp_servers import named_files
from src.mcp_servers.agreed import AgreedServers, Agreement
from src.mcp_servers.definitions import ServerTool, server_of, take
from src.mcp_servers.offers import Fetched, Offer, check_filled, fetched
from src.mcp_servers.states import Row, ServerState, ToolState
from src.mcp_servers.tokens import key_name
from src.privacy.keys import KeyStore
from src.privacy.redactor import current, in_places, redact
from src.project.file import Project
from src.project.servers import Server
from src.project_manager import ProjectManager
from src.tools.outcome import Answer, ServerCall
from src.tools.visible import visible_line
from src.work.background import Background
from src.work.toasts import ToastKind

WIRE = "src.mcp_servers.wire"
LOOP = "src.turn.loop"
MAX_ARGUMENTS = 1_000_000  # characters
LOG = logging.getLogger("servers")


class McpServers:
    """The servers of one project at a time. *path* says where agreements are kept; empty until it is known."""

    def __init__(
        self,
        background: Background,
        discussion: LiveDiscussion,
        path: Callable[[], str],
        *,
        project: ProjectManager,
        keys: KeyStore,
        notify: Callable[[], None],
        tell: Callable[[str, ToastKind], object],
    ) -> None:
        self._background = background
        self._discussion = discussion
        self._path = path
        self._manager = project
        self._keys = keys
        self._notify = notify
        self._tell = tell
        self._lock = threading.Lock()
        self._agreed = AgreedServers(lambda: None)
        self._is_loaded = False
        self._project = ""
        self._folder = ""
        self._rows: dict[str, Row] = {}

    def follow(self, project: Project | None, *, quiet: bool = False) -> None:
        """The project that is open now, or none. Its servers end when another is opened. On the pool.

        Not *quiet*: the user hears of servers that wait for an agreement.
        """
        if not self._is_loaded:
            self._is_loaded = True
            self._agreed.load(self._path())
        servers = project.mcp if project is not None else ()
        folder = project.folder if project is not None else ""
        files = {one.name: tuple(named_files.digests(one.command, folder)) for one in servers}
        with self._lock:
            before, self._rows = self._rows, {one.name: Row(one) for one in servers}
            same = project is not None and project.path == self._project
            self._project = project.path if project is not None else ""
            self._folder = folder
            ended = []
            for name, row in before.items():
                if same and name in self._rows and self._rows[name].server == row.server:
                    self._rows[name] = row
                else:
                    ended.append(row.reset("off"))
            for name, row in self._rows.items():
                row.files = files[name]
        _cancel(ended)
        unknown = [row.server.name for row in self._rows.values() if self._agreement(row) is None]
        if unknown and not quiet:
            self._tell(
                f"The project names MCP servers that are not started until you agree to them in Approvals: "
                f"{', '.join(unknown)}.",
                "warning",
            )
        self.look()
        self._notify()

    def snapshot(self) -> tuple[ServerState, ...]:
        """The servers in the order of the project's file."""
        with self._lock:
            return tuple(map(self._describe, self._rows.values()))

    def strays(self) -> tuple[str, ...]:
        """Exact lines that are agreed to in this project, and that its file no longer names."""
        with self._lock:
            named = {row.server.key for row in self._rows.values()}
            return tuple(key for key in self._agreed.keys(self._project) if key not in named)

    def look(self) -> None:
        """Starts what is agreed to and has a tool that the open discussion uses."""
        wanted = {server for name in self._discussion.snapshot().tools if (server := server_of(name))}
        if not wanted:
            return
        with self._lock:
            idle = [row for row in self._rows.values() if row.server.name in wanted and row.status == "off"]
            names = [row.server.name for row in idle if self._agreement(row) is not None]
        for name in names:
            self.start(name)

    # What the project names. The futures tell when the servers here are those of the file

    def name(self, server: Server) -> Future[None]:
        """Names *server* in the project's file, in the place of one with its name. Raises ProjectError.

        What was agreed to of the line before is forgotten.
        """
        self._manager.set_server(server)
        return self._background.submit(partial(self._renew, server.name, server.key))

    def remove(self, name: str) -> Future[None]:
        """Takes the server out of the project's file, ends it and revokes it. Raises ProjectError."""
        self._manager.remove_server(name)
        return self._background.submit(partial(self._renew, name, ""))

    # What the user agrees to. The futures tell when that is kept, and raise OSError

    def agree(self, name: str) -> Future[None]:
        """The server may be started on this machine, exactly as it is named now; starts it. Raises ValueError.

        The project's own files that its command names count as they are now.
        """
        return self._background.submit(partial(self._agree, self._row(name)))

    def set_token(self, name: str, value: str) -> Future[None]:
        """Keeps the token for the server's address in the user's file of keys; an empty *value* takes it out.

        The server starts anew with it. Raises ValueError for a program, which gets none.
        """
        url = self._row(name).server.url
        if not url:
            raise ValueError(f"The server {name} is a program; only an address gets a token.")
        return self._background.submit(partial(self._keep_token, name, url, value))

    def revoke(self, name: str) -> Future[None]:
        """Stops the server, which may not be started any more. Raises ValueError."""
        return self.revoke_key(self._row(name).server.key)

    def revoke_key(self, key: str) -> Future[None]:
        """As `revoke`, for an exact line, whether the project still names it or not."""
        self._agreed.revoke(self._project, key)
        with self._lock:
            ended = [row.reset("off") for row in self._rows.values() if row.server.key == key]
        _cancel(ended)
        self._notify()
        return self._save()

    def switch_tool(self, name: str, on: bool) -> None:
        """Lets the model ask for the tool *name*, as it is defined now, in the open discussion, or no longer.

        Raises ValueError, and DiscussionError as `set_tools` does.
        """
        chosen = tuple(one for one in self._discussion.snapshot().tools if one != name)
        if on:
            row, tool = self._tool(name)
            self._agreed.take_tool(self._project, row.server.key, tool.digest)
            self._save()
        self._discussion.set_tools((*chosen, name) if on else chosen)

    def set_always(self, name: str, always: bool) -> Future[None]:
        """The tool runs without a question as it is defined now, or asks again. Raises ValueError."""
        row, tool = self._tool(name)
        self._agreed.set_always(self._project, row.server.key, tool.digest, always)
        self._notify()
        return self._save()

    # Starting and stopping

    def start(self, name: str) -> None:
        """Starts the server, anew when it runs. Raises ValueError when it is not agreed to."""
        row = self._row(name)
        if self._agreement(row) is None:
            raise ValueError(f"The server {name} is not agreed to on this machine; agree to it in Approvals.")
        with self._lock:
            ended = row.reset("starting")
            number = row.number
        _cancel([ended])
        self._background.submit(partial(self._compare, row, number))
        self._notify()

    def stop(self, name: str) -> None:
        """Ends the server and all that it started; it starts again when it is asked for. Raises ValueError."""
        row = self._row(name)
        with self._lock:
            ended = row.reset("stopped", "You stopped it.")
        _cancel([ended])
        self._notify()

    # What goes out, and what a model asks for

    def specs(self, names: tuple[str, ...]) -> tuple[ToolSpec, ...]:
        """The definitions of those of *names* that may go out, in a fixed order."""
        with self._lock:
            found = {
                one.tool.spec.name: one.tool.spec
                for row in self._rows.values()
                for one in self._describe(row).tools
                if one.agreed
            }
        return tuple(found[name] for name in sorted(set(names)) if name in found)

    def missing(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """Those of *names*, tools of servers, that do not go out now."""
        there = {spec.name for spec in self.specs(names)}
        return tuple(name for name in names if server_of(name) and name not in there)

    def starting(self, names: tuple[str, ...]) -> str:
        """A server that is about to say which tools it has, and of which *names* has some; empty without one."""
        wanted = set(map(server_of, names))
        with self._lock:
            return next((name for name, row in self._rows.items() if row.status == "starting" and name in wanted), "")

    def plan(self, call: ToolCallPart) -> ServerCall:
        """What *call* comes to, with nothing asked of its server yet. Raises ValueError saying why it cannot be."""
        row, tool = self._tool(call.name)
        agreement = self._agreement(row)
        if agreement is None or tool.digest not in agreement.tools:
            raise ValueError(f"The tool {call.name} is not switched on.")
        arguments = _arguments_of(call)
        line = row.server.url or row.server.command
        return ServerCall(call.name, tool.server, tool.name, line, arguments, tool.digest in agreement.always)

    async def call(self, planned: ServerCall) -> Answer:
        """Asks the server. On the turn loop; never raises for what a server does."""
        with self._lock:
            row = self._rows.get(planned.server)
            connection = row.connection if row is not None else None
        if connection is None:
            return Answer(f"The server {planned.server} does not run.", failed=True)
        answer: Answer = await connection.call(planned.tool, dict(planned.arguments))
        return answer

    def fetch(self, name: str, kind: str, key: str, filled: dict[str, str]) -> Future[Fetched]:
        """Reads a resource or a prompt of the server, to be put into a message; a prompt's places *filled*.

        Keys of the user in it are hidden. Raises ValueError for one that is not there or filled wrongly; so does the
        future when the server gives none.
        """
        row = self._row(name)
        with self._lock:
            offer = next((one for one in row.offers if (one.kind, one.key) == (kind, key)), None)
            connection = row.connection
        if offer is None or connection is None:
            raise ValueError(f"The server {name} does not run, or has no {kind} {key[:80]!r}.")
        check_filled(offer, filled)
        reading = self._background.run_on_loop(self._fetch(connection, offer, filled))
        if reading is None:
            raise ValueError("The loop of the replies does not run.")
        return reading

    async def _fetch(self, connection: Any, offer: Offer, filled: dict[str, str]) -> Fetched:
        answer: Answer = await connection.read(offer, filled)
        if answer.failed:
            raise ValueError(answer.text)
        project = self._manager.snapshot().project
        accepted = project.not_secret if project is not None else frozenset[str]()
        text, places = current().counted(answer.text, accepted, lambda _: None)
        return fetched(offer, f"{text}\n({in_places(places)})" if places else text)

    # Inside

    def _row(self, name: str) -> Row:
        with self._lock:
            row = self._rows.get(name)
        if row is None:
            raise ValueError(f"The project names no MCP server {name!r}.")
        return row

    def _tool(self, name: str) -> tuple[Row, ServerTool]:
        """The tool with this name for the model, and its server. Raises ValueError."""
        server = server_of(name)
        row = self._row(server)
        with self._lock:
            found = next((one for one in row.tools if one.spec.name == name), None)
            status, reason = row.status, row.reason
        if found is None:
            why = f"It has no tool {name}." if status == "ready" else reason or "It does not run."
            raise ValueError(f"The server {server} does not offer this: {why}")
        return row, found

    def _agreement(self, row: Row) -> Agreement | None:
        return None if row.changed else self._agreed.of(self._project, row.server.key)

    def _describe(self, row: Row) -> ServerState:
        agreement = self._agreement(row)
        token = self._keys.status(key_name(row.server.url)).place if row.server.url else ""
        if agreement is None:
            return ServerState(row.server, "unknown", _say_changed(row.changed), token=token, files=row.files)
        tools = tuple(
            ToolState(one, one.digest in agreement.tools, one.digest in agreement.always) for one in row.tools
        )
        return ServerState(row.server, row.status, row.reason, tools, row.refused, token, row.files, row.offers)

    def _save(self) -> Future[None]:
        return self._background.submit(self._agreed.save)

    def _renew(self, name: str, key: str) -> None:
        """After the project's file has changed: forgets what was agreed to of *name* when its line is not *key*."""
        with self._lock:
            before = self._rows.get(name)
        self.follow(self._manager.snapshot().project, quiet=True)
        if before is not None and before.server.key != key:
            self.revoke_key(before.server.key)

    def _agree(self, row: Row) -> None:
        with self._lock:
            project, folder = self._project, self._folder
        self._agreed.agree(project, row.server.key, named_files.digests(row.server.command, folder))
        row.changed = ()
        self.start(row.server.name)
        self._agreed.save()

    def _keep_token(self, name: str, url: str, value: str) -> None:
        self._keys.keep(key_name(url), value)
        self._tell(f"The token of {name} is {'kept in ' + self._keys.path if value else 'taken out'}.", "success")
        row = self._row(name)
        if self._agreement(row) is not None and row.status in ("starting", "ready", "failed"):
            self.start(name)
        self._notify()

    def _compare(self, row: Row, number: int) -> None:
        """Starts the server if the files that it names are those that were agreed to."""
        with self._lock:
            folder = self._folder
        agreement = self._agreement(row)
        now = named_files.digests(row.server.command, folder)
        different = named_files.changed(agreement.files if agreement is not None else {}, now)
        if not different:
            self._background.when_warm(
                (LOOP, WIRE),
                lambda: self._background.later(0.0, partial(self._launch, row, number)),
                lambda reason: self._fail(row, number, reason),
            )
            return
        with self._lock:
            if row.number != number:
                return
            row.reset("off")
            row.changed = different
        self._tell(f"The MCP server {row.server.name} is not started. {_say_changed(different)}", "warning")
        self._notify()

    def _launch(self, row: Row, number: int) -> None:
        """Begins to hold the server. On the turn loop."""
        task = self._background.run_on_loop(self._hold(row, number))
        with self._lock:
            is_wanted = row.number == number
            if is_wanted:
                row.task = task
        if not is_wanted:
            _cancel([task])

    async def _hold(self, row: Row, number: int) -> None:
        """Starts the server and holds it until it ends or the task is cancelled."""
        wire: Any = _require_warmed("src.mcp_servers.wire")
        with self._lock:
            folder = self._folder
        reason = "It has ended."
        try:
            token = self._keys.find(key_name(row.server.url)) if row.server.url else None
            async with wire.connect(row.server, folder, token) as connection:
                tools, refused = take(row.server.name, connection.offered)
                with self._lock:
                    if row.number != number:
                        return
                    row.status, row.connection, row.tools = "ready", connection, tools
                    row.refused, row.offers = (*refused, *connection.refused), connection.offers
                self._notify()
                reason = await connection.wait()
        except wire.ServerError as error:
            reason = str(error)
        except Exception as error:  # what the SDK makes of a server's end
            reason = reason if row.connection is not None else wire.explain(error)
        self._fail(row, number, reason)

    def _fail(self, row: Row, number: int, reason: str) -> None:
        with self._lock:
            if row.number != number:
                return
            row.reset("failed", redact(reason))
        LOG.warning("The server %s: %s", row.server.name, row.reason)
        self._tell(f"The MCP server {row.server.name} does not run. {row.reason}", "warning")
        self._notify()


def _say_changed(files: tuple[str, ...]) -> str:
    """What has changed since the user agreed, as a sentence; empty when nothing has."""
    if not files:
        return ""
    names = ", ".join(map(visible_line, files[:3])) + (f" and {len(files) - 3} more" if len(files) > 3 else "")
    return f"{names} {'has' if len(files) == 1 else 'have'} changed since you agreed: agree again in Approvals."


def _arguments_of(call: ToolCallPart) -> dict[str, Any]:
    """The arguments, which the server itself checks against its schema. Raises ValueError."""
    if len(call.arguments) > MAX_ARGUMENTS:
        raise ValueError(f"{call.name}: at most {MAX_ARGUMENTS:,} characters of arguments are taken.")
    if found := current().find_known(call.arguments):
        raise ValueError(f"{call.name}: the arguments hold {found} and are held back.")
    try:
        arguments = json.loads(call.arguments or "{}")
        json.dumps(arguments, ensure_ascii=False).encode()  # half of a surrogate pair is no text
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{call.name}: the arguments are not JSON ({error}).") from error
    if not isinstance(arguments, dict):
        raise ValueError(f"{call.name}: the arguments must be an object.")
    return arguments


def _cancel(tasks: list[Future[None] | None]) -> None:
    for task in tasks:
        if task is not None:
            task.cancel()
