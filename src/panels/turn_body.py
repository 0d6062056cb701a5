"""What one turn says: its text as Markdown, its thoughts and tools folded, its images by name."""

from __future__ import annotations

import json

from imgui_bundle import icons_fontawesome_6 as icons
from imgui_bundle import imgui

from src import markdown_helper
from src.chat import ImagePart, Message, Part, TextPart, ThinkingPart, ToolCallPart, ToolResultPart, framed_name
from src.discussion.tree import is_file
from src.tools.catalog import WORDS
from src.window import controls, markdown_code

MAX_SHOWN = 20_000  # characters of what a tool answered


class TurnBody:
    """The documents of one turn, one for each part of text."""

    def __init__(self, key: str) -> None:
        self._key = key
        self._documents: dict[int, markdown_helper.Document] = {}

    def draw(self, message: Message, *, is_growing: bool = False) -> float:
        """Draws it; by how many pixels what is above the visible part grew."""
        grew = 0.0
        last = len(message.parts) - 1
        for number, part in enumerate(message.parts):
            if isinstance(part, TextPart) and not is_file(part):
                document = self._documents.get(number)
                if document is None:
                    document = self._documents[number] = markdown_helper.Document(f"{self._key}.{number}")
                grew += document.draw(part.text, is_growing=is_growing and number == last)
            else:
                imgui.push_id(number)
                _draw_part(part)
                imgui.pop_id()
        return grew


def _draw_part(part: Part) -> None:
    match part:
        case TextPart(text):
            if imgui.tree_node(f"{icons.ICON_FA_PAPERCLIP}  {framed_name(text)}###file"):
                markdown_code.draw((id(part), "file"), "", text[:MAX_SHOWN])
                imgui.tree_pop()
        case ThinkingPart(text):
            if imgui.tree_node(f"{icons.ICON_FA_BRAIN}  Thought, {len(text.split()):,} words###thought"):
                controls.draw_muted(text[:MAX_SHOWN])
                imgui.tree_pop()
        case ToolCallPart(_, name, arguments):
            if imgui.tree_node(f"{icons.ICON_FA_WRENCH}  {called(name)}: asked for###call"):
                markdown_code.draw((id(part), "call"), "json", _pretty(arguments))
                imgui.tree_pop()
        case ToolResultPart(_, name, text, failed):
            word = "failed" if failed else "answered"
            if imgui.tree_node(f"{icons.ICON_FA_WRENCH}  {called(name)}: {word}###result"):
                markdown_code.draw((id(part), "result"), "", text[:MAX_SHOWN])
                imgui.tree_pop()
        case ImagePart(media_type, data, name):
            controls.draw_muted(f"{icons.ICON_FA_IMAGE}  {name or 'image'}   {media_type}, {len(data) / 1024:,.0f} KB")
            from src.window import pictures  # the first frame has none

            pictures.draw(data)


def called(tool: str) -> str:
    """What people call a tool; one of a server has its own name."""
    return WORDS[tool][0] if tool in WORDS else tool


def _pretty(arguments: str) -> str:
    try:
        return json.dumps(json.loads(arguments), indent=2, ensure_ascii=False)
    except ValueError:
        return arguments
