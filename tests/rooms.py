"""The rooms of Sloppy, from the window down: the table behind docs/guide_architecture.md and its picture."""

from __future__ import annotations

from tests.architecture import Contract, Fence
from tests.repository import ROOT

# The owner's files have their places in src/ itself; each belongs to the room that it is written with.
FLOORS = (
    ("sloppy",),
    ("src.flags src.flags_parser",),
    ("src.gui_2",),
    ("src.panels", "src.command_palette"),
    ("src.window src.markdown_helper src.markdown_table",),
    ("src.commands", "src.theme_2 src.theme_nerv src.theme_nerv_fx"),
    ("src.hooks src.api_hooks", "src.ask src.asked"),
    ("src.app_controller",),
    ("src.host",),
    ("src.turn",),
    ("src.request", "src.errands"),
    ("src.mcp_servers",),
    ("src.ai_client", "src.providers", "src.tools"),
    (
        "src.discussion src.log_pruner",
        "src.project src.project_manager",
        "src.storage.settings src.storage.fonts",
        "src.spending",
    ),
    ("src.models", "src.structured"),
    ("src.privacy",),
    ("src.storage", "src.work", "src.startup_profiler"),
    ("src.chat",),
    ("src.value",),
    ("src",),
)
WINDOW = (
    "sloppy src.gui_2 src.panels src.command_palette src.window src.markdown_helper src.markdown_table src.theme_2 "
    "src.theme_nerv src.theme_nerv_fx"
)
WARM = 'Ask for it with `_require_warmed("{}")`, so that the main thread never loads it.'
PURE = {
    "src.value": "_collections operator sys",
    "src.chat": "src.value",
    "src.discussion.format": (
        "json src.chat src.discussion.events src.discussion.marks src.discussion.message_json src.discussion.tree "
        "src.models.prices"
    ),
    "src.discussion.events": "src.chat src.discussion.marks src.models.prices src.value",
    "src.discussion.marks": "src.chat src.value",
    "src.discussion.message_json": "base64 src.chat",
    "src.discussion.text": "json time src.chat src.discussion.message_json src.discussion.tree src.value",
    "src.discussion.tree": "src.chat src.discussion.events src.discussion.marks src.models.prices src.value",
    "src.mcp_servers.definitions": "hashlib json re src.chat src.models.estimate src.value",
    "src.mcp_servers.tokens": "hashlib re urllib.parse",
    "src.models.access": "src.privacy.keys src.value",
    "src.models.caching": "src.value",
    "src.models.endpoints": "re urllib.parse src.value",
    "src.models.errors": "src.chat",
    "src.models.estimate": "src.chat",
    "src.models.patience": "src.value",
    "src.panels.file_tree": "src.project.scan src.value",
    "src.privacy.detector": "hashlib src.privacy.shapes src.value",
    "src.privacy.formats": "",
    "src.privacy.shapes": "functools re src.privacy src.value",
    "src.privacy.values": "binascii itertools math src.privacy",
    "src.project.server_table": "src.project.servers",
    "src.project.servers": "json re shlex urllib.parse src.value",
    "src.providers.anthropic_body": "base64 json re src.chat src.models.estimate src.structured.schema",
    "src.providers.gemini_body": "base64 json src.chat src.providers.anthropic_body",
    "src.providers.ollama_body": "base64 json src.chat src.providers.anthropic_body src.structured.schema",
    "src.providers.openai_body": "base64 hashlib json src.chat src.structured.schema",
    "src.spending.entries": "json time src.chat src.models.prices src.value",
    "src.spending.report": "csv io time src.models.prices src.spending.entries src.value",
    "src.spending.settling": "src.chat src.models.estimate src.models.prices",
    "src.storage.scripts": "bisect src.value",
    "src.request.cache_result": "src.discussion.tree src.models.prices src.request.build src.value",
    "src.request.front": "",
    "src.request.prefix": "src.chat src.models.caching src.models.estimate src.request.build src.value",
    "src.request.build": "src.chat src.models.estimate src.privacy src.project.scan src.value",
    "src.tools.arguments": "json src.chat src.tools.outcome",
    "src.tools.outcome": "json shlex src.models.patience src.privacy.detector src.tools.visible src.value",
    "src.structured.fit": "src.value",
    "src.structured.schema": "json",
    "src.tools.hunks": "difflib src.value",
    "src.models.variant": "src.chat src.value",
    "src.turn.compared": "difflib src.chat src.models.prices src.models.variant src.value",
    "src.window.reading_order": "arabic_reshaper bidi",
    "src.window.markdown_blocks": "functools re src.value",
    "src.window.picture_size": "",
    "src.tools.visible": "itertools",
    "src.window.protocol": "src.commands src.theme_2 src.window.focus src.window.questions src.window.turn_choice",
    "src.window.questions": "src.value",
    "src.window.turn_choice": "src.discussion.tree",
}
BODY = "base64 hashlib json re src.chat src.providers.openai_body"  # of a provider without a row of its own
PURE |= {
    name: BODY
    for path in (ROOT / "src/providers").glob("*_body.py")
    if (name := f"src.providers.{path.stem}") not in PURE
}
SLOPPY = Contract(
    root=ROOT,
    package="src",
    guide="docs/guide_architecture.md",
    floors=FLOORS,
    scripts=("sloppy.py",),
    only=PURE,
    fences=(
        Fence("imgui_bundle", tuple(WINDOW.split()), "Return a value and let a panel or `src.window` draw it."),
        Fence("src.providers", ("src.providers",), WARM.format("src.providers.name")),
        Fence("src.hooks.server", ("src.hooks.server",), WARM.format("src.hooks.server")),
        Fence("src.mcp_servers.wire", ("src.mcp_servers.wire",), WARM.format("src.mcp_servers.wire")),
        Fence("src.models.local_servers", ("src.models.local_servers",), WARM.format("src.models.local_servers")),
        Fence("src.models.market", ("src.models.market",), WARM.format("src.models.market")),
        Fence("src.structured.validation", ("src.structured.validation",), WARM.format("src.structured.validation")),
        Fence("src.window.reading_order", ("src.window.reading_order",), WARM.format("src.window.reading_order")),
        Fence("src.turn.loop", ("src.turn.loop",), WARM.format("src.turn.loop")),
    ),
)
