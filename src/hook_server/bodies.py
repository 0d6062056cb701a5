"""What requests may carry: texts and names of bounded length that can be written as UTF-8."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, StringConstraints

from src.api_hooks import MAX_TEXT


def _check_encodable(text: str) -> str:
    # JSON can carry half a surrogate pair, which no file and no provider takes.
    text.encode()
    return text


Text = Annotated[str, StringConstraints(max_length=MAX_TEXT), AfterValidator(_check_encodable)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=200), AfterValidator(_check_encodable)]
