"""`importguard rule`."""

from __future__ import annotations

import click

from importguard.cli.completion import codes


@click.command()
@click.argument("code", required=False, shell_complete=codes)
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
