"""Digest of the parts of a file that affect a start, ignoring line numbers. Pure.

Two texts with the same outline start alike, line numbers aside: comments, texts for people and what is in the bodies of
functions that the start has not called make no difference, unless they import something.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Collection, Iterator

import msgspec

from importguard.source import program as ir
from importguard.source.reader import read_body, read_signature
from importguard.source.sites import raw_thread_lines, scan_sites
from importguard.startup.trace.shifted import BodyPlace, Outline
from importguard.storage.digests import digest


def place_of(body: ir.Body) -> BodyPlace:
    """Where *body* is."""
    return body.line, len(body.text)


def outline(program: ir.Program, warm_calls: frozenset[str], called: Collection[BodyPlace]) -> Outline:
    """The outline of *program*, in which the functions *called* count."""
    return _outline(program, warm_calls, lambda body: place_of(body) in called)


def outline_again(program: ir.Program, warm_calls: frozenset[str], before: Outline) -> Outline:
    """The outline of *program*, with as many functions taken as called as in the outline *before* it."""
    called: Iterator[int] = iter(before.called)
    return _outline(program, warm_calls, lambda _: bool(next(called, 0)))


def _outline(program: ir.Program, warm_calls: frozenset[str], has_run: Callable[[ir.Body], bool]) -> Outline:
    walk = _Walk(has_run)
    walk.take((program.future_annotations, program.imports_in_functions, program.body))
    for site in scan_sites(program, warm_calls):
        walk.take(tuple(getattr(site, name) for name in site.__struct_fields__ if name != "line"))
        walk.lines.append(site.line)
    threads = raw_thread_lines(program)
    walk.parts.append(len(threads))
    walk.lines.extend(threads)
    return Outline(
        digest(msgspec.msgpack.encode(walk.parts)), bytes(walk.called), walk.lines.tobytes(), tuple(walk.places)
    )


class _Walk:
    """Collects what counts in a program."""

    def __init__(self, has_run: Callable[[ir.Body], bool]) -> None:
        self.has_run = has_run
        self.parts: list[object] = []
        self.called = bytearray()
        self.places: list[BodyPlace] = []
        self.lines = array("i")

    def take(self, whole: object) -> None:
        pending = [whole]
        while pending:
            value = pending.pop()
            if isinstance(value, tuple):
                self.parts.append(len(value))
                pending.extend(reversed(value))
            elif isinstance(value, ir.Body):
                counts = self.has_run(value)
                self.called.append(counts)
                if counts:
                    self.places.append(place_of(value))
                    pending.append(read_body(value))
            elif isinstance(value, ir.Signature):
                self.parts.append(value.postponed)
                self.lines.append(value.line)
                pending.append(read_signature(value))
            elif isinstance(value, msgspec.Struct):
                self.parts.append(type(value).__name__)
                for name in value.__struct_fields__:
                    if name == "line":
                        self.lines.append(getattr(value, name))
                pending.extend(getattr(value, name) for name in reversed(value.__struct_fields__) if name != "line")
            else:
                self.parts.append(value)
