# ruff: noqa: N999  the library has this name
"""`PySide6`: what its libraries carry inside them and unpack when `QtCore` loads."""

from __future__ import annotations

from importguard.startup.machine.extensions import import_quietly, own_site
from importguard.startup.machine.state import MachineState
from importguard.startup.models.library import Library
from importguard.startup.values.modules import ModuleValue
from importguard.target.finder import Form, Found

# Modules that no file is of: they are made from a text in `libshiboken6`.
_INSIDE = "shibokensupport"
_MADE = (
    "", ".feature", ".signature", ".signature.errorhandler", ".signature.importhandler", ".signature.layout",
    ".signature.lib", ".signature.lib.enum_sig", ".signature.lib.pyi_generator", ".signature.lib.tool",
    ".signature.loader", ".signature.mapping", ".signature.parser",
)  # fmt: skip
_IMPORTED = (
    "argparse", "ast", "atexit", "base64", "datetime", "encodings.cp437", "importlib.machinery", "importlib.util",
    "inspect", "logging", "PySide6.support.deprecated", "tempfile", "textwrap", "traceback", "typing", "zipfile",
)  # fmt: skip


def _fill(machine: MachineState, module: ModuleValue) -> None:
    """Their importer is called while `QtCore` is made."""
    site = own_site(module)
    for name in _IMPORTED:
        import_quietly(machine, name, site)
    for name in (f"{_INSIDE}{part}" for part in _MADE):
        made = ModuleValue(name, Found(name, Form.BUILTIN, None), {"__name__": name})
        made.open = True
        machine.modules.setdefault(name, made)
        machine.record_made(name, made, site)


LIBRARY = Library(fill={"PySide6.QtCore": _fill})
