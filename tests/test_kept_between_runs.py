"""What importguard keeps of Sloppy's start is of use after an edit: what grows in Sloppy must not break that.

Counted in what is walked, never in seconds (docs/decisions/0008-what-is-kept-between-runs.md).
"""

import ast
import re
from pathlib import Path

import pytest
from tests.repository import ROOT

from importguard import find_project
from importguard.session import Session
from importguard.source.cache import ProgramCache
from importguard.startup import tracing
from importguard.startup.machine.machine import Machine
from importguard.startup.trace.cached import CachedTrace
from importguard.startup.trace.outline import outline, outline_again
from importguard.startup.trace.shifted import shift_lines
from importguard.storage.cache import Cache, user_cache
from importguard.storage.disk import Now


@pytest.fixture(scope="module")
def start():
    return find_project(ROOT).start()


@pytest.fixture(scope="module")
def kept(start, tmp_path_factory):
    """The trace of Sloppy as the user's cache has it after `importguard check`, worked out here where there is none."""
    cache = user_cache() or Cache(str(tmp_path_factory.mktemp("cache")))
    session = Session(cache, Now())
    tracing.trace_start(start, session)
    trace = CachedTrace.load(cache, tracing.entry_names(start, session)[0])
    assert trace is not None
    return trace


def moved(text: str) -> str:
    """*text* with a comment above every statement that begins a line."""
    lines = text.split("\n")
    nodes = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.stmt)]
    starts = (min((*getattr(node, "decorator_list", ()), node), key=lambda one: one.lineno) for node in nodes)
    for line in sorted({start.lineno for start in starts}, reverse=True):
        indent = re.match(r"\s*", lines[line - 1])[0]
        lines.insert(line - 1, f"{indent}# moved")
    return "\n".join(lines)


def test_lines_that_move_in_any_file_need_no_new_walk(start, kept):
    calls, programs, trace = frozenset(start.config.warm_calls), ProgramCache(), kept.trace()
    walked = []
    for path, places in [*kept.called.items()][::2]:
        source = Path(path).read_text()
        edited = moved(source).encode()
        old = outline(programs.program(source.encode(), path), calls, places)
        new = outline_again(programs.program(edited, path), calls, old)
        lines = old.shifts(new)
        if lines is None or shift_lines(trace, path, lines, len(edited)) is None:
            walked.append(path)
    assert len(kept.called) > 200  # of which every other is tried
    assert walked == []


def test_what_the_main_thread_does_is_worked_out_in_few_steps(start, monkeypatch):
    """An import that is added has this worked out again."""
    machines = []
    made = Machine.__init__
    monkeypatch.setattr(Machine, "__init__", lambda self, *given: machines.append(self) or made(self, *given))
    trace = tracing.trace_start(start, Session(None, Now()), later=False)
    (machine,) = machines
    assert machine.steps < 300 * len(trace.modules)
