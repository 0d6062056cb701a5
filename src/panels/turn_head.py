"""The line above a turn: who speaks, what it cost, its branches and what can be done with it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from imgui_bundle import hello_imgui, imgui
from imgui_bundle import icons_fontawesome_6 as icons

from src import theme_2
from src.chat import Message, ToolResultPart
from src.discussion.marks import describe
from src.discussion.text import plain_text
from src.window import controls

if TYPE_CHECKING:
    from src.app_controller import AppController
    from src.discussion.tree import Turn
    from src.window.protocol import Window


TURN_COMMANDS = (
    *(
        "message.copy",
        "message.plain",
        "message.files",
        "",
        "message.edit",
        "message.resend",
        "message.regenerate",
        "message.fork",
        "",
    ),
    *("message.leave_out", "message.shorten", "message.pin", ""),
    *("message.truncate", "message.delete"),
)


def draw(controller: AppController, window: Window, turn: Turn) -> None:
    """Who speaks, what is known of the turn, its branches, and the menu of what can be done with it."""
    colours = theme_2.colours()
    own = turn.message.role == "user"
    buttons = [icons.ICON_FA_COPY, icons.ICON_FA_ELLIPSIS]
    room = sum(imgui.calc_text_size(icon).x + 2 * imgui.get_style().frame_padding.x for icon in buttons)
    room += imgui.get_style().item_spacing.x
    at = turn.siblings.index(turn.id) if turn.id in turn.siblings else 0
    label = f"{at + 1}/{len(turn.siblings)}"
    if len(turn.siblings) > 1:
        room += imgui.calc_text_size(label).x + hello_imgui.em_size(4.2)
    _draw_origin(
        speaker(controller, turn.message),
        _details(controller, turn),
        colours.muted if own else colours.accent,
        room,
    )
    imgui.same_line()
    controls.move_right(room)
    if len(turn.siblings) > 1:
        _draw_branches(controller, turn, at, label)
        imgui.same_line()
    if controls.draw_icon_button(icons.ICON_FA_COPY, f"copy{turn.id}", "Copy the whole turn"):
        imgui.set_clipboard_text(plain_text(turn.message))
    imgui.same_line()
    if controls.draw_icon_button(icons.ICON_FA_ELLIPSIS, f"actions{turn.id}", "What can be done with this turn"):
        imgui.open_popup("actions")
    _draw_actions(window, turn)


def _draw_branches(controller: AppController, turn: Turn, at: int, label: str) -> None:
    step = 0
    if controls.draw_icon_button(icons.ICON_FA_CHEVRON_LEFT, f"previous{turn.id}", "The branch before", enabled=at > 0):
        step = -1
    imgui.same_line(0, 2)
    imgui.text_disabled(label)
    imgui.same_line(0, 2)
    last = len(turn.siblings) - 1
    if controls.draw_icon_button(icons.ICON_FA_CHEVRON_RIGHT, f"next{turn.id}", "The branch after", enabled=at < last):
        step = 1
    if step:
        controller.discussion.switch(turn.siblings[at + step])


def _draw_actions(window: Window, turn: Turn) -> None:
    if not imgui.begin_popup("actions"):
        return
    window.turns.chosen = turn.id
    commands = window.commands
    for name in TURN_COMMANDS:
        if name and (command := commands.find(name)) is not None:
            reason = command.refusal()
            if imgui.menu_item(f"{command.title}###{name}", commands.keys_of(command), False, not reason)[0]:
                commands.run_command(command)
        elif not name:
            imgui.separator()
    imgui.end_popup()


def speaker(controller: AppController, message: Message) -> str:
    """Who says *message*: the user, tools, or the provider with its model."""
    if message.role == "user":
        return "Tools" if message.parts and all(isinstance(one, ToolResultPart) for one in message.parts) else "You"
    title = controller.providers.title(message.provider) or message.provider or "Assistant"
    return f"{title}  {message.model}" if message.model else title


def _details(controller: AppController, turn: Turn) -> str:
    parts = [time.strftime("%H:%M", time.localtime(turn.created))]
    if marks := describe(turn.marks):
        parts.append(marks)
    if turn.settings:
        parts.append(turn.settings.replace(",", ", "))
    if turn.usage is not None:
        sent = controller.sent_tokens(turn)
        of_sent = f" of ~{controls.count(sent)} sent" if sent else ""
        used = f"{controls.count(turn.usage.input_tokens)} in{of_sent}, {controls.count(turn.usage.output_tokens)} out"
        parts.append(used)
    if turn.cost is not None:
        parts.append(controls.money(turn.cost))
    if turn.usage is not None and (result := controller.cache_result(turn)) is not None:
        from src.panels import cache_lines

        parts += [cache_lines.result_words(result), result.lost] if result.lost else [cache_lines.result_words(result)]
    end = type(turn.end).__name__ if turn.end is not None else "Done"
    if end != "Done":
        parts.append({"Stopped": "stopped", "Truncated": "cut off", "Failed": "failed"}.get(end, end))
    return "   ".join(parts)


def _draw_origin(speaker: str, details: str, colour: imgui.ImVec4, taken: float) -> None:
    """Who speaks and the details, on what is left of the line beside *taken*; hovering shows what had no room."""
    gap = imgui.get_style().item_spacing.x
    free = imgui.get_content_region_avail().x - taken - gap
    shown = controls.fit(speaker, free)
    imgui.text_colored(colour, shown)
    rest = controls.fit(details, free - imgui.calc_text_size(shown).x - gap)
    if shown != speaker or rest != details:
        imgui.set_item_tooltip(f"{speaker}\n{details}")
    if rest:
        imgui.same_line()
        imgui.text_disabled(rest)
