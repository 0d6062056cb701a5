"""The owner of all state: pool, warmup, conversation, replies. Knows neither imgui nor any SDK.

Guarantees
- State is read as frozen snapshots (`snapshot`), from any thread; `_lock` guards every field that a snapshot shows.
- No method blocks but `wait_for_warmup` and `close`; an action whose module is not warm yet waits in `_wanted` and runs
  when it is.
- Everything in the background runs on `_io_pool`: the warmup's jobs, the loop of the replies, the hook server.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from importguard.warmup import NotWarmedError, Warmup, WarmupFailedError, WarmupManifest, WarmupStatus, install
from importguard.warmup import require_warmed as _require_warmed
from src import ai_client, log_pruner, project_manager, session_log
from src.chat import Conversation, Failed, Message, ModelReply, ModelRequest, Stopped
from src.io_pool import IoPool, PoolStatus
from src.startup_profiler import StartupProfiler
from src.startup_profiler import profiler as process_profiler
from src.window_link import WindowLink

if TYPE_CHECKING:
    from concurrent.futures import Future

MANIFEST = os.path.join(os.path.dirname(os.path.abspath(__file__)), "warmup_manifest.json")


class Toast(NamedTuple):
    """A short notice; `number` tells one from the next."""

    number: int
    text: str


class AppState(NamedTuple):
    """What the window shows. `reply` is the one that streams, `waiting` a message whose provider is not warm yet."""

    provider: str
    model: str
    conversation: Conversation
    reply: ModelReply | None
    waiting: bool
    error: str
    toast: Toast | None


class AppController:
    """One running Sloppy."""

    def __init__(
        self,
        manifest: WarmupManifest | None = None,
        profiler: StartupProfiler = process_profiler,
        *,
        start: bool = True,
    ) -> None:
        self.profiler = profiler
        self.window_link = WindowLink()
        self._lock = threading.Lock()
        self._state = AppState("echo", "echo-1", Conversation(), None, False, "", None)
        self._turn: Future[None] | None = None
        self._turn_number = 0  # tells a turn that ended or was dropped from the one that streams
        self._turn_loop: Any = None
        self._hooks: Any = None
        self._wanted: list[tuple[str, Callable[[], None]]] = []
        self._folder: str | None = None
        self._session = session_log.new_session_name()
        self._listeners: list[Callable[[], None]] = []
        self._warmup_done_event = threading.Event()
        self._io_pool = IoPool()
        self._warmup = Warmup(manifest or WarmupManifest.load(MANIFEST), self._io_pool.executor)
        install(self._warmup)
        self._warmup.on_progress(self._on_warmup_progress)
        self._warmup.on_complete(self._on_warmup_complete)
        profiler.mark("controller")
        if start:
            self.start_warmup()

    # The warmup

    def start_warmup(self) -> None:
        """Begins the warmup; a second call does nothing. The window calls it after its first frame."""
        self._warmup.start()

    def warmup_status(self) -> WarmupStatus:
        """What is pending, running, completed and failed now."""
        return self._warmup.status()

    def wait_for_warmup(self, timeout: float | None = None) -> bool:
        """Waits up to *timeout* seconds; True when every job has ended. For tests and clients, never for the GUI."""
        return self._warmup_done_event.wait(timeout)

    def on_warmup_complete(self, callback: Callable[[WarmupStatus], None]) -> None:
        """Calls *callback* when the warmup ends, or at once when it has."""
        self._warmup.on_complete(callback)

    def retry_warmup(self, name: str) -> None:
        """Imports the failed module *name* again."""
        self._warmup_done_event.clear()
        try:
            self._warmup.retry(name)
        except KeyError:  # clicked twice: it runs already, or has succeeded
            if self._warmup.status().done:
                self._warmup_done_event.set()

    def on_change(self, listener: Callable[[], None]) -> None:
        """Calls *listener*, on any thread, whenever a snapshot would differ."""
        with self._lock:
            self._listeners.append(listener)

    # The conversation

    def snapshot(self) -> AppState:
        """The state now."""
        with self._lock:
            return self._state

    def choose_provider(self, name: str, model: str | None = None) -> None:
        """Switches provider; instant, because nothing is loaded for it. Raises ValueError for an unknown name."""
        provider = ai_client.find_provider(name)
        self._warmup.promote(provider.module)
        self._change(provider=name, model=model or provider.models[0])

    def send(self, text: str) -> bool:
        """Asks the chosen provider; False when there is nothing to send or a reply still streams."""
        with self._lock:
            state = self._state
            if not text.strip() or state.reply is not None or state.waiting:
                return False
            conversation = state.conversation.add(Message.of("user", text))
            self._state = state._replace(conversation=conversation, waiting=True, error="")
        self._want(ai_client.find_provider(state.provider).module, self._begin_turn)
        self._notify()
        return True

    def stop(self) -> None:
        """Stops the reply that streams; what has arrived stays."""
        with self._lock:
            turn = self._turn
        if turn is not None:
            turn.cancel()

    def new_conversation(self) -> None:
        """Starts afresh."""
        self._replace_conversation(Conversation())

    def _replace_conversation(self, conversation: Conversation) -> None:
        """Shows *conversation*; a reply that streams or a message that waits belongs to the old one and is dropped."""
        with self._lock:
            turn, self._turn, self._turn_number = self._turn, None, self._turn_number + 1
            self._state = self._state._replace(conversation=conversation, reply=None, waiting=False, error="")
        if turn is not None:
            turn.cancel()
        self._notify()

    # What is kept on disk

    def save_conversation(self) -> None:
        """Writes the conversation into the data folder, on the pool; a toast tells where or why not."""
        conversation = self.snapshot().conversation
        self._want("platformdirs", lambda: self._on_disk(self._save, conversation))

    def open_last_conversation(self) -> None:
        """Reads the conversation saved last, on the pool."""
        self._want("platformdirs", lambda: self._on_disk(self._open_last))

    def _save(self, folder: str, conversation: Conversation) -> None:
        path = project_manager.save_conversation(folder, conversation)
        self.toast(f"Saved as {path}.")

    def _open_last(self, folder: str) -> None:
        self._replace_conversation(project_manager.open_last_conversation(folder))

    def _record(self, folder: str, messages: tuple[Message, ...]) -> None:
        session_log.append(folder, self._session, messages)

    def _on_disk(self, job: Callable[..., None], *arguments: Any) -> None:
        """Runs `job(folder, *arguments)` on the pool; what goes wrong is a toast."""

        def run() -> None:
            try:
                job(self._data_folder(), *arguments)
            except (OSError, ValueError) as error:
                self.toast(str(error))

        try:
            self._io_pool.submit(run)
        except RuntimeError:
            return  # closing

    def _data_folder(self) -> str:
        """The user's data folder; old session logs are pruned the first time. Called on the pool."""
        with self._lock:
            known = self._folder
        if known is not None:
            return known
        folder = str(_require_warmed("platformdirs").user_data_path("sloppy", appauthor=False))
        log_pruner.prune(session_log.folder_of(folder))
        with self._lock:
            self._folder = folder
        return folder

    def _begin_turn(self) -> None:
        loop = self._running_turn_loop()
        if loop is None:
            self._want("src.turn_loop", self._begin_turn)
            return
        with self._lock:
            state = self._state
            if not state.waiting:  # dropped while it waited
                return
            number = self._turn_number
            self._state = state._replace(waiting=False, reply=ModelReply(state.provider, state.model))
            turn = self._turn = loop.submit(self._take_turn(state, number))
        self._notify()
        turn.add_done_callback(partial(self._end_turn, number))

    def _running_turn_loop(self) -> Any:
        with self._lock:
            loop = self._turn_loop
        if loop is None:
            try:
                loop = _require_warmed("src.turn_loop").TurnLoop()
            except (NotWarmedError, WarmupFailedError):
                return None
            with self._lock:
                self._turn_loop = loop
            self._io_pool.submit(loop.run)
        return loop

    async def _take_turn(self, state: AppState, number: int) -> None:
        conversation = state.conversation
        request = ModelRequest(state.provider, state.model, conversation.system, conversation.messages)
        async for event in ai_client.stream(request):
            with self._lock:
                if self._state.reply is not None and self._turn_number == number:
                    self._state = self._state._replace(reply=self._state.reply.after(event))
            self._notify()

    def _end_turn(self, number: int, turn: Future[None]) -> None:
        with self._lock:
            reply = self._state.reply
            if reply is None or self._turn_number != number:  # its conversation is gone
                return
            if turn.cancelled():
                reply = reply.after(Stopped())
            elif error := turn.exception():
                reply = reply.after(Failed(f"{type(error).__name__}: {error}"))
            conversation = self._state.conversation
            answer = reply.message() if reply.parts else None
            if answer is not None:
                conversation = conversation.add(answer)
            failure = reply.end.reason if isinstance(reply.end, Failed) else ""
            self._state = self._state._replace(reply=None, conversation=conversation, error=failure)
            self._turn, self._turn_number = None, number + 1
        written = conversation.messages[-1 if answer is None else -2 :]
        self._want("platformdirs", partial(self._on_disk, self._record, written))
        self._notify()

    # The hook API

    def start_hook_server(self, port: int, token: str) -> Any:
        """Listens on 127.0.0.1:*port* now and answers once FastAPI is warm; the socket. Raises OSError."""
        import socket

        listener = socket.create_server(("127.0.0.1", port), backlog=128)
        self._warmup.promote("src.hook_server")
        self._want("src.hook_server", lambda: self._serve(listener, token))
        return listener

    def _serve(self, listener: Any, token: str) -> None:
        self._hooks = _require_warmed("src.hook_server").HookServer(self, listener, token)
        self._io_pool.submit(self._hooks.run)

    def startup_profile(self) -> dict[str, float]:
        """Named moments in milliseconds since the process began."""
        return self.profiler.marks()

    def io_pool_status(self) -> PoolStatus:
        """The pool's counters."""
        return self._io_pool.status()

    # The end

    def close(self, timeout: float = 2.0) -> bool:
        """Stops replies, server and warmup; True when every worker ended within *timeout* seconds."""
        self._warmup.close()
        self.stop()
        with self._lock:
            loop, hooks = self._turn_loop, self._hooks
        if hooks is not None:
            hooks.stop()
        if loop is not None:
            loop.stop()
        self._io_pool.close()
        install(None)
        return self._io_pool.join(timeout)

    # Inside

    def _want(self, module: str, action: Callable[[], None]) -> None:
        """Runs *action* once *module* is warm: now, or when its job ends. A failed job reports instead."""
        with self._lock:
            self._wanted.append((module, action))
        self._run_wanted()

    def _run_wanted(self) -> None:
        ready: list[Callable[[], None]] = []
        failures: list[tuple[str, bool]] = []
        with self._lock:
            kept = []
            for module, action in self._wanted:
                try:
                    self._warmup.require_warmed(module)
                    ready.append(action)
                except NotWarmedError:
                    kept.append((module, action))
                except WarmupFailedError as error:
                    failures.append((str(error), action == self._begin_turn))
            self._wanted = kept
        for failure, was_asked in failures:
            still = {"waiting": False} if was_asked else {}
            self._change(error=f"{failure}. Open the Startup panel to retry.", **still)
        for action in ready:
            action()

    def _on_warmup_progress(self, _status: WarmupStatus) -> None:
        self._run_wanted()
        self._notify()

    def _on_warmup_complete(self, status: WarmupStatus) -> None:
        self.profiler.mark("warmup done")
        if status.failed:
            names = ", ".join(name for name, _ in status.failed)
            self.toast(f"Not ready: {names}. The others work.")
        else:
            self.toast(f"All providers ready ({len(status.completed)} modules).")
        self._warmup_done_event.set()
        self._run_wanted()

    def toast(self, text: str) -> None:
        """Shows *text* for a moment."""
        with self._lock:
            last = self._state.toast
            self._state = self._state._replace(toast=Toast(last.number + 1 if last else 1, text))
        self._notify()

    def _change(self, **fields: Any) -> None:
        with self._lock:
            self._state = self._state._replace(**fields)
        self._notify()

    def _notify(self) -> None:
        with self._lock:
            listeners = tuple(self._listeners)
        for listener in listeners:
            listener()
