"""The context: the project's files, which of them the model sees, what they weigh, the patterns that choose."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from imgui_bundle import hello_imgui, imgui
from imgui_bundle import icons_fontawesome_6 as icons

from src import theme_2
from src.window import controls, secret_commands

if TYPE_CHECKING:
    from src.app_controller import AppController
    from src.panels.file_tree import Folder, Row
    from src.project.git_changes import GitState
    from src.project.scan import ContextFile
    from src.project_manager import ProjectState
    from src.window.protocol import Window

_TABLE = imgui.TableFlags_.row_bg | imgui.TableFlags_.scroll_y | imgui.TableFlags_.no_saved_settings
TWO_FACTS = 19  # em; below it the number of files and that of tokens are on two lines
NARROW = 11  # em; below it names need all the room


class ContextPanel:
    """Which folders are open, what is filtered, and the patterns while they are typed."""

    def __init__(self, window: Window) -> None:
        self._window = window
        self.opened: set[str] = set()
        self.filtered = ""
        self.patterns = ("", "")
        self.shows_patterns = False
        self._patterns_of: object = None
        self._is_narrow = False
        self._built_of: tuple[ContextFile, ...] | None = None
        self._tree: Folder | None = None
        self._rows: tuple[tuple[object, ...], list[Row]] = ((), [])
        self._git: GitState | None = None

    def draw(self, controller: AppController) -> None:
        """One frame."""
        state = controller.project.snapshot()
        if state.project is None:
            self._draw_empty(controller)
            return
        self._draw_head(controller, state)
        self._draw_budget(controller, state)
        if self.shows_patterns:
            self._draw_patterns(controller, state)
        imgui.set_next_item_width(-1)
        _, self.filtered = imgui.input_text_with_hint("##filter", "Find a file", self.filtered)
        if state.scanning:
            controls.draw_working("Looking at the folders")
        self._draw_files(controller, state)

    def _draw_empty(self, controller: AppController) -> None:
        imgui.dummy(hello_imgui.em_to_vec2(0, 1))
        imgui.text_wrapped("No project is open.")
        controls.draw_muted("A project is a folder. Its files go along with what you ask, those that you choose.")
        imgui.dummy(hello_imgui.em_to_vec2(0, 0.3))
        commands = self._window.commands
        for name in ("project.open", "project.create"):
            command = commands.find(name)
            if command is not None and controls.draw_command_button(command.title, name):
                commands.run_command(command)
        recent = controller.settings.snapshot().recent_projects
        if recent:
            controls.draw_title("Opened before")
        for path in recent:
            folder = os.path.dirname(path) if path.endswith(".toml") else path
            if imgui.selectable(f"{icons.ICON_FA_FOLDER}  {os.path.basename(folder)}###{path}", False)[0]:
                controller.project.open(path)
            imgui.set_item_tooltip(path)

    def _draw_head(self, controller: AppController, state: ProjectState) -> None:
        project = state.project
        if project is None:
            return
        imgui.align_text_to_frame_padding()
        imgui.text_unformatted(controls.shown(project.name or os.path.basename(project.folder)))
        imgui.set_item_tooltip(project.folder)
        names = (icons.ICON_FA_FILTER, icons.ICON_FA_ARROWS_ROTATE, icons.ICON_FA_XMARK)
        room = sum(controls.width_of_button(name) for name in names) + imgui.get_style().item_spacing.x * 2
        controls.stay_on_line(room)
        controls.move_right(room)
        width = controls.width_of_button(names[2]) - imgui.get_style().frame_padding.x  # the icon alone
        if controls.draw_icon_button(names[0], "patterns", "Patterns that choose files"):
            self.shows_patterns = not self.shows_patterns
        controls.stay_on_line(width)
        if controls.draw_icon_button(names[1], "rescan", "Look at the folders again"):
            controller.project.rescan()
        controls.stay_on_line(width)
        if controls.draw_icon_button(names[2], "close", "Close the project"):
            controller.project.close()
        if state.read_only:
            controls.draw_coloured(theme_2.colours().busy, f"{icons.ICON_FA_LOCK}  {state.notice or 'Read only.'}")

    def _draw_budget(self, controller: AppController, state: ProjectState) -> None:
        window = controller.preview().window_tokens
        chosen = sum(file.included for file in state.files)
        files, tokens = f"{chosen:,} of {len(state.files):,} files", f"~{controls.count(state.total_tokens)} tokens"
        label = f"{files}   {tokens}"
        if imgui.get_content_region_avail().x < hello_imgui.em_size(TWO_FACTS):
            label = f"{files}\n{tokens}"
        kept_back = f"   {len(state.held):,} kept back" if state.held else ""
        colours = theme_2.colours()
        if window:
            share = state.total_tokens / window
            controls.draw_muted(f"{label} of {controls.count(window)}{kept_back}")
            controls.draw_bar(share, colours.failed if share > 1 else colours.busy if share > 0.8 else colours.accent)
        else:
            controls.draw_muted(f"{label}{kept_back}")

    def _draw_patterns(self, controller: AppController, state: ProjectState) -> None:
        project = state.project
        if project is None:
            return
        if self._patterns_of != (project.path, project.include, project.exclude):
            self._patterns_of = (project.path, project.include, project.exclude)
            self.patterns = ("\n".join(project.include), "\n".join(project.exclude))
        size = imgui.ImVec2(-1, hello_imgui.em_size(3.6))
        controls.draw_muted("Sent by themselves, one pattern a line, as in .gitignore")
        _, include = imgui.input_text_multiline("##include", self.patterns[0], size)
        controls.draw_muted("Never sent")
        _, exclude = imgui.input_text_multiline("##exclude", self.patterns[1], size)
        self.patterns = (include, exclude)
        if imgui.button("Use these patterns"):
            wanted = tuple(tuple(line.strip() for line in text.splitlines() if line.strip()) for text in self.patterns)
            self._window.attempt(lambda: controller.project.set_globs(wanted[0], wanted[1]))
        imgui.separator()

    def _draw_files(self, controller: AppController, state: ProjectState) -> None:
        from src.panels import file_tree  # the first frame has no project

        self._git = controller.changed.snapshot()
        if self._tree is None or state.files is not self._built_of:
            self._built_of = state.files
            self._tree = file_tree.build(state.files)
        key = (id(self._tree), frozenset(self.opened), self.filtered)
        if self._rows[0] != key:
            self._rows = (key, file_tree.rows(self._tree, self.opened, self.filtered.strip()))
        shown = self._rows[1]
        if not shown:
            controls.draw_muted("No file has this in its path." if self.filtered else "There are no files here.")
            return
        self._is_narrow = imgui.get_content_region_avail().x < hello_imgui.em_size(NARROW)
        imgui.push_style_var(imgui.StyleVar_.cell_padding, hello_imgui.em_to_vec2(0.2, 0.22))
        if not imgui.begin_table("files", 1 if self._is_narrow else 3, _TABLE):
            imgui.pop_style_var()
            return
        imgui.table_setup_column("name", imgui.TableColumnFlags_.width_stretch)
        if not self._is_narrow:
            imgui.table_setup_column("tokens", imgui.TableColumnFlags_.width_fixed, hello_imgui.em_size(2.8))
            imgui.table_setup_column("pin", imgui.TableColumnFlags_.width_fixed, hello_imgui.em_size(1.3))
        clipper = imgui.ListClipper()
        clipper.begin(len(shown))
        while clipper.step():
            for number in range(clipper.display_start, clipper.display_end):
                imgui.push_id(shown[number].path)
                self._draw_row(controller, state, shown[number])
                imgui.pop_id()
        imgui.end_table()
        imgui.pop_style_var()

    def _draw_row(self, controller: AppController, state: ProjectState, row: Row) -> None:
        from src.panels import change_mark

        imgui.table_next_row()
        imgui.table_next_column()
        imgui.set_cursor_pos_x(imgui.get_cursor_pos_x() + row.depth * hello_imgui.em_size(0.9))
        self._draw_check(controller, state, row)
        imgui.same_line()
        colours = theme_2.colours()
        marked = self._git.by_path.get(row.path) if self._git is not None else None
        if self._git is not None and (marked is not None or row.path in self._git.folders):
            change_mark.draw(marked)
        if row.file is None:
            icon = icons.ICON_FA_FOLDER_OPEN if row.is_open else icons.ICON_FA_FOLDER
            if imgui.selectable(f"{controls.fit_here(f'{icon}  {controls.shown(row.name)}')}###open", False)[0]:
                self.opened ^= {row.path}
        else:
            shade = colours.text if row.file.included else colours.muted
            imgui.push_style_color(imgui.Col_.text, shade)
            imgui.selectable(f"{controls.fit_here(controls.shown(row.name))}###file", False)
            imgui.pop_style_color()
            if imgui.is_item_hovered():
                reason = f"\n{row.file.excluded_reason}" if row.file.excluded_reason else ""
                change = f"\n{marked.how} since the last commit" if marked is not None else ""
                imgui.set_tooltip(f"{row.path}\n{row.file.size:,} bytes, ~{row.tokens:,} tokens{change}{reason}")
            self._draw_menu(controller, row.file)
        if self._is_narrow:
            return
        imgui.table_next_column()
        if row.tokens:
            label = controls.count(row.tokens)
            controls.move_right(imgui.calc_text_size(label).x)
            imgui.text_colored(colours.muted if row.file and not row.file.included else colours.text, label)
        imgui.table_next_column()
        if row.file is not None:
            self._draw_pin(controller, row.file)

    def _draw_menu(self, controller: AppController, file: ContextFile) -> None:
        if imgui.begin_popup_context_item("menu"):
            if imgui.menu_item("Read-only: tools do not edit it", "", file.read_only)[0]:
                self._window.attempt(lambda: controller.project.set_read_only(file.path, not file.read_only))
            imgui.end_popup()

    def _draw_check(self, controller: AppController, state: ProjectState, row: Row) -> None:
        mixed = 0 < row.chosen < row.size
        if mixed:
            imgui.push_item_flag(imgui.ItemFlags_.mixed_value, True)
        changed, wanted = controls.draw_check("##sent", row.chosen == row.size)
        if mixed:
            imgui.pop_item_flag()
        if not changed:
            return
        if row.file is not None:
            self._window.attempt(lambda: controller.project.set_included(row.path, wanted))
            return
        from src.panels import file_tree

        below = file_tree.files_below(state.files, row.path)
        paths = tuple(file.path for file in below if file.included != wanted)
        self._window.attempt(lambda: controller.project.set_all_included(paths, wanted))

    def _draw_pin(self, controller: AppController, file: ContextFile) -> None:
        colours = theme_2.colours()
        if file.suspect is not None:
            tip = f"Kept back: {file.suspect}. Click if it is no secret"
            if controls.draw_icon_button(icons.ICON_FA_LOCK, "accept", tip):
                secret_commands.accept(controller, self._window, file)
            return
        shade = colours.accent if file.pinned else theme_2.vector(theme_2.current().palette.muted, 0.35)
        imgui.push_style_color(imgui.Col_.text, shade)
        tip = "Sent first, always. Click to unpin" if file.pinned else "Pin: send it first, always"
        if controls.draw_icon_button(icons.ICON_FA_THUMBTACK, "pin", tip):
            self._window.attempt(lambda: controller.project.set_pinned(file.path, not file.pinned))
        imgui.pop_style_color()
