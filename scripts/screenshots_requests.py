"""Writes the pictures of requests in docs/images: cache, spending, comparison, schema, changes. Providers are fakes.

Needs a display: `xvfb-run -a -s "-screen 0 1600x1000x24" uv run python scripts/screenshots_requests.py`.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import screenshots
from src.app_controller import AppController
from src.storage.places import Places
from src.structured import schema
from src.tools import propose_edit
from src.tools.outcome import Workspace
from tests import fake_providers, scenes
from tests.window_driver import Gui, run_steps

SCHEMA = """{"title": "Passes", "type": "object", "properties": {"passes": {"type": "array", "items": {"type": "object",
"properties": {"satellite": {"type": "string"}, "rises": {"type": "string"}, "highest": {"type": "integer"}},
"required": ["satellite", "rises", "highest"]}}}, "required": ["passes"]}"""
PASSES = (
    '{"passes": [{"satellite": "ISS", "rises": "18:04", "highest": 61}, ',
    '{"satellite": "Hubble", "rises": "19:12", "highest": 24}, '
    '{"satellite": "Tiangong", "rises": "20:40", "highest": 77}]}',
)
SAID = {
    "claude-sonnet-5": (
        "Import numpy where the sky is drawn.\n\nThe command line",
        " then starts in 40 ms.\nWarm it on the pool.",
    ),
    "gpt-5.5": (
        "Import numpy where the sky is drawn.\n\nThe start",
        " costs a third of what it did.\nWarm it on the pool.",
    ),
    "claude-opus-5": PASSES,
}
COMPARED = ("anthropic/claude-sonnet-5", "anthropic/claude-sonnet-5:temperature=0.2", "openai/gpt-5.5")
ASKED = "Which part of `orbit` costs the most at startup?"


def main() -> int:
    """Writes the pictures; 1 when one is too large for a repository."""
    fake_providers.SAID.update(SAID)
    fake_providers.COUNTED |= set(SAID)
    names = ("request", "spending", "compare", "schema", "changes", "servers", "add_server")
    with tempfile.TemporaryDirectory() as folder, fake_providers.serve() as fake:
        home = Path(folder)
        os.environ |= {
            "ANTHROPIC_BASE_URL": fake.address,
            "OPENAI_BASE_URL": f"{fake.address}/v1",
            "ANTHROPIC_API_KEY": "a-key-of-the-pictures",
            "OPENAI_API_KEY": "a-key-of-the-pictures",
            "ANTHROPIC_CONFIG_DIR": folder,
            "NO_PROXY": "127.0.0.1",
        }
        places = Places(*(str(home / name) for name in ("config", "data", "cache")))
        controller = AppController(start=False, places=places)
        gui = Gui(controller)
        try:
            run_steps(gui, lambda context, gui: _steps(context, gui, controller, home), display=True)
        finally:
            controller.close()
    sizes = [screenshots.shrink(screenshots.TARGET / f"{name}.png") for name in names]
    return 1 if max(sizes) > screenshots.LARGEST else 0


def _steps(context: Any, gui: Gui, controller: AppController, home: Path) -> None:
    while not controller.warmup_status().done:
        context.sleep_no_skip(0.1, 0.1)
    scenes.beside(context, lambda: scenes.make_project(controller, home / "orbit"))
    for path in scenes.FILES:
        (home / "orbit" / path).write_text(scenes.FILES[path] * 12)
    controller.project.rescan()
    scenes.beside(context, lambda: time.sleep(1.5))
    controller.settings.change(day_cap_usd=5.0, compared=COMPARED)
    controller.choose_provider("anthropic", "claude-sonnet-5")
    for text in (ASKED, "And the second most?"):
        controller.send(text)
        scenes.beside(context, lambda: _until_quiet(controller))
    controller.composer.set_text("Show me the change to orbit/sky.py as a diff.")
    _capture(context, gui, controller, "Request", "request")
    controller.composer.set_text("")
    models = (("anthropic", "claude-sonnet-5"), ("anthropic", "claude-sonnet-5:temperature=0.2"), ("openai", "gpt-5.5"))
    controller.comparison.ask(models, ASKED, confirmed=True)
    scenes.beside(context, lambda: _until_quiet(controller))
    _capture(context, gui, controller, "Compare", "compare")
    controller.choose_provider("anthropic", "claude-opus-5")
    controller.composer.set_schema(schema.read(SCHEMA))
    controller.send("When will satellites pass tonight?")
    scenes.beside(context, lambda: _until_quiet(controller))
    gui.show_panel("Discussion")
    _capture(context, gui, controller, "Request", "schema")
    controller.composer.set_schema("")
    _capture(context, gui, controller, "Spending", "spending")
    scenes.beside(context, lambda: _change(controller, home / "orbit"))
    _capture(context, gui, controller, "Changes", "changes")
    scenes.beside(context, lambda: _serve(controller, home / "orbit"))
    _capture(context, gui, controller, "Approvals", "servers")
    gui.commands.run("server.add")
    context.yield_(6)
    context.key_chars("forecast")
    scenes.capture(context, screenshots.TARGET / "add_server.png")


def _change(controller: AppController, folder: Path) -> None:
    """A commit of the project, and after it an edit that was accepted and one by hand."""
    person = ("-c", "user.name=A Person", "-c", "user.email=person@example.org")
    for words in (("init", "-q", "-b", "main"), ("add", "."), (*person, "commit", "-q", "-m", "First")):
        subprocess.run(["git", *words], cwd=folder, check=True)
    first = sorted(scenes.FILES)[0]
    (folder / first).write_text(scenes.FILES[first] * 12 + "\n# by hand\n")
    (folder / "orbit" / "passes.py").write_text("def passes():\n    return []\n")
    workspace = Workspace((str(folder),))
    old = (folder / "orbit" / "sky.py").read_text()
    edit = {"path": "orbit/sky.py", "old_text": old, "new_text": f"# numpy is warmed.\n{old}"}
    made = propose_edit.prepare(edit, workspace)
    controller.edits.add(made, propose_edit.apply(made, workspace))
    end = time.monotonic() + 20
    while len(controller.changed.snapshot().changes) < 3 and time.monotonic() < end:
        time.sleep(0.1)


def _serve(controller: AppController, folder: Path) -> None:
    """Two MCP servers in the project: one that is agreed to and runs, one that is not."""
    with (folder / "sloppy.toml").open("a") as file:
        file.write('\n[mcp.time]\ncommand = ["mcp-server-time", "--local-timezone", "UTC"]\n')
        file.write('\n[mcp.catalogue]\nurl = "https://satellites.example.org/mcp"\n')
    controller.discussion.new()
    controller.project.open(str(folder)).result(20)
    controller.servers.agree("time").result(20)
    end = time.monotonic() + 60
    while controller.server_states()[0].status == "starting" and time.monotonic() < end:
        time.sleep(0.1)
    controller.servers.switch_tool("time__get_current_time", True)
    controller.servers.set_always("time__get_current_time", True).result(20)


def _until_quiet(controller: AppController) -> None:
    end = time.monotonic() + 20
    while time.monotonic() < end:
        now = controller.snapshot()
        if not (now.reply or now.waiting or controller.comparison.snapshot().is_running):
            return
        time.sleep(0.05)
    raise TimeoutError("No answer came.")


def _capture(context: Any, gui: Gui, controller: AppController, panel: str, name: str) -> None:
    gui.show_panel(panel)
    context.yield_(6)
    scenes.clear_notices(controller)
    context.yield_(8)
    scenes.capture(context, screenshots.TARGET / f"{name}.png")


if __name__ == "__main__":
    sys.exit(main())
