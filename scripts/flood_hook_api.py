"""Sends 10,000 requests at once to a headless Sloppy: each is answered or refused in time, and then it serves on.

Needs a limit of open files above the number of requests; raises its own as far as it may. Loopback only. Exits 1 when a
request gets neither an answer nor an end, or Sloppy does not answer afterwards.
"""

from __future__ import annotations

import argparse
import asyncio
import collections
import contextlib
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from src.hooks.client import HookClient  # noqa: E402

PATIENCE_S = 60.0


def raise_limit(needed: int) -> None:
    """Lets this process hold *needed* sockets, where the system allows it."""
    with contextlib.suppress(ImportError):
        import resource

        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(needed, most), most))


async def ask(port: int, request: bytes, begin: asyncio.Event) -> str:
    """What became of one request: its status, or how its connection ended."""
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return "no connection"
    try:
        await begin.wait()
        writer.write(request)
        line = await reader.readline()
        return line.split(b" ")[1].decode() if line else "closed"
    except OSError:
        return "closed"
    finally:
        writer.close()


async def flood(client: HookClient, requests: int) -> tuple[collections.Counter[str], float]:
    """How many requests ended how, and the seconds until the last."""
    head = f"GET /api/health HTTP/1.1\r\nHost: 127.0.0.1:{client.port}\r\nConnection: close\r\n"
    request = f"{head}Authorization: Bearer {client.token}\r\n\r\n".encode()
    begin = asyncio.Event()
    asked = [asyncio.create_task(ask(client.port, request, begin)) for _ in range(requests)]
    began = time.perf_counter()
    await asyncio.sleep(0)
    begin.set()
    _, hanging = await asyncio.wait(asked, timeout=PATIENCE_S)
    took = time.perf_counter() - began
    for task in hanging:
        task.cancel()
    ends = collections.Counter(task.result() for task in asked if task not in hanging)
    ends["hanging"] += len(hanging)
    return ends, took


def main() -> int:
    """Starts Sloppy, floods it, says what happened."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--requests", type=int, default=10_000)
    requests = parser.parse_args().requests
    raise_limit(requests + 100)
    with tempfile.TemporaryDirectory() as home:
        process = subprocess.Popen(
            [sys.executable, "sloppy.py", "--headless"], cwd=ROOT, env={"HOME": home}, stdout=subprocess.PIPE, text=True
        )
        try:
            assert process.stdout is not None
            client = HookClient.of_output(process.stdout.readline())
            client.warmup_wait(30)
            ends, took = asyncio.run(flood(client, requests))
            asked = time.perf_counter()
            served = client.health().status == "ok"
            after = (time.perf_counter() - asked) * 1000
        finally:
            process.terminate()
            process.wait(30)
    said = ", ".join(f"{count} {end}" for end, count in ends.most_common() if count)
    print(f"{requests} requests in {took:.1f} s: {said}; afterwards it answers in {after:.1f} ms")
    return int(not served or ends["hanging"] > 0)


if __name__ == "__main__":
    sys.exit(main())
