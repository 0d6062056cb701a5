"""Is the verdict of `importguard check` true? Counted over programs whose imports were really cut, and over made ones.

Recorded programs (`scripts/verdicts/programs.json.gz`, 64): what went away when their import statements were really
removed, in the environment of `scripts/starts/requirements.txt`. A promise is compared by its number of modules, which
the speed of a machine does not change; a set of statements that the record lacks is cut here, in a child interpreter.

    false green      exit 0 without IG101, though a cut saves 30 ms and 40 modules, or a name in `heavy` is loaded
    false red        subjects of IG101 whose statements, cut together, save less than half of the promised modules
    light red        subjects that `heavy` does not name, whose statements really save less than 10 ms
    packages missed  packages whose cut saves 30 ms, and that no finding has as its subject or points at
    heavy missed     names in `heavy` that are loaded, and that no finding is about
    right            programs with none of these, with a verdict, and whose plan adds up to the start
    promised against cut modules   the difference as a share of the greater, mean over the subjects

A package in `allow` is asked of nobody; the program's own one only when it has 40 modules that take 30 ms themselves.

Generated programs (`--generate N`: programs with N import statements, drawn from every package of the environment by
`--seed`; `import P`, `from P.part import name`, two modules that share P, several packages together): nothing runs.
Each is written again without statements, `importguard graph` works it out again, and the verdict must hold, for about
every second program also with a configuration that names an indirect package as `heavy` and may allow another:

{kinds}
    uv run python scripts/benchmark_verdicts.py
    uv run python scripts/benchmark_verdicts.py --python build/env/bin/python --generate 2000 --show

Without --python the environment is built in `build/accuracy` (1.5 GB). Exit code 1 when anything is wrong.
"""

import argparse
import os
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

from asking import ask, bare_modules, for_each, spread, write_files
from benchmark_accuracy import ROOT, build_environment
from verdicts.cutting import CutProgram, cut_out
from verdicts.generated import Generated, Policy, draw_policy, packages, programs
from verdicts.invariants import KINDS, Broken, Start, examine, examine_sum, start_of
from verdicts.judging import Judged, judge, summary
from verdicts.record import Program, Saving, Statement, read_programs

TIMEOUT_S = 180
REQUIREMENTS = ROOT / "scripts" / "starts" / "requirements.txt"


class NoGraphError(Exception):
    """importguard gave no graph; the text says why."""


def judge_program(program: Program, python: Path, bare: frozenset[str]) -> Judged:
    """Ask for the verdict on a recorded program and compare."""
    made: list[CutProgram] = []

    def cut(statements: Collection[Statement]) -> Saving:
        if not made:
            made.append(CutProgram(python, program, bare))
        return made[0].saves(statements)

    with tempfile.TemporaryDirectory() as directory:
        folder = Path(directory).resolve()
        configuration = {"importguard.toml": program.config} if program.config else {}
        write_files(folder, {**program.files, **configuration})
        command = ["check", *program.arguments, "--format", "json", "--python", str(python)]
        answer = ask(folder, command, TIMEOUT_S)
    judged = judge(program, answer, cut)
    if answer.failure:
        return judged
    return replace(judged, sums=tuple(broken.text for broken in examine_sum(answer.data)))


def examine_program(program: Generated, python: Path) -> list[Broken]:
    """Ask for the verdict on a generated program, with and without a configuration, and look whether it holds."""
    known: dict[frozenset[Statement], Start] = {}
    target = ["main.py", "--format", "json", "--python", str(python)]
    with tempfile.TemporaryDirectory() as directory:
        whole, smaller = Path(directory).resolve() / "whole", Path(directory).resolve() / "smaller"

        def rework(statements: Collection[Statement]) -> Start:
            key = frozenset(statements)
            if key not in known:
                write_files(smaller, leave_out(program, key))
                answer = ask(smaller, ["graph", *target], TIMEOUT_S)
                if answer.failure:
                    raise NoGraphError(answer.failure)
                known[key] = start_of(answer.data)
            return known[key]

        write_files(whole, program.files)
        try:
            found = examine(program, Policy(), ask(whole, ["check", *target], TIMEOUT_S), rework)
            policy = draw_policy(program, rework(()).packages)
            if policy is not None:
                write_files(whole, {"importguard.toml": policy.text})
                verdict = ask(whole, ["check", *target[1:]], TIMEOUT_S)
                under = f" (allow {list(policy.allow)}, heavy {list(policy.heavy)})"
                found += [Broken(one.kind, one.text + under) for one in examine(program, policy, verdict, rework)]
        except NoGraphError as error:
            return [Broken("failure", str(error))]
        return found


def leave_out(program: Generated, statements: Collection[Statement]) -> dict[str, str]:
    """The program's files with `pass` in place of *statements*."""
    return {
        path: cut_out(text, {line for at, line in statements if at == path}, lambda _: "pass")
        for path, text in program.files.items()
    }


def print_files(files: Collection[tuple[str, str]]) -> None:
    """The texts of a program, indented."""
    for path, text in files:
        print(f"    --- {path}")
        print("".join(f"    {line}\n" for line in text.splitlines()), end="")


def score_recorded(options: argparse.Namespace, python: Path) -> bool:
    """Print each wrong verdict on a recorded program, and the figures."""
    recorded = read_programs()
    if options.only:
        recorded = [one for one in recorded if any(re.search(name, one.name) for name in options.only)]
    recorded = spread(recorded, options.sample or len(recorded))
    bare = bare_modules(python)
    judged = for_each(lambda one: judge_program(one, python, bare), recorded, options.jobs, "Recorded programs")
    for program, one in zip(recorded, judged, strict=True):
        if one.right:
            continue
        print(f"{one.name:40} exit {one.code}  {'; '.join(one.marks())}")
        if options.show:
            print_files(program.files.items())
            for finding in one.findings:
                print(f"    {finding['code']} {finding['path']}:{finding['line']} {finding['message']}")
    print(summary(recorded, judged))
    return all(one.right for one in judged)


def score_generated(options: argparse.Namespace, python: Path) -> bool:
    """Print each broken invariant of a generated program, and how often each kind is broken."""
    made = programs(packages(python), options.generate, options.seed)
    if options.only:
        made = [one for one in made if any(re.search(name, one.name) for name in options.only)]
    broken = for_each(lambda one: examine_program(one, python), made, options.jobs, "Generated programs")
    for program, found in zip(made, broken, strict=True):
        for one in found:
            print(f"{program.name:40} {one.kind}: {one.text}")
        if found and options.show:
            print_files(program.files.items())
    count = Counter(kind for found in broken for kind in {one.kind for one in found})
    kinds = "  ".join(f"{kind} {count[kind]}" for kind in KINDS)
    whole = sum(not found for found in broken)
    print(f"generated {len(made)} programs, {sum(one.lines for one in made)} statements  right {whole}  {kinds}")
    return whole == len(made)


def main() -> int:
    """Print what is wrong and the figures. 0 when every verdict holds."""
    kinds = "".join(f"    {kind:16} {text}\n" for kind, text in KINDS.items())
    parser = argparse.ArgumentParser(
        description=(__doc__ or "").replace("{kinds}", kinds), formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--python", type=Path, help="interpreter of the environment; it is built without this")
    parser.add_argument("--directory", type=Path, default=ROOT / "build" / "accuracy", help="where it is built")
    parser.add_argument("--generate", type=int, default=0, metavar="N", help="only generated programs: N statements")
    parser.add_argument("--seed", type=int, default=0, help="of the generated programs")
    parser.add_argument("--sample", type=int, metavar="N", help="so many recorded programs, evenly spread")
    parser.add_argument("--only", nargs="*", metavar="PATTERN", help="programs whose name matches")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="programs at a time")
    parser.add_argument("--show", action="store_true", help="print the programs that are judged wrongly")
    options = parser.parse_args()
    python = options.python or build_environment(options.directory / "starts-3.11", "3.11.7", REQUIREMENTS)
    score = score_generated if options.generate else score_recorded
    return int(not score(options, Path(os.path.abspath(python))))


if __name__ == "__main__":
    sys.exit(main())
