"""The formats of a verdict, and the files that it is written to beside what is printed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from importguard.verdict import Verdict

FORMATS = ("text", "json", "sarif", "github", "junit", "markdown")
Files = tuple[tuple[str, Path], ...]


def parsed_files(_context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]) -> Files:
    """Each FORMAT:PATH. Raises BadParameter."""
    found = []
    for value in values:
        style, colon, path = value.partition(":")
        if style not in FORMATS or not colon or not path:
            raise click.BadParameter(f"{value!r} is no FORMAT:PATH; the formats are {', '.join(FORMATS)}.")
        found.append((style, Path(path)))
    return tuple(found)


def rendered(verdict: Verdict, style: str) -> str:
    """*verdict* in a format for machines, without a last line end."""
    from importguard.render import github, json, junit, markdown, sarif

    render = {
        "json": json.render_verdict,
        "sarif": sarif.render_sarif,
        "github": github.render_github,
        "junit": junit.render_junit,
        "markdown": markdown.render_markdown,
    }[style]
    return render(verdict)


def write_files(verdict: Verdict, files: Files) -> None:
    """Replaces each of *files* whole. Raises ConfigError for one that cannot be written."""
    from importguard.project.committed_file import replace_file

    for style, path in files:
        content = _as_text(verdict) if style == "text" else rendered(verdict, style)
        replace_file(path, f"{content.rstrip()}\n" if content else "", "--output-file")


def _as_text(verdict: Verdict) -> str:
    import io

    from rich.console import Console

    from importguard.render.target import looked_at
    from importguard.render.text import print_verdict

    stream = io.StringIO()
    print_verdict(verdict, Console(file=stream, highlight=False, emoji=False, no_color=True, width=120))
    return stream.getvalue() + "\n".join(looked_at(report.analysis for report in verdict.reports))
