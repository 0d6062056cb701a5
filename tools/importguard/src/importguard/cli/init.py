"""`importguard init`."""

from __future__ import annotations

from pathlib import Path

import click

from importguard.printable import plain


@click.command()
@click.option("--pyproject", is_flag=True, help="Add it to pyproject.toml, as [tool.importguard].")
def init(pyproject: bool) -> int:
    """Write a commented configuration from what the project's files say: importguard.toml."""
    from importguard.project.committed_file import replace_file
    from importguard.project.config import find_project
    from importguard.project.starter import candidates, frameworks, source_folders, starter_config

    folder = Path.cwd()
    if (folder / "importguard.toml").exists():  # even one that cannot be read
        raise click.UsageError("importguard.toml is there already; it stays as it is.")
    there = find_project(folder)
    if there.file is not None and there.file.parent == folder.resolve():
        raise click.UsageError(f"{there.file.name} has a configuration already; it stays as it is.")
    found = candidates(folder)
    name = "pyproject.toml" if pyproject else "importguard.toml"
    path = folder / name
    before = f"{path.read_text(encoding='utf-8').rstrip()}\n\n" if pyproject and path.is_file() else ""
    paths = source_folders(folder)
    replace_file(path, before + starter_config(found, "tool.importguard" if pyproject else "", paths), "")
    starts = ", ".join(f"{one.key} = {one.value} ({one.found})" for one in found)
    click.echo(f"Wrote {name}: {plain(starts) or 'no entry was found, set one in it'}.")
    for one in paths:
        click.echo(
            f'It has paths = ["{one}"]: the packages in {one} are read, not a release of them that is installed.'
        )
    for framework in frameworks(found):
        click.echo(f'It has allow = ["{framework}"]: the application is built on {framework}, which has to load.')
    click.echo("Next: importguard check. Its costs are estimates until `importguard measure` has measured them.")
    return 0
