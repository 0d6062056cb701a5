"""The window: what commands and panels may ask of it, its frames, `immapp.run`. A skeleton.

Guarantees
- Everything here runs on the main thread; state comes as snapshots, and a change elsewhere asks for a frame.
- What a panel raises is shown in that panel; the rest of the window goes on.
- A changed module is taken over between two frames (`--hot-reload`).
"""

from __future__ import annotations

import gc
import os
import threading
from collections.abc import Callable
from functools import cached_property, partial
from typing import TYPE_CHECKING

from imgui_bundle import hello_imgui, imgui, immapp

from importguard.warmup import NotWarmedError, WarmupFailedError
from importguard.warmup import require_warmed as _require_warmed
from src import markdown_helper, theme_2
from src.app_controller import AppController
from src.commands import Commands
from src.panels import discussion, request
from src.panels.board import Board
from src.panels.status_bar import StatusBar
from src.panels.toasts import ToastStack
from src.window import command_table, fonts, invoking, runner, shortcuts
from src.window.focus import COMPOSER, SEARCH, Focus
from src.window.look import Look
from src.window.turn_choice import TurnChoice

if TYPE_CHECKING:
    from src.command_palette import CommandPalette
    from src.hooks.picture import Picture
    from src.panels.panel_guard import Drawable
    from src.panels.raised import RaisedApprovals
    from src.theme_2 import Theme
    from src.theme_nerv_fx import Effects
    from src.window.arrivals import Arrivals
    from src.window.dialogs import Dialogs
    from src.window.hot_reload import Reloader
    from src.window.questions import Form, Pick, Question
    from src.window.screen import Screen, ScreenReader


class NoDisplayError(RuntimeError):
    """There is no display to open a window on."""


class Gui:
    """The window's own state; also what commands and panels may ask of it (`window.Window`).

    It closes at the frame after *closing* is set.
    """

    def __init__(self, controller: AppController, closing: threading.Event | None = None) -> None:
        self.controller = controller
        self._closing = closing or threading.Event()
        self._is_shown = False
        self.board = Board(controller, self, lambda: self._is_shown)
        self.turns = TurnChoice()
        self.holds_shortcuts = False
        self.look = Look()
        self.commands = Commands(
            command_table.fixed(controller, self),
            partial(command_table.varying, controller, self),
            lambda: controller.settings.snapshot().shortcuts,
            self.tell,
        )
        self._dialogs: Dialogs | None = None
        self._palette: CommandPalette | None = None
        self._raised: RaisedApprovals | None = None
        self.focus = Focus(lambda: self.asked is not None or self.palette_is_open)
        self.status_bar, self.toasts = StatusBar(), ToastStack()
        self._reloader: Reloader | None = None
        self._arrivals: Arrivals | None = None
        self._reader: ScreenReader | None = None
        self._spoken_of: set[str] = set()  # scripts
        self._is_complete = False

    # What commands and panels may ask

    @property
    def themes(self) -> tuple[Theme, ...]:
        """The themes that exist."""
        return self.look.themes

    @property
    def panels(self) -> tuple[str, ...]:
        """The titles of the panels."""
        return self.board.titles

    @property
    def made(self) -> dict[str, Drawable]:
        """The panels that were made, by title."""
        return self.board.made

    def attempt(self, action: Callable[[], object]) -> bool:
        """Does *action*; what it refuses becomes a toast. True when it was done."""
        try:
            action()
        except (ValueError, OSError, RuntimeError) as error:
            self.tell(str(error) or type(error).__name__)
            return False
        return True

    def ask(self, question: Question | Form) -> None:
        """Asks the user."""
        self.dialogs.ask(question)

    # What the first frame does not show is imported when it is first wanted.

    @property
    def dialogs(self) -> Dialogs:
        """The questions."""
        if self._dialogs is None:
            from src.window.dialogs import Dialogs

            self._dialogs = Dialogs()
        return self._dialogs

    @property
    def asked(self) -> Question | Form | None:
        """The question that is on the screen, or comes next."""
        return self._dialogs.asked if self._dialogs is not None else None

    @property
    def palette(self) -> CommandPalette:
        """The command palette."""
        if self._palette is None:
            from src.command_palette import CommandPalette

            self._palette = CommandPalette(self.commands, self.look.end_preview)
        return self._palette

    @property
    def palette_is_open(self) -> bool:
        """The palette has the keyboard."""
        return self._palette is not None and self._palette.is_open

    @cached_property
    def effects(self) -> Effects:
        """What the technical theme draws over everything."""
        from src.theme_nerv_fx import Effects

        return Effects()

    @property
    def arrivals(self) -> Arrivals:
        """What takes files, folders and links from outside; made when the first one comes."""
        if self._arrivals is None:
            from src.window.arrivals import Arrivals

            self._arrivals = Arrivals(self.controller, self)
        return self._arrivals

    def pick(self, pick: Pick) -> None:
        """Lets the user choose a file or a folder, in the system's dialog or by its path."""
        self.arrivals.pick(pick)

    def open_project(self, path: str) -> None:
        """Opens the project at *path*; a folder without one may be made one."""
        self.arrivals.open_project(path)

    def take_dropped(self, paths: tuple[str, ...]) -> None:
        """What was dropped onto the window: a folder is opened as a project, files are attached."""
        self.arrivals.take_dropped(paths)

    def ask_for_link(self, url: str) -> None:
        """Opens a link once the user agrees; only web addresses."""
        self.arrivals.ask_for_link(url)

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
        self.board.show(title)

    def focus_composer(self) -> None:
        """Gives the composer the keyboard; a floating panel that covers it is closed."""
        self.board.uncover("Composer")
        self.show_panel("Composer")
        self.focus.want(COMPOSER)

    def toggle_search(self) -> None:
        """Opens the discussion's search with the keyboard, or closes it when it has that."""
        self.show_panel("Discussion")
        panel = self.panel("Discussion")
        if isinstance(panel, discussion.DiscussionPanel):
            panel.search.is_open = self.focus.field != SEARCH
            self.focus.want(SEARCH if panel.search.is_open else COMPOSER)

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
        self.board.reset()

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
        return self.board.panel(title)

    # The window itself

    def build_params(self) -> hello_imgui.RunnerParams:
        """What hello_imgui needs to run this window."""
        params = runner.make_params()
        self.board.set_up(params)
        calls = params.callbacks
        calls.post_init = self._open_first_panels
        calls.load_additional_fonts = self._load_fonts
        calls.setup_imgui_style = self._set_first_look
        calls.pre_new_frame = self._begin_frame
        calls.show_menus = lambda: invoking.draw_menus(self.commands)
        calls.show_status = lambda: self.status_bar.draw(self.controller)
        calls.show_gui = self._draw_overlays
        calls.before_imgui_render = self._finish_frame
        calls.after_swap = self._end_frame
        return params

    def mend_layout(self, params: hello_imgui.RunnerParams) -> None:
        """Keeps a damaged layout aside before it is read, and says so."""
        if said := runner.mend_layout(params):
            self.controller.toasts.add(said, "warning")

    def run(self, params: hello_imgui.RunnerParams) -> None:
        """Runs the window until it is closed. Raises NoDisplayError."""
        if not params.ini_disable:
            self.mend_layout(params)
        self.controller.on_change(hello_imgui.request_refresh)
        self.controller.window_link.open(self, hello_imgui.request_refresh)
        self.controller.profiler.mark("immapp.run")
        add_ons = immapp.AddOnsParams(with_markdown_options=markdown_helper.make_options(self.ask_for_link))
        try:
            # `immapp.run` itself looks at every file of the stack, for its tutorials: 7 ms before the first frame.
            immapp.immapp_cpp.run(params, add_ons)
        except RuntimeError as error:
            if "glfw" in str(error).lower():
                raise NoDisplayError(
                    "No display to open a window on: set DISPLAY, or run `sloppy.py --headless` for the hook API alone."
                ) from error
            raise
        finally:
            self.controller.window_link.close()
            markdown_helper.forget()

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
            asked, palette = self.asked, "Commands" if self.palette_is_open else ""
            self._reader.end(self.focus.last, asked.title if asked is not None else palette)

    def _end_frame(self) -> None:
        self.controller.frames.end()
        if not self._is_shown:
            self._is_shown = True
            self.controller.profiler.mark("first frame")
            gc.enable()  # before the warmup, which holds it off by itself
            self.controller.start_warmup()
        self._is_complete = self._is_complete or self._complete()
        self.controller.window_link.answer()

    def _complete(self) -> bool:
        """Whether the window has from now on what its first frame goes without, or never will: it is warmed."""
        try:
            _require_warmed("src.panels.ahead").begin(self.take_dropped)
        except NotWarmedError:
            return False
        except WarmupFailedError:
            return True
        return True

    def _draw_overlays(self) -> None:
        if self._reader is not None:
            self._reader.begin()
        if self._closing.is_set():
            self.quit()
        self.board.follow_discussion()
        if self.board.follow_width():
            self.focus.want_again()
        self._raise_approvals()
        held, self.holds_shortcuts = self.holds_shortcuts, False
        if not held:  # else a shortcut is being recorded
            invoking.run_shortcuts(self.commands, self.focus, palette_is_open=self.palette_is_open)
        self.board.draw_floating()
        if self._arrivals is not None:
            self._arrivals.follow()
        if self._palette is not None:
            self._palette.draw()
        if self._dialogs is not None:
            self._dialogs.draw()
        titles = ("Composer", "Approvals")  # notices stay out of these
        areas = [area for title in titles if (area := self.board.area(title)) is not None]
        self.toasts.draw(self.controller, areas)
        if self.look.has_effects:
            self.effects.draw(theme_2.colours().failed)

    def _raise_approvals(self) -> None:
        waiting = self.controller.approvals.snapshot()
        if self._raised is None:
            if not waiting:
                return
            from src.panels.raised import RaisedApprovals

            self._raised = RaisedApprovals(self.effects.alert)
        self._raised.follow(waiting)

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
        markdown_helper.forget()
        self.board.renew()
        self.look.forget()
        self.controller.toasts.add(f"Reloaded {', '.join(outcome.modules)}.", "success")
