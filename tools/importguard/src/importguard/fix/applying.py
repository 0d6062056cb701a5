"""Edits written to the project's files, all or none, and taken back unless the start then loads what was promised.

**Guarantees**
- Each file is written beside itself and renamed. When anything fails, each file has its old content again.
- A file that is not as it was read is not written, and then none is.
- `verify_with` is the only place here that runs anything of the project, and only on demand.
"""

from __future__ import annotations

import contextlib
import os
import shlex
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from importguard import manifest
from importguard.analysis import Analysis
from importguard.errors import FixError
from importguard.fix.proposal import Edit, Proposal
from importguard.running.tree import end_tree
from importguard.storage.regular_file import read_regular
from importguard.storage.seal import without_secrets

_GIT_SECONDS = 60
_VERIFY_SECONDS = 3600
_TAIL = 2000  # bytes of what a failing command says


def demand_clean(root: Path) -> None:
    """Raises FixError when the git tree of *root* has changes that are not committed. Outside of git all is well."""
    try:
        said = _git(root, "config", "--name-only", "--get-regexp", r"^filter\..*\.(clean|process)$")
        # Programs that the repository's configuration names do not run.
        silent = [word for name in dict.fromkeys((said or "").split()) for word in ("-c", f"{name}=")]
        asked = "status", "--porcelain", "--untracked-files=no"
        status = _git(root, "-c", "core.fsmonitor=false", *silent, *asked)
        if status is None and _git(root, "rev-parse", "--git-dir") is None:
            return
    except FileNotFoundError:
        return
    except (OSError, subprocess.TimeoutExpired) as error:
        raise FixError(f"git cannot be asked whether the tree is clean: {error}; pass --allow-dirty") from error
    if status is None:
        raise FixError(f"git does not say whether the tree of {root} is clean; run git status, or pass --allow-dirty")
    changed = [line[3:] for line in status.splitlines()]
    if changed:
        more = f" and {len(changed) - 1} more" if len(changed) > 1 else ""
        raise FixError(f"{changed[0]}{more} has changes that are not committed; commit them or pass --allow-dirty")


def _git(root: Path, *words: str) -> str | None:
    """What git says; None where it fails, as it does outside of a repository."""
    done = subprocess.run(
        ["git", *words], cwd=root, capture_output=True, timeout=_GIT_SECONDS, check=False, stdin=subprocess.DEVNULL
    )
    return None if done.returncode else done.stdout.decode(errors="replace")


def apply(proposal: Proposal, analyse_again: Callable[[], Analysis], verify: str | None, folder: Path) -> None:
    """Writes the edits, and the manifest of what they warm.

    Raises FixError, with every file as it was, when the saving is not there or *verify* fails.
    """
    written: list[Edit] = []
    path = manifest.manifest_path(proposal.analysis.start) if proposal.warms else None
    before = _content(str(path)) if path is not None else None
    try:
        for edit in proposal.edits:
            if _content(edit.original.path) != edit.original.content:
                raise FixError(f"{edit.original.path} has changed meanwhile; run fix again")
        for edit in proposal.edits:
            _replace(edit.original.path, edit.content)
            written.append(edit)
        after = analyse_again()
        left = proposal.saved & after.graph.start
        if left:
            raise FixError(f"the start still loads {min(left)}, so everything is as it was before")
        if path is not None:
            manifest.write(path, after.manifest)
        if verify is not None:
            verify_with(verify, folder)
    except BaseException:
        if path is not None and _content(str(path)) != before:
            _restore(path, before)
        _take_back(written)
        raise


def _restore(path: Path, content: bytes | None) -> None:
    if content is None:
        path.unlink(missing_ok=True)
    else:
        _replace(str(path), content)


def verify_with(command: str, folder: Path) -> None:
    """Runs *command* of the project in *folder*. Raises FixError when it fails."""
    taken_back = "so everything is as it was before"
    with tempfile.TemporaryFile() as said:
        try:
            process = subprocess.Popen(
                shlex.split(command),
                cwd=folder,
                env=without_secrets(os.environ),
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
                start_new_session=os.name == "posix",
            )
        except (OSError, ValueError, IndexError) as error:
            raise FixError(f"`{command}` cannot be run ({error}), {taken_back}") from error
        try:
            code = process.wait(_VERIFY_SECONDS)
        except subprocess.TimeoutExpired as error:
            raise FixError(f"`{command}` takes longer than {_VERIFY_SECONDS} s, {taken_back}") from error
        finally:
            end_tree(process)
        if code:
            said.seek(max(0, said.tell() - _TAIL))
            tail = said.read(_TAIL).decode(errors="replace").strip()
            raise FixError(f"`{command}` failed with exit code {code}, {taken_back}. It said:\n{tail}")


def _content(path: str) -> bytes | None:
    try:
        return read_regular(path)
    except OSError:
        return None


def _replace(path: str, content: bytes) -> None:
    """Raises FixError. The file has its old permissions."""
    place = Path(path)
    scratch = place.with_name(f".{place.name[:100]}.{os.urandom(8).hex()}")
    try:
        mode = os.stat(path).st_mode & 0o7777
        with open(scratch, "xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(scratch, mode)
        os.replace(scratch, path)
    except OSError as error:
        with contextlib.suppress(OSError):
            scratch.unlink()
        raise FixError(f"{path} cannot be written: {error.strerror or error}; nothing is changed") from error


def _take_back(written: Sequence[Edit]) -> None:
    """What somebody has changed after the edit stays as they left it."""
    lost = []
    for edit in written:
        if _content(edit.original.path) == edit.content:
            try:
                _replace(edit.original.path, edit.original.content)
            except FixError:
                lost.append(edit.original.path)
        else:
            lost.append(edit.original.path)
    if lost:
        raise FixError(f"{', '.join(lost)} could not be taken back; git diff shows what is changed")
