"""Annotations for GitHub Actions: one workflow command a finding, or one for each statement that it names. Pure."""

from importguard.findings import Severity
from importguard.printable import plain
from importguard.project.repository import in_repository
from importguard.render.parts import cost
from importguard.verdict import Verdict

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def render_github(verdict: Verdict) -> str:
    """`::error file=src/gui_2.py,line=9,title=IG101::…`, a line each; empty without findings.

    Files are relative to the root of the repository, as the service wants them.
    """
    lines = []
    for finding in verdict.findings:
        command = _COMMANDS[finding.severity]
        text = "\n".join(part for part in (plain(finding.message), cost(finding), plain(finding.fix_hint)) if part)
        for place in [statement.location for statement in finding.statements] or [finding.location]:
            file = _property(plain(in_repository(place.path, verdict.project)))
            lines.append(f"::{command} file={file},line={place.line},title={finding.code}::{_data(text)}")
    return "\n".join(lines)


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
