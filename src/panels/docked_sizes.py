"""How large the docked side panels are: they grow with the text, and leave the discussion its room.

Dear ImGui keeps the pixels of a side panel when the window or the text grows; the discussion takes all the rest.
"""

from __future__ import annotations

from imgui_bundle import hello_imgui, imgui

# A panel of each side: its axis, the least em it needs, and the most of the window that it may take by itself.
SIDES = (("Context", "x", 15.0, 0.26), ("Request", "x", 18.0, 0.38), ("Composer", "y", 8.6, 0.5))


class DockedSizes:
    """What the sizes were last fitted to, in each layout: em, and the window's width and height.

    For each panel: the em that the user, or the first layout, gave it, and the pixels that it got here.
    """

    def __init__(self) -> None:
        self._fitted: dict[str, tuple[float, float, float]] = {}
        self._wanted: dict[tuple[str, str], tuple[float, float]] = {}

    def follow(self, layout: str) -> None:
        """Fits the side panels to the window and the text when one of them has changed. Inside a frame."""
        em, view = hello_imgui.em_size(1), imgui.get_main_viewport().size
        now, before = (em, view.x, view.y), self._fitted.get(layout)
        if now == before:
            return
        fitted = [self._fit(layout, before[0] if before else em, side) for side in SIDES]
        if all(fitted):
            self._fitted[layout] = now

    def _fit(self, layout: str, em_before: float, side: tuple[str, str, float, float]) -> bool:
        """Gives the panel the em that are wanted, within its bounds; False while it has no place yet."""
        title, axis, least, most = side
        window = imgui.internal.find_window_by_name(title)
        node = window.dock_node if window is not None else None
        if node is None or node.parent_node is None:  # it floats, or fills its window
            return window is not None
        size, whole = node.size, getattr(imgui.get_main_viewport().size, axis)
        now = getattr(size, axis)
        if now <= 0 or whole <= 0:
            return False
        wanted, given = self._wanted.get((layout, title), (0.0, 0.0))
        if abs(now - given) > 2:  # a hand has moved the splitter
            wanted = now / em_before
        pixels = min(hello_imgui.em_size(max(wanted, least)), whole * most)
        self._wanted[layout, title] = wanted, pixels
        if abs(pixels - now) > 1:
            fitted = imgui.ImVec2(pixels if axis == "x" else size.x, pixels if axis == "y" else size.y)
            imgui.internal.dock_builder_set_node_size(node.id_, fitted)
            hello_imgui.request_refresh()
        return True
