"""Does the first thing that `importguard check` says of a real application hold? Each first cut is really made.

Applications: `scripts/applications.toml`, each in its own source, beside the environment of the starts
(`scripts/starts/requirements.txt`). For each one:

1. The source distribution is fetched. Where it cannot be built, the installed package is copied into a project.
2. `importguard init` and `importguard check --command NAME` run in it, as its developer would run them.
3. The statements of the plan's first step are replaced by stubs in a copy. The command runs in both, in turns.

    said      the plan's first step: what cutting its statements saves, of all that the start is said to load
    really    modules that the start no longer loads, and the import time (`-X importtime`, sum, median of --runs)

    uv run python scripts/benchmark_applications.py
    uv run python scripts/benchmark_applications.py --python build/env/bin/python --only pgcli black --output table.md

Without --python the environment is built in `build/accuracy` (1.5 GB). Exit code 1 when an application gets no verdict
or a first cut saves less than half of the modules that were promised.
"""

import argparse
import importlib.metadata
import os
import re
import shutil
import statistics
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
from asking import ask, bare_modules
from benchmark_accuracy import ROOT, build_environment
from rich.console import Console
from rich.progress import track
from verdicts.cutting import STUB, STUBS, Run, cut_out, run_in, stub

TIMEOUT_S = 300
LIST = ROOT / "scripts" / "applications.toml"
REQUIREMENTS = ROOT / "scripts" / "starts" / "requirements.txt"
START = "start_of_the_application.py"
LACKING = re.compile(r"module '([\w.]+)' has no attribute '(\w+)'")
MOST_LEANED_ON = 5
# What a console script does, with its end as an error where it failed. Names that were put into `sys.modules` by hand
# are no modules; `-X importtime` cannot tell, as it does not report what `importlib.import_module` loads.
START_TEXT = """
import sys
sys.argv = {argv!r}
from {module} import {first}
try:
    code = {function}()
except SystemExit as end:
    code = end.code
for name, module in list(sys.modules.items()):
    if getattr(getattr(module, "__spec__", None), "name", None) != name and name != "__main__":
        del sys.modules[name]
if isinstance(code, (int, str)) and code:
    raise RuntimeError("ended with " + str(code))
"""


class OutsideError(Exception):
    """No file of the copy holds a statement to cut."""


class Application(msgspec.Struct, frozen=True):
    """A command of a distribution, and the arguments that it is really started with."""

    name: str
    version: str
    command: str
    arguments: tuple[str, ...] = ()


@dataclass(frozen=True)
class Installed:
    """What the environment holds of an application: where its command leads, and its files."""

    target: str
    files: tuple[Path, ...]
    site: Path


@dataclass(frozen=True)
class Measured:
    """A start: its modules, and the median of its import time."""

    modules: frozenset[str]
    ms: float
    error: str = ""


@dataclass(frozen=True)
class Row:
    """What was said of an application beside what was found. *failure* says why there is no verdict."""

    application: Application
    source: str
    verdict: Mapping[str, Any] = field(default_factory=dict)
    whole: Measured | None = None
    without: Measured | None = None
    failure: str = ""
    leaned_on: tuple[str, ...] = ()  # what the program uses and only the cut imports

    @property
    def step(self) -> Mapping[str, Any] | None:
        """The plan's first step."""
        steps = self.verdict["plan"]["steps"] if self.verdict else []
        return steps[0] if steps else None

    @property
    def certain(self) -> tuple[int, float]:
        """How many modules the start is said to load whatever its conditions are, and their cost in ms."""
        possible = self.verdict["plan"]["conditional"]
        modules = self.verdict["modules"] - sum(one["modules"] for one in possible)
        return modules, (self.verdict["cost_us"] - sum(one["cost_us"] for one in possible)) / 1000

    @property
    def gone(self) -> int:
        """How many modules the first cut really takes out of the start."""
        return len(self.whole.modules - self.without.modules) if self.whole and self.without else 0

    @property
    def right(self) -> bool:
        """The first cut keeps its promise. A start without a cut promises nothing."""
        if self.failure or self.step is None:
            return not self.failure
        failed = self.without is None or bool(self.without.error)
        return not failed and self.gone * 2 >= int(self.step["modules"])


def installed(python: Path, application: Application) -> Installed:
    """Look up *application* in the environment of *python*."""
    site = next((python.parent.parent / "lib").glob("python3.*")) / "site-packages"
    (found,) = importlib.metadata.distributions(name=application.name, path=[str(site)])
    if found.version != application.version:
        raise SystemExit(f"{application.name} is {found.version} in {python}, the list says {application.version}")
    (target,) = found.entry_points.select(group="console_scripts", name=application.command)
    files = tuple(Path(str(file)) for file in found.files or ())
    return Installed(target.value, files, site)


def fetch(python: Path, application: Application, folder: Path) -> Path | None:
    """The source distribution, unpacked in *folder* once. None when it cannot be had."""
    archives = folder / "archives"
    wanted = f"{application.name}=={application.version}"
    kind = f"--no-binary={application.name}"
    command = [str(python), "-m", "pip", "download", "--quiet", "--no-deps", kind, "--dest", str(archives), wanted]
    project = folder / f"{application.name}-{application.version}"
    if project.is_dir():
        return project
    name = f"{application.name.replace('-', '_')}-{application.version}.tar.gz"
    if not (archives / name).is_file():
        subprocess.run(command, check=False, capture_output=True, timeout=TIMEOUT_S)
    if not (archives / name).is_file():
        return None
    with tempfile.TemporaryDirectory(dir=folder) as unpacked, tarfile.open(archives / name) as opened:
        opened.extractall(unpacked, filter="data")
        next(Path(unpacked).iterdir()).rename(project)
    return project


def copy_installed(application: Application, there: Installed, folder: Path) -> Path:
    """A project of the installed package: its files, and the command in a pyproject.toml."""
    project = folder / f"{application.name}-{application.version}-installed"
    for file in there.files:
        if file.suffix != ".pyc" and ".." not in file.parts and not file.parts[0].endswith(".dist-info"):
            (project / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(there.site / file, project / file)
    table = f'[project]\nname = "{application.name}"\nversion = "{application.version}"\n\n[project.scripts]\n'
    (project / "pyproject.toml").write_text(f'{table}"{application.command}" = "{there.target}"\n', encoding="utf-8")
    return project


def import_root(project: Path, target: str) -> Path:
    """The folder of *project* that holds the package of the command."""
    package = target.partition(":")[0].split(".")[0]
    for root in (project, project / "src", *sorted(folder for folder in project.iterdir() if folder.is_dir())):
        if (root / package).is_dir() or (root / f"{package}.py").is_file():
            return root
    raise SystemExit(f"{project} holds no {package}")


def prepare(project: Path, copy: Path, there: Installed, application: Application) -> Path:
    """A copy of *project* with the command as a script. Returns the folder that it runs in."""
    shutil.copytree(project, copy, symlinks=True)
    root = import_root(copy, there.target)
    module, _, function = there.target.split(" ")[0].partition(":")
    text = START_TEXT.format(
        argv=[application.command, *application.arguments],
        module=module,
        first=function.split(".")[0],
        function=function,
    )
    (root / START).write_text(text, encoding="utf-8")
    return root


def cut(copy: Path, statements: Iterable[Mapping[str, Any]]) -> None:
    """Replace *statements* in *copy* by stubs."""
    lines: dict[str, set[int]] = {}
    for statement in statements:
        lines.setdefault(statement["path"], set()).add(statement["line"])
    outside = [path for path in lines if not (copy / path).resolve().is_relative_to(copy)]
    if outside:  # an absolute path would lead into the environment
        raise OutsideError(f"statements that are not in the project: {', '.join(outside[:3])}")
    for path, numbers in lines.items():
        text = (copy / path).read_text(encoding="utf-8")
        (copy / path).write_text(cut_out(text, numbers, stub), encoding="utf-8")


def measure(python: Path, roots: Sequence[Path], bare: frozenset[str], runs: int) -> list[Measured]:
    """Start the command in each of *roots*, in turns, so that a slow moment of the machine falls on all."""
    found: list[list[Run]] = [[] for _ in roots]
    for turn in range(runs + 1):
        for samples, root in zip(found, roots, strict=True):
            one = run_in(python, root, {"script": START}, timed=True)
            if turn:  # the first run writes bytecode
                samples.append(one)
    return [summed(samples, bare) for samples in found]


def summed(samples: Sequence[Run], bare: frozenset[str]) -> Measured:
    """The modules that each of *samples* loaded, and the median of their time."""
    names = [one.modules - bare - {STUB} for one in samples]
    times = [sum(one.self_us.get(name, 0) for name in loaded) for one, loaded in zip(samples, names, strict=True)]
    error = next((one.error for one in samples if one.error), "")
    return Measured(frozenset.intersection(*names), statistics.median(times) / 1000, error)


def verdict(project: Path, application: Application, python: Path) -> tuple[Mapping[str, Any], str]:
    """What `init` and `check` say in *project*, or why they say nothing."""
    (project / "importguard.toml").unlink(missing_ok=True)
    made = subprocess.run(
        [sys.executable, "-m", "importguard", "init"], check=False, cwd=project, capture_output=True, encoding="utf-8"
    )
    if made.returncode:
        return {}, f"init: {made.stderr.strip()}"
    command = ["check", "--command", application.command, "--format", "json", "--python", str(python)]
    answer = ask(project, command, TIMEOUT_S)
    return answer.data, answer.failure


def examine(application: Application, python: Path, folder: Path, bare: frozenset[str], runs: int) -> Row:
    """Ask about *application*, and make the first cut."""
    there = installed(python, application)
    project, source = fetch(python, application, folder), "sdist"
    if project is None:
        project, source = copy_installed(application, there, folder), "installed"
    said, failure = verdict(project, application, python)
    if failure:
        return Row(application, source, failure=failure)
    steps = said["plan"]["steps"]
    with tempfile.TemporaryDirectory() as directory:
        copies = [Path(directory).resolve() / name for name in ("whole", "without")]
        roots = [prepare(project, copy, there, application) for copy in copies]
        if not steps:
            (whole,) = measure(python, roots[:1], bare, runs)
            return Row(application, source, said, whole)
        try:
            cut(copies[1], steps[0]["statements"])
        except OutsideError as error:
            return Row(application, source, said, failure=str(error))
        there_before = run_in(python, roots[0], {"script": START}, timed=False).modules
        leaned_on = make_it_run(python, roots[1], there_before)
        whole, without = measure(python, roots, bare, runs)
    return Row(application, source, said, whole, without, leaned_on=leaned_on)


def make_it_run(python: Path, root: Path, loaded: Collection[str]) -> tuple[str, ...]:
    """Write a stub that the program in *root* can run on. Returns the modules that it imports in the program's place.

    Those are of *loaded*, the program uses them as attributes and leans on the cut for their import.
    """
    leaned_on: list[str] = []
    for text in STUBS:
        leaned_on.clear()
        while len(leaned_on) < MOST_LEANED_ON:
            imports = "".join(f"import {name}\n" for name in leaned_on)
            (root / f"{STUB}.py").write_text(text + imports, encoding="utf-8")
            error = run_in(python, root, {"script": START}, timed=False).error
            lacking = LACKING.search(error)
            name = ".".join(lacking.groups()) if lacking else ""
            if name in leaned_on or name not in loaded:
                break
            leaned_on.append(name)
        if not error:
            break
    return tuple(leaned_on)


def cells(row: Row) -> list[str]:
    """A row of the table."""
    start = " ".join((row.application.command, *row.application.arguments))
    first = [f"{row.application.name} {row.application.version} ({row.source})", f"`{start}`"]
    if row.failure or row.whole is None:
        return [*first, row.failure, "", "", ""]
    loaded, all_ms = row.certain
    first += [f"{loaded} / {len(row.whole.modules)}"]
    if row.step is None:
        return [*first, f"no cut; {all_ms:.0f} ms", f"{row.whole.ms:.0f} ms", ""]
    number = len(row.step["statements"])
    where = f"{number} statement{'s' if number > 1 else ''}"
    ms = row.step["saves_us"] / 1000
    said = f"{row.step['subject']}, {where}: {row.step['modules']} modules, {ms:.0f} of {all_ms:.0f} ms"
    if row.without is None or row.without.error:
        return [*first, said, f"fails without it: {row.without.error if row.without else ''}", ""]
    saved = row.whole.ms - row.without.ms
    really = f"{row.gone} modules, {saved:.0f} of {row.whole.ms:.0f} ms"
    if row.leaned_on:
        really += f", once {', '.join(row.leaned_on)} is imported in its own right"
    return [*first, said, really, f"{ms / all_ms:.0%} / {saved / row.whole.ms:.0%}"]


def table(rows: Sequence[Row]) -> str:
    """The rows in Markdown."""
    titles = [
        "Application",
        "Start",
        "Modules said / real",
        "First step of the plan",
        "Really saved",
        "Share said / real",
    ]
    lines = [titles, ["---"] * len(titles), *map(cells, rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def main() -> int:
    """Print the table. 0 when each first cut saves what was said."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--python", type=Path, help="interpreter of the environment; it is built without this")
    parser.add_argument("--directory", type=Path, default=ROOT / "build", help="where environment and sources are kept")
    parser.add_argument("--only", nargs="*", metavar="NAME", help="only these applications")
    parser.add_argument("--runs", type=int, default=5, help="starts of each kind; their median")
    parser.add_argument("--output", type=Path, help="write the table to this file, after each application")
    options = parser.parse_args()
    applications = msgspec.toml.decode(LIST.read_bytes(), type=dict[str, list[Application]])["application"]
    wanted = [one for one in applications if not options.only or one.name in options.only]
    made = options.python or build_environment(options.directory / "accuracy" / "starts-3.11", "3.11.7", REQUIREMENTS)
    python = Path(os.path.abspath(made))
    folder = options.directory.resolve() / "applications"
    folder.mkdir(parents=True, exist_ok=True)
    bare = bare_modules(python)
    rows: list[Row] = []
    for one in track(wanted, "Applications", console=Console(stderr=True)):
        rows.append(examine(one, python, folder, bare, options.runs))
        if options.output:
            options.output.write_text(table(rows), encoding="utf-8")
    print(table(rows), end="")
    return int(not all(row.right for row in rows))


if __name__ == "__main__":
    sys.exit(main())
