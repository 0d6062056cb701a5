"""Runs a program in its own interpreter under the recorder and reads what it saw. Starts and ends processes.

Guarantees
- Whatever happens, Ctrl+C included, no process of the program's group is left; on Linux none that it has started,
  unless that has taken an environment of its own.
- Of what the program says and records a bounded part is read.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from importguard.errors import VerifyError
from importguard.running import arrival, recorded_run, recorder
from importguard.running.descendants import VARIABLE, end_descendants
from importguard.running.output import Output
from importguard.running.tree import end_tree
from importguard.storage.regular_file import open_regular, read_regular
from importguard.storage.seal import without_secrets

POLL_S = 0.05
GRACE_S = 3.0  # between asking a program to end and ending it
_GOALS = {"ready": "its warmup was done", "start": "it came to `ready_at`"}
_NOT_REACHED = {"ready": "its warmup was not done", "start": "it had not come to `ready_at`"}
_USAGE = 2  # the exit code of argparse and click for a command line that they cannot read
_LATE_S = 10.0  # for a program that looks at the clock itself
# The program's interpreter has no importguard to import: the files become one namespace.
_BOOT = (
    "import sys; path, out, runs_in, other, until, seconds, points, *rest = sys.argv[1:]; "
    "names = {'__name__': '_importguard_recorder', '__file__': path}; "
    "exec(compile(open(path, encoding='utf-8').read(), path, 'exec'), names); "
    "exec(compile(open(runs_in, encoding='utf-8').read(), runs_in, 'exec'), names); "
    "points and exec(compile(open(other, encoding='utf-8').read(), other, 'exec'), names); "
    "watch = (lambda back: names['Arrival'](points.split('|'), names['os'].getcwd(), back)) if points else None; "
    "seen = names['ImportRecorder'](hidden=(runs_in,)); "
    "names['RecordedRun'](seen, out, until, float(seconds), watch).run(rest)"
)


class Frame(msgspec.Struct, frozen=True, array_like=True):
    """Where code stood."""

    file: str
    line: int
    function: str
    module: str


class Load(msgspec.Struct, frozen=True):
    """A first load: *at_s* seconds after the program began; `file` None when nothing came of it or it has none."""

    name: str
    on_main: bool
    at_s: float
    file: str | None
    size: int  # of that file in bytes
    frames: tuple[Frame, ...]
    coroutine: str = ""  # that ran on its thread


class Wait(msgspec.Struct, frozen=True, array_like=True):
    """The main thread waited *ms* milliseconds for *name*."""

    name: str
    ms: float
    frames: tuple[Frame, ...]


class Use(msgspec.Struct, frozen=True, array_like=True):
    """The main thread first used a lazily bound name: *at_s* seconds after the begin, for *ms* milliseconds."""

    name: str
    ms: float
    at_s: float
    frames: tuple[Frame, ...]


class Record(msgspec.Struct, frozen=True):
    """What one run of a program loaded. `before` was there before it began, `ready_s` is None without a warmup.

    `pending` are the modules that its warmups had not warmed at the end, None when none of them was started.
    """

    ended: str
    seconds: float
    ready_s: float | None
    failed: tuple[tuple[str, str], ...]
    pending: tuple[str, ...] | None
    before: frozenset[str]
    loaded: frozenset[str]
    loads: tuple[Load, ...]
    waits: tuple[Wait, ...]
    uses: tuple[Use, ...] = ()  # of lazy imports, from Python 3.15 on
    raced: tuple[str, str] | None = None  # a package that two threads were importing, and the exception
    arrived_s: float | None = None  # when the main thread came to the place that ends the start


def run_recorded(  # noqa: PLR0917  each is another thing that a run is asked for with
    python: str,
    command: Sequence[str],
    root: Path,
    until: str,
    timeout_s: float,
    variables: Mapping[str, str] | None = None,
    points: Sequence[str] = (),
) -> Record:
    """Runs *command* in *root* until *until* ("exit", "ready", "start" or "timeout") and ends it. Raises VerifyError.

    *variables* are added to the environment. *points* are the places of which the first ends the start.
    """
    shown = " ".join(command)
    with tempfile.TemporaryDirectory(prefix="importguard-") as folder:
        out, output, run = Path(folder) / "record.json", Output(), secrets.token_hex(16)
        files = str(recorder.__file__), str(out), str(recorded_run.__file__), str(arrival.__file__)
        arguments = [python, "-c", _BOOT, *files, until, str(timeout_s), "|".join(points), *command]
        try:
            process = subprocess.Popen(
                arguments,
                cwd=root,
                env={**without_secrets(os.environ), **(variables or {}), VARIABLE: run},
                stdin=subprocess.DEVNULL,
                stdout=output.descriptor,
                stderr=output.descriptor,
                start_new_session=sys.platform != "win32",
                creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
            )
        except (OSError, ValueError) as error:  # ValueError: a null byte
            reason = getattr(error, "strerror", None) or error
            raise VerifyError(shown, f"{python} cannot be started: {reason}") from error
        finally:
            output.begin()
        try:
            _await(process, out, timeout_s + (_LATE_S if until == "timeout" else 0))
            code = process.poll()
        finally:
            _end(process)
            end_descendants(run)
        if not out.exists():
            raise VerifyError(shown, f"{_what_happened(code, until, timeout_s)}{output.tail()}")
        record = _read(out, shown)
        if until != "exit" and record.ended == "exit":
            raise VerifyError(shown, f"it ended by itself before {_goal(until)}{output.tail()}")
        if record.ended == "exit" and code and record.raced is None:
            raise VerifyError(shown, f"it ended with exit code {code}{_remedy(code, command)}{output.tail()}")
        return record


def _read(out: Path, shown: str) -> Record:
    try:
        return msgspec.json.decode(read_regular(out), type=Record)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise VerifyError(shown, f"the record of what it loaded is damaged: {error}") from error


def _await(process: subprocess.Popen[bytes], out: Path, seconds: float) -> None:
    """Waits for the program's end; one that has written its record has a moment more to end by itself."""
    until = time.monotonic() + seconds
    while process.poll() is None and time.monotonic() < until and not out.exists():
        time.sleep(POLL_S)
    if out.exists():
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(GRACE_S if _ended_itself(out) else 0)


def _ended_itself(out: Path) -> bool:
    try:
        with open_regular(out) as file:
            return b'"ended": "exit"' in file.read(200)
    except OSError:
        return False


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ends the program and what it has started: a word first, then by force."""
    end_tree(process, by_force=False)
    try:
        process.wait(GRACE_S)
    except subprocess.TimeoutExpired:
        pass
    finally:
        end_tree(process)
        process.wait()


def _remedy(code: int, command: Sequence[str]) -> str:
    """The next step where a program ends with what argparse and click say of a wrong command line."""
    if code != _USAGE or len(command) > 1 + (command[0] == "-m"):
        return ""
    return ", without arguments; give it some: behind the start after --, or as `args` in importguard.toml"


def _goal(until: str) -> str:
    return _GOALS.get(until, "the time was over")


def _what_happened(code: int | None, until: str, timeout_s: float) -> str:
    if code is not None:
        return f"it ended with exit code {code} and left no record"
    hint = 'pass --until timeout, or set `[verify] until = "timeout"`, to judge a program that does not end'
    goal = f"it did not end; {hint}" if until == "exit" else _NOT_REACHED.get(until, "it left no record")
    return f"{timeout_s:g} s were over and {goal}"
