"""`importguard lock`."""

from __future__ import annotations

import click

from importguard.cli.entry import analyse_entry, entry_options


@click.command()
@entry_options
@click.option("--write", is_flag=True, help="Write the file that `lock` in importguard.toml names.")
@click.option("--update", is_flag=True, help="Add to it what this Python loads, and keep the rest.")
@click.pass_context
def lock(  # noqa: PLR0917  click passes them by name
    context: click.Context, script: str | None, module: str | None, python: str | None, write: bool, update: bool
) -> int:
    """Print or write the set of modules that the start loads, against which IG202 measures growth."""
    from importguard import lock as locks
    from importguard.errors import ConfigError

    analysis = analyse_entry(context, script, module, python)
    project = analysis.project
    if not write and not update:
        click.echo("\n".join(locks.lock_of(analysis.graph, analysis.manifest.entry).modules))
        return 0
    if project.config.lock is None:
        place = str(project.file or project.root / "importguard.toml")
        raise ConfigError(place, "lock", 'names no file; add lock = "importguard.lock"')
    path = project.root / project.config.lock
    earlier = locks.read_lock(path) if update and path.is_file() else None
    made = locks.lock_of(analysis.graph, analysis.manifest.entry, earlier)
    locks.write(path, made)
    click.echo(f"Wrote {project.config.lock}: {len(made.modules)} modules.")
    return 0
