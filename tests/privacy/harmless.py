"""Texts in which there is no secret: files of the packages installed beside this interpreter, drawn by a seed."""

from __future__ import annotations

import random
import sysconfig
from functools import cache
from pathlib import Path

KINDS = frozenset(
    ".py .pyi .md .txt .rst .json .toml .cfg .ini .yaml .yml .js .css .html .c .h .pxd .pyx .sh .xml .svg".split()
)
MADE_UP = frozenset({"test", "tests"})  # packages' own tests hold passwords on purpose
LARGEST = 1_000_000  # bytes, as of a file that may be sent


@cache
def _files() -> tuple[Path, ...]:
    root = Path(sysconfig.get_path("purelib"))
    found = (path for path in root.rglob("*") if path.suffix in KINDS and not MADE_UP & set(path.parts))
    return tuple(sorted(path for path in found if path.is_file()))


def draw(seed: int, count: int) -> dict[str, str]:
    """*count* texts by the path of their file."""
    texts: dict[str, str] = {}
    order = random.Random(seed).sample(_files(), len(_files()))
    for path in order:
        if len(texts) == count:
            break
        try:
            if path.stat().st_size <= LARGEST:
                texts[str(path)] = path.read_bytes().decode()
        except (UnicodeDecodeError, OSError):
            continue
    return texts
