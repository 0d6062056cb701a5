"""What the parameters of a `click` command are called, and which words of a command line are whose."""

from __future__ import annotations

from importguard.startup.machine.state import MachineState
from importguard.startup.values.base import MISSING, UNKNOWN, Abstract, Invocation, Value
from importguard.startup.values.builtin_types import BuiltinType
from importguard.startup.values.dicts import DictValue
from importguard.startup.values.instances import Instance
from importguard.startup.values.lists import ListValue

MAX_WORDS = 200  # of a command line
_TYPES = {"str": "STRING", "int": "INT", "float": "FLOAT", "bool": "BOOL"}


class Words:
    """What is left of a command line; *open*: there may be more, or other words."""

    def __init__(self, items: list[Value], open: bool) -> None:  # noqa: A002  as ListValue
        texts = [item for item in items if isinstance(item, str)][:MAX_WORDS]
        self.items = texts if len(texts) == len(items) else []
        self.open = open or len(texts) < len(items)

    @classmethod
    def of(cls, value: Value, machine: MachineState) -> Words:
        """The words of a list, None standing for `sys.argv[1:]`."""
        if value is None:
            system = machine.modules.get("sys")
            line = system.namespace.get("argv") if system is not None else None
            return cls(line.items[1:], line.open) if isinstance(line, ListValue) else cls([], True)
        found = machine.items_of(value)
        return cls([], True) if found is None else cls(found[0], not found[1])


def read(value: Value, name: str, call: Invocation) -> Value:
    """An attribute; UNKNOWN where there is none."""
    found = call.machine.attribute(value, name, call.frame)
    return UNKNOWN if found is MISSING else found


# Declarations


def make_option(call: Invocation, own: Abstract) -> Value:
    """`Option(names, **settings)`: what the command line is read by."""
    option, settings = call.first(), call.keywords
    found = call.machine.items_of(call.get(1, "param_decls", UNKNOWN))
    if not isinstance(option, Instance) or found is None:
        return own.call(call)
    opts: list[str] = []
    others: list[str] = []
    name: Value = None
    for text in found[0]:
        if not isinstance(text, str):
            continue
        if text.isidentifier():
            name = text
            continue
        first, _, second = text.partition(";" if text.startswith("/") else "/")
        opts += [first.rstrip()] if first else []
        others += [second.lstrip()] if second else []
    if name is None and opts:
        longest = max(opts, key=lambda one: len(one) - len(one.lstrip("-/")))
        name = longest.lstrip("-/").replace("-", "_").lower()
    flag = settings.get("is_flag")
    flag = flag if isinstance(flag, bool) else settings.get("flag_value") is not None or bool(others)
    option.attributes.update({"opts": ListValue([*opts]), "secondary_opts": ListValue([*others]), "is_flag": flag})
    option.attributes["flag_value"] = settings.get("flag_value")
    option.attributes["count"] = settings.get("count", False)
    _take(option, name, settings, call)
    return None


def make_argument(call: Invocation, own: Abstract) -> Value:
    """`Argument(names, **settings)`."""
    argument = call.first()
    found = call.machine.items_of(call.get(1, "param_decls", UNKNOWN))
    if not isinstance(argument, Instance) or found is None or not found[0] or not isinstance(found[0][0], str):
        return own.call(call)
    argument.attributes.update({"opts": ListValue([found[0][0]]), "secondary_opts": ListValue([])})
    _take(argument, found[0][0].replace("-", "_").lower(), call.keywords, call)
    return None


def make_command(call: Invocation, own: Abstract) -> Value:
    """`Command(name, **settings)`."""
    command, settings = call.first(), call.keywords
    if not isinstance(command, Instance) or not call.complete:
        return own.call(call)
    params = call.machine.items_of(settings.get("params", ()) or ())
    command.open = True
    command.attributes.update(settings)
    command.attributes.update(
        {
            "name": call.get(1, "name"),
            "callback": settings.get("callback", call.get(3, "callback")),
            "params": ListValue(*((params[0], not params[1]) if params is not None else ([], True))),
        }
    )
    return None


def make_group(call: Invocation, own: Abstract) -> Value:
    """`Group(name, commands=…)`."""
    group, machine = call.first(), call.machine
    make_command(call, own)
    if not isinstance(group, Instance) or not call.complete:
        return None
    given = call.get(2, "commands")
    commands = DictValue({})
    if isinstance(given, DictValue):
        commands = given
    else:
        for one in (machine.items_of(given) or ([], True))[0] if given is not None else ():
            name = one.attributes.get("name") if isinstance(one, Instance) else None
            if isinstance(name, str):
                commands.items[name] = one
    group.attributes["commands"] = commands
    group.attributes.setdefault("invoke_without_command", False)
    return None


def add_command(call: Invocation, own: Abstract) -> Value:
    """`group.add_command(command, name)`."""
    group, command = call.first(), call.get(1, "cmd", UNKNOWN)
    name = call.get(2, "name") or read(command, "name", call)
    commands = group.attributes.get("commands") if isinstance(group, Instance) else None
    if not isinstance(commands, DictValue) or not isinstance(name, str):
        return own.call(call)
    commands.set_item(name, command, call.machine)
    return None


def _take(param: Instance, name: Value, settings: dict[str, Value], call: Invocation) -> None:
    kind = settings.get("type")
    if kind is None or isinstance(kind, BuiltinType):
        core = next((cls.module for cls in param.cls.mro() if cls.name == "Parameter"), None)
        types = call.machine.modules.get(core.name.rpartition(".")[0] + ".types") if core is not None else None
        default = settings.get("default")
        guessed = {bool: "BOOL", int: "INT", float: "FLOAT"}.get(type(default), "STRING")
        wanted = guessed if kind is None else _TYPES.get(kind.name, "") if isinstance(kind, BuiltinType) else ""
        kind = types.namespace.get(wanted, UNKNOWN) if types is not None else UNKNOWN
    param.open = True
    param.attributes.update(settings)
    param.attributes.update(
        {
            "name": name,
            "type": kind,
            "nargs": settings.get("nargs", 1),
            "multiple": settings.get("multiple", False),
            "default": settings.get("default"),
            "callback": settings.get("callback"),
            "is_eager": settings.get("is_eager", False),
            "expose_value": settings.get("expose_value", True),
        }
    )


# Reading a command line


class Reader:
    """Hands the words of a command line to the parameters of one command."""

    def __init__(self, command: Value, call: Invocation) -> None:
        self.call = call
        found = call.machine.items_of(read(command, "params", call))
        self.params = [one for one in (found[0] if found is not None else []) if isinstance(one, Instance)]
        self.given: dict[int, list[str | bool]] = {}
        self.rest: list[str] = []
        self.asks_for_help = False

    def read(self, words: list[str], *, group: bool) -> None:
        """Goes through *words*; a group stops at the first that is no option."""
        names = self._options()
        arguments = [one for one in self.params if not texts(one, "opts") or not _dashed(one)]
        pending = list(words)
        places: list[str] = []
        while pending:
            word = pending.pop(0)
            if word == "--":
                places += pending
                break
            if not word.startswith("-") or word == "-":
                if group and not arguments:
                    self.rest = [word, *pending]
                    break
                places.append(word)
                continue
            self._take_option(word, pending, names)
        self._take_arguments(arguments, places)

    def _options(self) -> dict[str, Instance]:
        return {
            text: param
            for param in self.params
            for text in (*texts(param, "opts"), *texts(param, "secondary_opts"))
            if text.startswith("-")
        }

    def _take_option(self, word: str, pending: list[str], names: dict[str, Instance]) -> None:
        name, equals, value = word.partition("=")
        if name not in names and not word.startswith("--") and len(word) > 2:  # `-fVALUE` or `-abc`
            name, equals, value = word[:2], "=", word[2:]
            if name in names and is_flag(names[name]):
                pending.insert(0, f"-{value}")
                equals = ""
        param = names.get(name)
        if param is None:
            self.asks_for_help |= word in {"--help", "-h"}
            return
        if is_flag(param):
            self.given.setdefault(id(param), []).append(name not in texts(param, "secondary_opts"))
            return
        taken = [value] if equals else []
        count = param.attributes.get("nargs", 1)
        while len(taken) < (count if isinstance(count, int) else 1) and pending:
            taken.append(pending.pop(0))
        self.given.setdefault(id(param), []).extend(taken)

    def _take_arguments(self, arguments: list[Instance], places: list[str]) -> None:
        for index, param in enumerate(arguments):
            count = param.attributes.get("nargs", 1)
            later = len(arguments) - index - 1
            taken = max(len(places) - later, 0) if count == -1 else count if isinstance(count, int) else 1
            if places[:taken]:
                self.given[id(param)] = [*places[:taken]]
            places = places[taken:]
        self.rest = self.rest or places


def texts(param: Instance, name: str) -> list[str]:
    """The texts of a list that is an attribute of *param*."""
    found = param.attributes.get(name)
    return [one for one in found.items if isinstance(one, str)] if isinstance(found, ListValue) else []


def _dashed(param: Instance) -> bool:
    return any(one.startswith("-") for one in texts(param, "opts"))


def is_flag(param: Instance) -> bool:
    """Whether the option takes no value."""
    return param.attributes.get("is_flag") is True or param.attributes.get("count") is True
