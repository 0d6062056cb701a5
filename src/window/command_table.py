"""Sloppy's commands. Everything that the program does has a name here."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from src.commands import Command
from src.window import discussion_commands, message_commands, secret_commands
from src.window.message_commands import settle

if TYPE_CHECKING:
    from src.app_controller import AppController
    from src.window.protocol import Window

PANEL_KEYS = 9
MAX_CHANGES = 9  # of an edit that have keys
TITLE = 40


def fixed(controller: AppController, window: Window) -> tuple[Command, ...]:
    """The commands that always exist, in the order of the menus."""
    return (
        *discussion_commands.project(controller, window),
        *discussion_commands.discussion(controller, window),
        *message_commands.messages(controller, window),
        *message_commands.turns(controller, window),
        *_approvals(controller, window),
        *_requests(controller, window),
        *_changes(controller, window),
        *_view(controller, window),
        *_models(controller),
        *_themes(window),
        *_panels(window),
    )


def varying(controller: AppController, window: Window) -> tuple[Command, ...]:
    """The commands that come and go: one for each provider and model, discussion, project and preset."""
    return (
        *_providers(controller),
        *(
            Command(f"discussion.open.{one.name}", _short(one.title or one.name), "Discussion/Open",
                    partial(controller.discussion.open, one.name))
            for one in controller.discussion.snapshot().known[:20]
        ),
        *(
            Command(f"project.open.{path}", _short(path, keep_end=True), "Project/Open",
                    partial(controller.project.open, path))
            for path in controller.settings.snapshot().recent_projects
        ),
        *discussion_commands.presets(controller, window),
        *secret_commands.of(controller, window),
        *_servers(controller, window),
    )  # fmt: skip


def _requests(controller: AppController, window: Window) -> tuple[Command, ...]:
    """The commands about requests; what each does is a function of `request_commands`."""
    act, why = _later(_request_commands, controller, window)
    return (
        Command("message.leave_out", "Leave out, or send again", "Turn",
                act(lambda it: it.mark_whole, "out"), "Ctrl+Shift+L", why(lambda it: it.cannot_mark)),
        Command("message.shorten", "Shorten, or send whole", "Turn",
                act(lambda it: it.shorten_turn), "Ctrl+Shift+S", why(lambda it: it.nothing_to_shorten)),
        Command("message.pin", "Pin against compacting, or unpin", "Turn",
                act(lambda it: it.mark_whole, "pin"), "", why(lambda it: it.cannot_mark)),
        Command("discussion.compact", "Compact what is old...", "Discussion",
                act(lambda it: it.compact_old), "", why(lambda it: it.nothing_old)),
        Command("discussion.send_all", "Send everything again", "Discussion",
                act(lambda it: it.send_all), "", why(lambda it: it.nothing_marked)),
        Command("compare.toggle", "Compare the chosen model, or no longer", "Model",
                act(lambda it: it.toggle_compared), "Ctrl+Shift+M"),
        Command("compare.settings", "Compare the chosen model with other settings...", "Model",
                act(lambda it: it.compare_settings)),
        Command("models.window", "Set the window of the model (num_ctx)...", "Model",
                act(lambda it: it.set_window), "", why(lambda it: it.no_window)),
        Command("compare.ask", "Ask all models of the comparison", "Message",
                act(lambda it: it.ask_compared, settle), "Ctrl+Shift+Enter", why(lambda it: it.too_few)),
        Command("composer.template", "Use a template...", "Message", act(lambda it: it.use_template), "Ctrl+Shift+T"),
        Command("composer.schema", "Answer by a JSON Schema...", "Message",
                act(lambda it: it.choose_schema), "Ctrl+Shift+J"),
        Command("composer.no_schema", "Answer in words again", "Message",
                act(lambda it: it.use_words), "", why(lambda it: it.no_schema)),
        Command("approval.always", "Always allow such commands, or this tool...", "Message/Approvals",
                act(lambda it: it.allow_always), "", why(lambda it: it.no_command)),
        *(Command(f"approval.change_{number}", f"Make change {number} of the edit, or not", "Message/Approvals",
                  act(lambda it: it.toggle_change, number), f"Alt+{number}", why(lambda it: it.no_change, number))
          for number in range(1, MAX_CHANGES + 1)),
    )  # fmt: skip


def _changes(controller: AppController, window: Window) -> tuple[Command, ...]:
    """The commands about what changed since the last commit; what each does is a function of `git_commands`."""
    act, why = _later(_git_commands, controller, window)
    return (
        Command("changes.choose", "Send the changed files", "Project",
                act(lambda it: it.choose), "", why(lambda it: it.nothing_changed)),
        Command("changes.attach", "Attach what changed since the last commit", "Message",
                act(lambda it: it.attach), "Ctrl+Shift+D", why(lambda it: it.nothing_changed)),
        Command("changes.commit", "Commit the accepted edits...", "Project",
                act(lambda it: it.commit, False), "Ctrl+Shift+G", why(lambda it: it.nothing_to_commit)),
        Command("changes.commit_hooked", "Commit them with the repository's hooks...", "Project",
                act(lambda it: it.commit, True), "", why(lambda it: it.nothing_to_commit)),
    )  # fmt: skip


def _later(load: Callable[[], Any], controller: AppController, window: Window) -> tuple[Any, Any]:
    """What does a command, and what says why not: functions of the module that *load* gives when they are needed."""

    def act(find: Callable[[Any], Callable[..., Any]], *more: Any) -> Callable[[], Any]:
        return lambda: find(load())(controller, window, *more)

    def why(find: Callable[[Any], Callable[..., Any]], *more: Any) -> Callable[[], str]:
        return lambda: str(act(find, *more)())

    return act, why


def _git_commands() -> Any:
    from src.window import git_commands  # as `_request_commands`

    return git_commands


def _request_commands() -> Any:
    from src.window import request_commands  # when one of them is asked for; no start pays for it

    return request_commands


def _servers(controller: AppController, window: Window) -> tuple[Command, ...]:
    if not controller.server_states():
        return ()
    from src.window import server_commands  # when a project names one

    return server_commands.of(controller, window)


def _approvals(controller: AppController, window: Window) -> tuple[Command, ...]:
    approvals, edits = controller.approvals, controller.edits

    def none() -> str:
        return "" if approvals.snapshot() else "nothing waits for you"

    def none_made() -> str:
        return "" if edits.snapshot() else "no edit was made"

    def answer(act: Callable[[int], object]) -> Callable[[], object]:
        return lambda: [act(one.id) for one in approvals.snapshot()[:1]]

    return (
        Command("approval.approve", "Approve what waits", "Message/Approvals",
                answer(approvals.approve), "Ctrl+Shift+Y", lambda: none() or window.unseen()),
        Command("approval.deny", "Deny what waits", "Message/Approvals", answer(approvals.deny), "Ctrl+Shift+N", none),
        Command("approval.undo", "Take the last edit back", "Message/Approvals",
                lambda: [edits.undo(one.id) for one in edits.snapshot()[-1:]], "", none_made),
    )  # fmt: skip


def _view(controller: AppController, window: Window) -> tuple[Command, ...]:
    def toggle_motion() -> None:
        controller.settings.change(reduced_motion=not controller.settings.snapshot().reduced_motion)

    def dismiss_all() -> None:
        for toast in controller.toasts.snapshot():
            controller.toasts.dismiss(toast.number)

    def nothing_failed() -> str:
        return "" if controller.warmup_status().failed else "every module is ready or on its way"

    def retry() -> None:
        for name, _ in controller.warmup_status().failed:
            controller.retry_warmup(name)

    return (
        Command("view.palette", "Command palette", "View", window.open_palette, "Ctrl+Shift+P"),
        Command("settings.keys", "Keys of providers", "View/Settings", partial(window.show_settings, "Keys")),
        Command(
            "presets.edit", "Presets and protected files", "View/Settings", partial(window.show_settings, "Presets")
        ),
        Command(
            "settings.looks",
            "Looks",
            "View/Settings",
            partial(window.show_settings, "Looks"),
        ),
        Command(
            "settings.requests",
            "Caps and counts of requests",
            "View/Settings",
            partial(window.show_settings, "Requests"),
        ),
        Command("settings.prices", "Prices", "View/Settings", partial(window.show_settings, "Prices")),
        Command("settings.endpoints", "Servers of models", "View/Settings", partial(window.show_settings, "Endpoints")),
        Command("settings.shortcuts", "Shortcuts", "View/Settings", partial(window.show_settings, "Shortcuts")),
        Command("settings.fonts", "Fonts of other scripts", "View/Settings", partial(window.show_settings, "Fonts")),
        Command("view.larger", "Larger text", "View", partial(window.scale_font, 1.1), "Ctrl+="),
        Command("view.smaller", "Smaller text", "View", partial(window.scale_font, 1 / 1.1), "Ctrl+-"),
        Command("view.normal", "Text in its own size", "View", partial(window.scale_font, 0.0), "Ctrl+0"),
        Command("view.motion", "Less motion, or all of it", "View", toggle_motion),
        Command("view.dismiss", "Dismiss all notices", "View", dismiss_all, "Ctrl+Shift+X"),
        Command("view.retry", "Retry the modules that failed", "View", retry, "", nothing_failed),
        Command(
            "spending.export",
            "Export what was spent...",
            "View",
            _later(_request_commands, controller, window)[0](lambda it: it.export_spending),
        ),
        Command("view.reset_layout", "Put the panels back", "View", window.reset_layout),
        Command("view.quit", "Quit", "View", window.quit, "Ctrl+Q"),
    )


def _models(controller: AppController) -> tuple[Command, ...]:
    def fetch() -> None:
        controller.refresh_models(controller.composer.snapshot().provider)

    return (
        Command("models.fetch", "Fetch the provider's list of models", "Model", fetch),
        Command("models.detect", "Look for Ollama and LM Studio here", "Model", controller.find_local_servers),
    )


def _themes(window: Window) -> tuple[Command, ...]:
    def show(name: str) -> Callable[[], None]:
        return partial(window.preview_theme, name)

    return tuple(
        Command(
            f"theme.{one.name}", one.title, "View/Theme", partial(window.use_theme, one.name), preview=show(one.name)
        )
        for one in window.themes
    )


def _panels(window: Window) -> tuple[Command, ...]:
    return tuple(
        Command(
            f"panel.{title.lower()}",
            f"Go to {title}",
            "View/Panels",
            partial(window.show_panel, title),
            f"Ctrl+{number}" if number <= PANEL_KEYS else "",
        )
        for number, title in enumerate(window.panels, 1)
    )


def _providers(controller: AppController) -> tuple[Command, ...]:
    found = []
    for one in controller.providers.all():
        choose = partial(controller.choose_provider, one.name)
        found.append(Command(f"provider.{one.name}", one.title, "Model/Provider", choose))
    now = controller.composer.snapshot()
    for model in controller.providers.models_of(now.provider).models:
        choose = partial(controller.choose_provider, now.provider, model.id)
        found.append(Command(f"model.{model.id}", model.id, "Model/Model", choose))
    return tuple(found)


def _short(text: str, *, keep_end: bool = False) -> str:
    if len(text) <= TITLE:
        return text
    return f"...{text[-TITLE:]}" if keep_end else f"{text[:TITLE]}..."
