"""Which interpreter a report is about, and why that one. Pure."""

from __future__ import annotations

import os
from collections.abc import Iterable

from importguard.analysis import Analysis
from importguard.printable import plain
from importguard.target.environment import Environment


def looked_at(analyses: Iterable[Analysis]) -> list[str]:
    """`Looked at Python 3.11.7, /home/me/shop/.venv/bin/python: .venv in /home/me/shop.`, a sentence an interpreter."""
    found = dict.fromkeys(looked_at_environment(one.environment) for one in analyses)
    named = os.environ.get("PYTHONPATH")
    return [*found, *([f"PYTHONPATH counts: {plain(named)}."] if named else [])]


def interpreter(environment: Environment) -> dict[str, str]:
    """The same for programs."""
    return {"executable": environment.executable, "version": environment.version, "reason": environment.why}


def looked_at_environment(environment: Environment) -> str:
    """The sentence of one interpreter."""
    why = plain(environment.why) or "the caller's choice"
    return f"Looked at Python {environment.version}, {plain(environment.executable)}: {why}."
