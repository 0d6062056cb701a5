"""Files of data that the program reads and that are on disk."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from importguard.startup.values.base import Invocation
from importguard.startup.values.files import FileText, OpenFile, text_on_disk
from importguard.startup.values.read_data import ReadData


def of_files(read: Callable[[str], Any]) -> Callable[[Invocation], ReadData | None]:
    """The model of a function that gets a file, or its text, and makes lists and dicts of it by *read*."""

    def run(call: Invocation) -> ReadData | None:
        given = call.first()
        text = text_on_disk(given.path, call.machine) if isinstance(given, FileText | OpenFile) else None
        if text is None or not call.complete:
            return None
        call.machine.doubt_success()
        try:
            made = read(text)
        except (ValueError, RecursionError):
            return None
        return ReadData(made) if isinstance(made, list | dict) else None

    return run
