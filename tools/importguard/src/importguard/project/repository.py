"""Where a file is for whom: from the repository's root for services, from the current folder for people."""

from __future__ import annotations

import functools
import os
from pathlib import Path

from importguard.project.start import Project


@functools.cache
def repository_root(folder: Path) -> Path:
    """The nearest folder from *folder* upwards that git keeps; *folder* itself where there is none."""
    place = Path(os.path.abspath(folder))
    return next((one for one in (place, *place.parents) if os.path.lexists(one / ".git")), place)


def in_repository(path: str, project: Project) -> str:
    """*path* below the root of the project's repository, with forward slashes; unchanged elsewhere."""
    try:
        return Path(path).relative_to(repository_root(project.root)).as_posix()
    except ValueError:
        return path


def from_here(path: str, project: Project) -> str:
    """*path* as it is called from the current folder: below it, or in the project; unchanged elsewhere."""
    here = Path.cwd()
    if Path(path).is_relative_to(here):
        return Path(path).relative_to(here).as_posix()
    try:
        return Path(os.path.relpath(path)).as_posix() if Path(path).is_relative_to(project.root) else path
    except ValueError:  # the current folder is on another drive
        return path
