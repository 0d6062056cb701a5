"""Methods of texts that decide imports, within bounds."""

from __future__ import annotations

import encodings
import encodings.aliases
import os
import re
import string
from collections.abc import Callable, Iterable

from importguard.startup.values.base import (
    MAX_ITEMS,
    MAX_TEXT,
    UNKNOWN,
    Abstract,
    Invocation,
    Raised,
    Value,
    is_constant,
)
from importguard.startup.values.lists import ListValue

# In a format: a width or precision that is long, or taken from the values; an attribute or item of a value.
_WIDE = re.compile(r"%[^%a-zA-Z]*(\*|[0-9]{3})|\{[^{}]*([\[.{]|[0-9]{3})")
_OF_PARTS = re.compile(r"\{[^{}\[.]*+[\[.][^{}]*+\}")
_FIRST = re.compile(r"[.\[]")
_PARTS = re.compile(r"\.([^.\[\]]+)|\[([^\[\]]+)\]")
_WIDEST = 99
_WIDEST_FILL = 1_000  # columns that a text is filled up to
TEXT_METHODS = frozenset(
    """
    startswith endswith split rsplit join replace lower upper strip lstrip rstrip format partition
    rpartition title capitalize isidentifier isdigit count find rfind removeprefix removesuffix
    splitlines casefold swapcase isupper islower isalpha isalnum isspace isnumeric isdecimal isascii istitle
    ljust rjust center zfill translate format_map
    """.split()
)


def text_method(text: str, name: str) -> Callable[[Invocation], Value]:
    """The method *name*, one of TEXT_METHODS, of *text*."""
    if name == "join":
        return lambda call: _join(text, call)

    if name == "format_map":
        return lambda call: _format_map(text, call)

    if name == "translate":
        return lambda call: _translate(text, call)

    def run(call: Invocation) -> Value:
        if name == "format" and _OF_PARTS.search(text):
            return _format_parts(text, call)
        return work_out(text, call)

    def work_out(text: str, call: Invocation) -> Value:
        arguments, keywords = call.args, call.keywords
        if name == "format":  # `format(**locals())` passes more than the text asks for
            keywords = {key: value for key, value in keywords.items() if "{" + key in text}
        if not all(map(is_constant, (*arguments, *keywords.values()))) or not call.complete:
            return UNKNOWN
        if any(isinstance(one, int) and one > _WIDEST_FILL for one in arguments[:1]):
            return UNKNOWN
        if name == "replace" and len(arguments) > 1 and len(text) * len(str(arguments[1])) > MAX_TEXT:
            return UNKNOWN
        if name == "format" and not fits(text, (*arguments, *keywords.values())):
            return UNKNOWN
        return _of_host(lambda: getattr(text, name)(*arguments, **keywords))

    return run


# Codecs that the interpreter has in C: it imports nothing for them.
_IN_C = frozenset(
    {"utf_8", "utf8", "latin_1", "iso_8859_1", "ascii", "us_ascii", "utf_16", "utf_32", "iso8859_1", "u8"}
)


def import_codec(name: Value, call: Invocation, in_c: frozenset[str] = _IN_C) -> None:
    """The module of the codec *name* is loaded, as the interpreter does on first use."""
    if not isinstance(name, str):
        return
    wanted = encodings.normalize_encoding(name).lower()
    if wanted in in_c:
        return
    module = f"encodings.{encodings.aliases.aliases.get(wanted, wanted)}"
    folder = os.path.join(call.machine.environment.stdlib, "encodings")
    if call.machine.finder.find(module, (folder,)) is not None:
        call.machine.import_dynamic(module, call, "encodings")


def converted(value: str | bytes, call: Invocation) -> Value:
    """`text.encode(codec)` and `data.decode(codec)`."""
    codec, errors = call.get(0, "encoding", "utf-8"), call.get(1, "errors", "strict")
    import_codec(codec, call)
    if not isinstance(codec, str) or not isinstance(errors, str) or len(value) > MAX_TEXT:
        return UNKNOWN
    if encodings.normalize_encoding(codec).lower() not in _IN_C:
        return UNKNOWN

    def run() -> Value:
        try:
            return value.encode(codec, errors) if isinstance(value, str) else value.decode(codec, errors)
        except UnicodeError as error:
            return call.machine.mistake(type(error))

    return _of_host(run)


def _format_parts(text: str, call: Invocation) -> Value:
    """`"{0[key]} {job.name}".format(…)`: parts of the values are read, then filled in."""
    try:
        fields = list(string.Formatter().parse(text))
    except ValueError:
        return UNKNOWN
    made, values, automatic = "", list[Value](), 0
    for literal, field, wanted, conversion in fields:
        made += literal.replace("{", "{{").replace("}", "}}")
        if field is None:
            continue
        first = _FIRST.split(field, maxsplit=1)[0]
        if not first:
            first, automatic = str(automatic), automatic + 1
        value = call.get(int(first), "", UNKNOWN) if first.isdecimal() else call.keywords.get(first, UNKNOWN)
        for name, key in _PARTS.findall(field):
            value = call.machine.attribute(value, name, call.frame) if name else _item(value, key, call)
        if not is_constant(value) or "{" in (wanted or ""):
            return UNKNOWN
        made += f"{{{len(values)}{'!' + conversion if conversion else ''}{':' + wanted if wanted else ''}}}"
        values.append(value)
    return _of_host(lambda: made.format(*values)) if call.complete and fits(made, values) else UNKNOWN


def _item(value: Value, key: str, call: Invocation) -> Value:
    place = int(key) if key.isdecimal() else key
    if isinstance(value, tuple | str) and isinstance(place, int):
        return value[place] if place < len(value) else UNKNOWN
    return value.item(place, call.machine, call.frame) if isinstance(value, Abstract) else UNKNOWN


def _format_map(text: str, call: Invocation) -> Value:
    """`text.format_map(table)`: the same as `format` with what a plain dict holds."""
    table, known = call.first(), getattr(call.first(), "items", None)
    if getattr(table, "type_name", None) != "dict" or not isinstance(known, dict):
        return UNKNOWN
    named = {name: one for name, one in known.items() if isinstance(name, str)}
    complete = call.complete and not getattr(table, "open", True)
    return text_method(text, "format")(Invocation(call.machine, call.frame, [], named, call.line, complete))


def _translate(text: str, call: Invocation) -> Value:
    """`text.translate(table)`."""
    table = getattr(call.first(), "items", None)
    known = isinstance(table, dict) and not getattr(call.first(), "open", True)
    if not isinstance(table, dict) or not known or not all(map(is_constant, table.values())):
        return UNKNOWN
    longest = max((len(one) for one in table.values() if isinstance(one, str)), default=1)
    return _of_host(lambda: text.translate(table)) if len(text) * longest <= MAX_TEXT else UNKNOWN


def _join(text: str, call: Invocation) -> Value:
    if len(call.args) != 1:
        return UNKNOWN
    found = call.machine.items_of(call.args[0])
    if found is None or not found[1]:
        return UNKNOWN
    parts = [part for part in found[0] if isinstance(part, str)]
    if len(parts) < len(found[0]) or sum(map(len, parts)) + len(text) * len(parts) > MAX_TEXT:
        return UNKNOWN
    return _of_host(lambda: text.join(parts))


def _of_host(run: Callable[[], Value | list[Value]]) -> Value:
    try:
        made = run()
    except Raised:
        raise
    except Exception:
        return UNKNOWN
    if isinstance(made, list):
        return ListValue(made[:MAX_ITEMS], len(made) > MAX_ITEMS)
    return UNKNOWN if isinstance(made, str) and len(made) > MAX_TEXT else made


def fits(template: str | bytes, values: Iterable[Value]) -> bool:
    """Whether what `%` or `format` make of *template* is sure to stay within MAX_TEXT: no width asks for more."""
    text = template if isinstance(template, str) else template.decode("latin-1")
    if _WIDE.search(text):
        return False
    longest = max((len(value) if isinstance(value, str | bytes) else 64 for value in values), default=0)
    return len(text) + (text.count("%") + text.count("{")) * max(longest, _WIDEST) <= MAX_TEXT
