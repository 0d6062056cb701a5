"""Does the gate flake? Many runs on unchanged code under full CPU load, then one new module at a time.

Makes a small project with a lock, measured costs and a budget; keeps every core busy with twice as many endless loops;
then counts the runs of `importguard check` that fail or differ (none may), and the injected modules that are not found
(none may). Exit code 1 when either happens.

    uv run python scripts/benchmark_gate.py
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import track

CONFIG = """
entry = "app.py"
lock = "importguard.lock"
heavy_ms = 500.0
budget_modules = 2000
"""
FILES = {
    "app.py": "import shop.web\nshop.web.start()\n",
    "shop/__init__.py": "from shop import names\n",
    "shop/names.py": "import string\nCLEAN = string.capwords('a name')\n",
    "shop/web.py": "import click\nfrom shop import basket, prices\n\ndef start():\n    import shop.log\n",
    "shop/basket.py": "import dataclasses\nimport json\n\n@dataclasses.dataclass\nclass Basket:\n    items: list\n",
    "shop/prices.py": "import decimal\ntry:\n    import typing_extensions\nexcept ImportError:\n    pass\n",
    "shop/log.py": "import logging\n",
}
BUSY = "import os\nparent = os.getppid()\nwhile os.getppid() == parent: pass"  # ends with whoever started it
# Ways to import a module while the program starts.
WAYS = (
    "import {name}",
    "from {name} import value",
    "try:\n    import {name}\nexcept ImportError:\n    pass",
    "import sys\nif sys.version_info >= (3, 8):\n    import {name}",
    "class Late:\n    import {name}",
    "def load():\n    import {name}\n\nload()",
    "import importlib\nimportlib.import_module('{name}')",
    "import contextlib\nwith contextlib.suppress(ImportError):\n    import {name}",
    "for _ in range(1):\n    import {name}",
    "@(lambda function: __import__('{name}') and function)\ndef decorated(): ...",
)


@contextmanager
def busy(processes: int) -> Iterator[None]:
    """*processes* loops that take a core each, for as long as the context and this process last."""
    loops = [subprocess.Popen([sys.executable, "-c", BUSY]) for _ in range(processes)]
    try:
        yield
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()


def importguard(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """One process of the command line in *root*."""
    command = [sys.executable, "-m", "importguard", *arguments]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=600, check=False)


def verdict(done: subprocess.CompletedProcess[str]) -> tuple[int, str]:
    """Exit code, and the report without the time that it took."""
    report = json.loads(done.stdout) if done.stdout else {}
    report.pop("elapsed_ms", None)
    for entry in report.get("entries", ()):
        entry.pop("elapsed_ms", None)
    return done.returncode, json.dumps(report, sort_keys=True) + done.stderr


def write(root: Path, files: dict[str, str]) -> None:
    """Writes *files* below *root*."""
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)


def injected(root: Path, number: int, choice: random.Random) -> tuple[str, bool]:
    """Adds a module and an import of it somewhere; whether `check` names it. Takes both back."""
    name = f"injected_{number:02}"
    target = choice.choice(sorted(FILES))
    way = WAYS[number % len(WAYS)]
    # Before the file's own code, after it, and far below it.
    text = choice.choice(["{new}\n{old}", "{old}\n{new}\n", "{old}" + "\n" * 50 + "{new}\n"])
    write(root, {f"{name}.py": "value = 1\n", target: text.format(new=way.format(name=name), old=FILES[target])})
    done = importguard(root, "check", "--format", "json")
    found = done.returncode == 1 and any(
        (one["code"], one["subject"]) == ("IG202", name) for one in json.loads(done.stdout)["findings"]
    )
    (root / f"{name}.py").unlink()
    write(root, {target: FILES[target]})
    return f"{name} in {target}: {way!r}", found


def main() -> int:
    """0 when no run failed or differed and every injected module was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=100, help="on unchanged code")
    parser.add_argument("--injected", type=int, default=20, help="modules, one at a time")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    errors = Console(stderr=True)
    loops = 2 * (os.cpu_count() or 1)
    with tempfile.TemporaryDirectory() as directory:
        root = Path(directory)
        write(root, {**FILES, "importguard.toml": CONFIG})
        for command in (("measure", "--runs", "1"), ("lock", "--write")):
            importguard(root, *command).check_returncode()
        expected = verdict(importguard(root, "check", "--format", "json"))
        began = time.perf_counter()
        with busy(loops):
            runs = [
                verdict(importguard(root, "check", "--format", "json"))
                for _ in track(range(options.runs), "Unchanged", console=errors)
            ]
            choice = random.Random(options.seed)
            answers = [
                injected(root, number, choice) for number in track(range(options.injected), "Injected", console=errors)
            ]
        seconds = time.perf_counter() - began
    failed = sum(code != 0 for code, _ in runs)
    differing = sum(run != expected for run in runs)
    missed = [what for what, found in answers if not found]
    print(f"{loops} busy loops on {os.cpu_count()} cores, {seconds:.0f} s")
    print(f"unchanged code: {len(runs)} runs, {failed} failed, {differing} differed")
    print(f"a new module: {len(answers)} injected, {len(answers) - len(missed)} found")
    for what in missed:
        print(f"  missed: {what}")
    return int(bool(failed or differing or missed or expected[0]))


if __name__ == "__main__":
    raise SystemExit(main())
