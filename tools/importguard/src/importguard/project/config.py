"""importguard.toml, or [tool.importguard] in pyproject.toml, as a Config an entry. Reads one file; knows no rules.

A `[[entry]]` table takes the shared keys over: its lists add to theirs, its tables extend theirs, all else replaces.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any, Literal

import msgspec

from importguard.errors import ConfigError
from importguard.storage.disk import Disk
from importguard.storage.regular_file import read_regular

FILE = "importguard.toml"
_MAX_BYTES = 4 * 1024 * 1024
_UNKNOWN_FIELD = re.compile(r"unknown field `([^`]+)`(?: - at `\$\.?([^`]*)`)?")
_WRONG_TYPE = re.compile(r"(.*) - at `\$\.?([^`]*)`")


class Warmup(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The `[warmup]` table: what the manifest says beyond what the code asks for."""

    modules: tuple[str, ...] = ()  # warmed although no `_require_warmed` names them
    factories: dict[str, str] = {}  # module → "package.module:callable", called after its import
    priority: dict[str, int] = {}  # module → higher goes first


class Verify(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The `[verify]` table: how `importguard verify` runs the program, and when it has seen enough."""

    command: tuple[str, ...] = ()  # script and arguments, or "-m", module and arguments; by default the entry alone
    until: Literal["exit", "ready", "timeout"] = "exit"  # the program's own end, its warmup's, or timeout_s
    timeout_s: float = 60.0
    ignore: tuple[str, ...] = ()  # modules that only the command loads, a test's driver for example


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An application's policy. Paths are relative to the file's directory."""

    entry: str | None = None
    module: str | None = None
    python: str | None = None
    heavy_ms: float = 30.0
    lock: str | None = None  # IG202: the committed set of modules that the start loads
    pythons: tuple[str, ...] = ()  # "3.12": what the lock holds for; by default what requires-python allows
    platforms: tuple[str, ...] = ("linux", "darwin", "win32")
    baseline: str | None = None  # findings that are accepted for now
    budget_modules: int | None = None  # IG201: modules that the start may load
    budget_ms: float | None = None  # IG201: their estimated cost
    heavy: tuple[str, ...] = ()
    allow: tuple[str, ...] = ()
    governed: tuple[str, ...] = ()
    manifest: str | None = None
    warm_calls: tuple[str, ...] = ("_require_warmed", "require_warmed")
    lazy_imports: str = "normal"
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    per_path: dict[str, tuple[str, ...]] = msgspec.field(name="per-path", default={})  # gitignore pattern → codes
    warmup: Warmup = Warmup()
    verify: Verify = Verify()


class Project(msgspec.Struct, frozen=True):
    """A Config and where it came from; `file` is None when there is none.

    `entries` holds a Project, with its `name`, for each `[[entry]]` table; empty when there is none.
    """

    root: Path
    config: Config
    file: Path | None
    name: str = ""
    entries: tuple[Project, ...] = ()

    @property
    def script(self) -> str | None:
        """The path of the script that starts the program; None when a module does."""
        return str(self.root / self.config.entry) if self.config.entry else None

    def relative(self, path: str) -> str:
        """*path* below the root with forward slashes; unchanged elsewhere."""
        try:
            return Path(path).relative_to(self.root).as_posix()
        except ValueError:
            return path

    def starts(self, names: Collection[str] = ()) -> tuple[Project, ...]:
        """The configured starts called *names*; all of them without names. Raises ConfigError for an unknown name."""
        known = {one.name: one for one in self.entries or (self,)}
        for name in names:
            if name not in known:
                there = f"the entries are {', '.join(known)}" if self.entries else "there are no [[entry]] tables"
                raise ConfigError(str(self.file or self.root), "entry", f"none is called {name}; {there}")
        return tuple(one for one in known.values() if not names or one.name in names)

    def start(self, script: str | None, module: str | None) -> Project:
        """The policy for *script* or *module*: that of the entry it is, else the shared one.

        What belongs to another entry (its lock, its manifest, its budget) is left out of the shared one.
        """
        for one in self.entries or (self,):
            config = one.config
            same_script = script and config.entry and (self.root / config.entry).resolve() == Path(script).resolve()
            if same_script or (module and module == config.module):
                return one
        if not self.entries and self.config.entry is None and self.config.module is None:
            return self
        config = msgspec.structs.replace(self.config, **dict.fromkeys(_OF_ONE_ENTRY))
        return msgspec.structs.replace(self, config=config, entries=())


_TABLES: dict[str, type[msgspec.Struct]] = {"warmup": Warmup, "verify": Verify}
_OF_ONE_ENTRY = ("lock", "manifest", "budget_modules", "budget_ms")


def is_listed(name: str, listed: Iterable[str]) -> bool:
    """*name* or one of its parent packages is in *listed*."""
    return any(name == one or name.startswith(f"{one}.") for one in listed)


def find_project(start: Path, explicit: Path | None = None, disk: Disk | None = None) -> Project:
    """The configuration that governs *start*: *explicit*, or the nearest one upwards, or the defaults.

    *disk*: where it is looked for, if not on today's.
    Raises ConfigError naming the file, the key and what was expected.
    """
    if explicit is not None:
        if not explicit.is_file():
            raise ConfigError(str(explicit), "", "no such file; pass the path of an importguard.toml")
        found = _read(explicit, in_pyproject=explicit.name == "pyproject.toml")
        return found or Project(explicit.resolve().parent, Config(), explicit)
    for directory in (start.resolve(), *start.resolve().parents):
        own, shared = directory / FILE, directory / "pyproject.toml"
        found = _read(own, in_pyproject=False, disk=disk) if _is_file(own, disk) else None
        found = found or (_read(shared, in_pyproject=True, disk=disk) if _is_file(shared, disk) else None)
        if found is not None:
            return found
    return Project(start.resolve(), Config(), None)


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
    shared = Project(root, _convert(path, data), path)
    if not tables:
        return shared
    if shared.config.module is not None:
        raise ConfigError(str(path), "module", "cannot stand beside [[entry]] tables; make it one of them")
    entries = tuple(_entry(path, data, table, f"entry[{index}]") for index, table in enumerate(tables))
    _demand_own_files(path, entries)
    return msgspec.structs.replace(shared, entries=entries)


def _entry(path: Path, shared: dict[str, Any], table: Any, place: str) -> Project:
    if not isinstance(table, dict):
        raise ConfigError(str(path), place, "expected a table: [[entry]]")
    own = dict(table)
    name, script = own.pop("name", None), own.pop("script", None)
    for key, value in (("name", name), ("script", script)):
        if not isinstance(value, str | None):
            raise ConfigError(str(path), f"{place}.{key}", "expected a text")
    if "entry" in own:
        raise ConfigError(str(path), f"{place}.entry", 'is called script here: script = "app.py"')
    if (script is None) == (own.get("module") is None):
        raise ConfigError(str(path), place, 'needs either script = "app.py" or module = "package.cli"')
    _convert(path, own, f"{place}.", ("name", "script"))
    merged = _merged(shared, own)
    config = _convert(path, merged if script is None else {**merged, "entry": script})
    return Project(path.resolve().parent, config, path, name or script or own["module"])


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


def _demand_own_files(path: Path, entries: tuple[Project, ...]) -> None:
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
    if config.entry is not None and config.module is not None:
        raise ConfigError(str(path), f"{place}module", "cannot stand beside `entry`; keep one of them")
    if config.lazy_imports not in {"normal", "all"}:
        raise ConfigError(str(path), f"{place}lazy_imports", f'expected "normal" or "all", got "{config.lazy_imports}"')
    for key in ("manifest", "lock", "baseline"):
        _demand_inside(path, f"{place}{key}", getattr(config, key))
    return config


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
