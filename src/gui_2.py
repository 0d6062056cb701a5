"""The window: the table of panels, the menu, the status bar, `immapp.run`. A skeleton; what it shows is in `panels`."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from imgui_bundle import hello_imgui, imgui, immapp

from src import theme_2, theme_nerv, theme_nerv_fx
from src.app_controller import AppController
from src.command_palette import CommandPalette
from src.commands import list_commands
from src.hot_reload import Reloader
from src.panels import chat, startup
from src.panels.status_bar import ToastPanel, draw_status


class NoDisplayError(RuntimeError):
    """There is no display to open a window on."""


class Panel(NamedTuple):
    """A dockable window: its title, the dock space it starts in, and what draws it."""

    title: str
    space: str
    draw: Callable[[AppController], None]


class Gui:
    """The window's own state: its panels, palette, toast and theme. It closes at the frame after *closing* is set."""

    def __init__(self, controller: AppController, closing: threading.Event | None = None) -> None:
        self.controller = controller
        self._closing = closing or threading.Event()
        self.palette = CommandPalette()
        self.toast = ToastPanel()
        self._nerv = False
        self._reloader = Reloader("src.panels")
        self._open_palette = False
        self.panels = self._make_panels()

    def _make_panels(self) -> tuple[Panel, ...]:
        self.chat, self.startup = chat.ChatPanel(), startup.StartupPanel()
        return (
            Panel("Chat", "MainDockSpace", self.chat.draw),
            Panel("Startup", "SideSpace", self.startup.draw),
        )

    def reload_panels(self) -> None:
        """Takes over changed files of `src/panels`; a file that does not run leaves everything as it was."""
        prompt = self.chat.prompt
        try:
            changed = self._reloader.reload()
        except Exception as error:  # the developer's unfinished code may raise anything
            self.controller.toast(f"Not reloaded: {type(error).__name__}: {error}")
            return
        self.panels = self._make_panels()
        self.chat.prompt = prompt
        self.controller.toast(f"Reloaded {', '.join(changed) or 'nothing: no file changed'}.")

    def _draw_panel(self, number: int) -> None:
        self.panels[number].draw(self.controller)

    def build_params(self) -> hello_imgui.RunnerParams:
        """What hello_imgui needs to run this window."""
        params = hello_imgui.RunnerParams()
        params.app_window_params.window_title = "Sloppy"
        params.app_window_params.window_geometry.size = (1280, 800)
        params.ini_folder_type = hello_imgui.IniFolderType.app_user_config_folder
        params.ini_filename = "sloppy.ini"
        # The window's own antialiasing costs a software renderer 60 ms a frame; imgui smooths its edges itself.
        params.renderer_backend_options.open_gl_options = hello_imgui.OpenGlOptions()
        params.renderer_backend_options.open_gl_options.anti_aliasing_samples = 0
        window = params.imgui_window_params
        window.default_imgui_window_type = hello_imgui.DefaultImGuiWindowType.provide_full_screen_dock_space
        window.show_menu_bar = window.show_status_bar = True
        window.show_status_fps = False
        split = hello_imgui.DockingSplit("MainDockSpace", "SideSpace", imgui.Dir.right, 0.32)
        params.docking_params.docking_splits = [split]
        params.docking_params.dockable_windows = [
            hello_imgui.DockableWindow(panel.title, panel.space, partial(self._draw_panel, number))
            for number, panel in enumerate(self.panels)
        ]
        calls = params.callbacks
        calls.setup_imgui_style = theme_2.apply
        calls.show_menus = self._draw_menus
        calls.show_status = lambda: draw_status(self.controller)
        calls.show_gui = self._draw_overlays
        calls.pre_new_frame = self.controller.frames.begin
        calls.after_swap = self._end_frame
        return params

    def run(self, params: hello_imgui.RunnerParams) -> None:
        """Runs the window until it is closed. Raises NoDisplayError."""
        self.controller.on_change(hello_imgui.request_refresh)
        self.controller.profiler.mark("immapp.run")
        try:
            immapp.run(params, immapp.AddOnsParams(with_markdown=True))
        except RuntimeError as error:
            if "glfw" in str(error).lower():
                raise NoDisplayError(
                    "No display to open a window on: set DISPLAY, or run `sloppy.py --headless` for the hook API alone."
                ) from error
            raise

    def _end_frame(self) -> None:
        self.controller.frames.end()
        self.controller.profiler.mark("first frame")
        self.controller.start_warmup()

    def _draw_menus(self) -> None:
        if imgui.begin_menu("Bench"):
            for command in list_commands(self.controller):
                if imgui.menu_item(command.title, command.keys, False)[0]:
                    command.run()
            imgui.separator()
            if imgui.menu_item("Command palette", "Ctrl+Shift+P", False)[0]:
                self._open_palette = True
            if imgui.menu_item("Reload panels", "", False)[0]:
                self.reload_panels()
            clicked, self._nerv = imgui.menu_item("NERV theme", "", self._nerv)
            if clicked:
                (theme_nerv if self._nerv else theme_2).apply()
            imgui.end_menu()

    def _draw_overlays(self) -> None:
        if self._closing.is_set():
            hello_imgui.get_runner_params().app_shall_exit = True
        if self._open_palette:
            self._open_palette = False
            self.palette.open()
        self.palette.draw(self.controller)
        self.toast.draw(self.controller)
        if self._nerv:
            theme_nerv_fx.draw()
