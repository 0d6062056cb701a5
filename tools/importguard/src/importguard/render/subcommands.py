"""Sub-commands by packages: a matrix for people, an object for programs. Pure."""

from __future__ import annotations

import json
from collections.abc import Sequence

from importguard.printable import plain
from importguard.render.summary import by_package
from importguard.subcommands import Subcommand

_COLUMNS = 6  # packages shown; the last column is all others
_OTHERS = "others"
SCHEMA = 1


def matrix_lines(rows: Sequence[Subcommand]) -> list[str]:
    """A line each: its cost, its modules, and what the dearest packages of all rows take of it."""
    costs = [_costs(row) for row in rows]
    dearest: dict[str, int] = {}
    for one in costs:
        for package, (cost_us, _) in one.items():
            dearest[package] = max(dearest.get(package, 0), cost_us)
    packages = sorted(dearest, key=lambda name: (-dearest[name], name))
    shown, others = packages[:_COLUMNS], packages[_COLUMNS:]
    source = rows[0].analysis.graph.cost_source(rows[0].analysis.graph.modules).capitalize()
    table = [["Command", source, "Modules", *shown, *([_OTHERS] if others else [])]]
    for row, one in zip(rows, costs, strict=True):
        rest = [one[package][0] for package in others if package in one]
        cells = [_ms(one[package][0]) if package in one else "·" for package in shown]
        least = "≥ " if row.unfinished else ""
        total = [f"{least}{_ms(row.cost_us)}", f"{least}{len(row.analysis.graph.eager):,}"]
        table.append([row.name, *total, *cells, *([_ms(sum(rest)) if rest else "·"] if others else [])])
    return _aligned([[plain(cell) for cell in line] for line in table])


def budget_lines(rows: Sequence[Subcommand]) -> list[str]:
    """Those that cost more than they may."""
    return [
        plain(f"✗ {row.name}: {_ms(row.cost_us)}, {row.budget_ms:,.0f} ms are allowed.")
        for row in rows
        if row.budget_ms is not None and row.is_over
    ]


def unfinished_lines(rows: Sequence[Subcommand]) -> list[str]:
    """Those whose walk a bound has ended, and where."""
    return [plain(f"! {row.name}: {row.unfinished}") for row in rows if row.unfinished]


def render_matrix(rows: Sequence[Subcommand]) -> str:
    """`schema, python, commands`: of each its words, cost, modules, budget, why it is not all, and packages."""
    commands = [
        {
            "name": row.name,
            "args": list(row.analysis.start.args or ()),
            "cost_us": row.cost_us,
            "cost_source": row.analysis.graph.cost_source(row.analysis.graph.eager),
            "modules": len(row.analysis.graph.eager),
            "budget_ms": row.budget_ms,
            "over": row.is_over,
            "unfinished": row.unfinished or None,
            "packages": {
                package: {"cost_us": cost_us, "modules": count}
                for package, (cost_us, count) in sorted(_costs(row).items(), key=lambda one: (-one[1][0], one[0]))
            },
        }
        for row in rows
    ]
    python = rows[0].analysis.environment.version
    return json.dumps({"schema": SCHEMA, "python": python, "commands": commands}, indent=2)


def _costs(row: Subcommand) -> dict[str, tuple[int, int]]:
    """By package: its cost and its modules."""
    graph = row.analysis.graph
    return {
        package: (graph.cost_us(names), len(names))
        for package, names in by_package(graph, graph.eager).items()
        if package != "__main__"
    }


def _ms(cost_us: int) -> str:
    return f"{cost_us / 1000:,.0f} ms"


def _aligned(table: list[list[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    return [
        "  ".join(
            [f"{line[0]:<{widths[0]}}", *(f"{cell:>{width}}" for cell, width in zip(line[1:], widths[1:], strict=True))]
        )
        for line in table
    ]
