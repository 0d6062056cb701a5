"""Runs a program in the interpreter that it would have, under a recorder, and writes down what that saw.

Standard library only, and one file that knows no other: `importguard verify` runs it inside programs whose environment
has no importguard.
"""

from __future__ import annotations

import atexit
import builtins
import os
import sys
import threading
import time
from time import perf_counter
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_BROKEN = 8  # exceptions that are kept
POLL_S = 0.05
SETTLE_S = 0.5  # after the warmup's end: first uses show


class RecordedRun:
    """A program run under *recorder*, whose findings go into the file *out* once, at the end that *until* names.

    *watch* makes what looks out for the end of the start, and calls back there; None: nobody asks for that.
    """

    def __init__(
        self,
        recorder: Any,
        out: str,
        until: str,
        seconds: float,
        watch: Callable[[Callable[[], None]], Any] | None = None,
    ) -> None:
        self._recorder = recorder
        self._out, self._until, self._seconds = out, until, seconds
        self._arrival = watch(self._arrived) if watch is not None else None
        self._lock = threading.Lock()
        self._written = False
        self._began = perf_counter()
        self._before = _modules()
        self._broken: list[str] = []  # exceptions that two threads in one import cycle may have caused

    def run(self, arguments: list[str]) -> None:
        """Runs the script, `-m module` or `-c text` that *arguments* begin with, as the interpreter would.

        After a text *arguments* go on with what `sys.argv` holds.
        """
        leave = os._exit

        def _exit(status: int) -> NoReturn:
            self.finish("exit")
            leave(status)

        os._exit = _exit
        if self._until in {"ready", "timeout"}:
            threading.Thread(target=self._wait, name="importguard-verify", daemon=True).start()
        program = _prepared(arguments)
        self._before = sorted(sys.modules)  # the interpreter too has loaded `runpy` before it runs a module
        self._recorder.install()
        if self._arrival is not None:
            self._arrival.install()
        report = threading.excepthook

        def note(failed: threading.ExceptHookArgs) -> None:
            self._note(failed.exc_value)
            report(failed)

        threading.excepthook = note
        try:
            program()
        except BaseException as error:
            self._note(error)
            raise
        finally:
            # Runs once the interpreter has waited for the program's threads, whose errors count as well.
            atexit.register(self.finish, "exit")

    def _note(self, error: BaseException | None) -> None:
        """Keeps *error* where two threads that import one cycle may have caused it."""
        text = f"{type(error).__name__}: {error}"
        broken = isinstance(error, KeyError | ImportError | AttributeError) or "DeadlockError" in text
        if broken and len(self._broken) < MAX_BROKEN:
            self._broken.append(text)

    def _raced(self) -> tuple[str, str] | None:
        """A package that two threads were importing, and the exception. Known at the end: the second may begin late."""
        for text in self._broken:
            for name in self._recorder.shared():
                if f"'{name}'" in text or f"'{name}." in text:
                    return name, text
        return None

    def _arrived(self) -> None:
        if self._until == "start":
            self.finish("start")

    def finish(self, how: str) -> None:
        """Writes what was seen; the first call counts."""
        with self._lock:
            if self._written:
                return
            self._written = True
        self._recorder.remove()
        arrived = None
        if self._arrival is not None:
            self._arrival.remove()
            arrived = self._arrival.at_s
        ended = perf_counter()
        import json

        ready, failed = _warmups()
        pending = _pending()
        record = {
            "ended": how,
            "seconds": ended - self._began,
            "ready_s": ready - self._began if ready is not None else None,
            "arrived_s": arrived - self._began if arrived is not None else None,
            "raced": self._raced(),
            "failed": failed,
            "pending": pending,
            "before": self._before,
            "loaded": _modules(),
            "loads": [
                {
                    "name": _written(load.name),
                    "on_main": load.on_main,
                    "at_s": load.at_s - self._began,
                    "frames": load.frames,
                    "coroutine": load.coroutine,
                }
                | _file_of(load.name)
                for load in self._recorder.loads
            ],
            "waits": self._recorder.waits,
            "uses": [use._replace(at_s=use.at_s - self._began) for use in self._recorder.uses],
        }
        scratch = f"{self._out}.part"
        # A name may hold half of a surrogate pair, which is no UTF-8: it becomes a question mark.
        with open(scratch, "w", encoding="utf-8", errors="replace") as file:
            json.dump(record, file, ensure_ascii=False)
        os.replace(scratch, self._out)

    def _wait(self) -> None:
        until = self._began + self._seconds
        while perf_counter() < until:
            time.sleep(POLL_S)
            if self._until == "ready" and _warmups()[0] is not None:
                time.sleep(SETTLE_S)
                self.finish("ready")
                return
        if self._until == "timeout":
            self.finish("timeout")


def _warmups() -> tuple[float | None, list[tuple[str, str]]]:
    """When the last warmup of this process ended, None before; and what failed."""
    runtime = sys.modules.get("importguard.warmup")
    if runtime is None or runtime.__spec__ is None or getattr(runtime.__spec__, "_initializing", False):
        return None, []
    ended = [warmup.ended_at for warmup in runtime.warmups()]
    failed = [pair for warmup in runtime.warmups() for pair in warmup.status().failed]
    return (max(ended) if ended and None not in ended else None), failed


def _pending() -> list[str] | None:
    """The modules that this process's warmups have not warmed yet; None when none of them was ever started."""
    runtime = sys.modules.get("importguard.warmup")
    if runtime is None or runtime.__spec__ is None or getattr(runtime.__spec__, "_initializing", False):
        return None
    jobs = [job for warmup in runtime.warmups() for job in warmup.status().jobs]
    if all(job.state == "pending" for job in jobs):
        return None
    return [_written(job.module) for job in jobs if job.state in ("pending", "running")]


def _modules() -> list[str]:
    """The names in `sys.modules`, where a program may have put anything."""
    return sorted(_written(name) for name in list(sys.modules) if isinstance(name, str))


def _written(name: str) -> str:
    """*name* as a file can hold it."""
    return name.encode("utf-8", "backslashreplace").decode("utf-8")


def _file_of(name: str) -> dict[str, Any]:
    file = getattr(sys.modules.get(name), "__file__", None)
    if type(file) is not str:
        return {"file": None, "size": 0}
    try:
        return {"file": file, "size": os.stat(file).st_size if file else 0}
    except (OSError, ValueError):  # in an archive; no name of a file
        return {"file": file, "size": 0}


def _prepared(arguments: list[str]) -> Callable[[], object]:
    """What runs the program; all that the interpreter itself would have loaded by then is loaded."""
    first = arguments[0]
    if first == "-m":
        import runpy

        sys.argv[:] = arguments[1:]
        sys.path[0] = os.getcwd()
        return lambda: runpy.run_module(arguments[1], run_name="__main__", alter_sys=True)
    if first == "-c":
        sys.argv[:] = arguments[2:] or ["-c"]
        return lambda: _run_text(arguments[1], "<string>", None)
    sys.argv[:] = arguments
    if os.path.isdir(first) or _is_archive(first):
        import pkgutil  # noqa: F401  `run_path` needs it
        import runpy

        del sys.path[0]  # `run_path` puts the folder there
        return lambda: runpy.run_path(first, run_name="__main__")
    return lambda: _run_script(os.path.abspath(first))


def _is_archive(path: str) -> bool:
    if path.endswith(".py"):
        return False
    import zipfile

    return zipfile.is_zipfile(path)


def _run_script(script: str) -> None:
    with open(script, "rb") as file:
        text = file.read()
    sys.path[0] = os.path.dirname(script)
    _run_text(text, script, script)


def _run_text(text: str | bytes, name: str, file: str | None) -> None:
    code = compile(text, name, "exec", dont_inherit=True)
    main = type(sys)("__main__")
    main.__dict__.update(__builtins__=builtins, __cached__=None)
    if file is not None:
        main.__dict__["__file__"] = file
    sys.modules["__main__"] = main
    exec(code, main.__dict__)  # noqa: S102  running the program is what was asked for
