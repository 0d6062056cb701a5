"""Runs schemathesis on a headless Sloppy of its own, with the committed OpenAPI document.

What the document allows and what it forbids is sent; every answer must be as the document says, and none a failure.
Exits as schemathesis does. The tests run it with few examples.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from src.hooks.client import HookClient  # noqa: E402

# What a document cannot say: a body may be too large whatever its schema.
CONFIGURATION = """
[checks.negative_data_rejection]
expected-statuses = [400, 401, 403, 404, 405, 409, 413, 415, 422]
[checks.positive_data_acceptance]
expected-statuses = ["2xx", 404, 409, 413, 503]
"""
DOCUMENT = ROOT / "docs" / "openapi.json"


def fuzz(examples: int, phases: str, seed: int) -> subprocess.CompletedProcess[str]:
    """The finished run of schemathesis. Sloppy and what it keeps are gone afterwards."""
    with tempfile.TemporaryDirectory() as home:
        Path(home, "schemathesis.toml").write_text(CONFIGURATION, encoding="utf-8")
        environment = {**os.environ, "HOME": home, "NO_PROXY": "127.0.0.1", "PYTHONPATH": str(ROOT)}
        process = subprocess.Popen(
            [sys.executable, str(ROOT / "sloppy.py"), "--headless"],
            cwd=home,
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            assert process.stdout is not None
            client = HookClient.of_output(process.stdout.readline())
            client.warmup_wait(30)
            client.choose_provider("echo")
            command = [str(Path(sys.executable).with_name("st")), "run", str(DOCUMENT)]
            command += ["--url", f"http://127.0.0.1:{client.port}", "-H", f"Authorization: Bearer {client.token}"]
            command += ["--checks", "all", "--phases", phases, "--max-examples", str(examples), "--seed", str(seed)]
            # Events never end by themselves, and projects would be made in whatever folders come out.
            command += ["--exclude-path", "/api/discussions/current/events", "--exclude-path", "/api/projects/create"]
            command += ["--request-timeout", "35"]
            return subprocess.run(command, cwd=home, env=environment, capture_output=True, text=True, check=False)
        finally:
            process.terminate()
            process.wait(30)


def main() -> int:
    """Prints what schemathesis says."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--examples", type=int, default=30)
    parser.add_argument("--phases", default="examples,coverage,fuzzing")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    done = fuzz(arguments.examples, arguments.phases, arguments.seed)
    print(*(line[:500] for line in (done.stdout + done.stderr).splitlines()), sep="\n")
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
