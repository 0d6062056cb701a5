"""Nothing is defined that nobody uses, as far as vulture sees it; what only looks unused is listed with its user."""

from fnmatch import fnmatch

import vulture
from tests.repository import ROOT

PLACES = ("src", "sloppy.py", "tools/importguard/src")
# Attributes are left out: most are those of imgui's own objects, which only C++ reads.
ALLOWED = {
    "found by its name": (
        "stmt_*",
        "expr_*",
        "find_spec",
        "__getattr__",
        "__dir__",
        "load_backends",
        "format_commands",
        "_on_*",
        "visit_*",
        "leave_*",
        "explore",
        "fix",
        "history",
        "do_GET",
        "log_message",
        "daemon_threads",
        "protocol_version",
        "Arrival",
    ),
    "FastAPI calls it": (
        "new_discussion open_discussion current_discussion open_project create_project close_project "
        "pin unpin screenshot changed attach_diff choose_changed "
        "look_again set_model_settings start_server stop_server revoke_server"
    ).split(),
    "tests and other programs call it": (
        "wait_for_server assert_free main_thread_imports assert_import_free importguard_report "
        "importguard_verification RecordedRun probe ok running_ms of_output focused_window places_in "
        "spending_csv change_server"
    ).split(),
    "a field that a client reads": (
        "api",
        "queued",
        "cost_usd",
        "ATTRS",
        "ENTER",
        "EXIT",
        "analyser",
        "running",
        "read_tokens",
        "saved_usd",
        "cache_lost",
        "has_token",
    ),
    "an import for its effect": ("anyio", "markdown_blocks"),
}


def test_nothing_is_defined_that_nobody_uses():
    found = vulture.Vulture()
    found.scavenge([str(ROOT / place) for place in PLACES])
    patterns = [pattern for names in ALLOWED.values() for pattern in names]
    assert [
        f"{item.filename.relative_to(ROOT)}:{item.first_lineno} {item.typ} {item.name}"
        for item in found.get_unused_code(min_confidence=60)
        if item.typ != "attribute" and not any(fnmatch(item.name, pattern) for pattern in patterns)
    ] == []
