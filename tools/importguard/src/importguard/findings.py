"""A rule's verdict on one thing, and the import statements that have to go. Values only."""

from __future__ import annotations

import hashlib
from enum import StrEnum

import msgspec

from importguard.graph import ImportChain
from importguard.source.import_site import Location
from importguard.startup.trace import LazyUse


class Severity(StrEnum):
    """Errors decide the exit code; warnings and notes are printed."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"

    @property
    def rank(self) -> int:
        """Its place in a report: errors come first."""
        return tuple(Severity).index(self)


class Statement(msgspec.Struct, frozen=True):
    """An import statement of the program's own code: how the start reaches it, and what its removal alone saves."""

    location: Location
    chain: ImportChain
    saves_us: int = 0
    modules: int = 0
    lazy: LazyUse | None = None  # the place is a use of a name that was bound lazily


class Finding(msgspec.Struct, frozen=True):
    """One thing to fix. `subject` is the package or name it is about.

    `statements` are the import statements that have to go together, the dearest first; `cost_us` and `module_count`
    are what that saves. The finding is located at the first of them by path and line. `start` names what was analysed.
    """

    code: str
    severity: Severity
    message: str
    location: Location
    subject: str
    fix_hint: str
    chain: ImportChain | None = None
    cost_us: int | None = None
    cost_source: str = "estimated"
    module_count: int | None = None
    statements: tuple[Statement, ...] = ()
    start: str = ""
    thread_chain: ImportChain | None = None  # the imports of another thread, where two threads are concerned

    def fingerprint(self, path: str) -> str:
        """Stable when lines move: the code, the place and the subject.

        The place is the start's name where statements have to go together, else *path* as the project names the file.
        """
        place = self.start if self.statements else path
        return hashlib.sha256(f"{self.code}\0{place}\0{self.subject}".encode()).hexdigest()[:16]
