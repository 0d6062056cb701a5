"""The NERV theme: black, amber and red, square corners, everything in monospace. `theme_nerv_fx` draws its effects."""

from __future__ import annotations

from src.theme_2 import Palette, Theme

NERV = Theme(
    "nerv",
    "NERV",
    Palette(
        ground=0x050302, panel=0x0B0705, raised=0x170D08, field=0x120A06, line=0x7A2414, text=0xFFB454, muted=0xC58548,
        accent=0xFF5A2B, on_accent=0x0B0705, button=0x2E120A, ready=0x6BE38A, busy=0xFFD23F,
        failed=0xFF5247, is_dark=True,
    ),
    rounding=0.0,
    is_technical=True,
)  # fmt: skip
