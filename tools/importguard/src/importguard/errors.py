"""What importguard raises. Caught only in `cli`; each error carries fields and says the next step."""

HOME = ""  # the address of the project's pages; reports link to them once there is one
REPORT_TO = f"{HOME}/issues" if HOME else "the project that importguard comes from"


class ImportGuardError(Exception):
    """Something kept importguard from checking. `str()` is one sentence fit for a user; exit code 2."""


class ConfigError(ImportGuardError):
    """A configuration file, option, baseline, lock or manifest is not usable."""

    def __init__(self, path: str, key: str, expected: str) -> None:
        self.path, self.key, self.expected = path, key, expected
        where = f"{path}: `{key}`" if key else path
        super().__init__(f"{where}: {expected}")


class SourceError(ImportGuardError):
    """A source file cannot be read or parsed. Reported as IG502 unless it is the entry itself."""

    def __init__(self, path: str, line: int, reason: str) -> None:
        self.path, self.line, self.reason = path, line, reason
        super().__init__(f"{path}:{line}: {reason}")


class EnvironmentProbeError(ImportGuardError):
    """The target interpreter does not say which Python it is and where its modules are."""

    def __init__(self, python: str, reason: str) -> None:
        self.python, self.reason = python, reason
        super().__init__(f"cannot probe the interpreter {python}: {reason}")


class CostMeasurementError(ImportGuardError):
    """The target interpreter crashed or hung while its imports were timed."""

    def __init__(self, module: str, reason: str) -> None:
        self.module, self.reason = module, reason
        super().__init__(f"cannot measure {module}: {reason}")


class VerifyError(ImportGuardError):
    """The program could not be run to the end that was asked for, so nothing can be said of it."""

    def __init__(self, command: str, reason: str) -> None:
        self.command, self.reason = command, reason
        super().__init__(f"cannot verify {command}: {reason}")


class FixError(ImportGuardError):
    """The plan's cuts could not be made, or were taken back. Nothing is changed then."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)
