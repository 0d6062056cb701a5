"""What a shell completes beside options: codes of rules, names of entries. Silent when it cannot know."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import click


def codes(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    """The rules whose code begins with the last of the comma-separated codes that are being written."""
    from importguard.rules import RULES

    done, comma, last = incomplete.rpartition(",")
    return [f"{done}{comma}{rule.code}" for rule in RULES if rule.code.startswith(last.upper())]


def entries(context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    """The names of the configured `[[entry]]` tables."""
    from importguard.errors import ImportGuardError
    from importguard.project.config import find_project

    said = getattr(context.obj, "config", context.obj)
    try:
        project = find_project(Path.cwd(), Path(said) if said else None)
    except ImportGuardError:
        return []
    return [one.name for one in project.entries if one.name.startswith(incomplete)]
