"""The parts of a finding and of a change that several reports show, on one line each. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from importguard.printable import counted, plain
from importguard.project.repository import in_repository

if TYPE_CHECKING:
    from importguard.findings import Finding
    from importguard.project.start import Project


def place(finding: Finding, project: Project) -> str:
    """`src/gui_2.py:9`, relative to the repository."""
    return f"{plain(in_repository(finding.location.path, project))}:{finding.location.line}"


def cost(finding: Finding) -> str:
    """`844 ms estimated, 3,129 modules`; empty when the finding has no cost."""
    if finding.cost_us is None:
        return ""
    return f"{finding.cost_us / 1000:,.0f} ms {finding.cost_source}, {counted(finding.module_count or 0, 'module')}"
