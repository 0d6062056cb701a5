"""`importguard init`."""

from __future__ import annotations

from pathlib import Path

import click

from importguard.render.plain import plain


@click.command()
def init() -> int:
    """Write a commented importguard.toml from what the project's files say."""
    from importguard.committed_file import replace_file
    from importguard.starter import candidates, starter_config

    path = Path.cwd() / "importguard.toml"
    if path.exists():
        raise click.UsageError("importguard.toml is there already; it stays as it is.")
    found = candidates(Path.cwd())
    replace_file(path, starter_config(found), "")
    start = f"{found[0].key} = {found[0].value} ({found[0].found})" if found else "no entry was found, set one in it"
    click.echo(f"Wrote importguard.toml: {plain(start)}. Next: importguard check")
    return 0
