"""Small programs on disk, and what importguard says of them."""

import gzip
import json
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from benchmark_accuracy import run_isolated
from rich.console import Console
from rich.progress import track

Thing = TypeVar("Thing")
Result = TypeVar("Result")


@dataclass(frozen=True)
class Answer:
    """What importguard printed as JSON, with its exit code. *failure* says why there is nothing to judge."""

    code: int | None
    data: Mapping[str, Any]
    failure: str = ""


def ask(folder: Path, arguments: Sequence[str], timeout_s: float) -> Answer:
    """Run importguard with *arguments* and `--format json` in *folder*. Exit code 2 is a failure."""
    command = [sys.executable, "-m", "importguard", *arguments]
    try:
        done = subprocess.run(
            command,
            check=False,
            cwd=folder,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            stdin=subprocess.DEVNULL,
            timeout=timeout_s,
        )
    except subprocess.TimeoutExpired:
        return Answer(None, {}, f"no answer in {timeout_s:.0f} s")
    said = " ".join((done.stderr or done.stdout).split())[-160:]
    if done.returncode not in {0, 1}:
        return Answer(done.returncode, {}, f"exit {done.returncode}: {said}")
    try:
        return Answer(done.returncode, json.loads(done.stdout))
    except ValueError:
        return Answer(done.returncode, {}, f"exit {done.returncode} without JSON: {said}")


def write_files(folder: Path, files: Mapping[str, str]) -> None:
    """Write each text of *files* to its path in *folder*."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def bare_modules(python: Path) -> frozenset[str]:
    """What an interpreter holds that was asked for nothing."""
    return frozenset(run_isolated(python, ["-c", "import sys; print(*sys.modules, sep='\\n')"]).stdout.split())


def read_record(path: Path, kind: type[Thing]) -> Thing:
    """A compressed JSON record of the shape *kind*."""
    return msgspec.json.decode(gzip.decompress(path.read_bytes()), type=kind)


def spread(things: Sequence[Thing], number: int) -> list[Thing]:
    """*number* of *things*, evenly spread; all where there are no more."""
    if number >= len(things):
        return list(things)
    return [things[index * len(things) // number] for index in range(number)]


def for_each(work: Callable[[Thing], Result], things: Sequence[Thing], jobs: int, title: str) -> list[Result]:
    """*work* of each of *things*, *jobs* at a time, in their order. Progress goes to standard error."""
    with ThreadPoolExecutor(max(1, jobs)) as pool:
        results: Iterable[Result] = pool.map(work, things)
        return list(track(results, title, len(things), console=Console(stderr=True)))
