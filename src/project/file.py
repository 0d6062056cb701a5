"""A project's TOML file: what it says as values, and changes that keep the owner's comments.

A project file is data from whoever wrote it, perhaps a stranger whose repository was cloned. It names folders inside
its own, patterns, presets and MCP servers, and nothing else: endpoints and keys are the user's settings, and are
refused here. A server that it names is not started before the user has agreed to it (`src.mcp_servers.agreed`).
tomlkit is warmed; everything here runs on the pool.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from importguard.warmup import require_warmed as _require_warmed
from src.storage import inside
from src.storage.inside import OutsideError, resolve
from src.value import Value

if TYPE_CHECKING:
    from src.project.servers import Server

NAME = "sloppy.toml"
SCHEMA = 1
MAX_BYTES = 200_000
FIELDS = (
    "schema",
    "name",
    "roots",
    "include",
    "exclude",
    "chosen",
    "dropped",
    "pinned",
    "read_only",
    "not_secret",
    "preset",
    "presets",
    "discussions",
    "mcp",
)
REFUSED = ("endpoints", "endpoint", "base_url", "key_names", "key_name", "api_key", "keys", "provider", "providers")
TEMPLATE = """\
# A project of Sloppy: which files a model may see. Your comments stay.
schema = 1
name = {name}

# Folders inside this one.
roots = ["."]

# Patterns as in .gitignore, from this folder: what is sent by itself, and what never is.
include = []
exclude = []

# Chosen by hand: sent, and not sent, whatever the patterns say.
chosen = []
dropped = []

# Sent first, whatever the patterns say; and for reading only: no edit of these is proposed.
pinned = []
read_only = []

# The system prompt: one of the presets.
preset = ""

[presets]

# MCP servers, whose tools a model may ask for once you have agreed to each on your machine:
# [mcp.time]
# command = ["uvx", "mcp-server-time"]
"""


class ProjectError(ValueError):
    """A project file that cannot be used; the message names the file, the place and the next step."""


class DamagedProjectError(ProjectError):
    """A project file that is not TOML."""


class NewerProjectError(ProjectError):
    """A project file that a newer Sloppy wrote."""


class Project(Value):
    """A project: `path` of its file, `folder` of that file, `roots` as real paths, the rest as written.

    `not_secret` are digests of texts that only look like secrets. `presets`: name → system prompt. `discussions` is a
    folder inside the project, or empty for the user's own place. `mcp` are the MCP servers that the file names.
    """

    path: str
    folder: str
    name: str
    roots: tuple[str, ...]
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    chosen: frozenset[str] = frozenset()
    dropped: frozenset[str] = frozenset()
    pinned: tuple[str, ...] = ()
    read_only: frozenset[str] = frozenset()
    not_secret: frozenset[str] = frozenset()
    preset: str = ""
    presets: Mapping[str, str] = {}
    discussions: str = ""
    mcp: tuple[Server, ...] = ()

    @property
    def system(self) -> str:
        """The chosen preset's text; empty without one."""
        return self.presets.get(self.preset, "")


def find(path: str) -> str:
    """The project file that *path*, a folder or the file itself, means; it need not exist."""
    full = os.path.abspath(os.path.expanduser(path))
    return os.path.join(full, NAME) if os.path.isdir(full) or not full.endswith(".toml") else full


def read(path: str) -> tuple[Project, tuple[str, ...]]:
    """The project in the file, and a sentence for each thing that is not followed. Raises ProjectError, OSError."""
    data = _read_bytes(path)
    if len(data) > MAX_BYTES:
        raise ProjectError(f"{path} has more than {MAX_BYTES:,} bytes; a project file holds names and patterns only.")
    return parse(path, _parse_toml(path, data))


def parse(path: str, document: Mapping[str, Any]) -> tuple[Project, tuple[str, ...]]:
    """The project that *document* describes. Raises ProjectError."""
    schema = document.get("schema", SCHEMA)
    if not isinstance(schema, int) or schema > SCHEMA:
        raise NewerProjectError(f"{path} has schema {schema}, and this Sloppy reads up to {SCHEMA}: upgrade Sloppy.")
    folder = _folder_of(path)
    warnings = [
        f"{path}: `{name}` is not taken from a project; endpoints and keys belong into your own settings."
        for name in document
        if name in REFUSED
    ]
    warnings += [f"{path}: `{name}` is not known." for name in document if name not in (*FIELDS, *REFUSED)]
    roots = tuple(_folder_inside(path, folder, root, "roots") for root in _texts(path, document, "roots") or (".",))
    presets = document.get("presets", {})
    if not isinstance(presets, Mapping) or not all(isinstance(text, str) for text in presets.values()):
        raise ProjectError(f"{path}: `presets` must be texts by name.")
    preset = _text(path, document, "preset")
    if preset and preset not in presets:
        warnings.append(f"{path}: there is no preset {preset!r}.")
        preset = ""
    discussions = _text(path, document, "discussions")
    digests = frozenset(_texts(path, document, "not_secret"))
    if odd := sum(re.fullmatch("[0-9a-f]{64}", one) is None for one in digests):
        warnings.append(f"{path}: `not_secret` holds {odd} that is no digest; keep the texts themselves out of it.")
    servers: tuple[Server, ...] = ()
    if "mcp" in document:
        from src.project.servers import read_servers  # seldom, and on the pool

        servers, wrong = read_servers(path, document["mcp"])
        warnings += wrong
    project = Project(
        path=path,
        folder=folder,
        name=_text(path, document, "name") or os.path.basename(folder),
        roots=roots,
        include=_texts(path, document, "include"),
        exclude=_texts(path, document, "exclude"),
        chosen=frozenset(_texts(path, document, "chosen")),
        dropped=frozenset(_texts(path, document, "dropped")),
        pinned=_texts(path, document, "pinned"),
        read_only=frozenset(_texts(path, document, "read_only")),
        not_secret=digests,
        preset=preset,
        presets={str(name): str(text) for name, text in presets.items()},
        discussions=_folder_inside(path, folder, discussions, "discussions") if discussions else "",
        mcp=servers,
    )
    return project, tuple(warnings)


def create(path: str) -> None:
    """Writes a project file with comments. Raises FileExistsError, OSError."""
    if os.path.lexists(path):
        raise FileExistsError(17, "there is a project already", path)
    name = os.path.basename(os.path.dirname(path)) or "project"
    quoted = _require_warmed("tomlkit").item(name).as_string()
    inside.write_text((_folder_of(path),), path, TEMPLATE.format(name=quoted), 0o644)


def write(path: str, fields: Mapping[str, Any]) -> None:
    """Puts *fields* into the file as it is now, comments kept. Raises ProjectError, OSError.

    `mcp` holds only the servers that change, as `src.project.server_table` takes them.
    """
    document = _parse_toml(path, _read_bytes(path))
    for name, value in fields.items():
        if name == "mcp":
            _put_servers(path, document, value)
        else:
            document[name] = value
    text = _require_warmed("tomlkit").dumps(document)
    try:
        inside.write_text((_folder_of(path),), path, text, 0o644)
    except OutsideError as error:
        raise ProjectError(_refusal(path)) from error


def _put_servers(path: str, document: Any, changes: Mapping[str, Server | None]) -> None:
    from src.project import server_table  # seldom, and on the pool

    tomlkit = _require_warmed("tomlkit")
    try:
        server_table.put(document, changes, tomlkit)
    except ValueError as error:
        raise ProjectError(f"{path}: {error}.") from error


def _folder_of(path: str) -> str:
    """The folder that *path* is in: where the file is a link, that of the link."""
    return os.path.realpath(os.path.dirname(os.path.abspath(path)))


def _read_bytes(path: str) -> bytes:
    try:
        return inside.read_bytes((_folder_of(path),), os.path.abspath(path), MAX_BYTES + 1)
    except OutsideError as error:
        raise ProjectError(_refusal(path)) from error


def _refusal(path: str) -> str:
    return (
        f"{path} is a link that leaves its folder: it is neither read nor written. Open the project where the file is."
    )


def _parse_toml(path: str, data: bytes) -> Any:
    tomlkit = _require_warmed("tomlkit")
    try:
        return tomlkit.parse(data.decode())
    except (ValueError, tomlkit.exceptions.TOMLKitError, RecursionError) as error:
        raise DamagedProjectError(f"{path} is not TOML: {error}") from error


def _texts(path: str, document: Mapping[str, Any], name: str) -> tuple[str, ...]:
    value = document.get(name, [])
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise ProjectError(f"{path}: `{name}` must be a list of texts.")
    return tuple(str(one) for one in value)


def _text(path: str, document: Mapping[str, Any], name: str) -> str:
    value = document.get(name, "")
    if not isinstance(value, str):
        raise ProjectError(f"{path}: `{name}` must be a text.")
    return str(value)


def _folder_inside(path: str, folder: str, inner: str, name: str) -> str:
    try:
        return resolve((folder,), inner)
    except OutsideError as error:
        raise ProjectError(f"{path}: `{name}` names {inner!r}, which is outside the project's folder.") from error
