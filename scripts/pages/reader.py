"""A reader of a page: one shell, in one folder, with an empty home. Runs what the page says, returns what it prints."""

from __future__ import annotations

import os
import re
import secrets
import subprocess
import sys
from pathlib import Path

from pages.steps import Command, File, Step

_SECONDS = 600
_HOME = "/home/me"
_PROJECT = "project"
_IDENTITY = (("NAME", ""), ("EMAIL", "@example.org"))


def read(steps: tuple[Step, ...], folder: Path, home: Path, variables: dict[str, str]) -> dict[int, str]:
    """What each command printed, by its line; both streams, as a terminal shows them, and the exit code of the page.

    Files are written where the page writes them; `cd`, variables and an activated environment last to its end.
    """
    mark = secrets.token_hex(8)
    script = []
    for step in steps:
        if isinstance(step, File):
            place = folder / step.name
            script.append(f"mkdir -p '{place.parent}'; cat > '{step.name}' <<'{mark}'\n{step.text}{mark}\n")
        elif isinstance(step, Command):
            script.append(f"{_say(f'{mark} {step.line} ')}{step.text}\n{_say(mark)}")
    done = subprocess.run(
        ["bash", "-c", "".join(script)],
        cwd=folder,
        env={**_environment(home), **variables},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    parts = re.findall(rf"{mark} (\d+) (.*?){mark}", done.stdout, re.DOTALL)
    return {int(line): _as_shown(text, folder) for line, text in parts}


def _say(text: str) -> str:
    """A line that prints *text* and leaves the exit code as it was."""
    return f"code=$?; printf '%s' '{text}'; (exit $code)\n"


def _environment(home: Path) -> dict[str, str]:
    """The variables of somebody with an empty home, and what this machine needs to reach its display and its index."""
    kept = {name: value for name, value in os.environ.items() if re.match(r"LANG$|DISPLAY$|XAUTH|SSL_|UV_|PIP_", name)}
    return {
        "UV_CACHE_DIR": str(Path.home() / ".cache" / "uv"),
        **kept,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(home),
        "UV_NO_PROGRESS": "1",
        "PIP_ROOT_USER_ACTION": "ignore",
        "NO_PROXY": "127.0.0.1",
        "NO_COLOR": "1",
        "COLUMNS": "100",
        "UV_NO_SYNC": "1",
        "GIT_CONFIG_NOSYSTEM": "1",
        **{f"GIT_{who}_{what}": f"me{tail}" for who in ("AUTHOR", "COMMITTER") for what, tail in _IDENTITY},
    }


def _as_shown(text: str, folder: Path) -> str:
    """*text* with the places of this machine as a reader's, and no trailing blanks."""
    text = text.replace(str(folder), f"{_HOME}/{_PROJECT}").replace(str(Path(sys.prefix)), f"{_HOME}/.venv")
    text = text.replace(sys.base_prefix, "/usr")
    return "".join(f"{line.rstrip()}\n" for line in text.splitlines())


_VARIES = (
    (re.compile(r"[-+]?[\d,.]+ (ms|s)\b"), "T"),
    (re.compile(r"\bin [\d.]+m?s\b"), "in T"),
    (re.compile(r"Python 3\.\d+(\.\d+)?\w*"), "Python"),
    (re.compile(r"^import time: +\d+ \| +\d+ ", re.MULTILINE), "import time: N "),
    (re.compile(r"\b[0-9a-f]{7,40}\b|127\.0\.0\.1:\d+"), "N"),  # a number of seven digits looks like a commit
    (re.compile(r"={3,}|\[ *\d+%\]|^note: \d+ places? could not be followed.*\n", re.MULTILINE), ""),
    (re.compile(r"(?<![\w.:,])(?:[3-9]\d|\d{3,}|\d{1,3}(?:,\d{3})+)(?![\w.])"), "N"),  # how much, not which line
)
_NUMBER = (re.compile(r"[-+]?\d[\d,.]*"), "N")


def comparable(printed: str, same_python: bool) -> list[str]:
    """*printed* without what differs from day to day: times, versions, addresses, counts; on another Python all."""
    text = printed.strip()
    for pattern, sign in _VARIES if same_python else (*_VARIES, _NUMBER):
        text = pattern.sub(sign, text)
    return [" ".join(line.split()) for line in text.splitlines()]


def agrees(shown: str, printed: str, same_python: bool) -> bool:
    """What the page shows is what was printed; a line `...` of the page is any number of lines."""
    wanted, found = comparable(shown, same_python), comparable(printed, same_python)
    pattern = "".join("(?:.*\n)*" if line in {"...", "…"} else re.escape(line) + "\n" for line in wanted)
    return re.fullmatch(pattern, "".join(f"{line}\n" for line in found)) is not None
