"""The window's layout on disk, as hello_imgui writes it. A damaged one is reported and saved under another name.

hello_imgui reads what it can of any file and writes its own over it at the end; it never says that something was wrong.
Standard library only.
"""

from __future__ import annotations

import json

from src.storage import stored_file

MAX_BYTES = 1_000_000
SECTION = ";;;<<<"
# Sections that are settings. Others hold what the program keeps with the layout, in any form (`look`), or JSON.
SETTINGS = ("AppWindow", "ImGui_", "Layout_", "HelloImGui_")
SPLITS = ";;;<<<SplitIds>>>;;;"


def mend(path: str) -> str:
    """Renames a damaged layout at *path* to `.bad-…`; the sentence that says so, empty when nothing is wrong."""
    try:
        with open(path, "rb", opener=stored_file.regular) as file:
            damage = find_damage(file.read(MAX_BYTES + 1))
        if not damage:
            return ""
        aside = stored_file.keep_aside(path)
    except FileNotFoundError:
        return ""
    except OSError as error:
        return f"The layout in {path} cannot be read ({error.strerror}); the panels are where they were at first."
    return (
        f"The layout in {path} was damaged ({damage}) and is kept as {aside}; the panels are where they were at first."
    )


def find_damage(data: bytes) -> str:
    """What is wrong with a layout's bytes; empty when nothing is."""
    if len(data) > MAX_BYTES:
        return f"it has more than {MAX_BYTES:,} bytes"
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return "it is no text"
    is_settings = False
    for number, line in enumerate(text.split("\n"), 1):
        plain = line.strip()
        if plain.startswith(SECTION):
            is_settings = plain.removeprefix(SECTION).startswith(SETTINGS)
        elif is_settings and plain and not plain.startswith("[") and "=" not in plain:
            return f"line {number} is no setting"
    _, found, splits = text.partition(SPLITS)
    try:
        if found:
            json.loads(splits.partition(";;;<<<")[0])
    except ValueError:
        return "its end is missing"
    return ""
