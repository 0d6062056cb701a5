"""Whom to ask: the lists of providers, models and presets, and what is set for a model. Loaded when one is opened."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from imgui_bundle import hello_imgui, imgui
from imgui_bundle import icons_fontawesome_6 as icons

from src import theme_2
from src.chat import DEFAULT_OPTIONS, ModelOptions
from src.storage.settings import EFFORTS, HOTTEST, LARGEST_WINDOW, LEAST_WINDOW, key_of
from src.window import controls

if TYPE_CHECKING:
    from src.app_controller import AppController
    from src.models.catalog import Model
    from src.window.protocol import Window

MAX_ROWS = 400


class ModelPicker:
    """What is typed to find a model, or to name one that no list has."""

    def __init__(self, window: Window) -> None:
        self._window = window
        self.typed = ""

    def draw_providers(self, controller: AppController) -> None:
        """The list of providers, inside its popup."""
        chosen = controller.composer.snapshot().provider
        for one in controller.providers.all():
            note = "" if controller.providers.is_ready(one.name) else "   warming up"
            if imgui.selectable(f"{one.title}{note}###{one.name}", one.name == chosen)[0]:
                controller.choose_provider(one.name)

    def draw_presets(self, controller: AppController) -> None:
        """The list of the project's presets, inside its popup."""
        project = controller.project.snapshot().project
        for name in ("", *project.presets) if project is not None else ("",):
            is_chosen = project is not None and name == project.preset
            if imgui.selectable(f"{name or 'No preset'}###preset {name}", is_chosen)[0]:
                self._window.attempt(partial(controller.project.choose_preset, name))
        imgui.separator()
        command = self._window.commands.find("presets.edit")
        if command is not None and imgui.selectable(f"{command.title}###edit presets", False)[0]:
            self._window.commands.run_command(command)

    def draw_models(self, controller: AppController) -> None:
        """The list of models, inside its popup: typed, favourite, listed."""
        state = controller.composer.snapshot()
        if imgui.is_window_appearing():
            self.typed = ""
            imgui.set_keyboard_focus_here()
        imgui.set_next_item_width(hello_imgui.em_size(22))
        flags = imgui.InputTextFlags_.enter_returns_true
        entered, self.typed = imgui.input_text_with_hint(
            "###typed", "Find a model, or type its name", self.typed, flags
        )
        wanted = self.typed.strip()
        if self._draw_typed(controller, wanted) or (entered and wanted):
            self._choose(controller, state.provider, wanted)
            return
        if imgui.begin_child("models", imgui.ImVec2(0, min(self._room(controller), hello_imgui.em_size(18)))):
            self._draw_favourites(controller, wanted)
            found = [one for one in _models(controller, state.provider) if wanted.casefold() in one.id.casefold()]
            for model in found[:MAX_ROWS]:
                self._draw_row(controller, state.provider, model.id, _describe(controller, state.provider, model))
            if len(found) > MAX_ROWS:
                controls.draw_muted(f"and {len(found) - MAX_ROWS:,} more: type a part of the name")
        imgui.end_child()
        if imgui.button("Fetch the list###fetch"):
            controller.refresh_models(state.provider)
        imgui.set_item_tooltip("Asks the provider which models it has")

    def _room(self, controller: AppController) -> float:
        rows = len(_models(controller, controller.composer.snapshot().provider)) + len(
            controller.settings.snapshot().favourites
        )
        return (min(rows, MAX_ROWS) + 1) * imgui.get_frame_height_with_spacing()

    def _draw_typed(self, controller: AppController, wanted: str) -> bool:
        """Offers what is typed when no list has it; True when it is taken."""
        state = controller.composer.snapshot()
        if not wanted or any(one.id == wanted for one in _models(controller, state.provider)):
            return False
        return bool(imgui.selectable(f"{icons.ICON_FA_PLUS}  Use {wanted}###use", False)[0])

    def _draw_favourites(self, controller: AppController, wanted: str) -> None:
        found = [one for one in controller.settings.snapshot().favourites if wanted.casefold() in one.casefold()]
        for name in found:
            provider, _, model = name.partition("/")
            title = controller.providers.title(provider)
            if title is not None:
                self._draw_row(controller, provider, model, title)
        if found:
            imgui.separator()

    def _draw_row(self, controller: AppController, provider: str, model: str, note: str) -> None:
        name, state = key_of(provider, model), controller.composer.snapshot()
        favourites = controller.settings.snapshot().favourites
        imgui.push_id(f"{name} {note}")
        shade = theme_2.colours().accent if name in favourites else theme_2.vector(theme_2.current().palette.muted, 0.4)
        imgui.push_style_color(imgui.Col_.text, shade)
        if controls.draw_icon_button(icons.ICON_FA_STAR, f"star {model}", "Keep at the top, or no longer"):
            others = tuple(one for one in favourites if one != name)
            starred = others if name in favourites else (*favourites, name)
            self._window.attempt(lambda: controller.settings.change(favourites=starred))
        imgui.pop_style_color()
        imgui.pop_id()
        imgui.same_line()
        flags = imgui.SelectableFlags_.no_auto_close_popups
        if imgui.selectable(model, (provider, model) == (state.provider, state.model), flags)[0]:
            self._choose(controller, provider, model)
        imgui.set_item_tooltip(f"{model}\n{note}")

    def _choose(self, controller: AppController, provider: str, model: str) -> None:
        self._window.attempt(lambda: controller.choose_provider(provider, model))
        imgui.close_current_popup()

    def draw_options(self, controller: AppController) -> None:
        """What is set for the chosen model, inside its popup."""
        state = controller.composer.snapshot()
        name, stored = key_of(state.provider, state.model), controller.settings.snapshot().model_options
        now = stored.get(name, DEFAULT_OPTIONS)
        controls.draw_title(state.model)
        changed: dict[str, Any] = {}
        wide = hello_imgui.em_size(12)
        has_heat, warms = controls.draw_check("Temperature###has temperature", now.temperature is not None)
        if has_heat:
            changed["temperature"] = 0.7 if warms else None
        if now.temperature is not None:
            imgui.set_next_item_width(wide)
            moved, heat = imgui.slider_float("###temperature", now.temperature, 0.0, HOTTEST, "%.2f")
            if moved:
                changed["temperature"] = round(heat, 2)
        controls.draw_muted("Tokens of an answer at most; 0 is the provider's own limit")
        imgui.set_next_item_width(wide)
        counted, most = imgui.input_int("###most", now.max_tokens or 0, 1000, 10_000)
        if counted:
            changed["max_tokens"] = max(0, most) or None
        self._draw_window(controller, now, changed)
        controls.draw_muted("Its thoughts: as in Settings, asked for, or not")
        for word, wanted in (("as in Settings", None), ("asked for", True), ("not", False)):
            if wanted is not None:
                imgui.same_line()
            if controls.draw_radio(f"{word}###thoughts {word}", now.thinking is wanted):
                changed["thinking"] = wanted
        controls.draw_muted("How hard it thinks, for models that do")
        for word in ("", *EFFORTS):
            if word:
                imgui.same_line()
            if controls.draw_radio(f"{word or 'its own'}###effort {word}", now.effort == word):
                changed["effort"] = word
        if changed:
            self._keep(controller, name, now._replace(**changed))

    def _draw_window(self, controller: AppController, now: ModelOptions, changed: dict[str, Any]) -> None:
        """The window of a model of an Ollama, which takes what it is given."""
        state = controller.composer.snapshot()
        found = next((one for one in _models(controller, state.provider) if one.id == state.model), None)
        most = found.largest_window if found is not None else 0
        if not most and not now.num_ctx:
            return
        room = f"at most {most:,}" if most else "this server is no Ollama"
        controls.draw_muted(f"Its window in tokens (num_ctx), {room}; 0 is Ollama's own")
        imgui.set_next_item_width(hello_imgui.em_size(12))
        moved, window = imgui.input_int("###num_ctx", now.num_ctx or 0, 4096, 32_768)
        if moved:
            largest = min(most or LARGEST_WINDOW, LARGEST_WINDOW)
            changed["num_ctx"] = min(max(window, LEAST_WINDOW), largest) if window > 0 else None

    def _keep(self, controller: AppController, name: str, wanted: ModelOptions) -> None:
        others = {key: one for key, one in controller.settings.snapshot().model_options.items() if key != name}
        kept = others if wanted == DEFAULT_OPTIONS else {**others, name: wanted}
        self._window.attempt(lambda: controller.settings.change(model_options=kept))


def _models(controller: AppController, provider: str) -> tuple[Model, ...]:
    try:
        return controller.providers.models_of(provider).models
    except ValueError:  # the endpoint was removed from the settings
        return ()


def _describe(controller: AppController, provider: str, model: Model) -> str:
    """The model's window and its price, as far as they are known."""
    price = controller.prices().price(provider, model.id)
    window = controller.window_tokens(provider, model.id)
    parts = [f"{controls.count(window)} tokens" if window else "window unknown"]
    parts.append(f"${price.input:g} in, ${price.output:g} out per million" if price else "price unknown")
    return ", ".join(parts)
