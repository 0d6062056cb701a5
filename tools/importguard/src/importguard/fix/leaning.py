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
        rb"^[ \t]*+import[ \t]++(?:[^\n#]*,[ \t]*+)?" + word + rb"(?:[ \t]++as[ \t]++(\w++))?(?![\w.])",
        text,
        re.MULTILINE,
    )
    if bound is None:
        return
    root = re.escape(bound[1]) if bound[1] else word
    names = b"|".join(re.escape(last).encode() for last in lasts)
    imported: dict[bytes, bool] = {}
    for found in re.finditer(rb"(?<![\w.\"'`#])" + root + rb"\.(" + names + rb")\.\w", text):
        line = text[text.rfind(b"\n", 0, found.start()) + 1 : found.start()].lstrip()
        if line.startswith((b"import ", b"from ", b"#")):
            continue
        last = found[1]
        if last not in imported:
            imported[last] = _imports(text, word, re.escape(last))
        if not imported[last]:
            yield f"{parent}.{last.decode()}", found.start()


def _imports(text: bytes, word: bytes, last: bytes) -> bool:
    """Whether a line of *text* imports *last* of the package *word* itself; both are escaped."""
    if re.search(rb"\bfrom[ \t]++" + word + rb"\." + last + rb"\b", text) is not None:
        return True
    # Behind the first of its line, so that a line is read twice at most.
    plain, named = re.compile(rb"(?<![\w.])" + word + rb"\." + last + rb"\b"), re.compile(rb"\b" + last + rb"\b")
    of_parent = re.compile(rb"\bfrom[ \t]++" + word + rb"[ \t]++import\b")
    for line in text.splitlines():
        first = re.search(rb"\bimport[ \t]", line)
        if first is not None and plain.search(line, first.end()):
            return True
        first = of_parent.search(line)
        if first is not None and named.search(line, first.end()):
            return True
    return False
