"""What collecting tests pays, for people and for programs."""

from __future__ import annotations

from typing import Any

from importguard.collected import Collection
from importguard.printable import counted, plain
from importguard.project.start import Project

_ROWS = 20


def collection_lines(found: Collection, project: Project) -> list[str]:
    """One line for each file, the most expensive first; then what half of them share."""
    graph = found.graph
    rows = [
        (plain(project.relative(one.path)), graph.cost_us(one.needs), graph.cost_us(one.alone), len(one.needs))
        for one in found.files
    ]
    rows.sort(key=lambda row: (-row[1], row[0]))
    width = max((len(row[0]) for row in rows[:_ROWS]), default=0)
    lines = [f"{'File':<{width}}  {'Needs':>9}  {'Only it':>9}  {'Modules':>7}"]
    lines += [
        f"{name:<{width}}  {needs / 1000:>6,.0f} ms  {alone / 1000:>6,.0f} ms  {count:>7,}"
        for name, needs, alone, count in rows[:_ROWS]
    ]
    if len(rows) > _ROWS:
        lines.append(f"and {len(rows) - _ROWS:,} more files")
    packages = sorted(found.shared.items(), key=lambda one: -graph.cost_us(one[1][0]))
    shared = [
        f"{plain(name)} {graph.cost_us(modules) / 1000:,.0f} ms in {often:,} files"
        for name, (modules, often) in packages[:_ROWS]
        if graph.cost_us(modules) >= 500
    ]
    half = f"At least half of the {len(rows):,} files share: {', '.join(shared)}." if shared else ""
    modules = counted(len(found.base), "module")
    base = f"pytest and its plugins alone: {graph.cost_us(found.base) / 1000:,.0f} ms, {modules}."
    return ["", *lines, *([half] if half else []), base]


def collection_object(found: Collection, project: Project) -> dict[str, Any]:
    """`base_us`, `files`, `shared`."""
    graph = found.graph
    return {
        "base_us": graph.cost_us(found.base),
        "files": [
            {
                "path": project.relative(one.path),
                "module": one.module,
                "needs_us": graph.cost_us(one.needs),
                "only_us": graph.cost_us(one.alone),
                "modules": len(one.needs),
            }
            for one in found.files
        ],
        "shared": [
            {"package": name, "cost_us": graph.cost_us(modules), "modules": len(modules), "files": often}
            for name, (modules, often) in found.shared.items()
        ],
    }
