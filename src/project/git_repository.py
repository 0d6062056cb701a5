"""The git repository that a project is in, and one of our own beside it, in which it is looked at.

A repository that was cloned or unpacked may name programs in its configuration: hooks, filters, an external diff, a
file system monitor, a pager. Ours has none of that.

Guarantees
- In the user's repository names and values are asked (`rev-parse`, `config --get`, `var`): nothing of it is run.
- Files and objects are compared in our own repository, which borrows the objects and has a copy of the index: there is
  no configuration in it but the values of `_KEPT`. The user's index and branches are not written by looking.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator

from src.project.git_program import Git, GitError
from src.storage.inside import is_inside
from src.storage.stored_file import regular
from src.value import Value

MAX_INDEX = 128_000_000  # bytes
_MAX_RULES = 1_000_000  # bytes of info/exclude, info/attributes
BIG_FILE = "2m"  # a larger file is compared as bytes
# How a file in the folder and its content in a commit belong together. None of them names a program or a place.
_KEPT = {
    "core.autocrlf": ("true", "false", "input"),
    "core.eol": ("lf", "crlf", "native"),
    "core.filemode": ("true", "false"),
    "core.ignorecase": ("true", "false"),
    "core.symlinks": ("true", "false"),
    "core.precomposeunicode": ("true", "false"),
    "core.trustctime": ("true", "false"),
    "core.checkstat": ("default", "minimal"),
}
# No fsmonitor, no hooks: git begins with these in the user's repository.
GUARDED = ("-c", "core.fsmonitor=false", "-c", f"core.hooksPath={os.devnull}")


class NoRepositoryError(GitError):
    """The project is in no repository."""


class Repository(Value):
    """`theirs` is git in the user's repository, `ours` in our own over the same files; `top` the folder of the files.

    `head` is the last commit, empty before the first; `branch` is empty when HEAD is on none.
    """

    theirs: Git
    ours: Git
    top: str
    folder: str
    own: str
    objects: str
    head: str
    branch: str

    def inside(self, path: str) -> str:
        """The path of a file from the top, as git has it, seen from the project's folder; empty when it is outside."""
        full = os.path.join(self.top, path)
        return os.path.relpath(full, self.folder).replace(os.sep, "/") if is_inside(self.folder, full) else ""

    def from_top(self, path: str) -> str:
        """The path of a file seen from the project's folder, as git has it."""
        return os.path.relpath(os.path.join(self.folder, path), self.top).replace(os.sep, "/")


@contextlib.contextmanager
def opened(git: Git) -> Iterator[Repository]:
    """The repository that the folder of *git* is in. Raises NoRepositoryError, and GitError where git refuses it."""
    theirs = git.of(*GUARDED)
    code, out, error = theirs.run("rev-parse", "--show-toplevel")
    if code:
        if b"not a git repository" in error or not error:
            raise NoRepositoryError("The project is in no git repository.")
        theirs.says("rev-parse", "--show-toplevel")  # says why
    top = os.path.realpath(os.fsdecode(out).removesuffix("\n"))
    folder = os.path.realpath(git.folder)
    if not is_inside(top, folder):
        raise NoRepositoryError("The git repository that the project is in is about another folder.")
    names = ("objects", "index", "info/exclude", "info/attributes")
    asked = [word for name in names for word in ("--git-path", name)]
    said = os.fsdecode(theirs.says("rev-parse", "--path-format=absolute", "--show-object-format", *asked)).split("\n")
    if len(said) != len(names) + 2:
        raise GitError("The name of git's folder has a line end; rename it.")
    form, objects, index, *rules = said[:-1]
    head = _first_line(theirs, "rev-parse", "--verify", "--quiet", "HEAD^{commit}")
    if not head and _first_line(theirs, "rev-parse", "--verify", "--quiet", "HEAD"):
        raise GitError("The last commit of the repository cannot be read; run git fsck in a terminal.")
    branch = _first_line(theirs, "symbolic-ref", "--quiet", "--short", "HEAD")
    with tempfile.TemporaryDirectory(prefix="sloppy-git-") as own:
        _make_own(own, form, head, theirs)
        with open(os.path.join(own, "objects", "info", "alternates"), "wb") as file:
            file.write(os.fsencode(objects) + b"\n")
        _copy(index, os.path.join(own, "index"), MAX_INDEX)
        for path in rules:
            _copy(path, os.path.join(own, "info", os.path.basename(path)), _MAX_RULES)
        variables = {
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_ATTR_NOSYSTEM": "1",
            "GIT_NO_REPLACE_OBJECTS": "1",
            "GIT_ALLOC_LIMIT": "256m",  # at a time: an object may be a small change of a huge one
        }
        ours = git.of(f"--git-dir={own}", f"--work-tree={top}", **variables)
        yield Repository(theirs, ours, top, folder, own, objects, head, branch)


def _make_own(own: str, form: str, head: str, theirs: Git) -> None:
    for name in ("refs", "objects/info", "info"):
        os.makedirs(os.path.join(own, name))
    _write(own, "HEAD", f"{head}\n" if head else "ref: refs/heads/none\n")
    rows = ["[core]\n\tbare = false\n\trepositoryformatversion = 1\n", f"\tbigFileThreshold = {BIG_FILE}\n"]
    _, said, _ = theirs.run("config", "--null", "--get-regexp", f"^({'|'.join(_KEPT)})$")
    for row in said.decode(errors="replace").split("\0"):
        name, _, value = row.partition("\n")
        if value.lower() in _KEPT.get(name, ()):
            rows.append(f"\t{name.removeprefix('core.')} = {value.lower()}\n")
    _write(own, "config", f"{''.join(rows)}[extensions]\n\tobjectFormat = {form}\n")


def _write(own: str, name: str, text: str) -> None:
    with open(os.path.join(own, name), "w", encoding="ascii") as file:
        file.write(text)


def _copy(source: str, target: str, limit: int) -> None:
    """Copies a regular file with its times, by which git tells what changed in the moment when it was written."""
    with contextlib.suppress(FileNotFoundError, NotADirectoryError), open(source, "rb", opener=regular) as file:
        if os.fstat(file.fileno()).st_size > limit:
            raise GitError(f"{source} has more than {limit // 1_000_000} MB; it is not looked at.")
        with open(target, "wb") as copied:
            shutil.copyfileobj(file, copied)
        about = os.fstat(file.fileno())
        os.utime(target, ns=(about.st_atime_ns, about.st_mtime_ns))


def _first_line(git: Git, *arguments: str) -> str:
    code, out, _ = git.run(*arguments)
    return "" if code else out.decode(errors="replace").partition("\n")[0].strip()
