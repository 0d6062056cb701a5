"""What the command line asks for. A plain class: importguard follows its fields, and so knows what a start loads."""

from __future__ import annotations

from typing import Any


class Flags:
    """What the command line asks for; without a word, the window. *given* are the fields that differ."""

    enable_test_hooks: bool = False
    headless: bool = False
    hook_port: int = 0
    hot_reload: bool = False
    ask: str | None = None
    provider: str = ""
    model: tuple[str, ...] = ()
    file: tuple[str, ...] = ()
    discussion: str = ""
    project: str = ""
    preset: str = ""
    schema: str = ""
    template: str = ""
    set: tuple[str, ...] = ()
    over_cap: bool = False
    spent: str | None = None

    def __init__(self, **given: Any) -> None:
        for name, value in given.items():
            setattr(self, name, value)
