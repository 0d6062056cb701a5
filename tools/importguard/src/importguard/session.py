"""What the analyses of one command share: a cache, what was seen of the disk, the interpreters that were asked."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from importguard.errors import ConfigError
from importguard.project.start import Start
from importguard.source.suppressions import MARK
from importguard.storage.cache import Cache, user_cache
from importguard.storage.disk import Now
from importguard.storage.own import remember_in
from importguard.target.choice import choose
from importguard.target.environment import Environment, probe_of


class Session:
    """Lives as long as one command: a file that several starts load is read once, an interpreter is asked once.

    `python` is the interpreter that the user names; it takes the place of the configured ones. Without `costs` the
    committed costs are not read, without `seen` what runs have shown is not. `variables` are those of the environment
    that the user gives.
    """

    def __init__(
        self,
        cache: Cache | None,
        now: Now,
        python: str | None = None,
        variables: Mapping[str, str] | None = None,
        *,
        costs: bool = True,
        seen: bool = True,
    ) -> None:
        self.cache, self.now, self.python, self.costs, self.seen = cache, now, python, costs, seen
        self._variables = dict(variables or {})
        if cache is not None:
            remember_in(cache)
        self._fixed: Environment | None = None
        self._asked: dict[tuple[str | None, str], Environment] = {}

    @classmethod
    def of_user(
        cls,
        python: str | None = None,
        variables: Mapping[str, str] | None = None,
        *,
        costs: bool = True,
        seen: bool = True,
    ) -> Session:
        """A session with the user's own cache."""
        return cls(user_cache(), Now(MARK), python, variables, costs=costs, seen=seen)

    def variables_of(self, start: Start) -> dict[str, str]:
        """The environment variables that are given for *start*; those of the command line come first."""
        return {**start.config.env, **self._variables}

    def within(self, environment: Environment, now: Now | None = None) -> Session:
        """The same session with *environment* for every start, and with another disk, if *now* is one."""
        other = Session(self.cache, now or self.now, self.python, self._variables, costs=self.costs, seen=self.seen)
        other._fixed = environment
        return other

    def environment_of(self, start: Start) -> Environment:
        """The target environment of *start*.

        Raises EnvironmentProbeError when its interpreter does not answer, ConfigError for one of its `paths` that is no
        folder.
        """
        if self._fixed is not None:
            return self._fixed
        for named in start.config.paths:
            if not (start.project.root / named).is_dir():
                raise ConfigError(str(start.project.file), "paths", f"{named} is no folder; name folders with modules")
        asked = start.config.python, os.path.dirname(start.path)
        if asked not in self._asked:
            configured, beside = asked
            interpreter = choose(self.python, configured, start.project.root, Path(beside) if beside else None)
            self._asked[asked] = probe_of(interpreter, self.cache)
        return self._asked[asked]
