"""Font files for the scripts that a text needs: found on the system, or fetched when the user asks for one.

Guarantees
- Nothing is looked for before `look`, and nothing is fetched before `fetch`, which the user starts.
- A file is offered only when the toolkit can draw it: outlines, and colour only as layers of outlines.
- Folders, files and downloads are bounded; all of it runs on the pool. `_lock` guards the fields.
"""

from __future__ import annotations

import contextlib
import os
import struct
import sys
import threading
from collections.abc import Callable, Iterator, Mapping

from importguard.warmup import require_warmed as _require_warmed
from src.storage import stored_file
from src.storage.scripts import BY_NAME, SCRIPTS, Script
from src.value import Value
from src.work.background import Background
from src.work.toasts import ToastKind

MAX_FILES = 20_000
MAX_DEPTH = 6
MAX_BYTES = 64 * 1024 * 1024
FETCH_S = 60.0
_MAGIC = (b"\0\1\0\0", b"OTTO", b"true")


class FontsState(Value):
    """`found`: script to font file. `looked`: the search has ended. `fetching`: the script whose font is on its way."""

    found: Mapping[str, str] = {}
    looked: bool = False
    fetching: str = ""


class FontFiles:
    """Where the fonts are. `folder` is where fetched ones are kept, "" until it is known."""

    def __init__(
        self,
        background: Background,
        folder: Callable[[], str],
        notify: Callable[[], None],
        tell: Callable[[str, ToastKind], object],
    ) -> None:
        self._background = background
        self._folder = folder
        self._notify = notify
        self._tell = tell
        self._lock = threading.Lock()
        self._state = FontsState()
        self._is_asked = False

    def snapshot(self) -> FontsState:
        """What is known now."""
        return self._state

    def look(self) -> None:
        """Searches the system's folders for fonts, once."""
        with self._lock:
            first, self._is_asked = not self._is_asked, True
        if first:
            self._background.submit(self._look)

    def fetch(self, name: str) -> None:
        """Fetches a font for the script *name*, because the user asked for it; a toast says how it went."""
        script = BY_NAME[name]
        with self._lock:
            if self._state.fetching:
                return
            self._state = self._state._replace(fetching=name)
        self._notify()
        self._background.when_warm(("httpx2",), lambda: self._background.submit(lambda: self._fetch(script)))

    def _look(self) -> None:
        there: dict[str, str] = {}
        folders = (self._folder(), *system_folders())
        for path in _files_in(folders):
            there.setdefault(os.path.basename(path).casefold(), path)
        found = {script.name: path for script in SCRIPTS if (path := _best(script, there))}
        with self._lock:
            self._state = self._state._replace(found=found, looked=True)
        self._notify()

    def _fetch(self, script: Script) -> None:
        folder = self._folder()
        path = os.path.join(folder, script.address.rpartition("/")[2])
        try:
            if not folder:
                raise OSError("the folder for it is not known yet")
            stored_file.write_bytes(path, _download(script.address))
            if not is_drawable(path):
                stored_file.discard(path)
                raise OSError("what came is no font that can be drawn")
        except Exception as error:
            self._tell(f"The font for {script.name} was not fetched from {script.address}: {error}.", "error")
            path = ""
        with self._lock:
            found = {**self._state.found, **(dict.fromkeys(_same_font(script), path) if path else {})}
            self._state = self._state._replace(found=found, fetching="")
        if path:
            self._tell(f"The font for {script.name} is kept in {path}.", "success")
        self._notify()


def system_folders() -> tuple[str, ...]:
    """Where this system and its user keep fonts."""
    home = os.path.expanduser("~")
    if sys.platform == "win32":
        local = os.environ.get("LOCALAPPDATA", home)
        windows = os.environ.get("SYSTEMROOT", r"C:\Windows")
        return os.path.join(windows, "Fonts"), os.path.join(local, "Microsoft", "Windows", "Fonts")
    if sys.platform == "darwin":
        return os.path.join(home, "Library/Fonts"), "/Library/Fonts", "/System/Library/Fonts"
    own = os.environ.get("XDG_DATA_HOME") or os.path.join(home, ".local/share")
    return os.path.join(own, "fonts"), os.path.join(home, ".fonts"), "/usr/local/share/fonts", "/usr/share/fonts"


def is_drawable(path: str) -> bool:
    """Whether the toolkit can draw the font at *path*: it has outlines; bitmaps and newer kinds of colour do not count.

    False for what is no font or cannot be read.
    """
    try:
        with open(path, "rb", opener=stored_file.regular) as file:
            head = file.read(16)
            start = struct.unpack(">I", head[12:])[0] if head[:4] == b"ttcf" else 0  # the first font of a collection
            file.seek(start)
            magic, count = struct.unpack(">4sH6x", file.read(12))
            if magic not in _MAGIC:
                return False
            rows = (struct.unpack(">4s4xI4x", file.read(16)) for _ in range(count))
            tables = dict(rows)
            if b"COLR" in tables:
                file.seek(tables[b"COLR"])
                if struct.unpack(">H", file.read(2))[0] != 0:
                    return False
    except (OSError, struct.error):
        return False
    return b"glyf" in tables or b"CFF " in tables


def _best(script: Script, there: Mapping[str, str]) -> str:
    for name in script.files:
        path = there.get(name.casefold())
        if path is not None and is_drawable(path):
            return path
    return ""


def _same_font(script: Script) -> tuple[str, ...]:
    return (script.name, *(one.name for one in SCRIPTS if one.address == script.address))


def _files_in(folders: tuple[str, ...]) -> Iterator[str]:
    """The font files in *folders*, at most MAX_FILES."""
    waiting = [(folder, 0) for folder in reversed(folders) if folder]
    left = MAX_FILES
    while waiting and left > 0:
        folder, depth = waiting.pop()
        with contextlib.suppress(OSError), os.scandir(folder) as entries:
            for entry in entries:
                left -= 1
                if left <= 0:
                    break
                if entry.is_dir():
                    if depth < MAX_DEPTH:
                        waiting.append((entry.path, depth + 1))
                elif entry.name.lower().endswith((".ttf", ".ttc", ".otf")):
                    yield entry.path


def _download(address: str) -> bytes:
    parts, size = [], 0
    client = _require_warmed("httpx2").Client(follow_redirects=True, timeout=FETCH_S)
    with client, client.stream("GET", address) as answer:
        answer.raise_for_status()
        for part in answer.iter_bytes():
            parts.append(part)
            size += len(part)
            if size > MAX_BYTES:
                raise OSError("it is larger than 64 MiB")
    return b"".join(parts)
