"""The distributions that are installed in a target environment: what they require, which sources they brought.

Reads METADATA and RECORD; imports and runs nothing.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable, Iterator
from email.parser import BytesHeaderParser
from typing import TYPE_CHECKING, NamedTuple

from importguard.storage.regular_file import read_regular
from importguard.target.choice import normalised
from importguard.target.environment import Environment

if TYPE_CHECKING:
    from packaging.requirements import Requirement


class Distribution(NamedTuple):
    """One that is installed: `name` is normalised, `folder` holds its modules and `info`, its metadata's folder."""

    name: str
    folder: str
    info: str

    def requires(self, extras: Iterable[str], environment: Environment) -> Iterator[Requirement]:
        """What it requires in *environment* with these *extras*."""
        from packaging.requirements import InvalidRequirement, Requirement

        header = BytesHeaderParser().parsebytes(_content(os.path.join(self.info, "METADATA")))
        for text in header.get_all("Requires-Dist", ()):
            try:
                found = Requirement(text)
            except InvalidRequirement:
                continue
            if applies(found, extras, environment):
                yield found

    def sources(self) -> list[str]:
        """The Python files that it brought, by path; nothing outside its folder."""
        rows = csv.reader(_content(os.path.join(self.info, "RECORD")).decode("utf-8", "replace").splitlines())
        names = {row[0] for row in rows if row and row[0].endswith(".py")}
        paths = (os.path.normpath(os.path.join(self.folder, name)) for name in names)
        return sorted(path for path in paths if path.startswith(self.folder + os.sep))

    def modules(self) -> list[str]:
        """The top-level modules among them."""
        tops = {os.path.relpath(path, self.folder).split(os.sep)[0].removesuffix(".py") for path in self.sources()}
        return sorted(name for name in tops if name.isidentifier())


def installed(environment: Environment) -> dict[str, Distribution]:
    """Those of *environment* by normalised name; the first on its path counts."""
    found: dict[str, Distribution] = {}
    for folder in environment.path:
        try:
            entries = sorted(os.listdir(folder))
        except OSError:
            continue
        for entry in entries:
            if entry.endswith(".dist-info"):
                name = normalised(entry.removesuffix(".dist-info").partition("-")[0])
                found.setdefault(name, Distribution(name, folder, os.path.join(folder, entry)))
    return found


def applies(requirement: Requirement, extras: Iterable[str], environment: Environment) -> bool:
    """Whether its marker holds in *environment*, with one of the *extras* or none."""
    from packaging.markers import UndefinedEnvironmentName

    if requirement.marker is None:
        return True
    known = {
        "python_version": ".".join(map(str, environment.version_info[:2])),
        "python_full_version": environment.version,
        "implementation_name": environment.implementation,
        "sys_platform": environment.platform,
        "os_name": environment.os_name,
    }
    try:
        return any(requirement.marker.evaluate({**known, "extra": one}) for one in ("", *extras))
    except UndefinedEnvironmentName:
        return False


def _content(path: str) -> bytes:
    try:
        return read_regular(path)
    except OSError:
        return b""
