"""Who uses a submodule that only somebody else's import has loaded: `import importlib`, then `importlib.util`.

A cut of that other import takes the submodule away from them. Reads texts of the modules that the start still loads.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from importguard.graph import ModuleGraph
from importguard.source.import_site import Location
from importguard.storage.regular_file import read_regular

_MOST_BYTES = 4 * 1024 * 1024


def leaning_on(graph: ModuleGraph, saved: frozenset[str]) -> tuple[str, Location] | None:
    """The first of the *saved* submodules that a module which stays uses without an import, and where."""
    stays = graph.start - saved
    below: dict[str, list[str]] = {}
    for name in sorted(saved):
        parent, _, last = name.rpartition(".")
        if parent in stays:
            below.setdefault(parent, []).append(last)
    if not below:
        return None
    for name in sorted(stays, key=lambda one: (one not in graph.own, one)):
        path = graph.modules[name].path
        if path is None or not path.endswith(".py"):
            continue
        try:
            text = read_regular(path, _MOST_BYTES)
        except OSError:
            continue
        for parent, lasts in below.items():
            if parent.encode() not in text or name == parent:
                continue
            for submodule, at in _uses(text, parent, lasts):
                return submodule, Location(path, text.count(b"\n", 0, at) + 1)
    return None


def _uses(text: bytes, parent: str, lasts: list[str]) -> Iterator[tuple[str, int]]:
    """The submodules of *parent* that *text* uses by `import parent` alone, and where."""
    word = re.escape(parent).encode()
    bound = re.search(
        rb"^[ \t]*import[ \t]+(?:[^\n#]*,[ \t]*)?" + word + rb"(?:[ \t]+as[ \t]+(\w+))?(?![\w.])", text, re.MULTILINE
    )
    if bound is None:
        return
    root = re.escape(bound[1]) if bound[1] else word
    names = b"|".join(re.escape(last).encode() for last in lasts)
    for found in re.finditer(rb"(?<![\w.\"'`#])" + root + rb"\.(" + names + rb")\.\w", text):
        line = text[text.rfind(b"\n", 0, found.start()) + 1 : found.start()].lstrip()
        if line.startswith((b"import ", b"from ", b"#")):
            continue
        last = re.escape(found[1])
        plain = rb"\bimport[ \t][^\n]*(?<![\w.])" + word + rb"\." + last + rb"\b"
        of_parent = rb"\bfrom[ \t]+" + word + rb"(?:\." + last + rb"\b|[ \t]+import[^\n]*\b" + last + rb"\b)"
        if re.search(plain + rb"|" + of_parent, text) is None:
            yield f"{parent}.{found[1].decode()}", found.start()
