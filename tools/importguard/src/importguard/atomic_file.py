"""The one way importguard replaces a file: whole or not at all."""

import os
from pathlib import Path

from importguard.errors import ConfigError


def replace_file(path: Path, text: str, key: str) -> None:
    """Write *text* beside *path*, then rename. Raises ConfigError, naming the configuration's *key* for that file."""
    scratch = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        scratch.write_text(text, encoding="utf-8", newline="\n")
        scratch.replace(path)
    except OSError as error:
        scratch.unlink(missing_ok=True)
        raise ConfigError(str(path), key, f"cannot be written: {error.strerror or error}") from error
