"""The status bar: the warmup, who is asked, what the discussion cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imgui_bundle import hello_imgui, imgui

from src import theme_2
from src.window import controls

if TYPE_CHECKING:
    from src.app_controller import AppController

MODEL = 0.4  # of the bar that the model's name takes at most


def warmup_label(controller: AppController) -> tuple[str, imgui.ImVec4]:
    """The sentence and the dot's colour."""
    status, colours = controller.warmup_status(), theme_2.colours()
    if not status.done:
        return f"Warming up... ({len(status.completed) + len(status.failed)}/{status.total})", colours.busy
    if status.failed:
        name, reason = status.failed[0]
        return f"{len(status.failed)} not ready: {name} ({reason})", colours.failed
    return "All imports ready", colours.ready


class StatusBar:
    """Nothing of its own: what it shows is the controller's."""

    def draw(self, controller: AppController) -> None:
        """One frame; hello_imgui's callback for the bar."""
        colours = theme_2.colours()
        label, colour = warmup_label(controller)
        right = self._right(controller)
        room = sum(imgui.calc_text_size(text).x + hello_imgui.em_size(1.2) for text, _ in right)
        _draw_dot(colour)
        imgui.same_line()
        failed = controller.warmup_status().failed
        most = imgui.get_content_region_avail().x - room - (hello_imgui.em_size(5) if failed else 0)
        imgui.text_unformatted(controls.fit(label, most))
        if failed:
            imgui.set_item_tooltip("\n".join(f"{name}: {reason}" for name, reason in failed))
            imgui.same_line()
            if imgui.small_button("Retry###retry all"):
                for name, _ in failed:
                    controller.retry_warmup(name)
        imgui.same_line()
        controls.move_right(room)
        for number, (text, shade) in enumerate(right):
            if number:
                imgui.same_line(0, hello_imgui.em_size(1.2))
            imgui.text_colored(shade or colours.muted, text)
            if not number:
                imgui.set_item_tooltip(controller.snapshot().model)

    def _right(self, controller: AppController) -> list[tuple[str, imgui.ImVec4 | None]]:
        state = controller.snapshot()
        model = controls.fit(state.model, imgui.get_content_region_avail().x * MODEL)
        return [(model, theme_2.colours().text), (controls.spent(state.spent), None)]


def _draw_dot(colour: imgui.ImVec4) -> None:
    height = imgui.get_text_line_height()
    corner = imgui.get_cursor_screen_pos()
    centre = (corner.x + height / 2, corner.y + height / 2)
    if theme_2.current().is_technical:
        from src import theme_nerv_fx  # one theme has it

        theme_nerv_fx.draw_hexagon(centre, height * 0.45, colour)
    else:
        canvas = imgui.get_window_draw_list()
        canvas.add_circle_filled(centre, height * 0.3, imgui.color_convert_float4_to_u32(colour))
    imgui.dummy(imgui.ImVec2(height, height))
