"""One process of `benchmark_warmup.py`: a 60 Hz loop that measures its frames while modules are imported. Prints JSON.

    python scripts/warmup_frames.py LOOP WAY MODULE...

LOOP is `bare` (sleep to the next tick, 2 ms of Python a frame) or `null` (the same work in a Dear ImGui window on the
null backend); WAY is `none`, `serial` (no loop at all), `pool` (four threads), `daemon` (one thread), `runtime`,
`child` (the runtime, whose bytecode a child process writes first), or `traced`: the
runtime under a recorder, which tells what was loading when a frame came late and costs time itself.
"""

import json
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module

FRAME_S = 1 / 60
WORK_S = 0.002
AFTER_S = 1.0  # what a collection after the warmup costs is a frame, too
NOTHING_S = 3.0
LIMIT_S = 120.0


class Loop:
    """Frames: when each ended, until a while after `done` is set."""

    def __init__(self, done: threading.Event) -> None:
        self.ends: list[float] = []
        self._done = done
        self._leave_at: float | None = None
        self._next = time.perf_counter()
        self._limit = self._next + LIMIT_S

    def frame(self) -> bool:
        """One frame: work, the pause to the next tick; False when it was the last."""
        until = time.perf_counter() + WORK_S
        while time.perf_counter() < until:
            sum(range(50))
        now = time.perf_counter()
        self._next = max(self._next + FRAME_S, now)
        time.sleep(self._next - now)
        self.ends.append(time.perf_counter())
        if self._leave_at is None and self._done.is_set():
            self._leave_at = self.ends[-1] + AFTER_S
        return self.ends[-1] < (self._leave_at or self._limit)


def run_bare(loop: Loop, begin: Callable[[], None]) -> None:
    """Frames without a toolkit."""
    for _ in range(10):
        loop.frame()
    begin()
    while loop.frame():
        pass


def run_null(loop: Loop, begin: Callable[[], None]) -> None:
    """Frames of a window on the null backend."""
    from imgui_bundle import hello_imgui, imgui
    from tests.null_backend import use_null_backend

    params = hello_imgui.RunnerParams()
    use_null_backend(params)
    params.fps_idling.enable_idling = False

    def after_swap() -> None:
        if len(loop.ends) == 10:
            begin()
        if not loop.frame():
            params.app_shall_exit = True

    params.callbacks.show_gui = lambda: imgui.text("warming up")
    params.callbacks.after_swap = after_swap
    hello_imgui.run(params)


def start(way: str, modules: list[str], done: threading.Event) -> object:
    """Begins to import; *done* is set at the end. What it gives must be kept."""
    if way == "none":
        timer = threading.Timer(NOTHING_S, done.set)
        timer.start()
        return timer
    if way == "daemon":

        def load() -> None:
            for name in modules:
                import_module(name)
            done.set()

        thread = threading.Thread(target=load, daemon=True)
        thread.start()
        return thread
    pool = ThreadPoolExecutor(4)
    if way == "pool":
        futures = [pool.submit(import_module, name) for name in modules]

        def note_end() -> None:
            for future in futures:
                future.exception()
            done.set()

        threading.Thread(target=note_end, daemon=True).start()
        return pool
    from importguard.warmup import Warmup, WarmupManifest

    warmup = Warmup(WarmupManifest.of(modules), pool, precompile=way == "child")
    warmup.on_complete(lambda _status: done.set())
    warmup.start()
    return warmup


def measure_serially(modules: list[str]) -> dict[str, object]:
    """The time that importing *modules* takes when nothing else happens."""
    began = time.perf_counter()
    for name in modules:
        import_module(name)
    return {"ready_ms": (time.perf_counter() - began) * 1000}


def measure(loop_name: str, way: str, modules: list[str]) -> dict[str, object]:
    """When all was ready, and each frame: when it ended since the imports began, how long after the one before."""
    if way in {"runtime", "child", "traced"}:
        import importguard.warmup  # noqa: F401  an application has it before its first frame
    from importguard.running.recorder import ImportRecorder

    done = threading.Event()
    loop, recorder = Loop(done), ImportRecorder()
    kept: list[object] = []
    times = {"began": 0.0, "ready": 0.0}

    def begin() -> None:
        times["began"] = time.perf_counter()
        kept.append(start(way, modules, done))
        threading.Thread(target=note_end, daemon=True).start()

    def note_end() -> None:
        done.wait()
        times["ready"] = time.perf_counter()

    if way == "traced":
        recorder.install()
    (run_null if loop_name == "null" else run_bare)(loop, begin)
    recorder.remove()
    began = times["began"]
    pairs = zip(loop.ends, loop.ends[1:], strict=False)
    frames = [((end - began) * 1000, (end - last) * 1000) for last, end in pairs if last >= began]
    ended, took = max(frames, key=lambda frame: frame[1])
    loads = [(load.name, (load.at_s - began) * 1000) for load in recorder.loads if (load.at_s - began) * 1000 <= ended]
    return {
        "ready_ms": (times["ready"] - began) * 1000,
        "frames": [(round(at, 2), round(took, 2)) for at, took in frames],
        "worst_ms": took,
        # The last load before the frame, and how many began within it: one that took it all, or many in a row.
        "worst_during": loads[-1][0] if loads else "",
        "worst_loads": sum(at >= ended - took for _, at in loads),
    }


if __name__ == "__main__":
    _, loop_, way_, *modules_ = sys.argv
    print(json.dumps(measure_serially(modules_) if way_ == "serial" else measure(loop_, way_, modules_)))
