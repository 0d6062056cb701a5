"""Records what the main thread of a Python 3.15 loads for each program of tests/lazy_imports.toml.

usage: record_lazy_imports.py PYTHON

Writes tests/lazy_imports_recorded.json.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import Any

TESTS = Path(__file__).parents[1] / "tests"
PROGRAMS, RECORDED = TESTS / "lazy_imports.toml", TESTS / "lazy_imports_recorded.json"
_RUN = """
import sys, _thread
main, elsewhere = _thread.get_ident(), set()
class Watch:
    def find_spec(name, path=None, target=None):
        if _thread.get_ident() != main:
            elsewhere.add(name)
sys.meta_path.insert(0, Watch)
try:
    import app
except SyntaxError:
    print("SyntaxError")
else:
    print(*set(sys.modules) - elsewhere)
"""


def record(python: str) -> dict[str, Any]:
    """What the file of recorded programs holds for *python*."""
    corpus = tomllib.loads(PROGRAMS.read_text())
    code = "import sys; print(sys.version.split()[0])"
    version = subprocess.run([python, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
    with tempfile.TemporaryDirectory() as folder:
        for name, content in corpus["files"].items():
            path = Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content)
        own = {name[:-3].replace("/", ".").removesuffix(".__init__") for name in corpus["files"]}
        programs = {name: _loaded(python, folder, program, own) for name, program in corpus["programs"].items()}
    return {"python": version, "programs": programs}


def _loaded(python: str, folder: str, program: dict[str, Any], own: set[str]) -> dict[str, Any]:
    Path(folder, "app.py").write_text(program["code"])
    variables = program.get("environment", {})
    mode = program.get("mode", "" if variables else "normal")
    command = [python, "-B", *(["-X", f"lazy_imports={mode}"] if mode else []), "-c", _RUN]
    environment = {"PYTHONDONTWRITEBYTECODE": "1", "PATH": "", **variables}
    done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=folder, env=environment)
    if done.returncode:
        sys.exit(f"{program['code']}\n{done.stderr}")
    names = done.stdout.split()
    return {"error": "SyntaxError"} if names == ["SyntaxError"] else {"loaded": sorted(own.intersection(names))}


def main() -> None:
    """Replaces the recorded file."""
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    RECORDED.write_text(json.dumps(record(sys.argv[1]), indent=1) + "\n")


if __name__ == "__main__":
    main()
