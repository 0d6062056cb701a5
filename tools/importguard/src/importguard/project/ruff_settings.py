"""Where the project's own ruff settings want the opposite of importguard. Reads those files; judges no code."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Any

_FILES = (".ruff.toml", "ruff.toml", "pyproject.toml")  # in the order in which ruff looks
_MAX_EXTENDED = 5


def ruff_notes(root: Path) -> tuple[str, ...]:
    """A sentence for each rule of ruff that contradicts importguard, with what to do; none without ruff settings."""
    for directory in (root, *root.parents):
        for name in _FILES:
            settings = _settings(directory / name)
            if settings is not None:
                return _notes(directory / name, _with_extended(directory / name, settings, _MAX_EXTENDED))
    return ()


def _notes(file: Path, settings: dict[str, Any]) -> tuple[str, ...]:
    notes = []
    if _is_on("PLC0415", settings):
        notes.append(
            f"{file.name} switches on ruff's PLC0415, which wants every import at the top of its file; importguard "
            'judges by cost (IG101, IG102). Add "PLC0415" to its lint.ignore.'
        )
    tidy = settings.get("flake8-tidy-imports")
    banned = tidy.get("banned-module-level-imports") if isinstance(tidy, dict) else None
    if _is_on("TID253", settings) and isinstance(banned, list) and banned:
        names = ", ".join(str(name) for name in banned[:3]) + (", …" if len(banned) > 3 else "")
        notes.append(
            f"{file.name} switches on ruff's TID253 for {names}; importguard wants heavy modules at the top of a "
            "module that is warmed. Add TID253 to its lint.per-file-ignores for those modules, or leave it to IG101."
        )
    return tuple(notes)


def _is_on(code: str, settings: dict[str, Any]) -> bool:
    """The longest selector decides, as in ruff; where both are as long, the code is off."""
    chosen = _longest(code, settings, "select", "extend-select")
    return chosen >= 0 and chosen > _longest(code, settings, "ignore", "extend-ignore")


def _longest(code: str, settings: dict[str, Any], *keys: str) -> int:
    listed = [one for key in keys if isinstance(settings.get(key), list) for one in settings[key]]
    lengths = [0 if one == "ALL" else len(one) for one in listed if isinstance(one, str)]
    matches = [one == "ALL" or code.startswith(one) for one in listed if isinstance(one, str)]
    return max((length for length, matched in zip(lengths, matches, strict=True) if matched), default=-1)


def _settings(file: Path) -> dict[str, Any] | None:
    """The lint settings in *file*, where the older place is outside `lint`; None when ruff has none there."""
    try:
        data = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if file.name == "pyproject.toml":
        if "ruff" not in data.get("tool", {}):
            return None
        data = data["tool"]["ruff"]
    lint = data.get("lint")
    return {**data, **(lint if isinstance(lint, dict) else {})}


def _with_extended(file: Path, settings: dict[str, Any], left: int) -> dict[str, Any]:
    """*settings* over those of the file that they extend."""
    extended = settings.get("extend")
    if not isinstance(extended, str) or not left:
        return settings
    base_file = file.parent / os.path.expanduser(extended)
    base = _settings(base_file)
    return settings if base is None else {**_with_extended(base_file, base, left - 1), **settings}
