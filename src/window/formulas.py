"""The locale that imgui-bundle's formulas ask the system for, lent to them where it is missing.

MicroTeX, which sets the formulas, makes a C++ locale named en_US.UTF-8 for each space between two signs, and gives a
formula up (the renderer then shows its source in red) on a system without it: a container, or a desktop in another
language. Any UTF-8 locale does for that. glibc looks for locales in the folders that LOCPATH names, so a folder in
which en_US.UTF-8 is a link to C.UTF-8 is named there, and only while a text with formulas is drawn: a program that is
started meanwhile and finds it can still read its texts.
"""

from __future__ import annotations

import ctypes
import functools
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from imgui_bundle import rich_md

_WANTED = "en_US.UTF-8"
_CTYPE_AND_NUMBERS = 3  # LC_CTYPE_MASK and LC_NUMERIC_MASK of glibc
_PLAIN = ("/usr/lib/locale/C.utf8", "/usr/lib/locale/C.UTF-8")
_VARIABLE = "LOCPATH"


def render(prose: str) -> None:
    """Draws *prose*, Markdown with formulas, at the cursor."""
    with locale_lent():
        rich_md.render_raw(prose)


@contextmanager
def locale_lent() -> Iterator[None]:
    """While this is open, formulas find the locale that they want. The main thread's alone."""
    folder = _folder()
    if not folder:
        yield
        return
    before = os.environ.get(_VARIABLE)
    os.environ[_VARIABLE] = folder if before is None else f"{folder}:{before}"
    try:
        yield
    finally:
        if before is None:
            del os.environ[_VARIABLE]
        else:
            os.environ[_VARIABLE] = before


@functools.cache
def _folder() -> str:
    """The folder to name; empty when the locale is there, or when nothing can stand in for it."""
    plain = next((path for path in _PLAIN if os.path.isdir(path)), "")
    if sys.platform != "linux" or not plain or _exists():
        return ""
    try:
        # Its files are links that hold nothing; `_kept` removes it with the process.
        holder = tempfile.TemporaryDirectory(prefix="sloppy-locale-", ignore_cleanup_errors=True)
        os.symlink(plain, os.path.join(holder.name, _WANTED))
    except OSError:
        return ""
    _kept.append(holder)
    return holder.name


_kept: list[tempfile.TemporaryDirectory[str]] = []


def _exists() -> bool:
    """The system has the locale."""
    library = ctypes.CDLL(None)
    make, free = library.newlocale, library.freelocale
    make.restype, make.argtypes = ctypes.c_void_p, [ctypes.c_int, ctypes.c_char_p, ctypes.c_void_p]
    free.argtypes = [ctypes.c_void_p]
    found = make(_CTYPE_AND_NUMBERS, _WANTED.encode(), None)
    if found:
        free(found)
    return bool(found)
