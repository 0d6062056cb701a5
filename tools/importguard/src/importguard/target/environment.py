"""The target interpreter: what it is, where it looks for modules, what it holds before any import of ours.

Guarantees
- One short subprocess asks the interpreter, in a folder of its own, with `-I -S`: it runs the standard library and the
  text below. No `.pth` file, no sitecustomize and no module of the environment or of the project runs; what they
  would change is read from their text (`site_files`).
- Which program that is, `interpreter` decides.
"""

from __future__ import annotations

import contextlib
import functools
import json
import os
from pathlib import Path

import msgspec

from importguard.errors import EnvironmentProbeError
from importguard.storage.cache import Cache
from importguard.storage.digests import digest
from importguard.storage.disk import Disk, Seen, changes_since
from importguard.storage.own import own_digest
from importguard.target.choice import choose
from importguard.target.interpreter import Interpreter
from importguard.target.site_files import Site, read_site

_PROBE_SECONDS = 30
_MAX_ANSWER = 16 * 1024 * 1024

# What `site` does without running anything of the environment is called here; the empty .pth file is ours.
_PROBE = r"""
import sys
prefix, shares, empty = sys.argv[1:]
import site
site.setquit()
site.setcopyright()
site.sethelper()
site.addpackage(empty, "empty.pth", set())
bare = sorted(sys.modules)
base = [sys.base_prefix, sys.base_exec_prefix]
if prefix:
    sys.prefix = sys.exec_prefix = prefix
prefixes = [sys.prefix, sys.exec_prefix] + (base if shares == "True" or not prefix else [])
import _imp, json, os
from importlib import machinery
names, constants = {}, {}
folders = [path for path in sys.path if path.endswith(("lib-dynload", "DLLs"))]
own = {name.partition(".")[0] for path in folders for name in os.listdir(path)}
own = {name for name in own if not name.startswith(("_test", "xx", "_xx", "_tkinter"))}
for name in sorted(own | set(sys.builtin_module_names) | {"os", "builtins"}):
    try:
        module = __import__(name)
    except Exception:
        continue
    names[name] = sorted(dir(module))
    plain = {key: value for key, value in vars(module).items() if type(value) in (bool, int, str, type(None))}
    if name == "_ctypes":  # addresses, which differ from one process to the next
        plain = {key: value for key, value in plain.items() if not key.endswith("_addr")}
    if name not in ("sys", "os", "posix", "nt", "builtins"):
        constants[name] = {key: value for key, value in plain.items() if key[:2] != "__" and len(str(value)) < 99}
json.dump({
    "version": ".".join(map(str, sys.version_info[:3])),
    "version_info": list(sys.version_info), "platform": sys.platform, "os_name": os.name,
    "implementation": sys.implementation.name, "cache_tag": sys.implementation.cache_tag or "",
    "magic": sys.modules["_frozen_importlib_external"].MAGIC_NUMBER.hex(),
    "prefix": sys.prefix, "base_prefix": sys.base_prefix, "stdlib": os.path.dirname(os.__file__),
    "maxsize": sys.maxsize, "byteorder": sys.byteorder, "hexversion": sys.hexversion,
    "abiflags": getattr(sys, "abiflags", ""),
    "multiarch": getattr(sys.implementation, "_multiarch", ""),
    "path": [p for p in sys.path if p], "site": site.getsitepackages(prefixes),
    "suffixes": machinery.EXTENSION_SUFFIXES, "bare": bare,
    "frozen": [name for name in sorted(getattr(sys, "stdlib_module_names", ())) if _imp.is_frozen(name)],
    "builtins": sorted(sys.builtin_module_names), "stdlib_names": sorted(getattr(sys, "stdlib_module_names", ())),
    "names": names, "constants": constants,
}, sys.stdout)
"""


class Environment(msgspec.Struct, frozen=True):
    """A Python interpreter and its installed packages, as it would start with `-I`."""

    executable: str
    program: str  # what is started in its place where nothing of the environment may run
    version: str
    version_info: tuple[int, int, int, str, int]
    platform: str
    os_name: str
    implementation: str
    cache_tag: str
    magic: str  # the hexadecimal number that its bytecode begins with
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
    frozen: frozenset[str]  # top-level modules that it has in itself, before any that is on its path
    builtins: frozenset[str]
    stdlib_names: frozenset[str]
    names: dict[str, frozenset[str]]  # of the modules written in C that come with the interpreter
    constants: dict[str, dict[str, bool | int | str | None]]
    editable: dict[str, str]
    fingerprint: str = ""  # of all of the above; empty when put together otherwise
    why: str = ""  # what it was chosen by; decides nothing


class _Known(msgspec.Struct, frozen=True, array_like=True):
    """An environment, and what on disk it was read from."""

    seen: Seen
    environment: Environment


def probe(python: str | None = None, cache: Cache | None = None) -> Environment:
    """The environment of *python*, a path or a command that the user named; by default that of the active one.

    Raises EnvironmentProbeError as `probe_of` does.
    """
    return probe_of(choose(python, None, Path.cwd()), cache)


@functools.lru_cache(maxsize=8)
def probe_of(interpreter: Interpreter, cache: Cache | None = None) -> Environment:
    """The environment of *interpreter*. Raises EnvironmentProbeError: it crashes, hangs, is no Python 3."""
    asked = msgspec.structs.replace(interpreter, why="")
    return msgspec.structs.replace(_probed(asked, cache), why=interpreter.why)


def _probed(interpreter: Interpreter, cache: Cache | None) -> Environment:
    name = f"python-{digest(own_digest() + msgspec.msgpack.encode(interpreter)).hex()}"
    kept = cache.load(name) if cache is not None else None
    if kept is not None:
        try:
            known = msgspec.msgpack.decode(kept, type=_Known)
        except (msgspec.DecodeError, UnicodeDecodeError):
            pass
        else:
            if not changes_since(known.seen):
                return known.environment
    program = interpreter.program
    disk = Disk(("/",) if os.name == "posix" else (os.path.splitdrive(program)[0],))
    with contextlib.suppress(OSError):
        disk.read(str(disk.ask("realpath", program)))
    environment = _ask(interpreter, disk)
    if cache is not None:
        cache.save(name, msgspec.msgpack.encode(_Known(disk.seen(), environment)))
    return environment


def _ask(interpreter: Interpreter, disk: Disk) -> Environment:
    import subprocess
    import tempfile

    from importguard.running.answer import answer_of

    wanted = interpreter.executable
    try:
        with tempfile.TemporaryDirectory() as empty:
            Path(empty, "empty.pth").touch()
            arguments = [interpreter.prefix or "", str(interpreter.shares), empty]
            said = answer_of(
                [interpreter.program, "-I", "-S", "-c", _PROBE, *arguments],
                seconds=_PROBE_SECONDS,
                limit=_MAX_ANSWER,
                environment=without_python_settings(),
                folder=Path(empty),
            )
        answer = json.loads(said)
        site = _site(wanted, tuple(answer.pop("path")), tuple(answer.pop("site")), disk)
        answer.update(site._asdict(), executable=wanted, program=interpreter.program)
        environment = msgspec.convert(answer, Environment)
        return msgspec.structs.replace(
            environment, fingerprint=digest(msgspec.msgpack.encode(environment, order="deterministic")).hex()
        )
    except subprocess.TimeoutExpired as error:
        raise EnvironmentProbeError(wanted, f"no answer within {_PROBE_SECONDS} s") from error
    except subprocess.CalledProcessError as error:
        last = (error.stderr or b"").decode(errors="replace").strip().splitlines() or ["no message"]
        raise EnvironmentProbeError(wanted, f"it exited with {error.returncode}: {last[-1][:200]}") from error
    except (OSError, ValueError, TypeError, KeyError, AttributeError, msgspec.ValidationError) as error:
        raise EnvironmentProbeError(wanted, f"unusable answer: {error}") from error


def without_python_settings() -> dict[str, str]:
    """The environment variables of this process without those that the interpreter reads."""
    return {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}


def _site(wanted: str, path: tuple[str, ...], folders: tuple[str, ...], disk: Disk) -> Site:
    try:
        return read_site(path, folders, disk)
    except OSError as error:
        raise EnvironmentProbeError(
            wanted, f"its packages in {error.filename} cannot be read: {error.strerror}; pass --python PATH for another"
        ) from error
