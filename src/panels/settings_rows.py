"""The two lists of the settings: endpoints, and shortcuts with their conflicts."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from imgui_bundle import hello_imgui, imgui
from imgui_bundle import icons_fontawesome_6 as icons

from src import theme_2
from src.commands import normalise_keys
from src.window import controls, shortcuts

if TYPE_CHECKING:
    from src.app_controller import AppController
    from src.commands import Command
    from src.storage.settings import Settings
    from src.window.protocol import Window

_TABLE = imgui.TableFlags_.row_bg | imgui.TableFlags_.borders_outer
FIELDS = (
    ("name", "Name", "ollama"),
    ("base_url", "Address", "http://127.0.0.1:11434/v1"),
    ("key_name", "Key's name", "none"),
    ("models", "Models", "llama4, qwen3"),
)


class EndpointRows:
    """The endpoint that is being written."""

    def __init__(self, window: Window) -> None:
        self._window = window
        self.typed = dict.fromkeys((name for name, _, _ in FIELDS), "")

    def draw(self, controller: AppController, settings: Settings) -> None:
        """One frame."""
        controls.draw_muted("Servers that speak OpenAI's protocol: Ollama, LM Studio, a gateway.")
        command = self._window.commands.find("models.detect")
        if command is not None and imgui.button(f"{command.title}###detect"):
            self._window.commands.run_command(command)
        for endpoint in settings.endpoints:
            imgui.push_id(endpoint.name)
            imgui.align_text_to_frame_padding()
            imgui.text_unformatted(endpoint.name)
            imgui.same_line()
            imgui.text_disabled(endpoint.base_url)
            imgui.same_line()
            controls.move_right(controls.width_of_button(icons.ICON_FA_TRASH))
            if controls.draw_icon_button(icons.ICON_FA_TRASH, "remove", "Take it out"):
                kept = tuple(one for one in settings.endpoints if one.name != endpoint.name)
                self._window.attempt(partial(controller.settings.change, endpoints=kept))
            imgui.pop_id()
        for name, title, hint in FIELDS:
            imgui.align_text_to_frame_padding()
            imgui.text_unformatted(title)
            imgui.same_line(hello_imgui.em_size(9))
            imgui.set_next_item_width(-1)
            _, self.typed[name] = imgui.input_text_with_hint(f"##{name}", hint, self.typed[name])
        ready = self.typed["name"].strip() and self.typed["base_url"].strip()
        imgui.begin_disabled(not ready)
        if imgui.button("Add the endpoint"):
            self._add(controller, settings)
        imgui.end_disabled()

    def _add(self, controller: AppController, settings: Settings) -> None:
        models = tuple(part.strip() for part in self.typed["models"].split(",") if part.strip())
        made = {**{name: value.strip() for name, value in self.typed.items()}, "models": models}
        others = tuple(one._asdict() for one in settings.endpoints if one.name != made["name"])
        if self._window.attempt(lambda: controller.settings.change(endpoints=(*others, made))):
            self.typed = dict.fromkeys(self.typed, "")


class ShortcutRows:
    """Which command's shortcut is being recorded, and what is filtered."""

    def __init__(self, window: Window) -> None:
        self._window = window
        self.recorded = ""
        self.filtered = ""

    def draw(self, controller: AppController, settings: Settings) -> None:
        """One frame."""
        imgui.set_next_item_width(-1)
        _, self.filtered = imgui.input_text_with_hint("##filter", "Find a command", self.filtered)
        if self.recorded:
            self._window.holds_shortcuts = True
            self._record(controller, settings)
        commands = self._window.commands
        found = commands.match(self.filtered) if self.filtered.strip() else commands.fixed
        if not imgui.begin_table("shortcuts", 2, _TABLE):
            return
        imgui.table_setup_column("command", imgui.TableColumnFlags_.width_stretch)
        imgui.table_setup_column("keys", imgui.TableColumnFlags_.width_fixed, hello_imgui.em_size(9))
        for command in found:
            if command in commands.fixed:
                imgui.push_id(command.id)
                self._draw_row(controller, settings, command)
                imgui.pop_id()
        imgui.end_table()

    def _draw_row(self, controller: AppController, settings: Settings, command: Command) -> None:
        commands, colours = self._window.commands, theme_2.colours()
        keys, conflicts = commands.keys_of(command), commands.conflicts(command)
        imgui.table_next_row()
        imgui.table_next_column()
        imgui.align_text_to_frame_padding()
        imgui.text_unformatted(command.full_title)
        if conflicts:
            names = ", ".join(one.title for one in conflicts)
            controls.draw_coloured(colours.failed, f"{keys} runs nothing: {names} has it too.")
        imgui.table_next_column()
        label = "Press keys..." if self.recorded == command.id else keys or "none"
        if conflicts:
            imgui.push_style_color(imgui.Col_.text, colours.failed)
        if imgui.button(f"{label}###keys", imgui.ImVec2(hello_imgui.em_size(7), 0)):
            self.recorded = "" if self.recorded == command.id else command.id
        if conflicts:
            imgui.pop_style_color()
        imgui.set_item_tooltip("Click, then press the new keys. Backspace takes them away, Escape leaves them.")
        if command.id in settings.shortcuts:
            imgui.same_line()
            if controls.draw_icon_button(icons.ICON_FA_ROTATE_LEFT, "reset", f"Back to {command.keys or 'none'}"):
                kept = {name: one for name, one in settings.shortcuts.items() if name != command.id}
                self._window.attempt(lambda: controller.settings.change(shortcuts=kept))

    def _record(self, controller: AppController, settings: Settings) -> None:
        pressed = shortcuts.pressed_keys()
        if not pressed:
            return
        name, self.recorded = self.recorded, ""
        if pressed == "Escape":
            return

        def take() -> None:
            keys = "" if pressed == "Backspace" else normalise_keys(pressed)
            controller.settings.change(shortcuts={**settings.shortcuts, name: keys})

        self._window.attempt(take)
