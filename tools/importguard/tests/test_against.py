"""`check --against REV`: what a change does to the start."""

import json
import os
import shutil
import subprocess
import sys

import pytest

IDENTITY = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]


@pytest.fixture
def git(tmp_path):
    """`git("tag", "x")`: what git prints; `git(..., folder=…, given=b"…")`."""

    def call(*arguments, folder=tmp_path, given=None):
        command = ["git", *IDENTITY, *arguments]
        return subprocess.run(command, cwd=folder, check=True, capture_output=True, input=given).stdout.decode().strip()

    return call


@pytest.fixture
def committed(git, write):
    """A repository whose one commit is tagged `before`."""
    write({"app.py": "import one", "one.py": "", "two.py": "import three", "three.py": "", "old.py": ""})
    for command in (["init", "-q", "-b", "main"], ["add", "."], ["commit", "-qm", "first"], ["tag", "before"]):
        git(*command)
    return write


@pytest.fixture
def commit(git, write):
    """`commit({...})`: the files as the next commit."""

    def make(files):
        write(files)
        git("add", ".")
        git("commit", "-qm", "next")

    return make


def there(folder):
    """The command `check`, of a project in *folder*: the command runs elsewhere."""
    if folder is None:
        return ("check",)
    (folder / "importguard.toml").write_text("")
    return "--config", str(folder / "importguard.toml"), "check"


def difference(run, revision, *arguments, folder=None):
    """What `--against` says of the one start, by JSON; that of app.py, in *folder* if that is another than usual."""
    done = run(*there(folder), *(arguments or (f"{folder or '.'}/app.py",)), "--against", revision, "--format", "json")
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)["against"]
    (start,) = said["starts"]
    return said, start


def test_added_modules_are_named_with_the_statement_that_brings_them(run, committed):
    committed({"one.py": "import two\nimport colorsys"})
    text = run("check", "app.py", "--against", "before").stdout
    assert "ms, +3 modules against before (" in text
    assert "+2 modules via one.py:1  two" in text
    assert "+1 module via one.py:2  colorsys" in text


def test_removed_modules_are_counted(run, committed):
    committed({"app.py": ""})
    assert "-1 module against before" in run("check", "app.py", "--against", "before").stdout


def test_nothing_changed(run, committed):
    assert "The start loads the same modules against HEAD" in run("check", "app.py", "--against", "HEAD").stdout


def test_markdown_is_a_table_for_a_comment(run, committed):
    committed({"one.py": "import two"})
    text = run("check", "app.py", "--against", "before", "--format", "markdown").stdout
    assert "| `one.py:1` | two | +2 |" in text
    assert "**importguard ✓**" in text


def test_json_has_it_beside_the_verdict(run, committed, git):
    committed({"one.py": "import two"})
    said, start = difference(run, "before")
    assert (said["revision"], said["base"], said["apart"], said["notes"]) == (
        "before",
        git("rev-parse", "HEAD"),
        False,
        [],
    )
    assert (start["entry"], start["new"], start["added"], start["removed"]) == ("app.py", False, ["three", "two"], [])
    (cause,) = start["causes"]
    assert (cause["path"], cause["line"], cause["module"], cause["modules"]) == ("one.py", 1, "two", 2)
    assert cause["cost_us"] == start["cost_us"] > 0


def test_the_module_of_a_statement_is_the_dear_one(run, committed):
    committed({"one.py": "import three, argparse"})
    (cause,) = difference(run, "before")[1]["causes"]
    assert cause["module"] == "argparse"


def test_it_compares_with_the_commit_where_the_branches_parted(run, committed, commit, git):
    git("checkout", "-qb", "branch")
    commit({"app.py": "import one  # a comment"})
    git("checkout", "-q", "main")
    commit({"app.py": "import one\nimport two"})
    git("checkout", "-q", "branch")
    said, start = difference(run, "main")
    assert (said["base"], start["added"], start["removed"]) == (git("rev-parse", "before"), [], [])


def test_what_the_earlier_configuration_names_is_compared_by_its_name(run, committed, commit):
    table = '[[entry]]\nname = "main"\nscript = "{}"'
    commit({"importguard.toml": table.format("old.py"), "old.py": "import three"})
    committed({"importguard.toml": table.format("app.py"), "app.py": "import two"})
    _, start = difference(run, "HEAD", "--entry", "main")
    assert (start["new"], start["added"], start["removed"]) == (False, ["two"], [])


def test_a_start_of_a_younger_file_is_new(run, committed):
    committed({"younger.py": "import two"})
    _, start = difference(run, "before", "younger.py")
    assert (start["new"], start["added"]) == (True, ["three", "two"])


def test_an_environment_in_the_project_is_todays(run, committed, write, monkeypatch, tmp_path):
    """It is in no commit, and its packages are those of both starts."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", ".venv"], cwd=tmp_path, check=True)
    packages = f"lib/python{sys.version_info[0]}.{sys.version_info[1]}/site-packages"
    write({f".venv/{packages}/library.py": "import colorsys", "app.py": "import library"})
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)
    assert difference(run, "before")[1]["added"] == ["colorsys", "library"]
    write({"one.py": "import library", "app.py": "import one"})
    assert difference(run, "before")[1]["added"] == ["colorsys", "library"]


def test_the_second_comparison_says_what_the_first_one_said(run, committed):
    committed({"one.py": "import two"})
    assert difference(run, "before") == difference(run, "before")
    committed({"one.py": "import two, colorsys"})
    assert difference(run, "before")[1]["added"] == ["colorsys", "three", "two"]


def test_the_exit_code_is_that_of_the_findings(run, committed):
    committed({"one.py": "import colorsys", "importguard.toml": 'entry = "app.py"\nheavy = ["colorsys"]'})
    assert run("check", "--against", "before").returncode == 1


@pytest.mark.parametrize("revision", ["nowhere", "--upload-pack=touch ran", "-x", "", "a\0b"])
def test_an_unknown_revision_exits_2(run, committed, tmp_path, revision):
    result = run("check", "app.py", f"--against={revision}")
    assert (result.returncode, "there is no revision" in result.stderr) == (2, True)
    assert not (tmp_path / "ran").exists()


def test_a_script_outside_the_repository_exits_2(run, committed, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "other.py"
    elsewhere.write_text("")
    result = run("check", str(elsewhere), "--against", "HEAD")
    assert (result.returncode, "is outside the repository" in result.stderr) == (2, True)


def test_without_a_repository_it_exits_2(run, write):
    write({"app.py": ""})
    result = run("check", "app.py", "--against", "HEAD")
    assert (result.returncode, "git says: fatal: not a git repository" in result.stderr) == (2, True)


def test_where_git_refuses_a_foreign_owner_its_sentence_and_the_command_are_shown(run, committed, monkeypatch):
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    result = run("check", "app.py", "--against", "HEAD")
    assert result.returncode == 2
    assert "fatal: detected dubious ownership in repository at" in result.stderr
    assert "git config --global --add safe.directory " in result.stderr


def test_other_formats_refuse_it(run, committed):
    assert run("check", "app.py", "--against", "HEAD", "--format", "sarif").returncode == 2


# Links, submodules, hostile trees and objects


def test_a_link_in_the_commit_is_not_followed_and_is_named(run, committed, commit, tmp_path):
    (tmp_path / "linked.py").symlink_to(tmp_path / "three.py")
    (tmp_path / ".venv").symlink_to("/nowhere")
    commit({"app.py": "import linked"})
    (tmp_path / ".venv").unlink()
    committed({"app.py": "import linked, two"})
    said, start = difference(run, "HEAD")
    assert said["notes"] == ["linked.py of HEAD is a link and was not read"]
    assert start["added"] == ["linked", "three", "two"]


@pytest.fixture
def tree(git):
    """`tree(("100644", "blob", name, content or object), …)`: a tree that git itself would not make."""

    def make(*entries):
        raw = b""
        for mode, name, content in entries:
            made = content
            if isinstance(content, bytes):
                made = git("hash-object", "-w", "--stdin", given=content)
            raw += f"{mode} {name}".encode() + b"\0" + bytes.fromhex(made)
        return git("hash-object", "-t", "tree", "-w", "--literally", "--stdin", given=raw)

    return make


def commit_of(git, tree, tag="evil"):
    git("tag", "-f", tag, git("commit-tree", tree, "-m", "x"))
    return tag


def test_a_tree_with_a_folder_of_the_same_name_as_a_link_writes_nothing(run, committed, git, tree, tmp_path):
    victim = tmp_path.parent / f"{tmp_path.name}-victim"
    victim.mkdir()
    inner = tree(("100644", "PWNED.py", b"import colorsys"))
    dots = "../" * 20 + str(victim).lstrip("/")
    top = tree(
        ("100644", "app.py", b"import escape.PWNED\nimport a.PWNED"),
        ("120000", "a", dots.encode()),
        ("40000", "a", inner),
        ("120000", "escape", str(victim).encode()),
        ("40000", "escape", inner),
        ("40000", "..", inner),
        ("100644", "../PWNED.py", b"x"),
        ("100644", "/tmp/PWNED.py", b"x"),
    )
    said, start = difference(run, commit_of(git, top))
    assert (list(victim.iterdir()), said["apart"]) == ([], True)
    assert (start["added"], start["removed"]) == (["one"], [])
    assert "a of evil is a link and was not read" in said["notes"]


def test_a_submodule_is_not_read(run, committed, git, tree):
    top = tree(("100644", "app.py", b"import sub.x, one"), ("160000", "sub", "1" * 40), ("100644", "one.py", b""))
    said, start = difference(run, commit_of(git, top))
    assert "sub of evil is a repository of its own and was not read" in said["notes"]
    assert start["added"] == []


@pytest.mark.parametrize(
    "raw", [b"100644 app.py", b"100644 app.py\0short", b"x y\0" + b"1" * 20, b"\0" * 40, b"\xff" * 99]
)
def test_a_damaged_tree_exits_2(run, committed, git, raw):
    made = git("hash-object", "-t", "tree", "-w", "--literally", "--stdin", given=raw)
    result = run("check", "app.py", "--against", commit_of(git, made))
    assert (result.returncode, "cannot be read" in result.stderr, "Traceback" in result.stderr) == (2, True, False)


def test_a_huge_file_costs_nothing_until_it_is_asked_for(committed, git, tree, limited, tmp_path):
    with (tmp_path / "huge").open("wb") as file:
        file.truncate(150 << 20)
    huge = git("-c", "core.bigFileThreshold=1m", "hash-object", "-w", "huge")
    (tmp_path / "huge").unlink()
    beside = commit_of(git, tree(("100644", "app.py", b"import one"), ("100644", "huge.py", huge)), "beside")
    asked = commit_of(git, tree(("100644", "app.py", b"import huge"), ("100644", "huge.py", huge)), "asked")
    for revision, notes in ((beside, []), (asked, ["huge.py of asked is larger than 64 MiB and was not read"])):
        done = limited(100, "check", "app.py", "--against", revision, "--format", "json")
        assert (done.returncode, done.stderr) == (0, "")
        assert json.loads(done.stdout)["against"]["notes"][1:] == notes


def test_an_object_that_is_a_small_change_of_a_huge_one_takes_no_memory(committed, git, tree, limited, tmp_path):
    """Git itself would put the huge one together in memory: it may not."""
    huge, small = b"x" * (150 << 20), b"x" * (60 << 20)
    names = [git("-c", "core.compression=1", "hash-object", "-w", "--stdin", given=one) for one in (huge, small)]
    asked = commit_of(git, tree(("100644", "app.py", b"import small"), ("100644", "small.py", names[1])))
    for name in git("pack-objects", ".git/objects/pack/pack", given="\n".join(names).encode()).split():
        found = git("verify-pack", "-v", f".git/objects/pack/pack-{name}.pack")
        assert "chain length = 1" in found  # one of them is kept as a change of the other
    git("prune-packed")
    done = limited(300, "check", "app.py", "--against", asked)
    assert (done.returncode, "small.py of" in done.stderr, "Traceback" in done.stderr) == (2, True, False)


def test_objects_that_are_gone_exit_2(run, committed, git, tmp_path):
    shutil.rmtree(tmp_path / ".git/objects/" / git("rev-parse", "HEAD:one.py")[:2])
    result = run("check", "app.py", "--against", "HEAD")
    assert result.returncode == 2
    assert "one.py of" in result.stderr
    assert "this clone has not got it; run: git fetch --refetch --no-filter" in result.stderr


def test_a_pipe_in_the_place_of_an_object_ends(run, committed, git, tmp_path, monkeypatch):
    name = git("rev-parse", "HEAD:one.py")
    object_file = tmp_path / ".git/objects" / name[:2] / name[2:]
    object_file.unlink()
    os.mkfifo(object_file)
    monkeypatch.setattr("importguard.storage.git_objects.SECONDS", 0.5)
    result = run("check", "app.py", "--against", "HEAD")
    assert (result.returncode, "no answer within" in result.stderr) == (2, True)


# Clones of all kinds


def test_a_shallow_clone_compares_with_the_revision_itself(run, committed, commit, git, tmp_path):
    commit({"one.py": "import two"})
    clone = tmp_path / "clone"
    git("clone", "-q", "--depth=1", f"file://{tmp_path}", str(clone))
    git("fetch", "-q", "--depth=1", "origin", "tag", "before", folder=clone)
    said, start = difference(run, "before", folder=clone)
    assert (start["added"], said["apart"]) == (["three", "two"], True)
    assert "git fetch --unshallow" in said["notes"][0]


def test_a_worktree_borrows_the_objects_of_its_repository(run, committed, git, tmp_path):
    git("worktree", "add", "-q", "tree", "before")
    (tmp_path / "tree/one.py").write_text("import two")
    _, start = difference(run, "main", folder=tmp_path / "tree")
    assert start["added"] == ["three", "two"]


def test_a_clone_that_borrows_objects_is_read(run, committed, git, tmp_path):
    clone = tmp_path / "clone"
    git("clone", "-q", "--shared", str(tmp_path), str(clone))
    (clone / "one.py").write_text("import two")
    _, start = difference(run, "before", folder=clone)
    assert start["added"] == ["three", "two"]


def test_a_partial_clone_fetches_nothing(run, committed, commit, git, tmp_path):
    commit({"one.py": "import two"})
    git("tag", "-f", "before")
    commit({"one.py": "import colorsys"})
    git("config", "uploadpack.allowFilter", "true")
    clone = tmp_path / "clone"
    git("clone", "-q", "--filter=blob:none", f"file://{tmp_path}", str(clone))
    arguments = *there(clone), str(clone / "app.py"), "--against"
    assert run(*arguments, "HEAD").returncode == 0
    older = run(*arguments, "before")
    assert (older.returncode, "git fetch --refetch --no-filter" in older.stderr) == (2, True)
    git("fetch", "-q", "--refetch", "--no-filter", folder=clone)
    assert run(*arguments, "before").returncode == 0


def test_a_repository_of_another_hash_is_read(run, write, git):
    write({"app.py": "", "two.py": ""})
    for command in (["init", "-q", "--object-format=sha256"], ["add", "."], ["commit", "-qm", "first"]):
        git(*command)
    write({"app.py": "import two"})
    assert difference(run, "HEAD")[1]["added"] == ["two"]


def test_a_replaced_object_is_not_taken(run, committed, commit, git):
    commit({"app.py": "import one, two"})
    git("replace", git("rev-parse", "HEAD"), git("rev-parse", "before"))
    assert difference(run, "HEAD")[1]["added"] == []


def test_a_hook_of_git_s_may_call_it(run, committed, monkeypatch):
    monkeypatch.setenv("GIT_DIR", ".git")
    monkeypatch.setenv("GIT_INDEX_FILE", ".git/index")
    committed({"one.py": "import two"})
    assert difference(run, "before")[1]["added"] == ["three", "two"]
