"""`gunicorn`: the application that its arguments name. Its own settings are not worked out."""

from __future__ import annotations

import os

from importguard.startup.machine.branches import perhaps
from importguard.startup.models.applications import WEB, load, usual
from importguard.startup.models.click_words import Words
from importguard.startup.models.library import Library
from importguard.startup.values.base import Abstract, Invocation, Raised, Value

_FILE = "gunicorn.conf.py"
_FLAGS = frozenset(
    {"--preload", "--reload", "--check-config", "--print-config", "--daemon", "-D", "--statsd", "--spew"}
)
_VALUES = frozenset(
    "-b -w -k -c -t -u -g -m -e -n -p --bind --workers --worker-class --config --timeout --name".split()
)


def _run(call: Invocation, own: Abstract) -> Value:
    """`Application.run()`: the master loads the application where that is asked for, else its workers do."""
    machine = call.machine
    words = Words.of(None, machine)
    config = os.path.join(machine.folder, _FILE)
    if machine.finder.disk.ask("isfile", config):
        machine.record_stop(call.frame, f"{_FILE} is not followed")
    if words.open:
        usual(WEB, call)
    else:
        target = _target(words.items)
        if target is not None and "--preload" in words.items:
            _load(target, call)
        elif target is not None:
            perhaps(machine, call.frame, lambda: _load(target, call))
    return own.call(call)


def _load(target: str, call: Invocation) -> None:
    try:
        load(target if ":" in target else f"{target}:application", call)
    except Raised:
        return  # a start that fails; we assume that this one goes on


def _target(words: list[str]) -> str | None:
    """The first word that is neither an option nor the value of one."""
    skip = False
    for word in words:
        if skip:
            skip = False
        elif word.startswith("-"):
            skip = "=" not in word and word not in _FLAGS and (word in _VALUES or word.startswith("--"))
        else:
            return word
    return None


LIBRARY = Library(methods={"gunicorn.app.base": {"Application.run": _run}})
