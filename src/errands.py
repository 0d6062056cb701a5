"""What the window wants done outside of it: a file written, a link opened, a folder watched. All of it on the pool."""

from __future__ import annotations

import threading
from collections.abc import Callable

from importguard.warmup import require_warmed as _require_warmed
from src.ai_client import Providers
from src.storage import stored_file
from src.work.background import Background
from src.work.toasts import ToastKind


class Errands:
    """Runs them; `tell` shows how they went, `attach` adds a PNG to the message. `_ended` ends the watch."""

    def __init__(
        self,
        background: Background,
        providers: Providers,
        attach: Callable[[str, bytes], object],
        tell: Callable[[str, ToastKind], object],
    ) -> None:
        self._background = background
        self._providers = providers
        self._attach = attach
        self._pasted = 0
        self._tell = tell
        self._ended = threading.Event()

    def write(self, path: str, text: str) -> None:
        """Writes *text* to *path*, atomically; a toast says where, or why not."""

        def run() -> None:
            try:
                stored_file.write_text(path, text)
            except OSError as error:
                self._tell(f"{path} cannot be written: {error.strerror}.", "error")
            else:
                self._tell(f"Written to {path}.", "success")

        self._background.submit(run)

    def paste_picture(self) -> None:
        """Attaches the picture that is on the clipboard; a toast says when there is none."""

        def run() -> None:
            from src.work import clipboard  # seldom, and it starts a program

            try:
                data = clipboard.read_picture()
            except OSError as error:
                self._tell(f"The clipboard cannot be read: {error}.", "warning")
                return
            if not data:
                self._tell("There is no picture on the clipboard.", "info")
                return
            self._pasted += 1
            name = f"pasted {self._pasted}.png"
            try:
                self._attach(name, data)
            except ValueError as error:
                self._tell(str(error), "warning")

        self._background.submit(run)

    def open_link(self, url: str) -> None:
        """Shows a web page in the user's browser. The caller has asked the user."""

        def run() -> None:
            import webbrowser

            if not webbrowser.open(url):
                self._tell(f"There is no browser to open {url} in.", "warning")

        self._background.submit(run)

    def keep_key(self, name: str, value: str) -> None:
        """Keeps a key in the user's file of keys; an empty *value* takes it out. A toast says how."""

        def run() -> None:
            try:
                self._providers.keys.keep(name, value)
                self._providers.prepare_clients()
            except (OSError, ValueError) as error:
                self._tell(f"{name} is not kept: {error}", "error")
            else:
                self._tell(
                    f"{name} is kept in {self._providers.keys.path}." if value else f"{name} is taken out.", "success"
                )

        self._background.submit(run)

    def watch(self, folder: str, on_change: Callable[[frozenset[str]], object]) -> None:
        """Calls *on_change* with the Python files that change in *folder*; takes a worker until the end."""

        def run() -> None:
            _require_warmed("src.work.watch").watch(folder, self._ended, on_change)

        self._background.when_warm(("src.work.watch",), lambda: self._background.submit(run))

    def end(self) -> None:
        """Ends the watch."""
        self._ended.set()
