"""Who may import whom in src/, held with importguard's own reader of import sites."""

from __future__ import annotations

from pathlib import Path

import pytest

from importguard.source.reader import read_program
from importguard.source.sites import raw_thread_lines, scan_sites

ROOT = Path(__file__).resolve().parent.parent
FILES = [ROOT / "sloppy.py", *sorted((ROOT / "src").rglob("*.py"))]
WARM_CALLS = frozenset({"_require_warmed", "require_warmed"})

# From the window down; a module imports only what stands below its own layer. Modules of one layer may know each other.
LAYERS = (
    ("sloppy",),
    ("src.gui_2",),
    ("src.panels", "src.command_palette"),
    ("src.window.dialogs", "src.window.look", "src.window.shortcuts"),
    ("src.window.controls",),
    (
        "src.window.command_table",
        "src.window.secret_commands",
        "src.window.secret_commands",
        "src.window.protocol",
        "src.window.fonts",
        "src.markdown_helper",
        "src.theme_nerv",
        "src.theme_nerv_fx",
    ),
    (
        "src.window.markdown_code",
        "src.markdown_table",
        "src.window.markdown_blocks",
        "src.window.flow",
        "src.theme_2",
        "src.commands",
    ),
    ("src.window.questions", "src.window.turn_choice"),
    ("src.hooks.client",),
    ("src.hooks.server",),
    ("src.hooks.bench",),
    ("src.api_hooks",),
    ("src.ask",),
    ("src.app_controller",),
    ("src.turn.sending",),
    ("src.request.material", "src.discussion.archive", "src.request.sent_files"),
    ("src.turn.replies", "src.request.preview", "src.request.count", "src.errands"),
    ("src.ai_client",),
    ("src.providers", "src.turn.loop", "src.tools.use"),
    ("src.tools.applied_edits", "src.tools.approvals"),
    ("src.models.access", "src.work.watch"),
    ("src.privacy.keys", "src.privacy.uncaught", "src.tools"),
    ("src.project_manager", "src.discussion.live", "src.request.composer", "src.storage.settings"),
    ("src.project.files",),
    ("src.log_pruner", "src.discussion.log", "src.discussion.text", "src.request.build", "src.project.file"),
    ("src.discussion.format", "src.project.scan", "src.work.background"),
    ("src.discussion.tree", "src.discussion.message_json"),
    (
        "src.models.prices",
        "src.models.estimate",
        "src.privacy.redactor",
        "src.models.patience",
        "src.models.endpoints",
        "src.models.catalog",
        "src.models.errors",
    ),
    (
        "src.storage.instance_lock",
        "src.window.layout_file",
        "src.work.log_book",
        "src.storage.places",
        "src.project.roots",
        "src.privacy.detector",
        "src.privacy.hidden_texts",
        "src.storage.stored_file",
        "src.work.toasts",
        "src.work.io_pool",
        "src.hooks.token",
        "src.hooks.picture",
        "src.work.window_link",
        "src.hooks.values",
        "src.startup_profiler",
        "src.work.clock",
        "src.chat",
        "src.window.hot_reload",
    ),
    ("src.value",),
)
TOOLKIT = (
    *(
        "sloppy",
        "src.gui_2",
        "src.panels",
        "src.command_palette",
        "src.theme_",
        "src.markdown_",
        "src.window.markdown_",
    ),
    *(
        "src.window.controls",
        "src.window.dialogs",
        "src.window.look",
        "src.window.shortcuts",
        "src.window.fonts",
        "src.window.flow",
    ),
)


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imports_of(path: Path) -> set[str]:
    """The absolute names that the file imports, the names taken from `src` packages included; warmed ones are not."""
    found = set()
    for site in scan_sites(read_program(path.read_bytes(), str(path)), WARM_CALLS):
        if site.kind not in ("warmed", "type_checking") and site.module is not None:
            found.add(site.module)
            found |= {f"{site.module}.{name}" for name in site.names if site.module.startswith("src")}
        elif site.kind not in ("warmed", "type_checking"):
            found |= set(site.names)
    return found


def layer_of(name: str) -> int | None:
    for depth, layer in enumerate(LAYERS):
        if any(name == one or name.startswith(f"{one}.") for one in layer):
            return depth
    return None


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_every_file_has_a_layer_and_imports_only_downwards(path):
    own = layer_of(name_of(path))
    if path.name == "__init__.py" and own is None:
        return
    assert own is not None
    upwards = {name for name in imports_of(path) if (layer := layer_of(name)) is not None and layer < own}
    assert upwards == set()


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_only_the_window_knows_the_toolkit(path):
    knows = any(name.split(".")[0] == "imgui_bundle" for name in imports_of(path))
    assert not knows or name_of(path).startswith(TOOLKIT)


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_providers_and_server_are_reached_only_through_the_warmup(path):
    heavy = {
        name
        for name in imports_of(path)
        if name.startswith(("src.providers.", "src.hooks.server", "src.turn.loop"))
        and not name_of(path).startswith("src.providers.")
    }
    own = {
        name for name in heavy if name_of(path).startswith("src.hooks.server") and name.startswith("src.hooks.server")
    }
    assert heavy - own == set()


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_no_file_starts_a_thread_of_its_own(path):
    assert raw_thread_lines(read_program(path.read_bytes(), str(path))) == []
