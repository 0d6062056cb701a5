"""JUnit XML: one test case a rule, its findings as failures. Pure."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from importguard.findings import Severity
from importguard.printable import plain
from importguard.render.parts import cost, place
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
    project = report.analysis.project
    rules = report.rules
    suite = ET.Element("testsuite", name=name, tests=str(len(rules)), errors="0", skipped="0")
    suite.set("time", f"{report.analysis.elapsed_s:.3f}")
    failures = 0
    for rule in rules:
        case = ET.SubElement(suite, "testcase", classname=name, name=f"{rule.code} {rule.title}")
        found = [finding for finding in report.findings if finding.code == rule.code]
        errors = [finding for finding in found if finding.severity is Severity.ERROR]
        failures += bool(errors)
        for finding in found:
            details = f"{place(finding, project)}\n{cost(finding)}\n{plain(finding.fix_hint)}"
            if finding.severity is Severity.ERROR:
                failure = ET.SubElement(case, "failure", type=finding.code, message=plain(finding.message))
                failure.text = details
            else:
                ET.SubElement(case, "system-out").text = f"{plain(finding.message)}\n{details}"
    suite.set("failures", str(failures))
    return suite
