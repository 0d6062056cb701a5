"""What an annotation says of a name in a class: only whether it is a field of the objects."""

from __future__ import annotations

from importguard.source import program as ir
from importguard.startup.values.base import UNKNOWN, Abstract, Value


class Marker(Abstract):
    """An annotation that generated classes read: `ClassVar`, `InitVar` or `KW_ONLY`."""

    __slots__ = ("word",)

    def __init__(self, word: str) -> None:
        self.word = word

    def truth(self, _machine: object) -> bool | None:
        """As little is known of it as of any annotation."""
        return None


_MARKERS = {word: Marker(word) for word in ("ClassVar", "InitVar", "KW_ONLY")}


def marked(annotation: ir.Expression | None) -> Value:
    """The Marker that *annotation* is, whether written as code or as text; UNKNOWN for all others."""
    node = annotation.value if isinstance(annotation, ir.Subscript) else annotation
    if isinstance(node, ir.Constant) and isinstance(node.value, str):
        word = node.value.partition("[")[0].rpartition(".")[2].strip()
    else:
        word = node.attr if isinstance(node, ir.Attribute) else getattr(node, "id", "")
    return _MARKERS.get(word, UNKNOWN)
