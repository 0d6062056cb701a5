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


MOST_USD = 1e6  # for a million tokens


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


# The fields of a price, and what one says that is empty: without a price of their own these tokens cost as others do.
AMOUNTS = (
    ("In", "unknown"),
    ("Out", "unknown"),
    ("Cached in", "as other input"),
    ("Written to cache", "as other input"),
)


class PriceRows:
    """The price that is being written, as it is typed; what is empty is not known."""

    def __init__(self, window: Window) -> None:
        self._window = window
        self.model = self._filled_for = ""
        self.usd = [""] * len(AMOUNTS)

    def draw(self, controller: AppController, settings: Settings) -> None:
        """One frame."""
        controls.draw_muted("Published prices are known. Yours go over them: US dollars per million tokens.")
        for model, row in sorted(settings.prices.items()):
            imgui.push_id(model)
            if controls.draw_icon_button(icons.ICON_FA_TRASH, "remove", "Remove it; the published price holds again"):
                kept = {name: price for name, price in settings.prices.items() if name != model}
                self._window.attempt(partial(controller.settings.change, prices=kept))
            imgui.same_line()
            words = ("in", "out", "cached", "written")
            said = ", ".join(f"${price:g} {word}" for price, word in zip(row, words, strict=False))
            if imgui.selectable(f"{model}   {said}###price", False)[0]:
                self.model = self._filled_for = model
                self.usd = _typed(*row)
            imgui.pop_id()
        if not self.model:
            self.model = controller.composer.snapshot().model
        imgui.set_next_item_width(-1)
        _, self.model = imgui.input_text_with_hint("##price of", "Model", self.model)
        self._fill(controller)
        for number, (word, empty) in enumerate(AMOUNTS):
            imgui.align_text_to_frame_padding()
            imgui.text_unformatted(word)
            imgui.same_line(hello_imgui.em_size(9))
            imgui.set_next_item_width(-1)
            flags = imgui.InputTextFlags_.chars_decimal | imgui.InputTextFlags_.auto_select_all
            _, self.usd[number] = imgui.input_text_with_hint(f"##usd {word}", empty, self.usd[number], flags)
        name, written = self.model.strip(), _price_of(self.usd)
        imgui.begin_disabled(not name or written is None)
        if imgui.button("Set the price###set price") and written is not None:
            prices = {**settings.prices, name: written}
            if self._window.attempt(lambda: controller.settings.change(prices=prices)):
                self.model = self._filled_for = ""
        imgui.end_disabled()
        if written is None:
            imgui.same_line()
            controls.draw_muted("It needs a number for In and one for Out; 0 is free.")

    def _fill(self, controller: AppController) -> None:
        """Puts the price that holds now into the fields, once for each model: it is changed from there."""
        if self._filled_for == self.model:
            return
        self._filled_for = self.model
        price = controller.prices().price(controller.composer.snapshot().provider, self.model.strip())
        self.usd = _typed(price.input, price.output, price.cached, price.written) if price is not None else _typed()


def _typed(*row: float | None) -> list[str]:
    """A price as it is in the fields."""
    said = ["" if price is None else f"{price:.6f}".rstrip("0").rstrip(".") for price in row]
    return [*said, *[""] * (len(AMOUNTS) - len(said))]


def _price_of(typed: list[str]) -> tuple[float, ...] | None:
    """The price that is *typed*, in US dollars per million tokens; None for one that is not whole, or no price."""
    try:
        given = [float(one) if one.strip() else None for one in typed]
    except ValueError:
        return None
    into, out, cached, written = given
    if into is None or out is None or any(one is not None and not 0.0 <= one <= MOST_USD for one in given):
        return None
    if written is not None:
        return into, out, into if cached is None else cached, written
    return (into, out) if cached is None else (into, out, cached)
