"""What a start records: imports, names that are not found, patterns, and where the walk stops."""

from __future__ import annotations

from collections.abc import Callable

from importguard.source.import_site import ImportKind, ImportSite, Location
from importguard.startup.machine.bounds import MAX_STOPS
from importguard.startup.machine.progress import Progress
from importguard.startup.trace.import_edge import ImportEdge, Reach
from importguard.startup.trace.trace import Origin, Stop, Unresolved
from importguard.startup.values.base import Value
from importguard.startup.values.frames import Frame
from importguard.startup.values.functions import FunctionValue

_EACH_PATTERN = 8  # characters that a regular expression costs more than it has


class Recording(Progress):
    """A start that records what it meets, each thing once."""

    def set_alias(self, name: str, value: Value) -> None:
        """`sys.modules[name] = value`."""
        self.spend(20)
        if name not in self.modules or value is not self.modules[name]:
            self.noted += 1
            self.aliases[name] = value

    def site(self, frame: Frame, imported: str, line: int, kind: ImportKind | None = None) -> ImportSite:
        """The import of *imported* at *line* of the code that *frame* runs."""
        if kind is None:
            in_function = frame.function is not None
            kind = ImportKind.DEFERRED if in_function else ImportKind.EAGER
        location = Location(frame.module.found.path or f"<{frame.module.name}>", line)
        return ImportSite(frame.module.name, imported, kind, location, frame.scope, bool(self.catchers))

    def record_edge(self, imported: str, site: ImportSite) -> None:
        """*site* ran (or may have run) while the innermost module body executed."""
        if self.muted or not self.executing or imported in self.environment.bare:
            return
        importer = self.executing[-1]
        if importer == imported:
            return
        if self.providing is not None and self.providing[0] == len(self.executing):
            self.providing[1].append((imported, site))
        if self.ready is not None and self.reach is not Reach.EAGER:
            self.threads.note_import(site.location)
        key = (importer, imported, site.location)
        known = self.edges.get(key)
        certain = self.possible == 0 and self.escaping == 0 and imported not in self.threads.loaded
        guarded = self.possible > self.unended
        # What a later phase runs for certain says nothing of the start.
        surer = known is None or (certain, not guarded) > (known.certain, not known.guarded)
        if known is None or (surer and known.reach is self.reach):
            self.spend(10)
            self.noted += 1
            self.edges[key] = ImportEdge(importer, imported, site, certain, self.reach, guarded)

    def imports_in(self, work: Callable[[], Value]) -> tuple[Value, list[tuple[str, ImportSite]]]:
        """What *work* gives, and what it imports itself: whoever asks for the same later imports that again."""
        outer, found = self.providing, list[tuple[str, ImportSite]]()
        self.providing = (len(self.executing), found)
        try:
            return work(), found
        finally:
            self.providing = outer
            if outer is not None and outer[0] == len(self.executing):
                outer[1].extend(found)

    def record_unresolved(self, name: str, site: ImportSite, reason: str) -> None:
        """An import that finds nothing. What the standard library tries and catches is nobody's concern."""
        importer = self.modules.get(site.importer)
        expected = site.optional and importer is not None and importer.origin == Origin.STDLIB
        self.imports += 1
        if not self.muted and not expected:
            self.spend(50)
            self.noted += (name, site.location) not in self.unresolved
            found = Unresolved(name, site, reason, self.reach, self.possible > self.unended)
            known = self.unresolved.setdefault((name, site.location), found)
            if known.guarded and not found.guarded and known.reach is self.reach:
                self.noted += 1
                self.unresolved[name, site.location] = found

    def record_pattern(self, function: FunctionValue, args: list[Value]) -> None:
        """A call of *function*: where that is one of `re`'s, the executing module compiles a regular expression."""
        if function.frame.module.name != "re" or not args or not self.executing or self.muted:
            return
        pattern = args[0]
        if isinstance(pattern, str) and pattern not in self._compiled and function.name != "escape":
            self.noted += 1
            self._compiled.add(pattern)
            module = self.executing[-1]
            self.patterns[module] = self.patterns.get(module, 0) + len(pattern) + _EACH_PATTERN

    def record_stop(self, frame: Frame, reason: str) -> None:
        """A bound ended a part of the walk here."""
        if len(self.stops) < MAX_STOPS:
            location = self._location_in(frame)
            self.noted += location not in self.stops
            self.stops.setdefault(location, Stop(location, reason))

    def has_stopped(self, frame: Frame) -> bool:
        """Whether `record_stop` would add nothing here."""
        return len(self.stops) >= MAX_STOPS or self._location_in(frame) in self.stops

    def _location_in(self, frame: Frame) -> Location:
        return Location(frame.module.found.path or f"<{frame.module.name}>", self.line)
