"""A client of the hook API for tests and scripts: typed answers, the token read from its file. Standard library only.

client = HookClient.of_output(line)     # what Sloppy printed
client.wait_for_server(timeout=15)
client.warmup_status().completed
"""

from __future__ import annotations

import http.client
import json
import re
import time
import types
import typing
from collections.abc import Generator, Mapping
from contextlib import closing
from dataclasses import fields, is_dataclass
from typing import Any, Literal, TypeVar
from urllib.parse import quote

from src.hooks import git_values, request_values, values
from src.hooks.token import read_token

ANNOUNCEMENT = re.compile(r"hook API: http://127\.0\.0\.1:(\d+)  token file: (.+)")
Value = TypeVar("Value")


ServerChange = Literal["start", "stop", "revoke", "remove"]
FileChange = Literal["pin", "unpin", "include", "exclude", "take_back"]
EVENTS = {"state": values.State, "reply": values.ReplyGrowth, "turn": values.Turn}


class ReplyFailedError(Exception):
    """The reply failed before a word of it came; the message is what the user sees."""


class HookProblemError(Exception):
    """The API did not do what it was asked; `problem` says why."""

    def __init__(self, problem: values.Problem) -> None:
        super().__init__(f"{problem.status} {problem.title}: {problem.detail}")
        self.problem = problem


class Event(typing.NamedTuple):
    """Something that happened: `state`, `reply` or `turn`, with a State, ReplyGrowth or Turn."""

    kind: str
    value: Any


class Answer(typing.NamedTuple):
    """One answer as it came. Header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The body's JSON."""
        return json.loads(self.body)


class HookClient:
    """Speaks to the Sloppy on *port*. Every call opens a connection of its own, so threads may share a client."""

    def __init__(self, port: int, token: str, timeout: float = 40.0) -> None:
        self.port, self.token, self.timeout = port, token, timeout

    @classmethod
    def of_output(cls, line: str) -> HookClient:
        """The client for the Sloppy that printed *line*. Raises ValueError for another line, OSError for no file."""
        found = ANNOUNCEMENT.fullmatch(line.strip())
        if not found:
            raise ValueError(f"This is not the line that Sloppy prints for its hook API: {line!r}")
        return cls(int(found[1]), read_token(found[2]))

    def request(
        self,
        path: str,
        body: object = None,
        *,
        method: str | None = None,
        headers: Mapping[str, str | None] | None = None,
    ) -> Answer:
        """One request; a *body* goes out as JSON, by POST. A header None is left out. Raises OSError, HTTPException."""
        data = None if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        sent: dict[str, str | None] = {"Host": f"127.0.0.1:{self.port}", "Authorization": f"Bearer {self.token}"}
        sent |= {"Content-Type": "application/json"} if data is not None else {}
        sent |= headers or {}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=self.timeout)
        try:
            connection.putrequest(method or ("GET" if data is None else "POST"), path, skip_host=True)
            for name, value in sent.items():
                if value is not None:
                    connection.putheader(name, value)
            if data is not None:
                connection.putheader("Content-Length", str(len(data)))
            connection.endheaders(data)
            answer = connection.getresponse()
            return Answer(answer.status, {key.lower(): value for key, value in answer.getheaders()}, answer.read())
        finally:
            connection.close()

    def call(self, kind: type[Value], path: str, body: object = None, method: str | None = None) -> Value:
        """The answer as a value of *kind*. Raises HookProblemError where it is not a success."""
        found: Value = build(kind, self._succeed(path, body, method).json())
        return found

    def _succeed(self, path: str, body: object = None, method: str | None = None) -> Answer:
        answer = self.request(path, body, method=method)
        if answer.status >= 400:
            raise HookProblemError(build(values.Problem, answer.json()))
        return answer

    def wait_for_server(self, timeout: float = 15.0) -> bool:
        """Waits until the server answers. It listens from the first line on, so one request that waits is enough."""
        deadline = time.monotonic() + timeout
        waiting = HookClient(self.port, self.token, max(timeout, 0.1))
        try:
            return waiting.health().status == "ok" and time.monotonic() <= deadline
        except OSError:
            return False

    def health(self) -> values.Health:
        """That the program runs, and whether all of it is ready."""
        return self.call(values.Health, "/api/health")

    def warmup_status(self) -> values.WarmupStatus:
        """The warmup now."""
        return self.call(values.WarmupStatus, "/api/warmup_status")

    def warmup_wait(self, timeout: float = 30.0) -> values.WarmupWait:
        """The warmup when it has ended, or after *timeout* seconds (at most 30)."""
        return self.call(values.WarmupWait, f"/api/warmup_wait?timeout={timeout}")

    def startup_profile(self) -> dict[str, float]:
        """Named moments in milliseconds since the process began."""
        return self.call(dict[str, float], "/api/startup_profile")

    def commands(self) -> tuple[values.Command, ...]:
        """Every command of the window."""
        return self.call(values.CommandList, "/api/commands").commands

    def run_command(self, name: str) -> None:
        """Runs a command as its menu item would. Raises HookProblemError when it is refused."""
        self.call(values.CommandRun, f"/api/commands/{quote(name, safe='')}/run", method="POST")

    def screen(self) -> values.Screen:
        """What is on the screen, read from the frame that was drawn."""
        return self.call(values.Screen, "/api/screen")

    def screenshot(self) -> bytes:
        """The window as a PNG."""
        return self._succeed("/api/screenshot").body

    # The bench

    def state(self) -> values.State:
        """What is chosen and what happens now."""
        return self.call(values.State, "/api/state")

    def toasts(self) -> tuple[values.Toast, ...]:
        """The notices to the user that are shown now."""
        return self.call(values.ToastList, "/api/toasts").toasts

    def settings(self) -> dict[str, Any]:
        """The user's settings, without keys."""
        return self.call(dict[str, Any], "/api/settings")

    def model_settings(self) -> request_values.ModelSettings:
        """What is set for the chosen model."""
        return self.call(request_values.ModelSettings, "/api/model_settings")

    def set_model_settings(self, settings: str) -> request_values.ModelSettings:
        """Sets this for the chosen model, as `temperature=0.2,num_ctx=16384`; empty takes all away."""
        return self.call(request_values.ModelSettings, "/api/model_settings", {"settings": settings})

    def choose_provider(self, name: str, model: str | None = None) -> values.State:
        """Switches provider and model."""
        return self.call(values.State, "/api/provider", {"name": name, "model": model})

    def projects(self) -> values.ProjectList:
        """The open project and the recent ones."""
        return self.call(values.ProjectList, "/api/projects")

    def open_project(self, path: str) -> values.Project:
        """Opens the project at *path*, a folder or a project file."""
        return self.call(values.Project, "/api/projects/open", {"path": path})

    def create_project(self, folder: str) -> values.Project:
        """Makes a project in *folder* and opens it."""
        return self.call(values.Project, "/api/projects/create", {"path": folder})

    def close_project(self) -> values.ProjectList:
        """Leaves the project."""
        return self.call(values.ProjectList, "/api/projects/close", method="POST")

    def context(self, timeout: float = 0.0) -> values.Context:
        """The files of the open project, when they are scanned or after *timeout* seconds (at most 30)."""
        return self.call(values.Context, f"/api/context?timeout={timeout}")

    def change_file(self, what: FileChange, path: str) -> values.ContextFile:
        """Pins, unpins, includes or excludes a file of the project."""
        return self.call(values.ContextFile, f"/api/context/{what}", {"path": path})

    def accept(self, path: str, digest: str) -> values.ContextFile:
        """Says that the text of this digest, the file's `suspect`, is no secret."""
        return self.call(values.ContextFile, "/api/context/accept", {"path": path, "digest": digest})

    def tokens(self) -> request_values.Tokens:
        """What the next request holds."""
        return self.call(request_values.Tokens, "/api/context/tokens")

    def changes(self) -> git_values.ChangeList:
        """What changed in the project since its last commit."""
        return self.call(git_values.ChangeList, "/api/changes")

    def look_again(self) -> git_values.ChangeList:
        """Looks at the folders and the repository again, in the background."""
        return self.call(git_values.ChangeList, "/api/changes/look", method="POST")

    def choose_changed(self) -> git_values.ChangeList:
        """Sends the changed files with the requests that follow."""
        return self.call(git_values.ChangeList, "/api/changes/choose", method="POST")

    def attach_diff(self, *paths: str) -> git_values.AttachedDiff:
        """Attaches the differences of *paths*, or of all, to the next message."""
        return self.call(git_values.AttachedDiff, "/api/changes/attach", {"paths": list(paths)})

    def commit(self, message: str) -> str:
        """Commits the files that accepted edits touched; the short name of the commit."""
        return self.call(git_values.Committed, "/api/changes/commit", {"message": message}).name

    def discussions(self) -> values.DiscussionList:
        """The discussions in the folder."""
        return self.call(values.DiscussionList, "/api/discussions")

    def discussion(self) -> values.Discussion:
        """The discussion that is open."""
        return self.call(values.Discussion, "/api/discussions/current")

    def new_discussion(self) -> values.Discussion:
        """Starts an empty discussion."""
        return self.call(values.Discussion, "/api/discussions/new", method="POST")

    def open_discussion(self, name: str) -> values.Discussion:
        """Opens the discussion *name*."""
        path = f"/api/discussions/{quote(name, safe='')}/open"
        return self.call(values.Discussion, path, method="POST")

    def send(self, text: str, *, confirmed: bool = False) -> values.Sent:
        """Sends a message. Raises HookProblemError when it is refused."""
        return self.call(values.Sent, "/api/discussions/current/send", {"text": text, "confirmed": confirmed})

    def stop(self) -> values.State:
        """Stops the reply that streams."""
        return self.call(values.State, "/api/discussions/current/stop", method="POST")

    def fork(self, turn: int) -> values.Discussion:
        """Goes on from *turn*."""
        return self.call(values.Discussion, "/api/discussions/current/fork", {"turn": turn})

    def sent_files(self, turn: int) -> tuple[request_values.SentFile, ...]:
        """The files that went out with *turn*, and what became of each since."""
        path = f"/api/discussions/current/turns/{turn}/files"
        return self.call(request_values.SentFileList, path).files

    def mark(self, turn: int, part: int, how: str, text: str = "") -> values.Discussion:
        """Leaves a part of a turn out (`out`), shortens (`short`) or pins (`pin`) it, or sends it again (empty)."""
        body = {"part": part, "how": how, "text": text}
        return self.call(values.Discussion, f"/api/discussions/current/turns/{turn}/mark", body)

    def compact(self) -> values.Discussion:
        """Shortens what is old and long and not pinned."""
        return self.call(values.Discussion, "/api/discussions/current/compact", method="POST")

    def allowed_commands(self) -> tuple[tuple[str, ...], ...]:
        """The commands of the open project that run without a question, by their leading arguments."""
        return self.call(values.AllowedCommands, "/api/allowed_commands").rules

    def revoke_command(self, rule: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
        """Takes a rule away; the rules that are left."""
        return self.call(values.AllowedCommands, "/api/allowed_commands/revoke", {"rule": list(rule)}).rules

    def servers(self) -> tuple[values.McpServer, ...]:
        """The MCP servers of the open project, with their tools."""
        return self.call(values.ServerList, "/api/servers").servers

    def set_server(self, name: str, command: tuple[str, ...] = (), url: str = "") -> tuple[values.McpServer, ...]:
        """Names a server in the project's file, by its *command* or its *url*; all servers then."""
        body = {"name": name, "command": list(command), "url": url}
        return self.call(values.ServerList, "/api/servers/set", body).servers

    def change_server(self, change: ServerChange, name: str) -> tuple[values.McpServer, ...]:
        """Starts a server that was agreed to, ends it, revokes it, or takes it out of the file; all servers then."""
        return self.call(values.ServerList, f"/api/servers/{change}", {"name": name}).servers

    def put_offer(self, name: str, kind: str, key: str, filled: dict[str, str] | None = None) -> values.PutIn:
        """Puts a resource or a prompt of a server into the message that is being written."""
        return self.call(
            values.PutIn, "/api/servers/put", {"name": name, "kind": kind, "key": key, "filled": filled or {}}
        )

    def switch_tool(self, name: str, on: bool) -> tuple[values.McpServer, ...]:
        """Switches a tool of a server on or off in the open discussion; all servers then."""
        return self.call(values.ServerList, "/api/servers/tool", {"name": name, "on": on}).servers

    def choose_schema(self, text: str) -> values.State:
        """The JSON schema of the answers from now on; empty for words."""
        return self.call(values.State, "/api/schema", {"text": text})

    def fit(self, turn: int) -> values.Fit:
        """How an answer fits its schema."""
        return self.call(values.Fit, f"/api/discussions/current/turns/{turn}/fit")

    def compare(
        self, models: list[str], text: str | None = None, *, confirmed: bool = False
    ) -> request_values.Comparison:
        """Asks several models, each `provider/model`, at once."""
        return self.call(
            request_values.Comparison, "/api/comparison", {"models": models, "text": text, "confirmed": confirmed}
        )

    def comparison(self) -> request_values.Comparison:
        """The comparison now."""
        return self.call(request_values.Comparison, "/api/comparison")

    def spending(self) -> request_values.Spending:
        """What was paid to whom, and the caps."""
        return self.call(request_values.Spending, "/api/spending")

    def spending_csv(self) -> str:
        """The ledger as CSV."""
        return self.call(values.Export, "/api/spending/csv").text

    def export(self, style: str = "markdown") -> str:
        """The discussion as Markdown, or its whole tree as JSON text."""
        return self.call(values.Export, f"/api/discussions/current/export?style={style}").text

    def events(self) -> Generator[Event, None, None]:
        """What happens in the open discussion, from now on. Close the iterator to end. Raises HookProblemError."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=self.timeout)
        try:
            connection.request(
                "GET", "/api/discussions/current/events", headers={"Authorization": f"Bearer {self.token}"}
            )
            answer = connection.getresponse()
            if answer.status >= 400:
                raise HookProblemError(build(values.Problem, json.loads(answer.read())))
            kind = ""
            for line in answer:
                name, _, value = line.decode().rstrip("\r\n").partition(": ")
                if name == "event":
                    kind = value
                elif name == "data":
                    yield Event(kind, build(EVENTS[kind], json.loads(value)))
        finally:
            connection.close()

    def ask(self, text: str, *, confirmed: bool = False) -> values.Turn:
        """Sends *text* and waits for the answer's turn. Raises HookProblemError; ReplyFailedError without an answer."""
        with closing(self.events()) as events:
            next(events)
            self.send(text, confirmed=confirmed)
            begun = False
            for kind, value in events:
                if kind == "turn" and value.role == "assistant":
                    found: values.Turn = value
                    return found
                if kind == "state":
                    begun |= value.waiting or value.streaming
                    if begun and value.error and not value.waiting and not value.streaming:
                        raise ReplyFailedError(value.error)
        raise ReplyFailedError("Sloppy ended before the answer did.")

    def io_pool_status(self) -> values.PoolStatus:
        """The pool's workers and counters."""
        return self.call(values.PoolStatus, "/api/io_pool_status")


def build(kind: Any, data: Any) -> Any:
    """The JSON *data* as *kind*: a dataclass, a tuple, an optional, or what JSON has. Unknown fields are left out."""
    if is_dataclass(kind) and isinstance(kind, type):
        types_of = typing.get_type_hints(kind)
        return kind(**{row.name: build(types_of[row.name], data[row.name]) for row in fields(kind) if row.name in data})
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is tuple:
        return tuple(build(arguments[0], row) for row in data)
    if origin in (types.UnionType, typing.Union):
        return None if data is None else build(next(one for one in arguments if one is not type(None)), data)
    return data
