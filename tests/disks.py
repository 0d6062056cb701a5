"""Disks that are full or read-only: a small real one where this user may mount it, an imitated one anywhere."""

from __future__ import annotations

import errno
import os
import subprocess

import pytest

WRITES = os.O_WRONLY | os.O_RDWR


class RealDisk:
    """A tmpfs of 512 KiB at *folder*."""

    def __init__(self, folder):
        self.folder = folder
        self._filler = folder / "filler"

    def __enter__(self):
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", self.folder], capture_output=True)
        if mounted.returncode != 0:
            pytest.skip("this user may not mount a disk; the imitated one is tested all the same")
        return self

    def __exit__(self, *_):
        subprocess.run(["umount", "--lazy", self.folder], check=True)

    def fill(self):
        with open(self._filler, "wb", buffering=0) as file:
            try:
                while True:
                    file.write(b"x" * 4096)
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise

    def lock(self):
        """Works while no file of it is open for writing."""
        subprocess.run(["mount", "-o", "remount,ro", self.folder], check=True)

    def restore(self):
        self._filler.unlink()


class ImitatedDisk:
    """Lets `os` fail below *folder* as a disk would that is full or read-only."""

    def __init__(self, folder, monkeypatch):
        self.folder = folder
        self._monkeypatch = monkeypatch
        self._failure = 0
        self._descriptors = set()

    def __enter__(self):
        for name in ("open", "close", "write", "replace", "mkdir", "truncate", "ftruncate"):
            self._monkeypatch.setattr(os, name, self._failing(name, getattr(os, name)))
        return self

    def __exit__(self, *_):
        self.restore()

    def fill(self):
        self._failure = errno.ENOSPC

    def lock(self):
        self._failure = errno.EROFS

    def restore(self):
        self._failure = 0

    def _failing(self, name, real):
        def call(target, *rest, **options):
            folder = options.get("dir_fd", options.get("src_dir_fd"))  # a path from an open folder on
            below = target in self._descriptors or folder in self._descriptors
            below = below or (isinstance(target, str | os.PathLike) and str(target).startswith(str(self.folder)))
            # A full disk still opens and cuts what is there.
            begins = name != "close" and (name != "open" or bool(rest and rest[0] & WRITES))
            spared = self._failure == errno.ENOSPC and (name in ("replace", "truncate", "ftruncate"))
            if below and begins and self._failure and not spared:
                raise OSError(self._failure, os.strerror(self._failure), str(target))
            answer = real(target, *rest, **options)
            if name == "close":
                self._descriptors.discard(target)
            if name == "open" and below:
                self._descriptors.add(answer)
            return answer

        return call


@pytest.fixture
def disk(request, tmp_path, monkeypatch):
    """A disk at `disk.folder`: `fill()`, `lock()` (read-only), `restore()`."""
    folder = tmp_path / "disk"
    folder.mkdir()
    with RealDisk(folder) if request.param == "real" else ImitatedDisk(folder, monkeypatch) as made:
        yield made
