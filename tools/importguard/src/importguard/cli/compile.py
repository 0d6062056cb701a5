"""`importguard compile`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from importguard.cli.entry import Choice, entry_options
from importguard.cli.start import StartCommand
from importguard.printable import plain

if TYPE_CHECKING:
    from collections.abc import Iterable

    from importguard.target.bytecode import Bytecode

_SHOWN = 10  # files that could not be compiled, or that --check names


@click.command(cls=StartCommand)
@entry_options
@click.option("--check", is_flag=True, help="Write nothing; exit 1 when bytecode is missing.")
def compile(choice: Choice, check: bool) -> int:  # noqa: A001  the command's name
    """Compile the modules of the start and of its warmup to bytecode, and nothing else.

    For images and installations: a first start without bytecode takes about twice as long. Runs no module; the target
    interpreter compiles them into their __pycache__ folders.
    """
    from importguard.cli.progress import progress
    from importguard.target.bytecode import State, state_of
    from importguard.target.compiling import compile_sources

    session = choice.session(costs=False)
    analyses = choice.analyses(session)
    left = 0
    for one in analyses:
        environment = session.environment_of(one.start)
        found = one.bytecode()
        if check or not found.without:
            left += len(found.without)
            click.echo(_said(plain(one.name), found))
            _name(f"{path}: {state}" for path, state in found.without)
            continue
        with progress(f"Compiling {plain(one.name)}", steps=True) as step:
            failed = compile_sources(environment, [path for path, _ in found.without], step)
        # What counts is what the next start finds, not what the compiler said.
        still = [path for path, _ in found.without if state_of(path, environment) is not State.VALID]
        left += len(still)
        done = len(found.without) - len(still)
        click.echo(
            f"Compiled {done:,} of the {found.modules:,} modules of {plain(one.name)}; "
            f"{found.modules - len(found.without):,} were compiled already."
        )
        _name(f"{path}: not compiled: {failed.get(path, 'changed meanwhile')}" for path in still)
    return 1 if left else 0


def _said(name: str, found: Bytecode) -> str:
    if not found.without:
        return f"All {found.modules:,} modules of {name} have valid bytecode."
    why = f" ({'; '.join(map(plain, found.why))})" if found.why else ""
    return f"{len(found.without):,} of the {found.modules:,} modules of {name} have no valid bytecode{why}."


def _name(lines: Iterable[str]) -> None:
    for number, line in enumerate(lines):
        if number == _SHOWN:
            click.echo("importguard: and more", err=True)
            return
        click.echo(plain(f"importguard: {line}"), err=True)
