"""Writes the pictures of Sloppy in docs/images: the real window, its whole warmup, a project and a conversation.

Needs a display: `xvfb-run -a -s "-screen 0 1600x1000x24" uv run python scripts/screenshots.py`. Names limit it to some.
"""

import argparse
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from src.startup_profiler import profiler

profiler.mark("main")  # the picture of the start shows this very run

import imgui_bundle  # noqa: E402, F401

profiler.mark("imgui_bundle")

from src.app_controller import AppController  # noqa: E402
from tests.window_driver import Gui, run_steps  # noqa: E402

profiler.mark("gui")

from PIL import Image  # noqa: E402
from src.storage.places import Places  # noqa: E402
from tests import scenes  # noqa: E402

TARGET = Path(__file__).resolve().parent.parent / "docs" / "images"
COLOURS = 256
LARGEST = 200_000  # bytes


def main() -> int:
    """Writes them; 1 when one is too large for a repository."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", default=list(scenes.SCENES), help=f"of {', '.join(scenes.SCENES)}")
    parser.add_argument("--target", type=Path, default=TARGET, help="the folder (%(default)s)")
    flags = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        controller = AppController(
            start=False, places=Places(*(str(home / name) for name in ("config", "data", "cache")))
        )
        gui = Gui(controller)

        def steps(context: Any, gui: Gui) -> None:
            while not controller.warmup_status().done:
                context.sleep_no_skip(0.1, 0.1)
            scenes.beside(context, lambda: scenes.make_project(controller, home / "orbit"))
            context.yield_(5)
            scenes.talk(controller)
            gui.made["Context"].opened = {"orbit"}  # type: ignore[attr-defined]
            controller.composer.set_text("Show me the change to orbit/sky.py as a diff.")
            context.yield_(5)
            scenes.clear_notices(controller)
            for name in flags.names:
                scenes.show(context, gui, name)
                scenes.capture(context, flags.target / f"{name}.png")

        try:
            run_steps(gui, steps, display=True)
        finally:
            controller.close()
    sizes = {name: shrink(flags.target / f"{name}.png") for name in flags.names}
    for name, size in sizes.items():
        print(f"{name:16}{size / 1024:8.0f} KB")
    return 1 if max(sizes.values()) > LARGEST else 0


def shrink(path: Path) -> int:
    """Rewrites the picture with few colours; its bytes then. Text stays as sharp as it was."""
    with Image.open(path) as picture:
        small = picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    small.save(path, optimize=True)
    return path.stat().st_size


if __name__ == "__main__":
    sys.exit(main())
