"""The system's own dialogs for files and folders; where there is none, the path is typed. Imported when asked for.

Guarantees
- A frame never waits for a dialog: it is asked whether it has ended, and the window goes on.
- One dialog at a time.
"""

from __future__ import annotations

import os
import shutil
import sys
from typing import TYPE_CHECKING

from imgui_bundle import hello_imgui
from imgui_bundle import portable_file_dialogs as dialogs

if TYPE_CHECKING:
    from src.window.questions import Pick

# What imgui-bundle starts on Linux for a dialog.
HELPERS = ("zenity", "kdialog", "matedialog", "qarma")
Dialog = dialogs.open_file | dialogs.save_file | dialogs.select_folder


def is_available() -> bool:
    """This system has dialogs that imgui-bundle can open."""
    return sys.platform in ("win32", "darwin") or any(shutil.which(name) for name in HELPERS)


class FilePicker:
    """The dialog that is open, and what to do with its answer."""

    def __init__(self) -> None:
        self._open: tuple[Dialog, Pick] | None = None

    def ask(self, pick: Pick) -> None:
        """Opens the dialog, unless another one is open."""
        if self._open is None:
            self._open = (_make(pick), pick)

    def follow(self) -> None:
        """Takes the answer once there is one. Call it in each frame."""
        if self._open is None:
            return
        dialog, pick = self._open
        if not dialog.ready(0):
            hello_imgui.request_refresh()
            return
        self._open = None
        answer = dialog.result()
        for path in [answer] if isinstance(answer, str) else answer:
            if path:
                pick.on_path(path)


def _make(pick: Pick) -> Dialog:
    title, start = pick.question.title, pick.start or os.path.expanduser("~")
    if pick.kind == "folder":
        return dialogs.select_folder(title, start)
    if pick.kind == "save":
        return dialogs.save_file(title, start)
    return dialogs.open_file(title, start, options=dialogs.opt.multiselect)
