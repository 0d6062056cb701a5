"""What the window may ask the user. A value; `dialogs` draws it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from src.value import Value


class Question(Value):
    """What is asked. With `text` None the answer is yes or no, else a line or, if `is_long`, lines of text.

    `choices` are answers to click; `on_yes` gets the text, "" for a plain yes. `is_grave`: no is what Enter means.
    `is_optional`: the text may be empty.
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
    is_optional: bool = False


class FormField(Value):
    """A line of a form. `is_optional`: it may be left empty; `is_secret`: what is typed is hidden."""

    label: str
    text: str = ""
    hint: str = ""
    is_optional: bool = False
    is_secret: bool = False


class Form(Value):
    """Several lines that are asked for at once.

    `check` says why the lines cannot be taken, empty when they can: what is typed stays until then. `on_yes` gets them.
    """

    title: str
    body: str
    confirm: str
    fields: tuple[FormField, ...]
    check: Callable[[tuple[str, ...]], str]
    on_yes: Callable[[tuple[str, ...]], object]


class Pick(Value):
    """A file or a folder to choose in the system's dialog; `question` asks for its path where there is no dialog.

    `on_path` gets each path that was chosen; `start` is where the dialog begins.
    """

    kind: Literal["file", "folder", "save"]
    question: Question
    on_path: Callable[[str], object]
    start: str = ""
