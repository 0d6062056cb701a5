"""Which program may be started to ask what the target interpreter is. Looks at paths and `pyvenv.cfg`; starts nothing.

A project's files may say for which interpreter they are written; they may not choose a program that runs here. Who
names the interpreter decides:

- the command line, an activated environment and the Python that runs importguard are the user's word;
- `python` in a configuration, an environment that is found in a folder, and what PATH leads to are not: of those only
  the interpreter behind a virtual environment, or an installed one, is started, and only from a place that no project
  writes to.

Which of them is asked for is `choice`'s business.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec

from importguard.errors import EnvironmentProbeError
from importguard.storage.regular_file import read_regular

_PROGRAM = re.compile(r"(python|pypy|graalpy)[0-9.]*[td]*(\.exe)?", re.IGNORECASE)
_LAUNCHERS = ("bin/python", "bin/python3", "Scripts/python.exe")
_SETTINGS = "pyvenv.cfg"
_MAX_SETTINGS = 64 * 1024


class Interpreter(msgspec.Struct, frozen=True):
    """A target: `executable` is what the application runs with, `program` what is started to ask about it.

    `prefix` is the folder of its virtual environment, None when there is none; `shares` whether that sees the packages
    of the interpreter behind it. `why` says what it was chosen by.
    """

    executable: str
    program: str
    prefix: str | None = None
    shares: bool = False
    why: str = ""


def trusted(python: str) -> Interpreter:
    """*python*, a path or a command, as the user named it. Raises EnvironmentProbeError where that is no program."""
    found = python if os.path.isabs(python) and os.path.isfile(python) and os.access(python, os.X_OK) else None
    if found is None:
        import shutil  # takes as long to import as the rest of this

        found = shutil.which(python)
    if found is None:
        raise EnvironmentProbeError(python, "no such program; pass --python PATH")
    executable = Path(os.path.abspath(found))  # not resolved: a virtual environment's python is a link
    settings = _settings(executable)
    if settings is None:
        return Interpreter(str(executable), str(executable))
    return Interpreter(str(executable), str(executable), str(settings[0]), settings[2])


def launchers(environment: Path) -> Iterator[Path]:
    """The interpreters that the folder *environment* holds."""
    return (environment / one for one in _LAUNCHERS if os.path.lexists(environment / one))


def located(python: str, root: Path) -> Path:
    """Where *python* of a configuration in *root* is: a path from there, else a command on PATH."""
    import shutil

    below = root.resolve() / python
    found = shutil.which(python) if not os.path.lexists(below) else None
    return Path(found) if found is not None and os.path.isabs(found) else below


def of_project(named: str, executable: Path, root: Path) -> Interpreter:
    """*executable* with a program that may be started for it. Raises EnvironmentProbeError when there is none."""
    if os.path.abspath(executable) == os.path.abspath(sys.executable):
        return trusted(sys.executable)
    if not os.path.lexists(executable):
        raise EnvironmentProbeError(named, "no such program; correct `python`, or pass --python PATH")
    settings = _settings(executable)
    candidates = (
        [executable] if settings is None else [executable.resolve(), *_behind(executable, settings[1], settings[3])]
    )
    for candidate in candidates:
        program = Path(os.path.realpath(candidate))
        if _PROGRAM.fullmatch(program.name) and program.is_file() and is_installed(program, root):
            folder, shares = (None, False) if settings is None else (str(settings[0]), settings[2])
            return Interpreter(os.path.abspath(executable), str(program), folder, shares)
    raise EnvironmentProbeError(
        named, f"a project's file names it, and it is no interpreter in a place known for them; "
        f"if you trust it, pass --python {named}"
    )  # fmt: skip


def has_settings(environment: Path) -> bool:
    """Whether the folder *environment* is a virtual environment that names its interpreter."""
    return setting(environment, "home") is not None


def setting(environment: Path, key: str) -> str | None:
    """What the virtual environment in that folder says of *key*; None where it says nothing, or is none.

    Raises EnvironmentProbeError when what it says cannot be read.
    """
    try:
        return _pairs(environment / _SETTINGS).get(key)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise EnvironmentProbeError(
            str(environment),
            f"its {_SETTINGS} cannot be read: {error.strerror or error}; make it anew, or pass --python PATH",
        ) from error


def _pairs(settings: Path) -> dict[str, str]:
    text = read_regular(settings, _MAX_SETTINGS).decode("utf-8", "replace")
    pairs = (line.partition("=") for line in text.splitlines())
    return {key.strip().lower(): value.strip() for key, separator, value in pairs if separator}


def _settings(executable: Path) -> tuple[Path, str, bool, str] | None:
    """Of the virtual environment: its folder, the folder of the interpreter behind it, whether it shares packages.

    The last is the version of that interpreter, "" where the environment does not say it.
    """
    for folder in (executable.parent, executable.parent.parent):
        try:
            values = _pairs(folder / _SETTINGS)
        except OSError:
            continue
        if "home" in values:
            shares = values.get("include-system-site-packages", "").lower() == "true"
            version = values.get("version") or values.get("version_info", "")
            return executable.parent.parent, values["home"], shares, version
    return None


def _behind(executable: Path, home: str, version: str) -> list[Path]:
    """Where the interpreter can be; the folder may hold others, and this one under the name of its *version* only."""
    if not os.path.isabs(home):
        return []
    minor = re.match(r"(\d+\.\d+)(\.|$)", version)
    own = (f"python{minor[1]}",) if minor else ()
    names = dict.fromkeys((*own, executable.resolve().name, executable.name, "python3", "python", "python.exe"))
    return [Path(home) / name for name in names]


def is_installed(program: Path, root: Path) -> bool:
    """Whether *program*, links resolved, is among installed interpreters, and not in the project."""
    if any(program.is_relative_to(folder) for folder in (root.resolve(), Path.cwd().resolve())):
        return False
    return any(program.is_relative_to(place) for place in _installations()) or program.parent in _folders_of_programs()


def _folders_of_programs() -> set[Path]:
    """The folders on PATH, and of the interpreters that are on it or run this."""
    folders = [Path(one) for one in os.environ.get("PATH", "").split(os.pathsep) if os.path.isabs(one)]
    programs = [folder / "python3" for folder in folders]
    programs += [Path(sys.executable), Path(getattr(sys, "_base_executable", "") or sys.executable)]
    return {Path(os.path.realpath(one)) for one in folders} | {Path(os.path.realpath(one)).parent for one in programs}


def _installations() -> list[Path]:
    """Where systems and version managers keep interpreters."""
    environment, home = os.environ, Path(os.path.expanduser("~"))  # stays "~" for a user without a home: then nothing
    data = Path(environment.get("XDG_DATA_HOME") or home / ".local/share")
    named = ("UV_PYTHON_INSTALL_DIR", "PYENV_ROOT", "ASDF_DATA_DIR", "MISE_DATA_DIR", "CONDA_PREFIX", "CONDA_ROOT")
    places = [Path(environment[name]) for name in named if os.path.isabs(environment.get(name, ""))]
    places += [data / "uv/python", data / "mise", home / ".pyenv", home / ".asdf", home / ".rye/py"]
    conda = ("miniconda3", "miniforge3", "anaconda3", "mambaforge", "micromamba", "conda")
    places += [folder / name for folder in (home, Path("/opt")) for name in conda]
    places += [Path("/opt/homebrew"), Path("/Library/Frameworks"), Path("/nix/store"), Path("/usr/local/Cellar")]
    if os.name == "nt":
        places += [
            Path(environment[name]) / below
            for name, below in (
                ("LOCALAPPDATA", "Programs/Python"),
                ("LOCALAPPDATA", "Microsoft/WindowsApps"),
                ("LOCALAPPDATA", "Python"),  # of the `py` manager
                ("APPDATA", "uv/python"),
                ("PROGRAMFILES", ""),
                ("PROGRAMDATA", "miniconda3"),
                ("PROGRAMDATA", "miniforge3"),
                ("PROGRAMDATA", "anaconda3"),
                ("PYENV", "versions"),  # of pyenv-win
            )
            if environment.get(name)
        ]
    places += [Path("/usr/bin"), Path("/usr/local/bin")]
    return [Path(os.path.realpath(place)) for place in places if place.is_absolute()]
