"""Pictures of a discussion: decoded and uploaded once, drawn at most as wide as the text.

Guarantees
- A picture of more than MAX_PIXELS, or one that claims so in its head, is not decoded: its name is all that is shown.
- The toolkit keeps a texture until the window closes, so at most MAX_KEPT pictures and MAX_PIXELS in all get one.
"""

from __future__ import annotations

import hashlib

from imgui_bundle import hello_imgui, imgui

from src.window import controls
from src.window.picture_size import size_of

MAX_PIXELS = 40_000_000
MAX_KEPT = 200
HIGHEST = 24.0  # em

_names: dict[int, tuple[bytes, str]] = {}  # by `id`; it keeps the data alive, so that its `id` stays its own
_shown: dict[str, hello_imgui.ImageAndSize | None] = {}
_pixels = [0]


def forget() -> None:
    """Forgets every picture, at the end of the window, which frees their textures."""
    _names.clear()
    _shown.clear()
    _pixels[0] = 0


def draw(data: bytes) -> bool:
    """Draws the picture in *data* at the cursor; False, with a word about it, when it cannot be shown."""
    shown = _find(data)
    if shown is None or shown.size.x < 1 or shown.size.y < 1:
        controls.draw_muted("It cannot be shown here; it goes to the model as it is.")
        return False
    room = imgui.get_content_region_avail().x
    scale = min(1.0, room / shown.size.x, hello_imgui.em_size(HIGHEST) / shown.size.y)
    imgui.image(imgui.ImTextureRef(shown.texture_id), (shown.size.x * scale, shown.size.y * scale))
    return True


def _find(data: bytes) -> hello_imgui.ImageAndSize | None:
    known = _names.get(id(data))
    if known is None or known[0] is not data:
        if len(_names) > MAX_KEPT:
            _names.clear()
        known = _names[id(data)] = (data, hashlib.sha256(data).hexdigest())
    name = known[1]
    if name not in _shown:
        _shown[name] = _decode(data, name)
    return _shown[name]


def _decode(data: bytes, name: str) -> hello_imgui.ImageAndSize | None:
    width, height = size_of(data)
    if not 0 < width * height <= MAX_PIXELS - _pixels[0] or len(_shown) >= MAX_KEPT:
        return None
    _pixels[0] += width * height
    try:
        return hello_imgui.image_and_size_from_encoded_data(data, name)
    except (RuntimeError, ValueError):
        return None
