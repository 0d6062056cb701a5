"""Does `importguard graph` know what a program's own start loads? Counted over recorded starts.

Cases (`scripts/starts/cases.json.gz`): programs of a few files, each for one feature of the language, beside what their
main thread loaded. Those of the version of --python are taken. Each case is one of these, the first that fits; shares:

    failure         importguard gave no graph
    wrong-certain   a module is called certain and is not loaded
    missed          a module is loaded and not predicted
    wide            a module is called possible and is not loaded
    right           none of these
    silent          of all cases: something is missed while the graph names nothing as unresolved or stopped
    named though nothing is missed   of the cases without a miss: it names something all the same

Starts (`scripts/starts/truth.json.gz`, 83): console scripts, `python -m`, scripts, servers, windows and projects in the
environment of `scripts/starts/requirements.txt`. Macro averages for the certain modules and with the possible ones, of
modules that the import system reported:

    precision    share of the predicted modules that are loaded
    recall       share of the loaded modules that are predicted
    cost recall  the same, each module weighed by its own time
    false cost   time of what is predicted and not loaded, over the time of what is (median over the starts)
    silent       modules missed by starts whose graph names nothing as unresolved or stopped
    hushed       modules missed by starts whose graph names nothing but optional imports that are not found

    uv run python scripts/benchmark_starts.py --what cases
    uv run python scripts/benchmark_starts.py --python build/env/bin/python --what starts --only qt-window --show

Without --python the environment of the starts is built in `build/accuracy` (1.5 GB). Exit code 1 when a case is
wrong or something is missed in silence.
"""

import argparse
import os
import re
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from asking import ask, bare_modules, for_each, spread, write_files
from benchmark_accuracy import ROOT, build_environment, print_summary, run_isolated
from rich.console import Console
from starts.cases import Case, Outcome, compare, read_cases
from starts.cases import summary as summary_of_cases
from starts.truth import HERE, NOWHERE, Record, Scored, Start, read_programs, read_truth, score_start
from starts.truth import summary as summary_of_starts

TIMEOUT_S = 120
VERSION = "import sys; print('.'.join(map(str, sys.version_info[:3])))"
SHOWN = 40  # modules of one start


def examine_case(case: Case, python: Path, bare: frozenset[str]) -> Outcome:
    """Ask for the graph of a case and compare."""
    with tempfile.TemporaryDirectory() as directory:
        folder = Path(directory).resolve()
        write_files(folder, case.all_files)
        answer = ask(folder, ["graph", *case.arguments, "--format", "json", "--python", str(python)], TIMEOUT_S)
    return compare(case, answer, bare)


def score_cases(options: argparse.Namespace, python: Path, version: str) -> bool:
    """Print each case that is not right, and the shares."""
    cases = [case for case in read_cases() if version.startswith(f"{case.python}.") and wanted(case.name, options)]
    cases = spread(cases, options.sample or len(cases))
    bare = bare_modules(python)
    outcomes = for_each(lambda case: examine_case(case, python, bare), cases, options.jobs, "Cases")
    for case, outcome in zip(cases, outcomes, strict=True):
        if outcome.kind == "right":
            continue
        print(f"{case.name:44} {outcome.kind:13} {outcome.differences()}")
        if options.show:
            for path, text in case.files.items():
                print(f"    --- {path}")
                print("".join(f"    {line}\n" for line in text.splitlines()), end="")
    print(summary_of_cases(outcomes))
    return all(outcome.kind == "right" for outcome in outcomes)


def examine_start(name: str, record: Record, folder: Path, python: Path, options: argparse.Namespace) -> Scored:
    """Ask for the graph of a start and score it."""
    start: Start = record.starts[name]
    target = ["--format", "json", "--python", str(python)]
    command = ["graph", *target, *start.arguments(with_args=options.arguments)]
    return score_start(name, record, ask(folder / start.folder, command, TIMEOUT_S), record.prices())


def score_starts(options: argparse.Namespace, python: Path, version: str) -> bool:
    """Print the averages, the worst starts, and with --show what each start misses."""
    record = read_truth()
    if version != record.python:
        print(f"recorded with Python {record.python}, scored with {version}", file=sys.stderr)
    names = [name for name in record.starts if wanted(name, options)]
    names = spread(names, options.sample or len(names))
    with tempfile.TemporaryDirectory() as directory:
        folder = Path(directory).resolve()
        write_files(folder, read_programs())
        (folder / NOWHERE).mkdir()
        scored = for_each(
            lambda name: examine_start(name, record, folder, python, options), names, options.jobs, "Starts"
        )
    prices = record.prices()
    for name, one in zip(names, scored, strict=True):
        if one.failure:
            print(f"{name:28} {one.failure}")
        if options.show:
            show(name, one, prices)
    if scored:
        print_summary(Console(), [one.row for one in scored])
    print(summary_of_starts(scored))
    return not any(one.silent or one.failure for one in scored)


def show(name: str, scored: Scored, prices: Mapping[str, float]) -> None:
    """What a start misses and what it is wrongly said to load, dearest first."""
    print(f"{name}: {len(scored.missed)} missed, {len(scored.false)} not loaded")
    for what, modules in (("missed", scored.missed), ("not loaded", scored.false)):
        for module in modules[:SHOWN]:
            print(f"    {what:10} {prices.get(module, 0.0) / 1000:8.2f} ms  {module}")


def wanted(name: str, options: argparse.Namespace) -> bool:
    """Whether --only names it."""
    return not options.only or any(re.search(pattern, name) for pattern in options.only)


def main() -> int:
    """Print what is wrong and the figures. 0 when no case is wrong and nothing is missed in silence."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--python", type=Path, help="interpreter of the environment; it is built without this")
    parser.add_argument("--directory", type=Path, default=ROOT / "build" / "accuracy", help="where it is built")
    parser.add_argument("--what", choices=("cases", "starts", "both"), default="both", help="default: both")
    parser.add_argument("--arguments", action="store_true", help="give importguard what the recorded start was given")
    parser.add_argument("--sample", type=int, metavar="N", help="so many, evenly spread")
    parser.add_argument("--only", nargs="*", metavar="PATTERN", help="those whose name matches")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="graphs at a time")
    parser.add_argument("--show", action="store_true", help="print wrong cases' programs and the misses of starts")
    options = parser.parse_args()
    python = options.python or build_environment(options.directory / "starts-3.11", "3.11.7", HERE / "requirements.txt")
    python = Path(os.path.abspath(python))
    version = run_isolated(python, ["-c", VERSION]).stdout.strip()
    right = True
    if options.what != "starts":
        right = score_cases(options, python, version)
    if options.what != "cases":
        right = score_starts(options, python, version) and right
    return int(not right)


if __name__ == "__main__":
    sys.exit(main())
