"""Entry points that the installed distributions declare. Reads `entry_points.txt` files; runs nothing."""

from __future__ import annotations

import configparser
import os

from importguard.disk import Disk
from importguard.finder import Finder


def declared(finder: Finder, group: str) -> list[tuple[str, str]]:
    """`(name, "module:attribute")` of every entry point in *group*, along the search path."""
    found: list[tuple[str, str]] = []
    for directory in finder.path:
        for entry in sorted(finder.listing(directory)):
            if entry.endswith((".dist-info", ".egg-info")):
                found += _of_distribution(os.path.join(directory, entry, "entry_points.txt"), group, finder.disk)
    return found


def _of_distribution(path: str, group: str, disk: Disk) -> list[tuple[str, str]]:
    parser = configparser.RawConfigParser(delimiters=("=",), strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # names keep their case
    try:
        parser.read_string(disk.read(path).decode("utf-8"))
    except (OSError, UnicodeDecodeError, configparser.Error):
        return []
    return parser.items(group) if parser.has_section(group) else []
