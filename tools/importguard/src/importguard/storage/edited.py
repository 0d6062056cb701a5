"""The disk as it would be with other contents of some files: what an edit would do, before it is written."""

from __future__ import annotations

from collections.abc import Mapping

from importguard.storage.digests import digest
from importguard.storage.disk import Disk, Mark, Now


class Edited(Now):
    """What a command sees when the files of *contents*, by absolute path, have that content."""

    def __init__(self, contents: Mapping[str, bytes]) -> None:
        super().__init__()
        self.contents = contents
        parts = [one for path in sorted(contents) for one in (path.encode(), contents[path])]
        self.identity = f"edited\0{digest(bytes(0).join(parts)).hex()}"

    def disk(self, trusted: tuple[str, ...] = (), unchanged: Mapping[str, Mark] | None = None) -> Disk:
        """As `Now.disk`."""
        return _EditedDisk(self.contents, trusted, unchanged)

    def digest(self, path: str) -> bytes | None:
        """As `Now.digest`."""
        found = self.contents.get(path)
        return super().digest(path) if found is None else digest(found)

    def untouched(self, path: str, mark: Mark) -> bool:
        """As `Now.untouched`; never for an edited file."""
        return path not in self.contents and super().untouched(path, mark)


class _EditedDisk(Disk):
    """Remembers of today's disk alone: the contents are part of the identity."""

    def __init__(
        self, contents: Mapping[str, bytes], trusted: tuple[str, ...], unchanged: Mapping[str, Mark] | None
    ) -> None:
        super().__init__(trusted, unchanged)
        self._contents = contents

    def read(self, path: str) -> bytes:
        found = self._contents.get(path)
        return super().read(path) if found is None else found

    def digest(self, path: str) -> bytes | None:
        return super().digest(path) if path not in self._contents else None

    def size(self, path: str) -> int:
        found = self._contents.get(path)
        return super().size(path) if found is None else len(found)
