"""SARIF 2.1.0, as code scanning services take it. Pure."""

from __future__ import annotations

import inspect
import json
import re
from importlib.metadata import version
from typing import Any
from urllib.parse import quote

from importguard.findings import Finding, Severity
from importguard.printable import plain
from importguard.project.start import Project
from importguard.render.parts import cost
from importguard.rules import RULES
from importguard.source.import_site import Location
from importguard.verdict import Verdict

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def render_sarif(verdict: Verdict) -> str:
    """One run with every rule, the findings, and the suppressed ones marked as such."""
    project = verdict.project
    rules = [
        {
            "id": rule.code,
            "name": type(rule).__name__,
            "shortDescription": {"text": rule.title},
            "help": {"text": inspect.getdoc(type(rule)) or rule.title},
        }
        for rule in RULES
    ]
    results = [_result(finding, project) for finding in verdict.findings]
    results += [_result(finding, project, suppressed="inSource") for finding in verdict.suppressed]
    results += [_result(finding, project, suppressed="external") for finding in verdict.baselined]
    driver = {"name": "importguard", "version": version("importguard"), "rules": rules}
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2)


def _result(finding: Finding, project: Project, suppressed: str = "") -> dict[str, Any]:
    text = ". ".join(part for part in (_text(finding.message), cost(finding)) if part)
    result: dict[str, Any] = {
        "ruleId": finding.code,
        "ruleIndex": [rule.code for rule in RULES].index(finding.code),
        "level": "error" if finding.severity is Severity.ERROR else "warning",
        "message": {"text": f"{text}. {_text(finding.fix_hint)}"},
        "locations": [_location(finding.location, project)],
        "partialFingerprints": {"importguard/v1": finding.fingerprint(project.relative(finding.location.path))},
    }
    if finding.chain is not None and finding.chain.steps:
        steps = [
            {"location": _location(step.site.location, project, f"{step.importer} imports {step.imported}")}
            for step in finding.chain.steps
        ]
        result["codeFlows"] = [{"threadFlows": [{"locations": steps}]}]
    if suppressed:
        result["suppressions"] = [{"kind": suppressed}]
    return result


def _text(text: str) -> str:
    """*text* as a message: brackets would make a link of what is between them."""
    return re.sub(r"[\\\[\]]", r"\\\g<0>", plain(text))


def _location(location: Location, project: Project, text: str = "") -> dict[str, Any]:
    path = project.relative(location.path).replace("\\", "/")
    artifact: dict[str, Any] = {
        "uri": quote(path, errors="surrogateescape")
        if not path.startswith("/")
        else "file://" + quote(path, errors="surrogateescape")
    }
    place: dict[str, Any] = {
        "physicalLocation": {"artifactLocation": artifact, "region": {"startLine": max(location.line, 1)}}
    }
    if text:
        place["message"] = {"text": _text(text)}
    return place
