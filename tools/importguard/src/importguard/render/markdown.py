"""Markdown for a comment on a pull request. Pure."""

import re

from importguard.findings import Finding, Severity
from importguard.printable import counted, plain
from importguard.project.repository import in_repository
from importguard.project.start import Project
from importguard.render.parts import cost, place
from importguard.render.target import looked_at
from importguard.rules import RULES, Rule
from importguard.verdict import Report, Verdict

_STEPS = 3


def render_markdown(verdict: Verdict) -> str:
    """A verdict a start, then a table of findings."""
    lines = ["\\\n".join(_verdict_line(report) for report in verdict.reports)]
    findings = verdict.findings
    if findings:
        lines += ["", "| Where | Rule | What | Cost |", "|---|---|---|---|"]
    for finding in findings:
        where = _where(finding, verdict.project)
        code = finding.code if finding.severity is Severity.ERROR else f"{finding.code} ({finding.severity})"
        cells = (where, code, cell(finding.message), cost(finding))
        lines.append(f"| {' | '.join(cells)} |")
    for report in verdict.reports:
        lines += _first_steps(report, of_many=len(verdict.reports) > 1)
    lines += ["", *map(cell, looked_at(report.analysis for report in verdict.reports))]
    return "\n".join(lines)


def _first_steps(report: Report, *, of_many: bool) -> list[str]:
    """The cuts that pay most, and what is left after each."""
    steps, graph, project = report.plan.steps[:_STEPS], report.analysis.graph, report.analysis.project
    if not steps:
        return []
    of = f" for {code_text(report.analysis.name)}" if of_many else ""
    lines = [
        "",
        f"The plan{of}: what to cut first.",
        "",
        "| Cut | At | Saves | Then the start costs |",
        "|---|---|---:|---:|",
    ]
    for step in steps:
        places = [
            f"{in_repository(one.site.location.path, project)}:{one.site.location.line}" for one in step.statements
        ]
        more = f" and {len(places) - 1} more" if len(places) > 1 else ""
        saves = f"{graph.cost_us(step.saved) / 1000:,.0f} ms, {counted(len(step.saved), 'module')}"
        left = f"{graph.cost_us(step.remains) / 1000:,.0f} ms"
        lines.append(f"| {cell(step.subject)} | {code_text(places[0])}{more} | {saves} | {left} |")
    return lines


def _where(finding: Finding, project: Project) -> str:
    """The finding's place, or the first of its statements and how many more there are."""
    more = len(finding.statements) - 1
    return code_text(place(finding, project)) + (f" and {more} more" if more > 0 else "")


def _verdict_line(report: Report) -> str:
    graph = report.analysis.graph
    sign = "✗" if report.failed else "✓"
    count = len(report.findings) or "no"
    total = f"{counted(len(graph.eager), 'module')} at startup, about {graph.cost_us(graph.eager) / 1000:,.0f} ms"
    return (
        f"**importguard {sign}** {count} finding{'s' * (count != 1)}. {code_text(report.analysis.name)} loads {total}."
    )


def cell(text: str) -> str:
    """*text* as Markdown that means itself, in a table cell."""
    special = str.maketrans({char: f"\\{char}" for char in "\\`*_[]<>|#~&!$"})
    escaped = plain(text).translate(special)
    # Links that need no brackets, and names of people who would be notified.
    escaped = re.sub(r"(?i)(?<=https|.http|..ftp):|(?<=www)\.", r"\\\g<0>", escaped)
    return escaped.replace("@", "@<!-- -->")


def code_text(text: str) -> str:
    """*text* as code in a line or a table cell: between more backticks than it has in a row."""
    shown = plain(text).replace("|", "\\|")
    ticks = "`" * (max(map(len, re.findall("`+", shown)), default=0) + 1)
    return f"{ticks} {shown} {ticks}" if "`" in shown else f"`{shown}`"


def rule_page(rule: Rule) -> str:
    """A page for *rule*: its documentation under a heading."""
    import inspect

    first, _, rest = (inspect.getdoc(type(rule)) or "").partition("\n")
    return f"# {rule.code}: {first.rstrip('.')}\n\n{_sections(rest)}\n"


def render_rules() -> str:
    """Every rule's documentation as one page."""
    return "# Rules\n\n" + "\n".join(f"#{rule_page(rule)}" for rule in RULES)


def _sections(text: str) -> str:
    """The indented examples as code, the rest unchanged."""
    lines: list[str] = []
    for line in text.strip().split("\n"):
        is_code, was_code = line.startswith("    "), bool(lines) and lines[-1].startswith("    ")
        if is_code and not was_code and lines and lines[-1]:
            lines.append("")
        lines.append(line)
    return "\n".join(lines)
