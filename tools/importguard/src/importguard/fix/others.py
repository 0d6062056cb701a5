"""Who else uses a name of a module: another file of the project, as `module.name` or by importing it from there.

Reads texts, not syntax trees: a tests folder may be large, and a wrong suspicion only leaves a statement where it is.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from importguard.storage.regular_file import read_regular

_MOST_FILES = 5000
_MOST_BYTES = 4 * 1024 * 1024
_NOT_OURS = frozenset({"node_modules", "site-packages", "__pycache__", "build", "dist", "venv", "env"})


class Elsewhere(NamedTuple):
    """The use of *name* at a place in another file; *replaced*: no `__getattr__` will do for that."""

    path: str
    line: int
    name: str
    replaced: bool = False


class Others:
    """The project's files, read once."""

    def __init__(self, root: str, more: Iterable[str] = ()) -> None:
        """*more*: files of the program that are not below *root*."""
        self._paths = list(dict.fromkeys([*_files(root), *more]))
        self._texts: dict[str, bytes] = {}
        self._stars: dict[str, tuple[bytes, ...]] = {}

    def using(self, path: str, module: str, names: Iterable[str]) -> dict[str, Elsewhere]:
        """Who uses which of *names* of *module*, the file *path*: the first, before it the first that replaces it."""
        found: dict[str, Elsewhere] = {}
        self._using(path, module, tuple(names), {path}, found)
        return found

    def _using(
        self, path: str, module: str, names: tuple[str, ...], known: set[str], found: dict[str, Elsewhere]
    ) -> None:
        package = os.path.basename(path) == "__init__.py"
        last = module.rpartition(".")[2] if module != "__main__" else os.path.splitext(os.path.basename(path))[0]
        given = b"__all__" not in self._text(path)  # else a star gives what is listed there, and nothing else
        for other in self._paths:
            text = self._text(other)
            beside = package and os.path.dirname(other) == os.path.dirname(path)
            if other in known or (last.encode() not in text and not beside):
                continue
            for name in names:
                if name.encode() not in text or (name in found and found[name].replaced):
                    continue
                for at, replaced in _uses(text, last, name, beside, by_star=given):
                    if replaced or name not in found:
                        found[name] = Elsewhere(other, text.count(b"\n", 0, at) + 1, name, replaced)
            if given and self._takes_all(other, last.encode(), beside):
                known.add(other)
                self._using(other, _name_of(other), names, known, found)
                for name in names:  # a star finds nothing that only __getattr__ gives
                    if name in found and not found[name].replaced:
                        found[name] = found[name]._replace(replaced=True)

    def _takes_all(self, path: str, last: bytes, beside: bool) -> bool:
        """Whether the file *path* imports a star from the module *last*."""
        if path not in self._stars:
            self._stars[path] = tuple(_STAR.findall(self._text(path)))
        return any(one.rpartition(b".")[2] == last or (beside and one == b".") for one in self._stars[path])

    def _text(self, path: str) -> bytes:
        if path not in self._texts:
            try:
                self._texts[path] = read_regular(path, _MOST_BYTES)
            except OSError:
                self._texts[path] = b""
        return self._texts[path]


_NAMES = re.compile(rb"\((?:[^()#]|#[^\n]*)*+\)|[^\n]*")  # of an import, in brackets or to the end of the line
_STAR = re.compile(rb"^[ \t]*+from[ \t]++([\w.]++)[ \t]++import[ \t]*+\*", re.MULTILINE)
_BEHIND_IMPORT = re.compile(rb"\bimport\b([^\n]*)")


def _name_of(path: str) -> str:
    """The last part of the name of the module that is the file *path*."""
    folder, name = os.path.split(path)
    return os.path.basename(folder) if name == "__init__.py" else os.path.splitext(name)[0]


def _source(last: str, beside: bool) -> bytes:
    word = re.escape(last).encode()
    return rb"^[ \t]*+from[ \t]++(?:[\w.]*\b" + word + (rb"|\.)" if beside else rb")") + rb"[ \t]++import[ \t]*+"


def _uses(text: bytes, last: str, name: str, beside: bool, *, by_star: bool = True) -> Iterator[tuple[int, bool]]:
    """Where *text* uses *name* of the module that is called *last*, and whether no `__getattr__` will do for that.

    None does for what puts something in its place, nor, with *by_star*, for a star import.
    """
    word, wanted = re.escape(last).encode(), re.escape(name).encode()
    among = re.compile(rb"\b" + wanted + rb"\b|\*")
    for found in re.finditer(_source(last, beside), text, re.MULTILINE):
        names = _NAMES.match(text, found.end())
        one = among.search(names[0]) if names is not None else None
        if one is not None:
            yield found.start(), by_star and one[0] == b"*"
            break
    imported = b"\n".join(found[1] for found in _BEHIND_IMPORT.finditer(text))
    roots = [word] if re.search(rb"\b" + word + rb"\b", imported) else []
    if alias := re.search(rb"\b" + word + rb"[ \t]+as[ \t]+(\w+)", imported):
        roots.append(re.escape(alias[1]))
    for root in roots:
        for used in re.finditer(rb"\b(del[ \t]++)?+" + root + rb"\." + wanted + rb"\b([ \t]*+=(?!=))?+", text):
            yield used.start(), used[1] is not None or used[2] is not None
        quoted = rb"[\"']" + wanted + rb"[\"']"
        setter = rb"\b(?:setattr|delattr|patch\.object)\([^\n,(]*\b" + root + rb"[ \t]*+,[ \t]*+" + quoted
        if (set_there := re.search(setter, text)) is not None:
            yield set_there.start(), True
    patched = re.search(rb"[\"'][\w.]*\b" + word + rb"\." + wanted + rb"\b", text)
    if patched is not None:
        yield patched.start(), True


def _files(root: str) -> Iterator[str]:
    count = 0
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(
            one
            for one in folders
            if not one.startswith(".")
            and one not in _NOT_OURS
            and not os.path.exists(os.path.join(folder, one, "pyvenv.cfg"))
        )
        for name in sorted(names):
            if name.endswith((".py", ".pyi")):
                count += 1
                if count > _MOST_FILES:
                    return
                yield os.path.join(folder, name)
