"""The composer: what will be sent, to whom, with what, and what it costs."""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING

from imgui_bundle import hello_imgui, imgui
from imgui_bundle import icons_fontawesome_6 as icons

from src import theme_2
from src.storage.settings import key_of
from src.window import controls, fonts
from src.window.focus import COMPOSER
from src.window.text_field import TextField

if TYPE_CHECKING:
    from src.app_controller import AppController, AppState
    from src.panels.model_picker import ModelPicker
    from src.request.composer import ComposerState
    from src.request.preview import RequestPreview
    from src.window.protocol import Window

HINT = "Ask something. Ctrl+Enter sends."
GAP = "   "
NARROW = 24  # em; below it names need the room of arrows and words
LINES = 2  # of what is typed that stand on the screen at any size of text
MENTIONS = 5
MAX_MENTION = 80
LARGEST = 0.5  # of the window's height that the panel takes by itself


class ComposerPanel:
    """What is typed, where on the screen it is, and how high it would be were the text smaller."""

    def __init__(self, window: Window) -> None:
        self._window = window
        self._field = TextField()
        window.focus.want(COMPOSER)
        self.area = imgui.ImVec4(0, 0, 0, 0)  # left, top, right, bottom: toasts stay out of it
        self._fitted_for = (0.0, 0.0, 0.0)
        self._own_height = self._given_height = 0.0
        self._is_narrow = False
        self._seen = ""
        self._picker: ModelPicker | None = None

    def draw(self, controller: AppController) -> None:
        """One frame."""
        first, size = imgui.get_window_pos(), imgui.get_window_size()
        self.area = imgui.ImVec4(first.x, first.y, first.x + size.x, first.y + size.y)
        state, app, preview = controller.composer.snapshot(), controller.snapshot(), controller.preview()
        self._is_narrow = imgui.get_content_region_avail().x < hello_imgui.em_size(NARROW)
        self._fit()
        self._draw_picker(controller, state)
        below = imgui.get_frame_height_with_spacing() + imgui.get_style().item_spacing.y * 0.5
        if state.attachments:
            below += imgui.get_frame_height_with_spacing()
        mentioned = self._mentioned(controller, state)
        if mentioned:
            below += imgui.get_frame_height_with_spacing()
        self._draw_text(controller, state, max(below, hello_imgui.em_size(2)))
        if state.attachments:
            self._draw_attachments(controller, state)
        self._draw_mentions(controller, state, mentioned)
        self._draw_bottom(app, preview)

    def _fit(self) -> None:
        """Takes the height that it needs when the text gets larger, and gives it back when that gets smaller.

        Once for each size of the text and of the window: what the user makes of it with the splitter holds."""
        node, view = imgui.internal.get_window_dock_node(), imgui.get_main_viewport().work_size
        fitted_for = (imgui.get_font_size(), view.x, view.y)
        if node is None or fitted_for == self._fitted_for:
            return
        self._fitted_for = fitted_for
        style, row = imgui.get_style(), imgui.get_frame_height_with_spacing()
        text = LINES * imgui.get_text_line_height() + 2 * style.frame_padding.y + style.item_spacing.y
        tab = imgui.get_frame_height() if node.tab_bar is not None else 0.0
        needed = tab + 2 * style.window_padding.y + 2 * row + text
        if abs(node.size.y - self._given_height) > 1:
            self._own_height = node.size.y
        height = min(max(self._own_height, needed), view.y * LARGEST)
        height = max(height, self._own_height)
        self._given_height = height
        if abs(node.size.y - height) > 1:
            imgui.internal.dock_builder_set_node_size(node.id_, (node.size.x, height))

    def _draw_picker(self, controller: AppController, state: ComposerState) -> None:
        width, spacing = imgui.get_content_region_avail().x, imgui.get_style().item_spacing.x
        project = controller.project.snapshot().project
        gear = controls.width_of_button(icons.ICON_FA_SLIDERS) + spacing
        title = controller.providers.title(state.provider) or f"{state.provider} (gone)"
        lists = [("provider", "Provider", title), ("model", "Model", state.model)]
        shares: tuple[float, ...] = (0.42, 0.58)
        if project is not None:
            lists.append(("preset", "Preset: the instructions that go first", project.preset or "No preset"))
            shares = 0.34, 0.40, 0.26
        needs = tuple(controls.width_of_choice(controls.shown(one[2]), has_arrow=not self._is_narrow) for one in lists)
        room = width - gear - spacing * (len(lists) - 1)
        for one, wide in zip(lists, controls.divide(room, shares, needs), strict=True):
            self._draw_list(*one, wide, controller)
            imgui.same_line()
        is_set = key_of(state.provider, state.model) in controller.settings.snapshot().model_options
        if is_set:
            imgui.push_style_color(imgui.Col_.text, theme_2.colours().accent)
        pressed = imgui.button(f"{icons.ICON_FA_SLIDERS}###options")
        if is_set:
            imgui.pop_style_color()
        imgui.set_item_tooltip("Temperature, length of the answer, effort of thinking")
        self._draw_popup("options", pressed, 14.0, controller)

    def _draw_list(self, name: str, tip: str, shown: str, width: float, controller: AppController) -> None:
        """A field that opens a list above it, where there is room."""
        pressed = controls.draw_choice(f"{controls.shown(shown)}###{name}", width, has_arrow=not self._is_narrow)
        imgui.set_item_tooltip(f"{tip}: {shown}")
        self._draw_popup(name, pressed, max(10.0, width / hello_imgui.em_size(1)), controller)

    def _draw_popup(self, name: str, pressed: bool, width: float, controller: AppController) -> None:
        if pressed:
            imgui.open_popup(f"{name} list")
        if not controls.begin_list(f"{name} list", width):
            return
        if self._picker is None:
            from src.panels.model_picker import ModelPicker  # nothing of it is needed until a list is opened

            self._picker = ModelPicker(self._window)
        match name:
            case "provider":
                self._picker.draw_providers(controller)
            case "model":
                self._picker.draw_models(controller)
            case "preset":
                self._picker.draw_presets(controller)
            case _:
                self._picker.draw_options(controller)
        imgui.end_popup()

    def _draw_text(self, controller: AppController, state: ComposerState, below: float) -> None:
        if state.text is not self._seen:
            self._seen = state.text
            fonts.need(state.text)
        height = max(hello_imgui.em_size(2.6), imgui.get_content_region_avail().y - below)
        at, width = imgui.get_cursor_screen_pos(), imgui.get_content_region_avail().x
        flags = imgui.InputTextFlags_.word_wrap | imgui.InputTextFlags_.allow_tab_input
        self._window.focus.give(COMPOSER)
        text = self._field.draw("###text", state.text, imgui.ImVec2(-1, height), flags.value)
        self._window.focus.note(COMPOSER)
        if text != state.text:
            controller.composer.set_text(text)
        if not state.text and not imgui.is_item_active():
            pad = imgui.get_style().frame_padding
            shade = imgui.get_color_u32(theme_2.colours().muted)
            canvas = imgui.get_window_draw_list()
            canvas.push_clip_rect(at, (at.x + width - pad.x, at.y + height), True)
            canvas.add_text((at.x + pad.x, at.y + pad.y), shade, HINT)
            canvas.pop_clip_rect()

    def _mentioned(self, controller: AppController, state: ComposerState) -> list[str]:
        """After `@` and a part of a name at the end of the text: the files of the project that it may mean."""
        at = state.text.rfind("@")
        if at < 0 or len(state.text) - at > MAX_MENTION or (at and not state.text[at - 1].isspace()):
            return []
        wanted = state.text[at + 1 :].casefold()
        if not wanted or any(letter.isspace() for letter in wanted):
            return []
        files = controller.project.snapshot().files
        return [file.path for file in files if file.size and wanted in file.path.casefold()][:MENTIONS]

    def _draw_mentions(self, controller: AppController, state: ComposerState, found: list[str]) -> None:
        """The files that a mention may mean, on one line; a click chooses one."""
        at = state.text.rfind("@")
        for number, path in enumerate(found):
            if number:
                imgui.same_line()
            if imgui.small_button(f"{controls.shown(os.path.basename(path))}###mention{number}"):
                if self._window.attempt(partial(controller.project.set_included, path, True)):
                    controller.composer.set_text(f"{state.text[:at]}`{path}` ")
                self._window.focus.want(COMPOSER)
            imgui.set_item_tooltip(f"{path}\nSend this file along")

    def _draw_attachments(self, controller: AppController, state: ComposerState) -> None:
        for number, one in enumerate(state.attachments):
            note = f"{controls.count(one.tokens)} tokens" if one.part is not None else "being read"
            if number:
                imgui.same_line()
            if imgui.small_button(f"{icons.ICON_FA_PAPERCLIP} {one.name}  {icons.ICON_FA_XMARK}###attached{number}"):
                controller.composer.detach(number)
            imgui.set_item_tooltip(f"{one.path}\n{note}\nClick takes it off")

    def _draw_bottom(self, app: AppState, preview: RequestPreview) -> None:
        commands = self._window.commands
        imgui.align_text_to_frame_padding()
        attach = commands.find("composer.attach")
        if attach is not None and controls.draw_icon_button(icons.ICON_FA_PAPERCLIP, "attach", attach.title):
            commands.run_command(attach)
        imgui.same_line()
        colours = theme_2.colours()
        width = min(hello_imgui.em_size(6), imgui.get_content_region_avail().x)
        room = imgui.get_content_region_avail().x - width - imgui.get_style().item_spacing.x
        said = describe(preview)
        if shown := _shorten(said, room):
            imgui.text_colored(colours.busy if preview.over_cap else colours.muted, shown)
            imgui.set_item_tooltip(preview.over_cap or said)
            imgui.same_line()
        busy = app.reply is not None or app.waiting
        label = f"{icons.ICON_FA_STOP}  Stop###send" if busy else f"{icons.ICON_FA_PAPER_PLANE}  Send###send"
        command = commands.find("message.stop" if busy else "message.send")
        controls.move_right(width)
        reason = command.refusal() if command is not None else "no command"
        imgui.begin_disabled(bool(reason))
        pressed = controls.draw_primary_button(label, imgui.ImVec2(width, 0))
        imgui.end_disabled()
        if pressed and command is not None:
            commands.run_command(command)
            self._window.focus.want(COMPOSER)


def _shorten(said: str, room: float) -> str:
    """As much of what `describe` says as there is room for: tokens and cost before the share of the window."""
    tokens, *_, cost = said.split(GAP)
    shown = (said, f"{tokens}{GAP}{cost}", tokens)
    return next((one for one in shown if imgui.calc_text_size(one).x <= room), "")


def describe(preview: RequestPreview) -> str:
    """Tokens, share of the window and cost of what would be sent; `~` marks an estimate."""
    parts = [f"{'' if preview.counted else '~'}{preview.total_tokens:,} tokens"]
    if preview.window_tokens:
        share = preview.total_tokens / preview.window_tokens
        if share >= 0.01:
            parts.append(f"{share:.0%} of the window")
    parts.append(controls.money(preview.cost))
    return GAP.join(parts)
