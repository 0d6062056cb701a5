"""The environment variables of the analysed program: what is given, what the program sets, what is assumed of the rest.

Nobody knows them before the program runs. What the user gives counts. Else the project's own files may find a variable
set or not, so both ways are possible, and what is installed finds it unset: packages are full of switches that hardly
anybody sets, and following each of them both ways would make everything possible. Every assumption that decides
something is noted.
"""

from __future__ import annotations

from collections.abc import Sequence

from importguard.startup.machine.decisions import Asked, Decisions
from importguard.startup.trace.trace import Assumption, Origin, Taken
from importguard.startup.values.base import MISSING, PRESENT, UNKNOWN, Value
from importguard.startup.values.choice import OneOf, one_of
from importguard.startup.values.namespaces import Named

# Variables that a session of a POSIX system and of Windows always has, and those that it may have.
_ALWAYS = (frozenset({"HOME", "PATH"}), frozenset({"USERPROFILE", "PATH", "SYSTEMROOT", "TEMP", "APPDATA"}))
_MAYBE = frozenset({"LANG", "USER", "TMPDIR", "PWD", "SHELL", "TERM", "DISPLAY", "USERNAME"})


class Variables(Named):
    """Those of one walk."""

    def __init__(self, given: tuple[tuple[str, str], ...], os_name: str, others_unset: bool = False) -> None:
        self._given = dict(given)
        self._others_unset = others_unset
        self._set: dict[str, Value] = {}
        self._always = _ALWAYS[os_name == "nt"]
        self.assumed: dict[Asked, Assumption] = {}
        self.decisions = Decisions()

    def contents(self) -> dict[str, Value]:
        """Those that the program has written: MISSING where it has removed one."""
        return self._set

    def join(self, states: Sequence[dict[str, Value]]) -> None:
        """One that only some ways have set may have what they have set it to."""
        super().join(states)
        for name, value in self._set.items():
            texts = [state[name] for state in states if isinstance(state.get(name), str | OneOf)]
            if value is UNKNOWN and texts:
                self._set[name] = one_of(texts, more=True)

    def ask(self, name: Value, origin: str, module: str) -> Value:
        """The variable *name* as *module* of that origin finds it: MISSING when unset, UNKNOWN when nobody knows."""
        if not isinstance(name, str):
            return UNKNOWN
        if name in self._set:
            return self._set[name]
        if name in self._given:
            self._note(name, Taken.GIVEN, module)
            return self._given[name]
        if name in self._always:
            return PRESENT  # a text that is not empty
        if name in _MAYBE:
            return UNKNOWN
        if origin == Origin.FIRST_PARTY and not self._others_unset:
            self._note(name, Taken.OPEN, module)
            return UNKNOWN
        if origin in {Origin.FIRST_PARTY, Origin.THIRD_PARTY}:
            self._note(name, Taken.UNSET, module)
        return MISSING

    def contains(self, name: Value, origin: str, module: str) -> bool | None:
        """Whether the variable is set; None when nobody knows."""
        if isinstance(name, str) and name in self._always and name not in self._set:
            return True
        found = self.ask(name, origin, module)
        return None if found is UNKNOWN else found is not MISSING

    def deciding(self) -> tuple[Assumption, ...]:
        """What was assumed of those that decide something, by name."""
        return tuple(self.assumed[key] for key in sorted(self.assumed) if key in self.decisions.made)

    def set(self, name: Value, value: Value) -> None:
        """The program sets the variable *name*; MISSING removes it."""
        if isinstance(name, str):
            self._set[name] = value if isinstance(value, str | OneOf) or value is MISSING else UNKNOWN

    def _note(self, name: str, taken: Taken, module: str) -> None:
        self.decisions.asked.append((name, taken))
        value = self._given.get(name) if taken is Taken.GIVEN else None
        self.assumed.setdefault((name, taken), Assumption(name, taken, value, module))
