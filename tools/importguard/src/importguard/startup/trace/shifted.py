"""What a trace depends on in one file, and the trace after an edit that has only moved lines there. Pure."""

from __future__ import annotations

from array import array
from collections.abc import Mapping

import msgspec

from importguard.source.import_site import ImportSite, Location
from importguard.startup.trace.trace import LoadedModule, StartupTrace

BodyPlace = tuple[int, int]  # of a function in a file: the first line of its body, the characters of its text


class Outline(msgspec.Struct, frozen=True, array_like=True):
    """What counts of one text.

    `called`: for each function in the order of the text, whether its body counts; `places`: where those are that do.
    `lines`: of what counts, in order.
    """

    digest: bytes
    called: bytes
    lines: bytes  # native integers
    places: tuple[BodyPlace, ...] = ()

    def shifts(self, other: Outline) -> dict[int, int] | None:
        """Where the lines of this text stand in the *other* one; None when the two do not start alike.

        A line with two places there is left out.
        """
        if self.digest != other.digest or self.called != other.called:
            return None
        found: dict[int, int] = {}
        torn: set[int] = set()
        for old, new in zip(_numbers(self.lines), _numbers(other.lines), strict=True):
            if found.setdefault(old, new) != new:
                torn.add(old)
        return {old: new for old, new in found.items() if old not in torn}


def shift_lines(trace: StartupTrace, path: str, lines: Mapping[int, int], size: int) -> StartupTrace | None:
    """*trace* with the *lines* of the file *path* where they stand now, and its new *size* in bytes.

    None when a line that the trace names is not among them, or two of them have become one.
    """
    used = _used(trace, path)
    if not used <= lines.keys() or len({lines[line] for line in used}) < len(used):
        return None

    def place(location: Location) -> Location:
        return Location(path, lines[location.line]) if location.path == path else location

    def site(found: ImportSite) -> ImportSite:
        return msgspec.structs.replace(found, location=place(found.location)) if found.location.path == path else found

    def module(found: LoadedModule) -> LoadedModule:
        if found.path == path:
            found = msgspec.structs.replace(found, size=size)
        return found if found.site is None else msgspec.structs.replace(found, site=site(found.site))

    return msgspec.structs.replace(
        trace,
        modules=tuple(
            module(one) if one.path == path or (one.site is not None and one.site.location.path == path) else one
            for one in trace.modules
        ),
        edges=trace.edges.shifted(path, lines),
        sites=tuple(map(site, trace.sites)),
        unresolved=tuple(msgspec.structs.replace(one, site=site(one.site)) for one in trace.unresolved),
        stops=tuple(msgspec.structs.replace(one, location=place(one.location)) for one in trace.stops),
        broken=tuple(msgspec.structs.replace(one, location=place(one.location)) for one in trace.broken),
        raw_threads=tuple(map(place, trace.raw_threads)),
        lazy_uses=tuple(
            msgspec.structs.replace(one, location=place(one.location), since=place(one.since))
            for one in trace.lazy_uses
        ),
        lazy_statements=tuple(
            msgspec.structs.replace(one, location=place(one.location)) for one in trace.lazy_statements
        ),
        thread_starts=tuple(
            msgspec.structs.replace(one, location=place(one.location), sites=tuple(map(site, one.sites)))
            for one in trace.thread_starts
        ),
        hazards=tuple(msgspec.structs.replace(one, location=place(one.location)) for one in trace.hazards),
        in_coroutines=tuple(msgspec.structs.replace(one, location=place(one.location)) for one in trace.in_coroutines),
        ready=trace.ready and msgspec.structs.replace(trace.ready, location=place(trace.ready.location)),
        presence_checks=tuple(
            msgspec.structs.replace(one, location=place(one.location)) for one in trace.presence_checks
        ),
    )


def _used(trace: StartupTrace, path: str) -> set[int]:
    places = [module.site.location for module in trace.modules if module.site is not None]
    places += [site.location for site in trace.sites]
    places += [one.site.location for one in trace.unresolved]
    places += [one.location for one in (*trace.stops, *trace.broken)]
    places += trace.raw_threads
    places += [one.location for one in trace.presence_checks]
    places += [one.location for one in trace.thread_starts]
    places += [one.location for one in trace.in_coroutines]
    places += [one.location for one in trace.hazards]
    places += [trace.ready.location] if trace.ready is not None else []
    places += [site.location for one in trace.thread_starts for site in one.sites]
    places += [one.location for one in trace.lazy_statements]
    places += [place for one in trace.lazy_uses for place in (one.location, one.since)]
    return {place.line for place in places if place.path == path} | trace.edges.lines_in(path)


def _numbers(content: bytes) -> array[int]:
    numbers = array("i")
    numbers.frombytes(content)
    return numbers
