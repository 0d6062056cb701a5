"""The settings: looks, keys (never shown), endpoints, caps, shortcuts."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from imgui_bundle import hello_imgui, imgui
from imgui_bundle import icons_fontawesome_6 as icons

from src import theme_2
from src.panels.settings_project import PresetRows, PriceRows
from src.panels.settings_rows import EndpointRows, ShortcutRows
from src.storage.scripts import SCRIPTS
from src.window import controls

if TYPE_CHECKING:
    from src.app_controller import AppController
    from src.storage.settings import Settings
    from src.window.protocol import Window

SETTLED = 3  # frames until it is known how high the sections are, and so how far the window can be scrolled


class SettingsPanel:
    """What is typed into it and not yet taken."""

    def __init__(self, window: Window) -> None:
        self._window = window
        self.keys: dict[str, str] = {}
        self._opens, self._settling = "", 0
        self._endpoints = EndpointRows(window)
        self._shortcuts = ShortcutRows(window)
        self._presets, self._prices = PresetRows(window), PriceRows(window)

    def open_section(self, name: str) -> None:
        """Shows a section at the next frame: "Keys"."""
        self._opens, self._settling = name, SETTLED

    def draw(self, controller: AppController) -> None:
        """One frame."""
        settings = controller.settings.snapshot()
        sections = (
            ("Looks", self._draw_looks),
            ("Fonts", self._draw_fonts),
            ("Keys", self._draw_keys),
            ("Endpoints", self._draw_endpoints),
            ("Presets", lambda controller, _settings: self._presets.draw(controller)),
            ("Requests", self._draw_requests),
            ("Prices", self._prices.draw),
            ("Shortcuts", self._draw_shortcuts),
        )
        for name, draw in sections:
            if self._opens:  # the one that is asked for, alone
                imgui.set_next_item_open(self._opens == name)
            if self._opens == name:
                imgui.set_scroll_here_y(0.0)
            flags = imgui.TreeNodeFlags_.default_open if name in ("Looks", "Keys") else imgui.TreeNodeFlags_.none
            imgui.push_style_color(imgui.Col_.header, theme_2.colours().raised)
            is_open = imgui.collapsing_header(name, flags.value)
            imgui.pop_style_color()
            if is_open:
                imgui.push_id(name)
                draw(controller, settings)
                imgui.pop_id()
                imgui.dummy(hello_imgui.em_to_vec2(0, 0.3))
        self._settling = max(0, self._settling - 1)
        self._opens = self._opens if self._settling else ""

    def _change(self, controller: AppController, **fields: Any) -> None:
        self._window.attempt(lambda: controller.settings.change(**fields))

    def _draw_looks(self, controller: AppController, settings: Settings) -> None:
        titles = {one.name: one.title for one in self._window.themes}
        _label("Theme")
        if imgui.begin_combo("##theme", titles.get(settings.theme, settings.theme)):
            for name, title in titles.items():
                if imgui.selectable(title, name == settings.theme)[0]:
                    self._window.use_theme(name)
            imgui.end_combo()
        _label("Text size")
        changed, percent = imgui.slider_int("##scale", round(settings.font_scale * 100), 60, 300, "%d %%")
        if changed:
            self._change(controller, font_scale=min(max(percent, 60), 300) / 100)
        _label("Motion")
        changed, reduced = controls.draw_check("Reduce it", settings.reduced_motion, beside_fields=True)
        if changed:
            self._change(controller, reduced_motion=reduced)
        imgui.set_item_tooltip("No scan lines, no flashes")

    def _draw_fonts(self, controller: AppController, _settings: Settings) -> None:
        controls.draw_muted(
            "Latin, Greek and Cyrillic come with Sloppy. Fonts of other scripts are this system's, loaded when a text "
            "needs them; one that is missing is fetched when you ask for it."
        )
        controller.fonts.look()
        state = controller.fonts.snapshot()
        for script in SCRIPTS:
            path = state.found.get(script.name, "")
            imgui.push_id(script.name)
            imgui.align_text_to_frame_padding()
            imgui.text_unformatted(script.name)
            imgui.same_line(hello_imgui.em_size(9))
            if path or not state.looked:
                imgui.text_disabled(os.path.basename(path) or "looking...")
                if path:
                    imgui.set_item_tooltip(path)
            elif state.fetching == script.name:
                imgui.text_disabled("on its way...")
            else:
                imgui.begin_disabled(bool(state.fetching))
                if imgui.button("Fetch a font"):
                    controller.fonts.fetch(script.name)
                imgui.end_disabled()
                imgui.set_item_tooltip(f"From {script.address}")
            imgui.pop_id()

    def _draw_keys(self, controller: AppController, _settings: Settings) -> None:
        controls.draw_muted(
            "Keys stay in the environment, in a file that only you can read, or in the system's keyring."
        )
        colours = theme_2.colours()
        for provider in controller.providers.all():
            if not provider.key_names:
                continue
            status = controller.providers.key_status(provider.name)
            imgui.push_id(provider.name)
            icon = icons.ICON_FA_CHECK if status.found else icons.ICON_FA_KEY
            imgui.text_colored(colours.ready if status.found else colours.busy, icon)
            imgui.same_line(0, hello_imgui.em_size(0.5))
            imgui.text_unformatted(provider.title)
            imgui.same_line()
            imgui.text_disabled(f"from {status.place}" if status.found else f"no {provider.key_names[0]}")
            if status.notice:
                controls.draw_coloured(colours.busy, status.notice)
            self._draw_key_field(controller, provider.key_names[0], status.found)
            imgui.pop_id()

    def _draw_key_field(self, controller: AppController, name: str, found: bool) -> None:
        label = "Save"
        imgui.set_next_item_width(-controls.width_of_button(label) - imgui.get_style().item_spacing.x)
        hint = "Another key" if found else f"Paste {name}"
        flags = imgui.InputTextFlags_.password
        _, self.keys[name] = imgui.input_text_with_hint("##key", hint, self.keys.get(name, ""), flags)
        imgui.same_line()
        typed = self.keys[name].strip()
        imgui.begin_disabled(not typed)
        if imgui.button(label):
            controller.errands.keep_key(name, typed)
            self.keys[name] = ""
        imgui.end_disabled()

    def _draw_endpoints(self, controller: AppController, settings: Settings) -> None:
        self._endpoints.draw(controller, settings)

    def _draw_requests(self, controller: AppController, settings: Settings) -> None:
        _label("Thoughts")
        changed, thinking = controls.draw_check("Ask for them", settings.thinking, beside_fields=True)
        if changed:
            self._change(controller, thinking=thinking)
        imgui.set_item_tooltip("Models that think show a summary of their thoughts; some models refuse to")
        _label("Exact counts")
        changed, counts = controls.draw_check(
            "Ask the provider while I write", settings.counts_at_provider, beside_fields=True
        )
        if changed:
            self._change(controller, counts_at_provider=counts)
        controls.draw_muted(
            "Off: tokens are estimated here, and nothing leaves this machine before you press Send. "
            "On: after each pause in writing, the whole request goes to the provider to be counted."
        )
        _label("Cache")
        changed, marks = controls.draw_check("Let providers keep requests", settings.cache_marks, beside_fields=True)
        if changed:
            self._change(controller, cache_marks=marks)
        controls.draw_muted(
            "Anthropic keeps the beginning of a request only when it is asked to: writing it costs a quarter more, "
            "reading it again a tenth. Gemini and OpenAI keep it anyway."
        )
        self._draw_caps(controller, settings)
        controls.draw_title("A server that says nothing")
        _label("Give up after")
        changed, seconds = imgui.slider_float("##idle", settings.idle_timeout_s, 5, 600, "%.0f s")
        if changed:
            self._change(controller, idle_timeout_s=seconds)
        imgui.set_item_tooltip("A reply from which nothing comes for so long ends")

    def _draw_caps(self, controller: AppController, settings: Settings) -> None:
        controls.draw_title("Caps")
        controls.draw_muted("You are asked before a request that goes over one of them. 0 is no cap.")
        _label("Tokens a request")
        changed, tokens = imgui.input_int("##tokens", settings.token_cap or 0, 1000, 10_000)
        if changed:
            self._change(controller, token_cap=max(0, tokens) or None)
        for name in ("request", "discussion", "project", "day"):
            _label(f"USD a {name}")
            field = "money_cap_usd" if name == "discussion" else f"{name}_cap_usd"
            changed, money = imgui.input_float(f"##{field}", getattr(settings, field) or 0.0, 0.1, 1.0, "%.2f")
            if changed:
                self._change(controller, **{field: round(max(0.0, money), 4) or None})

    def _draw_shortcuts(self, controller: AppController, settings: Settings) -> None:
        self._shortcuts.draw(controller, settings)


def _label(text: str) -> None:
    imgui.align_text_to_frame_padding()
    imgui.text_unformatted(text)
    imgui.same_line(hello_imgui.em_size(9))
    imgui.set_next_item_width(-1)
