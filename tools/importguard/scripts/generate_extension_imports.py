"""Generates `startup/extension_imports.json`: what C extensions import while they are initialised.

usage: generate_extension_imports.py PYTHON... [--jobs 2] [--only NAME,NAME] [--own]

No text says what an extension imports, so each one found in the given environments is imported in a process of its own
and watched: a finder placed first on `sys.meta_path` sees every first load, and the loaders tell whose body is running.
The table names a module under the extension whose initialisation asked for it, whether or not it was found (an optional
dependency is worth knowing). Modules that the extension's parent packages load are not seen, and need not be: a parent
is always loaded first. Left out are extensions that ship their own source (mypyc, Cython's pure mode), for that says it
all, and names that nobody has below the extension's own package (Cython looks for relative ones first). A run adds to
the table and never takes away, so several environments and versions make one.

With `--own` only the modules that the interpreters themselves ship are watched, and `own_extension_imports.json` beside
the table gets a part for each version: from Python 3.14 on they differ (`math` loads `_math_integer` in 3.15).
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

TABLE = Path(__file__).parents[1] / "src" / "importguard" / "startup" / "extension_imports.json"
OWN_TABLE = TABLE.with_name("own_extension_imports.json")
TIMEOUT = 60  # seconds for the import of one extension

# Prints the dotted names of every extension module on the path, one a line.
_LIST = r"""
import os, sys
from importlib.machinery import EXTENSION_SUFFIXES
for root in dict.fromkeys(p for p in sys.path if os.path.isdir(p)):
    for folder, folders, files in os.walk(root):
        relative = os.path.relpath(folder, root)
        parts = [] if relative == "." else relative.split(os.sep)
        folders[:] = [one for one in folders if one.isidentifier() and not (one == "site-packages" and not parts)]
        if root.endswith(("lib-dynload", "site-packages")) or parts[:1] != ["lib-dynload"]:
            for file in files:
                suffix = next((s for s in EXTENSION_SUFFIXES if file.endswith(s)), None)
                if suffix is not None:
                    stem = file[: -len(suffix)]
                    print(".".join([*parts, stem] if stem != "__init__" else parts))
"""

# Imports one extension, its parents first, and writes `{"seen": {extension: [names]}, "settled": [extensions]}`.
# An extension that loads while one of its own parents is imported always loads in that order: it is settled.
_WATCH = r"""
import sys
bare = set(sys.modules)
import os
import _frozen_importlib_external as external
import _frozen_importlib as frozen
running, seen, compiled = [], {}, set()

class Watcher:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if running and running[-1] in seen and name not in seen[running[-1]] and name != running[-1]:
            seen[running[-1]].append(name)
        return None

def watch(owner, method, native):
    original = getattr(owner, method)
    def wrapped(*args):
        subject = args[-1]
        name = subject.name if method == "create_module" else subject.__spec__.name
        running.append(name)
        if native:
            seen.setdefault(name, [])
            origin = getattr(subject, "origin", None) or ""
            folder, file = os.path.split(origin)
            if os.path.exists(os.path.join(folder, file.partition(".")[0] + ".py")):
                compiled.add(name)
        try:
            return original(*args)
        finally:
            running.pop()
    setattr(owner, method, wrapped if native != 2 else staticmethod(wrapped))

watch(external.ExtensionFileLoader, "create_module", 1)
watch(external.ExtensionFileLoader, "exec_module", 1)
watch(frozen.BuiltinImporter, "create_module", 2)
watch(frozen.BuiltinImporter, "exec_module", 2)
watch(external._LoaderBasics, "exec_module", 0)
sys.meta_path.insert(0, Watcher)
wanted, out = sys.argv[1:3]
settled, partial = set(), ""
try:
    for part in wanted.split("."):
        partial = partial + "." + part if partial else part
        __import__(partial)
        settled |= {name for name in seen if name and name.startswith(partial + ".")}
    settled.add(wanted)
except BaseException as error:
    sys.stderr.write(repr(error)[:200])
import json
with open(out, "w") as file:
    kept = {
        one: [n for n in names if n not in bare and (n in sys.modules or n.partition(".")[0] != one.partition(".")[0])]
        for one, names in seen.items() if one not in compiled
    }
    json.dump({"seen": kept, "settled": sorted(settled)}, file)
os._exit(0)
"""


def environment() -> dict[str, str]:
    """A process environment without Python's own settings."""
    return {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}


def extensions(python: str) -> list[str]:
    """The extension modules that *python* can import, those of test suites left out."""
    done = subprocess.run([python, "-I", "-c", _LIST], capture_output=True, text=True, check=True, env=environment())
    builtin = "import sys; print(*sys.builtin_module_names, sep='\\n')"
    own = subprocess.run([python, "-I", "-c", builtin], capture_output=True, text=True, check=True)
    names = {name for name in (*done.stdout.split(), *own.stdout.split()) if name.replace(".", "").isidentifier()}
    return sorted(name for name in names if not _is_of_tests(name))


def version_of(python: str) -> str:
    """The version of *python* in two numbers."""
    code = "import sys; print('%d.%d' % sys.version_info[:2])"
    return subprocess.run([python, "-I", "-c", code], capture_output=True, text=True, check=True).stdout.strip()


def _is_of_tests(name: str) -> bool:
    parts = name.split(".")
    return any(part in {"test", "tests", "testing"} for part in parts) or parts[-1].startswith(("_test", "xx", "_xx"))


def watch(python: str, name: str) -> tuple[dict[str, list[str]], set[str]]:
    """What was seen while *name* was imported, and the extensions whose imports are settled by it."""
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "seen.json")
        settings = {**environment(), "HOME": folder, "MPLCONFIGDIR": folder, "DISPLAY": ""}
        try:
            command = [python, "-I", "-c", _WATCH, name, out]
            subprocess.run(command, capture_output=True, timeout=TIMEOUT, env=settings, cwd=folder, check=False)
            answer = json.loads(Path(out).read_text())
        except (subprocess.TimeoutExpired, OSError, ValueError):
            return {}, set()
    return answer["seen"], set(answer["settled"])


def record(python: str, names: list[str], jobs: int) -> dict[str, list[str]]:
    """Extension to the modules that its initialisation asks for, in the order it does."""
    found: dict[str, list[str]] = {}
    settled: set[str] = set()

    def one(name: str) -> None:
        if name in settled:
            return
        seen, complete = watch(python, name)
        settled.update(complete)
        for extension, imported in seen.items():
            if extension in complete or extension == name:
                known = found.setdefault(extension, [])
                known += [module for module in imported if module not in known]
        print(f"{name}: {len(seen.get(name, ()))}", file=sys.stderr)

    # Shallow names first: importing `pandas` settles most of what lies below it.
    with ThreadPoolExecutor(jobs) as pool:
        list(pool.map(one, sorted(names, key=lambda name: (name.count("."), name))))
    return found


def record_own(pythons: list[str], jobs: int) -> None:
    """Replaces the parts of these versions in the table of the interpreters' own modules."""
    tables: dict[str, dict[str, list[str]]] = json.loads(OWN_TABLE.read_text()) if OWN_TABLE.exists() else {}
    for python in pythons:
        names = [name for name in extensions(python) if "." not in name]
        tables[version_of(python)] = record(python, names, jobs)
    parts = ",\n".join(f"{json.dumps(version)}: {_lines(tables[version])}" for version in sorted(tables))
    OWN_TABLE.write_text("{\n" + parts + "\n}\n")


def _lines(table: dict[str, list[str]]) -> str:
    return "{\n" + ",\n".join(f"{json.dumps(name)}: {json.dumps(table[name])}" for name in sorted(table)) + "\n}"


def main() -> None:
    """Adds what the given interpreters show to the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("python", nargs="+")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--only", help="comma-separated extensions or their packages")
    parser.add_argument("--own", action="store_true", help="only what the interpreters ship, by version")
    options = parser.parse_args()
    if options.own:
        record_own(options.python, options.jobs)
        return
    table: dict[str, list[str]] = json.loads(TABLE.read_text()) if TABLE.exists() else {}
    only = options.only.split(",") if options.only else None
    for python in options.python:
        names = extensions(python)
        if only is not None:
            names = [name for name in names if any(name == one or name.startswith(one + ".") for one in only)]
        for extension, imported in record(python, names, options.jobs).items():
            known = table.setdefault(extension, [])
            known += [module for module in imported if module not in known]
    TABLE.write_text(_lines(table) + "\n")


if __name__ == "__main__":
    main()
