"""What changed since the last commit goes along by hand, and accepted edits are committed, through the controller."""

import os
import shutil
import subprocess

import pytest
from src.models.estimate import PER_MESSAGE
from src.project.file import ProjectError
from src.project.git_program import GitError
from src.tools import propose_edit
from src.tools.outcome import Workspace
from tests.conftest import ECHO, wait_until
from tests.project.test_git import run
from tests.project.test_project import LIBRARIES, scanned

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A project in a repository whose files are all in the first commit."""
    monkeypatch.setenv("HOME", str(tmp_path))
    made = tmp_path / "work"
    (made / "src").mkdir(parents=True)
    (made / "a.md").write_text("one\n")
    (made / "src" / "b.md").write_text("two\n")
    (made / "sloppy.toml").write_text('schema = 1\nname = "work"\n')
    run(made, "init", "-q", "-b", "main")
    run(made, "config", "user.name", "A Person")
    run(made, "config", "user.email", "person@example.org")
    run(made, "add", ".")
    run(made, "commit", "-q", "-m", "first")
    return made


@pytest.fixture
def controller(make_controller, folder):
    made = make_controller((*ECHO, *LIBRARIES))
    assert made.wait_for_warmup(60)
    made.project.open(str(folder)).result(10)
    scanned(made)
    return made


def known(controller):
    """The changes, once they are known."""
    wait_until(controller, lambda: controller.changed.snapshot().kind != "unknown")
    return controller.changed.snapshot()


def changed_to(controller, *paths):
    controller.project.rescan()
    wait_until(controller, lambda: {one.path for one in controller.changed.snapshot().changes} == set(paths))
    return controller.changed.snapshot()


def edit(controller, path, old, new):
    """An edit as it is made once it was allowed."""
    workspace = Workspace(controller.project.snapshot().project.roots)
    made = propose_edit.prepare({"path": path, "old_text": old, "new_text": new}, workspace)
    controller.edits.add(made, propose_edit.apply(made, workspace))


def test_the_difference_goes_along_with_its_tokens(controller, folder):
    (folder / "a.md").write_text("one\nmore\n")
    (folder / "src" / "c.md").write_text("three\n")
    state = changed_to(controller, "a.md", "src/c.md")
    assert (state.by_path["src/c.md"].how, state.folders) == ("new", {"src"})
    before = controller.preview().total_tokens
    attached = controller.changed.attach()
    (part,) = [one for one in controller.preview().parts if one.origin == "attachment"]
    assert part.label == "what changed since the last commit"
    assert controller.preview().total_tokens == before + part.tokens
    assert attached.tokens <= part.tokens <= attached.tokens + PER_MESSAGE
    assert "+more" in part.text
    assert "+three" in part.text
    controller.composer.detach(0)
    assert "+three" not in controller.changed.attach(("a.md",)).part.text
    with pytest.raises(ProjectError, match="has not changed"):
        controller.changed.attach(("src/b.md",))


def test_the_changed_files_are_chosen(controller, folder):
    (folder / "a.md").write_text("one\nmore\n")
    (folder / "src" / "b.md").unlink()
    (folder / ".env").write_text("A=1\n")
    changed_to(controller, "a.md", "src/b.md", ".env")
    assert controller.changed.choose() == 1
    wait_until(controller, lambda: [file.path for file, _ in controller.project.known_files()] == ["a.md"])
    with pytest.raises(ProjectError, match="secrets by its name"):
        controller.changed.attach((".env",))


def test_accepted_edits_are_committed_and_nothing_else(controller, folder):
    known(controller)
    (folder / "src" / "b.md").write_text("not of an edit\n")
    edit(controller, "a.md", "one", "uno")
    edit(controller, "new.md", "", "new\n")
    wait_until(controller, lambda: len(controller.changed.to_commit()) == 2)
    assert controller.changed.draft() == "Change a.md, new.md"
    name = controller.changed.commit("Say it in Italian").result(20)
    assert run(folder, "show", "--format=%s", "--name-status") == "Say it in Italian\n\nM\ta.md\nA\tnew.md\n"
    assert {one.commit for one in controller.edits.snapshot()} == {name}
    wait_until(controller, lambda: controller.changed.to_commit() == ())
    with pytest.raises(GitError, match="No accepted edit"):
        controller.changed.commit("again")
    assert f"Committed 2 files as {name} on main." in [one.text for one in controller.toasts.snapshot()]


def test_a_message_is_kept_when_the_commit_fails(controller, folder):
    known(controller)
    edit(controller, "a.md", "one", "uno")
    wait_until(controller, controller.changed.to_commit)
    (folder / ".git" / "index.lock").write_text("")
    with pytest.raises(GitError, match=r"index\.lock is there"):
        controller.changed.commit("A message of some length").result(20)
    assert controller.changed.draft() == "A message of some length"
    assert any("index.lock is there" in one.text for one in controller.toasts.snapshot())
    (folder / ".git" / "index.lock").unlink()
    controller.changed.commit(controller.changed.draft()).result(20)
    assert run(folder, "log", "-1", "--format=%s") == "A message of some length\n"
    wait_until(controller, lambda: controller.changed.draft() == "")


def test_an_edit_that_was_taken_back_is_not_committed(controller):
    known(controller)
    edit(controller, "a.md", "one", "uno")
    wait_until(controller, controller.changed.to_commit)
    assert controller.edits.undo(controller.edits.snapshot()[0].id).result(20)
    wait_until(controller, lambda: controller.changed.to_commit() == ())


def test_a_project_that_is_opened_next_has_its_own_changes(controller, folder, tmp_path):
    (folder / "a.md").write_text("one\nmore\n")
    changed_to(controller, "a.md")
    other = tmp_path / "other"
    other.mkdir()
    controller.project.create(str(other)).result(10)
    assert controller.changed.snapshot().changes == ()
    wait_until(controller, lambda: controller.changed.snapshot().kind == "none")
    assert "in no git repository" in controller.changed.snapshot().note
    with pytest.raises(ProjectError, match="in no git repository"):
        controller.changed.attach()


def test_without_git_the_project_works_and_a_sentence_says_what_does_not(
    make_controller, folder, monkeypatch, tmp_path
):
    monkeypatch.setenv("PATH", str(tmp_path))
    made = make_controller((*ECHO, *LIBRARIES))
    assert made.wait_for_warmup(60)
    made.project.open(str(folder)).result(10)
    scanned(made)
    assert "no git on this machine" in known(made).note
    assert [file.path for file in made.project.snapshot().files] == ["a.md", "sloppy.toml", "src/b.md"]


def test_closing_ends_a_git_that_hangs(make_controller, folder, monkeypatch, tmp_path):
    bin_folder = tmp_path / "bin"
    bin_folder.mkdir()
    (bin_folder / "git").write_text(f'#!/bin/sh\necho $$ > "{tmp_path}/pid"\nsleep 600 & wait\n')
    (bin_folder / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{bin_folder}:{os.environ['PATH']}")
    made = make_controller((*ECHO, *LIBRARIES))
    assert made.wait_for_warmup(60)
    made.project.open(str(folder)).result(10)
    scanned(made)
    made.changed.snapshot()
    for _ in range(200):
        if (tmp_path / "pid").exists() and (tmp_path / "pid").read_text().strip():
            break
        subprocess.run(["sleep", "0.05"], check=True)
    assert made.close(10)
    assert not os.path.exists(f"/proc/{(tmp_path / 'pid').read_text().strip()}")
