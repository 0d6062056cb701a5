"""Runs commands side by side and tells what each took. Starts one process at a time."""

import os
import statistics
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

TIMEOUT_S = 900


class Command(NamedTuple):
    """A process to measure. *before* runs untimed each time. Exit codes above *worst* are errors."""

    name: str
    arguments: list[str]
    folder: Path
    settings: dict[str, str]
    before: Callable[[], None] | None = None
    worst: int = 1


class Taken(NamedTuple):
    """Medians: wall and CPU seconds of the process and its children, and the peak of its resident memory in MB."""

    wall_s: float
    cpu_s: float
    peak_mb: float


def run(command: Command) -> Taken:
    """One run. Raises RuntimeError with what the command said when it failed."""
    if command.before is not None:
        command.before()
    settings = {
        key: value for key, value in os.environ.items() if key not in {"PYTHONDONTWRITEBYTECODE", "VIRTUAL_ENV"}
    }
    began = time.perf_counter()
    with subprocess.Popen(
        command.arguments,
        cwd=command.folder,
        env={**settings, **command.settings},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stderr is not None
        said = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode < 0 or process.returncode > command.worst:
        raise RuntimeError(f"{command.name} exited with {process.returncode}: {said.decode(errors='replace')[-800:]}")
    return Taken(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def side_by_side(commands: list[Command], rounds: int) -> dict[str, Taken]:
    """Each command *rounds* times, alternating (A B A B …), after one round that is not counted; medians by name."""
    for command in commands:
        run(command)
    taken: dict[str, list[Taken]] = {command.name: [] for command in commands}
    for _ in range(rounds):
        for command in commands:
            taken[command.name].append(run(command))
    return {
        name: Taken(*(statistics.median(values) for values in zip(*runs, strict=True))) for name, runs in taken.items()
    }
