"""Real parsers of `argparse` that read a command line as those of the program would."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from functools import partial
from typing import Any, NoReturn

from importguard.startup.models.argparse_parsers import REFUSED, actions_of, commands_of, is_choice, take_defaults
from importguard.startup.values.base import UNKNOWN, Invocation, Raised, Value
from importguard.startup.values.instances import Instance
from importguard.startup.values.lists import ListValue

_PLAIN = frozenset({"_StoreAction", "_AppendAction", "_ExtendAction"})


_VALUELESS = {
    "_StoreConstAction": "store_const",
    "_StoreTrueAction": "store_true",
    "_StoreFalseAction": "store_false",
    "_AppendConstAction": "append_const",
    "_CountAction": "count",
}


class Ended(Exception):  # noqa: N818  it is no error
    """The parser's way to end the program."""


class Answered(Ended):
    """It was asked for its help or version, which is no guess: nothing after that runs."""


class _Parser(argparse.ArgumentParser):
    """Reads a command line as a parser of the program would. It says nothing and ends nobody's process."""

    def exit(self, *_: object) -> NoReturn:
        """Nobody's process ends here."""
        raise Answered

    def error(self, _message: str) -> NoReturn:
        """Nor here. What the program would accept may be more than is known of it."""
        raise Ended

    def _print_message(self, *_: object) -> None:
        pass


class Held:
    """A value of the analysed program, out of reach of the real parser."""

    def __init__(self, value: Value) -> None:
        self.value = value


class _Own(argparse.Action):
    """An action with a class of the program's own."""

    def __init__(self, *names: Any, run: Callable[[Any, str | None], None], **settings: Any) -> None:
        super().__init__(*names, **settings)
        self.run = run

    def __call__(self, _parser: Any, _namespace: Any, values: Any, option: str | None = None) -> None:
        """It runs, with the values and the option of the command line."""
        self.run(values, option)


CHOSEN = "\0command "  # in the real namespace: the parser of the sub-command that was chosen


def analysed(value: Any) -> Value:
    """What the real parser found, as a value of the analysed program."""
    if isinstance(value, Held):
        return value.value
    if isinstance(value, list):
        return ListValue([analysed(one) for one in value])
    return value if isinstance(value, str | int | bool) or value is None else UNKNOWN


class Mirror:
    """Real parsers with the actions of the program's.

    They take a command line without the words that have to be there where the analysis knows only how it begins.
    """

    def __init__(self, parser: Instance, namespace: Instance, call: Invocation) -> None:
        self.parser, self.namespace, self.call = parser, namespace, call
        self.incomplete = call.machine.options.incomplete

    def of(self, parser: Instance, depth: int) -> tuple[_Parser, bool]:
        """A real parser with the actions of *parser*, and whether it has them all."""
        prefix = parser.attributes.get("prefix_chars", "-")
        real = _Parser(add_help=False, prefix_chars=prefix if isinstance(prefix, str) else "-")
        actions, more = actions_of(parser)
        if more or depth > 4:
            return real, False
        try:
            return real, all(self._add(action, real, depth) for action in actions)
        except (ValueError, TypeError, argparse.ArgumentError):
            return real, False

    def _add(self, action: Instance, real: _Parser, depth: int) -> bool:
        strings = action.attributes.get("option_strings")
        names = [one for one in strings.items if isinstance(one, str)] if isinstance(strings, ListValue) else []
        dest, kind = action.attributes.get("dest"), action.cls.name
        if not isinstance(dest, str) and not is_choice(action):
            return False
        if is_choice(action):
            return self._add_commands(action, real, dest, depth)
        settings: dict[str, Any] = {"default": argparse.SUPPRESS}
        if names:
            settings |= {"dest": dest, "required": action.attributes.get("required") is True and not self.incomplete}
        if kind in {"_HelpAction", "_VersionAction"}:
            real.add_argument(*names, action="help", default=argparse.SUPPRESS)
            return True
        if kind in _VALUELESS:
            if kind in {"_StoreConstAction", "_AppendConstAction"}:
                settings["const"] = Held(action.attributes.get("const"))
            real.add_argument(*names, action=_VALUELESS[kind], **settings)
            return True
        if kind == "BooleanOptionalAction":
            real.add_argument(*names[:1], action=argparse.BooleanOptionalAction, **settings)
            return True
        return self._add_valued(action, real, names or [str(dest)], settings, required=not names)

    def _add_valued(
        self, action: Instance, real: _Parser, names: list[str], settings: dict[str, Any], *, required: bool
    ) -> bool:
        nargs, kind = action.attributes.get("nargs"), action.cls.name
        if nargs is not None and not isinstance(nargs, str | int):
            return False
        if self.incomplete and required:  # a command line without it is refused
            settings["default"] = Held(UNKNOWN)
            nargs = "?" if nargs is None else "*" if nargs != "?" else nargs
        settings["nargs"] = nargs
        if action.attributes.get("type") is not None:
            settings["type"] = partial(self._read, action.attributes["type"])
        if kind not in _PLAIN:
            real.add_argument(*names, action=_Own, run=partial(self._run, action), **settings)
            return True
        if nargs == "?":
            settings["const"] = Held(action.attributes.get("const"))
        words = {"_StoreAction": "store", "_AppendAction": "append", "_ExtendAction": "extend"}
        real.add_argument(*names, action=words[kind], **settings)
        return True

    def _add_commands(self, action: Instance, real: _Parser, dest: Value, depth: int) -> bool:
        commands, more = commands_of(action)
        if more:
            return False
        required = action.attributes.get("required") is True and not self.incomplete
        inner = real.add_subparsers(dest=dest if isinstance(dest, str) else argparse.SUPPRESS, required=required)
        for name, parser in commands.items():
            below, whole = self.of(parser, depth + 1)
            if not whole:
                return False
            below.set_defaults(**{f"{CHOSEN}{depth}": Held(parser)})
            inner._name_parser_map[name] = below
        return True

    def _read(self, kind: Value, word: str) -> Held | str:
        """What *kind* makes of a *word* of the command line. Raises ValueError where it refuses it."""
        if word == argparse.SUPPRESS:  # of one that may be left out
            return word
        try:
            return Held(self.call.machine.call(kind, [word], {}, self.call.frame, complete=True))
        except Raised as raised:
            if REFUSED.isdisjoint(raised.names):
                raise
            raise ValueError(word) from raised

    def _run(self, action: Instance, values: Any, option: str | None) -> None:
        """The program's own *action* runs."""
        call = self.call
        take_defaults(self.parser, self.namespace, call)
        name = action.attributes.get("dest")
        if isinstance(name, str):
            self.namespace.set_attribute(name, UNKNOWN, call.machine)
        call.machine.invoke(action, self.parser, self.namespace, analysed(values), option)
