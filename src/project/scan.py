"""The files that may go to a model: found below a project's roots, read, counted, and left out with a reason.

Called on the pool. Nothing outside the roots is ever read (`src.storage.inside`).

- A file is *sent* when an include pattern or the user's choice takes it, and no reason keeps it out.
- Reasons that hold whatever the user chose: binary, not UTF-8, huge, behind a link that leaves the roots, secret by the
  file's name or by a text in it. The last is lifted for exactly the texts that the user said are none.
- Reasons that a choice overrides: an exclude pattern, a `.gitignore`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Set
from typing import TYPE_CHECKING

from src.chat import FRAME, MARK
from src.models.estimate import estimate
from src.privacy import detector
from src.privacy.detector import Finding, digest_of, find_accepted, find_secret
from src.privacy.redactor import current
from src.storage import stored_file
from src.storage.inside import is_inside, read_bytes
from src.storage.own_files import HEAD, is_own
from src.value import Value

if TYPE_CHECKING:
    from importguard import Patterns

MAX_FILE_BYTES = 1_000_000
MAX_FILES = 20_000
MAX_DEPTH = 64
_PROBE = 8192
_NEVER = frozenset({".git", ".hg", ".svn", "__pycache__", "node_modules", ".venv"})


def patterns() -> type[Patterns]:
    """importguard's patterns, loaded with the first project: the first frame has none."""
    from importguard import Patterns

    return Patterns


class ContextFile(Value):
    """A file below a root. `path` is relative to the project's folder, with `/`; `size` in bytes, `tokens` estimated.

    `included`: it goes out with the next request. `excluded_reason` says why it cannot, or why it does not by itself.
    `suspect` is the text that is taken for a secret, `accepted` are those that the user said are none.
    """

    path: str
    size: int
    tokens: int
    included: bool
    pinned: bool
    read_only: bool
    excluded_reason: str
    suspect: Finding | None = None
    accepted: tuple[Finding, ...] = ()


class Inspection(Value):
    """A file as read: its text, or why it is not sent. `stamp` tells it from a changed one.

    `suspect` and `accepted` as in ContextFile; `keys`: which of the user's own keys it was looked through for.
    """

    stamp: tuple[int, int]
    size: int
    tokens: int
    text: str
    reason: str
    suspect: Finding | None = None
    accepted: tuple[Finding, ...] = ()
    keys: int = -1

    def fits(self, accepted: Set[str]) -> bool:
        """Reading it with these digests *accepted* would come to the same."""
        is_kept_back = self.suspect is not None and self.suspect.digest not in accepted
        return (self.suspect is None or is_kept_back) and all(one.digest in accepted for one in self.accepted)


class _Ignore(Value):
    """A `.gitignore`: its folder, as the beginning of the paths below it, and its lines."""

    prefix: str
    patterns: Patterns


class Found(Value):
    """A file below a root: its path in the project, its real path, and the `.gitignore` that takes it."""

    path: str
    real: str
    ignored_by: str


class Walk:
    """The files below *roots* (real paths) of the project in *folder*. Ignored and excluded folders are not entered."""

    def __init__(self, folder: str, roots: tuple[str, ...], exclude: Patterns) -> None:
        self._folder = folder
        self._roots = roots
        self._exclude = exclude

    def __iter__(self) -> Iterator[Found]:
        """The files in order. Of a link that leaves the roots the file comes with an empty real path."""
        for root in self._roots:
            inner = relative(self._folder, root)
            yield from self._below(root, "" if inner == "." else f"{inner}/", (), 0)

    def _below(self, here: str, prefix: str, above: tuple[_Ignore, ...], depth: int) -> Iterator[Found]:
        try:
            with os.scandir(here) as entries:
                rows = sorted(entries, key=lambda entry: entry.name)
        except OSError:
            return
        ignores = above
        if any(row.name == ".gitignore" for row in rows):
            ignores = (*above, _Ignore(prefix, patterns()(self._lines_of(os.path.join(here, ".gitignore")))))
        for row in rows:
            if stored_file.is_scratch(row.name):
                continue
            path = prefix + row.name
            if row.is_dir(follow_symlinks=False):
                below = f"{path}/"
                entered = row.name not in _NEVER and not _ignored_by(below, ignores) and not self._exclude.decide(below)
                if entered and depth < MAX_DEPTH:
                    yield from self._below(row.path, below, ignores, depth + 1)
            elif row.is_symlink():
                real = os.path.realpath(row.path)
                if not os.path.isdir(real):  # a folder is listed where it really is, or is outside
                    inside = any(is_inside(root, real) for root in self._roots)
                    yield Found(path, real if inside else "", _ignored_by(path, ignores))
            elif row.is_file(follow_symlinks=False):
                yield Found(path, row.path, _ignored_by(path, ignores))

    def _lines_of(self, path: str) -> list[str]:
        try:
            return read_bytes(self._roots, path, MAX_FILE_BYTES).decode(errors="replace").splitlines()
        except (OSError, ValueError):
            return []


def inspect(
    roots: tuple[str, ...], found: Found, known: Inspection | None, accepted: Set[str] = frozenset()
) -> Inspection:
    """Reads the file, unless *known* is of the same file unchanged. *accepted* are digests of what is no secret."""
    if not found.real:
        return Inspection((0, 0), 0, 0, "", "behind a link that leaves the project's folders")
    try:
        state = os.stat(found.real)
        stamp = (state.st_mtime_ns, state.st_size)
        is_fresh = known is not None and known.stamp == stamp and known.keys in (-1, current().version)
        if known is not None and is_fresh and known.fits(accepted):
            return known
        if any(detector.secret_name(os.path.basename(path)) for path in (found.path, found.real)):
            return Inspection(stamp, state.st_size, 0, "", "secret: a file of this name holds keys")
        if state.st_size > MAX_FILE_BYTES:
            return Inspection(stamp, state.st_size, 0, "", too_big(state.st_size))
        data = read_bytes(roots, found.real, MAX_FILE_BYTES + 1)
        text, reason = decode(data)
        if is_own(os.path.basename(found.real), data[:HEAD]):
            text, reason = "", "a discussion of Sloppy's"
    except (OSError, ValueError) as error:
        reason = error.strerror or str(error) if isinstance(error, OSError) else str(error)
        return Inspection((0, 0), 0, 0, "", f"cannot be read: {reason}")
    return _judge(stamp, state.st_size, text, reason, accepted)


def _judge(stamp: tuple[int, int], size: int, text: str, reason: str, accepted: Set[str]) -> Inspection:
    keys = current().version
    if known := current().find_known(text):  # nobody can say that it is none
        return Inspection(stamp, size, 0, "", f"secret: {known}", keys=keys)
    suspect = find_secret(text, accepted)
    if suspect is not None:
        return Inspection(stamp, size, 0, "", f"secret: {suspect}", suspect, keys=keys)
    return Inspection(stamp, size, estimate(text), text, reason, None, find_accepted(text, accepted), keys)


def decode(data: bytes) -> tuple[str, str]:
    """The text of *data*, or why it is not sent."""
    if len(data) > MAX_FILE_BYTES:
        return "", too_big(len(data))
    if b"\0" in data[:_PROBE]:
        return "", "binary"
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return "", f"not UTF-8 (byte {error.start:,})"
    return text, ""


def read_text(path: str) -> str:
    """The text of a file that the user picked anywhere. Raises OSError, and ValueError with the reason against it."""
    if detector.secret_name(os.path.basename(path)):
        raise ValueError("a file of this name holds keys")
    text, reason = decode(read_picked(path, MAX_FILE_BYTES))
    if not reason and (secret := current().find_known(text) or find_secret(text)):
        reason = f"secret: {secret}"
    if reason:
        raise ValueError(reason)
    return text


def read_picked(path: str, limit: int) -> bytes:
    """The bytes of a file that the user picked anywhere. Raises OSError, and ValueError when it is too big."""
    real = os.path.realpath(path)
    data = read_bytes((os.path.dirname(real),), real, limit + 1)
    if len(data) > limit:
        raise ValueError(too_big(os.stat(real).st_size, limit))
    return data


def frame(path: str, text: str) -> str:
    """*text* as a request holds it: between tags that name its file and bear a mark.

    The mark is a digest of all that is framed, which no text can hold of itself: none can end its own frame.
    """
    end = "" if text.endswith("\n") else "\n"
    name = "".join(one if one.isprintable() and one not in '<>&"' else f"&#{ord(one)};" for one in path)
    mark = digest_of(f"{path}\n{text}")[:MARK]
    return f'{FRAME}{mark} path="{name}">\n{text}{end}</file {mark}>'


def relative(folder: str, path: str) -> str:
    """*path* seen from *folder*, with `/`."""
    return os.path.relpath(path, folder).replace(os.sep, "/")


def too_big(size: int, limit: int = MAX_FILE_BYTES) -> str:
    """The reason of a file of *size* bytes."""
    return f"huge: {size:,} bytes, a file may have {limit:,}"


def _ignored_by(path: str, ignores: tuple[_Ignore, ...]) -> str:
    """The nearest `.gitignore` with a line about *path* (a folder's ends with `/`), when that line takes it."""
    for ignore in reversed(ignores):
        decided = ignore.patterns.decide(path[len(ignore.prefix) :])
        if decided is not None:
            return f"{ignore.prefix}.gitignore" if decided else ""
    return ""
