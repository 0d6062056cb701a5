"""The build backend of Sloppy, which is no package: whoever runs `pip install .` reads what to do instead.

Only pre-commit gets something: it installs the root of a repository, and means the hook, which is importguard.
"""

from __future__ import annotations

import os
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SAID = """\
Sloppy is not installed, it runs from its checkout:
    pip install uv && uv run sloppy.py
To install importguard from this checkout:
    pip install ./tools/importguard"""
NAME = "importguard_hook-1.0"


def is_for_the_hook() -> bool:
    """Whether pre-commit installs the hook: into an environment of its own, beside the checkout's files."""
    place = Path(os.environ.get("VIRTUAL_ENV", ""))
    return place.name.startswith("py_env-") and place.parent.resolve() == ROOT


def _demand_hook() -> None:
    if not is_for_the_hook():
        sys.exit(SAID)


def _nothing(*_arguments: object, **_settings: object) -> list[str]:
    _demand_hook()
    return []


def _refuse(*_arguments: object, **_settings: object) -> str:
    sys.exit(SAID)


def build_wheel(wheel_directory: str, *_arguments: object, **_settings: object) -> str:
    """A wheel without files, which needs the importguard of this checkout."""
    _demand_hook()
    name = f"{NAME}-py3-none-any.whl"
    needed = (ROOT / "tools" / "importguard").as_uri()
    metadata = f"Metadata-Version: 2.1\nName: importguard-hook\nVersion: 1.0\nRequires-Dist: importguard @ {needed}\n"
    wheel = "Wheel-Version: 1.0\nGenerator: importguard\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    folder = f"{NAME}.dist-info"
    files = {f"{folder}/METADATA": metadata, f"{folder}/WHEEL": wheel}
    record = "".join(f"{one},,\n" for one in (*files, f"{folder}/RECORD"))
    with zipfile.ZipFile(Path(wheel_directory) / name, "w") as archive:
        for path, text in {**files, f"{folder}/RECORD": record}.items():
            archive.writestr(path, text)
    return name


# The hooks of PEP 517 and PEP 660: whichever an installer calls first.
get_requires_for_build_wheel = _nothing
get_requires_for_build_sdist = get_requires_for_build_editable = _refuse
prepare_metadata_for_build_editable = build_sdist = build_editable = _refuse
