"""Files that a project commits: read whole and checked, replaced whole or not at all."""

from pathlib import Path
from typing import Protocol, TypeVar

import msgspec

from importguard.errors import ConfigError
from importguard.storage.regular_file import read_regular
from importguard.storage.replacing import replace_bytes


def replace_file(path: Path, text: str, key: str) -> None:
    """Write *text* beside *path*, then rename. Raises ConfigError, naming the configuration's *key* for that file."""
    replace_bytes(path, text.encode("utf-8", "surrogateescape"), key)


class Versioned(Protocol):
    """A document that says which schema it follows."""

    @property
    def schema(self) -> int:
        """Its number."""


_Document = TypeVar("_Document", bound=Versioned)


def read_document(path: Path, kind: type[_Document], schema: int, remedy: str, older: int | None = None) -> _Document:
    """The JSON document in *path*, of *schema* or of the *older* one.

    Raises ConfigError, which names *remedy*, the command that makes it anew.
    """
    try:
        document = msgspec.json.decode(read_regular(path), type=kind)
    except FileNotFoundError as error:
        raise ConfigError(
            str(path), "", f"cannot be read: it is configured and not written yet; run: {remedy}"
        ) from error
    except OSError as error:
        raise ConfigError(str(path), "", f"cannot be read: {error.strerror or error}; run: {remedy}") from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ConfigError(str(path), "", f"is damaged ({error}); run: {remedy}") from error
    if document.schema not in {schema, older}:
        wanted = f"{document.schema} is not {schema}; update importguard or run: {remedy}"
        raise ConfigError(str(path), "schema", wanted)
    return document
