"""The command line: parse, call the library, render, exit. 0 clean, 1 findings, 2 could not check."""

from __future__ import annotations

import sys

import click

from importguard.errors import ImportGuardError


@click.group(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 clean, 1 findings, 2 could not check. NO_COLOR switches colours off.",
)
@click.version_option(package_name="importguard")
@click.option(
    "--config", type=click.Path(dir_okay=False), metavar="FILE", help="An importguard.toml; else the nearest upwards."
)
@click.pass_context
def cli(context: click.Context, config: str | None) -> None:
    """What the main thread of a Python application imports at startup, worked out without running it."""
    context.obj = config


def main() -> None:
    """The console script."""
    from importguard.cli import check, graph, init, lock, manifest, measure, rule, why

    for command in (
        check.check,
        graph.graph,
        why.why,
        measure.measure,
        manifest.manifest,
        lock.lock,
        rule.rule,
        init.init,
    ):
        cli.add_command(command)
    try:
        code = cli.main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        code = 2
    except click.Abort:
        code = 130
    except ImportGuardError as error:
        click.echo(f"importguard: {error}", err=True)
        code = 2
    except BrokenPipeError:
        sys.stderr.close()  # the reader went away, as `| head` does: nothing is left to tell
        code = 1
    sys.exit(code if isinstance(code, int) else 0)
