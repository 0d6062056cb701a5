"""Records what the main thread of Python loads for the programs of tests/programs.

usage: record_programs.py PYTHON [FILE...]

Writes the `loads` and `gone` lines of FILE, all files where none is named.
Programs for a newer Python stay as they are.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

TESTS = Path(__file__).parents[1] / "tests"
sys.path.insert(0, str(TESTS))
from test_programs import Program, read_programs  # noqa: E402  it is beside the tests

# Runs before the program: notes what is asked for, and leaves those that are there at the end.
_WATCH = """
import _thread, atexit, os, sys
main, asked = _thread.get_ident(), set()
class Watch:
    def find_spec(name, path=None, target=None):
        if _thread.get_ident() == main:
            asked.add(name)
sys.meta_path.insert(0, Watch)
def leave(modules=sys.modules, open=open, place=os.environ["RECORD_TO"]):
    with open(place, "w") as file:
        file.write(" ".join(asked & set(modules)) + "\\n" + " ".join(asked - set(modules)))
atexit.register(leave)
"""


def run(program: Program, python: str) -> tuple[list[str], list[str], str]:
    """The modules that its main thread loads, those that it does not keep, and the last line that it says of a failure.

    Ends with all that it says where it does not get to its end.
    """
    with tempfile.TemporaryDirectory() as folder:
        root, watch, out = Path(folder, "program"), Path(folder, "watch"), Path(folder, "out")
        program.write(root)
        watch.mkdir()
        (watch / "sitecustomize.py").write_text(_WATCH)
        variables = {"PYTHONPATH": str(watch), "RECORD_TO": str(out), "PYTHONDONTWRITEBYTECODE": "1"}
        command = [python, *program.start, *(program.args or ())]
        environment = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        done = subprocess.run(
            command, check=False, cwd=root, env=environment | variables, capture_output=True, text=True, timeout=60,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
        if not out.exists():
            sys.exit(f"{program.name}: {done.stderr}")
        kept, gone = (sorted(line.split()) for line in out.read_text().split("\n"))
    return kept, gone, (done.stderr.strip().splitlines() or [""])[-1] if done.returncode else ""


def recorded(program: Program, python: str) -> list[str]:
    """Its own modules that its main thread loads, and those that it does not keep, as lines."""
    kept, gone, _ = run(program, python)
    kept, gone = ([name for name in names if name in program.own] for names in (kept, gone))
    return [f"loads: {' '.join(kept)}", *([f"gone: {' '.join(gone)}"] if gone else [])]


def main() -> None:
    """Replaces the recorded lines."""
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    python = sys.argv[1]
    code = "import sys; print('%d.%d' % sys.version_info[:2])"
    version = subprocess.run([python, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
    for file in map(Path, sys.argv[2:] or sorted((TESTS / "programs").glob("*.txt"))):
        text = file.read_text()
        programs = {program.name: program for program in read_programs(text)}
        lines: list[str] = []
        skipping = False
        for line in text.splitlines():
            skipping &= not line.startswith("--- ")
            if skipping and line.startswith(("loads:", "gone:")):
                continue
            lines.append(line)
            if line.startswith("=== "):
                program = programs[line.split()[1]]
                skipping = not program.python or _order(program.python) <= _order(version)
                if skipping:
                    lines += recorded(program, python)
        file.write_text("\n".join(lines) + "\n")


def _order(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


if __name__ == "__main__":
    main()
