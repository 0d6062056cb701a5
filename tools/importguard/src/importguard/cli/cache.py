"""`importguard cache`."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import TYPE_CHECKING

import click

from importguard.cli.entry import Choice, entry_options, say
from importguard.cli.examples import epilog
from importguard.cli.start import StartCommand
from importguard.printable import counted, plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from importguard.project.start import Project
    from importguard.session import Session
    from importguard.storage.cache import Cache
    from importguard.warming import Wanted, Warmed

_PACK = click.Path(dir_okay=False, path_type=Path)


@click.group()
def cache() -> None:
    """Carry what was worked out to other machines: packs, an image that is warm, the key that seals them.

    A pack holds the text of functions: it is as confidential as the code.
    """


_REQUIREMENTS = click.option(
    "--requirement",
    "-r",
    "files",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="A requirements file; may be repeated.",
)
_QUIET = click.option("--quiet", "-q", is_flag=True, help="Print nothing but errors.")


@cache.command(cls=StartCommand, epilog=epilog("cache export"))
@click.argument("file", type=_PACK)
@entry_options
@_REQUIREMENTS
def export(choice: Choice, file: Path, files: tuple[Path, ...]) -> int:
    """Work the start out and write what is kept of it to FILE, a pack.

    With -r also what the distributions of a requirements file need. The key in IMPORTGUARD_CACHE_KEY, or in the file
    that IMPORTGUARD_CACHE_KEY_FILE names, seals it.
    """
    from importguard.startup.packing import entries_of
    from importguard.storage.pack import write_pack
    from importguard.storage.seal import key_of_user

    key, session = key_of_user(), choice.session()
    place = _cache_of(session)
    configured = choice.start is not None or bool(choice.project.entries)
    starts = [one.start for one in choice.analyses(session)] if configured or not files else []
    contents: frozenset[bytes] = frozenset()
    if files:
        warmed = _warm(files, choice.project, session, place, quiet=choice.quiet)
        starts += warmed.starts
        contents = warmed.contents
    entries = list(entries_of(starts, session, place, contents))
    sha256 = write_pack(file, entries, key)
    sealed = "sealed with your key" if key is not None else "without a seal"
    size = file.stat().st_size / 2**20
    say(choice, f"Wrote {plain(str(file))}: {len(entries):,} entries, {size:.1f} MiB, {sealed}. SHA-256: {sha256}")
    return 0


@cache.command("import", epilog=epilog("cache import"))
@click.argument("file", type=_PACK)
@click.option("--sha256", metavar="HEX", help="Its digest, from where you trust it: then it needs no seal.")
@_QUIET
def import_(file: Path, sha256: str | None, quiet: bool) -> int:
    """Take in FILE, a pack, if it carries the seal of your key or has the digest that you name.

    Without either nothing is taken: what was worked out elsewhere cannot be checked but by working it out again.
    """
    from importguard.errors import ConfigError
    from importguard.startup.packing import take_in
    from importguard.storage.pack import Origin, read_pack
    from importguard.storage.seal import key_of_user

    key = key_of_user()
    origin, entries = read_pack(file, key, sha256)
    if origin != Origin.here():
        of = "importguard" if origin.analyser != Origin.here().analyser else f"Python ({plain(origin.host)})"
        click.echo(f"importguard: {plain(str(file))} was made by another {of}; nothing of it can be used.", err=True)
        return 0
    try:
        taken = take_in(entries, _cache_of(None))
    except ValueError as error:
        raise ConfigError(str(file), "", f"{error}; make it anew with `importguard cache export`") from error
    if not quiet:
        click.echo(f"Took {taken.programs:,} Programs and {taken.traces:,} traces; {taken.known:,} were here already.")
    return 0


@cache.command(epilog=epilog("cache warm"))
@_REQUIREMENTS
@click.option("--python", metavar="PY", help="The interpreter whose packages are meant; default: the project's.")
@_QUIET
@click.pass_obj
def warm(config: str | None, files: tuple[Path, ...], python: str | None, quiet: bool) -> int:
    """Work out what the distributions of a requirements file need, so that later checks find it: for an image of CI.

    They are those that are installed for the project's interpreter; what is not installed is named.
    """
    from importguard.project.config import find_project
    from importguard.session import Session

    if not files:
        raise click.UsageError("-r names no requirements file: importguard cache warm -r requirements.txt")
    session = Session.of_user(python)
    project = find_project(Path.cwd(), Path(config) if config else None)
    warmed = _warm(files, project, session, _cache_of(session), quiet=quiet)
    if not quiet:
        modules = counted(len(warmed.starts), "module")
        click.echo(f"Warm: {counted(len(warmed.contents), 'source')}, and the starts of {modules}.")
    return 0


def _warm(files: tuple[Path, ...], project: Project, session: Session, place: Cache, *, quiet: bool) -> Warmed:
    """Raises ConfigError where nothing that *files* require is installed."""
    from importguard.cli.progress import progress
    from importguard.errors import ConfigError
    from importguard.project.requirements import read_requirements
    from importguard.project.start import Kind
    from importguard.warming import wanted, warm

    required = [one for file in files for one in read_requirements(file)]
    environment = session.environment_of(project.start_of(Kind.IMPORT, "sys"))
    found = wanted(required, environment)
    for line in _absent(found):
        click.echo(plain(f"importguard: {line}."), err=True)
    if required and not found.named:
        wrong = f"nothing of it is installed for {environment.executable}; pass --python PATH for another interpreter"
        raise ConfigError(str(files[0]), "", wrong)
    with progress(f"Working out {len(found.named) + len(found.required)} distributions", quiet=quiet):
        return warm(found, project, session, place)


def _absent(found: Wanted) -> Iterator[str]:
    for one in found.missing:
        if one.version:
            yield f"{one.name} is required, {one.version} is installed"
        else:
            yield f"{one.name} is not installed" + (f"; {one.by} requires it" if one.by else "")
    if found.unread:
        yield f"{', '.join(found.unread)} names no distribution, and is not warmed"


@cache.command(epilog=epilog("cache key"))
def key() -> int:
    """Print a new key for IMPORTGUARD_CACHE_KEY. Whoever has it can make what you will believe."""
    click.echo(secrets.token_hex(32))
    return 0


def _cache_of(session: Session | None) -> Cache:
    """The cache of *session*, or the user's. Raises UsageError where it is off."""
    from importguard.storage.cache import user_cache

    found = session.cache if session is not None else user_cache()
    if found is None:
        raise click.UsageError("the cache is off: unset IMPORTGUARD_CACHE, and leave --no-cache out.")
    return found
