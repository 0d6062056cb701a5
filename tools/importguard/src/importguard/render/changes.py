"""What a change does to a start, as text, as Markdown and as an object of JSON."""

from __future__ import annotations

from typing import Any

from rich.console import Console

from importguard.compare import Change, Comparison
from importguard.printable import counted, plain
from importguard.project.repository import from_here, in_repository
from importguard.project.start import Project
from importguard.render.markdown import cell, code_text
from importguard.render.markup import shown

_ROWS = 8
_ROWS_OF_TABLE = 20


def print_changes(found: Comparison, project: Project, console: Console) -> None:
    """What each start does that it did not do in the base."""
    for change in found.changes:
        of = f"{plain(change.name)}: " if len(found.changes) > 1 else ""
        console.print(f"{shown(of)}[bold]{_figures(change)}[/] against {shown(_base(found))}", soft_wrap=True)
        for cause in change.causes[:_ROWS]:
            place = shown(f"{plain(from_here(cause.location.path, project))}:{cause.location.line}")
            figures = f"{cause.cost_us / 1000:+,.0f} ms, {counted(cause.count, 'module', '+')}"
            console.print(f"  {figures} via {place}  [dim]{shown(cause.module)}[/]", soft_wrap=True)
        console.print()
    for sentence in _notes(found):
        console.print(f"[yellow]note[/] {shown(sentence)}", soft_wrap=True)


def markdown_changes(found: Comparison, project: Project) -> str:
    """The same as tables."""
    parts = []
    for change in found.changes:
        of = f" of {code_text(change.name)}" if len(found.changes) > 1 else ""
        lines = [f"**{_figures(change)}** at startup{of} against {code_text(_base(found))}."]
        if change.causes:
            lines += ["", "| Via | Dearest module | Modules | Cost |", "|---|---|---:|---:|"]
        for cause in change.causes[:_ROWS_OF_TABLE]:
            where = code_text(f"{in_repository(cause.location.path, project)}:{cause.location.line}")
            lines.append(f"| {where} | {cell(cause.module)} | {cause.count:+,} | {cause.cost_us / 1000:+,.0f} ms |")
        parts.append("\n".join(lines))
    parts += [cell(sentence) for sentence in _notes(found)]
    return "\n\n".join(parts)


def changes_object(found: Comparison, project: Project) -> dict[str, Any]:
    """`revision, base, apart, notes, starts`; costs in microseconds, paths relative to the project."""
    return {
        "revision": found.revision,
        "base": found.base,
        "apart": found.apart,
        "notes": list(_notes(found)),
        "starts": [
            {
                "entry": change.name,
                "new": change.new,
                "cost_us": change.cost_us,
                "added": list(change.added),
                "removed": list(change.removed),
                "causes": [
                    {
                        "path": project.relative(cause.location.path),
                        "line": cause.location.line,
                        "module": cause.module,
                        "modules": cause.count,
                        "cost_us": cause.cost_us,
                    }
                    for cause in change.causes
                ],
            }
            for change in found.changes
        ],
    }


def _figures(change: Change) -> str:
    """`+182 ms, +214 modules, -3 modules`; `new: …` for a start that was not there before."""
    if not change.added and not change.removed and not change.new:
        return "The start loads the same modules"
    counts = [counted(count, "module", "+") for count in (len(change.added), -len(change.removed)) if count]
    figures = ", ".join([f"{change.cost_us / 1000:+,.0f} ms", *counts])
    return f"new: {figures}" if change.new else figures


def _base(found: Comparison) -> str:
    return f"{found.revision} ({found.base[:9]})"


def _notes(found: Comparison) -> tuple[str, ...]:
    """What keeps the comparison from being whole."""
    apart = (
        f"HEAD and {found.revision} have no common commit in this clone, so the comparison is with {found.revision} "
        "itself; a clone that is shallow gets the others with: git fetch --unshallow"
    )
    unread = [f"{path} of {found.revision} {reason} and was not read" for path, reason in found.unread]
    return (*((apart,) if found.apart else ()), *unread)
