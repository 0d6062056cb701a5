"""Shortcuts as imgui knows them: chords from their spelling, spelling from a key press. Runs no command itself."""

from __future__ import annotations

from functools import lru_cache

from imgui_bundle import imgui

from src.commands import KEYS, MODIFIERS

_NAMES = {
    "PageUp": "page_up", "PageDown": "page_down", "Up": "up_arrow", "Down": "down_arrow", "Left": "left_arrow",
    "Right": "right_arrow", ",": "comma", ".": "period", "/": "slash", ";": "semicolon", "'": "apostrophe",
    "[": "left_bracket", "]": "right_bracket", "\\": "backslash", "`": "grave_accent", "-": "minus", "=": "equal",
}  # fmt: skip


@lru_cache(maxsize=256)
def chord(keys: str) -> int:
    """The imgui chord of normalised *keys*."""
    *held, pressed = keys.split("+")
    value = 0
    for name in held:
        value |= getattr(imgui.Key, f"mod_{name.lower()}").value
    return int(value | _key(pressed).value)


def is_pressed(keys: str) -> bool:
    """The chord was pressed in this frame and is not claimed: Ctrl+A in a text field stays the field's."""
    flags = imgui.InputFlags_.route_global.value
    if keys == "Escape" or keys.endswith("Enter"):
        flags |= imgui.InputFlags_.route_over_active.value  # no text field needs these two more than the user does
    return imgui.shortcut(chord(keys), flags)


def pressed_keys() -> str:
    """The keys pressed in this frame as a spelling, "" while only modifiers are held: for recording a shortcut."""
    io = imgui.get_io()
    held = [
        name
        for name, down in zip(MODIFIERS, (io.key_ctrl, io.key_shift, io.key_alt, io.key_super), strict=True)
        if down
    ]
    for name in KEYS:
        if imgui.is_key_pressed(_key(name), False):
            return "+".join((*held, name))
    return ""


def _key(name: str) -> imgui.Key:
    if name.isdigit():
        return imgui.Key(imgui.Key._0.value + int(name))
    return imgui.Key[_NAMES.get(name, name.lower())]
