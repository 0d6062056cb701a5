"""`importguard manifest`."""

from __future__ import annotations

import click

from importguard.cli.entry import analyse_entry, console, entry_options


@click.command()
@entry_options
@click.option("--write", is_flag=True, help="Write the file that `manifest` in importguard.toml names.")
@click.option("--check", "verify", is_flag=True, help="Exit 1 when that file is stale.")
@click.option("--schema", is_flag=True, help="Print the JSON Schema of the manifest's file.")
@click.pass_context
def manifest(  # noqa: PLR0917  click passes them by name
    context: click.Context,
    script: str | None,
    module: str | None,
    python: str | None,
    write: bool,
    verify: bool,
    schema: bool,
) -> int:
    """Print, write or check the warmup manifest: what to import in the background, in which order."""
    from importguard import manifest as manifests
    from importguard.errors import ConfigError

    if schema:
        from importguard.manifest_schema import manifest_schema

        click.echo(manifest_schema(), nl=False)
        return 0
    analysis = analyse_entry(context, script, module, python)
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
    print_findings(StaleManifest().check(subject), analysis.project, console())
    return 1
