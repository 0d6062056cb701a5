"""Does a cut save what `importguard why` says? Twenty cuts, predicted and then really made.

Five programs import packages that share much of what they load. `importguard measure` measures each; then every program
runs without one of its imports, in turns with the whole program, and the difference of the two medians is compared with
what the graph and the measured costs predict for that cut. The environment is that of `benchmark_accuracy.py`.

What is compared is processor time, user and system, of whole processes without any instrumentation: other programs on
the machine change it much less than they change the clock. Exit code 1 when fewer than --wanted cuts are within 15 %.

    uv run python scripts/benchmark_cuts.py
"""

import argparse
import os
import re
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from benchmark_accuracy import LISTS, ROOT, build_environment
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from importguard import Graph, analyse, find_project

PROGRAMS = {
    "agent": ("anthropic", "openai", "google.genai", "textual.app"),
    "service": ("fastapi", "sqlalchemy", "flask", "boto3.session"),
    "science": ("pandas", "networkx", "sympy", "matplotlib.pyplot"),
    "site": ("django.db.models", "sphinx.application", "aiohttp.web", "psycopg"),
    "terminal": ("IPython", "hypothesis.strategies", "black", "paramiko"),
}
TOLERANCE = 0.15


@dataclass(frozen=True)
class Cut:
    """One import of one program: what leaving it out is said to save and what it saves, in ms of processor time."""

    program: str
    imported: str
    modules: int
    predicted: float
    real: float

    @property
    def error(self) -> float:
        """Prediction over reality, less one."""
        return self.predicted / self.real - 1


def processor_ms(python: Path, script: Path) -> float:
    """User and system time of one process of *script*."""
    settings = {"PATH": os.environ.get("PATH", ""), "LANG": "C.UTF-8", "HOME": str(script.parent)}
    with subprocess.Popen(
        [str(python), "-I", str(script)],
        env=settings,
        cwd=script.parent,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{script} ended with {process.returncode} in {python}")
    return (usage.ru_utime + usage.ru_stime) * 1000


def program(imports: Iterable[str]) -> str:
    """A script that imports and ends without its interpreter's clean-up."""
    return "".join(f"import {name}\n" for name in imports) + "import os\nos._exit(0)\n"


def measured_graph(root: Path, python: Path, imports: tuple[str, ...], runs: int) -> Graph:
    """The graph of the program in *root*, with costs that `importguard measure` found."""
    (root / "app.py").write_text(program(imports))
    (root / "importguard.toml").write_text(f'entry = "app.py"\npython = "{python}"\n')
    command = [sys.executable, "-m", "importguard", "measure", "--runs", str(runs)]
    subprocess.run(command, cwd=root, check=True, stdout=subprocess.DEVNULL)
    return analyse(find_project(root).start()).graph


def predictions(graph: Graph) -> dict[str, tuple[float, int]]:
    """What cutting each statement of the program saves, in ms and modules, by the name that it imports."""
    found = {}
    for place, edge in graph.own_edges.items():
        if not graph.runs(place) or edge.imported in graph.own:
            continue
        saved = graph.saved_by((edge.site.location,))
        found[edge.site.location.line] = graph.cost_us(saved) / 1000, len(saved)
    lines = Path(graph.trace.entry_path).read_text().split("\n")
    return {lines[line - 1].removeprefix("import "): saving for line, saving in found.items()}


def make_cuts(root: Path, python: Path, name: str, runs: int, progress: Progress) -> list[Cut]:
    """Every cut of one program, predicted and made."""
    imports = PROGRAMS[name]
    predicted = predictions(measured_graph(root, python, imports, runs))
    scripts = {"": root / "app.py"}
    for imported in imports:
        scripts[imported] = root / f"without_{re.sub(r'[^a-z]', '_', imported.lower())}.py"
        scripts[imported].write_text(program(one for one in imports if one != imported))
    for script in scripts.values():
        processor_ms(python, script)
    # In turns, so that a slow moment of the machine falls on all.
    taken: dict[str, list[float]] = {imported: [] for imported in scripts}
    for _ in progress.track(range(runs), description=name):
        for imported, script in scripts.items():
            taken[imported].append(processor_ms(python, script))
    whole = statistics.median(taken[""])
    return [
        Cut(name, imported, predicted[imported][1], predicted[imported][0], whole - statistics.median(taken[imported]))
        for imported in imports
    ]


def main() -> int:
    """Print a row a cut. 0 when enough of them were predicted well."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--python", default="3.11", help="version or path of the interpreter")
    parser.add_argument("--directory", type=Path, default=ROOT / "build" / "accuracy", help="environments")
    parser.add_argument("--program", choices=PROGRAMS, help="only this one")
    parser.add_argument("--runs", type=int, default=9, help="processes of each kind; their median")
    parser.add_argument("--wanted", type=int, default=18, help="cuts within 15 %%, else the exit code is 1")
    options = parser.parse_args()
    tag = re.sub(r"\W+", "-", options.python)
    python = build_environment(
        options.directory / f"known-{tag}", options.python, LISTS / "requirements_known.txt"
    ).absolute()
    cuts: list[Cut] = []
    with Progress(console=Console(stderr=True)) as progress:
        for name in [options.program] if options.program else PROGRAMS:
            with tempfile.TemporaryDirectory() as directory:
                cuts += make_cuts(Path(directory).resolve(), python, name, options.runs, progress)
    table = Table("program", "cut", "modules", "predicted ms", "real ms", "error", box=None)
    for column in table.columns[2:]:
        column.justify = "right"
    for cut in cuts:
        row = (f"{cut.modules:,}", f"{cut.predicted:.0f}", f"{cut.real:.0f}", f"{cut.error:+.0%}")
        table.add_row(cut.program, cut.imported, *row)
    console = Console()
    console.print(table)
    near = sum(abs(cut.error) <= TOLERANCE for cut in cuts)
    console.print(
        f"{near} of {len(cuts)} within 15 %; median error {statistics.median(abs(cut.error) for cut in cuts):.1%}"
    )
    return int(near < min(options.wanted, len(cuts)))


if __name__ == "__main__":
    raise SystemExit(main())
