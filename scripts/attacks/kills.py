"""kill -9 while importguard writes: each file is the old one or the new one, and the next run answers as ever.

The project changes before each kill, so that the file that is written differs from the one that is there. The next run
is asked twice, with what was kept and without it: both must say the same to the byte, costs included.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

from importguard.cli.commands import run

_SETTINGS = 'entry = "app.py"\nlock = "x.lock"\nmanifest = "m.json"\nbaseline = "b.json"\n'
_VERSIONS = (
    "import colorsys, wave, mine\ndef go(): _require_warmed('json')\n",
    "import mine, sched, absent\n\n\ndef go(): _require_warmed('csv')\n",
)
_COSTS = "importguard.costs.json"
_WRITERS = {
    "lock": (("lock", "--write"), "x.lock"),
    "manifest": (("manifest", "--write"), "m.json"),
    "baseline": (("check", "--write-baseline"), "b.json"),
    "costs": (("measure", "--runs", "1"), _COSTS),
    "cache": (("graph", "--format", "json"), ""),
}
_GRAPH = ("graph", "--format", "json")


class Project:
    """A project in *folder* whose code is one of two versions, with the files that importguard writes of each."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        (folder / "importguard.toml").write_text(_SETTINGS)
        (folder / "mine.py").write_text("import decimal\n")
        self.written: list[dict[str, bytes]] = []
        for version in range(len(_VERSIONS)):
            self.become(version)
            for arguments, _ in _WRITERS.values():
                self.ask(arguments)
            self.written.append({name: self._read(name) for _, name in _WRITERS.values() if name})
        self.spans: dict[str, float] = {}
        # What a writer makes of the other code beside the files of a version, which is part of what it looks at.
        self.renewed = [dict(files) for files in self.written]
        for before in range(len(_VERSIONS)):
            for kind, (arguments, name) in _WRITERS.items():
                self.restore(before)
                self.become(1 - before)
                began = time.monotonic()
                self.ask(arguments)
                self.spans[kind] = time.monotonic() - began
                if name:
                    self.renewed[before][name] = self._read(name)

    def _read(self, name: str) -> bytes:
        return (self.folder / name).read_bytes()

    def become(self, version: int) -> None:
        """Change the code."""
        (self.folder / "app.py").write_text(_VERSIONS[version])

    def restore(self, version: int) -> None:
        """The files that importguard writes, as of *version*."""
        for name, content in self.written[version].items():
            (self.folder / name).write_bytes(content)

    def begin(self, arguments: tuple[str, ...], out: int) -> int:
        """A process of its own, which leads a session, that runs importguard here. Its output goes to *out*."""
        process = os.fork()
        if process == 0:
            code: object = 70
            try:
                os.setsid()
                os.dup2(out, 1)
                os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
                sys.stdout = io.TextIOWrapper(io.FileIO(1, "w", closefd=False), "utf-8")  # a test has its own
                os.chdir(self.folder)
                sys.argv = ["importguard", *arguments]
                code = run()
            except SystemExit as ended:
                code = ended.code
            finally:
                sys.stdout.flush()
                os._exit(code if isinstance(code, int) else int(code is not None))
        return process

    def ask(self, arguments: tuple[str, ...]) -> bytes:
        """What importguard prints here. Raises RuntimeError when it cannot answer."""
        with tempfile.TemporaryFile() as said:
            _, status = os.waitpid(self.begin(arguments, said.fileno()), 0)
            if os.waitstatus_to_exitcode(status) not in {0, 1}:
                raise RuntimeError(f"{' '.join(arguments)} ended with {os.waitstatus_to_exitcode(status)}")
            said.seek(0)
            return said.read()

    def wrong(self, name: str, before: int) -> list[str]:
        """What does not hold after a kill while *name* was written; it held what is of version *before*."""
        found = [] if not name or self._is_whole(name, before) else [f"{name} is neither the old one nor the new one"]
        for left in self.folder.glob(".*"):  # a scratch file may stay, and must not be in the way
            left.unlink()
        try:
            kept, fresh = self.ask(_GRAPH), self.ask((*_GRAPH, "--no-cache"))
        except RuntimeError as error:
            return [*found, f"the next run: {error}"]
        if kept != fresh:
            found.append(f"what was kept is not what is there: {difference(kept, fresh)}")
        return found

    def _is_whole(self, name: str, before: int) -> bool:
        content = self._read(name)
        if content == self.written[before][name]:
            return True
        if name != _COSTS:
            return content == self.renewed[before][name]
        try:  # times are never the same, modules and what is said of each are
            return _shape(content) == _shape(self.renewed[before][name])
        except ValueError:
            return False


def _shape(content: bytes) -> Mapping[str, object]:
    document = json.loads(content)
    return {key: sorted(value) if isinstance(value, dict) else type(value) for key, value in document.items()}


def difference(kept: bytes, fresh: bytes) -> str:
    """The first modules that differ between two graphs, costs included."""
    try:
        sides = [{one["name"]: one for one in json.loads(said)["modules"]} for said in (kept, fresh)]
    except (ValueError, KeyError):
        return "no graph"
    names = [name for name in {**sides[0], **sides[1]} if sides[0].get(name) != sides[1].get(name)]
    return "; ".join(f"{name}: {sides[0].get(name)} and {sides[1].get(name)}" for name in names[:2]) or "no module"


def kill_rounds(count: int, seed: int) -> list[str]:
    """*count* kills of each kind of file; what did not hold."""
    with tempfile.TemporaryDirectory(prefix="kills-") as place:
        root = Path(place).resolve()
        os.environ["IMPORTGUARD_CACHE"] = str(root / "cache")
        project = Project(root / "project")
        return _kill(project, count, random.Random(seed), lambda: shutil.rmtree(root / "cache", ignore_errors=True))


def _kill(project: Project, count: int, chance: random.Random, forget: Callable[[], None]) -> list[str]:
    hit, faults = Counter[str](), list[str]()
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for number in range(count):
        for kind, (arguments, name) in _WRITERS.items():
            before = number % 2
            project.restore(before)
            project.become(1 - before)
            if kind == "cache" and number % 4 < 2:  # else it holds the other version
                forget()
            process = project.begin(arguments, nowhere)
            time.sleep(project.spans[kind] * (0.2 + chance.random()))
            hit[kind] += os.waitpid(process, os.WNOHANG)[0] == 0 and _end(process)
            faults += [f"kill {number} of {kind}: {fault}" for fault in project.wrong(name, before)]
    os.close(nowhere)
    print("  ".join(f"{kind}: {count} kills, {hit[kind]} in time" for kind in _WRITERS) + f"; {len(faults)} faults")
    return faults


def _end(process: int) -> bool:
    os.kill(process, signal.SIGKILL)
    with contextlib.suppress(ProcessLookupError):  # it was killed before it led a session
        os.killpg(process, signal.SIGKILL)
    os.waitpid(process, 0)
    return True
