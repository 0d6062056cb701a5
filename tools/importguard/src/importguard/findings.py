"""A rule's verdict on one place. Values only."""

from __future__ import annotations

import hashlib
from enum import StrEnum

import msgspec

from importguard.graph import ImportChain
from importguard.source.import_site import Location


class Severity(StrEnum):
    """Errors decide the exit code; warnings are printed."""

    ERROR = "error"
    WARNING = "warning"


class Finding(msgspec.Struct, frozen=True):
    """One thing to mend. `subject` is the module or name it is about, `cost_us` what mending saves."""

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

    def fingerprint(self, path: str) -> str:
        """Stable when lines move: code, *path* as the project names the file, subject."""
        return hashlib.sha256(f"{self.code}\0{path}\0{self.subject}".encode()).hexdigest()[:16]
