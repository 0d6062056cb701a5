"""What changed since the last commit, and commits of some files, in real repositories; nothing of a stranger's runs."""

import os
import shutil
import stat
import subprocess
import threading
from pathlib import Path

import pytest
from src.project import git_program
from src.project.file import Project
from src.project.git_changes import look
from src.project.git_commit import commit
from src.project.git_program import GitError, NoGitError, TooLongError, find
from src.project.git_repository import NoRepositoryError, opened

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
SECRET = "sk-Zx8Lq2Rv5Tn9Wy3Bk6Mp1Hd4Fg7Js0Uc"


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """No configuration of whoever runs the tests."""
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / "none"))
    for name in list(os.environ):
        if name.startswith("GIT_") or name == "EMAIL":
            monkeypatch.delenv(name)
    return home


def run(folder, *arguments):
    return subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True, text=True).stdout


@pytest.fixture
def folder(tmp_path):
    """A repository with three files in one commit."""
    made = tmp_path / "work"
    (made / "src").mkdir(parents=True)
    (made / "a.py").write_text("one\ntwo\nthree\n")
    (made / "b.py").write_text("b\n")
    (made / "src" / "c.py").write_text("c\n")
    run(made, "init", "-q", "-b", "main")
    run(made, "config", "user.name", "A Person")
    run(made, "config", "user.email", "person@example.org")
    run(made, "add", ".")
    run(made, "commit", "-q", "-m", "first")
    return made


def project_in(folder, **fields):
    real = os.path.realpath(folder)
    return Project(f"{real}/sloppy.toml", real, "work", (real,), **fields)


def git_in(folder):
    return find(str(folder), threading.Event())


def changes_in(folder, **fields):
    with opened(git_in(folder)) as repository:
        return look(repository, project_in(folder, **fields))


def hows(state):
    return {one.path: one.how for one in state.changes}


def commit_in(folder, message, *paths, **options):
    with opened(git_in(folder)) as repository:
        return commit(repository, message, paths, **options)


def booby_trap(folder, mark):
    """Puts *mark*, a program, wherever a repository can name one."""
    program = folder.parent / "trap.sh"
    program.write_text(f"#!/bin/sh\necho ran >> {mark}\ncat\n")
    program.chmod(0o755)
    names = "core.fsmonitor core.editor core.pager core.sshCommand core.askPass diff.external diff.evil.command"
    names += " diff.evil.textconv filter.evil.clean filter.evil.smudge filter.evil.process merge.evil.driver"
    names += " gpg.program interactive.diffFilter credential.helper pager.status pager.diff core.alternateRefsCommand"
    for name in names.split():
        run(folder, "config", name, str(program))
    for name, value in {"filter.evil.required": "true", "commit.gpgSign": "true", "log.showSignature": "true"}.items():
        run(folder, "config", name, value)
    hooks = Path(run(folder, "rev-parse", "--path-format=absolute", "--git-path", "hooks").strip())
    hooks.mkdir(exist_ok=True)
    for name in "pre-commit prepare-commit-msg commit-msg post-commit post-index-change reference-transaction".split():
        shutil.copy(program, hooks / name)
    (folder / ".gitattributes").write_text("evil.* filter=evil diff=evil merge=evil\n")


def test_each_file_that_changed_is_named_with_how(folder):
    (folder / "a.py").write_text("one\n2\nthree\n")
    (folder / "b.py").unlink()
    (folder / "new file.py").write_text("new\n")
    (folder / "src" / "é\n.py").write_text("odd\n")
    state = changes_in(folder)
    assert hows(state) == {"a.py": "modified", "b.py": "deleted", "new file.py": "new", "src/é\n.py": "new"}
    assert (state.kind, state.branch, state.folders) == ("ready", "main", {"src"})
    assert state.head == run(folder, "rev-parse", "--short=9", "HEAD").strip()
    diffs = {one.path: one.diff for one in state.changes}
    assert "-two\n+2\n" in diffs["a.py"]
    assert diffs["b.py"].endswith("-b\n")
    assert diffs["new file.py"].endswith("+new\n")
    assert diffs["src/é\n.py"].endswith("+odd\n")
    assert all(one.tokens > 0 for one in state.changes)


def test_what_is_staged_and_what_is_not_are_one_difference(folder):
    (folder / "a.py").write_text("staged\n")
    run(folder, "add", "a.py")
    (folder / "a.py").write_text("staged\nand not\n")
    (change,) = changes_in(folder).changes
    assert "+staged\n+and not\n" in change.diff


def test_looking_writes_nothing_into_the_repository(folder):
    (folder / "new.py").write_text("new\n")
    inner = folder / ".git"
    before = {path: path.stat().st_mtime_ns for path in inner.rglob("*")}
    changes_in(folder)
    assert {path: path.stat().st_mtime_ns for path in inner.rglob("*")} == before


def test_a_project_below_the_top_has_its_own_changes_alone(folder):
    (folder / "a.py").write_text("outside\n")
    (folder / "src" / "c.py").write_text("inside\n")
    (folder / "src" / "d.py").write_text("inside\n")
    state = changes_in(folder / "src")
    assert hows(state) == {"c.py": "modified", "d.py": "new"}
    assert "+inside" in state.by_path["c.py"].diff


def test_a_repository_without_a_commit_has_new_files_only(tmp_path):
    run(tmp_path, "init", "-q", "-b", "main", "fresh")
    (tmp_path / "fresh" / "a.py").write_text("one\n")
    state = changes_in(tmp_path / "fresh")
    assert (hows(state), state.head, state.branch) == ({"a.py": "new"}, "", "main")
    assert state.changes[0].diff.endswith("+one\n")


def test_ignored_files_are_no_changes(folder):
    (folder / ".gitignore").write_text("*.log\n")
    (folder / ".git" / "info" / "exclude").write_text("*.tmp\n")
    (folder / "x.log").write_text("x")
    (folder / "x.tmp").write_text("x")
    assert hows(changes_in(folder)) == {".gitignore": "new"}


def test_a_file_that_changed_within_the_same_tick_as_the_index_is_seen(folder):
    for number in range(20):
        (folder / "a.py").write_text(f"one {number:02}\n")
        run(folder, "add", "a.py")
        (folder / "a.py").write_text(f"two {number:02}\n")
        assert f"+two {number:02}" in changes_in(folder).changes[0].diff


def test_nothing_of_a_strangers_repository_runs(folder, tmp_path):
    mark = tmp_path / "ran"
    (folder / "evil.txt").write_text("before\n")
    run(folder, "add", ".")
    run(folder, "commit", "-q", "-m", "second")
    booby_trap(folder, mark)
    run(folder, "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "config", "user.name", "A Person")
    mark.unlink(missing_ok=True)
    (folder / "evil.txt").write_text("after\n")
    (folder / "a.py").write_text("after\n")
    state = changes_in(folder)
    assert "+after" in state.by_path["evil.txt"].diff
    commit_in(folder, "mine", "a.py")
    with pytest.raises(GitError, match="goes through the filter evil, which is not run here"):
        commit_in(folder, "mine", "evil.txt")
    assert not mark.exists()
    shutil.copy(folder.parent / "trap.sh", folder.parent / "own-trap.sh")
    run(folder, "-c", "core.hooksPath=/dev/null", "status")  # the trap does work: git by itself runs it
    assert mark.exists()


@pytest.mark.parametrize(("name", "reason"), [(".env", "secrets by its name"), ("x.py", "holds")])
def test_the_difference_of_a_secret_is_kept_back(folder, name, reason):
    (folder / name).write_text(f"key = '{SECRET}'\n")
    (change,) = changes_in(folder).changes
    assert reason in change.reason
    assert (change.diff, change.tokens) == ("", 0)


def test_what_the_project_takes_out_is_kept_back_unless_it_was_chosen(folder):
    (folder / "b.py").write_text("changed\n")
    assert "patterns" in changes_in(folder, exclude=("b.py",)).changes[0].reason
    assert changes_in(folder, exclude=("b.py",), chosen=frozenset({"b.py"})).changes[0].diff


def test_a_difference_without_end_is_not_held_in_memory(folder):
    (folder / "a.py").write_text("long line\n" * 150_000)
    state = changes_in(folder)
    assert (hows(state), state.changes[0].diff) == ({"a.py": "modified"}, "")
    assert "more than 1 MB" in state.note


def test_outside_of_a_repository_and_without_git_a_sentence_says_so(tmp_path, monkeypatch):
    with pytest.raises(NoRepositoryError, match="in no git repository"), opened(git_in(tmp_path)):
        pass
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NoGitError, match="no git on this machine"):
        find(str(tmp_path), threading.Event())
    (tmp_path / "git").write_text("#!/bin/sh\n")
    (tmp_path / "git").chmod(0o755)
    with pytest.raises(NoGitError):  # one that the project brings is none
        find(str(tmp_path), threading.Event())


def test_git_that_hangs_or_floods_or_is_no_longer_wanted_is_ended(tmp_path, monkeypatch):
    bin_folder, work = tmp_path / "bin", tmp_path / "work"
    bin_folder.mkdir()
    work.mkdir()
    (bin_folder / "git").write_text('#!/bin/sh\n[ "$1" = flood ] && exec yes\nsleep 60 & wait\n')
    (bin_folder / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{bin_folder}:{os.environ['PATH']}")
    ended = threading.Event()
    git = find(str(work), ended)
    with pytest.raises(TooLongError, match="took longer"):
        git.run("hang", seconds=0.2)
    with pytest.raises(TooLongError, match="says more than"):
        git.run("flood", limit=1_000_000)
    ended.set()
    with pytest.raises(GitError, match="closing"):
        git.run("hang")


def test_a_commit_holds_the_named_files_alone(folder):
    (folder / "a.py").write_text("mine\n")
    (folder / "src" / "c.py").write_text("not mine\n")
    (folder / "b.py").write_text("staged by the user\n")
    (folder / "new.py").write_text("new\n")
    run(folder, "add", "b.py")
    name = commit_in(folder, "Change a\n\nand add one", "a.py", "new.py")
    assert run(folder, "show", "--format=%an <%ae>%n%B", "--name-status", "HEAD").split("\n") == [
        "A Person <person@example.org>", "Change a", "", "and add one", "", "", "M\ta.py", "A\tnew.py", ""
    ]  # fmt: skip
    assert run(folder, "rev-parse", "HEAD").startswith(name)
    assert run(folder, "status", "--porcelain") == "M  b.py\n M src/c.py\n"
    assert run(folder, "reflog", "-1", "--format=%gs") == "commit: Change a\n"


def test_a_file_that_was_deleted_and_a_project_below_the_top_are_committed(folder):
    (folder / "src" / "c.py").unlink()
    (folder / "src" / "d.py").write_text("d\n")
    commit_in(folder / "src", "in src", "c.py", "d.py")
    assert run(folder, "show", "--format=", "--name-status", "HEAD") == "D\tsrc/c.py\nA\tsrc/d.py\n"
    assert run(folder, "status", "--porcelain") == ""


@pytest.mark.parametrize("form", ["sha1", "sha256"])
def test_the_first_commit_of_a_repository(tmp_path, form):
    run(tmp_path, "init", "-q", "-b", "main", f"--object-format={form}", "fresh")
    folder = tmp_path / "fresh"
    run(folder, "config", "user.name", "A Person")
    run(folder, "config", "user.email", "person@example.org")
    (folder / "a.py").write_text("one\n")
    commit_in(folder, "first", "a.py")
    assert run(folder, "log", "--format=%s") == "first\n"
    assert run(folder, "status", "--porcelain") == ""
    assert run(folder, "fsck", "--strict") == ""


def test_line_ends_are_committed_as_git_would(folder):
    run(folder, "config", "core.autocrlf", "true")
    (folder / "a.py").write_bytes(b"one\r\ntwo\r\n")
    commit_in(folder, "lines", "a.py")
    assert run(folder, "cat-file", "-p", "HEAD:a.py") == "one\ntwo\n"
    assert run(folder, "status", "--porcelain") == ""


def refused(folder, match, *paths, message="mine", **options):
    """A commit is refused, and all is as before."""
    before = [run(folder, *words) for words in (("rev-parse", "HEAD"), ("ls-files", "--stage"))]
    texts = {path: path.read_bytes() for path in folder.glob("*.py")}
    with pytest.raises(GitError, match=match):
        commit_in(folder, message, *paths, **options)
    assert [run(folder, *words) for words in (("rev-parse", "HEAD"), ("ls-files", "--stage"))] == before
    assert {path: path.read_bytes() for path in folder.glob("*.py")} == texts


def test_a_commit_that_cannot_be_says_why_and_changes_nothing(folder, monkeypatch):
    refused(folder, "nothing to commit", "a.py")
    (folder / "a.py").write_text("mine\n")
    (folder / "new.py").write_text("new\n")
    refused(folder, "has a message", "a.py", message="  ")
    (folder / ".git" / "index.lock").write_text("")
    refused(folder, "index.lock is there", "a.py", "new.py")
    (folder / ".git" / "index.lock").unlink()
    (folder / ".git" / "HEAD.lock").write_text("")
    refused(folder, "another git is at work", "a.py", "new.py")
    (folder / ".git" / "HEAD.lock").unlink()
    run(folder, "config", "--unset", "user.name")
    run(folder, "config", "user.useConfigOnly", "true")
    refused(folder, "does not know who you are.*git config --global user.name", "a.py")


def test_a_merge_under_way_and_a_conflict_are_no_place_for_a_commit(folder):
    run(folder, "checkout", "-q", "-b", "other")
    (folder / "a.py").write_text("theirs\n")
    run(folder, "commit", "-q", "-a", "-m", "theirs")
    run(folder, "checkout", "-q", "main")
    (folder / "a.py").write_text("ours\n")
    run(folder, "commit", "-q", "-a", "-m", "ours")
    assert subprocess.run(["git", "merge", "other"], cwd=folder, capture_output=True).returncode == 1
    (folder / "b.py").write_text("mine\n")
    state = changes_in(folder)
    assert hows(state) == {"a.py": "conflict", "b.py": "modified"}
    assert "+mine" in state.by_path["b.py"].diff
    refused(folder, "A merge is under way", "b.py")
    (folder / ".git" / "MERGE_HEAD").unlink()
    refused(folder, "a.py has a conflict", "a.py", "b.py")


def hook(folder, name, text):
    path = folder / ".git" / "hooks" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


def test_hooks_run_when_they_are_asked_for_and_may_refuse(folder):
    hook(folder, "commit-msg", 'echo "Checked: yes" >> "$1"')
    (folder / "a.py").write_text("mine\n")
    (folder / "new.py").write_text("new\n")
    (folder / "b.py").write_text("staged\n")
    run(folder, "add", "b.py")
    commit_in(folder, "without", "a.py")
    assert run(folder, "log", "-1", "--format=%B").strip() == "without"
    hook(folder, "pre-commit", "echo the tests fail >&2; exit 1")
    refused(folder, "the tests fail", "new.py", hooked=True)
    (folder / ".git" / "hooks" / "pre-commit").unlink()
    commit_in(folder, "with", "new.py", hooked=True)
    assert run(folder, "show", "--format=%B", "--name-only").split() == ["with", "Checked:", "yes", "new.py"]
    assert run(folder, "status", "--porcelain") == "M  b.py\n"


def test_git_gets_no_variable_that_leads_it_elsewhere(folder, monkeypatch, tmp_path):
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("GIT_EXTERNAL_DIFF", "/bin/false")
    (folder / "a.py").write_text("changed\n")
    assert hows(changes_in(folder)) == {"a.py": "modified"}
    assert not [name for name in git_program._environment() if name.startswith("GIT_DIR")]


def test_a_worktree_and_a_head_on_no_branch_are_repositories_as_any_other(folder, tmp_path):
    beside = tmp_path / "beside"
    run(folder, "worktree", "add", "-q", "-b", "side", str(beside))
    (beside / "a.py").write_text("in the worktree\n")
    state = changes_in(beside)
    assert (hows(state), state.branch) == ({"a.py": "modified"}, "side")
    commit_in(beside, "beside", "a.py")
    assert run(beside, "log", "-1", "--format=%s %D") == "beside HEAD -> side\n"
    assert run(beside, "status", "--porcelain") == ""
    run(beside, "checkout", "-q", "--detach")
    (beside / "a.py").write_text("on no branch\n")
    assert changes_in(beside).place.startswith("no branch at ")
    name = commit_in(beside, "detached", "a.py")
    assert run(beside, "rev-parse", "HEAD").startswith(name)
    assert run(beside, "rev-parse", "side") != run(beside, "rev-parse", "HEAD")


def test_a_submodule_and_a_repository_inside_are_left_alone(folder, tmp_path):
    inner = folder / "inner"
    run(tmp_path, "init", "-q", "-b", "main", str(inner))
    run(inner, "-c", "user.name=A", "-c", "user.email=a@example.org", "commit", "-q", "--allow-empty", "-m", "inner")
    (inner / "x.py").write_text("inside\n")
    (folder / "a.py").write_text("changed\n")
    assert "a.py" in hows(changes_in(folder))
    run(folder, "-c", "advice.addEmbeddedRepo=false", "add", "inner")
    run(folder, "commit", "-q", "-m", "as a submodule")
    (inner / "y.py").write_text("inside\n")
    assert hows(changes_in(folder)) == {"a.py": "modified"}


def test_a_shallow_clone_and_packed_objects_are_read(folder, tmp_path):
    run(folder, "gc", "-q")
    run(tmp_path, "clone", "-q", "--depth=1", f"file://{folder}", "shallow")
    (tmp_path / "shallow" / "a.py").write_text("changed\n")
    assert "-two\n" in changes_in(tmp_path / "shallow").changes[0].diff


def test_a_sparse_index_shows_no_file_as_deleted(folder):
    run(folder, "sparse-checkout", "init", "--cone", "--sparse-index")
    (folder / "a.py").write_text("changed\n")
    assert hows(changes_in(folder)) == {"a.py": "modified"}


def test_a_link_is_a_difference_of_its_target_and_is_not_followed(folder, tmp_path):
    secret = tmp_path / "outside.txt"
    secret.write_text("outside of the project\n")
    (folder / "link.txt").symlink_to(secret)
    (change,) = changes_in(folder).changes
    assert "outside of the project" not in change.diff


def replaced_by_a_pipe(folder):
    (folder / ".git" / "index").unlink()
    os.mkfifo(folder / ".git" / "index")


def with_a_config_that_is_none(folder):
    (folder / ".git" / "config").write_bytes(b"[core\n\xff\xfe\0 = [[[")


def without_its_objects(folder):
    shutil.rmtree(folder / ".git" / "objects")
    (folder / ".git" / "objects").mkdir()


def with_rules_without_end(folder):
    (folder / ".git" / "info").mkdir(exist_ok=True)
    (folder / ".git" / "info" / "exclude").write_bytes(b"x\n" * 1_000_000)


def with_a_file_that_leads_elsewhere(folder):
    shutil.move(folder / ".git", folder.parent / "elsewhere")
    (folder / ".git").write_text("gitdir: /nowhere/at/all\n")


@pytest.mark.parametrize(
    "damage",
    [
        replaced_by_a_pipe,
        with_a_config_that_is_none,
        without_its_objects,
        with_rules_without_end,
        with_a_file_that_leads_elsewhere,
    ],
)
def test_a_repository_that_is_damaged_or_hostile_is_said_in_a_sentence(folder, damage):
    (folder / "a.py").write_text("changed\n")
    damage(folder)
    with pytest.raises((GitError, OSError)) as said:
        changes_in(folder)
    assert str(said.value)
