"""Shortcuts as imgui knows them: chords from their spelling, spelling from a key press. Runs no command itself."""

from __future__ import annotations

import ctypes
import struct
from functools import lru_cache

from imgui_bundle import imgui

from src.commands import KEYS, MODIFIERS

_NAMES = {
    "PageUp": "page_up", "PageDown": "page_down", "Up": "up_arrow", "Down": "down_arrow", "Left": "left_arrow",
    "Right": "right_arrow", ",": "comma", ".": "period", "/": "slash", ";": "semicolon", "'": "apostrophe",
    "[": "left_bracket", "]": "right_bracket", "\\": "backslash", "`": "grave_accent", "-": "minus", "=": "equal",
}  # fmt: skip

# An event of imgui's queue: type, source, number, then of a key event the key and whether it went down.
_EVENT = struct.Struct("=i8xi?11x")
_KEY = imgui.internal.InputEventType.key.value
_MODIFIERS = frozenset(getattr(imgui.Key, f"mod_{name.lower()}").value for name in MODIFIERS)
_ALL_MODIFIERS = sum(_MODIFIERS)


@lru_cache(maxsize=256)
def chord(keys: str) -> int:
    """The imgui chord of normalised *keys*."""
    *held, pressed = keys.split("+")
    value = 0
    for name in held:
        value |= getattr(imgui.Key, f"mod_{name.lower()}").value
    return int(value | _key(pressed).value)


class _Events:
    """The chords that were pressed and let go between two frames, which imgui no longer takes for chords.

    A slow frame gets the press of a key and the release of its modifier at once. imgui asks for the modifiers as they
    are after all events of the frame; what was held when the key went down is in the events alone.
    """

    frame = -1
    chords: frozenset[int] = frozenset()
    held = 0


_asked: dict[int, int] = {}  # chords, and the frame in which each was last asked for


def read_events() -> None:
    """Reads the key events that the next frame will take. Between two frames."""
    context = imgui.get_current_context()
    queue = context.input_events_queue
    _Events.frame, chords, held = imgui.get_frame_count() + 1, set(), 0
    for name in MODIFIERS:
        modifier = getattr(imgui.Key, f"mod_{name.lower()}")
        held |= modifier.value if imgui.is_key_down(modifier) else 0
    if count := queue.size():
        data = ctypes.string_at(queue.data_address(), count * _EVENT.size)
        for kind, key, is_down in _EVENT.iter_unpack(data):
            if kind != _KEY:
                continue
            if key in _MODIFIERS:
                held = held | key if is_down else held & ~key
            elif is_down and held:
                chords.add(held | key)
    _Events.chords = frozenset(chords)


def is_pressed(keys: str) -> bool:
    """The chord was pressed in this frame and is not claimed: Ctrl+A in a text field stays the field's."""
    wanted = chord(keys)
    if _was_short(wanted):
        return True
    flags = imgui.InputFlags_.route_global.value
    if keys == "Escape" or keys.endswith("Enter"):
        flags |= imgui.InputFlags_.route_over_active.value  # no text field needs these two more than the user does
    elif _writes_nothing(keys):
        flags = imgui.InputFlags_.route_always.value
    return imgui.shortcut(wanted, flags) or (_is_asked_anew(wanted) and imgui.is_key_chord_pressed(wanted))


def _is_asked_anew(wanted: int) -> bool:
    """Nobody asked for the chord a frame ago, as while a question is open: imgui gives it to nobody in this one."""
    frame = imgui.get_frame_count()
    before, _asked[wanted] = _asked.get(wanted), frame
    is_fields = imgui.get_io().want_text_input and wanted in _fields()
    return before not in (frame - 1, frame) and not is_fields


def _writes_nothing(keys: str) -> bool:
    """A chord of Alt while somebody types: imgui leaves it to the field as a character, which it is on macOS alone."""
    return keys.startswith("Alt+") and not imgui.get_io().config_mac_osx_behaviors


def _was_short(wanted: int) -> bool:
    """The chord was pressed and its modifier let go before this frame began, so that imgui sees the key alone."""
    if _Events.frame != imgui.get_frame_count() or wanted not in _Events.chords:
        return False
    key, held = imgui.Key(wanted & ~_ALL_MODIFIERS), wanted & _ALL_MODIFIERS
    now = imgui.get_io().key_mods & _ALL_MODIFIERS
    is_fields = imgui.get_io().want_text_input and wanted in _fields()
    return now != held and not is_fields and imgui.is_key_pressed(key, False)


@lru_cache(maxsize=1)
def _fields() -> frozenset[int]:
    """The chords that a text field takes for itself."""
    return frozenset(chord(f"Ctrl+{key}") for key in "ACVXYZ") | {chord("Ctrl+Shift+Z")}


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
