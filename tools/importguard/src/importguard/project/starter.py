"""A first configuration for a project, from what its files say. Reads a few files; writes nothing."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec

from importguard.printable import plain
from importguard.project.declared import Declared, declared_commands
from importguard.project.frameworks import APPLICATIONS, of_a_command
from importguard.storage.regular_file import open_regular

_SCRIPTS = ("app.py", "main.py", "run.py", "manage.py", "__main__.py")
_MAX_BYTES = 200_000
_MAX_FILES = 50  # beside the function of a command
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
    built_on: tuple[str, ...] = ()  # frameworks: they have to load


def candidates(root: Path) -> tuple[Candidate, ...]:
    """The starts of the project in *root*, the most explicit first."""
    commands = declared_commands(root)
    found = [
        Candidate("command", one.name, f"the command {one.name} of {Path(one.file).name}", _frameworks(root, one))
        for one in commands
    ]
    # `python -m tool` is mostly what the command of that name is.
    found += [one for one in _packages(root) if all(one.value != command.name for command in commands)]
    found += [Candidate("entry", name, f"a file {name}") for name in _SCRIPTS if (root / name).is_file()]
    for file in sorted([*root.glob("*.py"), *root.glob("*/*.py"), *root.glob("src/*/*.py")]):
        text = b"" if _NO_STARTS & set(file.relative_to(root).parts) else _beginning(file)
        made = next((name for sign, name in APPLICATIONS.items() if sign in text and not _ships(root, name)), None)
        if made is not None:
            kind = "a Celery application" if made == "celery" else "a web application"
            where = f"{kind} in {file.relative_to(root)}"
            found.append(Candidate("import", _module_name(root, file), where, (made,)))
    return tuple(dict.fromkeys(found))


def _ships(root: Path, package: str) -> bool:
    """The project in *root* is what ships *package*, and so is not built on it."""
    return any((folder / package).is_dir() or (folder / f"{package}.py").is_file() for folder in (root, root / "src"))


def _frameworks(root: Path, command: Declared) -> tuple[str, ...]:
    """What *command* is built on, by the files in the folder of the module that it calls."""
    *above, last = command.module.split(".")
    for folder in (root, root / "src"):
        place = folder.joinpath(*above)
        inside = (place / last).is_dir()
        if inside or (place / f"{last}.py").is_file():
            # A single module lies among what may belong to anybody.
            files = (
                sorted((place / last if inside else place).glob("*.py")) if inside or above else [place / f"{last}.py"]
            )
            return tuple(one for one in of_a_command(map(_beginning, files[:_MAX_FILES])) if not _ships(root, one))
    return ()


def source_folders(root: Path) -> tuple[str, ...]:
    """`src`, where it holds packages and neither is one nor holds modules: what is there is what the program runs."""
    source = root / "src"
    modules = any(not file.name.startswith("_") or file.name == "__init__.py" for file in source.glob("*.py"))
    return ("src",) if not modules and any(source.glob("*/__init__.py")) else ()


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
    """What *found* are built on."""
    return tuple(dict.fromkeys(name for one in found for name in one.built_on))


def _toml_text(value: str) -> str:
    """*value* as TOML writes a text, whatever is in it; a lone surrogate as a question mark."""
    return json.dumps(value.encode("utf-8", "replace").decode(), ensure_ascii=False).replace("\x7f", "\\u007f")


def starter_config(found: tuple[Candidate, ...], table: str = "", paths: tuple[str, ...] = ()) -> str:
    """The text of a configuration: one start as a key, several as a table each. *table*: "tool.importguard" or none.

    *paths* are the folders with the project's own packages.
    """
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
        lines += ["# What is written here is shared by the starts below, each of which may add to it."]
    if paths:
        lines += ["", "# Where the project's own packages are, before any release of them that is installed."]
        lines += [f"paths = [{', '.join(map(_toml_text, paths))}]"]
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
