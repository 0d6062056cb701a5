"""What requests may carry: texts and names of bounded length that can be written as UTF-8."""

from __future__ import annotations

import os
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints

from src.api_hooks import MAX_TEXT


def _check_encodable(text: str) -> str:
    # JSON can carry half a surrogate pair, which no file and no provider takes.
    text.encode()
    return text


def _check_path(path: str) -> str:
    # A name that is not UTF-8 has half surrogates where the system's bytes are, so it can be recognised.
    os.fsencode(path)
    return path


def _check_number(value: object) -> object:
    # Not `strict`: JSON has one kind of number, and 3.0 is a whole one.
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("a number is needed")
    return value


Text = Annotated[str, StringConstraints(max_length=MAX_TEXT), AfterValidator(_check_encodable)]
FilePath = Annotated[
    str, StringConstraints(min_length=1, max_length=4096, pattern=r"^[^\x00]+$"), AfterValidator(_check_path)
]
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
TurnId = Annotated[int, Field(ge=0, lt=2**53), BeforeValidator(_check_number)]
Part = Annotated[int, Field(ge=-1, lt=2**31), BeforeValidator(_check_number)]
Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=200), AfterValidator(_check_encodable)]
ModelName = Annotated[
    str,
    StringConstraints(min_length=3, max_length=200, pattern=r"^[^/]+/.+$"),
    AfterValidator(_check_encodable),
]
