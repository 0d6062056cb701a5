"""The target interpreter: what it is, where it looks for modules, what it holds before any import of ours.

One short subprocess asks it; nothing of the analysed program runs there.
"""

from __future__ import annotations

import contextlib
import functools
import json
import os
import sys
from pathlib import Path

import msgspec

from importguard.cache import Cache
from importguard.disk import Disk, Seen, changed_files, digest, own_digest
from importguard.errors import EnvironmentProbeError

_PROBE_SECONDS = 30

# The snapshot of sys.modules comes first: everything after it is the probe's own.
_PROBE = r"""
import sys
bare = sorted(sys.modules)
import json, os
from importlib import machinery
names, constants = {}, {}
own = {name.partition(".")[0] for path in sys.path if path.endswith("lib-dynload") for name in os.listdir(path)}
own = {name for name in own if not name.startswith(("_test", "xx", "_xx", "_tkinter"))}
for name in sorted(own | set(sys.builtin_module_names) | {"os", "builtins"}):
    try:
        module = __import__(name)
    except Exception:
        continue
    names[name] = sorted(dir(module))
    plain = {key: value for key, value in vars(module).items() if type(value) in (bool, int, str, type(None))}
    if name not in ("sys", "os", "posix", "nt", "builtins"):
        constants[name] = {key: value for key, value in plain.items() if key[:2] != "__" and len(str(value)) < 99}
editable = {}
namespaces = {}
for finder in sys.meta_path:
    owner = sys.modules.get(getattr(finder, "__module__", None))
    editable.update(getattr(owner, "MAPPING", None) or {})
    namespaces.update(getattr(owner, "NAMESPACES", None) or {})
json.dump({
    "executable": sys.executable, "version": ".".join(map(str, sys.version_info[:3])),
    "version_info": list(sys.version_info), "platform": sys.platform, "os_name": os.name,
    "implementation": sys.implementation.name, "cache_tag": sys.implementation.cache_tag or "",
    "prefix": sys.prefix, "base_prefix": sys.base_prefix, "stdlib": os.path.dirname(os.__file__),
    "maxsize": sys.maxsize, "byteorder": sys.byteorder, "hexversion": sys.hexversion,
    "abiflags": getattr(sys, "abiflags", ""),
    "multiarch": getattr(sys.implementation, "_multiarch", ""),
    "path": [p for p in sys.path if p], "suffixes": machinery.EXTENSION_SUFFIXES, "bare": bare,
    "builtins": sorted(sys.builtin_module_names), "stdlib_names": sorted(getattr(sys, "stdlib_module_names", ())),
    "names": names, "constants": constants, "editable": editable,
    "namespaces": {k: list(v) for k, v in namespaces.items()},
}, sys.stdout)
"""


class Environment(msgspec.Struct, frozen=True):
    """A Python interpreter and its installed packages, as it would start with `-I`."""

    executable: str
    version: str
    version_info: tuple[int, int, int, str, int]
    platform: str
    os_name: str
    implementation: str
    cache_tag: str
    prefix: str
    base_prefix: str
    stdlib: str
    maxsize: int
    byteorder: str
    hexversion: int
    abiflags: str
    multiarch: str
    path: tuple[str, ...]
    suffixes: tuple[str, ...]
    bare: frozenset[str]
    builtins: frozenset[str]
    stdlib_names: frozenset[str]
    names: dict[str, frozenset[str]]  # of the modules written in C that come with the interpreter
    constants: dict[str, dict[str, bool | int | str | None]]
    editable: dict[str, str]
    namespaces: dict[str, tuple[str, ...]]
    fingerprint: str = ""  # of all of the above, as the interpreter told it; empty when put together otherwise


class _Known(msgspec.Struct, frozen=True, array_like=True):
    """An environment, and what on disk it was read from."""

    seen: Seen
    environment: Environment


def default_python() -> str:
    """The interpreter of the active or nearest virtual environment, else the one that runs importguard."""
    active = os.environ.get("VIRTUAL_ENV")
    for root in (Path(active) if active else None, Path.cwd() / ".venv"):
        for relative in ("bin/python", "Scripts/python.exe"):
            if root is not None and (root / relative).exists():
                return str(root / relative)
    return sys.executable


def probe(python: str | None = None, cache: Cache | None = None) -> Environment:
    """The environment of *python* (a path or a command; by default `default_python()`).

    Raises EnvironmentProbeError when it does not exist, crashes, hangs for 30 s or is no Python 3.
    """
    wanted = python or default_python()
    executable = wanted if os.path.isabs(wanted) and os.access(wanted, os.X_OK) else _which(wanted)
    return _probe(wanted, os.path.abspath(executable), cache)  # not resolved: a virtual environment's python is a link


def _which(wanted: str) -> str:
    import shutil

    executable = shutil.which(wanted)
    if executable is None:
        raise EnvironmentProbeError(wanted, "no such program; pass --python PATH")
    return executable


@functools.lru_cache(maxsize=8)
def _probe(wanted: str, executable: str, cache: Cache | None) -> Environment:
    name = f"python-{digest(own_digest() + executable.encode()).hex()}"
    kept = cache.load(name) if cache is not None else None
    if kept is not None:
        try:
            known = msgspec.msgpack.decode(kept, type=_Known)
        except (msgspec.DecodeError, UnicodeDecodeError):
            pass
        else:
            if changed_files(known.seen) == []:
                return known.environment
    environment = _ask(wanted, executable)
    if cache is not None:
        seen = _read_from(environment, executable)
        cache.save(name, msgspec.msgpack.encode(_Known(seen, environment)))
    return environment


def _read_from(environment: Environment, executable: str) -> Seen:
    """What decides the interpreter's answer: itself, pyvenv.cfg, and the code that `site` runs from its folders."""
    disk = Disk(("/",) if os.name == "posix" else (os.path.splitdrive(executable)[0],))
    folder = os.path.dirname(executable)
    files = [str(disk.ask("realpath", executable))]
    files += [os.path.join(place, "pyvenv.cfg") for place in (folder, os.path.dirname(folder))]
    for place in environment.path:
        try:
            names = disk.names(place)
        except OSError:
            continue
        installed = os.path.basename(place) in {"site-packages", "dist-packages"}
        ran = (".pth", ".py") if installed else ("sitecustomize.py",)
        files += [os.path.join(place, name) for name in sorted(names) if name.endswith(ran)]
    for file in files:
        with contextlib.suppress(OSError):
            disk.read(file)
    return disk.seen()


def _ask(wanted: str, executable: str) -> Environment:
    import subprocess

    settings = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    command = [executable, "-I", "-c", _PROBE]
    try:
        done = subprocess.run(command, capture_output=True, timeout=_PROBE_SECONDS, env=settings, check=True)
        answer = json.loads(done.stdout)
        answer["fingerprint"] = digest(done.stdout).hex()
        return msgspec.convert(answer, Environment)
    except subprocess.TimeoutExpired as error:
        raise EnvironmentProbeError(wanted, f"no answer within {_PROBE_SECONDS} s") from error
    except subprocess.CalledProcessError as error:
        last = (error.stderr or b"").decode(errors="replace").strip().splitlines() or ["no message"]
        raise EnvironmentProbeError(wanted, f"it exited with {error.returncode}: {last[-1][:200]}") from error
    except (OSError, ValueError, msgspec.ValidationError) as error:
        raise EnvironmentProbeError(wanted, f"unusable answer: {error}") from error
