"""Works several starts out at the same time, each in a process of its own that keeps what it finds for this one.

**Guarantees**
- Nothing depends on these processes: what one of them has not kept, whoever asks works out.
- They end before `work_out` returns, with an interrupt too. They are started only where the host can fork safely.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from multiprocessing import get_context

from importguard.errors import ImportGuardError


def work_out(jobs: Sequence[Callable[[], object]]) -> None:
    """Runs *jobs* side by side, on as many processors as there are."""
    count = min(len(jobs), len(os.sched_getaffinity(0)))
    context = get_context("fork")
    processes = [context.Process(target=_run, args=(jobs[first::count],), daemon=True) for first in range(count)]
    try:
        for process in processes:
            process.start()
        for process in processes:
            process.join()
    finally:
        for process in processes:
            if process.is_alive():
                process.kill()
                process.join()


def _run(jobs: Sequence[Callable[[], object]]) -> None:
    for job in jobs:
        try:
            job()
        except ImportGuardError:
            continue  # whoever asks for it meets the same, and says so
        except Exception:
            os._exit(1)
        except KeyboardInterrupt:
            os._exit(130)
    os._exit(0)
