"""Files that are dropped onto the window, by its own GLFW. Loaded after the first frame; nothing on other backends."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable
from typing import Any

from imgui_bundle import hello_imgui

MAX_PATHS = 50
_held: list[Any] = []  # GLFW keeps the address of the callback; Python must keep the callback


def listen(on_paths: Callable[[tuple[str, ...]], object]) -> bool:
    """Calls *on_paths*, on the window's thread between frames, with what is dropped; False where that is not known."""
    try:
        library = ctypes.CDLL(os.environ.get("PYGLFW_LIBRARY", ""))  # imgui_bundle sets it to the GLFW that it uses
        window = getattr(hello_imgui, "get_glfw_window_address")()  # noqa: B009  it has no type
        set_callback = library.glfwSetDropCallback
    except (OSError, AttributeError, RuntimeError):
        return False
    if not window:
        return False
    kind = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_int, ctypes.POINTER(ctypes.c_char_p))

    def take(_window: Any, count: int, names: Any) -> None:
        on_paths(paths_of([names[at] for at in range(min(count, MAX_PATHS))]))

    callback = kind(take)
    set_callback.argtypes, set_callback.restype = [ctypes.c_void_p, kind], ctypes.c_void_p
    _held[:] = [callback]
    set_callback(window, callback)
    return True


def paths_of(names: list[bytes]) -> tuple[str, ...]:
    """The paths that GLFW names in UTF-8; one that is not is left out."""
    found = []
    for name in names:
        try:
            found.append(name.decode())
        except UnicodeDecodeError:
            continue
    return tuple(found)
