"""Imports `pk.sub` and `pk.sub.mod` at once, many times: on a naive pool, then by importguard.warmup.

Importing a module takes its lock and then imports its package; a package that imports the module takes the locks the
other way round. Up to 3.14 CPython resolves that by raising `_DeadlockError` or by handing out a half-built module;
3.15 lets both threads go on. One chain of imports never meets itself. Exits 1 when the warmup shows a failure, or the
pool shows none where it would.
"""

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from importlib import import_module
from pathlib import Path
from threading import Barrier

from importguard.warmup import Warmup, WarmupManifest

NAMES = ("pk.sub.mod", "pk.sub")
FILES = {
    "pk/__init__.py": "",
    "pk/sub/__init__.py": "import time\ntime.sleep(0.0005)\nfrom pk.sub import mod\nready = mod.ready\n",
    "pk/sub/mod.py": "import time\ntime.sleep(0.0005)\nready = True\n",
}


def write_package(folder: Path) -> None:
    """Puts the package on sys.path."""
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    sys.path.insert(0, str(folder))


def forget() -> None:
    """The next import starts afresh."""
    for name in [name for name in sys.modules if name.partition(".")[0] == "pk"]:
        del sys.modules[name]


def with_pool(executor: Executor) -> str:
    """What a pool makes of it: "ready" or the first failure's name."""
    at_once = Barrier(len(NAMES))

    def load(name: str) -> bool:
        at_once.wait()
        return bool(import_module(name).ready)

    errors = [future.exception() for future in [executor.submit(load, name) for name in NAMES]]
    return next((type(error).__name__ for error in errors if error is not None), "ready")


def with_warmup(executor: Executor) -> str:
    """What the runtime makes of it."""
    warmup = Warmup(WarmupManifest.of(NAMES), executor, freeze=False)
    warmup.start()
    if not warmup.wait(30):
        return "hangs"
    failed = warmup.status().failed
    return failed[0][1].partition(":")[0] if failed else "ready"


def outcomes(attempt: Callable[[Executor], str], runs: int) -> Counter[str]:
    """How *runs* fresh imports on four threads ended."""
    with ThreadPoolExecutor(4) as executor:
        counted: Counter[str] = Counter()
        for _ in range(runs):
            forget()
            counted[attempt(executor)] += 1
        return counted


def main() -> int:
    """Prints both counts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=1000, help="imports of each kind (%(default)s)")
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as folder:
        write_package(Path(folder))
        naive, ours = outcomes(with_pool, runs), outcomes(with_warmup, runs)
    for name, counted in (("naive pool", naive), ("importguard.warmup", ours)):
        print(f"{name:20} {', '.join(f'{count:,} {what}' for what, count in counted.most_common())}")
    pool_should_fail = sys.version_info < (3, 15)
    return int(ours["ready"] != runs or (pool_should_fail and naive["ready"] == runs))


if __name__ == "__main__":
    sys.exit(main())
