"""`getopt`: a command line that is known."""

from __future__ import annotations

import getopt
from collections.abc import Callable
from typing import Any

from importguard.startup.machine.state import MachineState
from importguard.startup.models.library import Library
from importguard.startup.models.plain_functions import from_host, to_host
from importguard.startup.values.base import UNKNOWN, Abstract, Invocation, Value
from importguard.startup.values.modules import ModuleValue
from importguard.startup.values.natives import Native


def _reading(read: Callable[..., Any], own: Value) -> Callable[[Invocation], Value]:
    def run(call: Invocation) -> Value:
        args: list[Any] = [to_host(one) for one in call.args]
        keywords: dict[str, Any] = {name: to_host(one) for name, one in call.keywords.items()}
        if not call.complete or UNKNOWN in (*args, *keywords.values()):
            return own.call(call) if isinstance(own, Abstract) else UNKNOWN
        try:
            return from_host(read(*args, **keywords))
        except getopt.GetoptError as error:
            return call.machine.fail(getopt.GetoptError, error.msg, error.opt)
        except (TypeError, AttributeError):
            return UNKNOWN

    return run


def _fill(_machine: MachineState, module: ModuleValue) -> None:
    for read in (getopt.getopt, getopt.gnu_getopt):
        name = read.__name__
        if name in module.namespace:
            module.namespace[name] = Native(name, _reading(read, module.namespace[name]))


LIBRARY = Library(fill={"getopt": _fill})
