"""Entry points that the installed distributions declare. Reads `entry_points.txt` files; runs nothing."""

from __future__ import annotations

import configparser
import contextlib
import os

from importguard.storage.disk import Disk
from importguard.target.finder import Finder


def declared(finder: Finder) -> dict[str, list[tuple[str, str]]]:
    """`(name, "module:attribute")` of every entry point by its group, in the order of the search path."""
    found: dict[str, list[tuple[str, str]]] = {}
    for directory in finder.path:
        for entry in sorted(finder.listing(directory)):
            if entry.endswith((".dist-info", ".egg-info")):
                parser = _parsed(os.path.join(directory, entry, "entry_points.txt"), finder.disk)
                for group in parser.sections():
                    found.setdefault(group, []).extend(parser.items(group))
    return found


def _parsed(path: str, disk: Disk) -> configparser.RawConfigParser:
    parser = configparser.RawConfigParser(delimiters=("=",), strict=False, default_section="")
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # names keep their case
    with contextlib.suppress(OSError, UnicodeDecodeError, configparser.Error):
        parser.read_string(disk.read(path).decode("utf-8"))
    return parser
