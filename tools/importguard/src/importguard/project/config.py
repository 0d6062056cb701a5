"""importguard.toml, or [tool.importguard] in pyproject.toml, as a Project. Reads one file; knows no rules.

A `[[entry]]` table inherits the top-level keys: lists are appended, tables merged, other values replaced.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import msgspec

from importguard.errors import ConfigError
from importguard.project.policy import Config, Verify, Warmup
from importguard.project.presets import with_preset
from importguard.project.start import Entry, Project, start_keys
from importguard.storage.disk import Disk
from importguard.storage.regular_file import read_regular

FILE = "importguard.toml"
_MAX_BYTES = 4 * 1024 * 1024
_UNKNOWN_FIELD = re.compile(r"unknown field `([^`]+)`(?: - at `\$\.?([^`]*)`)?")
_MODULE = re.compile(r"[^\W\d]\w*+(?:\.[^\W\d]\w*+)*+")
_WRONG_TYPE = re.compile(r"(.*) - at `\$\.?([^`]*)`")

_TABLES: dict[str, type[msgspec.Struct]] = {"warmup": Warmup, "verify": Verify}


def find_project(start: Path | None = None, explicit: Path | None = None, disk: Disk | None = None) -> Project:
    """The project around the folder *start*, by default the current one.

    Its configuration is *explicit*, or the nearest one upwards, or the defaults; looked for on *disk*, if not on
    today's.

    Raises ConfigError naming the file, the key and what was expected.
    """
    if explicit is not None:
        if not explicit.is_file():
            raise ConfigError(str(explicit), "", "no such file; pass the path of an importguard.toml")
        found = _read(explicit, in_pyproject=explicit.name == "pyproject.toml")
        return found or Project(explicit.resolve().parent, Config(), explicit)
    start = (start or Path.cwd()).resolve()
    for directory in (start, *start.parents):
        own, shared = directory / FILE, directory / "pyproject.toml"
        files = [file for file in (own, shared) if _is_file(file, disk)]
        projects = [
            one for one in (_read(file, in_pyproject=file is shared, disk=disk) for file in files) if one is not None
        ]
        if len(projects) > 1:
            raise ConfigError(
                str(shared), "tool.importguard", f"{FILE} beside it configures the same; keep one of them"
            )
        if projects:
            return projects[0]
    return Project(start, Config(), None)


def _is_file(path: Path, disk: Disk | None) -> bool:
    return path.is_file() if disk is None else bool(disk.ask("isfile", str(path)))


def read_toml(path: Path, disk: Disk | None = None) -> dict[str, Any]:
    """The document in *path*, on *disk* or today's. Raises ConfigError."""
    try:
        content = read_regular(path, _MAX_BYTES) if disk is None else disk.read(str(path))
        return tomllib.loads(content.decode("utf-8"))
    except OSError as error:
        raise ConfigError(str(path), "", f"cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(str(path), "", "is not UTF-8; save it as UTF-8") from error
    except (ValueError, RecursionError) as error:
        raise ConfigError(str(path), "", f"is not valid TOML: {error}") from error


def _read(path: Path, in_pyproject: bool, disk: Disk | None = None) -> Project | None:
    data: Any = read_toml(path, disk)
    if in_pyproject:
        tool = data.get("tool")
        data = tool.get("importguard") if isinstance(tool, dict) else None
        if data is None:
            return None
        if not isinstance(data, dict):
            raise ConfigError(str(path), "tool.importguard", "expected a table: [tool.importguard]")
    if isinstance(data.get("entry"), dict):
        raise ConfigError(str(path), "entry", 'expected entry = "app.py" or a table written [[entry]]')
    root = path.resolve().parent
    tables = data.pop("entry") if isinstance(data.get("entry"), list) else []
    config = _convert(path, data)
    if not tables:
        begins = bool(start_keys(config))
        if config.args is not None and not begins:
            raise ConfigError(str(path), "args", "belongs to a start: name that too, or pass both on the command line")
        config = with_preset(str(path), config)
        return Project(root, config, path, (Entry("", config),) if begins else ())
    for key in start_keys(config) + (["args"] if config.args is not None else []):
        raise ConfigError(str(path), key, "cannot stand beside [[entry]] tables; make it part of one of them")
    entries = tuple(_entry(path, data, table, f"entry[{index}]") for index, table in enumerate(tables))
    _demand_own_files(path, entries)
    return Project(root, config, path, entries)


def _entry(path: Path, shared: dict[str, Any], table: Any, place: str) -> Entry:
    if not isinstance(table, dict):
        raise ConfigError(str(path), place, "expected a table: [[entry]]")
    own = dict(table)
    name, script = own.pop("name", None), own.pop("script", None)
    for key, value in (("name", name), ("script", script)):
        if not isinstance(value, str | None):
            raise ConfigError(str(path), f"{place}.{key}", "expected a text")
    if "entry" in own:
        raise ConfigError(str(path), f"{place}.entry", 'is called script here: script = "app.py"')
    alone = _convert(path, own if script is None else {**own, "entry": script}, f"{place}.", ("name", "script"))
    if not start_keys(alone):
        wanted = 'script = "app.py", run_module = "package", import = "package.app" or command = "name"'
        raise ConfigError(str(path), place, f"needs a start: {wanted}")
    merged = _merged(shared, own)
    config = with_preset(
        str(path), _convert(path, merged if script is None else {**merged, "entry": script}), f"{place}."
    )
    return Entry(name or getattr(config, start_keys(config)[0].replace("import", "import_")), config)


def _merged(shared: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    merged = dict(shared)
    for key, value in own.items():
        held = merged.get(key)
        if isinstance(held, dict) and isinstance(value, dict):
            merged[key] = _merged(held, value)
        elif isinstance(held, list) and isinstance(value, list):
            merged[key] = held + value
        else:
            merged[key] = value
    return merged


def _demand_own_files(path: Path, entries: tuple[Entry, ...]) -> None:
    """Raises ConfigError for two entries of one name, or of one manifest, which has the jobs of one program."""
    for index, one in enumerate(entries):
        for other in entries[:index]:
            if one.name == other.name:
                raise ConfigError(str(path), f"entry[{index}].name", f"{one.name} is taken; give each entry its own")
            manifest = one.config.manifest
            if manifest is not None and manifest == other.config.manifest:
                wanted = f"{other.name} and {one.name} both name {manifest}; give each entry its own"
                raise ConfigError(str(path), f"entry[{index}].manifest", wanted)


def _convert(path: Path, data: dict[str, Any], place: str = "", further: tuple[str, ...] = ()) -> Config:
    """*data* as a Config. *place* goes before the key in an error; *further* are keys known there besides."""
    try:
        config = msgspec.convert(data, Config)
    except msgspec.ValidationError as error:
        raise _refusal(path, str(error), place, further) from error
    started = start_keys(config)
    if len(started) > 1:
        first = "script" if place and started[0] == "entry" else started[0]
        raise ConfigError(str(path), f"{place}{started[1]}", f"cannot stand beside `{first}`; keep one of them")
    if config.args is not None and started == ["pytest"]:
        raise ConfigError(
            str(path), f"{place}args", "a collection has no arguments; set `addopts` in pytest's own file"
        )
    if config.args is not None and started in (["import"], ["module"]):
        raise ConfigError(str(path), f"{place}args", "an import has no arguments; did you mean run_module or command?")
    if config.lazy_imports not in {"", "normal", "all"}:
        raise ConfigError(str(path), f"{place}lazy_imports", f'expected "normal" or "all", got "{config.lazy_imports}"')
    for key in ("manifest", "lock", "baseline"):
        _demand_inside(path, f"{place}{key}", getattr(config, key))
    for point in config.ready_points:
        demand_point(str(path), f"{place}ready_at", point)
    return config


def demand_point(place: str, key: str, point: str) -> None:
    """Raises ConfigError unless *point* is written as one of `ready_at`."""
    file, _, last = point.rpartition(":")
    is_line = file.endswith(".py") and last.isdecimal() and int(last) > 0
    if not is_line and not (_MODULE.fullmatch(file) and _MODULE.fullmatch(last)):
        wanted = '"package.module:callable" or "file.py:LINE"'
        raise ConfigError(place, key, f"{point} is no place in the program; write {wanted}")


def _demand_inside(path: Path, key: str, name: str | None) -> None:
    """Raises ConfigError for a *name* of a file, to be written, that is not in the configuration's folder."""
    if name is None:
        return
    root = path.resolve().parent
    try:
        place = root / name
        inside = place.parent.resolve().is_relative_to(root) and place.name not in {"", ".."} and "\0" not in name
    except (OSError, ValueError, RuntimeError):  # a null byte, a circle of links
        inside = False
    if not inside:
        raise ConfigError(str(path), key, f"{name} is no file below {root}; a project's files write nowhere else")


def _refusal(path: Path, message: str, place: str, further: tuple[str, ...]) -> ConfigError:
    unknown = _UNKNOWN_FIELD.search(message)
    if unknown:
        key, table = unknown.group(1), unknown.group(2) or ""
        fields = msgspec.structs.fields(_TABLES.get(table, Config))
        known = [*(field.encode_name for field in fields), *(further if not table else ())]
        import difflib

        close = difflib.get_close_matches(key, known, 1)
        hint = f"did you mean `{close[0]}`?" if close else f"known keys: {', '.join(known)}"
        return ConfigError(str(path), f"{place}{table}.{key}" if table else f"{place}{key}", f"unknown key; {hint}")
    wrong = _WRONG_TYPE.match(message)
    expected, key = (wrong.group(1), wrong.group(2)) if wrong else (message, "")
    return ConfigError(str(path), f"{place}{key}", expected[:1].lower() + expected[1:])
