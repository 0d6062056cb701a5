"""The window: the table of panels, menus and shortcuts from the registry of commands, `immapp.run`. A skeleton.

Guarantees
- Everything here runs on the main thread; state comes as snapshots, and a change elsewhere asks for a frame.
- What a panel raises is shown in that panel; the rest of the window goes on.
"""

from __future__ import annotations

import threading
from functools import partial
from typing import NamedTuple, Protocol

from imgui_bundle import hello_imgui, imgui, immapp

from src import command_table, fonts, markdown_helper, shortcuts, theme_2
from src.app_controller import AppController
from src.command_palette import CommandPalette
from src.command_table import Choice
from src.commands import Command, Commands
from src.dialogs import Dialogs, Question
from src.look import Look
from src.panels import chat, startup
from src.panels.panel_guard import PanelGuard
from src.panels.status_bar import ToastPanel, draw_status
from src.picture import Picture, read_framebuffer
from src.theme_nerv_fx import Effects


class NoDisplayError(RuntimeError):
    """There is no display to open a window on."""


class Panel(Protocol):
    """A dockable window's content."""

    def draw(self, controller: AppController) -> None:
        """One frame."""


class Place(NamedTuple):
    """A panel's title, the dock space it starts in, its class, and whether it is open at first."""

    title: str
    space: str
    make: type[Panel]
    is_open: bool = True


PLACES = (
    Place("Chat", "MainDockSpace", chat.ChatPanel),
    Place("Startup", "SideSpace", startup.StartupPanel),
)


class Gui:
    """The window's own state; also what commands and panels may ask of it (`command_table.Window`).

    It closes at the frame after *closing* is set.
    """

    def __init__(self, controller: AppController, closing: threading.Event | None = None) -> None:
        self.controller = controller
        self._closing = closing or threading.Event()
        self.look = Look()
        self.effects = Effects()
        self.dialogs = Dialogs()
        self.commands = Commands(
            command_table.fixed(controller, self),
            partial(command_table.varying, controller, self),
            on_refused=controller.toasts.add,
        )
        self.palette = CommandPalette(self.commands, self.end_preview)
        self.toast = ToastPanel()
        self.made: dict[str, Panel] = {place.title: place.make() for place in PLACES}
        self._guards = {place.title: PanelGuard(place.title) for place in PLACES}

    # What commands and panels may ask

    @property
    def themes(self) -> tuple[Choice, ...]:
        """The themes that exist."""
        return self.look.choices

    @property
    def panels(self) -> tuple[str, ...]:
        """The titles of the panels."""
        return tuple(place.title for place in PLACES)

    def open_palette(self) -> None:
        """Opens the command palette, or closes it."""
        self.palette.open()

    def use_theme(self, name: str) -> None:
        """Takes a theme into use and remembers it."""
        self.look.preview("")
        self._choose_look(theme=name)

    def preview_theme(self, name: str) -> None:
        """Shows a theme until `end_preview` or `use_theme`."""
        self.look.preview(name)

    def end_preview(self) -> None:
        """Shows the chosen theme again."""
        self.look.preview("")

    def scale_font(self, factor: float) -> None:
        """Grows the font by *factor*; 0 means back to its own size."""
        self._choose_look(font_scale=self.look.font_scale * factor if factor else 1.0)

    def show_panel(self, title: str) -> None:
        """Opens a panel and gives it the keyboard."""
        window = self._docking().dockable_window_of_name(title)
        window.is_visible = True
        window.focus_window_at_next_frame = True

    def toggle_panel(self, title: str) -> None:
        """Opens a panel or closes it."""
        window = self._docking().dockable_window_of_name(title)
        window.is_visible = not window.is_visible

    def reset_layout(self) -> None:
        """Puts every panel back where it was at first."""
        docking = self._docking()
        for place in PLACES:
            docking.dockable_window_of_name(place.title).is_visible = place.is_open
        docking.layout_reset = True

    def ask(self, question: Question) -> None:
        """Asks the user."""
        self.dialogs.ask(question)

    def take_picture(self) -> Picture:
        """The frame drawn last. Raises NoPictureError where its pixels cannot be read."""
        return read_framebuffer()

    def quit(self) -> None:
        """Closes the window."""
        hello_imgui.get_runner_params().app_shall_exit = True

    # The window itself

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
        window.show_status_fps = window.show_menu_app = window.show_menu_view = window.remember_theme = False
        split = hello_imgui.DockingSplit("MainDockSpace", "SideSpace", imgui.Dir.right, 0.32)
        params.docking_params.docking_splits = [split]
        params.docking_params.dockable_windows = [self._dockable(place) for place in PLACES]
        calls = params.callbacks
        calls.default_icon_font = hello_imgui.DefaultIconFont.font_awesome6
        calls.post_init = lambda: self.controller.profiler.mark("window")
        calls.load_additional_fonts = self._load_fonts
        calls.setup_imgui_config = set_up_keyboard
        calls.setup_imgui_style = self._set_first_look
        calls.pre_new_frame = self._begin_frame
        calls.show_menus = self._draw_menus
        calls.show_status = lambda: draw_status(self.controller)
        calls.show_gui = self._draw_overlays
        calls.after_swap = self._end_frame
        return params

    def run(self, params: hello_imgui.RunnerParams) -> None:
        """Runs the window until it is closed. Raises NoDisplayError."""
        self.controller.on_change(hello_imgui.request_refresh)
        self.controller.window_link.open(self, hello_imgui.request_refresh)
        self.controller.profiler.mark("immapp.run")
        add_ons = immapp.AddOnsParams(with_markdown_options=markdown_helper.make_options())
        try:
            immapp.run(params, add_ons)
        except RuntimeError as error:
            if "glfw" in str(error).lower():
                raise NoDisplayError(
                    "No display to open a window on: set DISPLAY, or run `sloppy.py --headless` for the hook API alone."
                ) from error
            raise
        finally:
            self.controller.window_link.close()
            markdown_helper.forget()

    def _dockable(self, place: Place) -> hello_imgui.DockableWindow:
        draw = partial(self._draw_panel, place.title)
        return hello_imgui.DockableWindow(place.title, place.space, draw, place.is_open)

    def _docking(self) -> hello_imgui.DockingParams:
        return hello_imgui.get_runner_params().docking_params

    def _load_fonts(self) -> None:
        fonts.load()
        self.look.forget()

    def _set_first_look(self) -> None:
        self.look.recall()
        self.look.apply()

    def _choose_look(self, theme: str | None = None, font_scale: float | None = None) -> None:
        self.look.choose(theme or self.look.theme, font_scale or self.look.font_scale, self.look.reduced_motion)
        self.look.remember()

    def _begin_frame(self) -> None:
        self.controller.frames.begin()
        self.look.apply()

    def _end_frame(self) -> None:
        self.controller.frames.end()
        self.controller.profiler.mark("first frame")
        self.controller.start_warmup()
        self.controller.window_link.answer()

    def _draw_panel(self, title: str) -> None:
        self._guards[title].draw(self.made[title], self.controller)

    def _draw_menus(self) -> None:
        for category in dict.fromkeys(command.category for command in self.commands.all()):
            if imgui.begin_menu(category):
                for command in self.commands.all():
                    if command.category == category:
                        self._draw_item(command)
                imgui.end_menu()

    def _draw_item(self, command: Command) -> None:
        reason = command.refusal()
        if imgui.menu_item(command.title, self.commands.keys_of(command), False, not reason)[0]:
            self.commands.run_command(command)
        if reason and imgui.is_item_hovered(imgui.HoveredFlags_.allow_when_disabled.value):
            imgui.set_tooltip(reason.capitalize() + ".")

    def _draw_overlays(self) -> None:
        if self._closing.is_set():
            self.quit()
        self._run_shortcuts()
        self.palette.draw()
        self.dialogs.draw()
        self.toast.draw(self.controller)
        if self.look.has_effects:
            self.effects.draw(theme_2.colours().failed)

    def _run_shortcuts(self) -> None:
        for keys, bound in self.commands.bound().items():
            # Escape means many things: when there is nothing to stop, that is not worth a word.
            silent = keys == "Escape" and bound[0].refusal()
            if len(bound) == 1 and not silent and shortcuts.is_pressed(keys):
                self.commands.run_command(bound[0])


def set_up_keyboard() -> None:
    """Docking, and every widget within reach of the keyboard; the callback of hello_imgui for that."""
    imgui.get_io().config_flags |= imgui.ConfigFlags_.docking_enable | imgui.ConfigFlags_.nav_enable_keyboard
