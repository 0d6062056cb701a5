"""A command line whose one heavy command imports what it needs when it runs."""

import sys
from pathlib import Path

import click
import tomlkit
import yaml
from rich.console import Console
from rich.table import Table

console = Console(file=sys.stderr)


@click.group()
def cli():
    """Settings and figures."""


@cli.command()
@click.argument("file", type=Path)
def show(file):
    table = Table("key", "value")
    read = tomlkit.parse if file.suffix == ".toml" else yaml.safe_load
    for key, value in read(file.read_text()).items():
        table.add_row(key, str(value))
    console.print(table)


@cli.command()
def figures():
    import pandas

    console.print(pandas.DataFrame())


if __name__ == "__main__":
    cli()
