"""What the window may ask the user. A value; `dialogs` draws it."""

from __future__ import annotations

from collections.abc import Callable

from src.value import Value


class Question(Value):
    """What is asked. With `text` None the answer is yes or no, else a line or, if `is_long`, lines of text.

    `choices` are answers to click; `on_yes` gets the text, "" for a plain yes. `is_grave`: no is what Enter means.
    """

    title: str
    body: str
    confirm: str
    on_yes: Callable[[str], object]
    text: str | None = None
    hint: str = ""
    is_long: bool = False
    choices: tuple[str, ...] = ()
    is_grave: bool = False
