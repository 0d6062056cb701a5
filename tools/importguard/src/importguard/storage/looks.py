"""How what was asked of the disk was answered, and whether it would be answered alike now. Lean, as `digests` is.

`watched` notes the questions.
"""

from __future__ import annotations

import os
import stat

from importguard.storage.digests import digest
from importguard.storage.regular_file import read_regular

Look = tuple[int, int, int]  # kind, or -errno; time of change in ns and size, where these count
_UNNUMBERED = 1_000_000
# By folder, by name: looks; then by path: digests of contents; of listings, with the kinds of what is in there where
# the path has a separator at its end; where links lead to, or kinds; then answers of `os.access`.
Looks = tuple[
    dict[str, dict[str, Look]], dict[str, bytes], dict[str, bytes], dict[str, "str | int"], list[tuple[str, int, bool]]
]


def hold(looks: Looks) -> bool:
    """Whether everything would be answered alike now."""
    stats, contents, listings, links, accesses = looks
    return (
        all(_are_as_they_were(folder, names) for folder, names in stats.items())
        and all(content_of(path) == content for path, content in contents.items())
        and all(listing_of(path) == listing for path, listing in listings.items())
        and all(link_of(path) == link for path, link in links.items())
        and all(os.access(path, mode) == answer for path, mode, answer in accesses)
    )


def _are_as_they_were(folder: str, names: dict[str, Look]) -> bool:
    ask, kind_of = os.stat, stat.S_IFMT
    for name, (kind, time_ns, size) in names.items():
        try:
            status = ask(folder + name)
        except (OSError, ValueError) as error:
            if kind != refusal(error):
                return False
        else:
            if kind_of(status.st_mode) != kind:
                return False
            if time_ns and (status.st_mtime_ns != time_ns or status.st_size != size):
                return False
    return True


def refusal(error: OSError | ValueError) -> int:
    """In place of a kind."""
    return -((error.errno if isinstance(error, OSError) else None) or _UNNUMBERED)


def content_of(path: str) -> bytes:
    """The digest of the file *path*, or why there is none."""
    try:
        return digest(read_regular(path))
    except OSError as error:
        return str(refusal(error)).encode()


def listing_of(path: str) -> bytes:
    """The digest of the names in the folder *path*, or why there is none."""
    try:
        if path.endswith(os.sep):
            with os.scandir(path) as entries:
                names = [f"{one.name}/{one.is_dir():d}{one.is_file():d}" for one in entries]
        else:
            names = os.listdir(path)
    except (OSError, ValueError) as error:
        return str(refusal(error)).encode()
    return digest("\0".join(sorted(names)).encode("utf-8", "surrogateescape"))


def link_of(path: str) -> str | int:
    """Where *path* leads to; its kind, if nowhere."""
    try:
        kind = stat.S_IFMT(os.lstat(path).st_mode)
        return os.readlink(path) if kind == stat.S_IFLNK else kind
    except (OSError, ValueError) as error:
        return refusal(error)
