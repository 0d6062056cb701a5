"""Measures imports in the target interpreter with `-X importtime`. This runs the analysed code.

Fresh processes; each imports the modules of the start in load order. A module that fails, crashes or hangs is named;
what the others take is kept. No process outlives its run: each leads a session that is ended as a whole. What modules
print is thrown away as it comes.

The collector is off in the timed runs: a full collection falls on whichever module happens to trigger it, and would be
saved by no cut. What it takes together is measured in a run of its own and added to all modules in proportion.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import re
import signal
import statistics
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from importguard.costs.measured import SCHEMA, MeasuredCosts, Package, rounded
from importguard.errors import CostMeasurementError
from importguard.running.answer import answer_of
from importguard.running.kept_lines import KeptLines
from importguard.running.tree import end_tree
from importguard.storage.seal import without_secrets
from importguard.target.choice import normalised
from importguard.target.environment import Environment

_TIME = "import time:"
_MOST_PACKAGES = 16 * 1024 * 1024  # bytes of the answer about an environment's packages
_MOST_WORDS = 500  # characters of what a module says of its failure
_LATE_S = 1.0  # for what is left in a pipe whose program has ended
_LINE = re.compile(r"^import time:\s+(\d+) \|\s+\d+ \| *(\S.*)$")
_MARK = "\x1eimportguard "  # begins our lines, for modules print while they are imported
_MAX_LEFT_OUT = 5  # modules that end the process, before the rest is given up
_PROGRAM = """
import os, sys
out = os.dup(1)
class Watch:
    def find_spec(self, name, path=None, target=None):
        frame, who = sys._getframe(1), ""
        while frame is not None and not who:
            code = frame.f_code
            if not code.co_filename.startswith("<frozen importlib"):
                who = " " + str(frame.f_globals.get("__name__")) + " " + str(frame.f_lineno)
            elif code.co_name in ("create_module", "exec_module"):  # an extension imports without a frame of its own
                spec = frame.f_locals.get("spec") or getattr(frame.f_locals.get("module"), "__spec__", None)
                if "Extension" in type(getattr(spec, "loader", None)).__name__:
                    who = " " + spec.name + " 1"
            frame = frame.f_back
        os.write(out, ("\\n{mark}begins " + name + who + "\\n").encode("utf-8", "replace"))
if {watched}:
    sys.meta_path.insert(0, Watch())
import gc, time
spent = [0.0, 0.0]
def collecting(phase, info):
    spent[0] = time.perf_counter() if phase == "start" else spent[0]
    spent[1] += time.perf_counter() - spent[0] if phase == "stop" else 0.0
if {collected}:
    gc.callbacks.append(collecting)
else:
    gc.disable()
sys.path[:0] = {roots!r}
sys.modules.update(dict.fromkeys({left_out!r}))
before = set(sys.modules)
for name in {names!r}:
    try:
        __import__(name)  # importlib.import_module goes past what -X importtime watches
    except BaseException as error:
        text = " ".join(f"{{type(error).__name__}}: {{error}}".split())
        os.write(out, ("\\n{mark}failed " + name + ": " + text + "\\n").encode("utf-8", "replace"))
if {watched}:
    specs = [getattr(module, "__spec__", None) for module in list(sys.modules.values())]
    cached = [spec.cached for spec in specs if getattr(spec, "cached", None)]
    for name in [name for name, module in list(sys.modules.items()) if module is not None and name not in before]:
        os.write(out, ("\\n{mark}loaded " + name + "\\n").encode("utf-8", "replace"))
    os.write(out, ("\\n{mark}bytecode " + str(int(all(map(os.path.exists, cached)))) + "\\n").encode())
if {collected}:
    os.write(out, ("\\n{mark}collector " + str(round(spent[1] * 1e6)) + "\\n").encode())
os._exit(0)
"""
_PACKAGES = """
import importlib.metadata, json, sys
owners = importlib.metadata.packages_distributions()
versions = {d.name: d.version for d in importlib.metadata.distributions()}
json.dump({"owners": owners, "versions": versions}, sys.stdout)
"""


class _Run(NamedTuple):
    """One process: self times and faults by module; how it ended when it should not have, and in which import."""

    times: dict[str, int]
    faults: dict[str, str]
    ended: str = ""
    culprit: str = ""
    bytecode: bool = False  # there is bytecode for all that it loaded
    collector_us: int = 0
    importers: Mapping[str, tuple[str, int]] = MappingProxyType({})  # what loaded each, where it was watched


def measure(
    environment: Environment,
    names: Sequence[str],
    roots: Sequence[str],
    *,
    runs: int,
    timeout_s: float,
    on_run: Callable[[int], None],
) -> tuple[MeasuredCosts, tuple[str, ...], Mapping[str, tuple[str, int]]]:
    """Import *names* in *runs* fresh processes after one that writes bytecode; second, what went wrong on the way.

    Third, who loaded what, in order.

    *on_run* is called with how many are done. Raises CostMeasurementError when no run gave a measurement.
    """
    left_out: dict[str, str] = {}
    first = _run(environment, names, roots, timeout_s, (), watched=True)
    while first.culprit and len(left_out) < _MAX_LEFT_OUT:
        left_out[first.culprit] = f"{first.ended} while it was imported; left out, and what needs it"
        first = _run(environment, names, roots, timeout_s, tuple(left_out), watched=True)
    if first.ended:
        reasons = [f"{name}: {what}" for name, what in left_out.items()] + [f"then a run {first.ended}"]
        raise CostMeasurementError(environment.executable, "; ".join(reasons))
    on_run(1)
    faults = {
        name: text for name, text in first.faults.items() if not any(f"import of {one} " in text for one in left_out)
    }
    faults = {**left_out, **faults}
    samples: dict[str, list[int]] = {}
    for turn in range(runs):
        run = _run(environment, names, roots, timeout_s, tuple(left_out))
        if run.ended:
            faults["a run"] = f"{run.ended}; the other runs count"
        for name, value in run.times.items():
            samples.setdefault(name, []).append(value)
        on_run(turn + 2)
    told = tuple(f"{name} {text}" if name == "a run" else f"{name}: {text}" for name, text in faults.items())
    if not samples:
        raise CostMeasurementError(environment.executable, "; ".join(told) or "nothing was imported")
    medians = {name: statistics.median(values) for name, values in sorted(samples.items())}
    collected = _run(environment, names, roots, timeout_s, tuple(left_out), collected=True)
    share = 1 + collected.collector_us / (sum(medians.values()) or 1)
    self_us = {name: rounded(median * share) for name, median in medians.items()}
    packages = packages_of(environment, {name.partition(".")[0] for name in self_us})
    costs = MeasuredCosts(SCHEMA, environment.version, environment.platform, first.bytecode, runs, packages, self_us)
    return costs, told, first.importers


def _run(
    environment: Environment,
    names: Sequence[str],
    roots: Sequence[str],
    timeout_s: float,
    left_out: tuple[str, ...],
    *,
    watched: bool = False,
    collected: bool = False,
) -> _Run:
    program = _PROGRAM.format(
        mark=_MARK, watched=watched, collected=collected, roots=list(roots), left_out=left_out, names=list(names)
    )
    settings = without_secrets(os.environ)
    settings.pop("PYTHONDONTWRITEBYTECODE", None)
    try:
        said = _said(environment.executable, program, settings, timeout_s)
    except OSError as error:
        return _Run({}, {}, f"cannot start the interpreter: {error.strerror or error}")
    ended = said.ended
    times: dict[str, int] = {}
    for line in said.times:
        match = _LINE.match(line)
        if match:
            times.setdefault(match[2].strip(), int(match[1]))
    own = [line.removeprefix(_MARK) for line in said.own]
    if ended:
        begun = [line.split(" ")[1] for line in own if line.startswith("begins ")]
        return _Run({}, {}, ended, next((name for name in reversed(begun) if name not in times), ""))
    failures = (line.removeprefix("failed ").partition(": ") for line in own if line.startswith("failed "))
    failed = {name: text[:_MOST_WORDS] for name, _, text in failures}
    kept = {name: times[name] for name in names if name in times and name not in failed and name not in left_out}
    spent = next((int(line.removeprefix("collector ")) for line in own if line.startswith("collector ")), 0)
    # Python times what fails, too, and "__main__" is the program that measures.
    loaded = {line.removeprefix("loaded ") for line in own if line.startswith("loaded ")}
    begins = [line.split(" ")[1:] for line in own if line.startswith("begins ")]
    importers = {
        words[0]: (words[1], int(words[2]))
        for words in begins
        if len(words) == 3 and words[0] in loaded and words[1] != "__main__" and words[2].isdecimal()
    }
    return _Run(kept, failed, bytecode="bytecode 1" in own, collector_us=spent, importers=importers)


class _Said(NamedTuple):
    """The lines that are ours among all that a process and the modules in it have printed."""

    own: list[str]
    times: list[str]
    ended: str  # how, when it should not have


def _said(python: str, program: str, settings: Mapping[str, str], timeout_s: float) -> _Said:
    """Runs *program*. Raises OSError when *python* cannot be started."""
    with tempfile.TemporaryDirectory() as directory, tempfile.TemporaryFile() as given:
        given.write(program.encode("utf-8", "surrogatepass"))  # as an argument it would be too long
        given.seek(0)
        process = subprocess.Popen(
            [python, "-X", "importtime", "-"],
            stdin=given,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=directory,
            env=dict(settings),
            bufsize=0,
            start_new_session=True,
        )
        if process.stdout is None or process.stderr is None:
            raise OSError(errno.EPIPE, "it cannot be spoken to", python)
        own, times = KeptLines(process.stdout, _MARK), KeptLines(process.stderr, _TIME)
        ended = ""
        try:
            own.join(timeout_s)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(_LATE_S if not own.is_alive() else 0)
            if process.poll() is None:  # else only what it started holds the pipes
                ended = f"took more than {timeout_s:.0f} s and was ended"
        finally:
            end_tree(process)  # Ctrl+C comes here as well
            process.wait()
        for reader in (own, times):
            reader.join(_LATE_S)
    if process.returncode != 0 and not ended:
        ended = _ending(process.returncode)
    return _Said(own.lines(), times.lines(), ended)


def _ending(code: int) -> str:
    if code >= 0:
        return f"ended the process with exit code {code}"
    try:
        return f"ended the process by {signal.Signals(-code).name}"
    except ValueError:
        return f"ended the process by signal {-code}"


def packages_of(environment: Environment, modules: set[str]) -> dict[str, Package]:
    """The installed distributions that ship the top-level *modules*, by normalised name. Asks the interpreter."""
    command = [environment.executable, "-I", "-c", _PACKAGES]
    try:
        answer = json.loads(answer_of(command, seconds=60, limit=_MOST_PACKAGES))
    except (OSError, subprocess.SubprocessError, ValueError):
        return {}
    shipped: dict[str, list[str]] = {}
    for module in sorted(modules):
        for owner in answer["owners"].get(module, ()):
            shipped.setdefault(owner, []).append(module)
    return {
        normalised(owner): Package(answer["versions"][owner], tuple(names))
        for owner, names in sorted(shipped.items())
        if owner in answer["versions"]
    }
