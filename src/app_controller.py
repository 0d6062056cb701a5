"""The running Sloppy: what a window, a terminal or a test asks of it. Its parts are in `host/parts`. No imgui, no SDK.

Guarantees
- State is read as frozen snapshots, from any thread; each part guards its own. `_lock` guards the fields here.
- No method blocks but `wait_for_warmup` and `close`; what needs a module that is not warm yet runs when it is.
- Everything in the background runs on `_io_pool`: the warmup's jobs, the loop of the replies, the hooks, the disk.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from importguard.warmup import (
    NotWarmedError,
    WarmupFailedError,
    WarmupManifest,
    WarmupStatus,
    install,
)
from src.chat import ModelReply, ModelRequest
from src.discussion.tree import Turn
from src.host.parts import Parts
from src.host.user_folders import rescue
from src.models.errors import ProviderError
from src.models.prices import Caps, PriceTable, Spent
from src.privacy.keys import KeyStore
from src.request import build
from src.request.preview import RequestPreview
from src.startup_profiler import StartupProfiler
from src.startup_profiler import profiler as process_profiler
from src.storage.places import Places
from src.turn.sending import SendResult
from src.value import Value
from src.work.io_pool import PoolStatus

if TYPE_CHECKING:
    import socket
    from concurrent.futures import Future

    from src.mcp_servers.states import ServerState
    from src.privacy.hidden_texts import Hidden
    from src.request.cache_result import CacheResult
    from src.request.composer import Attachment
    from src.request.sent_files import SentNow
    from src.structured.fit import Fit


class AppState(Value):
    """What every frame shows. `reply` streams; `waiting` until it begins; `error` says how the last reply failed.

    `over_cap`: because of a cap it did not go out. `asked` grows with each answer that is asked for.
    """

    provider: str
    model: str
    reply: ModelReply | None
    waiting: bool
    error: str
    spent: Spent
    over_cap: bool = False
    asked: int = 0


class AppController(Parts):
    """One running Sloppy. *places* and *keys* replace the user's own folders and keys, for tests and other programs."""

    def __init__(
        self,
        manifest: WarmupManifest | None = None,
        profiler: StartupProfiler = process_profiler,
        *,
        start: bool = True,
        places: Places | None = None,
        keys: KeyStore | None = None,
    ) -> None:
        super().__init__(manifest, profiler, places=places, keys=keys)
        profiler.mark("controller")
        if start:
            self.start_warmup()

    def start_warmup(self) -> None:
        """Begins the warmup; a second call does nothing. The window calls it after its first frame."""
        self._warming.start(self._before_warmup)

    def warmup_status(self) -> WarmupStatus:
        """What is pending, running, completed and failed now; `jobs` says all of each."""
        return self._warming.warmup.status()

    def wait_for_warmup(self, timeout: float | None = None) -> bool:
        """Waits up to *timeout* seconds; True when every job has ended. For tests and clients, never for the GUI."""
        return self._warming.wait(timeout)

    def wait_until_set_up(self, timeout: float | None = None) -> bool:
        """Waits up to *timeout* seconds for settings, keys and discussions to be read; never for the GUI."""
        return self._folders.wait(timeout)

    def on_warmup_complete(self, callback: Callable[[WarmupStatus], None]) -> None:
        """Calls *callback* when the warmup ends, or at once when it has."""
        self._warming.warmup.on_complete(callback)

    def retry_warmup(self, name: str) -> None:
        """Imports the failed module *name* again; one that still hangs gets another deadline."""
        self._warming.retry(name)

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
            replies.over_cap,
            replies.asked,
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
        from src.request.sent_files import SentFiles

        with self._lock:
            if self._sent_files is None:
                self._sent_files = SentFiles(self._background, self._notify, self.discussion, self.project)
            sent = self._sent_files
        return sent.of(turn_id)

    def cache_result(self, turn: Turn) -> CacheResult | None:
        """What the provider's cache did for the answer; None when it said nothing about it."""
        from src.request.cache_result import cache_result  # no answer, no result

        memory = self._cache_memory
        expected = memory.expected(self.discussion.snapshot().name, turn.id) if memory is not None else None
        return cache_result(turn, self.prices().price(turn.message.provider, turn.message.model), expected)

    def sent_tokens(self, turn: Turn) -> int:
        """About how many tokens went to a server of the user's for the answer; 0 for a provider, or in another run."""
        if turn.usage is None or turn.message.provider not in {one.name for one in self._endpoints}:
            return 0
        memory = self._cache_memory
        return memory.sent_for(self.discussion.snapshot().name, turn.id) if memory is not None else 0

    def front_lost(self, turn: Turn) -> str:
        """The sentence that the server dropped the front of the request for the answer; empty when it did not."""
        sent, provider = self.sent_tokens(turn), turn.message.provider
        if not sent or turn.usage is None:
            return ""
        from src.request.front import was_dropped

        return was_dropped(sent, turn.usage.input_tokens, self.window_tokens(provider, turn.message.model))

    def fit_of(self, turn: Turn) -> Fit | None:
        """How the answer *turn* fits the schema that it was to follow; None until it is known."""
        from src.structured.checked import Checked

        with self._lock:
            if self._checked is None:
                self._checked = Checked(self._background, self._notify)
            checked = self._checked
        return checked.of(turn.message.text, turn.schema)

    @property
    def templates_folder(self) -> str:
        """Where the templates of messages are; empty until it is known."""
        return self._folders.templates

    def use_preset(self, text: str) -> None:
        """Takes *text* as the system text of this run, whatever the project has chosen."""
        self._outgoing.use_preset(text)

    def use_settings(self, settings: str) -> None:
        """What *settings* say (`temperature=0.2,thinking=high`) goes over the model's own in this run."""
        self._outgoing.use_settings(settings)

    def waits_for_prices(self) -> bool:
        """The published prices are still being read."""
        module = "src.models.market"
        return self._warming.warms(module) and not (self._background.is_warm((module,)) or self.wait_for_warmup(0))

    def caps(self) -> Caps:
        """What the user allows to be spent, and what was."""
        return self._outgoing.caps()

    def prices(self) -> PriceTable:
        """The prices known, the user's own over the published ones."""
        return self._outgoing.prices()

    def window_tokens(self, provider: str, model: str) -> int | None:
        """How many tokens the model takes; None when unknown."""
        return self._outgoing.window_tokens(provider, model)

    def hidden_texts(self) -> tuple[Hidden, ...]:
        """What `hidden` holds; asked for in each frame, so it loads nothing as long as no tool has answered."""
        with self._lock:
            hidden = self._hidden
        return hidden.snapshot() if hidden is not None else ()

    def allow_command(self, rule: tuple[str, ...]) -> Future[None]:
        """Commands that begin with *rule* run without a question in this project. Raises ValueError saying why not.

        The future tells when that is kept.
        """
        self.allowed_commands.add(self._outgoing.project_path(), rule)
        return self._background.submit(self.allowed_commands.save)

    def revoke_command(self, rule: tuple[str, ...]) -> None:
        """Commands that begin with *rule* ask again."""
        self.allowed_commands.remove(self._outgoing.project_path(), rule)
        self._background.submit(self.allowed_commands.save)

    def rules(self) -> tuple[tuple[str, ...], ...]:
        """The leading arguments of the commands that run without a question in the open project."""
        return self.allowed_commands.of(self._outgoing.project_path())

    def server_states(self) -> tuple[ServerState, ...]:
        """The MCP servers of the open project; asked for in each frame, so it loads nothing without one."""
        servers = self._outgoing.servers
        return servers.snapshot() if servers is not None else ()

    def put_offer(self, server: str, kind: str, key: str, filled: dict[str, str]) -> Future[Attachment]:
        """Puts a resource or a prompt of a server into the message. Raises ValueError; so does the future."""
        from src.request import offered  # with the first server

        return offered.put(self.composer, self.servers.fetch(server, kind, key, filled), self._tell)

    def missing_tools(self) -> tuple[str, ...]:
        """Tools of servers that are switched on in the discussion and do not go out now."""
        servers = self._outgoing.servers
        return servers.missing(self.discussion.snapshot().tools) if servers is not None else ()

    def choose_provider(self, name: str, model: str | None = None, *, keep: bool = True) -> None:
        """Switches provider at once; with *keep* for the next start too. Raises ValueError for an unknown name."""
        provider = self.providers.find(name)
        self._warming.warmup.promote(provider.module)
        chosen = model or provider.models[0].id
        self.composer.set_model(name, chosen)
        if provider.endpoint is not None:  # its models may be loaded with another window by now
            self._background.run_on_loop(self._look_again(name))
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
        """Stops the reply that streams, or all answers of a comparison; what has arrived stays."""
        self._replies.stop()
        if self._comparison is not None:
            self._comparison.stop()

    def refresh_models(self, name: str) -> None:
        """Fetches the list that `providers.models_of` answers with, in the background; a toast tells how it went."""
        self._background.run_on_loop(self._fetch_models(name))

    def open_last_discussion(self) -> None:
        """Opens the discussion that was open before this one, or else the one that changed last."""
        if name := self.discussion.before():
            self.discussion.open(name)
        else:
            self.toasts.add("There is no other discussion yet.")

    def start_hook_server(self, port: int, token: str) -> socket.socket:
        """Listens on 127.0.0.1:*port* now and answers once FastAPI is warm; the socket. Raises OSError."""
        return self._hooks.start(self, port, token)

    def startup_profile(self) -> dict[str, float]:
        """Named moments in milliseconds since the process began."""
        return self.profiler.marks()

    def io_pool_status(self) -> PoolStatus:
        """The pool's counters."""
        return self._io_pool.status()

    def close(self, timeout: float = 2.0) -> bool:
        """Stops replies, server and warmup, writes what waits; True when every worker ended in *timeout* seconds."""
        self._warming.warmup.close()
        self.errands.end()
        if self._changed is not None:
            self._changed.end()
        self.stop()
        self._hooks.stop()
        self._turn_loop.stop()
        self._io_pool.close()
        ended = self._io_pool.join(timeout)
        ended = self._turn_loop.join(timeout) and ended
        saved = {
            "The settings": self.settings.flush(),
            "The project file": self.project.end(),
            "What you have written and not sent": self.last_place.flush(),
            "The discussion": self.discussion.close(),
            "What the last requests cost": self._ledger is None or self._ledger.flush(),
        }
        self.unsaved = tuple(f"{what} could not be written." for what, is_saved in saved.items() if not is_saved)
        if not saved["The discussion"]:
            self.unsaved += tuple(map(rescue, self.discussion.unwritten()))
        logging.getLogger().removeHandler(self.log)
        install(None)
        return ended

    def find_local_servers(self) -> None:
        """Looks for Ollama and LM Studio on this machine, in the background; those that run become endpoints."""
        self._background.run_on_loop(self._find_local_servers())

    async def _find_local_servers(self) -> None:
        try:
            found = await self.providers.find_local_servers()
        except (NotWarmedError, WarmupFailedError) as error:
            self._tell(str(error), "error")
            return
        if not found:
            self._tell("No other server of models answers on this machine (Ollama: 11434, LM Studio: 1234).", "info")
            return
        self.settings.change(endpoints=(*self.settings.snapshot().endpoints, *found))
        self._tell(f"Found {', '.join(one.title for one in found)}; choose it below as the provider.", "success")
        for one in found:
            await self._fetch_models(one.name)

    async def _look_again(self, name: str) -> None:
        """Asks an endpoint how much its models take now; says nothing when it does not answer."""
        with contextlib.suppress(NotWarmedError, WarmupFailedError, ProviderError, ValueError, OSError):
            await self.providers.list_models(name, self._folders.cache)
            self._notify()

    async def _fetch_models(self, name: str) -> None:
        try:
            found = await self.providers.list_models(name, self._folders.cache)
        except (NotWarmedError, WarmupFailedError, ProviderError, ValueError, OSError) as error:
            self._tell(f"The models of {name} cannot be listed: {error}", "error")
            return
        self._tell(f"{name} has {len(found.models)} models.", "success")
