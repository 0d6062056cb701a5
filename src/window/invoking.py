"""How a hand runs the commands of the table: the menus, and the shortcuts of a frame."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imgui_bundle import imgui

from src.window import shortcuts
from src.window.focus import ANY_POPUP, SEARCH

if TYPE_CHECKING:
    from src.commands import Command, Commands
    from src.window.focus import Focus


# The commands in front of which a menu has a line.
GROUPS = frozenset(
    "project.rescan changes.choose discussion.rename discussion.search discussion.copy discussion.compact "
    "composer.attach message.continue compare.ask composer.template changes.attach message.edit message.truncate "
    "message.previous message.leave_out view.larger view.dismiss view.quit models.fetch".split()
)


def draw_menus(commands: Commands) -> None:
    """The menus by the categories of the commands, `Menu` or `Menu/Submenu`; inside the menu bar."""
    for menu in dict.fromkeys(_menu_of(command) for command in commands.fixed):
        if imgui.begin_menu(menu):
            _draw_menu(commands, menu)
            imgui.end_menu()


def run_shortcuts(commands: Commands, focus: Focus, *, palette_is_open: bool) -> None:
    """Runs what was pressed in this frame. While a menu or a question is open, its keys are its own."""
    if imgui.is_popup_open("", ANY_POPUP) and not palette_is_open:
        return
    for keys, bound in commands.bound().items():
        # Escape means many things: when there is nothing to stop, that is not worth a word.
        silent = keys == "Escape" and (bound[0].refusal() or focus.field == SEARCH)
        silent = silent or (palette_is_open and not _is_palette(bound[0]))
        if len(bound) == 1 and not silent and shortcuts.is_pressed(keys):
            commands.run_command(bound[0])


def _draw_menu(commands: Commands, menu: str) -> None:
    submenus: dict[str, list[Command]] = {}
    for command in commands.all():
        if _menu_of(command) == menu:
            submenus.setdefault(command.category.partition("/")[2], []).append(command)
    for number, command in enumerate(submenus.pop("", ())):
        if number and command.id in GROUPS:
            imgui.separator()
        _draw_item(commands, command)
    for number, (submenu, listed) in enumerate(submenus.items()):
        if not number:
            imgui.separator()
        if imgui.begin_menu(submenu):
            for command in listed:
                _draw_item(commands, command)
            imgui.end_menu()


def _menu_of(command: Command) -> str:
    return command.category.partition("/")[0]


def _draw_item(commands: Commands, command: Command) -> None:
    reason = command.refusal()
    if imgui.menu_item(f"{command.title}###{command.id}", commands.keys_of(command), False, not reason)[0]:
        commands.run_command(command)
    if reason and imgui.is_item_hovered(imgui.HoveredFlags_.allow_when_disabled.value):
        imgui.set_tooltip(reason[0].upper() + reason[1:] + ".")


def _is_palette(command: Command) -> bool:
    """The command that opens and closes the palette, which works while it is open."""
    return command.id == "view.palette"
