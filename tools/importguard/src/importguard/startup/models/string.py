"""`string`: templates whose text and values are known."""

from __future__ import annotations

import string
from typing import Any

from importguard.startup.models.library import Library
from importguard.startup.models.plain_functions import to_host
from importguard.startup.values.base import UNKNOWN, Abstract, Invocation, Value
from importguard.startup.values.classes import ClassValue
from importguard.startup.values.instances import Instance

_OWN = ("delimiter", "idpattern", "braceidpattern", "flags", "pattern")  # what a class below may say otherwise


def _is_plain(made: Instance) -> bool:
    below = made.cls.mro()
    return not any(name in one.namespace for one in below if one.module.name != "string" for name in _OWN)


def _substituted(call: Invocation, safe: bool) -> Value:
    made = call.first()
    text: Value = UNKNOWN
    if isinstance(made, Instance) and isinstance(made.cls, ClassValue) and _is_plain(made):
        text = made.attributes.get("template", UNKNOWN)
    given: list[Any] = [to_host(one) for one in call.args[1:2]]
    named: dict[str, Any] = {name: to_host(one) for name, one in call.keywords.items()}
    if not isinstance(text, str) or not call.complete or UNKNOWN in (*given, *named.values()):
        return UNKNOWN
    template = string.Template(text)
    try:
        return template.safe_substitute(*given, **named) if safe else template.substitute(*given, **named)
    except (KeyError, ValueError) as error:
        return call.machine.fail(type(error))
    except TypeError:
        return UNKNOWN


def _template(call: Invocation, _own: Abstract) -> Value:
    """`Template(text)`."""
    made = call.first()
    if isinstance(made, Instance):
        made.set_attribute("template", call.get(1, "template", UNKNOWN), call.machine)
    return None


LIBRARY = Library(
    methods={
        "string": {
            "Template.__init__": _template,
            "Template.substitute": lambda call, _: _substituted(call, safe=False),
            "Template.safe_substitute": lambda call, _: _substituted(call, safe=True),
        }
    }
)
