"""Compiled modules: what they import by themselves, where a table, their source or their stub says so."""

from __future__ import annotations

import functools
import json
import os
import re
from importlib import resources

from importguard.source.import_site import ImportKind, ImportSite, Location
from importguard.startup.machine.branches import perhaps
from importguard.startup.machine.state import MachineState
from importguard.startup.trace.trace import Origin
from importguard.startup.values.base import UNKNOWN, Raised, Value
from importguard.startup.values.modules import ModuleValue
from importguard.storage.disk import Disk
from importguard.target.finder import read_source

_MYPYC = "__mypyc"
_MYPYC_LIBRARY = re.compile(rb"\0([\w.]+__mypyc)\0")
_LIBRARY_IMPORTS = {  # what code that mypyc makes imports when it is loaded, by what it then holds
    b"importlib._bootstrap": "importlib._bootstrap",
    b"importlib.machinery": "importlib.machinery",
    b"librt.internal._C_API": "librt.internal",
}
# What a library in C must call to import by name, or to run a text that imports.
_CAN_IMPORT = re.compile(rb"\0Py(?:Import_Import|Run_|Eval_EvalCode)")
_IN_STUB = re.compile(rb"^(?:import|from) ([\w.]+)", re.MULTILINE)


@functools.cache
def extension_imports(version: str) -> dict[str, tuple[str, ...]]:
    """Extension module to the modules its initialisation imports in the Python *version*: generated tables.

    What the interpreter ships has a part for each version that is unlike the ones before.
    """
    folder = resources.files("importguard.startup")
    table = json.loads(folder.joinpath("extension_imports.json").read_bytes())
    own = json.loads(folder.joinpath("own_extension_imports.json").read_bytes())
    latest = max(own, key=_numbers)
    if _numbers(version) > _numbers(latest):  # a Python that nobody has recorded yet is most like the last one
        version = latest
    return {name: tuple(imported) for name, imported in (table | own.get(version, {})).items()}


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


def import_known(machine: MachineState, module: ModuleValue) -> None:
    """What the table says that *module* imports; where it says nothing, what can be seen of that."""
    version = ".".join(map(str, machine.environment.version_info[:2]))
    known = extension_imports(version).get(module.name)
    unknown = known is None and not module.name.endswith(_MYPYC)  # of such a library its doors' sources tell
    if unknown and module.origin in {Origin.THIRD_PARTY, Origin.FIRST_PARTY}:
        _import_unknown(machine, module)
    for name in known or ():
        import_quietly(machine, name, own_site(module))


def _import_unknown(machine: MachineState, module: ModuleValue) -> None:
    """*module* is in no table: it may import what its stub names of its own package, and more where it can at all."""
    path, disk = module.found.path or "", machine.finder.disk
    folder, file = os.path.split(path)
    stub = file.partition(".")[0] + ".pyi"
    named: list[bytes] = []
    try:
        if _is_beside(machine, path, stub):
            named = _IN_STUB.findall(read_source(os.path.join(folder, stub), disk))
        can_import = _CAN_IMPORT.search(read_source(path, disk)) is not None
    except OSError:
        return
    top = module.name.partition(".")[0]
    beside = dict.fromkeys(one.decode() for one in named if one.startswith(f"{top}.".encode()))

    def import_all() -> None:
        for name in beside:
            import_quietly(machine, name, own_site(module))

    if beside:
        perhaps(machine, machine.frame, import_all)
    if can_import:
        machine.record_stop(machine.frame, f"what the compiled module {module.name} imports is not known")


def _is_beside(machine: MachineState, path: str, file: str) -> bool:
    return file in machine.finder.listing(os.path.dirname(path))


def sibling_source(machine: MachineState, module: ModuleValue) -> str | None:
    """A compiled module that ships its source (mypyc, Cython's pure mode) runs what the source says."""
    extension = module.found.path or ""
    directory, file = os.path.split(extension)
    sibling = file.partition(".")[0] + ".py"
    if not _is_beside(machine, extension, sibling):
        return None
    compiled, library = _marks(extension, machine.finder.disk)
    if library is not None:
        _load_library(machine, library, own_site(module))
    return os.path.join(directory, sibling) if compiled else None


def _load_library(machine: MachineState, library: str, site: ImportSite) -> None:
    """The shared library of modules compiled by mypyc, and what its code imports by names that stand in it."""
    known = library in machine.modules
    import_quietly(machine, library, site)
    found = machine.modules.get(library)
    if known or found is None or found.found.path is None:
        return
    try:
        content = read_source(found.found.path, machine.finder.disk)
    except OSError:
        return
    for mark, name in _LIBRARY_IMPORTS.items():
        if mark in content:
            import_quietly(machine, name, site)


def _marks(extension: str, disk: Disk) -> tuple[bool, str | None]:
    """Whether an extension was made from Python source, by the marks that mypyc and Cython leave in it.

    Second, the shared library that a module compiled by mypyc is only a door to.
    """
    try:
        content = read_source(extension, disk)
    except OSError:
        return False, None
    library = _MYPYC_LIBRARY.search(content)
    compiled = library is not None or b"mypyc_" in content or b"__pyx_" in content
    return compiled, library[1].decode() if library is not None else None


def own_site(module: ModuleValue) -> ImportSite:
    """The place of what *module* imports by itself."""
    location = Location(module.found.path or f"<{module.name}>", 1)
    return ImportSite(module.name, module.name, ImportKind.EAGER, location)


def import_quietly(machine: MachineState, name: str, site: ImportSite) -> Value:
    """Load *name* for an importer that would have handled it: a failure is no event of the program's."""
    try:
        return machine.load(name, site)
    except Raised:
        return UNKNOWN
