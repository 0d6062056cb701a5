"""The settings that count, as a configuration would say them. Pure."""

from __future__ import annotations

import json
from typing import Any

import msgspec

from importguard.printable import plain
from importguard.project.policy import Config
from importguard.project.start import Project, Start
from importguard.target.environment import Environment


def render_settings(project: Project, starts: list[tuple[Start, Environment]]) -> str:
    """Where they come from, and for each start every key, with `# default` behind what nobody has set."""
    lines = [
        f"# {plain(str(project.file or 'no configuration'))}",
        f"# paths are relative to {plain(str(project.root))}",
    ]
    if not starts:
        lines += ["", "# no start is named; these are shared", *_settings(project.config)]
    for start, environment in starts:
        lines += ["", f"# {plain(start.name or start.target)}"]
        lines.append(f"# Python {environment.version}, {plain(environment.executable)}: {plain(environment.why)}")
        lines += _settings(start.config)
    return "\n".join(lines)


def _settings(config: Config) -> list[str]:
    said, default = msgspec.to_builtins(config), msgspec.to_builtins(Config())
    tables = {key: value for key, value in said.items() if isinstance(value, dict)}
    lines = [_line(key, value, default[key]) for key, value in said.items() if key not in tables]
    for key, table in tables.items():
        lines += [f"[{key}]", *(_line(name, value, default[key].get(name)) for name, value in table.items())]
    return lines


def _line(key: str, value: Any, default: Any) -> str:
    if value is None:
        return f"# {key} is not set"
    name = key if key.replace("-", "_").isidentifier() else json.dumps(key)
    return plain(f"{name} = {json.dumps(value, ensure_ascii=False)}" + ("  # default" if value == default else ""))
