"""What is shown in the pictures: a project, a conversation, a theme. For the documentation and for the tests."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from src.chat import Done, Message, Text, Thinking, Usage
from src.discussion.events import Added, Arrived, Begun, Ended
from src.models.prices import Money
from tests.window_driver import press

if TYPE_CHECKING:
    from src.app_controller import AppController
    from src.gui_2 import Gui

FILES = {
    "README.md": "# Orbit\n\nPredicts passes of satellites over a ground station.\n" * 12,
    "orbit/__init__.py": '"""Orbit."""\n',
    "orbit/passes.py": "def next_pass(station, elements, now):\n    ...\n" * 40,
    "orbit/elements.py": "class Elements:\n    ...\n" * 60,
    "orbit/sky.py": "import numpy as np\n" * 90,
    "tests/test_passes.py": "def test_next_pass():\n    ...\n" * 20,
    "data/stations.csv": "name,lat,lon\n" * 50,
}
ASKED = "Which part of `orbit` costs the most at startup, and what would you change?"
ANSWER = """Importing **numpy** in `orbit/sky.py`, by far. The command line reaches it even when no sky is drawn:

| module | ms | reached from |
|:--|--:|:--|
| `numpy` | 128 | `orbit.sky` |
| `orbit.elements` | 3 | `orbit.passes` |

Warm it in the background and reach it through the warmup:

```python
def draw_sky(passes):
    np = _require_warmed("numpy")  # ready before the first click
    return np.cumsum([one.height for one in passes])
```

- [x] `orbit/sky.py` no longer imports numpy at its top
- [ ] add it to the [manifest](https://example.com/manifest)
"""


def make_project(controller: AppController, folder: Path) -> None:
    """Opens a small project with some files chosen."""
    for path, text in FILES.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    controller.project.create(str(folder)).result(20)
    _until(lambda: not controller.project.snapshot().scanning and controller.project.snapshot().files)
    controller.project.set_preset("careful reviewer", "You review Python. Be brief, name files, show code.")
    controller.project.choose_preset("careful reviewer")
    controller.project.set_globs(("orbit/",), ())
    _until(lambda: [file for file in controller.project.snapshot().files if file.included])
    controller.project.set_pinned("README.md", True)
    _until(lambda: any(file.pinned and file.included for file in controller.project.snapshot().files))
    time.sleep(0.5)  # the project file is written
    controller.project.rescan()
    _until(lambda: not controller.project.snapshot().scanning)


def beside(context: Any, job: Callable[[], object]) -> None:
    """Runs *job*, which waits, while the window goes on drawing."""
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(job)
        while not future.done():
            context.yield_(1)
        future.result()


def talk(controller: AppController) -> None:
    """Puts a question and an answer with everything in it into the discussion."""
    discussion = controller.discussion
    discussion.record(Added(discussion.next_id(), discussion.head(), time.time(), Message.of("user", ASKED)))
    discussion.record(Begun(discussion.next_id(), discussion.head(), time.time(), "anthropic", "claude-sonnet-5"))
    for event in (Thinking("Which import dominates? numpy."), Text(ANSWER), Usage(2140, 318)):
        discussion.record(Arrived(event))
    discussion.record(Ended(Done("end_turn"), Money(11_190_000)))


def clear_notices(controller: AppController) -> None:
    """Takes every notice away."""
    for toast in controller.toasts.snapshot():
        controller.toasts.dismiss(toast.number)


def show(context: Any, gui: Gui, name: str) -> None:
    """Brings the scene *name* onto the screen; a project and a conversation are there."""
    theme, panel, scale = SCENES[name]
    gui.controller.settings.change(theme=theme, font_scale=scale)
    context.yield_(3)
    gui.focus_composer()  # closes the settings, which cover it
    context.yield_(3)
    gui.show_panel(panel)
    context.yield_(3)
    if panel != "Settings":
        gui.focus_composer()
    context.yield_(8)
    if name == "palette":
        gui.open_palette()
        context.yield_(3)
        context.key_chars("theme")
        context.yield_(3)
        press(context, "Down")


# The theme, the panel in front on the right, the font scale.
SCENES: dict[str, tuple[str, str, float]] = {
    "window": ("dark", "Request", 1.0),
    "startup": ("dark", "Startup", 1.0),
    "settings": ("dark", "Settings", 1.0),
    "light": ("light", "Request", 1.0),
    "high_contrast": ("high_contrast", "Request", 1.0),
    "nerv": ("nerv", "Startup", 1.0),
    "large": ("light", "Discussion", 2.0),
    "palette": ("dark", "Request", 1.0),
}


def capture(context: Any, path: Path) -> None:
    """Writes what is on the screen to *path*, without the mouse."""
    from imgui_bundle.imgui import test_engine

    path.parent.mkdir(parents=True, exist_ok=True)
    context.mouse_move_to_pos((2, 2))
    context.yield_(4)
    context.capture_reset()
    context.capture_set_filename(str(path))
    context.capture_screenshot(test_engine.CaptureFlags_.hide_mouse_cursor.value)


def _until(reached: Callable[[], object], seconds: float = 20.0) -> None:
    """Waits for what the pool does; a picture needs no cleverness."""
    until = time.monotonic() + seconds
    while not reached():
        if time.monotonic() > until:
            raise TimeoutError("The project was not ready in time.")
        time.sleep(0.02)
