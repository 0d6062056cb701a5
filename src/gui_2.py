"""The window: the table of panels, menus and shortcuts from the registry of commands, `immapp.run`. A skeleton.

Guarantees
- Everything here runs on the main thread; state comes as snapshots, and a change elsewhere asks for a frame.
- What a panel raises is shown in that panel; the rest of the window goes on.
- A changed module is taken over between two frames (`--hot-reload`).
"""

from __future__ import annotations

import gc
import os
import sys
import threading
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from imgui_bundle import hello_imgui, imgui, immapp

from importguard.warmup import NotWarmedError, WarmupFailedError
from importguard.warmup import require_warmed as _require_warmed
from src import markdown_helper, theme_2
from src.app_controller import AppController
from src.command_palette import CommandPalette
from src.commands import Command, Commands
from src.panels import discussion, request
from src.panels.panel_guard import PanelGuard
from src.panels.places import FIRST, MAIN, PLACES, SPLITS
from src.panels.status_bar import StatusBar
from src.panels.toasts import ToastStack
from src.theme_nerv_fx import Effects
from src.window import command_table, fonts, layout_file, shortcuts
from src.window.dialogs import Dialogs
from src.window.focus import COMPOSER, SEARCH, Focus, bring_to_front
from src.window.look import Look
from src.window.questions import Pick, Question
from src.window.turn_choice import TurnChoice

if TYPE_CHECKING:
    from concurrent.futures import Future

    from src.hooks.picture import Picture
    from src.panels.floating import Floating
    from src.panels.panel_guard import Drawable
    from src.panels.places import Place
    from src.theme_2 import Theme
    from src.window.file_picker import FilePicker
    from src.window.hot_reload import Reloader
    from src.window.screen import Screen, ScreenReader

# While nothing happens; input and `request_refresh` wake the window at once. A software renderer takes 20 ms a frame.
IDLE_FPS = 2.0
SETTLED = 3  # frames in which a tab stays in front, so that a panel that was to come there first does not cover it


class NoDisplayError(RuntimeError):
    """There is no display to open a window on."""


class Gui:
    """The window's own state; also what commands and panels may ask of it (`window.Window`).

    It closes at the frame after *closing* is set.
    """

    def __init__(self, controller: AppController, closing: threading.Event | None = None) -> None:
        self.controller = controller
        self._closing = closing or threading.Event()
        self.turns = TurnChoice()
        self.holds_shortcuts = False
        self.look = Look()
        self.effects = Effects()
        self.dialogs = Dialogs()
        self.commands = Commands(
            command_table.fixed(controller, self),
            partial(command_table.varying, controller, self),
            lambda: controller.settings.snapshot().shortcuts,
            self.tell,
        )
        self.palette = CommandPalette(self.commands, self.look.end_preview)
        palette = self.palette
        self.focus = Focus(lambda: self.dialogs.asked is not None or palette.is_open)
        self.status_bar, self.toasts = StatusBar(), ToastStack()
        self.made: dict[str, Drawable] = {}
        self._guards = {place.title: PanelGuard(place.title) for place in PLACES}
        self._reloader: Reloader | None = None
        self._picker: FilePicker | None = None
        self._floating: dict[str, Floating] = {}
        self._reader: ScreenReader | None = None
        self._approving = self._raises_approvals = 0
        self._spoken_of: set[str] = set()  # scripts
        self._is_shown = False
        self._hears_drops = False

    # What commands and panels may ask

    @property
    def themes(self) -> tuple[Theme, ...]:
        """The themes that exist."""
        return self.look.themes

    @property
    def panels(self) -> tuple[str, ...]:
        """The titles of the panels."""
        return tuple(place.title for place in PLACES)

    def attempt(self, action: Callable[[], object]) -> bool:
        """Does *action*; what it refuses becomes a toast. True when it was done."""
        try:
            action()
        except (ValueError, OSError, RuntimeError) as error:
            self.tell(str(error) or type(error).__name__)
            return False
        return True

    def ask(self, question: Question) -> None:
        """Asks the user."""
        self.dialogs.ask(question)

    def pick(self, pick: Pick) -> None:
        """Lets the user choose a file or a folder, in the system's dialog or by its path."""
        from src.window import file_picker  # seldom, and never before the first frame

        if not file_picker.is_available():
            self.ask(pick.question)
            return
        if self._picker is None:
            self._picker = file_picker.FilePicker()
        self._picker.ask(pick)

    def open_project(self, path: str) -> None:
        """Opens the project at *path*; a folder without one may be made one."""
        from src.project_manager import NoProjectError

        def look(opened: Future[None]) -> None:
            if isinstance(opened.exception(), NoProjectError):
                make = partial(self.controller.project.create, path)
                body = f"{path} is no project yet. A file sloppy.toml in it will say which of its files are sent."
                self.ask(Question("Make it a project?", body, "Make it a project", lambda _: make()))
                hello_imgui.request_refresh()

        self.controller.project.open(path).add_done_callback(look)

    def take_dropped(self, paths: tuple[str, ...]) -> None:
        """What was dropped onto the window: a folder is opened as a project, files are attached."""
        for path in paths:
            if os.path.isdir(path):
                self.open_project(path)
            else:
                self.attempt(partial(self.controller.composer.attach, path))
        hello_imgui.request_refresh()

    def ask_for_link(self, url: str) -> None:
        """Opens a link once the user agrees; only web addresses."""
        if not markdown_helper.is_web_address(url):
            self.tell(f"Only http and https links are opened, not {url[:80]!r}.")
            return
        show = partial(self.controller.errands.open_link, url)
        self.ask(Question("Open this page?", url, "Open in the browser", lambda _: show()))

    def tell(self, text: str) -> None:
        """Shows a sentence."""
        self.controller.log.add("warning", "window", text)
        self.controller.toasts.add(text, "warning")

    def copy(self, text: str) -> None:
        """Puts *text* on the clipboard."""
        imgui.set_clipboard_text(text)
        self.controller.toasts.add("Copied.", "info")

    def open_palette(self) -> None:
        """Opens the command palette, or closes it."""
        self.palette.open()

    def use_theme(self, name: str) -> None:
        """Takes a theme into use and remembers it."""
        self.look.end_preview()
        self.attempt(lambda: self.controller.settings.change(theme=name))

    def preview_theme(self, name: str) -> None:
        """Shows a theme until `end_preview` or `use_theme`."""
        self.look.preview(name)

    def scale_font(self, factor: float) -> None:
        """Grows the font by *factor*; 0 means back to its own size."""
        wanted = self.look.limit(self.controller.settings.snapshot().font_scale * factor if factor else 1.0)
        self.attempt(lambda: self.controller.settings.change(font_scale=wanted))

    def show_panel(self, title: str) -> None:
        """Opens a panel and gives it the keyboard."""
        if not next(place.space for place in PLACES if place.title == title):
            self._floating_panel(title).show()
            return
        window = self._docking().dockable_window_of_name(title)
        window.is_visible = True
        window.focus_window_at_next_frame = True

    def _floating_panel(self, title: str) -> Floating:
        """The window of a panel that is docked nowhere."""
        if title not in self._floating:
            from src.panels.floating import Floating  # none is open at first

            self._floating[title] = Floating(title, partial(self._draw_panel, title))
        return self._floating[title]

    def focus_composer(self) -> None:
        """Gives the composer the keyboard; a floating panel that covers it is closed."""
        if (area := getattr(self.made.get("Composer"), "area", None)) is not None:
            for panel in self._floating.values():
                panel.uncover(area)
        self.show_panel("Composer")
        self.focus.want(COMPOSER)

    def toggle_search(self) -> None:
        """Opens the discussion's search with the keyboard, or closes it when it has that."""
        self.show_panel("Discussion")
        panel = self.panel("Discussion")
        if isinstance(panel, discussion.DiscussionPanel):
            panel.is_searching = self.focus.field != SEARCH
            self.focus.want(SEARCH if panel.is_searching else COMPOSER)

    def unseen(self) -> str:
        """Why what waits for approval cannot be approved yet; empty when all of it was on the screen."""
        from src.panels.approvals import ApprovalsPanel

        panel, waiting = self.panel("Approvals"), self.controller.approvals.snapshot()
        return panel.unseen(waiting[0]) if isinstance(panel, ApprovalsPanel) and waiting else ""

    def show_settings(self, section: str) -> None:
        """Opens the settings at a section."""
        self.show_panel("Settings")
        from src.panels.settings import SettingsPanel

        panel = self.panel("Settings")
        if isinstance(panel, SettingsPanel):
            panel.open_section(section)

    def show_sent(self, turn_id: int) -> None:
        """Opens the request at a turn, with the files that went out with it."""
        self.show_panel("Request")
        panel = self.panel("Request")
        if isinstance(panel, request.RequestPanel):
            panel.open_turn(turn_id)

    def reset_layout(self) -> None:
        """Puts every panel back where it was at first."""
        docking = self._docking()
        for panel in self._floating.values():
            panel.is_open = False
        for place in PLACES:
            if place.space:
                docking.dockable_window_of_name(place.title).is_visible = place.is_open
        docking.layout_reset = True

    def take_picture(self) -> Picture:
        """The frame drawn last. Raises NoPictureError where its pixels cannot be read."""
        from src.hooks.picture import read_framebuffer

        return read_framebuffer()

    def read_next_frame(self) -> None:
        """Lets the next frame be read while it is drawn."""
        from src.window.screen import ScreenReader  # asked for by tests and clients of the hook API

        self._reader = self._reader or ScreenReader()
        self._reader.want()

    def screen(self) -> Screen | None:
        """The frame that was read last; None before it is drawn."""
        return self._reader.last if self._reader is not None else None

    def quit(self) -> None:
        """Closes the window."""
        hello_imgui.get_runner_params().app_shall_exit = True

    def watch_modules(self) -> None:
        """Takes over changed modules from now on, for developers."""
        from src.window.hot_reload import Reloader

        self._reloader = Reloader()
        self.controller.errands.watch(os.path.dirname(os.path.abspath(__file__)), self._note_changes)

    def panel(self, title: str) -> Drawable:
        """The panel, made when it is first wanted."""
        if title not in self.made:
            self.made[title] = next(place for place in PLACES if place.title == title).make(self)
        return self.made[title]

    # The window itself

    def build_params(self) -> hello_imgui.RunnerParams:
        """What hello_imgui needs to run this window."""
        params = hello_imgui.RunnerParams()
        params.app_window_params.window_title = "Sloppy"
        params.app_window_params.window_geometry.size = (1280, 800)
        params.app_window_params.restore_previous_geometry = True
        params.ini_folder_type = hello_imgui.IniFolderType.app_user_config_folder
        params.ini_filename = "sloppy.ini"
        # The window's own antialiasing costs a software renderer 60 ms a frame; imgui smooths its edges itself.
        params.renderer_backend_options.open_gl_options = hello_imgui.OpenGlOptions()
        params.renderer_backend_options.open_gl_options.anti_aliasing_samples = 0
        params.fps_idling.fps_idle = IDLE_FPS
        window = params.imgui_window_params
        window.default_imgui_window_type = hello_imgui.DefaultImGuiWindowType.provide_full_screen_dock_space
        window.show_menu_bar = window.show_status_bar = True
        window.show_status_fps = window.show_menu_app = window.show_menu_view = window.remember_theme = False
        docking = params.docking_params
        quiet = imgui.internal.DockNodeFlagsPrivate_.no_window_menu_button.value
        quiet |= imgui.internal.DockNodeFlagsPrivate_.no_close_button.value
        docking.main_dock_space_node_flags |= quiet
        docking.docking_splits = [
            hello_imgui.DockingSplit(MAIN, name, side, share, quiet) for name, side, share in SPLITS
        ]
        docking.dockable_windows = [self._dockable(place) for place in PLACES if place.space]
        calls = params.callbacks
        calls.default_icon_font = hello_imgui.DefaultIconFont.font_awesome6
        calls.post_init = self._open_first_panels
        calls.load_additional_fonts = self._load_fonts
        calls.setup_imgui_config = set_up_keyboard
        calls.setup_imgui_style = self._set_first_look
        calls.pre_new_frame = self._begin_frame
        calls.show_menus = self._draw_menus
        calls.show_status = lambda: self.status_bar.draw(self.controller)
        calls.show_gui = self._draw_overlays
        calls.before_imgui_render = self._finish_frame
        calls.after_swap = self._end_frame
        return params

    def mend_layout(self, params: hello_imgui.RunnerParams) -> None:
        """Keeps a damaged layout aside before it is read, and says so."""
        folder = hello_imgui.ini_folder_location(params.ini_folder_type)
        if told := layout_file.mend(os.path.join(folder, params.ini_filename)):
            self.controller.toasts.add(told, "warning")

    def run(self, params: hello_imgui.RunnerParams) -> None:
        """Runs the window until it is closed. Raises NoDisplayError."""
        if not params.ini_disable:
            self.mend_layout(params)
        self.controller.on_change(hello_imgui.request_refresh)
        self.controller.window_link.open(self, hello_imgui.request_refresh)
        self.controller.profiler.mark("immapp.run")
        add_ons = immapp.AddOnsParams(with_markdown_options=markdown_helper.make_options(self.ask_for_link))
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
        window = hello_imgui.DockableWindow(
            place.title, place.space, partial(self._draw_panel, place.title), place.is_open
        )
        window.include_in_view_menu = False
        # A panel that appears by itself takes no keyboard; one that the user goes to gets it from `show_panel`.
        window.imgui_window_flags |= imgui.WindowFlags_.no_focus_on_appearing.value
        return window

    def _docking(self) -> hello_imgui.DockingParams:
        return hello_imgui.get_runner_params().docking_params

    def _open_first_panels(self) -> None:
        self.controller.profiler.mark("window")
        if not hello_imgui.has_ini_settings(hello_imgui.get_runner_params()):
            self.show_panel("Request")  # of the tabs in one place, the one in front
            self.show_panel("Composer")

    def _load_fonts(self) -> None:
        fonts.load()
        self.look.forget()

    def _set_first_look(self) -> None:
        self.look.recall()
        self.look.apply()

    def _begin_frame(self) -> None:
        self.controller.frames.begin()
        self.focus.begin()
        shortcuts.read_events()
        self._reload()
        self.look.follow(self.controller.settings.snapshot())
        self.look.apply()
        if fonts.Fonts.needed:
            self._complete_fonts()

    def _complete_fonts(self) -> None:
        """Gets the fonts that texts need, and says once what cannot be drawn, or only letter by letter."""
        self.controller.fonts.look()
        for name in fonts.complete(self.controller.fonts.snapshot()):
            if name not in self._spoken_of:
                self._spoken_of.add(name)
                self.tell(f"No font on this system has {name}. Fonts in the settings can fetch one.")
        for name in fonts.unshaped():
            if name not in self._spoken_of and name in self.controller.fonts.snapshot().found:
                self._spoken_of.add(name)
                self.tell(f"{name} is shown letter by letter: the window's toolkit cannot join its letters.")

    def _finish_frame(self) -> None:
        if self._reader is not None:
            asked = self.dialogs.asked
            palette = "Commands" if self.palette.is_open else ""
            self._reader.end(self.focus.last, asked.title if asked is not None else palette)

    def _end_frame(self) -> None:
        self.controller.frames.end()
        if not self._is_shown:
            self._is_shown = True
            self.controller.profiler.mark("first frame")
            gc.enable()  # before the warmup, which holds it off by itself
            self.controller.start_warmup()
        if not self._hears_drops:
            self._hears_drops = self._listen_for_drops()
        self.controller.window_link.answer()

    def _listen_for_drops(self) -> bool:
        """Whether dropped files arrive from now on, or never will: the module that hears them is warmed."""
        try:
            _require_warmed("src.window.dropped").listen(self.take_dropped)
        except NotWarmedError:
            return False
        except WarmupFailedError:
            return True
        return True

    def _draw_panel(self, title: str) -> None:
        if self._is_shown or title in FIRST:  # imgui draws every tab in its first frame, the hidden ones too
            self._guards[title].draw(self.panel(title), self.controller)

    def _draw_menus(self) -> None:
        menus: dict[str, dict[str, list[Command]]] = {}
        for command in self.commands.all():
            menu, _, submenu = command.category.partition("/")
            menus.setdefault(menu, {}).setdefault(submenu, []).append(command)
        for menu, submenus in menus.items():
            if imgui.begin_menu(menu):
                for submenu, commands in submenus.items():
                    if not submenu or imgui.begin_menu(submenu):
                        for command in commands:
                            self._draw_item(command)
                        if submenu:
                            imgui.end_menu()
                imgui.end_menu()

    def _draw_item(self, command: Command) -> None:
        reason = command.refusal()
        if imgui.menu_item(f"{command.title}###{command.id}", self.commands.keys_of(command), False, not reason)[0]:
            self.commands.run_command(command)
        if reason and imgui.is_item_hovered(imgui.HoveredFlags_.allow_when_disabled.value):
            imgui.set_tooltip(reason[0].upper() + reason[1:] + ".")

    def _draw_overlays(self) -> None:
        if self._reader is not None:
            self._reader.begin()
        if self._closing.is_set():
            self.quit()
        self._show_approvals()
        self._run_shortcuts()
        for panel in self._floating.values():
            panel.draw()
        if self._picker is not None:
            self._picker.follow()
        self.palette.draw()
        self.dialogs.draw()
        panels = (self.made.get("Composer"), self.made.get("Approvals"))  # notices stay out of these
        areas = [area for panel in panels if (area := getattr(panel, "area", None)) is not None]
        self.toasts.draw(self.controller, areas)
        if self.look.has_effects:
            self.effects.draw(theme_2.colours().failed)

    def _show_approvals(self) -> None:
        """Brings what waits for the user to the front, once for each."""
        waiting = self.controller.approvals.snapshot()
        newest = waiting[-1].id if waiting else 0
        if newest > self._approving:
            self._approving = newest
            self._docking().dockable_window_of_name("Approvals").is_visible = True
            self._raises_approvals = SETTLED
            self.effects.alert()
        if self._raises_approvals and bring_to_front("Approvals"):
            self._raises_approvals -= 1

    def _run_shortcuts(self) -> None:
        held, self.holds_shortcuts = self.holds_shortcuts, False
        anything = imgui.PopupFlags_.any_popup_id | imgui.PopupFlags_.any_popup_level
        if held or (imgui.is_popup_open("", anything.value) and not self.palette.is_open):
            return  # a shortcut is being recorded, or a menu or a question has the keyboard
        for keys, bound in self.commands.bound().items():
            # Escape means many things: when there is nothing to stop, that is not worth a word.
            silent = keys == "Escape" and (bound[0].refusal() or self.focus.field == SEARCH)
            silent = silent or (self.palette.is_open and not is_palette(bound[0]))
            if len(bound) == 1 and not silent and shortcuts.is_pressed(keys):
                self.commands.run_command(bound[0])

    # Hot reload

    def _note_changes(self, paths: frozenset[str]) -> None:
        if self._reloader is not None:
            self._reloader.note(paths)
        hello_imgui.request_refresh()

    def _reload(self) -> None:
        outcome = self._reloader.reload() if self._reloader is not None else None
        if outcome is None:
            return
        if outcome.error:
            self.controller.toasts.add(outcome.error, "error")
            return
        from src.window.hot_reload import carry_over

        markdown_helper.forget()
        for title, old in self.made.items():
            module = sys.modules[type(old).__module__]
            self.made[title] = carry_over(old, getattr(module, type(old).__name__)(self))
            self._guards[title].clear()
        self.look.forget()
        self.controller.toasts.add(f"Reloaded {', '.join(outcome.modules)}.", "success")


def is_palette(command: Command) -> bool:
    """The command that opens and closes the palette, which works while it is open."""
    return command.id == "view.palette"


def set_up_keyboard() -> None:
    """Docking, and every widget within reach of the keyboard; the callback of hello_imgui for that."""
    imgui.get_io().config_flags |= imgui.ConfigFlags_.docking_enable | imgui.ConfigFlags_.nav_enable_keyboard
