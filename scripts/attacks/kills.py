"""kill -9 while importguard writes: each file is the old one or the new one, and the next run answers as ever."""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

_PROJECT = {
    "importguard.toml": 'entry = "app.py"\nlock = "x.lock"\nmanifest = "m.json"\nbaseline = "b.json"\n',
    "app.py": "import colorsys, wave\ndef go(): _require_warmed('json')\n",
}
_WRITERS = {
    "lock": (("lock", "--write"), "x.lock"),
    "manifest": (("manifest", "--write"), "m.json"),
    "baseline": (("check", "--write-baseline"), "b.json"),
    "costs": (("measure", "--runs", "1"), "importguard.costs.json"),
    "cache": (("graph", "--format", "json"), ""),
}


def _command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "importguard", *arguments]


def kill_rounds(count: int, seed: int) -> list[str]:
    """*count* kills, in turn of each kind of file; what did not hold."""
    chance, faults = random.Random(seed), list[str]()
    tried, hit = Counter[str](), Counter[str]()
    with tempfile.TemporaryDirectory(prefix="kills-") as place:
        root = Path(place).resolve()
        os.environ["IMPORTGUARD_CACHE"] = str(root / "cache")
        project = root / "project"
        project.mkdir()
        for name, text in _PROJECT.items():
            (project / name).write_text(text)
        right = _modules(
            subprocess.run(_command("graph", "--format", "json"), cwd=project, capture_output=True, check=True).stdout
        )
        spans = {kind: _span(project, arguments) for kind, (arguments, _) in _WRITERS.items()}
        for number in range(count):
            kind = tuple(_WRITERS)[number % len(_WRITERS)]
            arguments, name = _WRITERS[kind]
            if kind == "cache":
                for entry in (root / "cache").iterdir():
                    entry.unlink()
            process = subprocess.Popen(
                _command(*arguments),
                cwd=project,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(spans[kind] * (0.3 + 0.8 * chance.random()))
            tried[kind] += 1
            hit[kind] += process.poll() is None
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            faults += [f"kill {number} of {kind}: {fault}" for fault in _wrong(project, name, right)]
    print(
        "  ".join(f"{kind}: {tried[kind]} kills, {hit[kind]} in time" for kind in _WRITERS) + f"; {len(faults)} faults"
    )
    return faults


def _modules(said: bytes) -> list[str]:
    """The modules of a graph; its costs are others once they have been measured."""
    return [f"{one['name']} {one['reach']}" for one in json.loads(said)["modules"]]


def _span(project: Path, arguments: tuple[str, ...]) -> float:
    began = time.monotonic()
    subprocess.run(_command(*arguments), cwd=project, capture_output=True, check=True)
    return time.monotonic() - began


def _wrong(project: Path, name: str, right: list[str]) -> list[str]:
    found = []
    if name:
        try:
            json.loads((project / name).read_bytes())
        except (OSError, ValueError) as error:
            found.append(f"{name} is torn: {error}")
    for left in project.glob(".*"):  # a scratch file may stay, and must not be in the way
        left.unlink()
    done = subprocess.run(_command("graph", "--format", "json"), cwd=project, capture_output=True, check=False)
    if done.returncode or _modules(done.stdout) != right:
        found.append(f"the next run says something else: {done.stderr.decode(errors='replace')[-300:]}")
    return found
