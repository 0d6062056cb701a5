"""Conversations as files in the data folder. Writes are atomic; a damaged file is kept aside, never lost."""

from __future__ import annotations

import json
import os
import time
from typing import Any

from src import message_json
from src.chat import Conversation

SCHEMA = 1


class ConversationError(ValueError):
    """A conversation that cannot be opened; the message names the file and what became of it."""


def folder_of(data_folder: str) -> str:
    """Where the conversations are."""
    return os.path.join(data_folder, "conversations")


def save_conversation(data_folder: str, conversation: Conversation) -> str:
    """Writes *conversation* into a new file; its path. Raises OSError, then nothing has changed."""
    folder = folder_of(data_folder)
    os.makedirs(folder, mode=0o700, exist_ok=True)
    path = os.path.join(folder, f"{time.strftime('%Y%m%d-%H%M%S')}-{time.time_ns() % 1_000_000_000:09d}.json")
    data = {
        "schema": SCHEMA,
        "system": conversation.system,
        "messages": [message_json.encode(message) for message in conversation.messages],
    }
    scratch = f"{path}.part"
    try:
        with open(scratch, "w", encoding="utf-8") as file:
            json.dump(data, file, ensure_ascii=False, indent=1)
            file.flush()
            os.fsync(file.fileno())
        os.replace(scratch, path)
    except OSError:
        if os.path.exists(scratch):
            os.unlink(scratch)
        raise
    return path


def open_conversation(path: str) -> Conversation:
    """The conversation in *path*. Raises ConversationError; a damaged file is renamed to `.bad`."""
    try:
        with open(path, encoding="utf-8") as file:
            data: Any = json.load(file)
        if data["schema"] > SCHEMA:
            raise ConversationError(f"{path} was written by a newer Sloppy; upgrade to open it.")
        return Conversation(tuple(message_json.decode(row) for row in data["messages"]), data["system"])
    except ConversationError:
        raise
    except (ValueError, TypeError, KeyError) as error:
        os.replace(path, f"{path}.bad")
        raise ConversationError(f"{path} is damaged and was kept as {path}.bad.") from error


def open_last_conversation(data_folder: str) -> Conversation:
    """The conversation saved last. Raises ConversationError when there is none."""
    folder = folder_of(data_folder)
    names = sorted(name for name in os.listdir(folder) if name.endswith(".json")) if os.path.isdir(folder) else []
    if not names:
        raise ConversationError("There is no saved conversation yet.")
    return open_conversation(os.path.join(folder, names[-1]))
