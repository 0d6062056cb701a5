"""Whether a manifest still fits the code beside it: cheap enough for the running program, off its main thread.

It knows the names that the code asks to have warmed, and what the project's own warmed modules import; it does not
analyse. `importguard manifest --check` and IG301 do. Reads the sources that the manifest names; imports none of them.
"""

from __future__ import annotations

import os
import re
from itertools import islice
from typing import TYPE_CHECKING

from importguard.warmup.manifest import WarmupManifest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_MAX_FILES = 5000
_IMPORT = re.compile(rb"^[ \t]*+(?:from[ \t]++([\w.]+)[ \t]++import\b|import[ \t]++([\w., \t]+))", re.MULTILINE)
_LAZY = re.compile(
    rb"^[ \t]*+lazy[ \t]++(?:from[ \t]++([\w.]+)[ \t]++import\b|import[ \t]++([\w., \t]+))", re.MULTILINE
)


def staleness(path: str | os.PathLike[str]) -> str:
    """Why the manifest in *path* no longer fits the sources beside it, as a sentence; "" when it does.

    "" also where nothing can be known: a manifest without sources, sources that are not shipped. Takes a few
    milliseconds of reading, so call it on a worker. Raises ManifestError.
    """
    manifest = WarmupManifest.load(path)
    folder = os.path.dirname(os.path.abspath(path))
    now = fingerprint(folder, manifest.sources, manifest.warm_calls, [job.module for job in manifest.jobs])
    if not manifest.fingerprint or now in {"", manifest.fingerprint}:
        return ""
    held = {job.module for job in manifest.jobs}
    asked_for = _CallsOf(manifest.warm_calls)
    texts = _texts(os.path.join(folder, source) for source in manifest.sources)
    missing = sorted({name for text in texts for name in asked_for.named_in(text)} - held)
    what = f"nothing warms {', '.join(missing)}" if missing else "the code asks for other modules or imports"
    return f"{os.path.basename(path)} is stale: {what}; run `importguard manifest --write`"


def fingerprint(folder: str, sources: Iterable[str], warm_calls: Iterable[str], modules: Iterable[str]) -> str:
    """A digest of what the *sources*, files and folders relative to *folder*, ask for; "" where they are not shipped.

    It changes with the names in *warm_calls* and with the imports of those *modules* that the sources hold; not with
    comments, bodies or line ends.
    """
    import hashlib

    paths = [os.path.normpath(os.path.join(folder, source)) for source in sources]
    if not all(map(os.path.exists, paths)) or not any(_files(paths)):
        return ""
    asked_for = _CallsOf(warm_calls)
    asked: set[str] = set()
    lazy: set[str] = set()
    for text in _texts(paths):
        asked.update(asked_for.named_in(text))
        lazy.update(_lazy_in(text))
    lines = [f"warm {name}" for name in sorted(asked)]
    lines += [f"lazy {name}" for name in sorted(lazy)]
    for module in sorted(set(modules)):
        file = _file_of(module, paths)
        if file is not None:
            lines += [f"{module} {name}" for name in sorted(set(_imports_of(_read(file))))]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


class _CallsOf:
    """What the calls of some functions ask for by name."""

    def __init__(self, names: Iterable[str]) -> None:
        names = tuple(names)
        self._names = [name.encode() for name in names]
        calls = b"|".join(re.escape(name.encode()) for name in names)
        self._call = re.compile(rb"\b(?:%s)\(\s*[\"']([\w.]+)[\"']" % calls)

    def named_in(self, text: bytes) -> Iterator[str]:
        if any(name in text for name in self._names):  # a tenth of what it takes to look for calls
            for found in self._call.finditer(text):
                yield found[1].decode()


def _lazy_in(text: bytes) -> Iterator[str]:
    if b"lazy" in text:
        for found in _LAZY.finditer(text):
            for name in (found[1] or found[2]).split(b","):
                yield name.split()[0].decode() if name.split() else ""


def _texts(paths: Iterable[str]) -> Iterator[bytes]:
    """Of the files in *paths*, the first thousands."""
    return map(_read, islice(_files(paths), _MAX_FILES))


def _files(paths: Iterable[str]) -> Iterator[str]:
    for path in paths:
        if os.path.isfile(path):
            yield path
        for directory, folders, names in os.walk(path):
            folders[:] = sorted(name for name in folders if name.isidentifier() and name != "__pycache__")
            yield from (os.path.join(directory, name) for name in sorted(names) if name.endswith(".py"))


def _file_of(module: str, paths: Iterable[str]) -> str | None:
    """The file of *module* below one of the sources: `pkg.a` is in the folder `…/pkg`, `app` is the file `…/app.py`."""
    first, *rest = module.split(".")
    for path in paths:
        if os.path.basename(path) not in {first, f"{first}.py"}:
            continue
        base = os.path.join(os.path.dirname(path), first, *rest)
        for file in (f"{base}.py", os.path.join(base, "__init__.py")):
            if os.path.isfile(file):
                return file
    return None


def _imports_of(text: bytes) -> Iterator[str]:
    for found in _IMPORT.finditer(text):
        for name in (found[1] or found[2]).split(b","):
            yield name.split()[0].decode() if name.split() else ""


def _read(file: str) -> bytes:
    try:
        with open(file, "rb") as stream:
            return stream.read()
    except OSError:
        return b""
