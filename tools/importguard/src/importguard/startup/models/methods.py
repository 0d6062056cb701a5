"""Methods of strings, lists, dicts, sets and `sys.modules` that decide imports. Pure but for the value they change."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from importguard.startup.machine.state import MAX_ITEMS, MAX_KEYS
from importguard.startup.machine.values import (
    MAX_TEXT,
    MISSING,
    UNKNOWN,
    DictValue,
    Invocation,
    ListValue,
    Native,
    SetValue,
    Value,
    VersionInfo,
    is_constant,
)
from importguard.startup.models.library import SysModules

# In a format: a width or precision that is long, or taken from the values; an attribute or item of a value.
_WIDE = re.compile(r"%[^%a-zA-Z]*(\*|[0-9]{3})|\{[^{}]*([\[.{]|[0-9]{3})")
_WIDEST = 99
_TEXT = frozenset(
    """
    startswith endswith split rsplit join replace lower upper strip lstrip rstrip format partition
    rpartition title capitalize isidentifier isdigit count find rfind removeprefix removesuffix
    splitlines casefold swapcase
    """.split()
)


def container_method(value: Value, name: str) -> Value:
    """The method *name* of *value*; UNKNOWN if it has no model."""
    model: Callable[[Value, Invocation], Value] | None = None
    if isinstance(value, str):
        model = _text_method(name) if name in _TEXT else None
    elif isinstance(value, tuple | ListValue):
        model = _LIST.get(name) if isinstance(value, ListValue) else _TUPLE.get(name)
        if isinstance(value, VersionInfo):
            model = None
    elif isinstance(value, DictValue):
        model = _DICT.get(name)
    elif isinstance(value, SetValue):
        model = _SET.get(name)
    elif isinstance(value, SysModules):
        model = _MODULES.get(name)
    if model is None:
        return UNKNOWN
    chosen = model
    return Native(name, lambda call: chosen(value, call))


def _text_method(name: str) -> Callable[[Value, Invocation], Value]:
    def run(text: Value, call: Invocation) -> Value:
        arguments, keywords = list(call.args), call.keywords
        if name == "format":  # `format(**locals())` is told more than it asks for
            keywords = {key: value for key, value in keywords.items() if "{" + key in text}
        if name == "join" and len(arguments) == 1:
            found = call.machine.items_of(arguments[0])
            if found is None or not found[1]:
                return UNKNOWN
            arguments = [found[0]]
        if name == "join":
            if not all(isinstance(part, str) for part in arguments[0]):
                return UNKNOWN
            if sum(map(len, arguments[0])) + len(text) * len(arguments[0]) > MAX_TEXT:
                return UNKNOWN
        elif not all(map(is_constant, (*arguments, *keywords.values()))) or not call.complete:
            return UNKNOWN
        if name == "replace" and len(arguments) > 1 and len(text) * len(str(arguments[1])) > MAX_TEXT:
            return UNKNOWN
        if name == "format" and not fits(text, (*arguments, *keywords.values())):
            return UNKNOWN
        try:
            made = getattr(text, name)(*arguments, **keywords)
        except Exception:
            return UNKNOWN
        if isinstance(made, list):
            return ListValue(made[:MAX_ITEMS], len(made) > MAX_ITEMS)
        return UNKNOWN if isinstance(made, str) and len(made) > MAX_TEXT else made

    return run


def fits(template: str | bytes, values: Iterable[Value]) -> bool:
    """Whether what `%` or `format` make of *template* is sure to stay within MAX_TEXT: no width asks for more."""
    text = template if isinstance(template, str) else template.decode("latin-1")
    if _WIDE.search(text):
        return False
    longest = max((len(value) if isinstance(value, str | bytes) else 64 for value in values), default=0)
    return len(text) + (text.count("%") + text.count("{")) * max(longest, _WIDEST) <= MAX_TEXT


def _first(call: Invocation) -> Value:
    return call.args[0] if call.args else UNKNOWN


def _append(value: ListValue, call: Invocation) -> None:
    if len(value.items) < MAX_ITEMS:
        value.items.append(_first(call))
    else:
        value.open = True


def _extend(value: ListValue, call: Invocation) -> None:
    found = call.machine.items_of(_first(call))
    items, complete = found if found is not None else ([], False)
    value.items.extend(items[: MAX_ITEMS - len(value.items)])
    value.open |= not complete


def _insert(value: ListValue, call: Invocation) -> None:
    if len(call.args) == 2 and type(call.args[0]) is int and len(value.items) < MAX_ITEMS:
        value.items.insert(call.args[0], call.args[1])
    else:
        value.open = True


def _remove(value: ListValue, call: Invocation) -> None:
    wanted = _first(call)
    known = is_constant(wanted)
    for position, item in enumerate(value.items):
        if item is wanted or (known and is_constant(item) and item == wanted):
            del value.items[position]
            break


def _pop(value: ListValue, call: Invocation) -> Value:
    position = call.args[0] if call.args else -1
    if type(position) is int and -len(value.items) <= position < len(value.items) and not value.open:
        return value.items.pop(position)
    return UNKNOWN


def _copy(value: Value, _call: Invocation) -> Value:
    items = dict(value.items) if isinstance(value, DictValue | SetValue) else list(value.items)
    return type(value)(items, value.open)


def _index(value: Value, call: Invocation) -> Value:
    items = value.items if isinstance(value, ListValue) else list(value)
    wanted = _first(call)
    known = is_constant(wanted) and all(map(is_constant, items))
    return items.index(wanted) if known and wanted in items else UNKNOWN


def _get(value: DictValue, call: Invocation) -> Value:
    key = _first(call)
    if not is_constant(key):
        return UNKNOWN
    if key in value.items:
        return value.items[key]
    return UNKNOWN if value.open else call.get(1, "default")


def _set_default(value: DictValue, call: Invocation) -> Value:
    key = _first(call)
    if not is_constant(key):
        value.open = True
        return UNKNOWN
    if len(value.items) >= MAX_KEYS:
        value.open = True
        return value.items.get(key, UNKNOWN)
    return value.items.setdefault(key, call.get(1, "default"))


def _dict_pop(value: DictValue, call: Invocation) -> Value:
    key = _first(call)
    if not is_constant(key):
        return UNKNOWN
    return value.items.pop(key, UNKNOWN if value.open or len(call.args) < 2 else call.args[1])


def _update(value: DictValue, call: Invocation) -> None:
    value.items.update(call.keywords)
    value.open |= not call.complete
    for source in call.args:
        if len(value.items) >= MAX_KEYS:
            value.open = True
            return
        if isinstance(source, DictValue):
            call.machine.spend(len(source.items))
            value.items.update(source.items)
            value.open |= source.open
            continue
        found = call.machine.items_of(source)
        for pair in found[0] if found is not None else ():
            if isinstance(pair, tuple) and len(pair) == 2 and is_constant(pair[0]):
                value.items[pair[0]] = pair[1]
            else:
                value.open = True
        value.open |= found is None or not found[1]


def _keys(value: DictValue, _call: Invocation) -> Value:
    return SetValue(dict.fromkeys(value.items), value.open)


def _values(value: DictValue, _call: Invocation) -> Value:
    return ListValue(list(value.items.values()), value.open)


def _items(value: DictValue, _call: Invocation) -> Value:
    return ListValue(list(value.items.items()), value.open)


def _add(value: SetValue, call: Invocation) -> None:
    if is_constant(_first(call)) and len(value.items) < MAX_KEYS:
        value.items[_first(call)] = None
    else:
        value.open = True


def _union(value: SetValue, call: Invocation) -> Value:
    made = SetValue(dict(value.items), value.open)
    _set_update(made, call)
    return made


def _set_update(value: SetValue, call: Invocation) -> None:
    for source in call.args:
        found = call.machine.items_of(source)
        items, complete = found if found is not None else ([], False)
        fresh = {item: None for item in items[: max(MAX_KEYS - len(value.items), 0)] if is_constant(item)}
        value.items.update(fresh)
        value.open |= not complete or len(fresh) < len(items)


def _discard(value: SetValue, call: Invocation) -> None:
    if is_constant(_first(call)):
        value.items.pop(_first(call), None)


def _modules_get(value: SysModules, call: Invocation) -> Value:
    name = _first(call)
    if not isinstance(name, str):
        return UNKNOWN
    found = value.get(name)
    return call.get(1, "default") if found is MISSING else found


def _modules_set_default(value: SysModules, call: Invocation) -> Value:
    name = _first(call)
    if not isinstance(name, str):
        return UNKNOWN
    found = value.get(name)
    if found is MISSING:
        call.machine.set_alias(name, call.get(1, "default"))
    return found if found is not MISSING else call.get(1, "default")


_LIST: dict[str, Callable[[Value, Invocation], Value]] = {
    "append": _append, "extend": _extend, "insert": _insert, "remove": _remove, "pop": _pop, "copy": _copy,
    "index": _index, "sort": lambda _value, _call: None,
}  # fmt: skip
_TUPLE: dict[str, Callable[[Value, Invocation], Value]] = {"index": _index}
_DICT: dict[str, Callable[[Value, Invocation], Value]] = {
    "get": _get, "setdefault": _set_default, "pop": _dict_pop, "update": _update, "keys": _keys, "values": _values,
    "items": _items, "copy": _copy,
}  # fmt: skip
_SET: dict[str, Callable[[Value, Invocation], Value]] = {
    "add": _add, "union": _union, "update": _set_update, "discard": _discard, "remove": _discard, "copy": _copy,
}  # fmt: skip
_MODULES: dict[str, Callable[[Value, Invocation], Value]] = {"get": _modules_get, "setdefault": _modules_set_default}
