"""Templates of messages: text files in the user's folder, with places that are filled in. Touches disk: on the pool.

`$input` is what is asked, `$name` what is given by that name; `$$` is a dollar sign.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from string import Template

from src.storage.stored_file import regular

SUFFIX = ".txt"
MAX_BYTES = 200_000
MAX_TEMPLATES = 200
INPUT = "input"
_NAME = re.compile(r"[\w-]{1,60}")


class TemplateError(ValueError):
    """A template that cannot be used; one sentence."""


def names(folder: str) -> tuple[str, ...]:
    """The templates in *folder*, by name."""
    try:
        found = sorted(name.removesuffix(SUFFIX) for name in os.listdir(folder) if name.endswith(SUFFIX))
    except OSError:
        return ()
    return tuple(name for name in found if _NAME.fullmatch(name))[:MAX_TEMPLATES]


def read(folder: str, name: str) -> str:
    """The text of the template *name*. Raises TemplateError."""
    path = os.path.join(folder, f"{name}{SUFFIX}")
    if not _NAME.fullmatch(name) or name not in names(folder):
        there = ", ".join(names(folder)) or "none yet"
        raise TemplateError(f"There is no template {name!r} in {folder}; there are: {there}.")
    try:
        with open(path, encoding="utf-8", opener=regular) as file:
            text = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        raise TemplateError(f"{path} cannot be read: {error}.") from error
    if len(text) > MAX_BYTES:
        raise TemplateError(f"{path} has more than {MAX_BYTES:,} characters.")
    return text


def place(text: str, said: str) -> str:
    """*text* with what is *said* in place of `$input`; other places stay to be filled in by hand."""
    filled = Template(text).safe_substitute({INPUT: said})
    return filled if f"${INPUT}" in text or f"${{{INPUT}}}" in text or not said.strip() else f"{filled}\n\n{said}"


def fill(text: str, said: str, given: Mapping[str, str]) -> str:
    """*text* with its places filled in; what is *said* goes behind it when it has no `$input`. Raises TemplateError."""
    template = Template(text)
    if not template.is_valid():
        raise TemplateError("The template has a $ that begins no name; $$ is a dollar sign.")
    wanted = template.get_identifiers()
    missing = [name for name in wanted if name != INPUT and name not in given]
    if missing:
        raise TemplateError(f"The template wants {', '.join(missing)}; give each with --set NAME=TEXT.")
    if unknown := sorted(set(given) - set(wanted)):
        raise TemplateError(f"The template has no {', '.join(unknown)}; it has {', '.join(wanted) or 'no places'}.")
    filled = template.substitute({**given, INPUT: said})
    return filled if INPUT in wanted or not said.strip() else f"{filled.rstrip()}\n\n{said}"
