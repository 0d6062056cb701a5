"""What comes into the window from outside: files and folders that are picked or dropped, links that are followed."""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING

from imgui_bundle import hello_imgui

from src import markdown_helper
from src.project_manager import NoProjectError
from src.window import file_picker
from src.window.questions import Question

if TYPE_CHECKING:
    from concurrent.futures import Future

    from src.app_controller import AppController
    from src.window.protocol import Window
    from src.window.questions import Pick


class Arrivals:
    """The dialog for files that is open, if one is."""

    def __init__(self, controller: AppController, window: Window) -> None:
        self._controller = controller
        self._window = window
        self._picker = file_picker.FilePicker()

    def pick(self, pick: Pick) -> None:
        """Lets the user choose a file or a folder, in the system's dialog or by its path."""
        if file_picker.is_available():
            self._picker.ask(pick)
        else:
            self._window.ask(pick.question)

    def follow(self) -> None:
        """Takes what was picked. Call it in each frame."""
        self._picker.follow()

    def open_project(self, path: str) -> None:
        """Opens the project at *path*; a folder without one may be made one."""

        def look(opened: Future[None]) -> None:
            if isinstance(opened.exception(), NoProjectError):
                make = partial(self._controller.project.create, path)
                body = f"{path} is no project yet. A file sloppy.toml in it will say which of its files are sent."
                self._window.ask(Question("Make it a project?", body, "Make it a project", lambda _: make()))
                hello_imgui.request_refresh()

        self._controller.project.open(path).add_done_callback(look)

    def take_dropped(self, paths: tuple[str, ...]) -> None:
        """What was dropped onto the window: a folder is opened as a project, files are attached."""
        for path in paths:
            if os.path.isdir(path):
                self.open_project(path)
            else:
                self._window.attempt(partial(self._controller.composer.attach, path))
        hello_imgui.request_refresh()

    def ask_for_link(self, url: str) -> None:
        """Opens a link once the user agrees; only web addresses."""
        if not markdown_helper.is_web_address(url):
            self._window.tell(f"Only http and https links are opened, not {url[:80]!r}.")
            return
        show = partial(self._controller.errands.open_link, url)
        self._window.ask(Question("Open this page?", url, "Open in the browser", lambda _: show()))
