"""Compiles sources with the target interpreter: what a start would write into `__pycache__`, without running any of it.

Guarantees
- Each file is written beside its final name and then renamed; a stopped run leaves whole files only.
- A source that the compiler refuses, or that crashes it, is named; all others are compiled.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from importguard.errors import EnvironmentProbeError
from importguard.running.answer import answer_of
from importguard.target.environment import Environment, without_python_settings

_BATCH = 100  # files that one process compiles
_SECONDS = 120.0
_MAX_ANSWER = 4 * 1024 * 1024
_MAX_SOURCE = 16 * 1024 * 1024  # bytes; a generated table larger than this is left to the start itself
_CRASHED = "the compiler crashed or did not end"

# `-I -S`: nothing of the environment runs. `py_compile` writes atomically.
_PROGRAM = f"""
import json, os, py_compile, sys
failed = dict()
for path in json.loads(sys.stdin.read()):
    try:
        if os.path.getsize(path) > {_MAX_SOURCE}:
            raise ValueError("larger than {_MAX_SOURCE >> 20} MiB")
        if os.path.islink(os.path.join(os.path.dirname(path), "__pycache__")):
            raise ValueError("its __pycache__ is a link")
        py_compile.compile(path, doraise=True, invalidation_mode=py_compile.PycInvalidationMode.TIMESTAMP)
    except (Exception, RecursionError, MemoryError) as error:
        text = getattr(error, "exc_value", None) or getattr(error, "strerror", None) or error
        failed[path] = " ".join(str(text).split())[:200] or type(error).__name__
json.dump(failed, sys.stdout)
"""


def compile_sources(
    environment: Environment, sources: Sequence[str], on_step: Callable[[int, int], None]
) -> dict[str, str]:
    """Compiles the files *sources*; why it failed, by file. *on_step* gets how many of how many are done.

    Raises EnvironmentProbeError when the interpreter cannot be started.
    """
    failed: dict[str, str] = {}
    done = 0
    for batch in _batches(sources):
        failed |= _compiled(environment, batch)
        done += len(batch)
        on_step(done, len(sources))
    return failed


def _batches(sources: Sequence[str]) -> Iterator[Sequence[str]]:
    return (sources[begin : begin + _BATCH] for begin in range(0, len(sources), _BATCH))


def _compiled(environment: Environment, batch: Sequence[str]) -> dict[str, str]:
    with TemporaryDirectory() as empty:
        try:
            said = answer_of(
                [environment.program, "-I", "-S", "-c", _PROGRAM],
                seconds=_SECONDS,
                limit=_MAX_ANSWER,
                given=json.dumps(batch).encode(),
                environment=without_python_settings(),
                folder=Path(empty),
            )
            answer: dict[str, str] = json.loads(said)
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired, ValueError):
            if len(batch) == 1:
                return {batch[0]: _CRASHED}
            halves = batch[: len(batch) // 2], batch[len(batch) // 2 :]
            return {path: why for half in halves for path, why in _compiled(environment, half).items()}
        except OSError as error:
            raise EnvironmentProbeError(
                environment.executable, f"cannot be started: {error.strerror or error}"
            ) from error
    return answer
