"""Compares what packs, a shared store and shards bring to a machine with what is worked out there from nothing.

Every round a machine with an empty folder answers three times: with a pack that was made before the edits, with a store
that all rounds share, and in shards that are merged. All must be the same to the byte as the answer without any of
them: the graphs of all starts and the rules' verdict. Then one to five edits are made, as in compare_edits.py. With
--imports the project is a start for each of these packages, and nothing is edited.

    uv run python tools/importguard/scripts/compare_carried.py --edits 300
    uv run python tools/importguard/scripts/compare_carried.py --imports anthropic django rich.console
"""

import argparse
import os
import random
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from compare_edits import LEFT_OUT, edit, make

from importguard import analyse_all, check, find_project
from importguard.analysis import Analysis
from importguard.errors import ImportGuardError
from importguard.project.start import Project
from importguard.render.json import render_graph, render_verdict
from importguard.session import Session
from importguard.sharding import Settings, Shard, merged, read_result, result_of, write_result
from importguard.source.suppressions import MARK
from importguard.startup.packing import entries_of, take_in
from importguard.storage.cache import Cache
from importguard.storage.disk import Now
from importguard.storage.pack import read_pack, write_pack
from importguard.storage.seal import VARIABLE, Key
from importguard.storage.store import finish_all, store_at
from importguard.target.environment import Environment, probe

SECRET = "the key of a comparison that lasts an hour"  # noqa: S105  it guards nothing
SHARDS = 3


class Machines:
    """A project, and machines that each have nothing but what is brought to them."""

    def __init__(self, root: Path, scratch: Path) -> None:
        self.root, self.scratch = root, scratch
        self.environment: Environment = probe()
        self.count = 0
        self.files: set[str] = set()

    def session(self, cache: Cache | None) -> Session:
        """One that asks no interpreter again."""
        return Session(cache, Now(MARK)).within(self.environment)

    def fresh_cache(self, address: str = "") -> Cache:
        """An empty folder, and the store at *address*."""
        self.count += 1
        return Cache(str(self.scratch / f"machine-{self.count}"), address)

    def project(self) -> Project:
        """As it is now."""
        return find_project(self.root)

    def said(self, analyses: Sequence[Analysis]) -> str:
        """All that can be printed of *analyses*."""
        self.files |= {one.path for each in analyses for one in each.graph.trace.modules if one.path is not None}
        return "\n".join([*(render_graph(one.graph) for one in analyses), render_verdict(check(*analyses))])

    def answer(self, cache: Cache | None) -> str:
        """Of a machine with *cache*."""
        try:
            return self.said(analyse_all(self.project().starts(), self.session(cache)))
        except ImportGuardError as error:
            return f"{type(error).__name__}: {error}"

    def pack(self) -> Path:
        """A pack of the project as it is now."""
        cache, starts = self.fresh_cache(), self.project().starts()
        session = self.session(cache)
        analyse_all(starts, session)
        path = self.scratch / "x.pack"
        write_pack(path, entries_of(starts, session, cache), Key(SECRET.encode()))
        return path

    def with_pack(self, path: Path) -> str:
        """The answer of a machine that takes *path* in."""
        cache = self.fresh_cache()
        take_in(read_pack(path, Key(SECRET.encode()), None)[1], cache)
        return self.answer(cache)

    def with_store(self) -> str:
        """The answer of one that shares the store; what it makes is written."""
        store_at.cache_clear()
        said = self.answer(self.fresh_cache(f"file://{self.scratch}/store"))
        notes = finish_all()
        return "\n".join([said, *notes])

    def in_shards(self) -> str:
        """The answer of several, merged by another."""
        starts = self.project().starts()
        settings = Settings(tuple(one.name or one.target for one in starts), None, (), False, None, (), "")
        cache = self.fresh_cache()
        try:
            files = []
            for number in range(1, SHARDS + 1):
                files.append(self.scratch / f"{number}.shard")
                shard, session = Shard(number, SHARDS), self.session(cache)
                own = shard.share(starts)
                analyses = analyse_all(own, session) if own else ()
                write_result(files[-1], result_of(shard, analyses, self.project(), settings, session.now))
            return self.said(merged({str(file): read_result(file) for file in files}, self.project(), lambda _: starts))
        except ImportGuardError as error:
            return f"{type(error).__name__}: {error}"

    def forget(self) -> None:
        """Removes the folders of the machines so far."""
        for folder in self.scratch.glob("machine-*"):
            shutil.rmtree(folder)


def differing(machines: Machines, pack: Path) -> list[str]:
    """Which ways differ from the answer of a machine that has nothing."""
    fresh = machines.answer(None)
    ways = {"pack": machines.with_pack(pack), "store": machines.with_store(), "shards": machines.in_shards()}
    wrong = [name for name, found in ways.items() if found != fresh]
    for name in wrong:
        for kind, content in ((name, ways[name]), ("fresh", fresh)):
            Path(tempfile.gettempdir(), f"{kind}.carried").write_text(content)
    machines.forget()
    return wrong


def entries(root: Path, names: list[str]) -> None:
    """A project with a start for the import of each of *names*."""
    root.mkdir()
    tables = (f'[[entry]]\nname = "{name}"\nimport = "{name}"\n' for name in names)
    (root / "importguard.toml").write_text("".join(tables))


def main() -> int:
    """Edits and compares. 1 at the first difference."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--project", type=Path, help="is copied, never changed; default: one that is made for this")
    parser.add_argument("--imports", nargs="+", metavar="NAME", help="packages of this environment, instead")
    parser.add_argument("--edits", type=int, default=100)
    parser.add_argument("--seed", type=int, default=25)
    arguments = parser.parse_args()
    chance = random.Random(arguments.seed)  # noqa: S311
    os.environ[VARIABLE] = SECRET
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch) / "project"
        if arguments.imports:
            entries(root, arguments.imports)
        elif arguments.project is not None:
            shutil.copytree(arguments.project, root, ignore=LEFT_OUT, symlinks=True)
        else:
            make(root)
        machines = Machines(root, Path(scratch))
        pack = machines.pack()
        first = {path: path.read_text() for path in root.rglob("*.py")}
        done, rounds = 0, 0
        told: list[str] = []
        while True:
            wrong = differing(machines, pack)
            rounds += 1
            if wrong:
                print(f"DIFFERS: {', '.join(wrong)} after {told}; see *.carried in {tempfile.gettempdir()}")
                return 1
            if done >= (0 if arguments.imports else arguments.edits):
                break
            for _ in range(min(chance.randint(1, 5), arguments.edits - done)):
                path = chance.choice(sorted(first))
                told.append(f"{edit(path, first[path], chance)} {path.relative_to(root)}")
                done += 1
            if rounds % 25 == 0:
                print(f"{done} edits in {rounds} rounds: no difference", flush=True)
        count = len(machines.project().starts())
    print(f"{count} starts, {len(machines.files):,} files, {done} edits in {rounds} rounds, three ways: no difference")
    return 0


if __name__ == "__main__":
    sys.exit(main())
