"""SARIF 2.1.0, as code scanning services take it. Pure."""

from __future__ import annotations

import inspect
import json
import re
from importlib.metadata import version
from typing import Any
from urllib.parse import quote

from importguard import errors
from importguard.findings import Finding
from importguard.graph import ImportChain
from importguard.printable import plain
from importguard.project.repository import in_repository, repository_root
from importguard.project.start import Project
from importguard.render.parts import cost
from importguard.render.target import interpreter
from importguard.rules import RULES, Rule
from importguard.source.import_site import Location
from importguard.verdict import Verdict

_ROOT = "%SRCROOT%"  # what the paths are relative to
_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def render_sarif(verdict: Verdict) -> str:
    """One run with every rule, the findings, and the suppressed ones marked as such."""
    project = verdict.project
    results = [_result(finding, project) for finding in verdict.findings]
    results += [_result(finding, project, suppressed="inSource") for finding in verdict.suppressed]
    results += [_result(finding, project, suppressed="external") for finding in verdict.baselined]
    driver: dict[str, Any] = {
        "name": "importguard",
        "version": version("importguard"),
        "rules": list(map(_rule, RULES)),
    }
    if errors.HOME:
        driver["informationUri"] = errors.HOME
    looked = {one.analysis.name: interpreter(one.analysis.environment) for one in verdict.reports}
    properties = {"interpreters": looked}
    root = repository_root(project.root)
    run = {
        "tool": {"driver": driver},
        "automationDetails": {"id": f"importguard/{_uri(in_repository(str(project.file or project.root), project))}"},
        "originalUriBaseIds": {_ROOT: {"uri": f"{_file_uri(root.as_posix()).rstrip('/')}/"}},
        "properties": properties,
        "columnKind": "unicodeCodePoints",
        "results": results,
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2)


def _rule(rule: Rule) -> dict[str, Any]:
    text = inspect.getdoc(type(rule)) or rule.title
    described: dict[str, Any] = {
        "id": rule.code,
        "name": type(rule).__name__,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": " ".join(text.partition("\n\nExample:")[0].split())},
        "help": {"text": text},
    }
    if errors.HOME:
        described["helpUri"] = f"{errors.HOME}/rules/{rule.code.lower()}/"
    return described


def _result(finding: Finding, project: Project, suppressed: str = "") -> dict[str, Any]:
    text = ". ".join(part for part in (_text(finding.message), cost(finding)) if part)
    result: dict[str, Any] = {
        "ruleId": finding.code,
        "ruleIndex": [rule.code for rule in RULES].index(finding.code),
        "level": finding.severity.value,  # SARIF has the same words
        "message": {"text": f"{text}. {_text(finding.fix_hint)}"},
        "locations": [_location(finding.location, project)],
        "partialFingerprints": {"importguard/v1": finding.fingerprint(project.relative(finding.location.path))},
    }
    others = [one.location for one in finding.statements if one.location != finding.location]
    if others:
        result["relatedLocations"] = [_location(one, project, "This statement has to go, too") for one in others]
    flows = [_flow(chain, project) for chain in (finding.chain, finding.thread_chain) if chain is not None]
    if any(flows):
        result["codeFlows"] = [{"threadFlows": [{"locations": steps} for steps in flows if steps]}]
    if suppressed:
        result["suppressions"] = [{"kind": suppressed}]
    return result


def _flow(chain: ImportChain, project: Project) -> list[dict[str, Any]]:
    return [
        {"location": _location(step.site.location, project, f"{step.importer} imports {step.imported}")}
        for step in chain.steps
    ]


def _uri(path: str) -> str:
    return quote(path, errors="surrogateescape")


def _file_uri(path: str) -> str:
    """The address of the absolute *path*, which may begin with a drive."""
    drive, rest = (path[:2], path[2:]) if path[1:2] == ":" else ("", path)
    return f"file://{'/' if drive else ''}{drive}{_uri(rest)}"


def _text(text: str) -> str:
    """*text* as a message: brackets would make a link of what is between them."""
    return re.sub(r"[\\\[\]]", r"\\\g<0>", plain(text))


def _location(location: Location, project: Project, text: str = "") -> dict[str, Any]:
    path = in_repository(location.path, project).replace("\\", "/")
    is_absolute = path.startswith("/") or re.match(r"[A-Za-z]:/", path)
    artifact = {"uri": _file_uri(path)} if is_absolute else {"uri": _uri(path), "uriBaseId": _ROOT}
    place: dict[str, Any] = {
        "physicalLocation": {"artifactLocation": artifact, "region": {"startLine": max(location.line, 1)}}
    }
    if text:
        place["message"] = {"text": _text(text)}
    return place
