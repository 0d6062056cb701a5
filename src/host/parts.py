"""What a running Sloppy is made of: each part, how they are put together, and how one reacts to another.

Guarantees
- A part that the first frame does without is made when it is first asked for, once, whoever asks.
- `_lock` guards the fields here; each part guards its own. Listeners are called without it.
"""

from __future__ import annotations

import logging
import os
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING

from importguard.warmup import WarmupManifest
from src.ai_client import Providers
from src.chat import Message
from src.discussion.live import LiveDiscussion
from src.errands import Errands
from src.host.hook_host import HookHost
from src.host.last_place import LastPlace
from src.host.turn_loop_host import TurnLoopHost
from src.host.user_folders import UserFolders
from src.host.warming import Warming
from src.models.endpoints import Endpoint
from src.models.providers import PROVIDERS
from src.privacy import redactor
from src.privacy.keys import KeyStore
from src.privacy.redactor import Redactor
from src.project.file import Project
from src.project_manager import ProjectManager
from src.request.build import Material
from src.request.composer import Composer
from src.request.count import TokenCount
from src.request.material import Outgoing
from src.request.preview import Preview
from src.startup_profiler import StartupProfiler
from src.startup_profiler import profiler as process_profiler
from src.storage.places import Places
from src.storage.settings import LiveSettings, Settings
from src.tools.applied_edits import AppliedEdits
from src.tools.approvals import Approvals
from src.turn.replies import Replies
from src.turn.sending import Sending
from src.turn.tools import TurnTools
from src.work.clock import FrameClock
from src.work.io_pool import IoPool
from src.work.log_book import LogBook
from src.work.toasts import ToastKind, Toasts
from src.work.window_link import WindowLink

if TYPE_CHECKING:
    from src.discussion.archive import Archive
    from src.discussion.library import Library
    from src.mcp_servers.servers import McpServers
    from src.privacy.hidden_texts import HiddenTexts
    from src.request.cache_memory import CacheMemory
    from src.request.changed import Changed
    from src.request.sent_files import SentFiles
    from src.spending.ledger import Ledger
    from src.storage.fonts import FontFiles
    from src.structured.checked import Checked
    from src.tools.allowed_commands import AllowedCommands
    from src.turn.comparison import Comparison


class Parts(ABC):
    """The parts, of which those without an underscore are everybody's."""

    _changed: Changed | None = None

    def __init__(
        self,
        manifest: WarmupManifest | None = None,
        profiler: StartupProfiler = process_profiler,
        *,
        places: Places | None = None,
        keys: KeyStore | None = None,
    ) -> None:
        self.profiler = profiler
        self.redactor = Redactor()
        redactor.install(self.redactor)
        self.keys = keys or KeyStore()
        self.providers = Providers(self.keys)
        self.unsaved: tuple[str, ...] = ()  # what `close` could not write, a sentence each
        self.window_link = WindowLink()
        self.frames = FrameClock()
        self.log = LogBook(self.redactor.said)
        logging.getLogger().addHandler(self.log)
        self.toasts = Toasts(self._notify)
        self._lock = threading.Lock()
        self._listeners: list[Callable[[], None]] = []
        self._endpoints: tuple[Endpoint, ...] = ()
        self._io_pool = IoPool()
        self._warming = Warming(
            self._io_pool,
            profiler,
            manifest,
            toast=self.toasts.add,
            tell=self._tell,
            notify=self._notify,
            finished=self._on_warm,
        )
        self._background = self._warming.background
        self.settings = LiveSettings(self._background, self._on_settings, self._tell)
        self.project = ProjectManager(self._background, self._notify, self._tell, self._on_project)
        self.discussion = LiveDiscussion(self._background, self._notify, self._tell, self.stop, self._prepare)
        self._folders = UserFolders(places, self.settings, self.providers, self.discussion)
        self.composer = Composer(self._background, self._notify, self._tell)
        self.errands = Errands(self._background, self.providers, self.composer.put_picture, self._tell)
        self._fonts: FontFiles | None = None
        self._library: Library | None = None
        self.last_place = LastPlace(
            self._background, self.project, self.discussion, self.composer, notify=self._notify, tell=self._tell
        )
        self.on_change(self.last_place.look)
        self._sent_files: SentFiles | None = None
        self._ledger: Ledger | None = None
        self._comparison: Comparison | None = None
        self._checked: Checked | None = None
        outgoing = self._outgoing = Outgoing(
            self.settings, self.providers, self.project, self.discussion, self.composer, ledger=lambda: self._ledger
        )
        self._cache_memory: CacheMemory | None = None
        self._count = TokenCount(self._background, self.providers, self._on_count, self._counts_while_writing)
        self._preview = Preview(
            outgoing.material,
            outgoing.caps,
            outgoing.prices,
            outgoing.window_tokens,
            self._count.ask,
            memory=lambda: self._cache_memory,
            longest=outgoing.longest_answer,
            drops=outgoing.drops,
        )
        self.approvals = Approvals(self._background, self._notify)
        self._hidden: HiddenTexts | None = None
        self._allowed: AllowedCommands | None = None
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
                hidden=lambda: self.hidden,
                allowed=lambda: self.allowed_commands,
            ),
            memory=lambda: self._cache_memory,
            ledger=lambda: self.ledger,
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
            is_comparing=lambda: self._comparison is not None and self._comparison.snapshot().is_running,
        )
        self._turn_loop = TurnLoopHost(self._io_pool, self._background, self._replies)
        self._hooks = HookHost(self._io_pool, self._warming)
        self._is_placed = places is not None
        for module in dict.fromkeys(provider.module for provider in PROVIDERS):
            self._background.when_warm((module,), self._prepare_clients)
        if not self._is_placed:
            self._background.when_warm(("platformdirs",), lambda: self._background.submit(self._set_up))

    @property
    def fonts(self) -> FontFiles:
        """The fonts of other scripts than the window's own; made when a text first needs one."""
        from src.storage.fonts import FontFiles

        with self._lock:
            if self._fonts is None:
                self._fonts = FontFiles(self._background, lambda: self._folders.fonts, self._notify, self._tell)
            return self._fonts

    @property
    def hidden(self) -> HiddenTexts:
        """What was held back or hidden in answers of tools; made when it is first needed."""
        from src.privacy.hidden_texts import HiddenTexts

        with self._lock:
            if self._hidden is None:
                self._hidden = HiddenTexts(self._notify)
            return self._hidden

    @property
    def allowed_commands(self) -> AllowedCommands:
        """The commands that run without a question, by project."""
        from src.tools.allowed_commands import AllowedCommands

        with self._lock:
            if self._allowed is None:
                self._allowed = AllowedCommands(self._notify)
            return self._allowed

    @property
    def servers(self) -> McpServers:
        """The MCP servers of the open project; made when a project first names one."""
        from src.mcp_servers.servers import McpServers

        with self._lock:
            servers = self._outgoing.servers
            if servers is None:
                servers = self._outgoing.servers = McpServers(
                    self._background,
                    self.discussion,
                    lambda: self._folders.agreed_servers,
                    project=self.project,
                    keys=self.keys,
                    notify=self._notify,
                    tell=self._tell,
                )
                self._listeners.append(servers.look)
            return servers

    @property
    def ledger(self) -> Ledger:
        """What was spent, by all Sloppys of the user; made when it is first needed."""
        from src.spending.ledger import Ledger

        with self._lock:
            if self._ledger is None:
                self._ledger = Ledger(self._notify)
            return self._ledger

    @property
    def comparison(self) -> Comparison:
        """One request to several models; made when it is first needed."""
        from src.turn.comparison import Comparison

        ledger = self.ledger
        with self._lock:
            if self._comparison is None:
                self._comparison = Comparison(
                    self._background,
                    self.providers,
                    self.composer,
                    self.discussion,
                    outgoing=self._outgoing,
                    preview=self._preview,
                    ledger=ledger,
                    memory=lambda: self._cache_memory,
                    is_busy=lambda: self._replies.busy,
                    secret_in=self._sending.secret_in,
                    notify=self._notify,
                )
            return self._comparison

    @property
    def changed(self) -> Changed:
        """What changed since the last commit of the open project; made when a project is open."""
        from src.project.changes import Changes
        from src.request.changed import Changed

        with self._lock:
            if self._changed is None:
                looked = Changes(self._background, self.project.snapshot, self._notify, self._tell)
                self._changed = Changed(looked, self.project, self.composer, self.edits)
            return self._changed

    @property
    def archive(self) -> Archive:
        """Packs old discussions away; it has no state of its own."""
        from src.discussion.archive import Archive  # seldom, and never before the first frame

        return Archive(self._background, self.discussion, lambda: self._folders.discussions, self._tell)

    @property
    def library(self) -> Library:
        """All discussions of the folder; made when they are first listed or searched."""
        from src.discussion.library import Library

        with self._lock:
            if self._library is None:
                self._library = Library(
                    self._background, self.discussion, lambda: self._folders.cache, self._notify, self._tell
                )
            return self._library

    def _on_files_changed(self) -> None:
        self.project.rescan()
        self._notify()

    def _before_warmup(self) -> None:
        if self._is_placed:
            self._background.submit(self._set_up)
        if self._warming.warms("keyring"):
            self.keys.expect_keyring()

    def _set_up(self) -> None:
        """Reads what the user's folders hold. On the pool."""
        from src.request.cache_memory import CacheMemory

        self._cache_memory = CacheMemory()
        self._folders.set_up(self.project, self._choose_last, self.ledger.load)
        self.allowed_commands.load(self._folders.allowed_commands)
        self.last_place.restore(self._folders.last_place)

    def _choose_last(self) -> None:
        chosen = self.settings.snapshot()
        try:
            self.choose_provider(chosen.provider, chosen.model or None, keep=False)
        except ValueError as error:
            self._tell(str(error), "warning")

    def _on_warm(self) -> None:
        # Not before: a keyring imports what it is made of, on another worker than the chain's.
        self._background.when_warm(("keyring",), self._ask_keyring)
        self._prepare_clients()

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

    def _ask_keyring(self) -> None:
        self.keys.ask_keyring(self._io_pool.submit, self.providers.key_names())

    def _on_project(self, project: Project | None) -> None:
        self._folders.follow(project)
        if self._outgoing.servers is not None or (project is not None and project.mcp):
            self.servers.follow(project)
        if project is not None:
            name = project.name or os.path.basename(project.folder)
            self._tell(f"{name} is open. It has discussions of its own, which are listed now.", "info")

    def _tell(self, said: str, kind: ToastKind) -> None:
        text = self.redactor.said(said)
        self.log.add("error" if kind == "error" else "warning" if kind == "warning" else "info", "sloppy", text)
        self.toasts.add(text, kind)

    def _notify(self) -> None:
        with self._lock:
            listeners = tuple(self._listeners)
        for listener in listeners:
            listener()

    def on_change(self, listener: Callable[[], None]) -> None:
        """Calls *listener*, on any thread, whenever a snapshot would differ."""
        with self._lock:
            self._listeners.append(listener)

    def _prepare(self, messages: tuple[Message, ...]) -> None:
        self._preview.prepare(messages)

    @abstractmethod
    def stop(self) -> None:
        """Stops what streams."""

    @abstractmethod
    def choose_provider(self, name: str, model: str | None = None, *, keep: bool = True) -> None:
        """Switches provider. Raises ValueError for an unknown name."""
