"""Every message of a session, one JSON line each, written when its turn ends."""

from __future__ import annotations

import json
import os
import time

from src import message_json
from src.chat import Message


def new_session_name() -> str:
    """The name of this process's session: when it began, and its process id."""
    return f"{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}"


def folder_of(data_folder: str) -> str:
    """Where the sessions are."""
    return os.path.join(data_folder, "sessions")


def append(data_folder: str, session: str, messages: tuple[Message, ...]) -> str:
    """Adds *messages* to the session's file in one write; its path. Raises OSError naming the file."""
    folder = folder_of(data_folder)
    os.makedirs(folder, mode=0o700, exist_ok=True)
    path = os.path.join(folder, f"{session}.jsonl")
    lines = "".join(json.dumps(message_json.encode(message), ensure_ascii=False) + "\n" for message in messages)
    with open(path, "a", encoding="utf-8") as file:
        file.write(lines)
    return path


def read(path: str) -> tuple[Message, ...]:
    """The messages in *path*; a last line cut short by a crash is left out."""
    messages = []
    with open(path, encoding="utf-8") as file:
        for line in file:
            try:
                messages.append(message_json.decode(json.loads(line)))
            except ValueError:
                continue
    return tuple(messages)
