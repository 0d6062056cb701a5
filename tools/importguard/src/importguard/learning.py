"""What a run has loaded and the graph had not foreseen, with who loaded it, for the committed file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from importguard.analysis import Analysis
from importguard.costs.measuring import packages_of
from importguard.errors import ConfigError
from importguard.project.policy import is_listed
from importguard.project.seen import MAX_MODULES, SCHEMA, Seen, SeenModule, SeenStart, read_seen, write_seen
from importguard.running.process import Load, Record
from importguard.seen import learned
from importguard.startup.trace import Reach
from importguard.startup.trace.trace import Certainty
from importguard.target.environment import Environment


def learn_from_run(analysis: Analysis, record: Record) -> int:
    """Writes what the main thread of a run has loaded beside the graph; how many modules. Raises ConfigError."""
    ignored = analysis.start.config.verify.ignore
    loads = [
        one for one in record.loads if one.on_main and one.name in record.loaded and not is_listed(one.name, ignored)
    ]
    names = {one.name for one in loads}
    known = predicted(analysis)

    def importer(load: Load) -> tuple[str, int]:
        """The innermost module that the graph or this run knows; else the entry."""
        for frame in load.frames:
            if frame.module != load.name and (frame.module in names or frame.module in known):
                return frame.module, max(frame.line, 1)
        return analysis.graph.trace.entry, 1

    return _write(analysis, {one.name: importer(one) for one in loads if one.name not in known})


def learn_from_imports(analysis: Analysis, importers: Mapping[str, tuple[str, int]]) -> int:
    """Writes what measuring has loaded beside the graph; how many modules. Raises ConfigError.

    Measuring imports what the start only may load, too: what such a module has brought is no sign of the start.
    """
    known = predicted(analysis)
    modules = analysis.graph.modules
    found = {name: one for name, one in importers.items() if name not in known and name not in modules}
    reached = {
        name
        for name in known
        if modules[name].reach is Reach.EAGER and modules[name].certainty is not Certainty.POSSIBLE
    }
    kept: dict[str, tuple[str, int]] = {}
    for name, one in found.items():  # in the order of loading: an importer comes before what it loads
        if one[0] in reached:
            reached.add(name)
            kept[name] = one
    return _write(analysis, kept)


def predicted(analysis: Analysis) -> frozenset[str]:
    """What the graph knows of the start, and what it promises to warm, without the help of any run."""
    return frozenset(
        name
        for name, module in analysis.graph.modules.items()
        if module.reach in {Reach.EAGER, Reach.WARMED} and module.certainty is not Certainty.SEEN
    )


def _write(analysis: Analysis, importers: Mapping[str, tuple[str, int]]) -> int:
    root, environment = analysis.project.root, analysis.environment
    chosen = dict(sorted(importers.items())[:MAX_MODULES])
    owners, versions = _packages(environment, [*chosen, *(by for by, _ in chosen.values())])

    def owner(name: str) -> str:
        return owners.get(name.partition(".")[0], "")

    modules = {name: SeenModule(by, line, owner(name), owner(by)) for name, (by, line) in chosen.items()}
    before = _before(root)
    after = learned(before, analysis.start, environment, SeenStart(versions, modules), predicted(analysis))
    if after != before:
        write_seen(root, after)
    return len(modules)


def _before(root: Path) -> Seen:
    """What earlier runs have shown; nothing where the file is damaged, which is written anew."""
    try:
        return read_seen(root)
    except ConfigError:
        return Seen(SCHEMA, {})


def _packages(environment: Environment, names: Iterable[str]) -> tuple[dict[str, str], dict[str, str]]:
    """The distribution of each top-level module, and the version of each distribution."""
    found = packages_of(environment, {name.partition(".")[0] for name in names})
    owners = {module: name for name, package in sorted(found.items()) for module in package.modules}
    return owners, {name: package.version for name, package in found.items()}
