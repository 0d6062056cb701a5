"""What the hook API says about changes since the last commit. Values; standard library only."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ChangedFile:
    """A file that is not as in the last commit: `how` is modified, new, deleted or conflict.

    `diff` is the difference and `tokens` its estimated size; `reason` says why it is not sent, empty when it can be.
    """

    path: str
    how: str
    diff: str
    tokens: int
    reason: str


@dataclass(frozen=True)
class ChangeList:
    """What changed in the open project since the last commit. `kind` is unknown (it is looked at), none, failed, ready.

    `note` says why nothing is known, or what is left out. `head` is the short name of the last commit. `to_commit` are
    the files that accepted edits touched and that are in no commit yet, `draft` a message for them.
    """

    kind: str
    note: str
    branch: str
    head: str
    files: tuple[ChangedFile, ...]
    to_commit: tuple[str, ...]
    draft: str


@dataclass(frozen=True)
class AttachedDiff:
    """The difference that goes along with the next message, with its estimated tokens."""

    name: str
    tokens: int


@dataclass(frozen=True)
class Committed:
    """The short name of the commit that was made."""

    name: str
