"""Small programs as people write them: what is predicted of each beside what its main thread was seen to load.

The files in `programs` hold:

    === NAME [-m MODULE] [python 3.12] [-- ARGUMENTS]
    loads: the program's own modules, as recorded by scripts/record_programs.py
    gone: those that were loaded and not kept, as recorded; not compared
    perhaps: those that are called possible and are not loaded; nobody could know better
    named: those that are loaded and not predicted, where a place is named for them
    --- main.py
    ...

The first file is the script. m1.py to m9.py, each of one assignment, are beside every program.
"""

import functools
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from importguard.project.policy import Config
from importguard.project.start import Kind, Project, Start
from importguard.session import Session
from importguard.startup import trace_start
from importguard.startup.trace import Certainty, Reach
from importguard.storage.disk import Now
from importguard.target.environment import probe

pytestmark = pytest.mark.timeout(900)  # applications take long on a busy machine

BESIDE = {f"m{number}.py": f"X = {number}\n" for number in range(1, 10)}
LISTS = ("loads", "gone", "perhaps", "named")
FILES = sorted((Path(__file__).parent / "programs").glob("*.txt"))
VERSION = ".".join(map(str, sys.version_info[:2]))


@dataclass
class Program:
    """One program; `start` is what follows `python`."""

    name: str
    start: tuple[str, ...] = ()
    python: str = ""
    args: tuple[str, ...] | None = None
    lists: dict[str, set[str]] = field(default_factory=lambda: {one: set() for one in LISTS})
    files: dict[str, str] = field(default_factory=dict)

    @property
    def own(self) -> set[str]:
        """Its own modules, but for the one that is started."""
        paths = {path for path in {**BESIDE, **self.files} if path.endswith(".py")}
        return {path.removesuffix(".py").replace("/", ".").removesuffix(".__init__") for path in paths - {"main.py"}}

    def write(self, folder: Path) -> None:
        """Its files, in *folder*."""
        for name, text in {**BESIDE, **self.files}.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")


def read_programs(text: str) -> list[Program]:
    """The programs in *text*."""
    programs: list[Program] = []
    file = ""
    for line in text.splitlines():
        if line.startswith("=== "):
            name, *words = line.split()[1:]
            program, file = Program(name), ""
            programs.append(program)
            if "--" in words:
                program.args = tuple(words[words.index("--") + 1 :])
                words = words[: words.index("--")]
            if words[:1] == ["-m"]:
                program.start, words = ("-m", words[1]), words[2:]
            if words[:1] == ["python"]:
                program.python = words[1]
        elif line.startswith("--- "):
            file = line[4:].strip()
            program.files[file] = ""
            program.start = program.start or (file,)
        elif file:
            program.files[file] += f"{line}\n"
        elif line:
            kind, _, names = line.partition(":")
            program.lists[kind] = set(names.split())
    return programs


@functools.cache
def environment():
    return probe(sys.executable)


def start_of(program: Program, folder: Path) -> Start:
    """Its start, where it is written to *folder*."""
    project = Project(folder, Config(), None)
    kind = Kind.RUN_MODULE if program.start[0] == "-m" else Kind.SCRIPT
    target = program.start[-1] if kind is Kind.RUN_MODULE else str(folder / program.start[0])
    return project.start_of(kind, target, program.args)


def trace(program, folder):
    return trace_start(start_of(program, folder), Session(None, Now()).within(environment()))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_what_a_program_loads_is_predicted(file, tmp_path):
    wrong = {}
    for program in read_programs(file.read_text()):
        if program.python and tuple(map(int, program.python.split("."))) > sys.version_info[:2]:
            continue
        folder = tmp_path / program.name
        folder.mkdir()
        program.write(folder)
        found = trace(program, folder)
        eager = [one for one in found.modules if one.reach is Reach.EAGER and one.name in program.own]
        certain = {one.name for one in eager if one.certainty is Certainty.CERTAIN}
        predicted, loads, gone, perhaps, named = {one.name for one in eager}, *program.lists.values()
        differences = {
            "certain and not loaded": certain - loads - gone,
            "missed": loads - predicted - named,
            "possible and not loaded": predicted - loads - gone - perhaps,
            "in silence": loads - predicted if not found.unresolved and not found.stops else set(),
        }
        if any(differences.values()):
            wrong[program.name] = {what: sorted(names) for what, names in differences.items() if names}
    assert wrong == {}


def test_the_programs_load_something():
    programs = [program for file in FILES for program in read_programs(file.read_text())]
    assert len({program.name for program in programs}) == len(programs)
    assert [program.name for program in programs if not program.lists["loads"]] == []
