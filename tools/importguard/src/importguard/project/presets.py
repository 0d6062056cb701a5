"""Presets: what `preset` in a configuration stands for. Values, and what they do not go with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from importguard.errors import ConfigError

if TYPE_CHECKING:
    from importguard.project.policy import Config
    from importguard.project.start import Start

# Where a server begins to listen: what was loaded before is what its first client waits for.
_LISTENS = (
    "uvicorn.server:Server.startup",
    "hypercorn.asyncio.run:worker_serve",
    "werkzeug.serving:make_server",
    "waitress.server:create_server",
    "gunicorn.arbiter:Arbiter.run",
    "aiohttp.web_runner:BaseRunner.setup",
    "tornado.tcpserver:TCPServer.listen",
    "socketserver:TCPServer.server_activate",
)
_Values = dict[str, float | tuple[str, ...]]
PRESETS: dict[str, _Values] = {
    "mcp": {"ready_at": ("mcp.server.stdio:stdio_server",), "deadline_ms": 1000.0},
    "cli-help": {"args": ("--help",), "deadline_ms": 300.0},
    "http-ready": {"ready_at": _LISTENS, "deadline_ms": 1000.0},
    "lambda": {"deadline_ms": 1000.0},
}


def with_preset(path: str, config: Config, place: str = "") -> Config:
    """*config* with the values of its preset for the keys that it does not set.

    Raises ConfigError for a preset that the start cannot have, at *place* and the key in the file *path*.
    """
    begins = config.entry or config.run_module or config.command or config.subcommands
    imports = config.import_ or config.module or config.pytest
    return _filled(config, _refusal(config.preset, bool(imports), bool(begins or imports)), path, f"{place}preset")


def preset_of(start: Start) -> Start:
    """*start* with the values of the preset that its configuration names. Raises ConfigError."""
    import msgspec

    refused = _refusal(start.config.preset, start.kind in {"import", "pytest"}, True)
    config = _filled(start.config, refused, "the command line", "--preset")
    return msgspec.structs.replace(start, config=config, args=config.args if start.args is None else start.args)


def _filled(config: Config, refused: str, path: str, key: str) -> Config:
    import msgspec

    if refused:
        raise ConfigError(path, key, refused)
    values = PRESETS[config.preset] if config.preset is not None else {}
    return msgspec.structs.replace(
        config, **{key: one for key, one in values.items() if getattr(config, key) in {None, ()}}
    )


def _refusal(preset: str | None, imports: bool, begins: bool) -> str:
    """Why a start cannot have *preset*; empty where it can."""
    if preset is None or not begins or (preset == "lambda") == imports:
        return ""
    if imports:
        wanted = 'name what is run: entry = "server.py", run_module = "package" or command = "name"'
        return f"{preset} does not go with an import alone; {wanted}"
    wanted = 'a function\'s start is an import: import = "package.handler", the module that has the handler'
    return f"lambda does not go with this start; {wanted}"
