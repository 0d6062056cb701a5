"""The target interpreter: what it is, where it looks for modules, what it holds before any import of ours.

One short subprocess asks it; nothing of the analysed program runs there.
"""

import functools
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import msgspec

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


def default_python() -> str:
    """The interpreter of the active or nearest virtual environment, else the one that runs importguard."""
    active = os.environ.get("VIRTUAL_ENV")
    for root in (Path(active) if active else None, Path.cwd() / ".venv"):
        for relative in ("bin/python", "Scripts/python.exe"):
            if root is not None and (root / relative).exists():
                return str(root / relative)
    return sys.executable


@functools.lru_cache(maxsize=8)
def probe(python: str | None = None) -> Environment:
    """The environment of *python* (a path or a command; by default `default_python()`).

    Raises EnvironmentProbeError when it does not exist, crashes, hangs for 30 s or is no Python 3.
    """
    wanted = python or default_python()
    executable = shutil.which(wanted)
    if executable is None:
        raise EnvironmentProbeError(wanted, "no such program; pass --python PATH")
    settings = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    command = [os.path.abspath(executable), "-I", "-c", _PROBE]  # absolute, not resolved: a venv's python is a link
    try:
        done = subprocess.run(command, capture_output=True, timeout=_PROBE_SECONDS, env=settings, check=True)
        answer = json.loads(done.stdout)
        return msgspec.convert(answer, Environment)
    except subprocess.TimeoutExpired as error:
        raise EnvironmentProbeError(wanted, f"no answer within {_PROBE_SECONDS} s") from error
    except subprocess.CalledProcessError as error:
        last = (error.stderr or b"").decode(errors="replace").strip().splitlines() or ["no message"]
        raise EnvironmentProbeError(wanted, f"it exited with {error.returncode}: {last[-1][:200]}") from error
    except (OSError, ValueError, msgspec.ValidationError) as error:
        raise EnvironmentProbeError(wanted, f"unusable answer: {error}") from error
