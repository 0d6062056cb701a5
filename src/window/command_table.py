"""Sloppy's commands. Everything that the program does has a name here."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from src.commands import Command
from src.discussion.text import plain_text, typed_text
from src.discussion.tree import is_cut
from src.window import secret_commands
from src.window.questions import Pick, Question

if TYPE_CHECKING:
    from concurrent.futures import Future

    from src.app_controller import AppController
    from src.discussion.text import Style
    from src.discussion.tree import Turn
    from src.log_pruner import Candidate
    from src.turn.sending import SendResult
    from src.window.protocol import Window

PANEL_KEYS = 9
MAX_CHANGES = 9  # of an edit that have keys
TITLE = 40
HINT = "~/project"
GO_ON = "Go on exactly where you stopped."


def fixed(controller: AppController, window: Window) -> tuple[Command, ...]:
    """The commands that always exist, in the order of the menus."""
    return (
        *_project(controller, window),
        *_discussion(controller, window),
        *_message(controller, window),
        *_turn(controller, window),
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
        *_presets(controller, window),
        *secret_commands.of(controller, window),
        *_servers(controller, window),
    )  # fmt: skip


def send(controller: AppController, window: Window, *, confirmed: bool = False) -> None:
    """Sends what is typed; asks when it goes over a cap."""
    result = controller.send(confirmed=confirmed)
    window.turns.chosen = 0
    window.focus_composer()
    settle(window, result, lambda: send(controller, window, confirmed=True))


def settle(window: Window, result: SendResult, again: Callable[[], object]) -> None:
    """Shows what came of sending; *again* sends after all, over a cap or with a secret in it."""
    if result.kind == "confirm":
        window.ask(Question("Send it anyway?", result.reason, "Send anyway", lambda _: again(), is_grave=True))
    elif result.kind == "refused":
        window.tell(result.reason)


def _project(controller: AppController, window: Window) -> tuple[Command, ...]:
    project = controller.project

    def recent() -> tuple[str, ...]:
        return controller.settings.snapshot().recent_projects[:8]

    def ask(title: str, confirm: str, act: Callable[[str], object], choices: tuple[str, ...] = ()) -> None:
        body = "The folder, or the project file in it:" if choices or confirm == "Open" else "The folder:"
        question = Question(title, body, confirm, lambda path: act(_path(path)), "", HINT, choices=choices)
        window.pick(Pick("folder", question, act))

    def none_open() -> str:
        return "" if project.snapshot().project is not None else "no project is open"

    return (
        Command("project.open", "Open a project...", "Project",
                lambda: ask("Open a project", "Open", window.open_project, recent()), "Ctrl+O"),
        Command("project.create", "Make a folder a project...", "Project",
                lambda: ask("Make a folder a project", "Make it one", project.create)),
        Command("project.rescan", "Look at the folders again", "Project", project.rescan, "F5", none_open),
        Command("project.close", "Close the project", "Project", project.close, "", none_open),
    )  # fmt: skip


def _discussion(controller: AppController, window: Window) -> tuple[Command, ...]:
    discussion = controller.discussion

    def empty() -> str:
        return "" if discussion.snapshot().turns else "the discussion has no turns yet"

    def ask_where(style: Style) -> None:
        suffix = ".md" if style == "markdown" else ".json"
        words = "".join(letter if letter.isalnum() else " " for letter in discussion.snapshot().title).split()
        name = f"{'-'.join(words) or discussion.snapshot().name}{suffix}"
        start = os.path.join(os.path.expanduser("~"), name)
        save = lambda path: controller.errands.write(_path(path), discussion.export(style))  # noqa: E731
        question = Question("Export the discussion", "Write it to this file:", "Write", save, start)
        window.pick(Pick("save", question, save, start))

    def none_deleted() -> str:
        return "" if controller.library.snapshot().deleted else "nothing was deleted"

    def rename() -> None:
        now = discussion.snapshot()
        take = partial(controller.library.rename, now.name)
        window.ask(Question("Rename the discussion", "", "Rename", take, now.title))

    def pin() -> None:
        now = discussion.snapshot()
        is_pinned = any(one.pinned for one in now.known if one.name == now.name)
        controller.library.pin(now.name, not is_pinned)

    def pack() -> None:
        def show(planned: Future[tuple[Candidate, ...]]) -> None:
            rows = planned.result()
            if not rows:
                controller.toasts.add("No discussion is older than 90 days, and all of them fit into 1 GB.")
                return
            size = sum(one.size for one in rows) / 1_000_000
            body = f"{len(rows):,} discussions, {size:,.1f} MB, are old or too much. They are packed into archive/."
            window.ask(
                Question("Pack old discussions away?", body, "Pack them", lambda _: controller.archive.pack(rows))
            )

        controller.archive.plan().add_done_callback(show)

    def cannot_undo() -> str:
        return "" if discussion.snapshot().can_undo else "there is nothing to undo"

    def cannot_redo() -> str:
        return "" if discussion.snapshot().can_redo else "there is nothing to redo"

    return (
        Command("discussion.new", "New discussion", "Discussion", discussion.new, "Ctrl+N"),
        Command("discussion.open_last", "Open the discussion before", "Discussion", controller.open_last_discussion),
        Command("discussion.library", "All discussions", "Discussion", partial(window.show_panel, "Discussions")),
        Command("discussion.rename", "Rename...", "Discussion", rename, "", empty),
        Command("discussion.pin", "Pin, or unpin", "Discussion", pin, "", empty),
        Command("discussion.delete", "Delete", "Discussion",
                lambda: controller.library.delete(discussion.snapshot().name), "", empty),
        Command("discussion.restore", "Undo the deletion", "Discussion",
                lambda: controller.library.restore(),  # noqa: PLW0108  the first frame makes no library
                "", none_deleted),
        Command("discussion.pack", "Pack old discussions away...", "Discussion", pack),
        Command("discussion.search", "Search", "Discussion", window.toggle_search, "Ctrl+F"),
        Command("discussion.undo", "Undo the last change", "Discussion",
                partial(window.attempt, discussion.undo), "Ctrl+Z", cannot_undo),
        Command("discussion.redo", "Redo", "Discussion",
                partial(window.attempt, discussion.redo), "Ctrl+Shift+Z", cannot_redo),
        Command("discussion.copy", "Copy as Markdown", "Discussion",
                lambda: window.copy(discussion.export("markdown")), "", empty),
        Command("discussion.export_markdown", "Export as Markdown...", "Discussion",
                partial(ask_where, "markdown"), "", empty),
        Command("discussion.export_json", "Export as JSON...", "Discussion", partial(ask_where, "json"), "", empty),
    )  # fmt: skip


def _message(controller: AppController, window: Window) -> tuple[Command, ...]:
    def busy() -> bool:
        state = controller.snapshot()
        return state.reply is not None or state.waiting

    def cannot_send() -> str:
        if busy():
            return "a reply is on its way; stop it first"
        typed = controller.composer.snapshot()
        return "" if typed.text.strip() or typed.attachments else "nothing is written yet"

    def cannot_stop() -> str:
        return "" if busy() else "no reply is on its way"

    def empty() -> str:
        return "" if controller.preview().sendable else "there is nothing to count yet"

    def cannot_go_on() -> str:
        turns = controller.discussion.snapshot().turns
        if busy():
            return "a reply is on its way; stop it first"
        return "" if turns and is_cut(turns[-1]) else "the last answer is whole"

    def go_on(*, confirmed: bool = False) -> None:
        settle(window, controller.send(GO_ON, confirmed=confirmed), partial(go_on, confirmed=True))

    def attach() -> None:
        take = lambda path: window.attempt(lambda: controller.composer.attach(_path(path)))  # noqa: E731
        question = Question("Attach a file", "An image or a text:", "Attach", take, "", "~/picture.png")
        window.pick(Pick("file", question, take))

    return (
        Command("message.send", "Send", "Message", lambda: send(controller, window), "Ctrl+Enter", cannot_send),
        Command("message.stop", "Stop the reply", "Message", controller.stop, "Escape", cannot_stop),
        Command("message.write", "Write", "Message", window.focus_composer, "Ctrl+L"),
        Command("composer.attach", "Attach a file...", "Message", attach, "Ctrl+Shift+O"),
        Command("composer.paste", "Paste a picture", "Message", controller.errands.paste_picture, "Ctrl+Shift+B"),
        Command("message.continue", "Let it go on", "Message", go_on, "", cannot_go_on),
        Command("request.count", "Count the request at the provider", "Message", controller.count_request, "", empty),
        Command("request.copy", "Copy the request as JSON", "Message",
                lambda: window.attempt(lambda: window.copy(controller.providers.serialise(controller.next_request())))),
    )  # fmt: skip


def _turn(controller: AppController, window: Window) -> tuple[Command, ...]:
    discussion = controller.discussion

    def about(act: Callable[[Turn], object]) -> Callable[[], object]:
        def run() -> None:
            if (turn := window.turns.of(discussion.snapshot().turns)) is not None:
                act(turn)

        return run

    def none() -> str:
        return "" if discussion.snapshot().turns else "there is no turn yet"

    def no_files() -> str:
        turn = window.turns.of(discussion.snapshot().turns)
        return "" if turn is not None and discussion.sent_with(turn.id) else "no file went out with this turn"

    def none_to_change() -> str:
        return "the discussion is read-only here" if discussion.snapshot().read_only else none()

    def change(act: Callable[[int], object]) -> Callable[[], object]:
        return about(lambda turn: window.attempt(lambda: act(turn.id)))

    def regenerate(turn: Turn, *, confirmed: bool = False) -> None:
        result = controller.regenerate(turn.id, confirmed=confirmed)
        settle(window, result, lambda: regenerate(turn, confirmed=True))

    def edit(turn: Turn) -> None:
        take = lambda text: window.attempt(lambda: discussion.edit(turn.id, text))  # noqa: E731
        window.ask(Question("Edit the turn", "", "Keep the change", take, typed_text(turn.message), is_long=True))

    def edit_and_send() -> None:
        turn = window.turns.own(discussion.snapshot().turns)
        if turn is None:
            return

        def take(text: str) -> None:
            if window.attempt(lambda: discussion.edit(turn.id, text)):
                regenerate(turn)

        window.ask(Question("Edit and ask again", "", "Send again", take, typed_text(turn.message), is_long=True))

    def no_question() -> str:
        is_there = window.turns.own(discussion.snapshot().turns) is not None
        return none_to_change() or ("" if is_there else "choose a turn of yours first")

    def step(by: int) -> None:
        window.turns.step(discussion.snapshot().turns, by)

    def branch(turn: Turn, by: int) -> None:
        at = turn.siblings.index(turn.id) + by if turn.id in turn.siblings else -1
        if 0 <= at < len(turn.siblings):
            window.attempt(lambda: discussion.switch(turn.siblings[at]))
            window.turns.chosen = turn.siblings[at]

    return (
        Command("message.copy", "Copy the turn", "Turn",
                about(lambda turn: window.copy(plain_text(turn.message))), "Ctrl+Shift+C", none),
        Command("message.plain", "View as plain text", "Turn", about(window.turns.toggle_plain), "Ctrl+Shift+V", none),
        Command("message.files", "Files that went out with it", "Turn",
                about(lambda turn: window.show_sent(turn.id)), "", no_files),
        Command("message.edit", "Edit...", "Turn", about(edit), "Ctrl+E", none_to_change),
        Command("message.resend", "Edit and ask again...", "Turn", edit_and_send, "Ctrl+Shift+E", no_question),
        Command("message.regenerate", "Ask again", "Turn", about(regenerate), "Ctrl+R", none_to_change),
        Command("message.fork", "Go on from here", "Turn", change(discussion.fork), "Ctrl+B", none_to_change),
        Command("message.truncate", "Delete what follows", "Turn", change(discussion.truncate), "", none_to_change),
        Command("message.delete", "Delete the turn", "Turn", change(discussion.delete), "", none_to_change),
        Command("message.previous", "Choose the turn before", "Turn", partial(step, -1), "Ctrl+K", none),
        Command("message.next", "Choose the turn after", "Turn", partial(step, 1), "Ctrl+J", none),
        Command("message.branch_before", "Show the branch before", "Turn",
                about(lambda turn: branch(turn, -1)), "Ctrl+[", none),
        Command("message.branch_after", "Show the branch after", "Turn",
                about(lambda turn: branch(turn, 1)), "Ctrl+]", none),
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


def _presets(controller: AppController, window: Window) -> tuple[Command, ...]:
    project = controller.project.snapshot().project
    names = ("", *project.presets) if project is not None else ()

    def choose(name: str) -> Callable[[], object]:
        return lambda: window.attempt(lambda: controller.project.choose_preset(name))

    return tuple(Command(f"preset.{name}", name or "No preset", "Model/Preset", choose(name)) for name in names)


def _path(typed: str) -> str:
    return os.path.abspath(os.path.expanduser(typed.strip()))


def _short(text: str, *, keep_end: bool = False) -> str:
    if len(text) <= TITLE:
        return text
    return f"...{text[-TITLE:]}" if keep_end else f"{text[:TITLE]}..."
