"""The commands of the program: what the menu and the palette offer. Knows the controller, not imgui."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from src import ai_client
from src.app_controller import AppController


class Command(NamedTuple):
    """Something to do, by name; `keys` is how the menu shows its shortcut."""

    title: str
    run: Callable[[], object]
    keys: str = ""


def list_commands(controller: AppController) -> tuple[Command, ...]:
    """Every command, in the order of the menu."""
    switches = tuple(
        Command(f"Use {provider.title}", partial(controller.choose_provider, provider.name))
        for provider in ai_client.PROVIDERS
    )
    return (
        Command("New conversation", controller.new_conversation),
        Command("Stop the reply", controller.stop, "Esc"),
        Command("Save the conversation", controller.save_conversation),
        Command("Open the last conversation", controller.open_last_conversation),
        *switches,
    )


def match(commands: tuple[Command, ...], typed: str) -> tuple[Command, ...]:
    """The commands whose title holds the typed letters in order, closest first."""
    found = []
    for position, command in enumerate(commands):
        rest = iter(command.title.lower())
        if all(letter in rest for letter in typed.lower() if letter != " "):
            found.append((typed.lower() not in command.title.lower(), position, command))
    return tuple(command for _, _, command in sorted(found, key=lambda row: row[:2]))
