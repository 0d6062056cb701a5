"""The pytest plugin: `main_thread_imports` records what a test's own thread loads."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator, Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType

import pytest


class ImportRecorder:
    """A meta-path finder that finds nothing and remembers what its creator's thread asked for first."""

    def __init__(self) -> None:
        self.thread = threading.get_ident()
        self.modules: list[str] = []

    def find_spec(
        self, name: str, _path: Sequence[str] | None = None, _target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Notes *name* and lets the real finders answer."""
        if threading.get_ident() == self.thread:
            self.modules.append(name)
        return None


@pytest.fixture
def main_thread_imports() -> Iterator[ImportRecorder]:
    """A recorder whose `modules` are the names that this thread began to load since the test started."""
    recorder = ImportRecorder()
    sys.meta_path.insert(0, recorder)
    yield recorder
    sys.meta_path.remove(recorder)
