"""What changed since the last commit, by keyboard: seen, sent along, and an accepted edit committed."""

from __future__ import annotations

import shutil
import subprocess

import pytest
from tests.real_input.conftest import begin
from tests.real_input.test_requests import run, write

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
EDIT = '[[tool propose_edit {"path": "notes.md", "old_text": "words", "new_text": "other words"}]] please'


def git(folder, *words):
    return subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True, text=True).stdout


@pytest.fixture(scope="module")
def bench(display, tmp_path_factory):
    """A hand on a project in a repository with one commit, in which a stranger's hook would refuse every other."""
    home = tmp_path_factory.mktemp("home")
    folder = home / "work"
    folder.mkdir()
    (folder / "notes.md").write_text("words\n")
    (folder / "other.md").write_text("other\n")
    (folder / "sloppy.toml").write_text('schema = 1\nname = "work"\n')
    git(folder, "init", "-q", "-b", "main")
    git(folder, "config", "user.name", "A Person")
    git(folder, "config", "user.email", "person@example.org")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "first")
    hook = folder / ".git" / "hooks" / "pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho no commits here >&2\nexit 1\n")
    hook.chmod(0o755)
    hand = begin(home, display)
    hand.program.open_project(str(folder))
    hand.until(lambda: len(hand.program.context().files) == 3, "the files")
    yield hand, folder
    hand.close()
    assert hand.program.end() == 0


def test_an_accepted_edit_is_committed_by_keys_and_the_rest_is_sent_along(bench):
    hand, folder = bench
    (folder / "other.md").write_text("changed by hand\n")
    hand.chord("F5")
    run(hand, "Go to Changes")
    hand.sees("main at", "other.md", "Send the files", "Attach the diff")
    hand.chord("Ctrl+Shift+D")
    hand.until(lambda: any("what changed" in part.label for part in hand.program.tokens().parts), "the difference")
    hand.chord("Ctrl+5")
    hand.shows(window="Approvals", field="")
    for title in ("Read files", "List files", "Search in files", "Edit files"):
        hand.chord("Down")
        hand.sees(title)
    hand.chord(" ")
    hand.sees("[x] Edit files")
    write(hand, EDIT)
    hand.chord("Ctrl+Enter")
    hand.sees("An edit waits for you")
    hand.until(lambda: any(one.id == "approval.approve" and not one.refusal for one in hand.program.commands()), "all")
    hand.chord("Ctrl+Shift+Y")
    hand.until(lambda: (folder / "notes.md").read_text() == "other words\n", "the edit")
    run(hand, "Go to Changes")
    hand.sees("Accepted edits of 1 file are in no commit yet", "Commit...")
    hand.until(lambda: hand.program.changes().to_commit == ("notes.md",), "the edit among the changes")
    hand.chord("Ctrl+Shift+G")
    hand.shows(asked="Commit the accepted edits", text="Change notes.md")
    hand.sees("notes.md +1 -1", "No hook, filter or signing")
    hand.chord("End")
    hand.type(" by request")
    hand.shows(text="Change notes.md by request")
    hand.chord("Ctrl+Enter")
    hand.until(lambda: git(folder, "log", "-1", "--format=%s") == "Change notes.md by request\n", "the commit")
    assert git(folder, "show", "--format=", "--name-only") == "notes.md\n"
    assert git(folder, "status", "--porcelain") == " M other.md\n"
    hand.until(lambda: hand.program.changes().to_commit == (), "nothing to commit")
