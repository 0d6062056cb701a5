"""What exceptions of analysed code mean for a start: who catches them, and whether what follows still runs."""

from __future__ import annotations

from abc import abstractmethod

from importguard.startup.machine.recording import Recording
from importguard.startup.trace.trace import Origin
from importguard.startup.values.base import UNKNOWN, Raised, Value
from importguard.startup.values.constants import behaviour
from importguard.startup.values.exceptions import BROAD, Guard
from importguard.startup.values.frames import Frame

COMMAND_ENDS = frozenset({"Exit", "Abort"})  # what ends a command of click's or typer's and not the program


class Failures(Recording):
    """A start whose code may fail."""

    def catches(self, *names: str) -> bool:
        """Whether an enclosing `try` handles one of the exceptions *names*."""
        return any(name in caught for caught in self.catchers for name in names)

    def catches_here(self, *names: str) -> bool:
        """Whether a `try` within the innermost module body does.

        What a module does not expect itself is more likely a value that was not worked out than an error.
        """
        return any(name in caught for caught in self.catchers[self.own_catchers :] for name in names)

    def believes(self, names: tuple[str, ...], *, proven: bool) -> bool:
        """Whether we assume that an exception *names* of the running code reaches the `try` that catches it.

        What the walk has worked out of an installed package may be wrong, and packages that people analyse do load.
        So one that would leave the import of such a package must be *proven*.
        """
        if self.running_commands and not COMMAND_ENDS.isdisjoint(names):
            return True  # whoever runs the command catches it: `ctx.exit()` after `--version`
        if proven or self.frame.module.origin == Origin.FIRST_PARTY:
            return self.catches(*names)
        return self.catches_here(*names)

    def expects(self, *names: str) -> bool:
        """Whether an exception that the interpreter itself raises is taken as one.

        In the program's own modules it is wherever somebody catches it.
        """
        return self.believes(names, proven=False)

    def fail(self, kind: type[BaseException], *args: Value) -> Value:
        """The analysed program surely makes a mistake: its exception where it is expected, else unknown."""
        raised = Raised.of(kind, *args)
        raised.proven = self.frame.module.origin == Origin.FIRST_PARTY
        if self.expects(*raised.names):
            raise raised
        if raised.proven:
            self.uncaught(UNKNOWN)
        return UNKNOWN

    def mistake(self, kind: type[BaseException], *args: Value) -> Value:
        """As `fail`, where only the project's own code is believed to make it: anybody else's does start."""
        return self.fail(kind, *args) if self.frame.module.origin == Origin.FIRST_PARTY else UNKNOWN

    def uncaught(self, value: Value) -> None:
        """An exception leaves the program: `sys.excepthook` gets it, where the program has set one.

        That ends a program: where the walk goes on, and the same line fails again, the hook does not get it again.
        """
        system = self.modules.get("sys")
        hook = system.namespace.get("excepthook", UNKNOWN) if system is not None else UNKNOWN
        if hook is UNKNOWN or self.quiet or self.reporting:  # what a hook raises does not go to it
            return
        kind = behaviour(value).type_of()
        failure = id(hook), id(kind), self.frame.module.name, self.line
        if failure in self.reported:
            return
        self.reported[failure] = hook, kind  # as long as they are there, nothing else has their ids
        self.reporting = True
        try:
            self.call_perhaps(hook, [kind, value, UNKNOWN])
        finally:
            self.reporting = False

    def end(self, raised: Raised, code: Value = UNKNOWN) -> None:
        """The program ends with the SystemExit *raised*: what follows does not run, if this surely does.

        What installed packages work out may be wrong, and programs that people analyse do start: after them the
        rest is possible. So it is where a condition leads here and *code* is that of a success: `--version` was asked
        for. A program that ends with a failure there is not used like that. Of a library's code, one condition counts.
        """
        if code is not UNKNOWN:
            raised.given = (code,)
        caught, module = self.catches(*raised.names), self.frame.module
        own = module.origin == Origin.FIRST_PARTY or self.is_of_program(module.name)
        succeeds = code is None or (isinstance(code, int) and code == 0)
        if succeeds and (self.possible == 1 or (self.possible and own)):
            self.may_end()
        raised.ends = not (self.possible or self.escaping or caught or self.frame.module.origin != Origin.FIRST_PARTY)
        if self.possible or caught or raised.ends:
            raise raised
        self.escaping += 1

    def may_end(self) -> None:
        """The program may end here, for its arguments may ask for help: what follows is only possible."""
        names = Raised.of(SystemExit).names
        if self.catches(*names):
            self.risk(names)
        else:
            self.escaping += 1

    def risk(self, names: tuple[str, ...]) -> None:
        """An exception *names* may be raised here: the handler may run, and what follows may not."""
        own = self.frame.module.origin == Origin.FIRST_PARTY
        for caught in reversed(self.catchers if own else self.catchers[self.own_catchers :]):
            if not caught.isdisjoint(names):
                if isinstance(caught, Guard) and not self._is_for_other_builds(caught.frame, names):
                    caught.risks.add(names)
                    caught.escaping += 1
                    self.escaping += 1
                return

    @staticmethod
    def _is_for_other_builds(frame: Frame, names: tuple[str, ...]) -> bool:
        """Whether the body of a module of the standard library provides for *names*, as `hashlib` does for a hash that
        its build lacks: its own modules load without.
        """
        own = frame.function is None and frame.module.origin == Origin.STDLIB
        return own and "ImportError" not in names

    def doubt_success(self, *names: str) -> None:
        """Something is not followed here that may raise an exception *names*, or any where there are none."""
        own = bool(names) and self.frame.module.origin == Origin.FIRST_PARTY
        for caught in reversed(self.catchers if own else self.catchers[self.own_catchers :]):
            if not isinstance(caught, Guard) or not caught.guesses or names in caught.risks:
                return
            if caught.may_catch(names):
                caught.risks.add(names)
                in_doubt = caught.frame is self.frame or caught.isdisjoint(BROAD)
                caught.escaping += in_doubt
                self.escaping += in_doubt

    @abstractmethod
    def call_perhaps(self, callee: Value, args: list[Value]) -> None:
        """It is possible that *callee* is called with *args*."""
