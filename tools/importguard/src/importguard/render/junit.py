"""JUnit XML: one test case a rule, its findings as failures. Pure."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from importguard.check import Report
from importguard.findings import Severity
from importguard.render.plain import cost, place, plain


def render_junit(report: Report) -> str:
    """A `testsuites` document. Warnings do not fail their case; they stand in its output."""
    project = report.analysis.project
    rules = report.rules
    suite = ET.Element("testsuite", name="importguard", tests=str(len(rules)), errors="0", skipped="0")
    suite.set("time", f"{report.analysis.elapsed_s:.3f}")
    failures = 0
    for rule in rules:
        case = ET.SubElement(suite, "testcase", classname="importguard", name=f"{rule.code} {rule.title}")
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
    document = ET.Element("testsuites")
    document.append(suite)
    ET.indent(document)
    return ET.tostring(document, encoding="unicode", xml_declaration=True)
