"""The running Sloppy: composes settings, project, discussion, composer, replies and warmup. Knows no imgui and no SDK.

Guarantees
- State is read as frozen snapshots, from any thread; each part guards its own. `_lock` guards the fields here.
- No method blocks but `wait_for_warmup` and `close`; what needs a module that is not warm yet runs when it is.
- Everything in the background runs on `_io_pool`: the warmup's jobs, the loop of the replies, the hooks, the disk.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable
from typing import Any

from importguard.warmup import (
    NotWarmedError,
    Warmup,
    WarmupFailedError,
    WarmupManifest,
    WarmupStatus,
    install,
    staleness,
)
from importguard.warmup import require_warmed as _require_warmed
from src import project_manager
from src.ai_client import Providers
from src.chat import ModelReply, ModelRequest
from src.discussion.archive import Archive
from src.discussion.live import LiveDiscussion
from src.errands import Errands
from src.models.endpoints import Endpoint
from src.models.errors import ProviderError
from src.models.prices import PriceTable, Spent
from src.models.providers import PROVIDERS
from src.privacy.hidden_texts import HiddenTexts
from src.privacy.keys import KeyStore
from src.privacy.redactor import REDACTOR
from src.project.file import Project
from src.project_manager import ProjectManager
from src.request import build
from src.request.build import Material
from src.request.composer import Composer
from src.request.count import TokenCount
from src.request.material import Outgoing
from src.request.preview import Preview, RequestPreview
from src.request.sent_files import SentFiles, SentNow
from src.startup_profiler import StartupProfiler
from src.startup_profiler import profiler as process_profiler
from src.storage import places
from src.storage.fonts import FontFiles
from src.storage.places import Places
from src.storage.settings import LiveSettings, Settings
from src.tools.applied_edits import AppliedEdits
from src.tools.approvals import Approvals
from src.turn.replies import TURN_LOOP, Replies
from src.turn.sending import Sending, SendResult
from src.turn.tools import TurnTools
from src.value import Value
from src.work.background import Background
from src.work.clock import FrameClock
from src.work.io_pool import IoPool, PoolStatus
from src.work.log_book import LogBook
from src.work.toasts import ToastKind, Toasts
from src.work.window_link import WindowLink

MANIFEST = os.path.join(os.path.dirname(os.path.abspath(__file__)), "warmup_manifest.json")
JOB_DEADLINE_S = 60.0  # an import that takes longer counts as hanging; the others go on


class AppState(Value):
    """What every frame shows. `reply` streams; `waiting` until it begins; `error` says how the last reply failed."""

    provider: str
    model: str
    reply: ModelReply | None
    waiting: bool
    error: str
    spent: Spent


class AppController:
    """One running Sloppy. *places* stand in for the user's own folders, for tests and other programs."""

    def __init__(
        self,
        manifest: WarmupManifest | None = None,
        profiler: StartupProfiler = process_profiler,
        *,
        start: bool = True,
        places: Places | None = None,
        keys: KeyStore | None = None,
    ) -> None:
        self.profiler = profiler
        self.keys = keys or KeyStore()
        self.providers = Providers(self.keys)
        self.unsaved: tuple[str, ...] = ()  # what `close` could not write, a sentence each
        self.window_link = WindowLink()
        self.frames = FrameClock()
        self._lock = threading.Lock()
        self._listeners: list[Callable[[], None]] = []
        self._places = places
        self._turn_loop: Any = None
        self._hooks: Any = None
        self._warmup_done_event = threading.Event()
        self._started = self._closing = False
        self._set_up_event = threading.Event()
        self._io_pool = IoPool()
        self._warmup = Warmup(manifest or MANIFEST, self._io_pool.executor, deadline_s=JOB_DEADLINE_S)
        self._warns_if_stale = manifest is None
        install(self._warmup)
        self._warmup.on_progress(self._on_warmup_progress)
        self._warmup.on_complete(self._on_warmup_complete)
        self._background = Background(self._io_pool, self._warmup, self._report)
        self._compose()
        self._background.when_warm((TURN_LOOP,), self._start_turn_loop)
        for module in dict.fromkeys(provider.module for provider in PROVIDERS):
            self._background.when_warm((module,), self._prepare_clients)
        if places is None:
            self._background.when_warm(("platformdirs",), lambda: self._background.submit(self._set_up))
        profiler.mark("controller")
        if start:
            self.start_warmup()

    def _compose(self) -> None:
        self.log = LogBook(REDACTOR.said)
        logging.getLogger().addHandler(self.log)
        self.toasts = Toasts(self._notify)
        self._endpoints: tuple[Endpoint, ...] = ()
        self.settings = LiveSettings(self._background, self._on_settings, self._tell)
        self.project = ProjectManager(self._background, self._notify, self._tell, self._on_project)
        self.discussion = LiveDiscussion(self._background, self._notify, self._tell, self.stop)
        self.composer = Composer(self._background, self._notify, self._tell)
        self.errands = Errands(self._background, self.providers, self._tell)
        self.fonts = FontFiles(self._background, self._fonts_folder, self._notify, self._tell)
        self.archive = Archive(self._background, self.discussion, self._discussions_folder, self._tell)
        self._sent_files = SentFiles(self._background, self._notify, self.discussion, self.project)
        outgoing = self._outgoing = Outgoing(
            self.settings, self.providers, self.project, self.discussion, self.composer
        )
        self._count = TokenCount(self._background, self.providers, self._on_count, self._counts_while_writing)
        self._preview = Preview(
            outgoing.material, outgoing.caps, outgoing.prices, outgoing.window_tokens, self._count.ask
        )
        self.approvals = Approvals(self._background, self._notify)
        self.hidden = HiddenTexts(self._notify)
        self.edits = AppliedEdits(self._background, self._on_files_changed, self._tell)
        self._replies = Replies(
            self._background,
            self.providers,
            self.discussion,
            outgoing=outgoing,
            preview=self._preview,
            tools=TurnTools(
                self._background,
                self.discussion,
                outgoing,
                approvals=self.approvals,
                edits=self.edits,
                hidden=self.hidden,
            ),
            notify=self._notify,
        )
        self._sending = Sending(
            self._background,
            self.providers,
            self.composer,
            self.discussion,
            outgoing=outgoing,
            preview=self._preview,
            replies=self._replies,
        )

    # The warmup

    def start_warmup(self) -> None:
        """Begins the warmup; a second call does nothing. The window calls it after its first frame."""
        with self._lock:
            first, self._started = not self._started, True
        if not first:
            return
        if self._places is not None:
            self._background.submit(self._set_up)
        if any(job.module == "keyring" for job in self._warmup.manifest.jobs):
            self.keys.expect_keyring()
        self._warmup.start()

    def warmup_status(self) -> WarmupStatus:
        """What is pending, running, completed and failed now; `jobs` says all of each."""
        return self._warmup.status()

    def wait_for_warmup(self, timeout: float | None = None) -> bool:
        """Waits up to *timeout* seconds; True when every job has ended. For tests and clients, never for the GUI."""
        return self._warmup_done_event.wait(timeout)

    def wait_until_set_up(self, timeout: float | None = None) -> bool:
        """Waits up to *timeout* seconds for settings, keys and discussions to be read; never for the GUI."""
        return self._set_up_event.wait(timeout)

    def on_warmup_complete(self, callback: Callable[[WarmupStatus], None]) -> None:
        """Calls *callback* when the warmup ends, or at once when it has."""
        self._warmup.on_complete(callback)

    def retry_warmup(self, name: str) -> None:
        """Imports the failed module *name* again; one that still hangs gets another deadline."""
        self._warmup_done_event.clear()
        try:
            self._warmup.retry(name)
        except (KeyError, RuntimeError):  # clicked twice: it runs already, or has succeeded; or the program is closing
            if self._warmup.status().done:
                self._warmup_done_event.set()
            return
        self._warmup.on_complete(self._on_warmup_complete)

    # State

    def on_change(self, listener: Callable[[], None]) -> None:
        """Calls *listener*, on any thread, whenever a snapshot would differ."""
        with self._lock:
            self._listeners.append(listener)

    def snapshot(self) -> AppState:
        """What every frame shows; cheap."""
        composer, replies = self.composer.snapshot(), self._replies.snapshot()
        return AppState(
            composer.provider,
            composer.model,
            replies.reply,
            replies.waiting,
            replies.error,
            self.discussion.snapshot().cost,
        )

    def preview(self) -> RequestPreview:
        """The next request by part, with tokens and cost."""
        return self._preview.snapshot()

    def count_request(self) -> None:
        """Asks the provider how many tokens the next request is; the whole request goes there for it."""
        self._count.ask_now(self._outgoing.material())

    def next_request(self) -> ModelRequest:
        """The next request as it would go out, files as last read."""
        return build.build(self._outgoing.material())

    def sent_files(self, turn_id: int) -> tuple[SentNow, ...] | None:
        """The files that went out with the turn, and what became of them; None while they are looked at."""
        return self._sent_files.of(turn_id)

    def prices(self) -> PriceTable:
        """The prices known, the user's own over the published ones."""
        return self._outgoing.prices()

    def window_tokens(self, provider: str, model: str) -> int | None:
        """How many tokens the model takes; None when unknown."""
        return self._outgoing.window_tokens(provider, model)

    # What the user does

    def choose_provider(self, name: str, model: str | None = None, *, keep: bool = True) -> None:
        """Switches provider at once; with *keep* for the next start too. Raises ValueError for an unknown name."""
        provider = self.providers.find(name)
        self._warmup.promote(provider.module)
        chosen = model or provider.models[0].id
        self.composer.set_model(name, chosen)
        if keep:
            self.settings.change(provider=name, model=chosen)

    def send(self, text: str | None = None, *, confirmed: bool = False) -> SendResult:
        """Sends *text*, or what is typed, with the attachments. *confirmed*: the user agreed to go over a cap."""
        return self._sending.send(text, confirmed)

    def answer(self, *, confirmed: bool = False) -> SendResult:
        """Asks for an answer to the branch as it ends now, with a user's turn: again after an edit, or after a cap."""
        return self._sending.answer(confirmed)

    def regenerate(self, turn_id: int, *, confirmed: bool = False) -> SendResult:
        """Asks again: for another answer beside the turn, or for an answer to it when it is the user's."""
        return self._sending.regenerate(turn_id, confirmed)

    def stop(self) -> None:
        """Stops the reply that streams; what has arrived stays."""
        self._replies.stop()

    def refresh_models(self, name: str) -> None:
        """Fetches the list that `providers.models_of` answers with, in the background; a toast tells how it went."""
        self._background.run_on_loop(self._fetch_models(name))

    def open_last_discussion(self) -> None:
        """Opens the discussion that changed last, other than the one that is open."""
        state = self.discussion.snapshot()
        others = [one for one in state.known if one.name != state.name]
        if others:
            self.discussion.open(others[0].name)
        else:
            self.toasts.add("There is no other discussion yet.")

    def _on_files_changed(self) -> None:
        self.project.rescan()
        self._notify()

    # The hook API

    def start_hook_server(self, port: int, token: str) -> Any:
        """Listens on 127.0.0.1:*port* now and answers once FastAPI is warm; the socket. Raises OSError."""
        import socket

        listener = socket.create_server(("127.0.0.1", port), backlog=128)
        self._warmup.promote("src.hooks.server")
        self._background.when_warm(("src.hooks.server",), lambda: self._serve(listener, token))
        return listener

    def _serve(self, listener: Any, token: str) -> None:
        server = _require_warmed("src.hooks.server").HookServer(self, listener, token)
        with self._lock:
            if self._closing:
                listener.close()
                return
            self._hooks = server
        self._io_pool.submit(server.run)

    def startup_profile(self) -> dict[str, float]:
        """Named moments in milliseconds since the process began."""
        return self.profiler.marks()

    def io_pool_status(self) -> PoolStatus:
        """The pool's counters."""
        return self._io_pool.status()

    # The end

    def close(self, timeout: float = 2.0) -> bool:
        """Stops replies, server and warmup, writes what waits; True when every worker ended in *timeout* seconds."""
        self._warmup.close()
        self.errands.end()
        self.stop()
        with self._lock:
            self._closing = True
            loop, hooks = self._turn_loop, self._hooks
        if hooks is not None:
            hooks.stop()
        if loop is not None:
            loop.stop()
        self._io_pool.close()
        ended = self._io_pool.join(timeout)
        if loop is not None:
            ended = loop.join(timeout) and ended
        saved = {
            "The settings": self.settings.flush(),
            "The project file": self.project.end(),
            "The discussion": self.discussion.close(),
        }
        self.unsaved = tuple(f"{what} could not be written." for what, is_saved in saved.items() if not is_saved)
        if not saved["The discussion"]:
            self.unsaved += (self._rescue(),)
        logging.getLogger().removeHandler(self.log)
        install(None)
        return ended

    # Inside

    def _fonts_folder(self) -> str:
        with self._lock:
            return os.path.join(self._places.data, "fonts") if self._places is not None else ""

    def _discussions_folder(self) -> str:
        with self._lock:
            return self._places.discussions if self._places is not None else ""

    async def _fetch_models(self, name: str) -> None:
        with self._lock:
            folder = self._places.cache if self._places is not None else ""
        try:
            found = await self.providers.list_models(name, folder)
        except (NotWarmedError, WarmupFailedError, ProviderError, ValueError, OSError) as error:
            self._tell(f"The models of {name} cannot be listed: {error}", "error")
            return
        self._tell(f"{name} has {len(found.models)} models.", "success")

    def _prepare_clients(self) -> None:
        self._background.submit(self.providers.prepare_clients)

    def _counts_while_writing(self) -> bool:
        return self.settings.snapshot().counts_at_provider

    def _on_count(self, material: Material, total: int) -> None:
        self._preview.counted(material, total)
        self._notify()

    def _on_settings(self, settings: Settings) -> None:
        with self._lock:
            changed, self._endpoints = self._endpoints != settings.endpoints, settings.endpoints
        if changed:
            for sentence in self.providers.set_endpoints(settings.endpoints):
                self._tell(sentence, "warning")
            self._prepare_clients()
        self._notify()

    def _rescue(self) -> str:
        """Keeps the discussion where there may be room yet; the sentence that says where."""
        import tempfile

        try:
            descriptor, path = tempfile.mkstemp(".json", "sloppy-discussion-")
            with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:
                file.write(self.discussion.export("json"))
        except OSError as error:
            return f"It is lost: {error}."
        return f"All of it is kept as {path}."

    def _set_up(self) -> None:
        """Reads what the user's folders hold. On the pool."""
        found = self._places or places.find_places()
        with self._lock:
            self._places = found
        self.settings.load(found.settings)
        self.providers.read_models(found.cache)
        chosen = self.settings.snapshot()
        try:
            provider = self.providers.find(chosen.provider)
            self._warmup.promote(provider.module)
            self.composer.set_model(provider.name, chosen.model or provider.models[0].id)
        except ValueError as error:
            self._tell(str(error), "warning")
        self.discussion.use_agreed(os.path.join(found.data, "agreed_tools.json"))
        self.discussion.load_folder(found.discussions)
        self.project.use_locks(os.path.join(found.data, "locks"))
        self._set_up_event.set()

    def _ask_keyring(self) -> None:
        self.keys.ask_keyring(self._io_pool.submit, self.providers.key_names())

    def _on_project(self, project: Project | None) -> None:
        with self._lock:
            found = self._places
        if found is None:
            return
        folder = found.discussions
        if project is not None:
            folder = project.discussions or os.path.join(found.discussions, project_manager.slug(project.path))
            self.settings.remember_project(project.path)
        self.discussion.load_folder(folder, project.folder if project is not None and project.discussions else "")

    def _start_turn_loop(self) -> None:
        with self._lock:
            if self._closing:  # nobody would stop it
                return
            loop = self._turn_loop = _require_warmed("src.turn.loop").TurnLoop()
        self._io_pool.submit(loop.run)
        self._replies.use_loop(loop)
        self._background.set_clock(loop)

    def _on_warmup_progress(self, _status: WarmupStatus) -> None:
        self._background.look()
        self._notify()

    def _on_warmup_complete(self, status: WarmupStatus) -> None:
        self.profiler.mark("warmup done")
        if status.closed:
            return
        if status.failed:
            names = ", ".join(name for name, _ in status.failed)
            self.toasts.add(f"Not ready: {names}. The others work.", "warning")
        else:
            self.toasts.add(f"All providers ready ({len(status.completed)} modules).", "success")
        self._warmup_done_event.set()
        # Not before: a keyring imports what it is made of, on another worker than the chain's.
        self._background.when_warm(("keyring",), self._ask_keyring)
        self._background.look()
        self._prepare_clients()
        if self._warns_if_stale:
            self._warns_if_stale = False
            self._background.submit(self._warn_if_stale)

    def _warn_if_stale(self) -> None:
        stale = staleness(MANIFEST)
        if stale:
            self._tell(f"{stale}.", "warning")

    def _tell(self, said: str, kind: ToastKind) -> None:
        text = REDACTOR.said(said)
        self.log.add("error" if kind == "error" else "warning" if kind == "warning" else "info", "sloppy", text)
        self.toasts.add(text, kind)

    def _report(self, text: str) -> None:
        self._tell(text, "error")

    def _notify(self) -> None:
        with self._lock:
            listeners = tuple(self._listeners)
        for listener in listeners:
            listener()
