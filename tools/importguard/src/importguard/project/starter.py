"""A first configuration for a project, from what its files say. Reads a few files; writes nothing."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec

from importguard.errors import ConfigError
from importguard.printable import plain
from importguard.project.config import read_toml
from importguard.storage.regular_file import open_regular

_SCRIPTS = ("app.py", "main.py", "run.py", "manage.py", "__main__.py")
_MAX_BYTES = 200_000
_WEB_APPLICATIONS = (b"FastAPI(", b"get_wsgi_application(", b"get_asgi_application(", b"Flask(__name__")
_NO_STARTS = frozenset({"tests", "test", "docs", "examples", "build", "dist"})
_OWN = (
    "",
    "# Where to keep what is warmed in the background, and the most that the start may load.",
    '# manifest = "warmup_manifest.json"',
    "# budget_modules = 300",
    "# budget_ms = 150.0",
)


class Candidate(msgspec.Struct, frozen=True):
    """A way the project starts: `key` is "entry" or "module", `value` its setting, `found` where it was seen."""

    key: str
    value: str
    found: str


def candidates(root: Path) -> tuple[Candidate, ...]:
    """The starts of the project in *root*, the most explicit first."""
    found = [*_console_scripts(root), *_packages(root)]
    found += [Candidate("entry", name, f"a file {name}") for name in _SCRIPTS if (root / name).is_file()]
    for file in sorted([*root.glob("*.py"), *root.glob("*/*.py"), *root.glob("src/*/*.py")]):
        text = b"" if _NO_STARTS & set(file.relative_to(root).parts) else _beginning(file)
        if any(made in text for made in _WEB_APPLICATIONS):
            found.append(
                Candidate("module", _module_name(root, file), f"a web application in {file.relative_to(root)}")
            )
    unique = {(one.key, one.value): one for one in reversed(found)}
    return tuple(one for one in found if unique[one.key, one.value] is one)


def _beginning(file: Path) -> bytes:
    try:
        with open_regular(file) as opened:
            return opened.read(_MAX_BYTES)
    except OSError:
        return b""


def _console_scripts(root: Path) -> list[Candidate]:
    try:
        project = read_toml(root / "pyproject.toml").get("project")
    except ConfigError:
        return []
    tables = [project.get(key) for key in ("scripts", "gui-scripts")] if isinstance(project, dict) else []
    return [
        Candidate("module", target.partition(":")[0], f"the command {name} of pyproject.toml")
        for table in tables
        for name, target in (table.items() if isinstance(table, dict) else ())
        if isinstance(target, str)
    ]


def _packages(root: Path) -> list[Candidate]:
    files = sorted([*root.glob("*/__main__.py"), *root.glob("src/*/__main__.py")])
    return [Candidate("module", _module_name(root, file), f"python -m {file.parent.name}") for file in files]


def _module_name(root: Path, file: Path) -> str:
    parts = file.relative_to(root).with_suffix("").parts
    parts = parts[1:] if parts[0] == "src" and len(parts) > 1 else parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _toml_text(value: str) -> str:
    """*value* as TOML writes a text, whatever is in it; a lone surrogate as a question mark."""
    return json.dumps(value.encode("utf-8", "replace").decode(), ensure_ascii=False).replace("\x7f", "\\u007f")


def starter_config(found: tuple[Candidate, ...], table: str = "") -> str:
    """The text of a configuration: one start as a key, several as a table each. *table*: "tool.importguard" or none."""
    lines = [f"[{table}]"] if table else []
    lines += [
        "# What the main thread may load at startup. `importguard check` reads this; `importguard rule` explains.",
        "",
    ]
    if len(found) == 1:
        lines += [f"# {plain(found[0].found)}", f"{found[0].key} = {_toml_text(found[0].value)}"]
    elif not found:
        lines += [
            '# The script that starts the application, or the module: module = "package.cli"',
            '# entry = "app.py"',
        ]
    else:
        lines += ["# What stands here is shared by the starts below, each of which may add to it."]
    lines += [
        "",
        "# A module is heavy from this many milliseconds on (exclusive, estimated), or by name.",
        "heavy_ms = 30.0",
        '# heavy = ["pandas"]',
        "",
        "# What the start may load all the same, with everything below it.",
        "allow = []",
        "",
        "# The modules that the start may load, and old findings; both files are written by importguard.",
        '# lock = "importguard.lock"',
        '# baseline = "importguard.baseline.json"',
    ]
    if len(found) < 2:
        lines += _OWN
    for one in found if len(found) > 1 else ():
        lines += [
            "",
            f"# {plain(one.found)}; remove the table if that is no start of its own.",
            f"[[{table}.entry]]" if table else "[[entry]]",
            f"{'script' if one.key == 'entry' else one.key} = {_toml_text(one.value)}",
            *_OWN[1:],
        ]
    return "\n".join(lines) + "\n"
