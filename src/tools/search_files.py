"""The tool search_files."""

from __future__ import annotations

import os
from collections.abc import Mapping
from fnmatch import fnmatch
from typing import Any

from src.chat import ToolSpec
from src.storage import inside
from src.tools.files import read_text, shown, walk
from src.tools.outcome import Answer, ToolError, Workspace

MAX_HITS = 200
MAX_LINE = 300  # characters
MAX_PATTERN = 255  # characters: no file has a longer name

SPEC = ToolSpec(
    "search_files",
    "Searches the project's text files for a text, taken literally, and shows the lines that hold it.",
    {
        "type": "object",
        "properties": {
            "text": {"type": "string", "description": "What to look for; no pattern."},
            "path": {"type": "string", "description": "The folder to look in, from the project's folder."},
            "names": {"type": "string", "description": "Only files whose name matches, such as *.py."},
            "any_case": {"type": "boolean", "description": "Capital and small letters are the same."},
        },
        "required": ["text"],
    },
)


def prepare(arguments: Mapping[str, Any], workspace: Workspace) -> Answer:
    """`path:line: text` for each hit, up to MAX_HITS. Raises ToolError with the reason that the model gets."""
    # Literal on purpose: a regular expression of a model's could run for hours on one line.
    any_case, names = arguments.get("any_case", False), arguments.get("names", "*")
    wanted = arguments["text"].lower() if any_case else arguments["text"]
    if len(names) > MAX_PATTERN:
        raise ToolError(f"search_files: names has {len(names):,} characters; at most {MAX_PATTERN} are taken.")
    if not wanted:
        raise ToolError("search_files: there is nothing to look for.")
    if not os.path.isdir(inside.resolve(workspace.roots, arguments.get("path", "."))):
        raise ToolError(f"{arguments['path']} is not a folder.")
    hits: list[str] = []
    for entry in walk(workspace, arguments.get("path", "."), deep=True):
        if not entry.is_file(follow_symlinks=False) or not fnmatch(entry.name, names):
            continue
        try:
            text = read_text(workspace, entry.path)
        except (ToolError, OSError, inside.OutsideError):  # what may not be read is not searched
            continue
        if wanted not in (text.lower() if any_case else text):
            continue
        for number, line in enumerate(text.splitlines(), 1):
            if wanted in (line.lower() if any_case else line):
                hits.append(f"{shown(workspace, entry.path)}:{number}: {line.strip()[:MAX_LINE]}")
                if len(hits) == MAX_HITS:
                    return Answer("\n".join([*hits, f"(more than {MAX_HITS}; look for something rarer)"]))
    return Answer("\n".join(hits) or "(no hits)")
