"""What a configuration may say: the tables and their keys. Values only."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import msgspec


class Warmup(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The `[warmup]` table: what the manifest says beyond what the code asks for."""

    modules: tuple[str, ...] = ()  # warmed although no `_require_warmed` names them
    factories: dict[str, str] = {}  # module → "package.module:callable", called after its import
    priority: dict[str, int] = {}  # module → higher goes first
    lazy: bool | None = None  # heavy lazy imports are jobs, too; None: from Python 3.15 on
    cold: tuple[str, ...] = ()  # but not these, which load at their first use


class Verify(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The `[verify]` table: how `importguard verify` runs the program, and when it has seen enough."""

    command: tuple[str, ...] = ()  # script and arguments, or "-m", module and arguments; by default the entry alone
    until: Literal["exit", "ready", "start", "timeout"] = (
        "exit"  # the program's own end, its warmup's, `ready_at`, timeout_s
    )
    timeout_s: float = 60.0
    ignore: tuple[str, ...] = ()  # modules that only the command loads, a test's driver for example


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An application's policy. Paths are relative to the file's directory."""

    # The start, by at most one of these keys.
    entry: str | None = None  # a script, a folder with a __main__.py, a .pyz
    run_module: str | None = None
    import_: str | None = msgspec.field(name="import", default=None)
    module: str | None = None  # the older name of `import`
    command: str | None = None
    subcommands: str | None = None  # "package.cli:main", the function or the group that a console script would call
    pytest: str | None = None  # a file or folder of tests: what their collection imports
    args: tuple[str, ...] | None = None  # what `sys.argv` holds after its first item; None: not known
    ready_at: str | tuple[str, ...] = ()  # "package.module:callable" or "file.py:LINE": there the start is over
    deadline_ms: float | None = None  # IG203: the cost of what loads before that
    preset: Literal["mcp", "cli-help", "http-ready", "lambda"] | None = None  # values for keys that are not set
    python: str | None = None
    paths: tuple[str, ...] = ()  # folders on the program's search path, as with PYTHONPATH
    heavy_ms: float = 30.0
    lock: str | None = None  # IG202: the committed set of modules that the start loads
    pythons: tuple[str, ...] = ()  # "3.12": what the lock holds for; by default what requires-python allows
    platforms: tuple[str, ...] = ("linux", "darwin", "win32")
    baseline: str | None = None  # findings that are accepted for now
    budget_modules: int | None = None  # IG201: modules that the start may load
    budget_ms: float | None = None  # IG201: their estimated cost
    command_budgets: dict[str, float] = {}  # `importguard commands`: sub-command, "--help" or "*" → milliseconds
    event_loop: bool = False  # IG306: whether a heavy import in a coroutine is an error
    bytecode: bool = False  # IG204: whether every module of the start must have valid bytecode
    heavy: tuple[str, ...] = ()
    allow: tuple[str, ...] = ()
    governed: tuple[str, ...] = ()
    manifest: str | None = None
    warm_calls: tuple[str, ...] = ("_require_warmed", "require_warmed")
    lazy_imports: str = ""
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    error: tuple[str, ...] = ()  # codes whose notes and warnings fail the check all the same
    env: dict[str, str] = {}  # environment variables that the program finds
    per_path: dict[str, tuple[str, ...]] = msgspec.field(name="per-path", default={})  # gitignore pattern → codes
    warmup: Warmup = Warmup()
    verify: Verify = Verify()

    @property
    def ready_points(self) -> tuple[str, ...]:
        """The places of which the first that the main thread reaches ends the start; none: it has its own end."""
        return (self.ready_at,) if isinstance(self.ready_at, str) else self.ready_at


def is_listed(name: str, listed: Iterable[str]) -> bool:
    """*name* or one of its parent packages is in *listed*."""
    return any(name == one or name.startswith(f"{one}.") for one in listed)
