"""Measures imports in the target interpreter with `-X importtime`. This runs the analysed code.

Fresh processes; each imports the modules of the start in load order. A process that crashes or hangs is named; what the
others measured is kept.
"""

from __future__ import annotations

import json
import os
import re
import statistics
import subprocess
import tempfile
from collections.abc import Callable, Sequence

from importguard.costs.measured import SCHEMA, MeasuredCosts, Package, normalised, rounded
from importguard.environment import Environment
from importguard.errors import CostMeasurementError

_LINE = re.compile(r"^import time:\s+(\d+) \|\s+\d+ \| *(\S.*)$")
_PROGRAM = """
import sys
sys.path[:0] = {roots!r}
for name in {names!r}:
    try:
        __import__(name)  # importlib.import_module goes past what -X importtime watches
    except BaseException as error:
        sys.stdout.write(f"{{name}}: {{type(error).__name__}}: {{error}}\\n")
sys.stdout.flush()
import os
os._exit(0)
"""
_PACKAGES = """
import importlib.metadata, json, sys
owners = importlib.metadata.packages_distributions()
versions = {d.name: d.version for d in importlib.metadata.distributions()}
json.dump({"owners": owners, "versions": versions}, sys.stdout)
"""


def measure(
    environment: Environment,
    names: Sequence[str],
    roots: Sequence[str],
    *,
    runs: int,
    timeout_s: float,
    on_run: Callable[[int], None],
) -> tuple[MeasuredCosts, tuple[str, ...]]:
    """Import *names* in *runs* fresh processes after one that writes bytecode; second, what went wrong on the way.

    *on_run* is told how many are done. Raises CostMeasurementError when no run gave a measurement.
    """
    samples: dict[str, list[int]] = {}
    faults: dict[str, None] = {}
    for turn in range(runs + 1):
        times, problems = _run(environment, names, roots, timeout_s)
        faults.update(dict.fromkeys(problems))
        if turn:
            for name, value in times.items():
                samples.setdefault(name, []).append(value)
        on_run(turn + 1)
    if not samples:
        raise CostMeasurementError(environment.executable, "; ".join(faults) or "nothing was imported")
    self_us = {name: rounded(statistics.median(values)) for name, values in sorted(samples.items())}
    packages = _packages(environment, {name.partition(".")[0] for name in self_us})
    costs = MeasuredCosts(SCHEMA, environment.version, environment.platform, True, runs, packages, self_us)
    return costs, tuple(faults)


def _run(
    environment: Environment, names: Sequence[str], roots: Sequence[str], timeout_s: float
) -> tuple[dict[str, int], list[str]]:
    program = _PROGRAM.format(roots=list(roots), names=list(names))
    settings = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    with tempfile.TemporaryDirectory() as directory:
        command = [environment.executable, "-X", "importtime", "-"]  # as an argument it would be too long
        try:
            done = subprocess.run(
                command,
                input=program,
                capture_output=True,
                encoding="utf-8",
                errors="replace",
                timeout=timeout_s,
                cwd=directory,
                env=settings,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return {}, [f"a run took more than {timeout_s:.0f} s and was ended"]
        except OSError as error:
            return {}, [f"the interpreter cannot be started: {error.strerror or error}"]
    times: dict[str, int] = {}
    for line in done.stderr.splitlines():
        match = _LINE.match(line)
        if match:
            times.setdefault(match[2].strip(), int(match[1]))
    if done.returncode != 0:
        return {}, [f"a run ended with exit code {done.returncode}"]
    return {name: times[name] for name in names if name in times}, done.stdout.splitlines()


def _packages(environment: Environment, modules: set[str]) -> dict[str, Package]:
    command = [environment.executable, "-I", "-c", _PACKAGES]
    try:
        done = subprocess.run(command, capture_output=True, timeout=60, check=True)
        answer = json.loads(done.stdout)
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
