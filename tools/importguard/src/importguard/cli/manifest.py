"""`importguard manifest`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from importguard.cli.entry import Choice, console, entry_options, say, say_environment
from importguard.cli.start import StartCommand
from importguard.printable import inert_json, plain

if TYPE_CHECKING:
    from importguard.analysis import Analysis


@click.command(cls=StartCommand)
@entry_options
@click.option("--write", is_flag=True, help="Write the file that `manifest` in importguard.toml names.")
@click.option("--check", "verify", is_flag=True, help="Exit 1 when that file is stale.")
@click.option("--schema", is_flag=True, help="Print the JSON Schema of the manifest's file.")
def manifest(choice: Choice, write: bool, verify: bool, schema: bool) -> int:
    """Print, write or check the warmup manifest: what to import in the background, in which order."""
    from importguard.errors import ConfigError

    if schema:
        from importguard.manifest_schema import manifest_schema

        click.echo(manifest_schema(), nl=False)
        return 0
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


def _write(analysis: Analysis, choice: Choice) -> int:
    from importguard import manifest as manifests

    path = manifests.manifest_path(analysis.start)
    if path is not None:
        manifests.write(path, analysis.manifest)
        name = plain(str(analysis.start.config.manifest))
        say(choice, f"Wrote {name}: {len(analysis.manifest.jobs)} modules to warm.")
    return 0


def _verify(analysis: Analysis, choice: Choice) -> int:
    from importguard import manifest as manifests

    path = manifests.manifest_path(analysis.start)
    committed = manifests.read(path) if path is not None and path.is_file() else None
    if committed == analysis.manifest:
        name = plain(str(analysis.start.config.manifest))
        say(choice, f"{name} is fresh: {len(analysis.manifest.jobs)} modules to warm.")
        return 0
    from importguard.render.text import print_findings
    from importguard.rules import Subject
    from importguard.rules.stale_manifest import StaleManifest

    subject = Subject(analysis.start, analysis.graph, analysis.manifest, committed)
    print_findings(StaleManifest().check(subject), analysis.project, console())
    return 1
