"""A commit of some files of a project, made on request. On the pool.

Guarantees
- Only the files that are named are in it, as they are in the folder; what else changed, or is staged, stays as it is.
- Without *hooked* nothing of the repository is run: no hook, no filter, no signing (docs/decisions/0021). The tree is
  made in our own repository; in the user's, the entries of these files and the branch are set.
- It is made whole or not at all: where something is in the way, the branch, the index and the files are as before.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from src.project.git_program import Git, GitError
from src.project.git_repository import Repository

MAX_MESSAGE = 20_000  # characters
HOOKED_S = 300.0  # for hooks and signing
_UNDER_WAY = {
    "MERGE_HEAD": "A merge",
    "CHERRY_PICK_HEAD": "A cherry-pick",
    "REVERT_HEAD": "A revert",
    "rebase-merge": "A rebase",
    "rebase-apply": "A rebase",
}
_NONE = "0"  # repeated, the name of no object


def commit(repository: Repository, message: str, paths: tuple[str, ...], *, hooked: bool = False) -> str:
    """Commits *paths*, seen from the project's folder; the short name of the commit. Raises GitError with a sentence.

    With *hooked* git does it as in the user's terminal: with the hooks, filters and signing of the repository.
    """
    text = message.strip()
    if not text or len(text) > MAX_MESSAGE:
        raise GitError(f"A commit has a message of 1 to {MAX_MESSAGE:,} characters.")
    if not paths:
        raise GitError("There is no file to commit.")
    names = tuple(sorted({repository.from_top(path) for path in paths}))
    _check_free(repository, names)
    if hooked:
        _commit_as_user(repository, text, names)
    else:
        _commit_alone(repository, text, names)
    return repository.theirs.says("rev-parse", "--short=9", "HEAD").decode().strip()


def _check_free(repository: Repository, names: tuple[str, ...]) -> None:
    """Raises GitError when something is under way that a commit would break."""
    asked = [word for name in _UNDER_WAY for word in ("--git-path", name)]
    places = os.fsdecode(repository.theirs.says("rev-parse", "--path-format=absolute", *asked)).split("\n")
    for what, place in zip(_UNDER_WAY.values(), places, strict=False):
        if os.path.lexists(place):
            raise GitError(f"{what} is under way in this repository; end it in a terminal, then commit again.")
    if unmerged := _entries(repository.ours, names, "--unmerged"):
        raise GitError(f"{min(unmerged)} has a conflict; resolve it, then commit again.")


def _commit_alone(repository: Repository, message: str, names: tuple[str, ...]) -> None:
    _check_filters(repository, names)
    who = _who(repository.theirs)
    index = os.path.join(repository.own, "commit-index")
    ours = repository.ours.of(
        *repository.ours.first, GIT_INDEX_FILE=index, GIT_OBJECT_DIRECTORY=repository.objects, **who
    )
    ours.says("read-tree", *([repository.head] if repository.head else ["--empty"]))
    listed = b"".join(os.fsencode(name) + b"\0" for name in names)
    ours.of(*ours.first, "-C", repository.top).says("update-index", "--add", "--remove", "-z", "--stdin", given=listed)
    tree = ours.says("write-tree").decode().strip()
    if repository.head and tree == ours.says("rev-parse", f"{repository.head}^{{tree}}").decode().strip():
        raise GitError("These files are as in the last commit; there is nothing to commit.")
    parents = ["-p", repository.head] if repository.head else []
    made = ours.says("commit-tree", tree, *parents, "-F", "-", given=f"{message}\n".encode()).decode().strip()
    _set(repository, names, _entries(ours, names), made, message)


def _set(repository: Repository, names: tuple[str, ...], new: Mapping[str, str], made: str, message: str) -> None:
    """Sets the entries of the files and the branch; the entries are as before where the branch cannot be set."""
    before = _entries(repository.theirs, names)
    _write_entries(repository.theirs, names, new)
    subject = message.partition("\n")[0]
    code, _, _ = repository.theirs.run(
        "update-ref", "-m", f"commit: {subject}", "HEAD", made, repository.head or _NONE * len(made)
    )
    if code:
        _write_entries(repository.theirs, names, before)
        raise GitError("The branch has moved on, or another git is at work on it; nothing was committed. Try again.")


def _commit_as_user(repository: Repository, message: str, names: tuple[str, ...]) -> None:
    theirs = repository.theirs.of().as_user()._replace(folder=repository.top)
    new = tuple(name for name in names if not _entries(repository.theirs, (name,)))
    literal = theirs.of("--literal-pathspecs")
    if new:
        literal.says("add", "--intent-to-add", "--", *new)
    try:
        arguments = "commit", "--quiet", "--only", "-F", "-", "--", *names
        literal.says(*arguments, given=f"{message}\n".encode(), seconds=HOOKED_S)
    except GitError:
        if new:
            literal.run("reset", "--quiet", "--", *new)
        raise


def _check_filters(repository: Repository, names: tuple[str, ...]) -> None:
    """Raises GitError for a file that git would put through a program, such as those of Git LFS."""
    given = b"".join(os.fsencode(name) + b"\0" for name in names)
    ours = repository.ours.of(*repository.ours.first, "-C", repository.top)
    said = ours.says("check-attr", "-z", "--stdin", "filter", given=given).split(b"\0")
    for name, value in zip(said[::3], said[2::3], strict=False):
        if value not in (b"unspecified", b"unset", b"set", b""):
            what = f"{os.fsdecode(name)} goes through the filter {value.decode(errors='replace')}"
            raise GitError(f"{what}, which is not run here. Commit it with the repository's hooks and filters.")


def _who(theirs: Git) -> dict[str, str]:
    """The user's name and address as git knows them, as variables. Raises GitError saying how to tell git."""
    found: dict[str, str] = {}
    for kind in ("AUTHOR", "COMMITTER"):
        code, out, error = theirs.run("var", f"GIT_{kind}_IDENT")
        name, _, rest = out.decode(errors="replace").partition(" <")
        if code or not name.strip():
            said = error.decode(errors="replace").strip().rpartition("\n")[2].removeprefix("fatal: ")
            how = 'git config --global user.name "Your Name" and user.email'
            raise GitError(f"Git does not know who you are ({said or 'no name'}): run {how}, then commit again.")
        found |= {f"GIT_{kind}_NAME": name.strip(), f"GIT_{kind}_EMAIL": rest.partition(">")[0]}
    return found


def _entries(git: Git, names: tuple[str, ...], *more: str) -> dict[str, str]:
    """`mode object` of each file that is in the index of *git*."""
    top = [f":(top,literal){name}" for name in names]
    git = git.of(*git.first, GIT_LITERAL_PATHSPECS="0")
    rows = git.says("ls-files", "--stage", "--full-name", "-z", *more, "--", *top).split(b"\0")[:-1]
    found = {}
    for row in rows:
        about, _, name = row.partition(b"\t")
        mode, blob, _ = about.decode("ascii").split(" ")
        found[os.fsdecode(name)] = f"{mode} {blob}"
    return found


def _write_entries(theirs: Git, names: tuple[str, ...], entries: Mapping[str, str]) -> None:
    """Puts *entries* into the user's index and takes the other *names* out of it. Raises GitError; nothing changed."""
    gone = f"0 {_NONE * 40}"
    rows = b"".join(f"{entries.get(name, gone)}\t".encode() + os.fsencode(name) + b"\0" for name in names)
    code, _, error = theirs.run("update-index", "-z", "--index-info", given=rows)
    if code and b"index.lock" in error:
        raise GitError(
            "Another git is at work in this repository (its index.lock is there); nothing was committed. Try again, "
            "and remove that file if no git runs."
        )
    if code:
        raise GitError(f"The index cannot be written: {error.decode(errors='replace').strip()}; nothing was committed.")
