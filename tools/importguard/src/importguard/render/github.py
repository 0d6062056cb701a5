"""Annotations for GitHub Actions: one workflow command a finding. Pure."""

from importguard.findings import Severity
from importguard.printable import plain
from importguard.render.parts import cost
from importguard.verdict import Verdict


def render_github(verdict: Verdict) -> str:
    """`::error file=src/gui_2.py,line=9,title=IG101::…`, a line each; empty without findings."""
    lines = []
    for finding in verdict.findings:
        command = "error" if finding.severity is Severity.ERROR else "warning"
        file = _property(plain(verdict.project.relative(finding.location.path)))
        text = "\n".join(part for part in (plain(finding.message), cost(finding), plain(finding.fix_hint)) if part)
        lines.append(f"::{command} file={file},line={finding.location.line},title={finding.code}::{_data(text)}")
    return "\n".join(lines)


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
