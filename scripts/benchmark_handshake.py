"""How long MCP servers on standard input and output take to answer `initialize`, in turns, with bytecode.

Each argument is a command line; `FOLDER: command` runs it there. The first run of each is not counted.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import statistics
import subprocess
import sys
import threading
from time import perf_counter

ASKED = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-03-26",
        "capabilities": {},
        "clientInfo": {"name": "benchmark", "version": "1"},
    },
}
LIMIT_S = 120.0


def handshake_ms(command: str) -> float | None:
    """From the start of *command* to its answer, in milliseconds; None where there is none."""
    folder, _, line = command.rpartition(": ")
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    began = perf_counter()
    with subprocess.Popen(
        shlex.split(line),
        cwd=folder or None,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
    ) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        late = threading.Timer(LIMIT_S, server.kill)
        late.start()
        try:
            server.stdin.write(json.dumps(ASKED).encode() + b"\n")
            server.stdin.flush()
            answer = server.stdout.readline()
            took = (perf_counter() - began) * 1000
        finally:
            late.cancel()
            server.kill()
    return took if b'"result"' in answer else None


def main() -> int:
    """Prints a line for each command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("commands", nargs="+", metavar="COMMAND")
    parser.add_argument("--runs", type=int, default=5)
    asked = parser.parse_args()
    times: dict[str, list[float]] = {command: [] for command in asked.commands}
    for turn in range(asked.runs + 1):
        for command, found in times.items():
            took = handshake_ms(command)
            if turn and took is not None:
                found.append(took)
    print(f"{'median':>8}  {'best':>8}  {'worst':>8}  ms, command")
    for command, found in times.items():
        if not found:
            print(f"{'no answer to initialize':>28}  {command}")
            continue
        print(f"{statistics.median(found):8,.0f}  {min(found):8,.0f}  {max(found):8,.0f}  {command}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
