"""The growth of one command with the number of modules, drawn as a PNG."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

_WIDTH, _HEIGHT, _MARGIN = 900, 560, 80
_COLOURS = ("#c0392b", "#2471a3", "#1e8449")


def draw_growth(series: Mapping[str, Sequence[tuple[int, float]]], file: Path) -> None:
    """*series*: (modules, CPU seconds) by name; both axes are logarithmic, a grey line is linear growth."""
    image = Image.new("RGB", (_WIDTH, _HEIGHT), "white")
    draw = ImageDraw.Draw(image)
    font = ImageFont.load_default(16)
    points = [point for one in series.values() for point in one]
    low_x, high_x = (math.log2(pick(count for count, _ in points)) for pick in (min, max))
    low_y = math.floor(math.log2(min(seconds for _, seconds in points)))
    high_y = math.ceil(math.log2(max(seconds for _, seconds in points)))

    def place(count: float, seconds: float) -> tuple[float, float]:
        across = (math.log2(count) - low_x) / (high_x - low_x)
        up = (math.log2(seconds) - low_y) / (high_y - low_y)
        return _MARGIN + across * (_WIDTH - 2 * _MARGIN), _HEIGHT - _MARGIN - up * (_HEIGHT - 2 * _MARGIN)

    for power in range(low_y, high_y + 1):
        left, right = place(2**low_x, 2**power), place(2**high_x, 2**power)
        draw.line([left, right], fill="#eeeeee")
        draw.text((left[0] - 8, left[1]), f"{2.0**power:g} s", fill="black", font=font, anchor="rm")
    for count in sorted({count for count, _ in points}):
        foot = place(count, 2**low_y)
        draw.line([foot, place(count, 2**high_y)], fill="#eeeeee")
        draw.text((foot[0], foot[1] + 10), f"{count:,}", fill="black", font=font, anchor="mt")
    for (name, found), colour in zip(series.items(), _COLOURS, strict=False):
        first_count, first_seconds = found[0]
        last = found[-1][0]
        proportional = min(first_seconds * last / first_count, 2.0**high_y)
        draw.line([place(*found[0]), place(first_count * proportional / first_seconds, proportional)], fill="#bbbbbb")
        placed = [place(*point) for point in found]
        draw.line(placed, fill=colour, width=3)
        for x, y in placed:
            draw.ellipse((x - 4, y - 4, x + 4, y + 4), fill=colour)
        draw.text((placed[-1][0] + 10, placed[-1][1]), name, fill=colour, font=font, anchor="lm")
    draw.text((_WIDTH / 2, 30), "CPU time of importguard graph by modules", fill="black", font=font, anchor="mm")
    image.save(file)
