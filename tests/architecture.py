"""Who may import whom: the sources below a folder, held against a table. Imports nothing of what it looks at.

`breaches` is the whole engine. It reads each file as text with importguard's own reader, so it works on a program that
cannot start. Every import counts, at any depth and for type checkers too; only what the warmup is asked for does not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from importguard.source.reader import read_program
from importguard.source.sites import NamedSite, scan_sites

WARM_CALLS = frozenset({"_require_warmed", "require_warmed"})
ALWAYS = ("__future__", "typing", "collections")  # they name types; a pure module may import them


@dataclass(frozen=True)
class Fence:
    """What only *rooms* import; *instead* is what the others do."""

    target: str
    rooms: tuple[str, ...]
    instead: str


@dataclass(frozen=True)
class Contract:
    """The table for the files of *package*, a folder below *root*, and for *scripts* beside it.

    `floors` go from the top down. A floor is a tuple of rooms; a room is one or more names of modules or packages, with
    spaces between, and holds all that is below them; the package's own name holds its `__init__` alone. A room imports
    itself and rooms of lower floors. `only` lists pure modules and what each may import; `guide` is the document.
    """

    root: Path
    package: str
    guide: str
    floors: tuple[tuple[str, ...], ...]
    scripts: tuple[str, ...] = ()
    only: Mapping[str, str] = field(default_factory=dict)
    fences: tuple[Fence, ...] = ()


@dataclass(frozen=True)
class Link:
    """One import: the module that has it, the module or package that it names, the file and the line."""

    importer: str
    imported: str
    path: str
    line: int

    def __str__(self) -> str:
        return f"{self.path}:{self.line} imports {self.imported}"


@dataclass(frozen=True)
class Room:
    """A room and its floor, 1 at the top."""

    names: str
    floor: int


def files_of(contract: Contract) -> dict[str, Path]:
    """Each module's name and file."""
    folder = contract.root / contract.package.replace(".", "/")
    base = folder.parents[contract.package.count(".")]
    found = {_name(path.relative_to(base)): path for path in sorted(folder.rglob("*.py"))}
    return {_name(Path(name)): contract.root / name for name in contract.scripts} | found


def links_of(contract: Contract) -> tuple[Link, ...]:
    """Every import in the files, in order; a submodule that is taken from its package is what is imported."""
    files = files_of(contract)
    found: dict[Link, None] = {}
    for name, path in files.items():
        shown = path.relative_to(contract.root).as_posix()
        for site in scan_sites(read_program(path.read_bytes(), shown), WARM_CALLS):
            if site.kind != "warmed":
                for target in _targets(site, name, path, files):
                    found[Link(name, target, shown, site.line)] = None
    return tuple(found)


def room_of(contract: Contract, name: str) -> Room | None:
    """The room that the module *name* is in; of two, the one whose name says more."""
    rooms = {
        one: Room(room, floor)
        for floor, rooms in enumerate(contract.floors, 1)
        for room in rooms
        for one in room.split()
        if name == one or (one != contract.package and name.startswith(f"{one}."))
    }
    return rooms[max(rooms, key=len)] if rooms else None


def breaches(contract: Contract) -> list[str]:
    """One sentence for each thing that breaks the contract: file and line, what is imported, the rule, the remedy."""
    files, links = files_of(contract), links_of(contract)
    return [
        *_strangers(contract, files),
        *_climbs(contract, links),
        *_impurities(contract, links),
        *_trespasses(contract, links),
        *_circles(contract, links),
    ]


def _strangers(contract: Contract, files: Mapping[str, Path]) -> Iterator[str]:
    for name, path in files.items():
        if room_of(contract, name) is None:
            shown = path.relative_to(contract.root).as_posix()
            yield f"{shown} is in no room: move it into one, or add {name} to the floors and to {contract.guide}."
    for room in (room for floor in contract.floors for room in floor):
        for one in room.split():
            if one not in files:
                yield f"The room {one} is gone: take it off the floors and out of {contract.guide}."


def _climbs(contract: Contract, links: tuple[Link, ...]) -> Iterator[str]:
    for link in links:
        own, other = room_of(contract, link.importer), room_of(contract, link.imported)
        if own and other and _climb(own, other):
            where = "above it" if other.floor < own.floor else "beside it on the same floor"
            yield (
                f"{link}, which is {where} (floor {other.floor}; {own.names.split()[0]} is on floor {own.floor}). "
                f"A room imports only rooms on lower floors ({contract.guide}). "
                "Move what is needed to a lower floor, or pass it in."
            )


def _climb(own: Room, other: Room) -> bool:
    return own != other and other.floor <= own.floor


def _impurities(contract: Contract, links: tuple[Link, ...]) -> Iterator[str]:
    for link in links:
        allowed = contract.only.get(link.importer)
        if allowed is not None and not _is_below(link.imported, (*ALWAYS, *allowed.split())):
            what = f"only {', '.join(allowed.split())} and types" if allowed else "types only"
            yield (
                f"{link}. {link.importer} is pure and may import {what}. Do this in the module that calls it and pass "
                "the value in; if the import is as pure, add it to the list."
            )


def _trespasses(contract: Contract, links: tuple[Link, ...]) -> Iterator[str]:
    for link in links:
        for fence in contract.fences:
            if _is_below(link.imported, (fence.target,)) and not _is_below(link.importer, fence.rooms):
                yield f"{link}. Only {', '.join(fence.rooms)} may import {fence.target}. {fence.instead}"


def _circles(contract: Contract, links: tuple[Link, ...]) -> Iterator[str]:
    """A shortest circle through each module that is on one and was in none of those before it.

    Without the links that `_climbs` names: what is left is inside of a room, or of one that has no floor yet.
    """
    out: dict[str, dict[str, Link]] = {}
    for link in links:
        own, other = room_of(contract, link.importer), room_of(contract, link.imported)
        if link.importer != link.imported and not (own and other and _climb(own, other)):
            out.setdefault(link.importer, {}).setdefault(link.imported, link)
    seen: set[str] = set()
    for name in out:
        circle = _way_back(name, out) if name not in seen else ()
        if circle:
            seen |= {link.importer for link in circle}
            yield (
                f"{', '.join(map(str, circle))}: an import circle; those for type checkers count. Move what both ends "
                "need to a module below them."
            )


def _way_back(start: str, out: Mapping[str, Mapping[str, Link]]) -> tuple[Link, ...]:
    ways: dict[str, tuple[Link, ...]] = {start: ()}
    for name in (queue := [start]):  # grows while it is walked
        for other, link in out.get(name, {}).items():
            if other == start:
                return (*ways[name], link)
            if other not in ways:
                ways[other] = (*ways[name], link)
                queue.append(other)
    return ()


def _targets(site: NamedSite, importer: str, path: Path, files: Mapping[str, Path]) -> Iterator[str]:
    """The names that *site* imports; relative ones made absolute."""
    if site.module is None and site.level == 0:
        yield from site.names
        return
    package = importer if path.name == "__init__.py" else importer.rpartition(".")[0]
    for _ in range(site.level - 1):
        package = package.rpartition(".")[0]
    base = ".".join(one for one in ((package if site.level else ""), site.module or "") if one)
    for name in site.names or ("",):
        yield f"{base}.{name}" if f"{base}.{name}" in files else base


def _is_below(name: str, roots: tuple[str, ...]) -> bool:
    return any(name == root or name.startswith(f"{root}.") for root in roots)


def _name(path: Path) -> str:
    return ".".join(path.with_suffix("").parts).removesuffix(".__init__")
