"""Replacing a file: whole or not at all."""

import contextlib
import os
from pathlib import Path

from importguard.errors import ConfigError


def replace_bytes(path: Path, content: bytes, key: str = "") -> None:
    """Writes *content* beside *path*, then renames. Raises ConfigError, naming the *key* that named the file."""
    # A name that nobody can have put a link at; should there be one all the same, it is not followed.
    scratch = path.with_name(f".{path.name[:100]}.{os.urandom(8).hex()}")
    try:
        with open(scratch, "xb") as file:
            file.write(content)
        scratch.replace(path)
    except OSError as error:
        raise ConfigError(str(path), key, f"cannot be written: {error.strerror or error}") from error
    finally:
        with contextlib.suppress(OSError):  # a disk that is read-only does not unlink what is not there, either
            scratch.unlink()
