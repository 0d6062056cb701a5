"""What the user calls discussions, and which are pinned: one small file beside them. For the pool.

A discussion without a line here has the beginning of its first message as its title.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping

from src.storage import stored_file
from src.storage.instance_lock import lock_waiting
from src.value import Value

FILE = "labels.json"
MAX_BYTES = 4 * 1024 * 1024
MAX_TITLE = 200
WAIT_S = 5.0  # for another writer


class Label(Value):
    """The user's own title, empty for none, and whether the discussion stays at the top."""

    title: str = ""
    pinned: bool = False


def read(folder: str) -> Mapping[str, Label]:
    """The labels in *folder* by name of discussion; none when there is no usable file."""
    try:
        with open(os.path.join(folder, FILE), encoding="utf-8", opener=stored_file.regular) as file:
            rows = json.loads(file.read(MAX_BYTES))
        return {str(name): Label(str(row["title"])[:MAX_TITLE], row["pinned"] is True) for name, row in rows.items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return {}


def change(folder: str, name: str, **fields: object) -> None:
    """Changes the label of one discussion; what another Sloppy wrote of the others stays. Raises OSError."""
    path = os.path.join(folder, FILE)
    with lock_waiting(f"{path}.lock", WAIT_S):
        labels = {**read(folder)}
        labels[name] = labels.get(name, Label())._replace(**fields)
        rows = {key: one._asdict() for key, one in sorted(labels.items()) if one != Label()}
        stored_file.write_text(path, json.dumps(rows, ensure_ascii=False, indent=1) + "\n")
