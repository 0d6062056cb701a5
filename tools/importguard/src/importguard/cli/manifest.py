"""`importguard manifest`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from importguard.cli.entry import Choice, console, entry_options, say, say_environment
from importguard.cli.start import StartCommand
from importguard.printable import counted, inert_json, plain

if TYPE_CHECKING:
    from importguard.analysis import Analysis


_FOR = "Print what workers of such a program load and its preload misses, as it reads it."


@click.command(cls=StartCommand)
@entry_options
@click.option("--write", is_flag=True, help="Write the file that `manifest` in importguard.toml names.")
@click.option("--check", "verify", is_flag=True, help="Exit 1 when that file is stale.")
@click.option("--schema", is_flag=True, help="Print the JSON Schema of the manifest's file.")
@click.option("--for", "program", type=click.Choice(["forkserver", "gunicorn", "celery"]), help=_FOR)
@click.option("--format", "style", type=click.Choice(["text", "json"]), help="Of --for; text by default.")
def manifest(  # noqa: PLR0917  click passes them by name
    choice: Choice, write: bool, verify: bool, schema: bool, program: str | None, style: str | None
) -> int:
    """Print, write or check the warmup manifest: what to import in the background, in which order."""
    from importguard.errors import ConfigError

    if schema:
        from importguard.manifest_schema import manifest_schema

        click.echo(manifest_schema(), nl=False)
        return 0
    if program is not None or style is not None:
        if program is None or write or verify:
            raise click.UsageError("--for prints what such a program reads: --write and --check do not go with it.")
        return _print_preload(choice, program, style or "text")
    if not write and not verify:
        analysis = choice.analysis("A manifest is of one start")
        click.echo(inert_json(analysis.manifest.to_json()), nl=False)
        say_environment(choice, [analysis], beside=True)
        return 0
    analyses = choice.analyses()
    # With several entries those without a manifest simply warm nothing.
    named = [one for one in analyses if one.start.config.manifest]
    if not named:
        place = str(choice.project.file or choice.project.root / "importguard.toml")
        raise ConfigError(place, "manifest", 'names no file; add manifest = "warmup_manifest.json"')
    code = max([(_write if write else _verify)(one, choice) for one in named])
    say_environment(choice, named, beside=True)
    return code


def _print_preload(choice: Choice, program: str, style: str) -> int:
    from importguard.preload import preload
    from importguard.project.start import Kind
    from importguard.render.preload import preload_text, render_preload

    analysis = choice.analysis("A preload is of one start")
    if analysis.start.kind is Kind.PYTEST:
        raise click.UsageError("a collection of tests forks no workers: name the program that does.")
    found = preload(analysis)
    render = render_preload if style == "json" else preload_text
    click.echo(render(found, program, analysis.project), nl=style == "json")
    say_environment(choice, [analysis], beside=True)
    return 0


def _write(analysis: Analysis, choice: Choice) -> int:
    from importguard import manifest as manifests

    path = manifests.manifest_path(analysis.start)
    if path is not None:
        manifests.write(path, analysis.manifest)
        name = plain(str(analysis.start.config.manifest))
        say(choice, f"Wrote {name}: {counted(len(analysis.manifest.jobs), 'module')} to warm.")
    return 0


def _verify(analysis: Analysis, choice: Choice) -> int:
    from importguard import manifest as manifests

    path = manifests.manifest_path(analysis.start)
    committed = manifests.read(path) if path is not None and path.is_file() else None
    if committed == analysis.manifest:
        name = plain(str(analysis.start.config.manifest))
        say(choice, f"{name} is fresh: {counted(len(analysis.manifest.jobs), 'module')} to warm.")
        return 0
    from importguard.render.text import print_findings
    from importguard.rules import Subject
    from importguard.rules.stale_manifest import StaleManifest

    subject = Subject(analysis.start, analysis.graph, analysis.manifest, committed)
    print_findings(StaleManifest().check(subject), analysis.project, console())
    return 1
