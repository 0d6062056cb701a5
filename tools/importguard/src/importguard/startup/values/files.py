"""Files that the program opens, and the code that it makes of their text."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from importguard.startup.values.base import MAX_ITEMS, MAX_TEXT, UNKNOWN, Abstract, Invocation, Items, Unknown, Value
from importguard.startup.values.choice import OneOf, one_of
from importguard.startup.values.lists import ListValue
from importguard.startup.values.natives import Model, Native

if TYPE_CHECKING:
    from importguard.startup.machine.state import MachineState
    from importguard.startup.values.frames import Completion, Frame

_READING = 100  # steps
_BEHIND = r"""^[ \t-]*+['"]?+{}['"]?+[ \t]*+:[ \t]*+['"]?+([\w.]++)"""


class FileText(Abstract):
    """What a file says: not known to the program's conditions, but it can be run as code."""

    __slots__ = ("path",)

    def __init__(self, path: str) -> None:
        self.path = path

    def attribute(self, name: str, _machine: MachineState, _frame: Frame) -> Value:
        """The same text in another form."""
        return Native(name, lambda _: self) if name in {"encode", "decode"} else UNKNOWN

    def truth(self, _machine: MachineState) -> bool | None:
        """It may be empty."""
        return None


class Unread(Unknown):
    """What a file in a format that is not read here means."""

    __slots__ = ("path",)

    def __init__(self, path: str) -> None:
        self.path = path

    def item(self, key: Value, machine: MachineState, _frame: Frame) -> Value:
        """A word that the file has behind such a key somewhere, as YAML says it; else what is below that key."""
        if not isinstance(key, str):
            return self
        machine.spend(_READING)
        try:
            text = machine.finder.disk.read(self.path)[:MAX_TEXT].decode(errors="replace")
        except OSError:
            return UNKNOWN
        words = re.findall(_BEHIND.format(re.escape(key)), text, re.MULTILINE)
        return one_of(dict.fromkeys(words), more=True) if words else self

    def attribute(self, name: str, _machine: MachineState, _frame: Frame) -> Value:
        """The methods of a dict that read."""
        if name == "get":
            return Native(name, lambda call: self.item(call.first(), call.machine, call.frame))
        if name == "items":
            return Native(name, lambda _: OneOf([(UNKNOWN, self)], more=True))
        return Native(name, lambda _: self) if name in {"values", "copy"} else UNKNOWN

    def some_item(self) -> Value:
        """What is below one of its keys."""
        return self


class OpenFile(Abstract):
    """A file that is read."""

    __slots__ = ("path",)

    def __init__(self, path: str) -> None:
        self.path = path

    def attribute(self, name: str, _machine: MachineState, _frame: Frame) -> Value:
        """What is read from it."""
        if name == "read":
            return Native(name, lambda call: UNKNOWN if call.args else FileText(self.path))
        return self.path if name == "name" else UNKNOWN

    def around(self, block: Callable[[Value], Completion], _machine: MachineState, _frame: Frame) -> Completion:
        """The file itself is entered."""
        return block(self)


class TextBuffer(Abstract):
    """`io.StringIO(text)`."""

    __slots__ = ("held",)
    type_name = "StringIO"

    def __init__(self, text: Value) -> None:
        self.held = ListValue([text])  # what was written, part by part

    def attribute(self, name: str, _machine: MachineState, _frame: Frame) -> Value:
        """What is read from it, and what is written to it."""
        models: dict[str, Model] = {
            "getvalue": lambda _: self.text(),
            "read": lambda call: UNKNOWN if call.args else self.text(),
            "write": self._write,
        }
        return Native(name, models[name]) if name in models else UNKNOWN

    def text(self) -> Value:
        """All that it holds."""
        parts = [one for one in self.held.items if isinstance(one, str)]
        known = not self.held.open and len(parts) == len(self.held.items)
        return "".join(parts) if known and sum(map(len, parts)) <= MAX_TEXT else UNKNOWN

    def _write(self, call: Invocation) -> Value:
        call.machine.heap.changing(self.held)
        self.held.items.append(call.first())
        return UNKNOWN

    def iterate(self, _machine: MachineState) -> Items | None:
        """Its lines."""
        text = self.text()
        return ([*text.splitlines(keepends=True)[:MAX_ITEMS]], True) if isinstance(text, str) else None

    def around(self, block: Callable[[Value], Completion], _machine: MachineState, _frame: Frame) -> Completion:
        """The buffer itself is entered."""
        return block(self)

    def forget(self) -> None:
        """It may hold more."""
        self.held.forget()


class Code(Abstract):
    """What `compile` makes of a text."""

    __slots__ = ("text",)

    def __init__(self, text: Value) -> None:
        self.text = text
