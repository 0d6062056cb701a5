"""Where a start looks for modules besides its interpreter: PYTHONPATH, the configured `paths`, and `src`."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from importguard.project.start import Start
from importguard.target.environment import Environment


def search_path_of(start: Start, environment: Environment) -> Environment:
    """*environment* with what is on the search path of *start* before its own, and `src` behind it.

    What PYTHONPATH names counts from the current folder, `paths` from the project's.
    """
    root, named = start.project.root, os.environ.get("PYTHONPATH", "")
    first = [os.path.abspath(one) for one in named.split(os.pathsep)] if named else []
    first += [os.path.abspath(root / one) for one in start.config.paths]
    path = tuple(dict.fromkeys((*first, *environment.path, *_source_folder(root))))
    return msgspec.structs.replace(environment, path=path) if path != environment.path else environment


def _source_folder(root: Path) -> tuple[str, ...]:
    """`src`, where it holds packages and is none itself: what is there is importable once the project is installed.

    It comes last, so that nothing that is found without it changes.
    """
    folder = os.path.abspath(root / "src")
    try:
        names = os.listdir(folder)
    except OSError:
        return ()
    return () if any(name.endswith(".py") for name in names) else (folder,)
