"""The build backend of Sloppy, which is no package: whoever runs `pip install .` reads what to do instead."""

from __future__ import annotations

import sys
from typing import NoReturn

SAID = """\
Sloppy is not installed, it runs from its checkout:
    pip install uv && uv run sloppy.py
To install importguard from this checkout:
    pip install ./tools/importguard"""


def _refuse(*_arguments: object, **_settings: object) -> NoReturn:
    sys.exit(SAID)


# The hooks of PEP 517 and PEP 660: whichever an installer calls first.
get_requires_for_build_wheel = get_requires_for_build_sdist = get_requires_for_build_editable = _refuse
prepare_metadata_for_build_wheel = prepare_metadata_for_build_editable = _refuse
build_wheel = build_sdist = build_editable = _refuse
