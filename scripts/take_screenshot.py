"""Writes docs/images/window.png: the real window with a short conversation. Needs a display (`xvfb-run -a`)."""

import sys
from pathlib import Path

from imgui_bundle import hello_imgui
from imgui_bundle.imgui import test_engine
from src.app_controller import AppController
from src.gui_2 import Gui

TARGET = Path(__file__).parent.parent / "docs" / "images" / "window.png"
ASKED = """Which providers are warm, and what did they cost?

| provider | module | ms |
|---|---|---|
| Anthropic | `anthropic` | 1017 |
| Gemini | `google.genai` | 452 |

```python
client = _require_warmed("src.providers.gemini")
```"""


def main() -> int:
    """Runs the window until the picture is taken."""
    controller = AppController(start=False)
    gui = Gui(controller)
    params = gui.build_params()
    params.ini_disable = True
    params.use_imgui_test_engine = True
    params.fps_idling.enable_idling = False

    def take(context: test_engine.TestContext) -> None:
        while not controller.warmup_status().done:
            context.sleep(0.05)
        controller.send(ASKED)
        while len(controller.discussion.messages()) < 2:
            context.sleep(0.05)
        context.sleep(0.5)
        TARGET.parent.mkdir(parents=True, exist_ok=True)
        context.capture_reset()
        context.capture_set_filename(str(TARGET))
        context.capture_screenshot(0)
        hello_imgui.get_runner_params().app_shall_exit = True

    def register() -> None:
        engine = hello_imgui.get_imgui_test_engine()
        test = test_engine.register_test(engine, "docs", "window")
        test.test_func = take
        test_engine.queue_test(engine, test)

    params.callbacks.register_tests = register
    gui.run(params)
    controller.close()
    print(f"Wrote {TARGET}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
