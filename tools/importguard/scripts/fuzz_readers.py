"""Feeds importguard what nobody would write, for as long as it is told: the source reader and the abstract interpreter.

    uv run python tools/importguard/scripts/fuzz_readers.py --minutes 5

Half of the inputs are files of the standard library with bytes changed, dropped or doubled. The other half are
programs: statements taken from all over the standard library, in any order, their names drawn from a handful, so that
everything is called with everything. Each ends with an answer or with one of importguard's own errors. Any other
exception, more than a minute or more than 4 GB is printed with the input's number, from which `--seed` and `--only`
make it again.
"""

import argparse
import ast
import random
import resource
import signal
import sys
import sysconfig
import tempfile
import time
import traceback
import warnings
from collections import Counter
from pathlib import Path

from importguard.errors import ImportGuardError, SourceError
from importguard.source.reader import read_program
from importguard.source.sites import raw_thread_lines, scan_sites
from importguard.source.suppressions import read_suppressions
from importguard.startup import trace_script
from importguard.startup.machine import bounds
from importguard.target.environment import probe

LIMIT_S = 60
MEMORY = 4 << 30
NAMES = (*"abcdfg", "self", "cls", "os", "sys", "type", "getattr", "super", "list", "dict", "property")
ODD = (b"\0", b"\x0c", b"\r", b"\\\n", b"lazy ", b"\xff", b"\t", b"'''", b"f'{", b"# coding: utf-7\n", b"yield ", b"*")
OPENING = (b"(", b"[", b"-", b"not ", b"lambda:", b"a.")


class _TooLong(BaseException):
    """The input took more than LIMIT_S."""


def _ring(_number: int, _frame: object) -> None:
    raise _TooLong


class _Renaming(ast.NodeTransformer):
    """Gives most names another from NAMES."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance

    def visit_Name(self, node: ast.Name) -> ast.Name:
        if self.chance.random() < 0.8:
            node.id = self.chance.choice(NAMES[:10] if isinstance(node.ctx, ast.Store) else NAMES)
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.name = self.chance.choice(NAMES[:6])
        return self.generic_visit(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        node.name = self.chance.choice(NAMES[:6])
        return self.generic_visit(node)


def _program(chance: random.Random, files: list[Path]) -> bytes:
    body: list[ast.stmt] = []
    while len(body) < 40:
        tree = ast.parse(chance.choice(files).read_bytes())
        found = [node for node in ast.walk(tree) if isinstance(node, ast.stmt) and not isinstance(node, ast.ImportFrom)]
        body += chance.sample(found, min(8, len(found)))
    chance.shuffle(body)
    tree = _Renaming(chance).visit(ast.Module(body=body, type_ignores=[]))
    return ast.unparse(ast.fix_missing_locations(tree)).encode("utf-8", "replace")


def _damaged(chance: random.Random, files: list[Path]) -> bytes:
    content = bytearray(chance.choice(files).read_bytes()[:20_000])
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(len(content) + 1)
        piece = content[at : at + chance.randint(1, 400)]
        kind = chance.randrange(5)
        if kind == 0:
            content[at : at + len(piece)] = b""
        elif kind == 1:
            content[at:at] = piece * chance.choice((1, 2, 50))
        elif kind == 2:
            content[at:at] = chance.choice(ODD)
        elif kind == 3:
            content[at:at] = chance.choice(OPENING) * chance.choice((1, 9, 150, 3000))
        else:
            content[at:at] = bytes(chance.randrange(256) for _ in range(4))
    return bytes(content)


def _read(source: bytes) -> str:
    try:
        program = read_program(source, "x.py")
    except SourceError:
        return "refused"
    scan_sites(program, frozenset({"f"}))
    raw_thread_lines(program)
    return "read"


def _walk(source: bytes, root: Path) -> str:
    (root / "app.py").write_bytes(source)
    read_suppressions(str(root / "app.py"))
    try:
        trace = trace_script(root / "app.py", probe(sys.executable), project_root=root)
    except SourceError as error:
        return "over the bound" if "steps to work out" in error.reason else "refused"
    return "walked, with stops" if trace.stops else "walked"


def main() -> int:
    """Runs until the time is over; 1 when something was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int, help="this input alone")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    signal.signal(signal.SIGALRM, _ring)
    bounds.MAX_WORK = 1_000_000
    files = sorted(Path(sysconfig.get_path("stdlib")).glob("*.py"))
    ends: Counter[str] = Counter()
    faults, slowest, number = 0, (0.0, 0), options.only or 0
    until = time.monotonic() + options.minutes * 60
    with tempfile.TemporaryDirectory() as folder:
        while time.monotonic() < until:
            chance = random.Random(f"{options.seed}/{number}")  # noqa: S311  inputs, no secrets
            source = _program(chance, files) if number % 2 else _damaged(chance, files)
            began = time.monotonic()
            signal.alarm(LIMIT_S)
            try:
                ends[_read(source) if number % 4 == 0 else _walk(source, Path(folder))] += 1
            except ImportGuardError as error:
                ends[type(error).__name__] += 1
            except (Exception, _TooLong) as error:
                faults += 1
                print(f"{number}: {type(error).__name__}: {error}", flush=True)
                traceback.print_exc()
            finally:
                signal.alarm(0)
            slowest = max(slowest, (time.monotonic() - began, number))
            number += 1
            if options.only is not None:
                break
    print(f"{sum(ends.values()) + faults:,} inputs, {faults} faults; slowest {slowest[0]:.1f} s (number {slowest[1]})")
    print(", ".join(f"{count:,} {end}" for end, count in ends.most_common()))
    return int(faults > 0)


if __name__ == "__main__":
    sys.exit(main())
