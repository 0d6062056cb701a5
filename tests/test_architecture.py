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
    ("src.dialogs", "src.look", "src.shortcuts"),
    ("src.controls",),
    (
        "src.command_table",
        "src.finding_commands",
        "src.finding_commands",
        "src.window",
        "src.fonts",
        "src.markdown_helper",
        "src.theme_nerv",
        "src.theme_nerv_fx",
    ),
    ("src.markdown_code", "src.markdown_table", "src.markdown_blocks", "src.flow", "src.theme_2", "src.commands"),
    ("src.questions", "src.turn_choice", "src.turn_text"),
    ("src.hook_client",),
    ("src.hook_server",),
    ("src.hook_bench",),
    ("src.api_hooks",),
    ("src.ask",),
    ("src.app_controller",),
    ("src.sending",),
    ("src.outgoing", "src.archive", "src.sent_files"),
    ("src.replies", "src.preview", "src.token_count", "src.errands"),
    ("src.ai_client",),
    ("src.providers", "src.turn_loop", "src.tool_use"),
    ("src.applied_edits", "src.approvals"),
    ("src.access", "src.file_watch"),
    ("src.keys", "src.redacting_filter", "src.uncaught", "src.model_tools"),
    ("src.project_manager", "src.discussions", "src.composer", "src.settings"),
    ("src.project_files",),
    ("src.log_pruner", "src.session_log", "src.discussion_text", "src.request", "src.project_file"),
    ("src.session_format", "src.context_files", "src.background"),
    ("src.discussion", "src.message_json"),
    (
        "src.prices",
        "src.tokens",
        "src.redactor",
        "src.patience",
        "src.endpoints",
        "src.model_catalog",
        "src.provider_error",
    ),
    (
        "src.instance_lock",
        "src.layout_file",
        "src.log_book",
        "src.places",
        "src.roots",
        "src.secrets_in_files",
        "src.hidden_texts",
        "src.stored_file",
        "src.toasts",
        "src.io_pool",
        "src.hook_token",
        "src.picture",
        "src.window_link",
        "src.hook_values",
        "src.startup_profiler",
        "src.frame_clock",
        "src.chat",
        "src.hot_reload",
    ),
    ("src.value",),
)
TOOLKIT = (
    *("sloppy", "src.gui_2", "src.panels", "src.command_palette", "src.theme_", "src.markdown_"),
    *("src.controls", "src.dialogs", "src.look", "src.shortcuts", "src.fonts", "src.flow"),
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
    if name_of(path) == "src":
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
        if name.startswith(("src.providers.", "src.hook_server", "src.turn_loop"))
        and not name_of(path).startswith("src.providers.")
    }
    own = {name for name in heavy if name_of(path).startswith("src.hook_server") and name.startswith("src.hook_server")}
    assert heavy - own == set()


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_no_file_starts_a_thread_of_its_own(path):
    assert raw_thread_lines(read_program(path.read_bytes(), str(path))) == []
