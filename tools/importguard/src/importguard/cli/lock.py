"""`importguard lock`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from importguard.cli.entry import Choice, entry_options
from importguard.render.plain import plain

if TYPE_CHECKING:
    from importguard.analysis import Analysis
    from importguard.project.lock import LockedModules


@click.command()
@entry_options
@click.option("--write", is_flag=True, help="Write the file that `lock` in importguard.toml names.")
@click.option("--update", is_flag=True, help="Add to it what this Python loads here, and keep the rest.")
def lock(choice: Choice, write: bool, update: bool) -> int:
    """Print or write the set of modules that the start may load, against which IG202 measures growth.

    --write holds for every supported Python and platform: it follows their branches with the packages installed here.
    """
    from importguard.errors import ConfigError
    from importguard.project import lock as locks

    analyses = choice.analyses()
    if not write and not update:
        for one in analyses:
            if len(analyses) > 1:
                click.echo(f"# {plain(one.name)}")
            click.echo("\n".join(map(plain, sorted(locks.own_modules(one.graph)))))
        return 0
    named = [one for one in analyses if one.project.config.lock]
    if not named:
        place = str(choice.project.file or choice.project.root / "importguard.toml")
        raise ConfigError(place, "lock", 'names no file; add lock = "importguard.project.lock"')
    for name in dict.fromkeys(one.project.config.lock for one in named):
        own = [one for one in named if one.project.config.lock == name]
        _write(choice, str(name), own, everywhere=not update)
    return 0


def _write(choice: Choice, name: str, analyses: list[Analysis], *, everywhere: bool) -> None:
    from importguard.project import lock as locks

    path = choice.project.root / name
    configured = {one.name for one in choice.project.entries if one.config.lock == name}
    made = {one.name: _locked(choice, one, everywhere) for one in analyses}
    kept: dict[str, locks.LockedModules] = {}
    if path.is_file() and (not everywhere or configured - made.keys()):
        kept = dict(locks.read_lock(path).entries)
    if not everywhere:
        made = {entry: kept[entry].joined(one) if entry in kept else one for entry, one in made.items()}
    entries = {**{entry: one for entry, one in kept.items() if entry in configured}, **made}
    locks.write(path, locks.Lock(locks.LOCK_SCHEMA, dict(sorted(entries.items()))))
    click.echo(f"Wrote {plain(name)}: {len({module for one in entries.values() for module in one.modules}):,} modules.")


def _locked(choice: Choice, analysis: Analysis, everywhere: bool) -> LockedModules:
    from rich.console import Console
    from rich.progress import track

    from importguard.analysis import environment_of, trace_start
    from importguard.graph import ModuleGraph
    from importguard.project import lock as locks
    from importguard.project.variants import variants
    from importguard.storage.disk import Now

    start = analysis.project
    environment = environment_of(start, choice.python)
    script, module = choice.script, choice.module
    if script is None and module is None:
        script, module = start.script, start.config.module
    others = variants(start, environment) if everywhere else ()
    shown = track(others, f"Locking {analysis.name}", console=Console(stderr=True), transient=True, disable=not others)
    now = Now()
    graphs = (ModuleGraph(trace_start(start, script, module, other, now)) for other in shown)
    return locks.locked(analysis.graph, graphs, environment.stdlib_names)
