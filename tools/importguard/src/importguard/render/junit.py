"""JUnit XML: a test case for each finding, and one for each rule that finds nothing. It has no times. Pure."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from importguard.findings import Finding, Severity
from importguard.printable import plain
from importguard.project.repository import in_repository
from importguard.render.parts import cost, place
from importguard.render.target import interpreter
from importguard.rules import Rule
from importguard.verdict import Report, Verdict


def render_junit(verdict: Verdict) -> str:
    """A `testsuites` document, a suite a start. Warnings do not fail their case; they stand in its output."""
    document = ET.Element("testsuites")
    for report in verdict.reports:
        named = f"importguard.{report.analysis.name}" if len(verdict.reports) > 1 else "importguard"
        document.append(_suite(report, plain(named)))
    ET.indent(document)
    return ET.tostring(document, encoding="unicode", xml_declaration=True)


def _suite(report: Report, name: str) -> ET.Element:
    suite = ET.Element("testsuite", name=name, errors="0", skipped="0", time="0")
    properties = ET.SubElement(suite, "properties")
    for key, value in interpreter(report.analysis.environment).items():
        ET.SubElement(properties, "property", name=f"interpreter.{key}", value=plain(value))
    for rule in report.rules:
        found = [finding for finding in report.findings if finding.code == rule.code]
        for finding in found:
            suite.append(_case(finding, rule, name, report))
        if not found:
            ET.SubElement(
                suite, "testcase", classname=f"{name}.{rule.code}", name=f"{rule.code} {rule.title}", time="0"
            )
    suite.set("tests", str(len(suite) - 1))
    suite.set("failures", str(len(list(suite.iter("failure")))))
    return suite


def _case(finding: Finding, rule: Rule, name: str, report: Report) -> ET.Element:
    project = report.analysis.project
    where = place(finding, project)
    case = ET.Element("testcase", classname=f"{name}.{rule.code}", name=f"{rule.code} {where} {plain(finding.subject)}")
    case.set("file", plain(in_repository(finding.location.path, project)))
    case.set("line", str(finding.location.line))
    case.set("time", "0")
    details = f"{where}\n{cost(finding)}\n{plain(finding.fix_hint)}"
    if finding.severity is Severity.ERROR:
        ET.SubElement(case, "failure", type=finding.code, message=plain(finding.message)).text = details
    else:
        ET.SubElement(case, "system-out").text = f"{plain(finding.message)}\n{details}"
    return case
