"""The trees that are measured, each made once below one folder: from this repository and from public packages."""

import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# Together some 5,400 modules at one start; the first line is what the project itself is made of.
CLOSURE_IMPORTS = tuple(
    """
    anthropic openai google.genai fastapi uvicorn pydantic rich.console
    sympy sqlalchemy.orm networkx pandas
    """.split()
)
CLOSURE = tuple({"google.genai": "google-genai"}.get(name, name.partition(".")[0]) for name in CLOSURE_IMPORTS)
PEERS = ("ruff", "grimp", "import-linter", "tach")
HOME_ASSISTANT = "homeassistant"
ENTRIES = 4


def environment(folder: Path, packages: tuple[str, ...], *options: str) -> Path:
    """The interpreter of a virtual environment with *packages*, compiled, made once."""
    python = folder / "bin" / "python"
    if not (folder / "complete").exists():
        subprocess.run(["uv", "venv", "--quiet", "--clear", "--python", "3.11", str(folder)], check=True)
        install = ["uv", "pip", "install", "--quiet", "--compile-bytecode", *options, "--python", str(python)]
        subprocess.run([*install, *packages], check=True)
        (folder / "complete").touch()
    return python


def sloppy(folder: Path) -> Path:
    """The application of this repository."""
    tree = folder / "sloppy"
    shutil.rmtree(tree, ignore_errors=True)
    tree.mkdir(parents=True)
    shutil.copytree(ROOT / "src", tree / "src", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("sloppy.py", "importguard.toml", "importguard.costs.json"):
        shutil.copy2(ROOT / name, tree)
    (tree / "src" / "__init__.py").touch()
    _contracts(tree, "src", "src.theme_2", "src.ai_client")
    return tree


def _contracts(tree: Path, package: str, source: str, forbidden: str) -> None:
    """The configuration for import-linter and tach: one rule over the whole package."""
    contract = f"type = forbidden\nname = Layers\nsource_modules = {source}\nforbidden_modules = {forbidden}\n"
    (tree / ".importlinter").write_text(
        f"[importlinter]\nroot_package = {package}\n\n[importlinter:contract:1]\n{contract}"
    )
    (tree / "tach.toml").write_text(
        f'source_roots = ["."]\nexclude = []\n[[modules]]\npath = "{package}"\ndepends_on = []\n'
    )


def importing(folder: Path, name: str, modules: tuple[str, ...]) -> Path:
    """A project of one script that imports *modules*."""
    tree = folder / name
    tree.mkdir(parents=True, exist_ok=True)
    (tree / "app.py").write_text("".join(f"import {module}\n" for module in modules))
    (tree / "importguard.toml").write_text('entry = "app.py"\n')
    return tree


def home_assistant(folder: Path) -> Path:
    """Home Assistant's own 6,700 files as a project of several entries that together import all integrations."""
    tree = folder / "home-assistant"
    if (tree / "complete").exists():
        return tree
    environment(folder / "home-assistant-env", (HOME_ASSISTANT,), "--no-deps")
    (package,) = (folder / "home-assistant-env" / "lib").glob("python*/site-packages/homeassistant")
    shutil.copytree(package, tree / "homeassistant", ignore=shutil.ignore_patterns("__pycache__"))
    names = sorted(init.parent.name for init in (tree / "homeassistant" / "components").glob("*/__init__.py"))
    entries = []
    for number in range(ENTRIES):
        lines = [f"import homeassistant.components.{name}\n" for name in names[number::ENTRIES]]
        (tree / f"entry_{number}.py").write_text("import homeassistant.bootstrap\n" + "".join(lines))
        entries.append(f'[[entry]]\nname = "entry {number}"\nscript = "entry_{number}.py"\n')
    (tree / "importguard.toml").write_text("\n".join(entries))
    _contracts(tree, "homeassistant", "homeassistant.core", "homeassistant.components.sun")
    (tree / "complete").touch()
    return tree


def many_entries(folder: Path, count: int, shared: int = 300) -> Path:
    """A project of *count* scripts over a tree of *shared* modules: each imports all of it, and one of its own."""
    tree = folder / f"entries-{count}"
    if (tree / "complete").exists():
        return tree
    shutil.copytree(synthetic(folder, shared), tree, dirs_exist_ok=True)
    (tree / "everything.py").write_text((tree / "app.py").read_text())
    entries = []
    for number in range(count):
        (tree / f"own_{number}.py").write_text(f"import everything\nNUMBER = {number}\n")
        (tree / f"entry_{number}.py").write_text(f"import own_{number}\n")
        entries.append(f'[[entry]]\nname = "entry {number}"\nscript = "entry_{number}.py"\n')
    (tree / "importguard.toml").write_text("\n".join(entries))
    (tree / "complete").touch()
    return tree


def synthetic(folder: Path, count: int) -> Path:
    """A project of *count* modules in packages of a hundred; each imports three that come before it."""
    tree = folder / f"synthetic-{count}"
    if (tree / "complete").exists():
        return tree
    for number in range(count):
        package = tree / f"made_{number // 100}"
        if number % 100 == 0:
            package.mkdir(parents=True, exist_ok=True)
            (package / "__init__.py").touch()
        before = sorted({number * share // 4 for share in (1, 2, 3)} - {number})
        lines = [f"from made_{one // 100}.module_{one} import value as value_{one}\n" for one in before]
        lines += ["\n\nclass Thing:\n", "    def method(self, x):\n        return x + 1\n\n\n"]
        lines += [f"def function_{index}(a, b=1):\n    c = a + b\n    return c\n\n\n" for index in range(5)]
        (package / f"module_{number}.py").write_text("".join([*lines, "value = Thing()\n"]))
    (tree / "app.py").write_text("".join(f"import made_{one // 100}.module_{one}\n" for one in range(count)))
    (tree / "importguard.toml").write_text('entry = "app.py"\n')
    (tree / "complete").touch()
    return tree
