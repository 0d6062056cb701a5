"""Draws a message's Markdown: tables by `markdown_table`, the rest by imgui-bundle's renderer."""

from __future__ import annotations

from functools import lru_cache

from imgui_bundle import imgui_md

from src import markdown_table


@lru_cache(maxsize=512)
def split(text: str) -> tuple[str | tuple[tuple[str, ...], ...], ...]:
    """*text* as blocks in order: Markdown, or the rows of a table. Fenced code is never a table."""
    blocks: list[str | tuple[tuple[str, ...], ...]] = []
    plain: list[str] = []
    lines = text.split("\n")
    position, fenced = 0, False
    while position < len(lines):
        fenced ^= lines[position].lstrip().startswith("```")
        end = position
        while not fenced and end < len(lines) and "|" in lines[end]:
            end += 1
        rows = markdown_table.parse(lines[position:end])
        if rows is None:
            plain.append(lines[position])
            position += 1
            continue
        if plain:
            blocks.append("\n".join(plain))
            plain = []
        blocks.append(tuple(tuple(row) for row in rows))
        position = end
    if plain:
        blocks.append("\n".join(plain))
    return tuple(blocks)


def draw(identifier: str, text: str) -> None:
    """Draws *text* at the cursor."""
    for position, block in enumerate(split(text)):
        if isinstance(block, str):
            imgui_md.render(block)
        else:
            markdown_table.draw(f"{identifier}.{position}", [list(row) for row in block])
