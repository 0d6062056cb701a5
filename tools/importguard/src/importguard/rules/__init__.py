"""The rules, one a file. Each class docstring is the rule's documentation."""

from typing import Protocol

from importguard.findings import Finding
from importguard.rules.broken_file import BrokenFile
from importguard.rules.budget import Budget
from importguard.rules.bytecode import MissingBytecode
from importguard.rules.deadline import Deadline
from importguard.rules.deferred_import import DeferredImport
from importguard.rules.dynamic_import import DynamicImport
from importguard.rules.eager_import import EagerImport
from importguard.rules.grown_set import GrownSet
from importguard.rules.import_race import ImportRace
from importguard.rules.lazy_import import LazyImport
from importguard.rules.loop_import import LoopImport
from importguard.rules.missing_job import MissingJob
from importguard.rules.raw_thread import RawThread
from importguard.rules.stale_manifest import StaleManifest
from importguard.rules.stale_suppression import StaleSuppression
from importguard.rules.subject import Subject
from importguard.rules.unresolved_import import UnresolvedImport
from importguard.rules.unsafe_order import UnsafeOrder
from importguard.rules.unused_job import UnusedJob


class Rule(Protocol):
    """A check with a code. Pure: a Subject in, findings out."""

    code: str
    title: str

    def check(self, subject: Subject) -> list[Finding]:
        """The findings of this rule."""


RULES: tuple[Rule, ...] = (
    EagerImport(),
    DeferredImport(),
    DynamicImport(),
    LazyImport(),
    Budget(),
    GrownSet(),
    Deadline(),
    MissingBytecode(),
    StaleManifest(),
    MissingJob(),
    UnusedJob(),
    UnsafeOrder(),
    ImportRace(),
    LoopImport(),
    RawThread(),
    UnresolvedImport(),
    BrokenFile(),
    StaleSuppression(),
)

__all__ = ["RULES", "Rule", "Subject"]
