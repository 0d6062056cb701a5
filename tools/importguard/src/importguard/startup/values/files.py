"""Files that the program opens, and the code that it makes of their text."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from importguard.startup.values.base import MAX_ITEMS, MAX_TEXT, UNKNOWN, Abstract, Invocation, Items, Unknown, Value
from importguard.startup.values.choice import OneOf, one_of
from importguard.startup.values.constants import behaviour
from importguard.startup.values.lists import ListValue
from importguard.startup.values.natives import Model, Native
from importguard.startup.values.read_data import ReadData, likely

if TYPE_CHECKING:
    from importguard.startup.machine.state import MachineState
    from importguard.startup.values.frames import Completion, Frame

_BEHIND = r"""^[ \t-]*+['"]?+{}['"]?+[ \t]*+:[ \t]*+['"]?+([\w.]++)"""

# The same with a list below it, a row for each word; or in brackets.
_LISTED = r"""^[ \t-]*+['"]?+{}['"]?+[ \t]*+:[ \t]*+((?:\n[ \t]*+-[ \t]++[^\n:]*+)++|\[[^\]\n:{{]*+\])"""
_ROW = re.compile(r"""(?:^[ \t]*+-[ \t]++|[\[,][ \t]*+)['"]?+([\w./-]++)""", re.MULTILINE)

MAX_FILE = 1_000_000  # characters of a file of data
_OF_THE_SYSTEM = ("/proc/", "/sys/", "/dev/", "/run/")  # which makes these up when asked, otherwise each time
_MAX_WORD = 200  # characters of a file that says one word


def text_on_disk(path: str, machine: MachineState) -> str | None:
    """What the file *path* says; None where it cannot be read, is large, or says something else each time."""
    if path.startswith(_OF_THE_SYSTEM):
        return None
    try:
        content = machine.finder.disk.read(path)
        machine.spend(len(content) >> 5)
        return content.decode() if len(content) <= MAX_FILE else None
    except (OSError, UnicodeDecodeError):
        return None


def _lines(path: str, machine: MachineState, *, ends: bool = True) -> Value:
    text = text_on_disk(path, machine)
    return UNKNOWN if text is None else ReadData(text.splitlines(keepends=ends))


class FileText(Abstract):
    """What a file says: not known to the program's conditions, but it can be run as code."""

    __slots__ = ("path",)

    def __init__(self, path: str) -> None:
        self.path = path

    def attribute(self, name: str, _machine: MachineState, _frame: Frame) -> Value:
        """The same text in another form, and its lines and words."""
        models: dict[str, Model] = {
            **dict.fromkeys(("encode", "decode"), lambda _: self),
            "strip": self._strip,
            "split": self._split,
            "splitlines": lambda call: _lines(self.path, call.machine, ends=bool(call.args or call.keywords)),
        }
        return Native(name, models[name]) if name in models else UNKNOWN

    def _strip(self, call: Invocation) -> Value:
        text = text_on_disk(self.path, call.machine) or ""
        return likely(text.strip()) if len(text) <= _MAX_WORD and not call.args else self

    def _split(self, call: Invocation) -> Value:
        text, by = text_on_disk(self.path, call.machine), call.get(0, "sep")
        if text is None or len(call.args) > 1 or not (by is None or (isinstance(by, str) and by)):
            return UNKNOWN
        return ReadData([*text.split(by)])

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
        text = text_on_disk(self.path, machine)
        rows = re.search(_LISTED.format(re.escape(key)), text or "", re.MULTILINE)
        if rows is not None:
            return ReadData(_ROW.findall(rows.group(1)))
        words = re.findall(_BEHIND.format(re.escape(key)), text or "", re.MULTILINE)
        return one_of(dict.fromkeys(words), more=True) if words else self

    def attribute(self, name: str, _machine: MachineState, _frame: Frame) -> Value:
        """The methods of a dict that read."""
        if name == "get":
            return Native(name, lambda call: self.item(call.first(), call.machine, call.frame))
        if name == "items":
            return Native(name, lambda _: OneOf([(UNKNOWN, self)], more=True))
        return Native(name, lambda _: self) if name in {"values", "copy"} else UNKNOWN

    def some_item(self, _machine: MachineState) -> Value:
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
        if name == "readlines":
            return Native(name, lambda call: _lines(self.path, call.machine))
        return self.path if name == "name" else UNKNOWN

    def some_item(self, machine: MachineState) -> Value:
        """One of its lines."""
        return behaviour(_lines(self.path, machine)).some_item(machine)

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
