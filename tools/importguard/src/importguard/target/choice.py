"""Which environment holds a project's packages, and why that one: the order of choice. Looks at files; starts nothing.

The first that is there counts. One that is there and cannot be used is an error, never a reason to take the next. The
environment that importguard was installed into for its own sake (`uvx`, `pipx`, a hook of pre-commit, the overlay of
`uv run --with`) is the last resort, and `why` says so.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec

from importguard.errors import EnvironmentProbeError
from importguard.target.interpreter import (
    Interpreter,
    has_settings,
    launchers,
    located,
    of_project,
    setting,
    trusted,
)

_EVERYWHERE = {"importguard", "pip", "setuptools", "wheel"}
_NAME = re.compile(r"[\w.-]+")
_NO_FILE_NAME = re.compile(r"[ $`!*@\"\\\r\n\t]")


def choose(command_line: str | None, configured: str | None, root: Path, beside: Path | None = None) -> Interpreter:
    """The interpreter of the command line, else of the configuration in *root*, else of the environment in use there.

    *beside*: the folder of the program, which may have an environment of its own below *root*. Raises
    EnvironmentProbeError for one that does not exist, and for one of the project's that is not to be started.
    """
    if command_line is not None:
        return _because("named by --python", trusted(command_line))
    if configured is not None:
        return _because("`python` in the configuration", of_project(configured, located(configured, root), root))
    nearest = functools.partial(_upwards, beside=beside)
    for find in (_active, nearest, _active_and_ours, _of_poetry, _of_conda, _on_path):
        found = find(root)
        if found is not None:
            return found
    why = "no environment of the project was found, so this is importguard's own; activate one, or pass --python PATH"
    return _because(why, trusted(sys.executable))


def _because(why: str, interpreter: Interpreter) -> Interpreter:
    return msgspec.structs.replace(interpreter, why=why)


def _active(root: Path) -> Interpreter | None:  # noqa: ARG001  same shape as its siblings
    """VIRTUAL_ENV, unless importguard itself runs there: then what `uv run --with` has laid that environment over."""
    active = os.environ.get("VIRTUAL_ENV")
    if not active:
        return None
    if not _is_ours(active):
        return _because("the active environment, VIRTUAL_ENV", _named_by("VIRTUAL_ENV", active))
    below = setting(Path(sys.prefix), "extends-environment")
    if below is None:
        return None
    if _ours_alone():
        return _because("the environment that `uv run --with` extends", _named_by("extends-environment", below))
    return _because("the environment of `uv run --with`", trusted(sys.executable))


def _upwards(root: Path, beside: Path | None) -> Interpreter | None:
    """`.venv`, else `venv`, in the program's folder, the project's that it is in or the nearest above."""
    top = root.resolve()
    innermost = beside.resolve() if beside is not None and beside.resolve().is_relative_to(top) else top
    for folder in (innermost, *innermost.parents):
        for name in (".venv", "venv"):
            environment = folder / name
            launcher = next(launchers(environment), None)
            if not has_settings(environment):
                if name == "venv" or launcher is None:
                    continue  # a folder of another kind, a package for example
                raise _unusable(launcher, "it has no pyvenv.cfg that names an interpreter; make it anew")
            if launcher is None:
                raise _unusable(environment, "it holds no interpreter; make it anew")
            return _because(f"{name} in {folder}", of_project(str(launcher), launcher, root))
    return None


def _unusable(environment: Path, reason: str) -> EnvironmentProbeError:
    return EnvironmentProbeError(str(environment), f"{reason}, or pass --python PATH")


def _active_and_ours(root: Path) -> Interpreter | None:  # noqa: ARG001
    active = os.environ.get("VIRTUAL_ENV")
    if not active or not _is_ours(active) or _ours_alone():
        return None
    return _because("the active environment, VIRTUAL_ENV, which holds importguard, too", trusted(sys.executable))


def _of_poetry(root: Path) -> Interpreter | None:
    """The environment that Poetry keeps for the project, outside of it: the one in use, else the newest Python's."""
    folder = next(
        (one for one in (root.resolve(), *root.resolve().parents) if (one / "pyproject.toml").is_file()), None
    )
    name = _poetry_name(folder) if folder is not None else None
    if folder is None or name is None:
        return None
    place = _poetry_place()
    found = _poetry_in_use(place, name) or _newest(place, name)
    if found is None:
        return None
    launcher = next(launchers(found), None)
    if launcher is None:
        raise _unusable(found, "Poetry made it for this project, and it holds no interpreter; make it anew")
    return _because(f"the environment that Poetry keeps for {folder}", of_project(str(launcher), launcher, root))


def _poetry_name(folder: Path) -> str | None:
    """How Poetry calls its environments for *folder*, without the version; None when Poetry does not manage it."""
    from importguard.errors import ConfigError
    from importguard.project.config import read_toml

    try:
        document = read_toml(folder / "pyproject.toml")
    except ConfigError:
        return None
    tool, project = document.get("tool"), document.get("project")
    poetry = tool.get("poetry") if isinstance(tool, dict) else None
    if not isinstance(poetry, dict) and not (folder / "poetry.lock").is_file():
        return None
    names = [table.get("name") for table in (poetry, project) if isinstance(table, dict)]
    name = next((one for one in names if isinstance(one, str)), "non-package-mode")
    place = os.path.normcase(os.path.realpath(folder))
    made = base64.urlsafe_b64encode(hashlib.sha256(os.fsencode(place)).digest()).decode()[:8]
    return f"{_NO_FILE_NAME.sub('_', name.lower())[:42]}-{made}"


def _poetry_place() -> Path:
    named = os.environ.get("POETRY_VIRTUALENVS_PATH")
    if named:
        return Path(named)
    cache = os.environ.get("POETRY_CACHE_DIR")
    if not cache:
        import platformdirs

        cache = platformdirs.user_cache_dir("pypoetry", appauthor=False)
    return Path(cache) / "virtualenvs"


def _poetry_in_use(place: Path, name: str) -> Path | None:
    from importguard.errors import ConfigError
    from importguard.project.config import read_toml

    if not (place / "envs.toml").is_file():
        return None
    try:
        said = read_toml(place / "envs.toml").get(name)
    except ConfigError:
        return None
    minor = said.get("minor") if isinstance(said, dict) else None
    found = place / f"{name}-py{minor}"
    return found if isinstance(minor, str) and found.is_dir() else None


def _newest(place: Path, name: str) -> Path | None:
    try:
        names = [one for one in os.listdir(place) if one.startswith(f"{name}-py")]
    except OSError:
        return None
    versions = {one: [int(part) for part in re.findall(r"\d+", one.rpartition("-py")[2])] for one in names}
    return place / max(names, key=lambda one: versions[one]) if names else None


def _of_conda(root: Path) -> Interpreter | None:  # noqa: ARG001
    active = os.environ.get("CONDA_PREFIX")
    if not active or next(launchers(Path(active)), None) is None:  # an environment of conda's may be without Python
        return None
    if _is_ours(active) and _ours_alone():
        return None
    return _because("conda's active environment, CONDA_PREFIX", _named_by("CONDA_PREFIX", active))


def _on_path(root: Path) -> Interpreter | None:
    """The first `python` on PATH that is not importguard's own.

    Where importguard is among other packages, and nothing is active, only an environment's is preferred to it.
    """
    alone = _ours_alone()
    for folder in os.environ.get("PATH", "").split(os.pathsep):
        for name in ("python", "python3", "python.exe"):
            program = Path(folder, name)
            if not os.path.isabs(folder) or not os.path.isfile(program) or not os.access(program, os.X_OK):
                continue
            if _is_ours(program.parent.parent) or _leads_to_ours(program):
                if alone:
                    continue
                return _because("`python` on PATH, which holds importguard, too", trusted(sys.executable))
            if alone or has_settings(program.parent.parent) or (program.parent.parent / "conda-meta").is_dir():
                return _because("`python` on PATH", of_project(str(program), program, root))
    return None


def _named_by(variable: str, environment: str) -> Interpreter:
    for launcher in launchers(Path(environment)):
        return trusted(str(launcher))
    raise EnvironmentProbeError(
        environment, f"{variable} names it, and it holds no interpreter; deactivate it, or pass --python PATH"
    )


def _is_ours(environment: str | Path) -> bool:
    """Whether importguard runs in that environment, or in one that is laid over it for this run."""
    place = os.path.realpath(environment)
    if place == os.path.realpath(sys.prefix):
        return True
    return bool(setting(Path(sys.prefix), "extends-environment")) and any(
        Path(os.path.realpath(one)).is_relative_to(place) for one in _own_folders()
    )


def _leads_to_ours(program: Path) -> bool:
    """Whether *program* is a link to the interpreter that importguard runs in, which is no virtual environment."""
    return sys.prefix == sys.base_prefix and os.path.realpath(program) == os.path.realpath(sys.executable)


@functools.cache
def _ours_alone() -> bool:
    """Whether importguard runs in an environment that holds nothing but it and what it needs."""
    if sys.prefix == sys.base_prefix:
        return False
    needed = _needed()
    return all(name in needed for name in _installed())


def _installed() -> Iterator[str]:
    """From the names of the metadata folders alone: reading what is in them takes longer than a check that is kept."""
    for folder in _own_folders():
        try:
            names = os.listdir(folder)
        except OSError:
            continue
        yield from (normalised(one.partition("-")[0]) for one in names if one.endswith(".dist-info"))


def _own_folders() -> list[str]:
    """The folders of packages that importguard runs with, those of an environment below an overlay left out."""
    below = setting(Path(sys.prefix), "extends-environment")
    outside = [os.path.realpath(one) for one in (below, sys.base_prefix) if one]
    return [
        folder
        for folder in sys.path
        if os.path.basename(folder) in {"site-packages", "dist-packages"}
        and not any(Path(os.path.realpath(folder)).is_relative_to(one) for one in outside)
    ]


def _needed() -> set[str]:
    """The distributions that importguard needs, and those that are anywhere."""
    from importlib.metadata import PackageNotFoundError, requires

    needed, left = set(_EVERYWHERE), ["importguard"]
    while left:
        try:
            wanted = requires(left.pop()) or ()
        except PackageNotFoundError:
            continue
        for text in wanted:
            match = _NAME.match(text)
            if match is not None and "extra ==" not in text and normalised(match[0]) not in needed:
                needed.add(normalised(match[0]))
                left.append(match[0])
    return needed


def normalised(name: str) -> str:
    """A distribution's name as packaging tools compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()
