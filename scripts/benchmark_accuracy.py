"""How well `importguard graph` predicts what an interpreter loads, over public packages that nobody here wrote.

Builds an environment with pinned packages, records what each entry of a list really loads (fresh processes,
`-I -X importtime`, median of three), asks importguard for the same, and prints macro averages and the worst entries.
Lists and pins stand in `scripts/accuracy`: `tuned` may be looked into while the analyser is changed; `held_out` is only
scored; `unseen` holds other packages altogether.

    uv run python scripts/benchmark_accuracy.py --list tuned
    uv run python scripts/benchmark_accuracy.py --list tuned --explain pandas
    uv run python scripts/benchmark_accuracy.py --record-fixture tools/importguard/tests/recorded_starts

The last records, with the interpreter that runs it, the entries of the directory's `entries.txt` for the tests.
"""

import argparse
import importlib.metadata
import json
import math
import os
import re
import statistics
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import track
from rich.table import Table

ROOT = Path(__file__).resolve().parent.parent
LISTS = ROOT / "scripts" / "accuracy"
RUNS = 3
TIMEOUT_S = 150
LINE = re.compile(r"^import time:\s+(\d+) \|\s+\d+ \|( *)(\S.*)$")
LOADED = "import {entry}\nimport os, sys\nos.write(1, '\\n'.join(map(str, list(sys.modules))).encode())\nos._exit(0)"


@dataclass(frozen=True)
class Truth:
    """What importing an entry loads: self time in µs per module the import system reported, and who imported it.

    `aliases` are further names in `sys.modules`, put there by code.
    """

    self_us: dict[str, float]
    importer: dict[str, str]
    aliases: list[str]


@dataclass(frozen=True)
class Score:
    """One entry. All are shares; `false_cost` is the cost of what is not loaded, over the real cost."""

    precision: float
    recall: float
    cost_recall: float
    false_cost: float


@dataclass(frozen=True)
class Row:
    """One entry's scores, for the certain modules and with the possible ones."""

    entry: str
    certain: Score
    both: Score
    real_us: float
    estimated_us: float


def build_environment(directory: Path, python: str, requirements: Path) -> Path:
    """The interpreter of a virtual environment that holds *requirements*, made once."""
    interpreter = directory / "bin" / "python"
    if not (directory / "complete").exists():
        subprocess.run(["uv", "venv", "--quiet", "--clear", "--python", python, str(directory)], check=True)
        # Every version is pinned: the project's own limit on upload dates has no say.
        install = ["uv", "pip", "install", "--no-config", "--quiet", "--compile-bytecode", "--python", str(interpreter)]
        subprocess.run([*install, "-r", str(requirements)], check=True)
        (directory / "complete").touch()
    site = next((directory / "lib").glob("python3.*")) / "site-packages"
    (site / "accuracy_apps.pth").write_text(str(LISTS / "apps"))  # of this checkout, whichever made the environment
    return interpreter


def run_isolated(python: Path, arguments: list[str]) -> subprocess.CompletedProcess[str]:
    """Run *python* with no PYTHON* variable and an empty home."""
    with tempfile.TemporaryDirectory() as home:
        keep = {
            "PATH": os.environ.get("PATH", ""),
            "LANG": "C.UTF-8",
            "HOME": home,
            "MPLCONFIGDIR": home,
            "TMPDIR": home,
        }
        return subprocess.run(
            [str(python), "-I", *arguments],
            check=False,
            env=keep,
            cwd=home,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            stdin=subprocess.DEVNULL,
            timeout=TIMEOUT_S,
        )


def parse_importtime(text: str) -> tuple[dict[str, float], dict[str, str]]:
    """Self time and importer per module. A module's line follows those of its imports, which stand deeper."""
    times: dict[str, float] = {}
    importer: dict[str, str] = {}
    waiting: list[tuple[int, str]] = []
    for line in text.splitlines():
        match = LINE.match(line)
        if match is None:
            continue
        depth, name = len(match[2]), match[3].strip()
        times.setdefault(name, float(match[1]))
        while waiting and waiting[-1][0] > depth:
            importer.setdefault(waiting.pop()[1], name)
        waiting.append((depth, name))
    return times, importer


def record(python: Path, entry: str, bare: frozenset[str], runs: int) -> Truth | None:
    """What importing *entry* loads; None when the import fails."""
    samples: dict[str, list[float]] = {}
    importer: dict[str, str] = {}
    loaded: set[str] = set()
    for turn in range(runs + 1):
        try:
            done = run_isolated(python, ["-X", "importtime", "-c", LOADED.format(entry=entry)])
        except subprocess.TimeoutExpired:
            return None
        if done.returncode != 0 or not done.stdout:
            return None
        if turn == 0:
            continue  # fills the disk's cache and writes bytecode
        times, importer = parse_importtime(done.stderr)
        loaded = set(done.stdout.rpartition("\0")[2].splitlines()) - bare
        for name, value in times.items():
            samples.setdefault(name, []).append(value)
    self_us = {name: statistics.median(values) for name, values in sorted(samples.items()) if name in loaded}
    return Truth(self_us, {name: importer[name] for name in self_us if name in importer}, sorted(loaded - set(self_us)))


def recorded(python: Path, entries: list[str], store: Path, runs: int) -> dict[str, Truth]:
    """The truth of *entries*, from *store* where it is there already."""
    known: dict[str, Any] = json.loads(store.read_text()) if store.exists() else {}
    bare = frozenset(run_isolated(python, ["-c", "import sys; print(*sys.modules, sep='\\n')"]).stdout.split())
    missing = [entry for entry in entries if entry not in known]
    for entry in track(missing, "Recording", console=Console(stderr=True), disable=not missing):
        truth = record(python, entry, bare, runs)
        known[entry] = asdict(truth) if truth else None
        store.write_text(json.dumps(known))
    failed = [entry for entry in entries if known[entry] is None]
    if failed:
        print("cannot be imported here, left out:", ", ".join(failed), file=sys.stderr)
    return {entry: Truth(**known[entry]) for entry in entries if known[entry]}


def predict(python: Path, entry: str) -> dict[str, Any]:
    """What `importguard graph` says of *entry*; an empty graph when it fails."""
    command = [
        sys.executable,
        "-m",
        "importguard",
        "graph",
        "--import",
        entry,
        "--python",
        str(python),
        "--format",
        "json",
    ]
    with tempfile.TemporaryDirectory() as empty:
        try:
            done = subprocess.run(command, capture_output=True, cwd=empty, timeout=TIMEOUT_S, check=True)
            answer: dict[str, Any] = json.loads(done.stdout)
        except (subprocess.SubprocessError, ValueError) as error:
            print(f"{entry}: no prediction: {error}", file=sys.stderr)
            return {"modules": [], "unresolved": []}
    return answer


def eager(graph: dict[str, Any], *, possible: bool) -> set[str]:
    """The modules that *graph* says are loaded."""
    return {
        module["name"]
        for module in graph["modules"]
        if module["reach"] == "eager" and (possible or module["certainty"] == "certain")
    }


def score(predicted: set[str], truth: Truth, prices: dict[str, float]) -> Score:
    """*predicted* against *truth*; names that code put into `sys.modules` itself count for neither side."""
    real = set(truth.self_us)
    counted = predicted - set(truth.aliases)
    hit = counted & real
    total = sum(truth.self_us.values()) or 1.0
    return Score(
        len(hit) / len(counted) if counted else 0.0,
        len(hit) / len(real) if real else 1.0,
        sum(truth.self_us[name] for name in hit) / total,
        sum(prices.get(name, 0.0) for name in counted - real) / total,
    )


def mean(rows: list[Row], part: str, figure: str) -> float:
    """The macro average of one figure."""
    return statistics.fmean(getattr(getattr(row, part), figure) for row in rows)


def print_summary(console: Console, rows: list[Row]) -> None:
    """Macro averages, then the ten worst entries."""
    table = Table("", "precision", "recall", "cost recall", "false cost", "cost recall ≥ .95", box=None)
    for part in ("certain", "both"):
        figures = [f"{mean(rows, part, figure):.4f}" for figure in Score.__dataclass_fields__]
        share = statistics.fmean(getattr(row, part).cost_recall >= 0.95 for row in rows)
        table.add_row(part if part == "certain" else "certain + possible", *figures, f"{share:.1%}")
    console.print(f"{len(rows)} entries, macro averages")
    console.print(table)
    worst = Table("worst entries", "cost recall", "false cost", box=None)
    for row in sorted(rows, key=lambda row: row.both.cost_recall - row.both.false_cost)[:10]:
        worst.add_row(row.entry, f"{row.both.cost_recall:.3f}", f"{row.both.false_cost:.3f}")
    console.print(worst)
    priced = [row for row in rows if row.estimated_us > 0 and row.real_us > 0]
    if len(priced) < 2:
        return  # nothing to correlate
    logs = [(math.log(row.estimated_us), math.log(row.real_us)) for row in priced]
    correlation = statistics.correlation([one for one, _ in logs], [other for _, other in logs])
    scale = statistics.median(row.real_us / row.estimated_us for row in priced)
    near = statistics.fmean(0.5 <= row.real_us / (row.estimated_us * scale) <= 2 for row in priced)
    console.print(
        f"estimated against measured cost of an entry: log-correlation {correlation:.3f}; this machine takes "
        f"{scale:.2f} times the estimate (median); {near:.1%} within a factor of 2 of that"
    )


def explain(console: Console, graph: dict[str, Any], truth: Truth) -> None:
    """Each miss and each false positive of one entry, with its cause."""
    modules = {module["name"]: module for module in graph["modules"]}
    predicted, certain = eager(graph, possible=True), eager(graph, possible=False)
    table = Table("module", "µs", "verdict", "cause", box=None)
    for name in sorted(set(truth.self_us) - predicted, key=lambda name: -truth.self_us[name]):
        table.add_row(name, f"{truth.self_us[name]:.0f}", "missed", why_missed(name, truth, graph, modules, predicted))
    for name in sorted(predicted - set(truth.self_us) - set(truth.aliases)):
        root, seen = name, set[str]()
        while root not in seen and (loader := modules[root]["imported_by"]) in modules and loader not in truth.self_us:
            seen.add(root)
            root = loader
        cause = f"{root} is assumed to be loaded by {modules[root]['imported_by']}, line {modules[root]['line']}"
        table.add_row(name, "", "false, certain" if name in certain else "false, possible", cause)
    console.print(table if table.row_count else "Every module that it loads is predicted, and no other.")


def why_missed(name: str, truth: Truth, graph: dict[str, Any], modules: dict[str, Any], predicted: set[str]) -> str:
    """The reason for a miss: the first importer upwards that was predicted did something that was not followed."""
    child, importer = name, truth.importer.get(name)
    seen = {name}
    while importer is not None and importer not in predicted and importer not in seen:
        seen.add(importer)
        child, importer = importer, truth.importer.get(importer)
    if importer is None:
        return "nobody known imports it"
    path = modules.get(importer, {}).get("path") or ""
    reasons = [item["reason"] for item in graph["unresolved"] if item["path"] == path]
    if child in modules:
        return f"{child} by {importer}: judged {modules[child]['reach']}"
    if path.endswith((".so", ".pyd")) or not path:
        return f"{child} by the extension {importer}: not in the table of what extensions import"
    return f"{child} by {importer}: {reasons[0] if reasons else 'a call or branch that was not followed'}"


def record_fixture(python: Path, directory: Path, runs: int) -> None:
    """What this environment loads for each entry, as numbers of a table of names: `3-5 9` is 3, 4, 5, 9."""
    entries = [line for line in (directory / "entries.txt").read_text().split("\n") if line and line[0] != "#"]
    with tempfile.TemporaryDirectory() as store:
        truths = recorded(python, entries, Path(store) / "truth.json", runs)
    names = sorted({name for truth in truths.values() for name in (*truth.self_us, *truth.aliases)})
    number = {name: index for index, name in enumerate(names)}
    versions = {each.name: each.version for each in importlib.metadata.distributions()}
    document = {
        "python": ".".join(map(str, sys.version_info[:3])),
        "platform": sys.platform,
        "packages": dict(sorted(versions.items())),
        "names": names,
        "entries": {entry: spans(sorted(number[name] for name in truth.self_us)) for entry, truth in truths.items()},
        "aliases": {entry: spans(sorted(map(number.__getitem__, truth.aliases))) for entry, truth in truths.items()},
    }
    file = directory / f"{sys.version_info[0]}.{sys.version_info[1]}.json"
    file.write_text(json.dumps(document, indent=0) + "\n")
    print(f"{file}: {len(truths)} entries, {len(names)} names")


def spans(numbers: list[int]) -> str:
    """Ascending *numbers* as spans."""
    found: list[list[int]] = []
    for number in numbers:
        if found and found[-1][1] == number - 1:
            found[-1][1] = number
        else:
            found.append([number, number])
    return " ".join(str(first) if first == last else f"{first}-{last}" for first, last in found)


def read_list(name: str) -> list[str]:
    """The entries of a list."""
    lines = (LISTS / f"{name}.txt").read_text().split("\n")
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def main() -> int:
    """Print the figures of one list. 0 unless nothing could be scored."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--list", default="tuned", choices=("tuned", "held_out", "unseen"))
    parser.add_argument("--python", default="3.11", help="version or path of the interpreter to record")
    parser.add_argument("--directory", type=Path, default=ROOT / "build" / "accuracy", help="environments and records")
    parser.add_argument("--entries", help="only these, separated by commas")
    parser.add_argument("--explain", metavar="ENTRY", help="each miss and false positive of one entry, with its cause")
    parser.add_argument("--runs", type=int, default=RUNS, help="timed runs per entry")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="predictions at a time")
    parser.add_argument("--record-fixture", type=Path, metavar="DIRECTORY", help="record the tests' entries here")
    options = parser.parse_args()
    if options.record_fixture:
        record_fixture(Path(sys.executable), options.record_fixture, 1)
        return 0
    console = Console()
    group = "unseen" if options.list == "unseen" else "known"
    tag = re.sub(r"\W+", "-", options.python)
    options.directory.mkdir(parents=True, exist_ok=True)
    requirements = LISTS / f"requirements_{group}.txt"
    python = build_environment(options.directory / f"{group}-{tag}", options.python, requirements)
    chosen = options.entries.split(",") if options.entries else read_list(options.list)
    entries = [options.explain] if options.explain else chosen
    truths = recorded(python, entries, options.directory / f"truth-{group}-{tag}.json", options.runs)
    if not truths:
        return 1
    if options.explain:
        explain(console, predict(python, options.explain), truths[options.explain])
        return 0
    prices: dict[str, float] = {}
    for truth in truths.values():
        prices.update(truth.self_us)
    rows = []
    with ThreadPoolExecutor(options.jobs) as pool:
        graphs = pool.map(lambda entry: predict(python, entry), truths)
        pairs = zip(truths.items(), graphs, strict=True)
        for (entry, truth), graph in track(pairs, "Predicting", len(truths), console=Console(stderr=True)):
            certain, both = eager(graph, possible=False), eager(graph, possible=True)
            real_us = sum(truth.self_us.values())
            estimated_us = sum(module["cost_us"] for module in graph["modules"] if module["name"] in both)
            rows.append(Row(entry, score(certain, truth, prices), score(both, truth, prices), real_us, estimated_us))
    print_summary(console, rows)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
