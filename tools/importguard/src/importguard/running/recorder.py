"""Records what a process imports: first loads with their thread and place, and waits on modules that others load.

Standard library only, and one file that knows no other: `importguard verify` runs it inside programs whose environment
has no importguard, and the pytest plugin imports it in every test run.

Guarantees
- Every first load passes `find_spec`, whoever asked: a statement, `import_module`, C code. Nothing is found here; the
  real finders answer.
- `builtins.__import__` is wrapped only from the moment at which a thread other than the main one loads something:
  before that the main thread has nothing to wait for. From Python 3.15 on it is wrapped from the beginning: the first
  use of a lazily bound name comes there, too.
- `remove` takes everything back.
"""

from __future__ import annotations

import builtins
import importlib
import os
import sys
from threading import get_ident
from time import perf_counter
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import FrameType, ModuleType

MAX_FRAMES = 12
_COROUTINE = 0x80 | 0x200  # flags of code: a coroutine, an asynchronous generator
_INITIALISING = ("create_module", "exec_module")
_MACHINERY = (os.path.abspath(__file__), importlib.__file__)  # no place of the program's


class Frame(NamedTuple):
    """Where code stood: file, line, function ("<module>" for a module's own body), module."""

    file: str
    line: int
    function: str
    module: str


class Load(NamedTuple):
    """A module's first load. `frames`, innermost first, end at the module body that asked; `at_s` is perf_counter."""

    name: str
    on_main: bool
    at_s: float
    frames: tuple[Frame, ...]
    coroutine: str = ""  # the innermost that runs, "module.name"


class Wait(NamedTuple):
    """The main thread stood still for *ms* milliseconds until another thread had loaded *name*."""

    name: str
    ms: float
    frames: tuple[Frame, ...]


class Use(NamedTuple):
    """The main thread first used a lazily bound name (PEP 810): that took *ms* milliseconds, from *at_s* on."""

    name: str
    ms: float
    at_s: float
    frames: tuple[Frame, ...]


class _Finders(list[Any]):
    """`sys.meta_path`, where whoever wants to be the first comes after the recorder."""

    def insert(self, index: Any, finder: Any) -> None:
        """As a list does, but for the first place."""
        first = index == 0 and bool(self) and isinstance(self[0], ImportRecorder)
        super().insert(1 if first else index, finder)


class ImportRecorder:
    """A meta-path finder that finds nothing. *main* is the thread that must not load or wait: by default the caller.

    *hidden*: files whose code runs the program and is no place of the program's.
    """

    def __init__(self, main: int | None = None, hidden: tuple[str, ...] = ()) -> None:
        self._hidden = (*_MACHINERY, *hidden)
        self._main = main or get_ident()
        self._removed = False
        self._loader: dict[str, int] = {}
        self._import: Any = None
        self._import_module: Any = None
        self._wrapped: Any = None
        # Tuples, because making a Load and its Frames would be half of what recording costs.
        self._seen: list[tuple[str, int, float, list[tuple[Any, int, str]]]] = []
        self.waits: list[Wait] = []
        self.uses: list[Use] = []

    @property
    def loads(self) -> list[Load]:
        """What any thread began to load, in order."""
        return [
            Load(name, thread == self._main, at_s, _named(frames), _coroutine(frames))
            for name, thread, at_s, frames in self._seen
        ]

    @property
    def modules(self) -> list[str]:
        """The names that the main thread began to load, in order."""
        return [name for name, thread, _, _ in self._seen if thread == self._main]

    def shared(self) -> list[str]:
        """The top-level packages of which both the main thread and another one have begun to load modules."""
        of_main = {name.partition(".")[0] for name, thread, _, _ in self._seen if thread == self._main}
        others = {name.partition(".")[0] for name, thread, _, _ in self._seen if thread != self._main}
        return sorted(of_main & others)

    def install(self) -> None:
        """Sees every first load from now on."""
        sys.meta_path = _Finders([self, *sys.meta_path])
        if sys.version_info >= (3, 15):
            self._wrap()

    def remove(self) -> None:
        """Sees nothing more. A second call does nothing."""
        self._removed = True
        if self in sys.meta_path:
            sys.meta_path.remove(self)
        if self._import is not None:
            # Somebody may have wrapped the wrapper: then it stays, and only hands through.
            if builtins.__import__ is self._wrapped:
                builtins.__import__ = self._import
            importlib.import_module = self._import_module

    def find_spec(self, name: str, _path: Sequence[str] | None = None, _target: ModuleType | None = None) -> None:
        """Notes the load and lets the real finders answer."""
        caller = sys._getframe(2) if sys._getframe(1).f_code.co_name == "_find_spec" else sys._getframe(1)
        if caller.f_code.co_name != "_find_and_load_unlocked":
            return  # importlib.util.find_spec asks whether a module exists; nothing is loaded
        thread = get_ident()
        on_main = thread == self._main
        self._loader[name] = thread
        self._seen.append((name, thread, perf_counter(), _frames(caller, MAX_FRAMES if on_main else 1, self._hidden)))
        if not on_main and self._import is None:
            self._wrap()

    def _wrap(self) -> None:
        original, main = builtins.__import__, self._main
        codes = _codes_of_imports() if sys.version_info >= (3, 15) else None
        self._import, self._import_module = original, importlib.import_module

        def import_(
            name: str,
            globals: Mapping[str, object] | None = None,  # noqa: A002  the name of __import__'s own parameter
            locals: Mapping[str, object] | None = None,  # noqa: A002
            fromlist: Sequence[str] | None = (),
            level: int = 0,
        ) -> ModuleType:
            if get_ident() != main or self._removed:
                return original(name, globals, locals, fromlist or (), level)
            absolute = _absolute(name, globals, level)
            wanted = _wanted(absolute, fromlist or ())
            used = codes is not None and _is_use(absolute, sys._getframe(1), codes)
            began = perf_counter()
            try:
                return self._watched(wanted, original, name, globals, locals, fromlist or (), level)
            finally:
                if used:
                    took = (perf_counter() - began) * 1000
                    self.uses.append(
                        Use(absolute, took, began, _named(_frames(sys._getframe(1), MAX_FRAMES, self._hidden)))
                    )

        def import_module(name: str, package: str | None = None) -> ModuleType:
            if get_ident() != main or self._removed:
                return self._import_module(name, package)  # type: ignore[no-any-return]
            level = len(name) - len(name.lstrip("."))
            absolute = _absolute(name[level:], {"__package__": package}, level)
            return self._watched(_wanted(absolute, ()), self._import_module, name, package)

        builtins.__import__ = self._wrapped = import_
        importlib.import_module = import_module

    def _watched(self, wanted: Sequence[str], load: Callable[..., ModuleType], *arguments: Any) -> ModuleType:
        busy = [name for name in wanted if self._loads_elsewhere(name)]
        if not busy:
            return load(*arguments)
        began = perf_counter()
        try:
            return load(*arguments)
        finally:
            took = (perf_counter() - began) * 1000
            frames = _named(_frames(sys._getframe(1), MAX_FRAMES, self._hidden))
            # A module whose load failed elsewhere was not waited for but loaded here.
            self.waits += [Wait(name, took, frames) for name in busy if self._loader[name] != self._main]

    def _loads_elsewhere(self, name: str) -> bool:
        if self._loader.get(name, self._main) == self._main:
            return False
        module = sys.modules.get(name)
        return module is None or bool(getattr(getattr(module, "__spec__", None), "_initializing", False))


def _codes_of_imports() -> tuple[int, ...]:
    """What the interpreter executes at an import statement and at a call, as numbers of its own."""
    found: list[int] = []

    def note(*_: object) -> None:
        frame = sys._getframe(1)
        found.append(frame.f_code.co_code[frame.f_lasti])

    names = {"__builtins__": {"__import__": note}}
    exec("import a", names)  # noqa: S102  a text of our own, which imports nothing
    exec("__import__('a')", names)  # noqa: S102  as above
    return tuple(found)


def _is_use(name: str, frame: FrameType, codes: tuple[int, ...]) -> bool:
    """Whether the code of *frame* came here by using a name, and neither by a statement nor by calling `__import__`.

    The import system has no lazy names: what comes from its code is an import of an extension that it initialises.
    """
    if frame.f_code.co_filename.startswith("<frozen importlib"):
        return False
    statement, call = codes
    code = frame.f_code.co_code[frame.f_lasti]
    return code != statement and (code != call or name in sys.lazy_modules)  # type: ignore[attr-defined]


def _absolute(name: str, globals_: Mapping[str, Any] | None, level: int) -> str:
    if level == 0:
        return name
    package = str((globals_ or {}).get("__package__") or "")
    base = package.rsplit(".", level - 1)[0] if level > 1 else package
    return f"{base}.{name}" if name else base


def _wanted(name: str, fromlist: Sequence[str]) -> list[str]:
    """The modules that an import of *name* touches; of a module that is there only itself and what is taken from it."""
    module = sys.modules.get(name)
    if module is None:
        parts = name.split(".")
        return [".".join(parts[: depth + 1]) for depth in range(len(parts))]
    return [name, *(f"{name}.{one}" for one in fromlist if f"{name}.{one}" in sys.modules and one not in vars(module))]


class _Extension(NamedTuple):
    """Stands for the code of a compiled module, which has no frame of its own."""

    co_filename: str
    co_name: str = "<module>"


def _frames(frame: FrameType | None, limit: int, hidden: tuple[str | None, ...]) -> list[tuple[Any, int, str]]:
    found: list[tuple[Any, int, str]] = []
    while frame is not None and len(found) < limit:
        code = frame.f_code
        file = code.co_filename
        if file.startswith("<frozen importlib"):
            spec = _extension_of(frame) if code.co_name in _INITIALISING else None
            if spec is not None:
                found.append((_Extension(str(spec.origin)), 1, spec.name))
                break
        elif file not in hidden:
            found.append((code, frame.f_lineno, frame.f_globals.get("__name__", "")))
            if code.co_name == "<module>" and not file.startswith("<"):  # exec's code has that name too
                break
        frame = frame.f_back
    return found


def _extension_of(frame: FrameType) -> Any:
    """The spec of the extension that *frame* of the import system makes or initialises; None where it is none."""
    names = frame.f_locals
    spec = names.get("spec") or getattr(names.get("module"), "__spec__", None)
    return spec if "Extension" in type(getattr(spec, "loader", None)).__name__ else None


def _named(frames: list[tuple[Any, int, str]]) -> tuple[Frame, ...]:
    return tuple(Frame(code.co_filename, line, code.co_name, module) for code, line, module in frames)


def _coroutine(frames: list[tuple[Any, int, str]]) -> str:
    for code, _, module in frames:
        if getattr(code, "co_flags", 0) & _COROUTINE:
            return f"{module}.{getattr(code, 'co_qualname', code.co_name)}"
    return ""
