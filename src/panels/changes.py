"""Changes: what is not as in the last commit, sent along file by file or as differences, and the commit of edits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imgui_bundle import hello_imgui, imgui, rich_md
from imgui_bundle import icons_fontawesome_6 as icons

from src import theme_2
from src.chat import Usage
from src.panels import change_mark
from src.window import controls

if TYPE_CHECKING:
    from src.app_controller import AppController
    from src.project.git_changes import Change, GitState
    from src.window.protocol import Window

_TABLE = imgui.TableFlags_.row_bg | imgui.TableFlags_.scroll_y | imgui.TableFlags_.borders_outer
NARROW = 16  # em; below it a file's tokens are in its tip alone
MAX_SHOWN = 200_000  # characters of a difference


class ChangesPanel:
    """Which file's difference is shown."""

    def __init__(self, window: Window) -> None:
        self._window = window
        self.chosen = ""
        self._is_narrow = False
        self._lines: tuple[Change | None, list[str]] = (None, [])
        self._files: tuple[object, dict[str, bool]] = (None, {})

    def draw(self, controller: AppController) -> None:
        """One frame."""
        if controller.project.snapshot().project is None:
            controls.draw_muted("No project is open.")
            return
        state = controller.changed.snapshot()
        if state.kind == "unknown":
            controls.draw_working("Looking at the repository")
            return
        if state.kind != "ready":
            controls.draw_muted(state.note)
            return
        self._draw_head(controller, state)
        if not state.changes:
            controls.draw_muted("Everything is as in the last commit.")
            return
        self._draw_sending(controller, state)
        self._draw_commit(controller)
        self._draw_files(controller, state)
        self._draw_difference(controller, state)

    def _draw_head(self, controller: AppController, state: GitState) -> None:
        imgui.align_text_to_frame_padding()
        width = controls.width_of_button(icons.ICON_FA_ARROWS_ROTATE)
        room = imgui.get_content_region_avail().x - width - imgui.get_style().item_spacing.x
        imgui.text_unformatted(controls.fit(f"{icons.ICON_FA_CODE_BRANCH}  {controls.shown(state.place)}", room))
        imgui.set_item_tooltip(f"{len(state.changes):,} files are not as in the last commit")
        controls.stay_on_line(width)
        controls.move_right(width)
        if controls.draw_icon_button(icons.ICON_FA_ARROWS_ROTATE, "look", "Look at the repository again"):
            controller.changed.refresh()
        if state.note:
            controls.draw_coloured(theme_2.colours().busy, state.note)

    def _draw_sending(self, controller: AppController, state: GitState) -> None:
        tokens = sum(one.tokens for one in state.changes)
        self._draw_command("changes.choose", "Send the files")
        label = f"Attach the diff, {_weight(controller, tokens)}"
        controls.stay_on_line(controls.width_of_button(label))
        self._draw_command("changes.attach", label)

    def _draw_commit(self, controller: AppController) -> None:
        waiting = len(controller.changed.to_commit())
        if not waiting:
            return
        controls.draw_muted(f"Accepted edits of {waiting:,} file{'s' * (waiting > 1)} are in no commit yet.")
        self._draw_command("changes.commit", "Commit...")
        label = "With hooks..."
        controls.stay_on_line(controls.width_of_button(label))
        self._draw_command("changes.commit_hooked", label)

    def _draw_command(self, name: str, label: str) -> None:
        command = self._window.commands.find(name)
        if command is None:
            return
        reason = command.refusal()
        imgui.begin_disabled(bool(reason))
        if imgui.button(f"{label}###{name}"):
            self._window.commands.run_command(command)
        imgui.end_disabled()
        if imgui.is_item_hovered(imgui.HoveredFlags_.allow_when_disabled):
            imgui.set_tooltip(reason or f"{command.title}  {self._window.commands.keys_of(command)}")

    def _draw_files(self, controller: AppController, state: GitState) -> None:
        self._is_narrow = imgui.get_content_region_avail().x < hello_imgui.em_size(NARROW)
        height = min(
            imgui.get_content_region_avail().y * 0.45,
            (len(state.changes) + 0.6) * imgui.get_text_line_height_with_spacing(),
        )
        if not imgui.begin_table("changes", 2 if self._is_narrow else 3, _TABLE, imgui.ImVec2(0, height)):
            return
        imgui.table_setup_column("how", imgui.TableColumnFlags_.width_fixed, hello_imgui.em_size(1))
        imgui.table_setup_column("file", imgui.TableColumnFlags_.width_stretch)
        if not self._is_narrow:
            imgui.table_setup_column("tokens", imgui.TableColumnFlags_.width_fixed, hello_imgui.em_size(4))
        files = controller.project.snapshot().files
        if self._files[0] is not files:
            self._files = (files, {file.path: file.included for file in files})
        clipper = imgui.ListClipper()
        clipper.begin(len(state.changes))
        while clipper.step():
            for change in state.changes[clipper.display_start : clipper.display_end]:
                imgui.push_id(change.path)
                self._draw_row(controller, change, self._files[1].get(change.path))
                imgui.pop_id()
        imgui.end_table()

    def _draw_row(self, controller: AppController, change: Change, included: bool | None) -> None:
        imgui.table_next_row()
        imgui.table_next_column()
        imgui.text_colored(change_mark.shade(change), change.letter)
        imgui.set_item_tooltip(change.how)
        imgui.table_next_column()
        imgui.begin_disabled(included is None)
        pressed, wanted = controls.draw_check("##sent", bool(included))
        imgui.end_disabled()
        if pressed:
            self._window.attempt(lambda: controller.project.set_included(change.path, wanted))
        imgui.set_item_tooltip("The file goes along" if included is not None else "It is not among the project's files")
        imgui.same_line()
        label = f"{controls.fit_here(controls.shown(change.path))}###file"
        if imgui.selectable(label, change.path == self.chosen)[0]:
            self.chosen = change.path
        reason = f"\nIts difference is not sent: {change.reason}" if change.reason else f", ~{change.tokens:,} tokens"
        imgui.set_item_tooltip(f"{change.path}\n{change.how}{reason}")
        if not self._is_narrow:
            imgui.table_next_column()
            said = controls.count(change.tokens) if change.diff else icons.ICON_FA_LOCK
            controls.move_right(imgui.calc_text_size(said).x)
            imgui.text_colored(theme_2.colours().muted, said)

    def _draw_difference(self, controller: AppController, state: GitState) -> None:
        change = state.by_path.get(self.chosen) or state.changes[0]
        controls.draw_title(controls.shown(change.path))
        if change.reason:
            controls.draw_muted(f"{icons.ICON_FA_LOCK}  Its difference is not sent: {change.reason}.")
            return
        if imgui.small_button(f"Attach this one, {_weight(controller, change.tokens)}###attach"):
            self._window.attempt(lambda: controller.changed.attach((change.path,)))
        if self._lines[0] is not change:
            self._lines = (change, change.diff[:MAX_SHOWN].split("\n"))
        controls.stay_on_line(controls.width_of_button("Copy"))
        if imgui.small_button("Copy"):
            imgui.set_clipboard_text(change.diff)
        size = imgui.ImVec2(0, max(imgui.get_content_region_avail().y, hello_imgui.em_size(5)))
        flags = imgui.WindowFlags_.horizontal_scrollbar.value
        if imgui.begin_child("difference", size, imgui.ChildFlags_.borders.value, flags):
            font = rich_md.get_code_font()
            imgui.push_font(font.font, font.size)
            clipper = imgui.ListClipper()
            clipper.begin(len(self._lines[1]))
            while clipper.step():
                for line in self._lines[1][clipper.display_start : clipper.display_end]:
                    change_mark.draw_line(line)
            imgui.pop_font()
        imgui.end_child()


def _weight(controller: AppController, tokens: int) -> str:
    """Tokens, and what they cost as input of the chosen model where that is known."""
    now = controller.snapshot()
    price = controller.prices().price(now.provider, now.model)
    cost = f", {controls.money(price.cost(Usage(tokens, 0)))}" if price is not None else ""
    return f"~{controls.count(tokens)} tokens{cost}"
