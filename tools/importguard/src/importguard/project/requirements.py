"""Requirements files as `pip install -r` takes them: names, versions and markers. Reads files; installs nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from importguard.errors import ConfigError
from importguard.storage.regular_file import read_regular

if TYPE_CHECKING:
    from packaging.requirements import Requirement

_MAX_BYTES = 4 * 1024 * 1024
_COMMENT = re.compile(r"(?:^|(?<=\s))#.*")
_HASH = re.compile(r"\s--hash[= ]\S*")
_OTHER = ("-r", "--requirement")


class Required(NamedTuple):
    """A distribution that a file requires; `requirement` is None where the line names none: a path, an address."""

    text: str
    requirement: Requirement | None


def read_requirements(path: Path) -> list[Required]:
    """What *path* requires, and the files that it names with -r. Raises ConfigError."""
    return list(_required(path, set()))


def _required(path: Path, seen: set[Path]) -> Iterator[Required]:
    if path.resolve() in seen:
        return
    seen.add(path.resolve())
    for number, line in enumerate(_lines(path), 1):
        option, *rest = re.split(r"[\s=]+", line, maxsplit=1)
        if option in _OTHER and rest:
            yield from _required(path.parent / rest[0], seen)
        elif option.startswith("-") and option not in {"-e", "--editable"}:
            continue  # for the installer
        else:
            yield _read(path, number, line)


def _lines(path: Path) -> Iterator[str]:
    """The logical lines, without comments and empty ones."""
    try:
        text = read_regular(path, _MAX_BYTES).decode("utf-8-sig")
    except OSError as error:
        raise ConfigError(str(path), "", f"cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(str(path), "", "is not UTF-8; save it as UTF-8") from error
    for line in text.replace("\\\r\n", "").replace("\\\n", "").splitlines():
        written = _COMMENT.sub("", line).strip()
        if written:
            yield written


def _read(path: Path, number: int, line: str) -> Required:
    from packaging.requirements import InvalidRequirement, Requirement

    text = _HASH.sub("", line).strip()
    try:
        return Required(text, Requirement(text))
    except InvalidRequirement as error:
        if text.startswith("-") or re.match(r"[./~]|\w+:|.*\.(?:whl|zip|tar\.gz)$", text):
            return Required(text, None)
        raise ConfigError(
            f"{path}:{number}", "", f"{text} is no requirement: {str(error).partition(chr(10))[0]}"
        ) from error
