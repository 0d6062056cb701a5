"""Attacks importguard with inputs of many shapes, and kills it while it writes. Each run prints the counts a shape.

What must hold: a command ends with 0, 1 or 2 and no traceback, prints nothing that a terminal obeys, runs nothing of
what it looks at, and writes nothing beside it; a reader answers or refuses; all of it in one gigabyte.

    uv run python scripts/attack_importguard.py --inputs 100000 --seed 7 --kills 300
"""

from __future__ import annotations

import argparse
import gc
import importlib
import io
import os
import pkgutil
import random
import resource
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

from attacks.documents import FILES, PROJECTS
from attacks.kills import kill_rounds
from attacks.sources import SOURCES

import importguard
from importguard.cli.commands import run
from importguard.startup.machine import bounds, machine

_BATCH = 100  # inputs for one process
_BYTES = machine.STACK + (1 << 30)
_COMMANDS = (("check", "app.py"), ("check", "--format", "json", "app.py"), ("check", "--format", "github", "app.py"),
             ("graph", "--format", "json", "app.py"), ("graph", "--format", "html", "app.py"), ("why", "os", "app.py"),
             ("check", "--format", "sarif", "app.py"), ("check", "--format", "junit", "app.py"),
             ("check", "--format", "markdown", "app.py"), ("manifest", "app.py"))  # fmt: skip
_ARGUMENTS = (
    *"check graph why lock rule manifest init -m --python --format --select --config --against --depth -- -".split(),
    *("app.py", "x\x1b[2J", "\udcff", "", "0", "json"),
)
SHAPES = (*SOURCES, *FILES, *PROJECTS, "arguments")
_ROUND = (
    *SOURCES,
    *PROJECTS,
    "arguments",
    *(8 * tuple(FILES)),
)  # a whole command takes fifty times as long as a reader


def command(folder: Path, arguments: Sequence[str]) -> None:
    """Runs importguard in *folder*. Raises AssertionError when it does not behave."""
    before = set(os.listdir(folder))
    out, err = io.StringIO(), io.StringIO()
    os.chdir(folder)
    sys.argv = ["importguard", *arguments]
    with redirect_stdout(out), redirect_stderr(err):
        try:
            code: object = run()
        except SystemExit as ended:
            code = ended.code or 0
    shown = out.getvalue() + err.getvalue()
    if code not in {0, 1, 2}:
        raise AssertionError(f"it ended with {code!r}: {shown[-500:]}")
    if "Traceback" in shown or "report it" in err.getvalue():
        raise AssertionError(f"it failed: {shown[-2000:]}")
    if any(not char.isprintable() and char != "\n" for char in shown):
        raise AssertionError("it printed what a terminal obeys")
    added = set(os.listdir(folder)) - before - {"importguard.toml"}  # `init` is asked for that one
    if added:
        raise AssertionError(f"it left {sorted(added)} behind")


def attack(shape: str, seed: int, folder: Path) -> None:
    """One input of *shape*."""
    chance = random.Random(f"{shape} {seed}")
    if shape in FILES:
        FILES[shape](chance, folder)
    elif shape in PROJECTS:
        make, arguments = PROJECTS[shape]
        make(chance, folder)
        command(folder, arguments)
    elif shape == "arguments":
        (folder / "app.py").write_text("import colorsys")
        command(folder, chance.choices(_ARGUMENTS, k=chance.randint(0, 5)))
    else:
        (folder / "app.py").write_bytes(SOURCES[shape](chance))
        arguments = chance.choice(_COMMANDS) if chance.random() < 0.5 else _COMMANDS[0]
        command(folder, [arguments[0], "--python", sys.executable, *arguments[1:]])


def batch(jobs: Sequence[tuple[str, int]], report: int) -> None:
    """In a process of its own: each of *jobs*, announced before it begins and after it has gone well."""
    resource.setrlimit(resource.RLIMIT_DATA, (_BYTES, _BYTES))
    for shape, seed in jobs:
        os.write(report, f"begins {shape}|{seed}\n".encode())
        with tempfile.TemporaryDirectory(prefix="attack-") as folder:
            try:
                attack(shape, seed, Path(folder).resolve())
            except BaseException:
                os.write(report, f"fails {shape}|{seed}\n{traceback.format_exc()}\nends\n".encode("utf-8", "replace"))
            finally:
                os.chdir("/")
        os.write(report, f"done {shape}|{seed}\n".encode())


def preload() -> None:
    """Imports what the commands import when they need it, and asks the interpreter: every process then has that."""
    for module in pkgutil.walk_packages(importguard.__path__, "importguard."):
        if module.name != "importguard.__main__":
            importlib.import_module(module.name)
    with tempfile.TemporaryDirectory(prefix="attack-") as folder:
        (Path(folder) / "app.py").write_text("import colorsys")
        for arguments in _COMMANDS:
            command(Path(folder), [arguments[0], "--python", sys.executable, *arguments[1:]])
        os.chdir("/")
    gc.freeze()  # what is there already is not looked at, and so not copied, in each process


def start(jobs: Sequence[tuple[str, int]], log: Path) -> int:
    """A process for *jobs* that reports into *log*."""
    process = os.fork()
    if process == 0:
        code = 1
        try:
            batch(jobs, os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND))
            code = 0
        finally:
            os._exit(code)
    return process


def main() -> int:
    """The exit code: 1 when something did not hold."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--inputs", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--kills", type=int, default=0, help="kills (-9) of each: cache, lock, manifest, baseline, costs"
    )
    parser.add_argument(
        "--full", action="store_true", help="with the bounds of a real run: some inputs then take half a minute"
    )
    options = parser.parse_args()
    if not options.full:  # the bounds are counts: a smaller count ends in the same way, sooner
        bounds.MAX_WORK, bounds.MAX_NODES = 60_000, 300_000
    counts, faults, began = Counter[str](), list[str](), time.monotonic()
    with tempfile.TemporaryDirectory(prefix="attack-cache-") as cache:
        os.environ["IMPORTGUARD_CACHE"] = cache
        jobs = [(_ROUND[number % len(_ROUND)], options.seed * 10_000_000 + number) for number in range(options.inputs)]
        pending = [jobs[first : first + _BATCH] for first in range(0, len(jobs), _BATCH)]
        running: dict[int, Path] = {}
        preload()
        while pending or running:
            while pending and len(running) < (os.cpu_count() or 1):
                log = Path(cache) / f"log-{len(pending)}"
                running[start(pending.pop(), log)] = log
            process, status = os.wait()
            read_log(running.pop(process), status, counts, faults)
    for shape in SHAPES:
        print(f"{counts[shape]:>8,}  {shape}")
    print(f"{sum(counts.values()):>8,}  inputs in {time.monotonic() - began:.0f} s; {len(faults)} faults")
    if options.kills:
        faults += kill_rounds(options.kills, options.seed)
    for fault in faults[:20]:
        print(f"\n{fault}")
    return int(bool(faults))


def read_log(log: Path, status: int, counts: Counter[str], faults: list[str]) -> None:
    """Adds what a process has reported; where it died, its last input is a fault."""
    last = ""
    for entry in log.read_text("utf-8", "replace").split("\n"):
        kind, _, what = entry.partition(" ")
        if kind == "begins":
            last = what
        elif kind == "done":
            counts[what.partition("|")[0]] += 1
            last = ""
        elif kind == "fails":
            faults.append(entry + log.read_text("utf-8", "replace").partition(entry)[2].partition("\nends\n")[0])
    if last or status:
        faults.append(f"the process ended with {status} at: {last}")
    log.unlink()


if __name__ == "__main__":
    sys.exit(main())
