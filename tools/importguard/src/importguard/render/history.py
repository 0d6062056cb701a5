"""A start over a repository's history as a table, as JSON, and as one self-contained page with a picture. Pure."""

from __future__ import annotations

import html
import json
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from importguard.history import Found, Point
from importguard.printable import counted, inert_json, plain
from importguard.project.repository import from_here
from importguard.project.start import Project
from importguard.render.markup import shown

Shown = Sequence[tuple[str, Sequence[Point], str]]  # of each start: name, points, what was looked at

_NAMED = 4  # packages or versions in one cell of the table
_SHORT = 10  # characters of a commit's name
_WIDTH, _HEIGHT, _LEFT, _TOP = 960, 200, 70, 14  # of a picture, in pixels
_TODAY = "Interpreter, installed packages and costs are today's; only the project's files are those of each commit."
_CSS = """
:root { color-scheme: light dark; --text: #1d2430; --soft: #5b6675; --line: #d5dae1; --mark: #1a5fb4; --back: #fff }
@media (prefers-color-scheme: dark) {
  :root { --text: #e8eaee; --soft: #a3adba; --line: #3a424e; --mark: #78aeed; --back: #171b21 }
}
body { font: 15px/1.5 system-ui, sans-serif; color: var(--text); background: var(--back); max-width: 1060px;
  margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.5rem } h2 { font-size: 1.15rem; margin-top: 2rem } h3 { font-size: .95rem; margin-bottom: 0 }
p { color: var(--soft) } svg { width: 100%; height: auto; display: block }
svg text { fill: var(--soft); font-size: 12px }
.line { fill: none; stroke: var(--mark); stroke-width: 2 } circle { fill: var(--mark) } .grid { stroke: var(--line) }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums }
td.number, th.number { text-align: right }
th, td { text-align: left; padding: .25rem .6rem; border-bottom: 1px solid var(--line); vertical-align: top;
  white-space: nowrap } th:last-child, td:last-child { width: 99%; white-space: normal; overflow-wrap: anywhere }
td.commit { font-family: ui-monospace, monospace }
"""


def print_history(found: Shown, console: Console) -> None:
    """A table for each start, the newest commit last."""
    for name, points, looked in found:
        console.print(f"[bold]{shown(name)}[/], {len(points)} commits. {shown(looked)}", soft_wrap=True)
        console.print(f"[dim]{_TODAY}[/]", soft_wrap=True)
        table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
        for head in ("Commit", "Day", "Cost", "Modules"):
            table.add_column(head, justify="left" if head in {"Commit", "Day"} else "right", no_wrap=True)
        table.add_column("What changed")
        for point in points:
            figures = ("", "") if point.modules is None else (_ms(point), f"{point.modules:,}")
            what = _what(point) or plain(point.subject)
            table.add_row(point.commit[:_SHORT], point.date, *figures, shown(what))
        console.print(table)
        console.print()


def print_found(found: Found, project: Project, console: Console) -> None:
    """The commit that a bisection names, and the statements that brought what is new."""
    bad, change = found.bad, found.change
    console.print(f"[bold]{bad.name}[/] {bad.date} {shown(bad.subject)}", soft_wrap=True)
    figures = f"{change.cost_us / 1000:+,.0f} ms, {counted(len(change.added) - len(change.removed), 'module', '+')}"
    console.print(f"  {figures} against {found.good.short}", soft_wrap=True)
    for cause in change.causes[:_NAMED]:
        place = shown(f"{plain(from_here(cause.location.path, project))}:{cause.location.line}")
        spent = f"{cause.cost_us / 1000:+,.0f} ms, {counted(cause.count, 'module', '+')}"
        console.print(f"  {spent} via {place}  [dim]{shown(cause.module)}[/]", soft_wrap=True)
    if found.unknown:
        names = ", ".join(one.short for one in found.unknown)
        console.print(
            f"[yellow]note[/] it may also be one of these, which cannot be worked out: {names}", soft_wrap=True
        )


def history_json(found: Shown) -> str:
    """A list of `entry, looked_at, commits`; each commit as `history.Point` has it, costs in microseconds."""
    made: list[dict[str, Any]] = [
        {"entry": name, "looked_at": looked, "commits": [_object(one) for one in points]}
        for name, points, looked in found
    ]
    return inert_json(json.dumps({"schema": 1, "starts": made}, indent=2))


def history_page(found: Shown) -> str:
    """The HTML text: pictures of cost and modules, and the table. No script, nothing from elsewhere."""
    parts = [_section(name, points, looked) for name, points, looked in found]
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><style>{_CSS}</style>'
    title = f"Start over time: {html.escape(plain(', '.join(name for name, _, _ in found)))}"
    body = f"<h1>{title}</h1><p>{_TODAY}</p>{''.join(parts)}"
    head += f"<title>{title}</title>"
    return f'<!doctype html><html lang="en"><head>{head}</head><body><main>{body}</main></body></html>'


def _object(point: Point) -> dict[str, Any]:
    return {
        "commit": point.commit,
        "date": point.date,
        "subject": point.subject,
        "modules": point.modules,
        "cost_us": point.cost_us,
        "added": list(point.added),
        "removed": list(point.removed),
        "versions": list(point.versions),
        "note": point.note,
    }


def _ms(point: Point) -> str:
    return f"{(point.cost_us or 0) / 1000:,.0f} ms"


def _what(point: Point) -> str:
    """What distinguishes the commit from the one before; empty when nothing does."""
    if point.note:
        return plain(point.note)
    said = [f"+{name}" for name in point.added] + [f"-{name}" for name in point.removed] + list(point.versions)
    more = [f"and {len(said) - _NAMED} more"] if len(said) > _NAMED else []
    return plain(", ".join(said[:_NAMED] + more))


def _section(name: str, points: Sequence[Point], looked: str) -> str:
    rows = "".join(_row(point) for point in reversed(points))
    heads = "".join(f'<th scope="col">{head}</th>' for head in ("Commit", "Day"))
    heads += "".join(f'<th scope="col" class="number">{head}</th>' for head in ("Cost", "Modules"))
    heads += '<th scope="col">What changed</th>'
    pictures = _picture("Cost, ms", points, [None if one.cost_us is None else one.cost_us / 1000 for one in points])
    pictures += _picture("Modules", points, [one.modules for one in points])
    return (
        f"<section><h2>{html.escape(plain(name))}</h2><p>{html.escape(looked)}</p>{pictures}"
        f"<h3>Commits, the newest first</h3><table><thead><tr>{heads}</tr></thead>"
        f"<tbody>{rows}</tbody></table></section>"
    )


def _row(point: Point) -> str:
    figures = ("", "") if point.modules is None else (_ms(point), f"{point.modules:,}")
    subject, what = html.escape(plain(point.subject)), html.escape(_what(point))
    text = f"{subject}<br><small>{what}</small>" if what else subject
    numbers = "".join(f'<td class="number">{one}</td>' for one in figures)
    commit = html.escape(point.commit[:_SHORT])
    return f'<tr><td class="commit">{commit}</td><td>{html.escape(point.date)}</td>{numbers}<td>{text}</td></tr>'


def _picture(title: str, points: Sequence[Point], values: Sequence[float | None]) -> str:
    """A line from zero up, a dot a commit; gaps where a commit has no value."""
    known = [value for value in values if value is not None]
    if not known:
        return ""
    most = max(*known, 1.0)
    wide, high = _WIDTH - _LEFT - 10, _HEIGHT - _TOP - 30
    dots = [
        (_LEFT + wide * place / max(len(values) - 1, 1), _TOP + high * (1 - value / most), point, value)
        for place, (point, value) in enumerate(zip(points, values, strict=True))
        if value is not None
    ]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y, _, _ in dots)
    marks = "".join(
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3"><title>{_label(point, value)}</title></circle>'
        for x, y, point, value in dots
    )
    grid = "".join(
        f'<line class="grid" x1="{_LEFT}" x2="{_WIDTH - 10}" y1="{y:.1f}" y2="{y:.1f}"/>'
        f'<text x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{most * share:,.0f}</text>'
        for share in (0.0, 0.5, 1.0)
        for y in (_TOP + high * (1 - share),)
    )
    days = (
        f'<text x="{_LEFT}" y="{_HEIGHT - 8}">{html.escape(points[0].date)}</text>'
        f'<text x="{_WIDTH - 10}" y="{_HEIGHT - 8}" text-anchor="end">{html.escape(points[-1].date)}</text>'
    )
    label = html.escape(f"{title} over {len(points)} commits, from {known[0]:,.0f} to {known[-1]:,.0f}")
    return (
        f'<h3>{title}</h3><svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{label}">{grid}{days}'
        f'<polyline class="line" points="{line}"/>{marks}</svg>'
    )


def _label(point: Point, value: float) -> str:
    return html.escape(plain(f"{point.commit[:_SHORT]} {point.date} {point.subject}: {value:,.0f}"))
