"""importguard.toml, or [tool.importguard] in pyproject.toml, as a Config. Reads one file; knows no rules."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from importguard.errors import ConfigError

FILE = "importguard.toml"
_UNKNOWN_FIELD = re.compile(r"unknown field `([^`]+)`(?: - at `\$\.?([^`]*)`)?")
_WRONG_TYPE = re.compile(r"(.*) - at `\$\.?([^`]*)`")


class Warmup(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The `[warmup]` table: what the manifest says beyond what the code asks for."""

    modules: tuple[str, ...] = ()  # warmed although no `_require_warmed` names them
    factories: dict[str, str] = {}  # module → "package.module:callable", called after its import
    priority: dict[str, int] = {}  # module → higher goes first


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An application's policy. Paths are relative to the file's directory."""

    entry: str | None = None
    module: str | None = None
    python: str | None = None
    heavy_ms: float = 30.0
    lock: str | None = None  # IG202: the committed set of modules that the start loads
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
    warmup: Warmup = Warmup()


class Project(msgspec.Struct, frozen=True):
    """A Config and where it came from; `file` is None when there is none."""

    root: Path
    config: Config
    file: Path | None

    def relative(self, path: str) -> str:
        """*path* below the root with forward slashes; unchanged elsewhere."""
        try:
            return Path(path).relative_to(self.root).as_posix()
        except ValueError:
            return path


def is_listed(name: str, listed: Iterable[str]) -> bool:
    """*name* or one of its parent packages is in *listed*."""
    return any(name == one or name.startswith(f"{one}.") for one in listed)


def find_project(start: Path, explicit: Path | None = None) -> Project:
    """The configuration that governs *start*: *explicit*, or the nearest one upwards, or the defaults.

    Raises ConfigError naming the file, the key and what was expected.
    """
    if explicit is not None:
        if not explicit.is_file():
            raise ConfigError(str(explicit), "", "no such file; pass the path of an importguard.toml")
        return Project(
            explicit.resolve().parent, _read(explicit, explicit.name == "pyproject.toml") or Config(), explicit
        )
    for directory in (start.resolve(), *start.resolve().parents):
        own, shared = directory / FILE, directory / "pyproject.toml"
        if own.is_file():
            return Project(directory, _read(own, in_pyproject=False) or Config(), own)
        if shared.is_file():
            config = _read(shared, in_pyproject=True)
            if config is not None:
                return Project(directory, config, shared)
    return Project(start.resolve(), Config(), None)


def _read(path: Path, in_pyproject: bool) -> Config | None:
    try:
        data: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(str(path), "", f"cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(str(path), "", "is not UTF-8; save it as UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(str(path), "", f"is not valid TOML: {error}") from error
    if in_pyproject:
        data = data.get("tool", {}).get("importguard")
        if data is None:
            return None
    config = _convert(path, data)
    if config.entry is not None and config.module is not None:
        raise ConfigError(str(path), "module", "cannot stand beside `entry`; keep one of them")
    if config.lazy_imports not in {"normal", "all"}:
        raise ConfigError(str(path), "lazy_imports", f'expected "normal" or "all", got "{config.lazy_imports}"')
    return config


def _convert(path: Path, data: dict[str, Any]) -> Config:
    try:
        return msgspec.convert(data, Config)
    except msgspec.ValidationError as error:
        message = str(error)
        unknown = _UNKNOWN_FIELD.search(message)
        if unknown:
            key, table = unknown.group(1), unknown.group(2) or ""
            known = [field.name for field in msgspec.structs.fields(Warmup if table else Config)]
            close = difflib.get_close_matches(key, known, 1)
            hint = f"did you mean `{close[0]}`?" if close else f"known keys: {', '.join(known)}"
            raise ConfigError(str(path), f"{table}.{key}" if table else key, f"unknown key; {hint}") from error
        wrong = _WRONG_TYPE.match(message)
        expected, key = (wrong.group(1), wrong.group(2)) if wrong else (message, "")
        raise ConfigError(str(path), key, expected[:1].lower() + expected[1:]) from error
