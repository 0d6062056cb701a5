"""What changed in a project since the last commit: files, and differences as far as they may be sent. On the pool.

Guarantees
- Nothing of the repository is run (`src.project.git_repository`), and nothing in it is written.
- A difference is kept back when its file holds secrets by its name, is taken out by the project's patterns, or has a
  text in it that looks like a secret and that the user did not accept.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Literal

from importguard import Patterns
from src.models.estimate import estimate
from src.privacy.detector import find_secret, secret_name
from src.privacy.redactor import current
from src.project.file import Project
from src.project.git_program import TooLongError
from src.project.git_repository import Repository
from src.storage.inside import is_inside
from src.value import Value

How = Literal["modified", "new", "deleted", "conflict"]
Kind = Literal["unknown", "none", "failed", "ready"]
MAX_CHANGES = 2_000
MAX_DIFF = 1_000_000  # bytes of all differences
LETTERS: Mapping[str, str] = {"modified": "M", "new": "A", "deleted": "D", "conflict": "!"}
_FIELDS = {b"1": 8, b"u": 10, b"?": 1}  # before the path, by the kind of a row
_HEAD = "diff --git "
_DIFF = ("--no-ext-diff", "--no-textconv", "--no-renames", "--no-color", "--ignore-submodules=all", "--diff-filter=u")


class Change(Value):
    """A file that is not as in the last commit, by its path from the project's folder.

    `diff` is the difference, empty when it is not sent: `reason` says why.
    """

    path: str
    how: How
    diff: str = ""
    tokens: int = 0
    reason: str = ""

    @property
    def letter(self) -> str:
        """How it changed, in one letter."""
        return LETTERS[self.how]


class GitState(Value):
    """What is known of the project's repository. `note` says why nothing is, or what is left out.

    `branch` and `head`, the short name of the last commit, are empty where there is none; `by_path` has the change of
    each file, `folders` those that some change is below, `root` is the real path of the project's folder.
    """

    kind: Kind = "unknown"
    note: str = ""
    branch: str = ""
    head: str = ""
    changes: tuple[Change, ...] = ()
    by_path: Mapping[str, Change] = {}
    folders: frozenset[str] = frozenset()
    root: str = ""

    @property
    def place(self) -> str:
        """Branch and commit in a few words."""
        if not self.head:
            return f"{self.branch}, no commit yet" if self.branch else "no commit yet"
        return f"{self.branch or 'no branch'} at {self.head}"


def look(repository: Repository, project: Project) -> GitState:
    """What changed in *project*. Raises GitError."""
    found, note = _files(repository)
    if len(found) > MAX_CHANGES:
        note = f"Only the first {MAX_CHANGES:,} of {len(found):,} changes are shown."
        found = dict(sorted(found.items())[:MAX_CHANGES])
    diffs, more = _diffs(repository, found)
    exclude = Patterns.of(project.exclude)
    changes = tuple(
        _change(project, exclude, path, how, diffs.get(path)) for path, how in sorted(found.items()) if path
    )
    folders = {part for change in changes for part in _above(change.path)}
    by_path = {change.path: change for change in changes}
    head = repository.head[:9]
    note, root = note or more, repository.folder
    return GitState("ready", note, repository.branch, head, changes, by_path, frozenset(folders), root)


def together(changes: tuple[Change, ...]) -> str:
    """The differences of *changes* as one text."""
    return "".join(change.diff for change in changes)


def _files(repository: Repository) -> tuple[dict[str, How], str]:
    """Each file that changed, by its path from the project's folder, and what is left out."""
    asked = "status", "--porcelain=v2", "-z", "--no-renames", "--ignore-submodules=all", "--no-ahead-behind"
    try:
        said, note = repository.ours.says(*asked, "--untracked-files=all", "--", "."), ""
    except TooLongError:
        said = repository.ours.says(*asked, "--untracked-files=no", "--", ".")
        note = "There are too many files that git does not know; only those that it knows are shown."
    found: dict[str, How] = {}
    for row in said.split(b"\0"):
        if row[:1] not in _FIELDS:
            continue
        path = repository.inside(os.fsdecode(row.split(b" ", _FIELDS[row[:1]])[-1]))
        if path:
            found[path] = "modified" if path in found else _how(row)
    return found, note


def _how(row: bytes) -> How:
    """How the file of a row of `git status --porcelain=v2` changed; of both letters the folder's comes second."""
    kind, letters = row[:1], row[2:4]
    if kind == b"u":
        return "conflict"
    if kind == b"?" or b"A" in letters:
        return "new"
    return "deleted" if letters in (b"D.", b".D", b"MD") else "modified"


def _diffs(repository: Repository, found: Mapping[str, How]) -> tuple[dict[str, str], str]:
    """The difference of each file that has one, and what is left out."""
    if not found:
        return {}, ""
    ours = repository.ours
    new = [os.fsencode(repository.from_top(path)) for path, how in found.items() if how == "new"]
    if new:  # with its name in our index, a new file has a difference as any other
        ours.run("--literal-pathspecs", "-C", repository.top, "add", "--intent-to-add", "--pathspec-from-file=-",
                 "--pathspec-file-nul", given=b"\0".join(new))  # fmt: skip
    base = repository.head or ours.says("hash-object", "-t", "tree", "--stdin").decode().strip()
    asked = "diff", *_DIFF, base, "--", "."
    names = ours.says(*asked[:-2], "--name-only", "-z", "--", ".").split(b"\0")[:-1]
    try:
        text = ours.says(*asked, limit=MAX_DIFF).decode(errors="replace")
    except TooLongError:
        return {}, f"The differences are more than {MAX_DIFF // 1_000_000} MB and are not shown."
    pieces = [f"{_HEAD}{piece}" for piece in f"\n{text}".split(f"\n{_HEAD}")[1:]]
    if len(pieces) != len(names):
        return {}, "The differences are not in the form that git gives; they are not shown."
    paths = [repository.inside(os.fsdecode(name)) for name in names]
    return {path: f"{piece.removesuffix(chr(10))}\n" for path, piece in zip(paths, pieces, strict=True)}, ""


def _change(project: Project, exclude: Patterns, path: str, how: How, diff: str | None) -> Change:
    reason = _held_back(project, exclude, path)
    if not reason and not diff:
        reason = "there is no difference to show"
    if not reason and diff and (found := current().find_known(diff) or find_secret(diff, project.not_secret)):
        reason = f"the difference holds {found}"
    return Change(path, how, reason=reason) if reason or not diff else Change(path, how, diff, estimate(diff))


def _held_back(project: Project, exclude: Patterns, path: str) -> str:
    if secret_name(path.rpartition("/")[2]):
        return "it holds secrets by its name"
    full = os.path.join(os.path.realpath(project.folder), path)
    if not any(is_inside(root, full) for root in project.roots):
        return "it is outside the project's folders"
    if path not in project.chosen and path not in project.pinned and exclude.decide(path):
        return "excluded by the project's patterns"
    return ""


def _above(path: str) -> list[str]:
    parts = path.split("/")
    return ["/".join(parts[:count]) for count in range(1, len(parts))]
