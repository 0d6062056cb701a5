"""What a frame of the window costs on the null backend, where no display driver hides it.

Rows: the empty window, scrolling through a long discussion, a reply that grows, a huge document, the NERV effects. A
frame counts from the toolkit's first callback to its last. `cpu` is the main thread's own time, which other programs
on a shared machine do not lengthen; `wall` is what passed. Goals: 16 ms a frame of a 60 Hz display, 0.5 ms for the
effects.
"""

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from src.app_controller import AppController
from src.chat import Message
from src.discussion.events import Added
from src.markdown_helper import Document
from src.panels.discussion import DiscussionPanel
from src.storage.places import Places
from tests.window_driver import Gui, run_steps

from importguard.warmup import WarmupJob, WarmupManifest

GOAL_MS = 16.0
EFFECTS_MS = 0.5
TURN = """Turn {number}: some *words* with **weight**, `code` and [a link](https://example.com), enough to wrap once.

- first
- second, with `code`

```python
def answer(question: str) -> str:
    return question * {number}  # comment
```

| name | value |
|---|--:|
| a | {number} |
| b | 2 |
"""


class Frames:
    """The frames drawn since `begin`, in milliseconds: wall and CPU."""

    def __init__(self, gui: Gui) -> None:
        self.wall: list[float] = []
        self.cpu: list[float] = []
        self._began = (0.0, 0.0)
        begin, end = gui._begin_frame, gui._end_frame

        def begin_frame() -> None:
            self._began = (time.perf_counter(), time.thread_time())
            begin()

        def end_frame() -> None:
            self.wall.append((time.perf_counter() - self._began[0]) * 1000)
            self.cpu.append((time.thread_time() - self._began[1]) * 1000)
            end()

        gui._begin_frame = begin_frame  # type: ignore[method-assign]
        gui._end_frame = end_frame  # type: ignore[method-assign]

    def begin(self) -> None:
        """Forgets the frames so far."""
        self.wall.clear()
        self.cpu.clear()

    def row(self, name: str, goal: float = GOAL_MS) -> dict[str, Any]:
        """Median, 99th percentile and worst of the frames since `begin`."""
        cpu, wall = sorted(self.cpu), sorted(self.wall)
        at = max(0, round(len(cpu) * 0.99) - 1)
        return {
            "what": name,
            "frames": len(cpu),
            "cpu_ms": statistics.median(cpu),
            "cpu_p99_ms": cpu[at],
            "cpu_worst_ms": cpu[-1],
            "wall_p99_ms": wall[at],
            "goal_ms": goal,
        }


class Text:
    """A panel that shows one text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.is_growing = False
        self._document = Document("benchmark")

    def draw(self, controller: AppController) -> None:
        """One frame."""
        del controller
        self._document.draw(self.text, is_growing=self.is_growing)


def fill(controller: AppController, count: int) -> str:
    """Writes a discussion of *count* turns; its name. An empty one is shown afterwards."""
    discussion = controller.discussion
    for number in range(count):
        role = "assistant" if number % 2 else "user"
        message = Message.of(role, TURN.format(number=number), "echo", "echo-1")  # type: ignore[arg-type]
        discussion.record(Added(discussion.next_id(), discussion.head(), time.time(), message))
    name = discussion.snapshot().name
    discussion.new().result(60)
    return name


def scroll(context: Any, steps: int) -> None:
    """Wheels up through the discussion, a page or so each frame."""
    turns = context.window_info("//Discussion/turns").window
    context.mouse_move_to_pos((turns.pos.x + turns.size.x / 2, turns.pos.y + turns.size.y / 2))
    for _ in range(steps):
        context.mouse_wheel_y(6)
        context.yield_(1)


def measure(turns: int, frames_each: int) -> list[dict[str, Any]]:
    """All rows."""
    rows: list[dict[str, Any]] = []
    home = tempfile.mkdtemp()
    # The echo provider alone: the null backend's loop never pauses and would leave a whole warmup no time.
    # What texts need is warmed as in the product, so that the discussion that is opened does not load it.
    jobs = (
        WarmupJob("src.turn.loop"),
        WarmupJob("src.panels.ahead"),
        WarmupJob("src.providers.echo", "src.providers.echo:connect", group=1),
    )
    controller = AppController(WarmupManifest(1, "benchmark", jobs), places=Places(home, home, home))
    controller.wait_for_warmup(60)
    gui = Gui(controller)
    frames = Frames(gui)

    def steps(context: Any, gui: Gui) -> None:
        context.yield_(20)

        def record(name: str, act: Callable[[], object], goal: float = GOAL_MS) -> dict[str, Any]:
            frames.begin()
            act()
            rows.append(frames.row(name, goal))
            return rows[-1]

        record("empty window", lambda: context.yield_(frames_each))
        name = fill(controller, turns)
        context.yield_(20)

        def open_it() -> None:
            opened = controller.discussion.open(name)
            while not opened.done():
                context.yield_(1)
            opened.result()
            context.yield_(10)

        record(f"{turns:,} turns, opened", open_it)
        record(f"{turns:,} turns, at rest", lambda: context.yield_(frames_each))
        record(f"{turns:,} turns, scrolled", lambda: scroll(context, frames_each))
        discussion = gui.made["Discussion"]
        growing = Text("```python\n")
        growing.is_growing = True
        gui.made["Discussion"] = growing

        def grow() -> None:
            for number in range(frames_each):
                growing.text += f"line_{number} = {number}  # of a reply that streams\n" * 4
                context.yield_(1)

        record("a reply that grows to " + f"{frames_each * 4:,} lines", grow)
        gui.made["Discussion"] = Text("word **bold** `code`\n\n" * 50_000)
        record("a document of 1 MB", lambda: context.yield_(frames_each))
        gui.made["Discussion"] = DiscussionPanel(gui)
        del discussion
        plain = record("NERV without effects", lambda: _nerv(context, gui, frames_each, reduced=True))
        moving = record("NERV with effects", lambda: _nerv(context, gui, frames_each, reduced=False))
        cost = moving["cpu_ms"] - plain["cpu_ms"]
        rows.append({**moving, "what": "the effects alone", "cpu_ms": cost, "goal_ms": EFFECTS_MS})

    try:
        run_steps(gui, steps)
    finally:
        controller.close()
    return rows


def _nerv(context: Any, gui: Gui, frames: int, *, reduced: bool) -> None:
    gui.controller.settings.change(theme="nerv", reduced_motion=reduced)
    context.yield_(frames)


def main() -> int:
    """Prints the table, or JSON with --json."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, default=2000, help="turns in the discussion (%(default)s)")
    parser.add_argument("--frames", type=int, default=300, help="frames for each row (%(default)s)")
    parser.add_argument("--json", action="store_true", help="print JSON")
    flags = parser.parse_args()
    rows = measure(flags.turns, flags.frames)
    if flags.json:
        print(json.dumps(rows, indent=2))
        return 0
    print(f"{'what':34}{'frames':>8}{'cpu ms':>9}{'p99':>8}{'worst':>8}{'wall p99':>10}{'goal':>7}")
    for row in rows:
        numbers = f"{row['frames']:8}{row['cpu_ms']:9.2f}{row['cpu_p99_ms']:8.2f}{row['cpu_worst_ms']:8.2f}"
        print(f"{row['what']:34}{numbers}{row['wall_p99_ms']:10.2f}{row['goal_ms']:7.1f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
