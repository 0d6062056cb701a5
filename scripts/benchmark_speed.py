"""How long importguard takes beside ruff, grimp, import-linter and tach, on trees made from public packages.

Every measurement alternates with those that it is compared with (A B A B …) after one round that does not count;
medians of wall and CPU time, and the peak of memory. The peers are installed for the benchmark only.

    uv run python scripts/benchmark_speed.py --directory build/speed
    uv run python scripts/benchmark_speed.py --only growth --plot docs/images/speed_growth.png
"""

import argparse
import itertools
import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.table import Table
from speed.timing import Command, Taken, side_by_side
from speed.trees import (
    CLOSURE,
    CLOSURE_IMPORTS,
    PEERS,
    ROOT,
    environment,
    home_assistant,
    importing,
    many_entries,
    sloppy,
    synthetic,
)

MANY = 200  # entries over one tree
GROWTH = (1_000, 2_000, 4_000, 8_000, 16_000, 32_000)
IMPORTGUARD = str(ROOT / ".venv" / "bin" / "importguard")
PYTHON = str(ROOT / ".venv" / "bin" / "python")


class Bench:
    """The folder of the trees and how its commands are made."""

    def __init__(self, folder: Path, rounds: int) -> None:
        self.folder = folder
        self.rounds = rounds
        self.tools = environment(folder / "peers", PEERS).parent
        self.settings = {"IMPORTGUARD_CACHE": str(folder / "cache"), "IMPORTGUARD_CACHE_KEY": "of the benchmark " * 2}

    def own(self, name: str, tree: Path, *arguments: str, before: Callable[[], None] | None = None) -> Command:
        """importguard in *tree*."""
        return Command(name, [IMPORTGUARD, *arguments], tree, self.settings, before)

    def forget(self) -> None:
        """Empties the cache."""
        shutil.rmtree(self.folder / "cache", ignore_errors=True)

    def call(self, tree: Path, *arguments: str) -> None:
        """Runs importguard in *tree*, unmeasured."""
        command = [IMPORTGUARD, *arguments]
        subprocess.run(command, cwd=tree, env={**os.environ, **self.settings}, check=True, capture_output=True)

    def with_a_pack(self, tree: Path, command: tuple[str, ...], start: tuple[str, ...]) -> list[Command]:
        """First runs of *command* on a machine that has nothing but a pack of *start*, and taking that in.

        In a copy of *tree* at another place the pack's trace is of no use, its Programs are.
        """
        pack, moved = str(self.folder / f"{tree.name}.pack"), self.folder / "elsewhere" / tree.name
        shutil.copytree(tree, moved, dirs_exist_ok=True)
        self.call(tree, "cache", "export", pack, *start)

        def take_in() -> None:
            self.forget()
            self.call(tree, "cache", "import", pack)

        return [
            self.own("cache import", tree, "cache", "import", pack, before=self.forget),
            self.own("with a pack", tree, *command, before=take_in),
            self.own("with a pack, elsewhere", moved, *command, before=take_in),
        ]

    def ruff(self, tree: Path, target: str = ".") -> Command:
        """`ruff analyze graph`."""
        return Command("ruff analyze graph", [str(self.tools / "ruff"), "analyze", "graph", target], tree, {})

    def grimp(self, tree: Path, packages: tuple[str, ...], site: Path, *, cached: bool) -> Command:
        """`grimp.build_graph` of the same *packages*, found in *site*."""
        names = ", ".join(map(repr, packages))
        place = str(self.folder / "grimp-cache") if cached else None
        code = f"""
            import sys; sys.path.insert(0, {str(site)!r})
            import grimp; grimp.build_graph({names}, cache_dir={place!r})
        """
        code = "\n".join(line.strip() for line in code.splitlines())
        return Command("grimp cached" if cached else "grimp", [str(self.tools / "python"), "-c", code], tree, {})

    def import_linter(self, tree: Path) -> Command:
        """`lint-imports` with its cache."""
        return Command("import-linter", [str(self.tools / "lint-imports")], tree, {"PYTHONPATH": "."})

    def tach(self, tree: Path) -> Command:
        """`tach check`."""
        return Command("tach", [str(self.tools / "tach"), "check"], tree, {})


def help_text(bench: Bench) -> dict[str, Taken]:
    """`--help` beside an interpreter that does nothing."""
    nothing = Command("python -c pass", [PYTHON, "-c", "pass"], bench.folder, {})
    return side_by_side([bench.own("--help", bench.folder, "--help"), nothing], bench.rounds * 3)


def sloppy_check(bench: Bench) -> dict[str, Taken]:
    """`check` of this repository's application: unchanged, from a fresh checkout, after edits, and without a cache."""
    tree = sloppy(bench.folder)
    file = tree / "src" / "gui_2.py"
    text = file.read_text()
    serial = itertools.count()
    check = ("check", "--python", PYTHON)

    def restore() -> None:
        file.write_text(text)

    def comment() -> None:
        file.write_text(f"# {next(serial)}\n" + text)

    def another_import() -> None:
        file.write_text(text + f"\nNUMBER = {next(serial)}\nimport json\n")

    def forgotten() -> None:
        restore()
        bench.forget()

    def checkout() -> None:
        restore()
        shutil.move(tree, tree.with_name("old"))
        shutil.copytree(tree.with_name("old"), tree, copy_function=shutil.copyfile)
        shutil.rmtree(tree.with_name("old"))

    bench.forget()
    warm = side_by_side(
        [
            bench.own("check, warm", tree, *check, before=restore),
            bench.own("check, one file edited", tree, *check, before=comment),
            bench.own("check, fresh checkout", tree, *check, before=checkout),
            bench.import_linter(tree),
            bench.ruff(tree),
            bench.grimp(tree, ("src",), tree, cached=True),
            bench.tach(tree),
        ],
        bench.rounds,
    )
    few = max(2, bench.rounds // 3)
    restore()
    cold = side_by_side(
        [
            bench.own("check, an import added", tree, *check, before=another_import),
            bench.own("check, cold", tree, *check, before=forgotten),
        ],
        few,
    )
    restore()
    return warm | cold


def anthropic_graph(bench: Bench) -> dict[str, Taken]:
    """`graph --import anthropic`."""
    python = environment(bench.folder / "closure-env", CLOSURE)
    tree = importing(bench.folder, "empty", ())
    site = next((bench.folder / "closure-env" / "lib").glob("python*/site-packages"))
    start = ("--import", "anthropic", "--python", str(python))
    peers = [bench.grimp(tree, ("anthropic",), site, cached=cached) for cached in (True, False)]
    return _warm_and_cold(
        bench, tree, ("graph", *start, "--format", "json"), start, *peers, bench.ruff(site, "anthropic")
    )


def closure_check(bench: Bench) -> dict[str, Taken]:
    """`graph` of a script that loads some 5,400 modules."""
    python = environment(bench.folder / "closure-env", CLOSURE)
    tree = importing(bench.folder, "closure", CLOSURE_IMPORTS)
    site = next((bench.folder / "closure-env" / "lib").glob("python*/site-packages"))
    packages = tuple("google.genai" if name == "google.genai" else name.partition(".")[0] for name in CLOSURE_IMPORTS)
    start = ("--python", str(python))
    peers = (bench.grimp(tree, packages, site, cached=cached) for cached in (True, False))
    return _warm_and_cold(bench, tree, ("graph", *start, "--format", "json"), start, *peers)


def home_assistant_check(bench: Bench) -> dict[str, Taken]:
    """`check` of Home Assistant: several entries, 6,700 first-party files."""
    tree = home_assistant(bench.folder)
    python = environment(bench.folder / "bare-env", ("pip",))
    start = ("--python", str(python))
    command = ("check", "--ignore", "IG501", *start)  # nothing that it depends on is installed
    peers = [bench.grimp(tree, ("homeassistant",), tree, cached=cached) for cached in (True, False)]
    return _warm_and_cold(
        bench, tree, command, start, *peers, bench.ruff(tree), bench.import_linter(tree), bench.tach(tree)
    )


def entries_check(bench: Bench) -> dict[str, Taken]:
    """`check` of one entry beside 200 over the same tree, with nothing kept and unchanged."""
    taken: dict[str, Taken] = {}
    trees = {count: many_entries(bench.folder, count) for count in (1, MANY)}
    for state, before in (("cold", bench.forget), ("warm", None)):
        bench.forget()
        command = ("check", "--python", PYTHON)
        works = [bench.own(f"{count} entries {state}", tree, *command, before=before) for count, tree in trees.items()]
        taken |= side_by_side(works, max(2, bench.rounds // 3))
    return taken


def _warm_and_cold(
    bench: Bench, tree: Path, command: tuple[str, ...], start: tuple[str, ...], *peers: Command
) -> dict[str, Taken]:
    """The *peers* with a cache beside the warm *command*, those without beside the cold one and that with a pack."""
    bench.forget()
    few = max(2, bench.rounds // 3)
    without = [peer for peer in peers if peer.name == "grimp"]
    warm = [bench.own("warm", tree, *command), *(peer for peer in peers if peer.name != "grimp")]
    packed = bench.with_a_pack(tree, command, start)
    cold = [bench.own("cold", tree, *command, before=bench.forget), *packed, *without]
    return side_by_side(warm, bench.rounds) | side_by_side(cold, few)


def growth(bench: Bench) -> dict[str, Taken]:
    """Synthetic projects of doubling size, cold and warm."""
    taken: dict[str, Taken] = {}
    for count in GROWTH:
        tree = synthetic(bench.folder, count)
        command = ("graph", "--format", "json", "--python", PYTHON)
        bench.forget()
        for name, before in (("cold", bench.forget), ("warm", None)):
            found = side_by_side([bench.own(f"{count:,} {name}", tree, *command, before=before)], 2)
            taken |= found
    return taken


WORKS: dict[str, Callable[[Bench], dict[str, Taken]]] = {
    "help": help_text,
    "sloppy": sloppy_check,
    "anthropic": anthropic_graph,
    "closure": closure_check,
    "home-assistant": home_assistant_check,
    "entries": entries_check,
    "growth": growth,
}


def print_work(name: str, taken: dict[str, Taken], console: Console) -> None:
    """One table: each command, and how much longer the first takes."""
    table = Table(title=name, box=None, pad_edge=False, title_justify="left")
    for column in ("", "wall ms", "CPU ms", "peak MB", "wall, of the first"):
        table.add_column(column, justify="left" if not column else "right")
    first = next(iter(taken.values()))
    for label, one in taken.items():
        share = f"{one.wall_s / first.wall_s:.2f}"
        table.add_row(label, f"{one.wall_s * 1000:,.0f}", f"{one.cpu_s * 1000:,.0f}", f"{one.peak_mb:,.0f}", share)
    console.print(table)
    console.print()


def plot(taken: dict[str, Taken], file: Path) -> None:
    """CPU seconds over modules, both axes logarithmic, as a PNG."""
    from speed.picture import draw_growth

    series = {
        state: [(count, taken[f"{count:,} {state}"].cpu_s) for count in GROWTH if f"{count:,} {state}" in taken]
        for state in ("cold", "warm")
    }
    draw_growth(series, file)


def main() -> int:
    """Measures, prints, and keeps the figures beside the trees."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--directory", type=Path, default=ROOT / "build" / "speed", help="trees and environments")
    parser.add_argument("--rounds", type=int, default=9, help="counted runs of each command")
    parser.add_argument("--only", choices=WORKS, action="append", help="may be repeated")
    parser.add_argument("--plot", type=Path, metavar="PNG", help="where growth is drawn")
    arguments = parser.parse_args()
    folder = arguments.directory.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    bench = Bench(folder, arguments.rounds)
    console = Console(width=120)
    results = folder / "results.json"
    kept = json.loads(results.read_text()) if results.exists() else {}
    for name in arguments.only or WORKS:
        taken = WORKS[name](bench)
        print_work(name, taken, console)
        kept[name] = {label: one._asdict() for label, one in taken.items()}
        results.write_text(json.dumps(kept, indent=1) + "\n")
    if arguments.plot is not None and "growth" in kept:
        plot({label: Taken(**one) for label, one in kept["growth"].items()}, arguments.plot)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
