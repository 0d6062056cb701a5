"""What the next request is made of, gathered from the project, the discussion, the composer and the settings.

Nothing is kept here but the price table: each call looks at the snapshots as they are then, from any thread.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING

from importguard.warmup import NotWarmedError, WarmupFailedError
from importguard.warmup import require_warmed as _require_warmed
from src.ai_client import Providers
from src.chat import DEFAULT_OPTIONS, Message, ModelOptions, ToolSpec
from src.discussion.live import LiveDiscussion
from src.models.estimate import DEFAULT_ANSWER, UNKNOWN_ANSWER
from src.models.patience import Patience
from src.models.prices import UNLISTED, Caps, Listed, Money, PriceTable, Sums, unlisted
from src.models.providers import FREE
from src.project.scan import ContextFile
from src.project_manager import ProjectManager
from src.request.build import Material
from src.request.composer import Composer
from src.storage.settings import LiveSettings, key_of
from src.tools.outcome import Workspace

if TYPE_CHECKING:
    from src.mcp_servers.servers import McpServers
    from src.spending.entries import Order
    from src.spending.ledger import Ledger


class Outgoing:
    """The five parts that a request is made from."""

    def __init__(
        self,
        settings: LiveSettings,
        providers: Providers,
        project: ProjectManager,
        discussion: LiveDiscussion,
        composer: Composer,
        *,
        ledger: Callable[[], Ledger | None],
    ) -> None:
        self._settings = settings
        self._providers = providers
        self._project = project
        self._discussion = discussion
        self._composer = composer
        self._ledger = ledger
        self.servers: McpServers | None = None  # of the open project, once one has named some
        self._prices = PriceTable(free=FREE)
        self._preset: str | None = None
        self._over = ""
        self._listed = self._published

    def material(self) -> Material:
        """The next request as far as it is known without the disk."""
        return self._collect(self._project.known_files(), self._composer.draft())

    def fresh_material(self) -> Material:
        """What goes out now: the files as they are, and what was typed is a turn by now. On the pool."""
        return self._collect(self._project.sent_files(), None)

    def use_preset(self, text: str) -> None:
        """*text* is the system text from now on, whatever the project has chosen; nothing is written."""
        self._preset = text

    def use_settings(self, settings: str) -> None:
        """What *settings* say of a model (`src.models.variant`) goes over its own from now on; nothing is written."""
        self._over = settings

    def fresh_material_for(self, provider: str, model: str, settings: str = "") -> Material:
        """As `fresh_material` for another model, with its own options and without tools. On the pool.

        *settings* go over its options. Raises ValueError for some that cannot be.
        """
        stored = self._settings.snapshot().model_options.get(key_of(provider, model), DEFAULT_OPTIONS)
        options = _over(stored, settings)
        return self.fresh_material()._replace(provider=provider, model=model, options=options, tools=())

    def caps(self) -> Caps:
        """What the user allows, and what was spent."""
        settings, discussion, ledger = self._settings.snapshot(), self._discussion.snapshot(), self._ledger()
        return Caps(
            settings.token_cap,
            settings.money_cap_usd,
            discussion.cost,
            settings.request_cap_usd,
            settings.project_cap_usd,
            settings.day_cap_usd,
            ledger.sums(discussion.name, self.project_path()) if ledger is not None else Sums(),
        )

    def order(self, material: Material, highest: Money | None, what: str) -> Order:
        """The line of the ledger for *material*, which costs *highest* at most."""
        from src.spending.entries import Order  # with the first request

        name, project = self._discussion.snapshot().name, self.project_path()
        return Order(material.provider, material.model, name, project, what, highest)

    def longest_answer(self, material: Material) -> int:
        """How many tokens the answer can have at most."""
        if material.options.max_tokens:
            return material.options.max_tokens
        if material.provider == "anthropic":
            return DEFAULT_ANSWER
        try:
            models = self._providers.models_of(material.provider).models
        except ValueError:
            models = ()
        return next((one.output_tokens for one in models if one.id == material.model), 0) or UNKNOWN_ANSWER

    def drops(self, material: Material, total: int) -> str:
        """The sentence that says that a server on this machine would drop the front of *total* tokens."""
        try:
            endpoint = self._providers.find(material.provider).endpoint
        except ValueError:
            return ""
        if endpoint is None:
            return ""
        from src.request.front import will_drop  # with the first endpoint

        window = self.window_tokens(material.provider, material.model, material.options.num_ctx)
        return will_drop(total, window, material.options.max_tokens)

    def project_path(self) -> str:
        """The file of the open project; empty without one."""
        project = self._project.snapshot().project
        return project.path if project is not None else ""

    def patience(self) -> Patience:
        """How long a reply is waited for."""
        return Patience(idle_timeout_s=self._settings.snapshot().idle_timeout_s)

    def prices(self) -> PriceTable:
        """The prices known now, the user's own over the published ones; the same table until one of them changes."""
        own, listed = self._settings.snapshot().prices, self._listed if _is_market_ready() else unlisted
        if self._prices.own is not own or self._prices.listed is not listed:
            self._prices = PriceTable(own, listed, FREE)
        return self._prices

    def window_tokens(self, provider: str, model: str, num_ctx: int | None = None) -> int | None:
        """How many tokens the model takes, with *num_ctx* or what is set for it; None when unknown."""
        try:
            models = self._providers.models_of(provider).models
        except ValueError:
            models = ()
        found = next((one for one in models if one.id == model), None)
        listed = found.window_tokens if found is not None else 0
        stored = self._settings.snapshot().model_options.get(key_of(provider, model), DEFAULT_OPTIONS)
        chosen = num_ctx or stored.num_ctx
        if chosen and found is not None and found.largest_window:
            return min(chosen, found.largest_window)
        return listed or self.prices().window(provider, model)

    def workspace(self) -> Workspace | None:
        """Where tools may work; None without a project."""
        project = self._project.snapshot().project
        if project is None:
            return None
        kept = frozenset(os.path.realpath(os.path.join(project.folder, path)) for path in project.read_only)
        return Workspace(project.roots, kept, project.not_secret)

    def _collect(self, files: tuple[tuple[ContextFile, str], ...], draft: Message | None) -> Material:
        composer, project = self._composer.snapshot(), self._project.snapshot().project
        system = self._preset if self._preset is not None else project.system if project is not None else ""
        messages, thinking = self._discussion.messages(), self._settings.snapshot().thinking
        not_secret = project.not_secret if project is not None else frozenset()
        options = self._settings.snapshot().model_options.get(
            key_of(composer.provider, composer.model), DEFAULT_OPTIONS
        )
        return Material(
            composer.provider,
            composer.model,
            system,
            files,
            messages,
            draft,
            self._tool_specs(),
            thinking,
            not_secret,
            _over(options, self._over),
            self._settings.snapshot().cache_marks,
            composer.schema,
        )

    def _published(self, provider: str, model: str) -> Listed:
        try:
            endpoint = self._providers.find(provider).endpoint
        except ValueError:  # it was taken out of the settings
            return UNLISTED
        address = endpoint.base_url if endpoint is not None else ""
        listed: Listed = _require_warmed("src.models.market").find(provider, address, model)
        return listed

    def _tool_specs(self) -> tuple[ToolSpec, ...]:
        names = self._discussion.snapshot().tools
        if not names:
            return ()
        from src.tools import catalog  # eight modules that no start without tools pays for

        foreign = self.servers.specs(names) if self.servers is not None else ()
        return (*(spec for spec in catalog.SPECS if spec.name in names), *foreign)


def _over(options: ModelOptions, settings: str) -> ModelOptions:
    """*options* with what *settings* says over them. Raises ValueError."""
    if not settings:
        return options
    from src.models.variant import options_with  # the window starts without

    return options_with(options, settings)


def _is_market_ready() -> bool:
    try:
        _require_warmed("src.models.market")
    except (NotWarmedError, WarmupFailedError):  # without it prices are unknown, and the status bar says what failed
        return False
    return True
