"""`importguard lock`."""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING

import click

from importguard.cli.entry import Choice, entry_options, say, say_environment
from importguard.cli.start import StartCommand
from importguard.printable import counted, plain

if TYPE_CHECKING:
    from importguard.analysis import Analysis
    from importguard.project.lock import LockedModules
    from importguard.session import Session


@click.command(cls=StartCommand)
@entry_options
@click.option("--write", is_flag=True, help="Write the file that `lock` in importguard.toml names.")
@click.option("--update", is_flag=True, help="Add to it what this Python loads here, and keep the rest.")
def lock(choice: Choice, write: bool, update: bool) -> int:
    """Print or write the set of modules that the start may load, against which IG202 measures growth.

    --write holds for every supported Python and platform: it follows their branches with the packages installed here.
    """
    from importguard.errors import ConfigError
    from importguard.locked_set import own_modules, standard_modules

    session = choice.session()
    analyses = choice.analyses(session)
    if not write and not update:
        for one in analyses:
            if len(analyses) > 1:
                click.echo(f"# {plain(one.name)}")
            click.echo("\n".join(map(plain, sorted(own_modules(one.graph) | standard_modules(one.graph)))))
        say_environment(choice, analyses, beside=True)
        return 0
    named = [one for one in analyses if one.start.config.lock]
    if not named:
        place = str(choice.project.file or choice.project.root / "importguard.toml")
        raise ConfigError(place, "lock", 'names no file; add lock = "importguard.lock"')
    for name in dict.fromkeys(one.start.config.lock for one in named):
        own = [one for one in named if one.start.config.lock == name]
        _write(choice, str(name), own, session, everywhere=not update)
    say_environment(choice, analyses, beside=True)
    return 0


def _write(choice: Choice, name: str, analyses: list[Analysis], session: Session, *, everywhere: bool) -> None:
    from importguard.project import lock as locks

    project = choice.project
    path = project.root / name
    configured = {one.name for one in project.entries if one.name and one.config.lock == name}
    made = {one.name: _locked(one, session, everywhere, choice) for one in analyses}
    kept: dict[str, locks.LockedModules] = {}
    if path.is_file() and (not everywhere or configured - made.keys()):
        kept = dict(locks.read_lock(path).entries)
    if not everywhere:
        made = {entry: kept[entry].joined(one) if entry in kept else one for entry, one in made.items()}
    entries = {**{entry: one for entry, one in kept.items() if entry in configured}, **made}
    locks.write(path, locks.Lock(locks.LOCK_SCHEMA, dict(sorted(entries.items()))))
    modules = counted(len({module for one in entries.values() for module in one.modules}), "module")
    say(choice, f"Wrote {plain(name)}: {modules}.")


def _locked(analysis: Analysis, session: Session, everywhere: bool, choice: Choice) -> LockedModules:
    from importguard.cli.progress import progress
    from importguard.graph import ModuleGraph
    from importguard.locked_set import locked
    from importguard.running.fork_pool import work_out
    from importguard.startup import is_kept, trace_start
    from importguard.target.variants import variants

    start = analysis.start
    environment = session.environment_of(start)
    others = variants(start, environment) if everywhere else ()
    graphs: list[ModuleGraph] = []
    with progress(f"Locking {plain(analysis.name)}", steps=True, quiet=choice.quiet) as step:
        together = _side_by_side(session)
        while len(graphs) < len(others):
            sessions = [session.within(one) for one in others[len(graphs) : len(graphs) + together]]
            if len(sessions) > 1:
                new = [one for one in sessions if not is_kept(start, one, later=False)]
                work_out([partial(trace_start, start, one, later=False) for one in new])
            graphs += [ModuleGraph(trace_start(start, one, later=False)) for one in sessions]
            step(len(graphs), len(others))
    return locked(analysis.graph, graphs, environment.stdlib_names)


def _side_by_side(session: Session) -> int:
    """How many variants of a start may be worked out at a time: they meet in the cache."""
    from importguard.source.ahead import worthwhile

    return len(os.sched_getaffinity(0)) if session.cache is not None and worthwhile() else 1
