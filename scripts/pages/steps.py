"""A page's fenced blocks as the steps of its reader. Pure.

A block with a title is a file that the reader writes. A `console` block is what happens in the terminal: lines that
begin with `$ `, each with what it prints. A paragraph "Not run in our tests: ..." before a block says why nobody
runs it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

NOT_RUN = "Not run in our tests:"
_FENCE = re.compile(r"^(?P<ticks>```+)(?P<words>.*)\n(?P<body>(?:.*\n)*?)(?P=ticks)[ ]*$", re.MULTILINE)
_INCLUDED = re.compile(r'--8<-- "([^"]+)"\n')
_TITLE = re.compile(r'title="([^"]+)"')
_LANGUAGES_OF_COMMANDS = frozenset({"", "console", "bash", "sh", "shell"})
_COMMAND = re.compile(
    r"^(?:\$ )?(?:uv|uvx|pip|pipx|python3?|importguard|pytest|xvfb-run|\.ci/run|just|npm|apt-get|git|curl)\b",
    re.MULTILINE,
)


@dataclass(frozen=True)
class Command:
    """One line at the prompt, with the output that the page shows for it."""

    line: int
    text: str
    printed: str


@dataclass(frozen=True)
class File:
    """A file that the reader writes."""

    line: int
    name: str
    text: str


@dataclass(frozen=True)
class Unrun:
    """A block that is not run, with the page's reason. No reason: nobody has decided anything about it."""

    line: int
    reason: str


Step = Command | File | Unrun


def steps_of(page: Path, checkout: Path) -> tuple[Step, ...]:
    """The steps in the order of the page. A file of *checkout* that the page includes (`--8<--`) is read."""
    text = page.read_text(encoding="utf-8")
    found: list[Step] = []
    for fence in _FENCE.finditer(text):
        line = text.count("\n", 0, fence.start()) + 1
        language, body = fence["words"].strip().split(" ")[0], fence["body"]
        title = _TITLE.search(fence["words"])
        before = text[: fence.start()].rstrip().rpartition("\n\n")[2]
        if before.startswith(NOT_RUN):
            found.append(Unrun(line, " ".join(before.removeprefix(NOT_RUN).split())))
        elif title:
            included = _INCLUDED.fullmatch(body)
            found.append(
                File(line, title[1], (checkout / included[1]).read_text(encoding="utf-8") if included else body)
            )
        elif language == "console":
            found += _commands(body, line)
        elif re.search(r"^\$ ", body, re.MULTILINE) or (language in _LANGUAGES_OF_COMMANDS and _COMMAND.search(body)):
            found.append(Unrun(line, ""))
    return tuple(found)


def _commands(body: str, line: int) -> list[Command]:
    found: list[Command] = []
    for offset, text in enumerate(body.splitlines(), 1):
        if text.startswith("$ "):
            found.append(Command(line + offset, text[2:], ""))
        elif found and text.startswith("> ") and not found[-1].printed:  # a command goes on
            last = found.pop()
            found.append(Command(last.line, f"{last.text}\n{text[2:]}", ""))
        elif found:
            last = found.pop()
            found.append(Command(last.line, last.text, f"{last.printed}{text}\n"))
    return found


def with_output(page: str, steps: tuple[Step, ...], printed: dict[int, str]) -> str:
    """The text of *page* with *printed* (by the line of the command) in place of what it shows."""
    lines = page.split("\n")
    for step in reversed(steps):
        if isinstance(step, Command) and step.line in printed:
            first = step.line + step.text.count("\n")
            lines[first : first + step.printed.count("\n")] = printed[step.line].splitlines()
    return "\n".join(lines)
