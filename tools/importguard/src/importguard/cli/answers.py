"""What a command has said before, said again where everything that it has asked for would be answered alike today.

A command whose work is all kept still has to import what judges and prints. Its output follows from what it has read:
`storage/watched.py` says what that was. An answer is kept by a run that has started no process and written nothing but
the cache; it is for the same command line, folder, environment and terminal. Lean, as `storage/digests.py` is: so an
entry is written by `marshal`, which runs nothing either; and none comes from another machine.
"""

from __future__ import annotations

import io
import marshal
import os
import sys
import time
from typing import Any

from importguard.storage.cache import Cache, user_cache
from importguard.storage.digests import digest
from importguard.storage.looks import hold
from importguard.storage.own_files import own_stamp

_RUNNING = {"--watch", "--no-cache"}  # with these a command has to run
_PASSING = {"_", "OLDPWD", "PWD", "SHLVL"}  # variables of a shell that say nothing
_MAX_TEXT = 1_000_000  # characters
_ELAPSED = "analysed in "  # and so many seconds

_Said = list[tuple[bool, str]]  # whether to standard error, and what


def run() -> int:
    """As `commands.run`, which it calls where there is no answer."""
    began = time.perf_counter()
    if "importguard.session" in sys.modules:  # a caller within this process: what it has read is not read again
        return _worked_out()
    cache = user_cache()
    if cache is None or cache.address or not _RUNNING.isdisjoint(sys.argv) or not _are_plain(sys.stdout, sys.stderr):
        return _worked_out()
    own = own_stamp()
    if not own:
        return _worked_out()
    entry, circumstances = _entry(), _circumstances(own)
    code = _said_again(cache.load(entry), circumstances, began)
    return code if code is not None else _noted(cache, entry, circumstances)


def _worked_out() -> int:
    from importguard.cli.commands import run as work

    return work()


def _are_plain(*streams: object) -> bool:
    """Whether what is written to *streams* goes through their `write`; click goes around an unusual encoding."""
    return all(isinstance(one, io.TextIOWrapper) and one.encoding.lower() == "utf-8" for one in streams)


def _entry() -> str:
    """One for each command line and folder: whoever asks in another environment replaces it."""
    asked = repr((sys.version, os.getcwd(), sys.argv))
    return f"answer-{digest(asked.encode('utf-8', 'surrogateescape')).hex()}"


def _circumstances(own: bytes) -> bytes:
    """Of all that decides beside the disk; *own* is importguard's stamp."""
    terminal: list[object] = [stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr)]
    if terminal[1]:
        terminal += os.get_terminal_size(sys.stdout.fileno())
    variables = sorted((name, text) for name, text in os.environ.items() if name not in _PASSING)
    host = sys.executable, sys.path, tuple(sys.flags), sys.warnoptions
    told = repr((own, host, variables, terminal, time.strftime("%Y-%m-%d")))
    return digest(told.encode("utf-8", "surrogateescape"))


def _said_again(kept: memoryview | None, circumstances: bytes, began: float) -> int | None:
    """Says what was *kept* and gives the exit code, if it holds."""
    if kept is None:
        return None
    try:
        of, looks, said, code = marshal.loads(kept)  # noqa: S302  from the user's own folder, and whole: its checksum says so
        if of != circumstances or not hold(looks):
            return None
    except (ValueError, TypeError, EOFError):  # of another importguard
        return None
    for stream in (sys.stdout, sys.stderr):  # as `commands.run` does
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    for to_error, text in said:
        before, elapsed, after = text.partition(_ELAPSED)
        took = f"{time.perf_counter() - began:.1f}{after.lstrip('0123456789.')}" if elapsed else ""
        (sys.stderr if to_error else sys.stdout).write(f"{before}{elapsed}{took}")
    return int(code)


def _noted(cache: Cache, entry: str, circumstances: bytes) -> int:
    """Works it out, and keeps what was said."""
    import msgspec

    from importguard.storage.watched import Watch

    said: _Said = []
    watch = Watch(cache.folder)
    written = [_noting(stream, said) for stream in (sys.stdout, sys.stderr)]
    watch.begin()
    try:
        os.listdir(os.path.dirname(os.path.dirname(msgspec.__file__)))  # another release of a library prints otherwise
        code = _worked_out()
        sys.stdout.flush()  # nobody waits for what is kept
    finally:
        watch.end()
        for stream in written:
            del stream.write
    small = sum(len(text) for _, text in said) <= _MAX_TEXT
    if code in {0, 1} and small and circumstances == _circumstances(own_stamp()):
        looks = watch.looks()
        if looks is not None:
            cache.save(entry, marshal.dumps((circumstances, looks, said, code)))
    return code


def _noting(stream: Any, said: _Said) -> Any:
    """Adds to *said* what is written to *stream*, which it gives back."""
    write, to_error = stream.write, stream is sys.stderr

    def noted(text: str) -> int:
        written: int = write(text)  # click tries with bytes, which raises
        said.append((to_error, text))
        return written

    stream.write = noted
    return stream
