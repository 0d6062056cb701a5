"""The commands. Each imports what it needs when it runs, so that `--help` stays instant."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from rich.console import Console

    from importguard.check import Analysis, Report


def _entry_options(command: Callable[..., Any]) -> Callable[..., Any]:
    command = click.option("--python", metavar="PY", help="The application's interpreter; default: the active one.")(
        command
    )
    command = click.option("--module", "-m", metavar="NAME", help="Analyse `import NAME` instead of a script.")(command)
    return click.argument("script", required=False, type=click.Path())(command)


def _analyse(context: click.Context, script: str | None, module: str | None, python: str | None) -> Analysis:
    from importguard.check import analyse
    from importguard.config import find_project

    if script is not None and module is not None:
        raise click.UsageError("SCRIPT and --module name two entries; pass one of them.")
    explicit = Path(context.obj) if context.obj else None
    return analyse(find_project(Path.cwd(), explicit), script, module, python)


def _console() -> Console:
    from rich.console import Console

    return Console(highlight=False)


_STYLES = ["text", "json", "sarif", "github", "junit", "markdown"]


def _codes(_context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(code.strip().upper() for value in values for code in value.split(",") if code.strip())


@click.command()
@_entry_options
@click.option("--format", "style", type=click.Choice(_STYLES), default="text", show_default=True)
@click.option("--select", metavar="CODES", multiple=True, callback=_codes, help="Only these rules: IG101,IG3.")
@click.option("--ignore", metavar="CODES", multiple=True, callback=_codes, help="All rules but these.")
@click.option("--against", metavar="REV", help="Also say what changed since a git revision; text and markdown only.")
@click.option("--write-baseline", is_flag=True, help="Accept today's findings: write the file that `baseline` names.")
@click.pass_context
def check(  # noqa: PLR0917  click passes them by name
    context: click.Context,
    script: str | None,
    module: str | None,
    python: str | None,
    style: str,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    against: str | None,
    write_baseline: bool,
) -> int:
    """Find heavy imports on the main thread, and whether the warmup manifest is fresh.

    Without SCRIPT or --module the entry in importguard.toml is analysed.
    """
    from importguard.check import check as apply_rules
    from importguard.check import selected_rules

    selected_rules(select, ignore)  # a wrong code is told before the long work
    if against is not None and style not in {"text", "markdown"}:
        raise click.UsageError("--against is for --format text and markdown.")
    analysis = _analyse(context, script, module, python)
    if write_baseline:
        return _write_baseline(apply_rules(analysis, select, ignore, fresh=True))
    if against is not None:
        _print_change(analysis, against, style, (script, module, python))
    report = apply_rules(analysis, select, ignore)
    if style == "text":
        from importguard.render.text import print_report

        print_report(report, _console())
    else:
        click.echo(_renderer(style)(report))
    return int(report.failed)


def _print_change(
    analysis: Analysis, revision: str, style: str, entry: tuple[str | None, str | None, str | None]
) -> None:
    from importguard.compare import analyse_revision, compare

    change = compare(analyse_revision(analysis.project, revision, *entry).graph, analysis.graph)
    if style == "markdown":
        from importguard.render.markdown import render_change

        click.echo(render_change(change, revision, analysis.project) + "\n")
    else:
        from importguard.render.text import print_change

        print_change(change, revision, analysis.project, _console())


def _write_baseline(report: Report) -> int:
    from importguard import lock as locks
    from importguard.errors import ConfigError

    project = report.analysis.project
    name = project.config.baseline
    if name is None:
        place = str(project.file or project.root / "importguard.toml")
        raise ConfigError(place, "baseline", 'names no file; add baseline = "importguard.baseline.json"')
    named = [(finding, project.relative(finding.location.path)) for finding in report.findings]
    locks.write(project.root / name, locks.baseline_of(named))
    click.echo(f"Wrote {name}: {len(named)} findings are accepted for now.")
    return 0


def _renderer(style: str) -> Callable[[Report], str]:
    from importguard.render import github, json, junit, markdown, sarif

    return {
        "json": json.render_report,
        "sarif": sarif.render_sarif,
        "github": github.render_github,
        "junit": junit.render_junit,
        "markdown": markdown.render_markdown,
    }[style]


@click.command()
@click.argument("name", metavar="NAME")
@_entry_options
@click.pass_context
def why(context: click.Context, name: str, script: str | None, module: str | None, python: str | None) -> int:
    """Name the import statements to cut so that the start does not load the module NAME."""
    analysis = _analyse(context, script, module, python)
    found = analysis.graph.modules.get(name)
    if found is None:
        raise click.UsageError(f"{name} is not among the modules that {analysis.manifest.entry} reaches.")
    if found.reach != "eager":
        click.echo(f"{name} is not loaded at startup: it is {found.reach}.")
        return 0
    cuts = analysis.graph.cuts(name)
    if not cuts:
        click.echo(f"{name} is loaded by the start itself; no import statement of the project's brings it in.")
        return 0
    from importguard.render.text import print_cuts

    print_cuts(analysis.graph, name, cuts, analysis.project, _console())
    return 0


@click.command()
@_entry_options
@click.option(
    "--format",
    "style",
    type=click.Choice(["text", "json", "html", "dot", "mermaid"]),
    default="text",
    show_default=True,
    help="html is one page without network use: importguard graph --format html > startup.html",
)
@click.option("--depth", type=click.IntRange(min=1), metavar="N", help="dot, mermaid: at most N imports deep.")
@click.option("--collapse", type=click.Choice(["third-party"]), help="dot, mermaid: one node per outside package.")
@click.pass_context
def graph(  # noqa: PLR0917  click passes them by name
    context: click.Context,
    script: str | None,
    module: str | None,
    python: str | None,
    style: str,
    depth: int | None,
    collapse: str | None,
) -> int:
    """List what the start loads, in load order, with the import that loads it."""
    if (depth or collapse) and style not in {"dot", "mermaid"}:
        raise click.UsageError("--depth and --collapse are for --format dot and mermaid.")
    analysis = _analyse(context, script, module, python)
    if style == "text":
        from importguard.render.text import print_graph

        print_graph(analysis.graph, _console())
    elif style == "json":
        from importguard.render.json import render_graph

        click.echo(render_graph(analysis.graph))
    elif style == "html":
        from importguard.render.html import render_page

        click.echo(render_page(analysis.graph, analysis.project), nl=False)
    else:
        from importguard.render import diagram

        render = diagram.render_dot if style == "dot" else diagram.render_mermaid
        click.echo(render(analysis.graph, depth, collapse is not None))
    return 0


@click.command()
@_entry_options
@click.option("--write", is_flag=True, help="Write the file that `manifest` in importguard.toml names.")
@click.option("--check", "verify", is_flag=True, help="Exit 1 when that file is stale.")
@click.pass_context
def manifest(  # noqa: PLR0917  click passes them by name
    context: click.Context, script: str | None, module: str | None, python: str | None, write: bool, verify: bool
) -> int:
    """Print, write or check the warmup manifest: what to import in the background, in which order."""
    from importguard import manifest as manifests
    from importguard.errors import ConfigError

    analysis = _analyse(context, script, module, python)
    path = manifests.manifest_path(analysis.project)
    if not write and not verify:
        click.echo(analysis.manifest.to_json(), nl=False)
        return 0
    if path is None:
        place = str(analysis.project.file or analysis.project.root / "importguard.toml")
        raise ConfigError(place, "manifest", 'names no file; add manifest = "warmup_manifest.json"')
    count = len(analysis.manifest.jobs)
    if write:
        manifests.write(path, analysis.manifest)
        click.echo(f"Wrote {analysis.project.config.manifest}: {count} modules to warm.")
        return 0
    committed = manifests.read(path) if path.is_file() else None
    if committed == analysis.manifest:
        click.echo(f"{analysis.project.config.manifest} is fresh: {count} modules to warm.")
        return 0
    from importguard.render.text import print_findings
    from importguard.rules import Subject
    from importguard.rules.stale_manifest import StaleManifest

    subject = Subject(analysis.project, analysis.graph, analysis.manifest, committed)
    print_findings(StaleManifest().check(subject), analysis.project, _console())
    return 1


@click.command()
@_entry_options
@click.option("--write", is_flag=True, help="Write the file that `lock` in importguard.toml names.")
@click.option("--update", is_flag=True, help="Add to it what this Python loads, and keep the rest.")
@click.pass_context
def lock(  # noqa: PLR0917  click passes them by name
    context: click.Context, script: str | None, module: str | None, python: str | None, write: bool, update: bool
) -> int:
    """Print or write the set of modules that the start loads, against which IG202 measures growth."""
    from importguard import lock as locks
    from importguard.errors import ConfigError

    analysis = _analyse(context, script, module, python)
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


@click.command()
@_entry_options
@click.option("--runs", type=click.IntRange(1, 99), default=5, show_default=True, help="Fresh processes; their median.")
@click.option("--timeout", type=click.FloatRange(min=1), default=120.0, show_default=True, help="Seconds for each.")
@click.pass_context
def measure(  # noqa: PLR0917  click passes them by name
    context: click.Context, script: str | None, module: str | None, python: str | None, runs: int, timeout: float
) -> int:
    """Measure what the start and the warmup import, in the target interpreter: this runs those modules.

    Writes importguard.costs.json beside importguard.toml. A script itself is not run, only the modules it imports are.
    """
    from rich.console import Console
    from rich.progress import Progress

    from importguard.costs.measured import FILE, write_costs
    from importguard.costs.measuring import measure as measure_imports
    from importguard.environment import default_python, probe

    analysis = _analyse(context, script, module, python)
    project, graph = analysis.project, analysis.graph
    names = [one.name for one in graph.trace.modules if one.reach in ("eager", "warmed") and one.name != "__main__"]
    environment = probe(python or project.config.python or default_python())
    errors = Console(stderr=True)
    with Progress(console=errors, transient=True) as progress:
        task = progress.add_task("Measuring", total=runs + 1)
        costs, faults = measure_imports(
            environment,
            names,
            [str(project.root)],
            runs=runs,
            timeout_s=timeout,
            on_run=lambda done: progress.update(task, completed=done),
        )
    for fault in faults:
        errors.print(f"importguard: {fault}", markup=False, soft_wrap=True)
    write_costs(project.root / FILE, costs)
    total = sum(costs.self_us.get(name, 0) for name in graph.eager) / 1000
    click.echo(f"Wrote {FILE}: {len(costs.self_us):,} of {len(names):,} modules; the start takes {total:,.0f} ms here.")
    return 0


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
    click.echo(f"Wrote importguard.toml: {start}. Next: importguard check")
    return 0


@click.command()
@click.argument("code", required=False)
@click.option("--markdown", is_flag=True, help="Print every rule's documentation as one page.")
def rule(code: str | None, markdown: bool) -> int:
    """Explain a rule, or list them all."""
    import inspect

    if markdown:
        from importguard.render.markdown import render_rules

        click.echo(render_rules(), nl=False)
        return 0

    from importguard.rules import RULES

    if code is None:
        for one in RULES:
            click.echo(f"{one.code}  {one.title}")
        return 0
    found = next((one for one in RULES if one.code == code.upper()), None)
    if found is None:
        raise click.UsageError(f"There is no rule {code}. `importguard rule` lists them.")
    click.echo(f"{found.code}: {inspect.getdoc(type(found))}")
    return 0


def register(group: click.Group) -> None:
    """Adds every command to *group*."""
    for command in (check, graph, why, measure, manifest, lock, rule, init):
        group.add_command(command)
