"""The picture on the system's clipboard, by the system's own programs. For the pool.

The window's toolkit knows texts on the clipboard only.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile

ANSWER_S = 10.0
MAX_BYTES = 20_000_000
_PNG = b"\x89PNG\r\n\x1a\n"
_BY_WAYLAND = ("wl-paste", "--no-newline", "--type", "image/png")
_BY_X = ("xclip", "-selection", "clipboard", "-target", "image/png", "-out")
_ON_WINDOWS = (
    "Add-Type -AssemblyName System.Windows.Forms; $i = [Windows.Forms.Clipboard]::GetImage();"
    " if ($i) {{ $i.Save('{path}', [Drawing.Imaging.ImageFormat]::Png) }}"
)
_ON_MAC = (
    'set f to open for access POSIX file "{path}" with write permission\nwrite (the clipboard as «class PNGf») to f'
)


def read_picture() -> bytes:
    """The PNG of the picture on the clipboard; empty when it holds none. Raises OSError when nothing can ask for it."""
    data = _ask_by_file() if sys.platform in ("win32", "darwin") else _ask_linux()
    return data if data.startswith(_PNG) and len(data) <= MAX_BYTES else b""


def _ask_linux() -> bytes:
    ways = (_BY_WAYLAND, _BY_X) if os.environ.get("WAYLAND_DISPLAY") else (_BY_X,)
    command = next((one for one in ways if shutil.which(one[0])), None)
    if command is None:
        raise OSError("install wl-clipboard or xclip to paste pictures")
    return _run(command)


def _ask_by_file() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "picture.png")
        if sys.platform == "win32":
            _run(("powershell", "-NoProfile", "-STA", "-Command", _ON_WINDOWS.format(path=path.replace("'", "''"))))
        else:
            _run(("osascript", "-e", _ON_MAC.format(path=path)))
        try:
            with open(path, "rb") as file:
                return file.read(MAX_BYTES + 1)
        except FileNotFoundError:
            return b""


def _run(command: tuple[str, ...]) -> bytes:
    try:
        done = subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL, timeout=ANSWER_S, check=False)
    except subprocess.TimeoutExpired as error:
        raise OSError(f"{command[0]} does not answer") from error
    return done.stdout if done.returncode == 0 else b""
