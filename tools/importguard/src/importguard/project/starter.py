"""A first configuration for a project, from what its files say. Reads a few files; writes nothing."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec

from importguard.printable import plain
from importguard.project.declared import declared_commands
from importguard.storage.regular_file import open_regular

_SCRIPTS = ("app.py", "main.py", "run.py", "manage.py", "__main__.py")
_MAX_BYTES = 200_000
# What a server or a worker imports: what makes one → the package that it is built on.
_APPLICATIONS = {
    b"FastAPI(": "fastapi",
    b"get_wsgi_application(": "django",
    b"get_asgi_application(": "django",
    b"Flask(__name__": "flask",
    b"Celery(": "celery",
}
_NO_STARTS = frozenset({"tests", "test", "docs", "examples", "build", "dist"})
_OWN = (
    "",
    "# Where to keep what is warmed in the background, and the most that the start may load.",
    '# manifest = "warmup_manifest.json"',
    "# budget_modules = 300",
    "# budget_ms = 150.0",
)


class Candidate(msgspec.Struct, frozen=True):
    """A way the project starts: `key` and `value` as a configuration says it, `found` where it was seen."""

    key: str
    value: str
    found: str
    framework: str = ""  # what a web application is built on: it has to load


def candidates(root: Path) -> tuple[Candidate, ...]:
    """The starts of the project in *root*, the most explicit first."""
    commands = declared_commands(root)
    found = [Candidate("command", one.name, f"the command {one.name} of {Path(one.file).name}") for one in commands]
    # `python -m tool` is mostly what the command of that name is.
    found += [one for one in _packages(root) if all(one.value != command.name for command in commands)]
    found += [Candidate("entry", name, f"a file {name}") for name in _SCRIPTS if (root / name).is_file()]
    for file in sorted([*root.glob("*.py"), *root.glob("*/*.py"), *root.glob("src/*/*.py")]):
        text = b"" if _NO_STARTS & set(file.relative_to(root).parts) else _beginning(file)
        frameworks = [framework for made, framework in _APPLICATIONS.items() if made in text]
        if frameworks:
            kind = "a Celery application" if frameworks[0] == "celery" else "a web application"
            where = f"{kind} in {file.relative_to(root)}"
            found.append(Candidate("import", _module_name(root, file), where, frameworks[0]))
    return tuple(dict.fromkeys(found))


def _beginning(file: Path) -> bytes:
    try:
        with open_regular(file) as opened:
            return opened.read(_MAX_BYTES)
    except OSError:
        return b""


def _packages(root: Path) -> list[Candidate]:
    files = sorted([*root.glob("*/__main__.py"), *root.glob("src/*/__main__.py")])
    return [Candidate("run_module", file.parent.name, f"python -m {file.parent.name}") for file in files]


def _module_name(root: Path, file: Path) -> str:
    parts = file.relative_to(root).with_suffix("").parts
    parts = parts[1:] if parts[0] == "src" and len(parts) > 1 else parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def frameworks(found: tuple[Candidate, ...]) -> tuple[str, ...]:
    """What the web applications among *found* are built on."""
    return tuple(dict.fromkeys(one.framework for one in found if one.framework))


def _toml_text(value: str) -> str:
    """*value* as TOML writes a text, whatever is in it; a lone surrogate as a question mark."""
    return json.dumps(value.encode("utf-8", "replace").decode(), ensure_ascii=False).replace("\x7f", "\\u007f")


def starter_config(found: tuple[Candidate, ...], table: str = "") -> str:
    """The text of a configuration: one start as a key, several as a table each. *table*: "tool.importguard" or none."""
    built_on = frameworks(found)
    lines = [f"[{table}]"] if table else []
    lines += [
        "# What the main thread may load at startup. `importguard check` reads this; `importguard rule` explains.",
        "",
    ]
    if len(found) == 1:
        lines += [f"# {plain(found[0].found)}", f"{found[0].key} = {_toml_text(found[0].value)}"]
    elif not found:
        lines += [
            "# What starts the application. Or one of these, with args = [...] where the program gets arguments:",
            '# run_module = "package"    command = "name"    import = "package.app"',
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
        *([f"# {' and '.join(built_on)}: what the application is built on."] if built_on else []),
        f"allow = [{', '.join(map(_toml_text, built_on))}]",
        "",
        "# The modules that the start may load, and old findings; both files are written by importguard.",
        '# lock = "importguard.lock"',
        '# baseline = "importguard.baseline.json"',
    ]
    if len(found) < 2:
        lines += _OWN
    names = [one.value for one in found]
    for one in found if len(found) > 1 else ():
        unique = f"{one.value} ({one.key})" if names.count(one.value) > 1 else ""
        lines += [
            "",
            f"# {plain(one.found)}; remove the table if that is no start of its own.",
            f"[[{table}.entry]]" if table else "[[entry]]",
            *([f"name = {_toml_text(unique)}"] if unique else []),
            f"{'script' if one.key == 'entry' else one.key} = {_toml_text(one.value)}",
            *_OWN[1:],
        ]
    return "\n".join(lines) + "\n"
