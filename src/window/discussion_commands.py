"""Commands about projects with their presets, and about discussions."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from src.commands import Command
from src.window.questions import Pick, Question

if TYPE_CHECKING:
    from concurrent.futures import Future

    from src.app_controller import AppController
    from src.discussion.text import Style
    from src.log_pruner import Candidate
    from src.window.protocol import Window


HINT = "~/project"


def project(controller: AppController, window: Window) -> tuple[Command, ...]:
    """Opening, making and closing a project."""
    project = controller.project

    def recent() -> tuple[str, ...]:
        return controller.settings.snapshot().recent_projects[:8]

    def ask(title: str, confirm: str, act: Callable[[str], object], choices: tuple[str, ...] = ()) -> None:
        body = "The folder, or the project file in it:" if choices or confirm == "Open" else "The folder:"
        question = Question(title, body, confirm, lambda path: act(typed_path(path)), "", HINT, choices=choices)
        window.pick(Pick("folder", question, act))

    def none_open() -> str:
        return "" if project.snapshot().project is not None else "no project is open"

    def add_server() -> None:
        from src.window import server_commands  # when a server is added; no start pays for it

        server_commands.add(controller, window)

    return (
        Command("project.open", "Open a project...", "Project",
                lambda: ask("Open a project", "Open", window.open_project, recent()), "Ctrl+O"),
        Command("project.create", "Make a folder a project...", "Project",
                lambda: ask("Make a folder a project", "Make it one", project.create)),
        Command("server.add", "Add an MCP server...", "Project/MCP servers", add_server, "", none_open),
        Command("project.rescan", "Look at the folders again", "Project", project.rescan, "F5", none_open),
        Command("project.close", "Close the project", "Project", project.close, "", none_open),
    )  # fmt: skip


def discussion(controller: AppController, window: Window) -> tuple[Command, ...]:
    """What can be done with a discussion as a whole."""
    discussion = controller.discussion

    def begin() -> None:
        discussion.new()
        window.focus_composer()  # whoever begins one writes next

    def empty() -> str:
        return "" if discussion.snapshot().turns else "the discussion has no turns yet"

    def ask_where(style: Style) -> None:
        suffix = ".md" if style == "markdown" else ".json"
        words = "".join(letter if letter.isalnum() else " " for letter in discussion.snapshot().title).split()
        name = f"{'-'.join(words) or discussion.snapshot().name}{suffix}"
        start = os.path.join(os.path.expanduser("~"), name)
        save = lambda path: controller.errands.write(typed_path(path), discussion.export(style))  # noqa: E731
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
        Command("discussion.new", "New discussion", "Discussion", begin, "Ctrl+N"),
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


def presets(controller: AppController, window: Window) -> tuple[Command, ...]:
    """One for each preset of the open project."""
    project = controller.project.snapshot().project
    names = ("", *project.presets) if project is not None else ()

    def choose(name: str) -> Callable[[], object]:
        return lambda: window.attempt(lambda: controller.project.choose_preset(name))

    return tuple(Command(f"preset.{name}", name or "No preset", "Model/Preset", choose(name)) for name in names)


def typed_path(typed: str) -> str:
    """The absolute path that the user means by *typed*."""
    return os.path.abspath(os.path.expanduser(typed.strip()))
