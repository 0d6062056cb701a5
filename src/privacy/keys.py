"""Keys of providers: the environment first, then a file that only its owner can read, then the system's keyring.

Where a key comes from is shown; the key itself never is. Knows no provider; keyring is reached through the warmup.

Guarantees
- A Key does not show its value in `repr`, `str` or a format, and every value that is found is known to the redactor.
- `find` and `status` may be called from any thread and never ask the keyring; `status` does not touch disk either.
- The keyring is asked by one job of the pool at a time: one that hangs holds one worker, and is waited for KEYRING_S at
  most. `_lock` guards what was found.
"""

from __future__ import annotations

import os
import stat
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Literal

from importguard.warmup import require_warmed as _require_warmed
from src.privacy.redactor import current, redact
from src.storage.stored_file import PRIVATE, regular, write_atomically
from src.value import Value

if TYPE_CHECKING:
    from concurrent.futures import Future

Source = Literal["environment", "file", "keyring"]

SERVICE = "sloppy"  # the name under which the keyring holds our keys
KEYRING_S = 5.0
MAX_FILE = 64 * 1024  # bytes
MAX_KEY = 4096  # characters


class KeyFileError(ValueError):
    """The file of keys cannot be used; the message names it and the next step."""


class Key:
    """A key by name, with where it is from."""

    __slots__ = ("_value", "name", "place", "source")

    def __init__(self, name: str, value: str, source: Source, place: str) -> None:
        self.name = name
        self.source = source
        self.place = place
        self._value = value
        current().add(value)

    def reveal(self) -> str:
        """The key itself, for the SDK's client and nothing else."""
        return self._value

    def __repr__(self) -> str:
        return f"Key({self.name} from {self.place})"

    def __reduce__(self) -> Any:
        raise TypeError("A key is not written anywhere.")


class KeyStatus(Value):
    """What the user sees of a key: whether it is there, where from ("the environment"), and what is in the way."""

    found: bool
    place: str = ""
    notice: str = ""


class KeyStore:
    """Finds keys by name."""

    def __init__(self, environment: Mapping[str, str] = os.environ, path: str | None = None) -> None:
        self._environment = environment
        self._path = path
        self._lock = threading.Lock()
        self._stamp: tuple[int, ...] | None = None
        self._in_file: Mapping[str, str] = {}
        self._in_keyring: Mapping[str, str] = {}
        self._notice = ""
        self._keyring_notice = ""
        self._asked: Future[None] | None = None
        self._asked_at = 0.0
        self._is_asking = False

    @property
    def path(self) -> str:
        """The file of keys: SLOPPY_KEYS, or `sloppy/keys` in the user's configuration folder."""
        if self._path is not None:
            return self._path
        home = self._environment.get("XDG_CONFIG_HOME") or os.path.join(os.path.expanduser("~"), ".config")
        return self._environment.get("SLOPPY_KEYS") or os.path.join(home, "sloppy", "keys")

    def find(self, *names: str) -> Key | None:
        """The first key there is under one of *names*. Reads the file again when it has changed."""
        self.refresh()
        return self._look(names)

    def status(self, *names: str) -> KeyStatus:
        """What is known of the key now, without looking anywhere."""
        key = self._look(names)
        with self._lock:
            notices = [self._notice, self._keyring_notice]
            asked, since = self._asked, self._asked_at
        if key is not None:
            return KeyStatus(True, key.place, self._notice)
        if asked is not None and not asked.done():
            late = time.monotonic() - since >= KEYRING_S
            notices.append(
                f"The system's keyring has not answered for {KEYRING_S:.0f} s: unlock it, or set {names[0]}."
                if late
                else "The system's keyring is being asked."
            )
        return KeyStatus(False, "", " ".join(notice for notice in notices if notice))

    def refresh(self) -> None:
        """Reads the file of keys if it has changed. What makes a file unusable is in `status`."""
        try:
            stamp = _stamp(os.stat(self.path))
        except OSError:
            stamp = None
        with self._lock:
            if stamp == self._stamp:
                return
        found: Mapping[str, str] = {}
        notice = ""
        if stamp is not None:
            try:
                found = read_file(self.path)
            except (KeyFileError, OSError) as error:
                notice = str(error)
        for value in found.values():
            current().add(value)
        with self._lock:
            self._stamp, self._in_file, self._notice = stamp, found, notice

    def keep(self, name: str, value: str, where: Literal["file", "keyring"] = "file") -> None:
        """Stores a key, on the pool; an empty *value* removes it. Raises KeyFileError, OSError, the keyring's error."""
        value = value.strip()
        if value:
            check_value(name, value)
            current().add(value)
        if where == "keyring":
            self._keep_in_keyring(name, value)
            return
        kept = dict(read_file(self.path)) if os.path.exists(self.path) else {}
        kept.pop(name, None)
        write_file(self.path, kept | ({name: value} if value else {}))
        self.refresh()

    def expect_keyring(self) -> None:
        """Announces that the keyring will be asked: a request without a key then waits for its answer."""
        with self._lock:
            if self._asked is None:
                self._asked, self._asked_at = _question(), time.monotonic()

    def ask_keyring(self, submit: Callable[..., object], names: Iterable[str]) -> Future[None]:
        """Asks the keyring for *names* in a job of the pool that *submit* starts; the open question if there is one."""
        with self._lock:
            open_question = self._asked
            if open_question is not None and not open_question.done() and self._is_asking:
                return open_question
            question = _question() if open_question is None or open_question.done() else open_question
            self._asked, self._asked_at, self._is_asking = question, time.monotonic(), True
        submit(self._answer, question, tuple(names))
        return question

    def waiting(self) -> tuple[Future[None], float] | None:
        """The open question to the keyring, and the seconds for which it is still waited for; None without one."""
        with self._lock:
            left = self._asked_at + KEYRING_S - time.monotonic()
            return (self._asked, left) if self._asked is not None and not self._asked.done() and left > 0 else None

    def _look(self, names: tuple[str, ...]) -> Key | None:
        with self._lock:
            places: tuple[tuple[Source, str, Mapping[str, str]], ...] = (
                ("environment", "the environment", self._environment),
                ("file", self.path, self._in_file),
                ("keyring", "the system's keyring", self._in_keyring),
            )
        for source, place, held in places:
            for name in names:
                if value := held.get(name, "").strip():
                    return Key(name, value, source, f"{name} in {place}")
        return None

    def _answer(self, question: Future[None], names: tuple[str, ...]) -> None:
        try:
            self._read_keyring(names)
        finally:
            with self._lock:
                self._is_asking = False
            question.set_result(None)

    def _read_keyring(self, names: tuple[str, ...]) -> None:
        found: dict[str, str] = {}
        notice = ""
        try:
            keyring = _require_warmed("keyring")
            for name in names:
                if value := (keyring.get_password(SERVICE, name) or "").strip():
                    check_value(name, value)
                    current().add(value)
                    found[name] = value
        except Exception as error:  # whatever a keyring's backend raises; without a keyring there are two other places
            if type(error).__name__ != "NoKeyringError":
                notice = f"The system's keyring cannot be read ({type(error).__name__}: {redact(str(error))[:200]})."
        with self._lock:
            self._in_keyring, self._keyring_notice = found, notice

    def _keep_in_keyring(self, name: str, value: str) -> None:
        keyring = _require_warmed("keyring")
        if value:
            keyring.set_password(SERVICE, name, value)
        elif keyring.get_password(SERVICE, name) is not None:
            keyring.delete_password(SERVICE, name)
        with self._lock:
            kept = {one: held for one, held in self._in_keyring.items() if one != name}
            self._in_keyring = kept | ({name: value} if value else {})


def load_backends() -> None:
    """Imports what the keyring is made of, without asking any; the warmup calls it after importing keyring.

    Else the first question would import it (cryptography among it) on another worker than the chain's.
    """
    from importlib import metadata

    for backend in metadata.entry_points(group="keyring.backends"):
        try:
            backend.load()
        except Exception:  # noqa: S112  a backend of another system; keyring itself passes it over
            continue


def _question() -> Future[None]:
    from concurrent.futures import Future  # loaded by the pool long since; at the top it would cost every start

    return Future()


def check_value(name: str, value: str) -> None:
    """Raises KeyFileError when *value* cannot be a key."""
    if len(value) > MAX_KEY or not value.isascii() or not value.isprintable() or " " in value:
        raise KeyFileError(f"What is given for {name} is no key: it has spaces, line ends or other odd characters.")


def read_file(path: str) -> Mapping[str, str]:
    """The keys in *path*, lines of `NAME=key`. Raises KeyFileError when others may read it or it is no such file."""
    with open(path, "rb", opener=regular) as file:
        about = os.fstat(file.fileno())
        if not stat.S_ISREG(about.st_mode):
            raise KeyFileError(f"{path} is not a file; keys are not read from it.")
        if os.name == "posix" and about.st_uid != os.getuid():
            raise KeyFileError(f"{path} belongs to another user; keys are not read from it.")
        if os.name == "posix" and about.st_mode & 0o077:
            mode = stat.S_IMODE(about.st_mode)
            raise KeyFileError(
                f"{path} can be read by others (mode {mode:04o}); run `chmod 600 {path}`, then try again."
            )
        content = file.read(MAX_FILE + 1)
    if len(content) > MAX_FILE:
        raise KeyFileError(f"{path} is larger than {MAX_FILE // 1024} KiB; it should hold lines of NAME=key.")
    found = {}
    for number, line in enumerate(content.decode("utf-8", "replace").splitlines(), 1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        name, equals, value = text.removeprefix("export ").partition("=")
        value = value.strip().strip("\"'")
        if not equals or not value or not name.strip().isidentifier():
            raise KeyFileError(f"{path}:{number}: expected NAME=key.")
        current().add(value)
        check_value(f"{name.strip()} ({path}:{number})", value)
        found[name.strip()] = value
    return found


def write_file(path: str, keys: Mapping[str, str]) -> None:
    """Writes *keys* to *path*, readable by its owner alone, whole or not at all. Raises OSError."""
    os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
    with write_atomically(os.path.realpath(path), PRIVATE) as file:
        file.write("".join(f"{name}={value}\n" for name, value in keys.items()).encode())


def _stamp(about: os.stat_result) -> tuple[int, ...]:
    return (about.st_mtime_ns, about.st_ctime_ns, about.st_size, about.st_mode, about.st_ino)
