"""Draws Sloppy's rooms and what they import as docs/images/rooms.svg: `python scripts/draw_rooms.py`.

The floors come from tests/rooms.py and the arrows from the sources, read by importguard. An arrow that follows from
others (a room that is reached by a longer way, too) is left out. The same sources give the same bytes; a test compares.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.architecture import Contract, files_of, links_of, room_of  # noqa: E402
from tests.rooms import SLOPPY  # noqa: E402

PICTURE = ROOT / "docs" / "images" / "rooms.svg"
WIDTH, FLOOR, BOX, LETTER, GAP, MARGIN = 1000, 84, 46, 7.1, 56, 30
STYLE = (
    "text{font:13px ui-sans-serif,system-ui,sans-serif;fill:#1d2733;text-anchor:middle}"
    ".small{font-size:11px;fill:#5b6b7c}.floor{font-size:11px;fill:#9aa7b4;text-anchor:start}"
    "rect.box{fill:#f4f7fa;stroke:#5b7fa6;stroke-width:1.2}path{fill:none;stroke:#7d93aa;stroke-width:1.1}"
)


@dataclass(frozen=True)
class Box:
    """A room on the picture: its title, what else belongs to it, the middle of its upper side, its width."""

    title: str
    note: str
    x: float
    y: float
    width: float


def floors_of(contract: Contract) -> tuple[tuple[str, ...], ...]:
    """The floors without the package itself, which holds nothing."""
    return tuple(floor for floor in contract.floors if floor != (contract.package,))


def arrows_of(contract: Contract) -> frozenset[tuple[str, str]]:
    """The pairs of rooms of which the first imports the second, without those that follow from others."""
    below: dict[str, set[str]] = {room: set() for floor in contract.floors for room in floor}
    for link in links_of(contract):
        own, other = room_of(contract, link.importer), room_of(contract, link.imported)
        if own and other and own != other:
            below[own.names].add(other.names)
    reached: dict[str, set[str]] = {}
    for floor in reversed(contract.floors):
        for room in floor:
            reached[room] = below[room].union(*(reached.get(one, set()) for one in below[room]))
    return frozenset(
        (room, target)
        for room, targets in below.items()
        for target in targets
        if not any(target in reached[other] for other in targets if other != target)
    )


def place(contract: Contract) -> dict[str, Box]:
    """Where each room is: its floor from the top, the rooms of a floor side by side in the middle."""
    names, boxes = files_of(contract), {}
    for number, floor in enumerate(floors_of(contract)):
        rooms = [(room, *_words(contract, room, names)) for room in floor]
        widths = [max(90.0, LETTER * max(len(title), len(note) * 0.86) + 22) for _room, title, note in rooms]
        left = (WIDTH - sum(widths) - GAP * (len(widths) - 1)) / 2
        for (room, title, note), width in zip(rooms, widths, strict=True):
            boxes[room] = Box(title, note, left + width / 2, MARGIN + number * FLOOR, width)
            left += width + GAP
    return boxes


def draw(contract: Contract) -> str:
    """The picture as SVG."""
    boxes = place(contract)
    height = MARGIN * 2 + FLOOR * (len(floors_of(contract)) - 1) + BOX
    rows = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
        f'aria-label="The rooms of {contract.package}, floor by floor, and what they import">',
        f"<style>{STYLE}</style>",
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        '<path d="M0 0L8 4L0 8Z" style="fill:#7d93aa;stroke:none"/></marker></defs>',
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
    ]
    order = list(boxes)
    for room, target in sorted(arrows_of(contract), key=lambda pair: (order.index(pair[0]), order.index(pair[1]))):
        rows.append(_arrow(boxes[room], boxes[target]))
    rows += [
        f'<text class="floor" x="8" y="{MARGIN + number * FLOOR + BOX / 2 + 4:.0f}">{number + 1}</text>'
        for number in range(len(floors_of(contract)))
    ]
    for box in boxes.values():
        rows += _box(box)
    return "\n".join([*rows, "</svg>", ""])


def _words(contract: Contract, room: str, names: Mapping[str, Path]) -> tuple[str, str]:
    """The title of a room and the line below it: the files beside its folder, and how many modules it has."""
    first, *others = (one.removeprefix(f"{contract.package}.") for one in room.split())
    own = (room_of(contract, name) for name in names)
    count = sum(one is not None and one.names == room for one in own)
    is_folder = names[room.split(maxsplit=1)[0]].name == "__init__.py"
    return f"{first}/" if is_folder else first, ", ".join([*others, f"{count} modules"] if count > 1 else others)


def _arrow(upper: Box, lower: Box) -> str:
    top, bottom = upper.y + BOX, lower.y
    bend = (bottom - top) / 2
    return (
        f'<path d="M{upper.x:.0f} {top:.0f}C{upper.x:.0f} {top + bend:.0f} {lower.x:.0f} {bottom - bend:.0f} '
        f'{lower.x:.0f} {bottom - 1:.0f}" marker-end="url(#tip)"/>'
    )


def _box(box: Box) -> list[str]:
    left = box.x - box.width / 2
    shape = f'<rect class="box" x="{left:.0f}" y="{box.y}" width="{box.width:.0f}" height="{BOX}" rx="6"/>'
    lines = [f'<text x="{box.x:.0f}" y="{box.y + (20 if box.note else 28)}">{escape(box.title)}</text>']
    if box.note:
        lines.append(f'<text class="small" x="{box.x:.0f}" y="{box.y + 36}">{escape(box.note)}</text>')
    return [shape, *lines]


def main() -> int:
    """Writes the picture."""
    PICTURE.write_text(draw(SLOPPY), encoding="utf-8")
    print(f"Wrote {PICTURE.relative_to(ROOT)}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
