"""Cuts import statements out of programs and runs what is left, to see what goes away.

The names that a statement binds become an object that answers everything, so that the program runs on. The price of a
module is its own time in the uncut program: one cut then costs one run, and the machine's noise is in no difference.
"""

import ast
import tempfile
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from asking import write_files
from benchmark_accuracy import parse_importtime, run_isolated

from verdicts.record import Program, Saving, Statement

STUB = "cut_away"
# No attribute that Python itself looks for, or it would take the stub for what it is not.
STUB_TEXT = """
class Kind(type):
    def __getattr__(cls, name):
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return Kind(name, (Root,), {})
    def __call__(cls, *positional, **named): return cls
    def __getitem__(cls, key): return cls
    def __iter__(cls): return iter(())
    def __len__(cls): return 0
    def __bool__(cls): return True
    def __contains__(cls, item): return False
    def __or__(cls, other): return cls
    __ror__ = __and__ = __rand__ = __add__ = __radd__ = __sub__ = __mul__ = __truediv__ = __or__
    def __invert__(cls): return cls
    def __lt__(cls, other): return False
    __le__ = __gt__ = __ge__ = __lt__

class Root(metaclass=Kind):
    __version__ = "0"
    def __new__(cls, *positional, **named): return cls
    def __init_subclass__(cls, **named): pass

def __getattr__(name):
    return getattr(Root, name)
"""
# Where the program catches what the statement imported. It cannot stand beside another built-in base class.
STUB_TO_CATCH = STUB_TEXT.replace("class Root(", "class Root(Exception, ")
# Where it is the base of an abstract class. `register` is then that of `ABCMeta`.
STUB_TO_EXTEND = STUB_TEXT.replace("class Kind(type)", 'class Kind(__import__("abc").ABCMeta)')
STUBS = (
    STUB_TEXT,
    STUB_TO_CATCH,
    STUB_TO_EXTEND,
    STUB_TO_EXTEND.replace("class Root(", "class Root(Exception, "),
)
# Loads nothing itself, and ends without the interpreter's clean-up, which a window or a thread may hold up.
RUNNER = """
import sys
os, time, (folder, kind, name) = sys.modules["os"], sys.modules["time"], sys.argv[1:]
os.chdir(folder)
file = os.path.join(folder, name)
main = sys.modules["__main__"] = type(sys)("__main__")
main.__builtins__ = __builtins__
began, worked, error = time.perf_counter(), time.process_time(), ""
try:
    if kind == "module":
        sys.path.insert(0, folder)
        sys.argv = ["-c"]
        exec("import " + name, main.__dict__)
    else:
        sys.path.insert(0, os.path.dirname(file))
        sys.argv, main.__file__ = [file], file
        with open(file, encoding="utf-8") as source:
            exec(compile(source.read(), file, "exec"), main.__dict__)
except SystemExit:
    pass
except BaseException as problem:
    error = type(problem).__name__ + ": " + str(problem)
share = (time.process_time() - worked) / max(time.perf_counter() - began, 1e-6)
with open(os.path.join(folder, "ended"), "w", encoding="utf-8") as report:
    report.write("\\n".join([error.replace("\\n", " "), str(min(share, 1.0)), *map(str, list(sys.modules))]))
os._exit(0)
"""


@dataclass(frozen=True)
class Run:
    """A start: its modules with their own time where the import system reported it, and how it failed."""

    modules: frozenset[str]
    self_us: Mapping[str, float]
    error: str


def run(python: Path, files: Mapping[str, str], start: Mapping[str, str], *, timed: bool) -> Run:
    """Run the program of *files* in *python*."""
    with tempfile.TemporaryDirectory() as directory:
        folder = Path(directory).resolve()
        write_files(folder, files)
        return run_in(python, folder, start, timed=timed)


def run_in(python: Path, folder: Path, start: Mapping[str, str], *, timed: bool) -> Run:
    """Run the program in *folder*. Times are scaled by the share of the processor that the run had."""
    ((kind, name),) = start.items()
    flags = ["-X", "importtime"] if timed else []
    report = folder / "ended"
    report.unlink(missing_ok=True)
    done = run_isolated(python, [*flags, "-c", RUNNER, str(folder), kind, name])
    if not report.is_file():
        return Run(frozenset(), {}, f"ended with {done.returncode} before its start was through")
    error, share, *modules = report.read_text(encoding="utf-8").split("\n")
    times, _ = parse_importtime(done.stderr)
    return Run(frozenset(modules), {name: us * float(share) for name, us in times.items()}, error)


def without(files: Mapping[str, str], statements: Collection[Statement]) -> dict[str, str]:
    """The files with stubs in place of *statements*; every line stays where it was."""
    changed = {path: cut_out(files[path], {line for at, line in statements if at == path}, stub) for path in files}
    return {**changed, f"{STUB}.py": STUB_TEXT}


def cut_out(text: str, lines: Collection[int], replace: Callable[[ast.Import | ast.ImportFrom], str]) -> str:
    """*text* with the import statements that begin on *lines* replaced, and every other line where it was."""
    if not lines:
        return text
    found = [
        node
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Import | ast.ImportFrom) and node.lineno in lines
    ]
    rows = text.encode().split(b"\n")  # `ast` counts columns in UTF-8
    for node in sorted(found, key=lambda node: (node.lineno, node.col_offset), reverse=True):
        first, last = node.lineno - 1, (node.end_lineno or node.lineno) - 1
        tail = rows[last][node.end_col_offset :]
        rows[first : last + 1] = [
            rows[first][: node.col_offset] + replace(node).encode() + tail,
            *[b""] * (last - first),
        ]
    return b"\n".join(rows).decode()


def stub(node: ast.Import | ast.ImportFrom) -> str:
    """A statement that binds the names of *node* to a stub. `import a.b` leaves an `a` that is bound already alone."""
    anything = f'__import__("{STUB}").Anything'  # another class each time, as a class cannot have one base twice
    bound = []
    for alias in node.names:
        name = alias.asname or alias.name.split(".")[0]
        if name == "*":
            continue
        known = isinstance(node, ast.Import) and alias.asname is None
        bound.append(f"{name} = " + (f'globals().get("{name}", {anything})' if known else anything))
    return "; ".join(bound) or "pass"


class CutProgram:
    """A program in an interpreter, and what goes away without some of its statements. Runs the uncut one once."""

    def __init__(self, python: Path, program: Program, bare: frozenset[str]) -> None:
        self.python = python
        self.program = program
        self.whole: list[dict[str, float]] = []
        for start in program.starts:
            base = run(python, program.files, start, timed=True)
            self.whole.append({name: base.self_us[name] for name in base.modules - bare if name in base.self_us})

    def saves(self, statements: Collection[Statement]) -> Saving:
        """What the start loads no longer; with several starts the greatest."""
        best = Saving()
        files = without(self.program.files, statements)
        for start, prices in zip(self.program.starts, self.whole, strict=True):
            left = run(self.python, files, start, timed=False)
            if left.error:
                return Saving(error=left.error)
            gone = prices.keys() - left.modules
            saved = Saving(saves_us=round(sum(prices[name] for name in gone)), modules=len(gone))
            best = max(best, saved, key=lambda one: (one.modules, one.saves_us))
        return best
