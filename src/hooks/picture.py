"""A picture of the window, and the PNG of it. Reads the framebuffer through the window's own GLFW; knows no imgui."""

from __future__ import annotations

import ctypes
import os
import struct
import zlib
from collections.abc import Callable
from typing import Any

from src.value import Value

_VIEWPORT = 0x0BA2
_PACK_ALIGNMENT = 0x0D05
_RGB, _UNSIGNED_BYTE = 0x1907, 0x1401


class NoPictureError(RuntimeError):
    """This window's pixels cannot be read."""


class Picture(Value):
    """Width and height in pixels; rows of red, green, blue bytes, the lowest row first."""

    width: int
    height: int
    rgb: bytes

    def png(self) -> bytes:
        """The picture as a PNG file."""
        stride = self.width * 3
        starts = range((self.height - 1) * stride, -1, -stride)
        rows = b"".join(b"\0" + self.rgb[start : start + stride] for start in starts)
        head = struct.pack(">IIBBBBB", self.width, self.height, 8, 2, 0, 0, 0)
        parts = (b"IHDR", head), (b"IDAT", zlib.compress(rows, 1)), (b"IEND", b"")
        return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in parts)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def read_framebuffer() -> Picture:
    """The frame drawn last. On the window's thread, after a frame. Raises NoPictureError."""
    size = (ctypes.c_int * 4)()
    _find("glGetIntegerv", ctypes.c_uint, ctypes.c_void_p)(_VIEWPORT, size)
    width, height = size[2], size[3]
    pixels = ctypes.create_string_buffer(width * height * 3)
    _find("glPixelStorei", ctypes.c_uint, ctypes.c_int)(_PACK_ALIGNMENT, 1)
    read = _find("glReadPixels", *[ctypes.c_int] * 4, ctypes.c_uint, ctypes.c_uint, ctypes.c_void_p)
    read(0, 0, width, height, _RGB, _UNSIGNED_BYTE, pixels)
    return Picture(width, height, pixels.raw)


def _find(name: str, *arguments: Any) -> Callable[..., Any]:
    """The OpenGL function *name* of the current context, as GLFW knows it on every system."""
    library = os.environ.get("PYGLFW_LIBRARY", "")  # imgui_bundle sets it to the GLFW that it uses itself
    try:
        lookup = ctypes.CDLL(library).glfwGetProcAddress
    except (OSError, AttributeError) as error:
        raise NoPictureError("This window's pixels cannot be read: its GLFW was not found.") from error
    lookup.restype, lookup.argtypes = ctypes.c_void_p, [ctypes.c_char_p]
    address = lookup(name.encode())
    if not address:
        raise NoPictureError("This window's pixels cannot be read: it does not draw with OpenGL.")
    kind = ctypes.WINFUNCTYPE if os.name == "nt" else ctypes.CFUNCTYPE  # type: ignore[attr-defined,unused-ignore]
    function: Callable[..., Any] = kind(None, *arguments)(address)
    return function
