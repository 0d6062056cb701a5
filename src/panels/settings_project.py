"""Two lists of the settings: the project's presets and read-only files, and the user's own prices."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from imgui_bundle import hello_imgui, imgui
from imgui_bundle import icons_fontawesome_6 as icons

from src.window import controls
from src.window.text_field import TextField

if TYPE_CHECKING:
    from src.app_controller import AppController
    from src.project.file import Project
    from src.storage.settings import Settings
    from src.window.protocol import Window


class PresetRows:
    """The preset that is being written."""

    def __init__(self, window: Window) -> None:
        self._window = window
        self.name = self.text = ""
        self._field = TextField()

    def draw(self, controller: AppController) -> None:
        """One frame."""
        project = controller.project.snapshot().project
        controls.draw_muted("A preset is what the model is told before the discussion. The project's file keeps them.")
        if project is None:
            controls.draw_muted("No project is open.")
            command = self._window.commands.find("project.open")
            if command is not None and imgui.button(f"{command.title}###open a project"):
                self._window.commands.run_command(command)
            return
        for name in sorted(project.presets):
            imgui.push_id(name)
            self._draw_row(controller, project, name)
            imgui.pop_id()
        imgui.set_next_item_width(-1)
        _, self.name = imgui.input_text_with_hint("##preset name", "Name, such as Reviewer", self.name)
        size = imgui.ImVec2(-1, hello_imgui.em_size(8))
        self.text = self._field.draw("##preset text", self.text, size, imgui.InputTextFlags_.word_wrap.value)
        name = self.name.strip()
        imgui.begin_disabled(not (name and self.text.strip()))
        word = "Change the preset" if name in project.presets else "Add the preset"
        if imgui.button(f"{word}###keep preset") and self._window.attempt(
            lambda: controller.project.set_preset(name, self.text)
        ):
            self.name = self.text = ""
        imgui.end_disabled()
        self._draw_read_only(controller, project)

    def _draw_row(self, controller: AppController, project: Project, name: str) -> None:
        if controls.draw_radio("##used", project.preset == name):
            self._window.attempt(partial(controller.project.choose_preset, "" if project.preset == name else name))
        imgui.set_item_tooltip("Use it in this project, or no longer")
        imgui.same_line()
        width = controls.width_of_button(icons.ICON_FA_TRASH) + imgui.get_style().item_spacing.x
        room = imgui.get_content_region_avail().x - width
        if imgui.selectable(f"{controls.fit(controls.shown(name), room)}###edit", name == self.name, 0, (room, 0))[0]:
            self.name, self.text = name, project.presets[name]
        imgui.set_item_tooltip(project.presets[name][:400])
        imgui.same_line()
        if controls.draw_icon_button(icons.ICON_FA_TRASH, "remove", "Remove the preset"):
            self._window.attempt(partial(controller.project.set_preset, name, ""))

    def _draw_read_only(self, controller: AppController, project: Project) -> None:
        controls.draw_title("Files that no edit is proposed for")
        if not project.read_only:
            controls.draw_muted("None. Right-click a file in Context to protect it.")
        for path in sorted(project.read_only):
            imgui.push_id(path)
            if controls.draw_icon_button(icons.ICON_FA_LOCK, "unlock", "Let edits be proposed again"):
                self._window.attempt(partial(controller.project.set_read_only, path, False))
            imgui.same_line()
            imgui.text_unformatted(controls.shown(path))
            imgui.pop_id()


class PriceRows:
    """The price that is being written."""

    def __init__(self, window: Window) -> None:
        self._window = window
        self.model = self._filled_for = ""
        self.usd = [0.0, 0.0, 0.0]

    def draw(self, controller: AppController, settings: Settings) -> None:
        """One frame."""
        controls.draw_muted("Published prices are known. Yours go over them: US dollars per million tokens.")
        for model, row in sorted(settings.prices.items()):
            imgui.push_id(model)
            if controls.draw_icon_button(icons.ICON_FA_TRASH, "remove", "Remove it; the published price holds again"):
                kept = {name: price for name, price in settings.prices.items() if name != model}
                self._window.attempt(partial(controller.settings.change, prices=kept))
            imgui.same_line()
            amounts = "in, ", "out, ", "cached"
            said = " ".join(f"${price:g} {word}" for price, word in zip(row, amounts, strict=False)).rstrip(", ")
            if imgui.selectable(f"{model}   {said}###price", False)[0]:
                self.model, self.usd = model, [*row, row[0]][:3] if len(row) == 2 else [*row]
            imgui.pop_id()
        if not self.model:
            self.model = controller.composer.snapshot().model
        imgui.set_next_item_width(-1)
        _, self.model = imgui.input_text_with_hint("##price of", "Model", self.model)
        self._fill(controller)
        for number, word in enumerate(("In", "Out", "Cached in")):
            imgui.align_text_to_frame_padding()
            imgui.text_unformatted(word)
            imgui.same_line(hello_imgui.em_size(9))
            imgui.set_next_item_width(-1)
            _, self.usd[number] = imgui.input_float(f"##usd {word}", self.usd[number], 0.1, 1.0, "%.3f")
        name = self.model.strip()
        imgui.begin_disabled(not name)
        if imgui.button("Set the price###set price"):
            row = tuple(max(0.0, round(price, 6)) for price in self.usd)
            prices = {**settings.prices, name: row}
            if self._window.attempt(lambda: controller.settings.change(prices=prices)):
                self.model = self._filled_for = ""
                self.usd = [0.0, 0.0, 0.0]
        imgui.end_disabled()

    def _fill(self, controller: AppController) -> None:
        """Puts the price that holds now into the fields, once for each model: it is changed from there."""
        if self._filled_for == self.model:
            return
        self._filled_for = self.model
        price = controller.prices().price(controller.composer.snapshot().provider, self.model.strip())
        if price is not None:
            self.usd = [price.input, price.output, price.cached]
