"""The abstract interpreter put together: it runs an entry and gives the trace of its start."""

from __future__ import annotations

import contextlib
import gc
import os
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterable

import msgspec

from importguard.errors import SourceError
from importguard.source.cache import ProgramCache
from importguard.source.import_site import ImportKind, ImportSite, Location
from importguard.source.program import Program
from importguard.source.reader import read_program
from importguard.startup.machine import calls, expressions, imports, loading, operators, statements, texts
from importguard.startup.machine.annotations import annotations_of
from importguard.startup.machine.branches import perhaps
from importguard.startup.machine.later_imports import LaterImports
from importguard.startup.machine.readiness import Readiness
from importguard.startup.machine.state import MachineState
from importguard.startup.machine.suspension import kill_all
from importguard.startup.machine.threads import RunningThread
from importguard.startup.models.builtins import builtin_namespace
from importguard.startup.options import Options
from importguard.startup.trace.edges import Edges
from importguard.startup.trace.import_edge import Reach
from importguard.startup.trace.merged import NOBODY
from importguard.startup.trace.shifted import BodyPlace
from importguard.startup.trace.trace import (
    Certainty,
    LazyStatement,
    LoadedModule,
    Origin,
    StartupTrace,
    Stop,
    ThreadStart,
)
from importguard.startup.values.base import Exhausted, Raised
from importguard.startup.values.frames import Frame
from importguard.startup.values.instances import Instance
from importguard.startup.values.lists import ListValue
from importguard.startup.values.modules import ModuleValue
from importguard.target.console_scripts import Command
from importguard.target.environment import Environment
from importguard.target.finder import Finder, Form, Found, import_lines

_RECURSION = 200_000
_NOWHERE = Location("", 0)
STACK = 512 * 1024 * 1024  # bytes of address space; pages are used only as deep as the walk goes


class Machine(MachineState):
    """One static start: the state with the functions that work on it."""

    evaluate = expressions.evaluate
    run_block = statements.run_block
    call_function = calls.call_function
    compare = operators.compare
    may_call = calls.may_call
    call_one_of = calls.call_one_of
    name_template = calls.name_template
    call_perhaps = calls.call_perhaps
    load = loading.load
    find = loading.find
    search_path = loading.search_path
    run_source = loading.run_source
    record_made = loading.record_made
    run_text = texts.run_text
    value_of_text = texts.value_of_text
    import_dynamic = imports.import_dynamic
    computed_import = imports.computed_import
    absolute = imports.absolute
    member = imports.member
    reify = imports.reify
    annotations_of = annotations_of

    def __init__(
        self,
        environment: Environment,
        finder: Finder,
        project_root: str,
        options: Options,
        programs: ProgramCache | None = None,
    ) -> None:
        super().__init__(environment, finder, project_root, options, programs)
        self.decisions = self.variables.decisions
        self.builtins = builtin_namespace(environment.names.get("builtins", frozenset()))
        self.later = LaterImports()
        self.shipped: tuple[str, ...] = ()  # of the distribution of a console script: its top-level packages
        self.ready = Readiness.of(options.ready_points, self.folder, project_root)
        self.made: tuple[str, bytes] | None = None  # a file that is not there, and its text

    def run_module(self, name: str) -> StartupTrace:
        """What `import name` loads. Raises SourceError where there is no such module."""
        site = ImportSite("<command>", name, ImportKind.EAGER, Location("<command>", 1))
        self.run_site()
        try:
            self.load(name, site)
        except Raised as raised:
            if not raised.ends:
                raise SourceError(name, 1, "no such module in the target environment") from raised
        except Exhausted:
            pass  # `_finish` says so
        path = self.modules[name].found.path if name in self.modules else None
        return self._finish(name, path or "")

    def run_script(self, script: str) -> StartupTrace:
        """What `python script` loads up to its end or its event loop."""
        self.run_site()
        return self._run_main(script, Origin.FIRST_PARTY, None)

    def run_folder(self, folder: str) -> StartupTrace:
        """What `python folder` loads, where *folder* or archive has a `__main__.py`."""
        self.run_site()
        return self._run_main(os.path.join(folder, "__main__.py"), Origin.FIRST_PARTY, "__main__")

    def run_module_as_main(self, name: str) -> StartupTrace:
        """What `python -m name` loads: the packages that it is in, then its file as `__main__`."""
        self.options = msgspec.structs.replace(self.options, program="-m")
        self.run_site()
        try:
            found = self._runnable(name)
        except Exhausted:
            return self._finish(name, "")
        self._name_program(str(found.path))
        self.application = frozenset({name.partition(".")[0]})
        return self._run_main(str(found.path), loading.origin(self, found), found.name)

    def run_command(self, command: Command) -> StartupTrace:
        """What a console script loads: its wrapper's file, or the text that stands for one."""
        self.run_site()
        self.made = (command.path, command.text.encode()) if command.text else None
        self.shipped = command.packages
        self.application = frozenset({command.module.partition(".")[0], *command.packages})
        return self._run_main(command.path, Origin.THIRD_PARTY, None)

    def run_made(self, path: str, text: str) -> StartupTrace:
        """What the program *text* loads, which is no file: *path* stands for it."""
        self.run_site()
        self.made = (path, text.encode())
        return self._run_main(path, Origin.FIRST_PARTY, None)

    def read(self, path: str) -> Program:
        """The Program of the file *path*, or of the text that stands for it. Raises OSError, SourceError."""
        if self.made is not None and path == self.made[0]:
            return read_program(self.made[1], path)
        return super().read(path)

    def _runnable(self, name: str) -> Found:
        """The file that `python -m name` runs. Raises SourceError when there is none."""
        site = ImportSite("<command>", name, ImportKind.EAGER, Location("<command>", 1))
        parent = name.rpartition(".")[0]
        try:
            if parent:
                self.load(parent, site)
            found = self.find(name, self.modules.get(parent))
            if found is not None and found.locations is not None:
                self.load(name, site)
                found = self.find(f"{name}.__main__", self.modules[name])
                if found is None:
                    raise SourceError(name, 1, "is a package without __main__.py: `python -m` cannot run it")
        except Raised as raised:
            raise SourceError(name, 1, "no such module in the target environment") from raised
        if found is None or found.path is None or found.form is not Form.SOURCE:
            raise SourceError(name, 1, "no such module with a source file in the target environment")
        return found

    def _run_main(self, path: str, origin: str, name: str | None) -> StartupTrace:
        """Runs the file *path* as `__main__`; *name* is what its `__spec__` says, None where it has none."""
        module = loading.register(self, Found("__main__", Form.SOURCE, path), None)
        module.origin = origin
        spec = module.namespace["__spec__"]
        if name is None:
            module.namespace.update({"__package__": None, "__spec__": None})
        elif isinstance(spec, Instance):
            package = module.namespace["__package__"] = name.rpartition(".")[0]
            spec.attributes.update({"name": name, "parent": package})
        self.loaded["__main__"] = LoadedModule(
            "__main__", Origin(origin), path, Reach.EAGER, Certainty.CERTAIN, None, None, self.finder.disk.size(path)
        )
        self.executing = ["__main__"]
        with contextlib.suppress(Raised):  # nothing is outside it that could handle the program's last exception
            loading.run_source(self, module, path)
        module.complete = True
        self._run_at_exit(Frame(module, module.namespace, None, ()))
        broken = self.broken.get(path)
        if broken is not None:
            kill_all(self.suspended)
            raise SourceError(path, broken.location.line, broken.reason)
        return self._finish("__main__", path)

    def _run_at_exit(self, frame: Frame) -> None:
        """What `atexit` runs is possible: nobody knows whether the program comes to its end by itself."""
        while self.at_exit:
            with contextlib.suppress(Raised, Exhausted):
                perhaps(self, frame, self.at_exit.pop()[1])

    def _name_program(self, program: str) -> None:
        """`sys.argv[0]` is *program* from here on."""
        self.options = msgspec.structs.replace(self.options, program=program)
        system = self.modules.get("sys")
        arguments = system.namespace.get("argv") if system is not None else None
        if isinstance(arguments, ListValue) and arguments.items[:1] == ["-m"]:
            arguments.items[0] = program

    def run_later(self, asked: Iterable[ImportSite], path: tuple[str, ...]) -> StartupTrace:
        """What the sites *asked* of another trace load, along the search *path*, where nothing else has run.

        The sites are `NOBODY`'s here.
        """
        self.finder.path = path
        self.run_site()
        for site in asked:
            self.later.sites[ImportSite(NOBODY, site.imported, site.kind, _NOWHERE)] = None
        return self._finish(NOBODY, "")

    def called_in(self) -> dict[str, list[BodyPlace]]:
        """Of each first-party file that was read as one module, by path: the functions that the start has called."""
        read = [
            module.found.path or ""
            for module in self.modules.values()
            if module.origin == Origin.FIRST_PARTY and module.program is not None
        ]
        often = Counter(read)
        return {path: self.called.get(path, []) for path in read if often[path] == 1 and path not in self.broken}

    def run_site(self) -> None:
        """What the environment runs at every start: `import` lines of `.pth` files, then sitecustomize.

        They may put importers on `sys.meta_path`. The project's own folders are not on the search path yet.
        """
        module = ModuleValue("site", Found("site", Form.SOURCE, None), {"__name__": "site"})
        module.origin = Origin.STDLIB
        frame = Frame(module, module.namespace, None, ())
        self.muted += 1
        path, self.finder.path = self.finder.path, self.environment.path
        for line in (*import_lines(self.finder), b"import sitecustomize"):
            with contextlib.suppress(Raised, Exhausted, SourceError):
                self.run_block(read_program(line, "<site>").body, frame)
        self.finder.path = path
        system = self.modules.get("sys")
        held = system.namespace.get("path") if system is not None else None
        if isinstance(held, ListValue):
            held.items[:0] = [one for one in path if one not in self.environment.path]
        self.muted -= 1

    def _finish(self, entry: str, path: str) -> StartupTrace:
        kill_all(self.suspended)
        with contextlib.suppress(Exhausted):
            self.later.follow(self, entry)
        kill_all(self.suspended)
        cut = None
        if self.bound:
            where = next((stop.location for stop in self.stops.values()), Location(path or entry, 1))
            cut = Stop(where, f"the start {self.bound}; this is no verdict, as the rest of it was not looked at")
        certain = self._certain_modules(entry)
        own = {one.path for one in self.loaded.values() if one.path and one.origin == Origin.FIRST_PARTY}
        modules = tuple(
            self._finished(module, module.name in certain)
            for module in self._with_parents_of(entry, self.loaded.values())
        )
        return StartupTrace(
            entry,
            path,
            self.environment.version,
            self.environment.platform,
            modules,
            Edges.of(self.edges.values()),  # also through modules whose own import failed: what they loaded stays
            tuple(self.later.sites),
            tuple(self.unresolved.values()),
            tuple(self.stops.values()),
            tuple(self.broken.values()),
            tuple(self.later.raw_threads),
            tuple(sorted(own | self.unnamed_files)),
            self.variables.deciding(),
            tuple(self.lazy.uses.values()),
            tuple(LazyStatement(place, by) for place, by in self.lazy.bound.items()),
            tuple(map(self._thread_start, self.threads.started)),
            tuple(self.threads.presence_checks),
            tuple(self.commands),
            self.shipped,
            tuple(self.threads.in_coroutines.values()),
            tuple(self.threads.hazards),
            self.ready.found if self.ready is not None else None,
            self.ready.why_not(self) if self.ready is not None else "",
            cut,
        )

    def _thread_start(self, one: RunningThread) -> ThreadStart:
        """*one* with its imports as their statements name them: `from a import b` imports `a`, then `a.b`.

        An import by name counts although what the thread has loaded itself, `importlib` for example, is not there.
        """
        named: dict[ImportSite, None] = {}
        for site in one.sites:
            named.setdefault(site)
            named.update((known, None) for known in self.later.sites if known.location == site.location)
        by_name = (site for site in self.later.sites if site.kind is ImportKind.DYNAMIC)
        named.update((site, None) for site in by_name if (site.importer, site.scope) == one.scope)
        return ThreadStart(one.location, one.target, tuple(named), one.executing, one.first, one.last, tuple(one.waits))

    def _finished(self, module: LoadedModule, certain: bool) -> LoadedModule:
        patterns = self.patterns.get(module.name, 0)
        if certain and not patterns:
            return module
        certainty = Certainty.CERTAIN if certain else Certainty.POSSIBLE
        return msgspec.structs.replace(module, certainty=certainty, patterns=patterns)

    @staticmethod
    def _with_parents_of(entry: str, modules: object) -> list[LoadedModule]:
        ordered = list(modules)  # type: ignore[call-overload]  # dict views are iterable
        return sorted(ordered, key=lambda module: module.name != entry) if entry == "__main__" else ordered

    def _certain_modules(self, entry: str) -> set[str]:
        """Those of the start that it certainly imports, and of later phases those that any phase certainly does."""
        roots = [name for name, module in self.loaded.items() if module.loaded_by is None]
        eager = self._certainly_reached({entry, *roots}, Reach.EAGER)
        later = self._certainly_reached(set(eager), None)
        return eager | {name for name in later if name in self.loaded and self.loaded[name].reach is not Reach.EAGER}

    def _certainly_reached(self, names: set[str], reach: Reach | None) -> set[str]:
        following: dict[str, list[str]] = {}
        for edge in self.edges.values():
            if edge.certain and (reach is None or edge.reach is reach):
                following.setdefault(edge.importer, []).append(edge.imported)
        pending = list(names)
        while pending:
            for name in following.get(pending.pop(), ()):
                if name not in names:
                    names.add(name)
                    pending.append(name)
        return names


def run_deeply(run: Callable[[], StartupTrace]) -> StartupTrace:
    """Run with a stack for imports nested a thousand deep, and without the collector: nothing here is garbage."""
    results: list[StartupTrace] = []
    errors: list[BaseException] = []

    def target() -> None:
        try:
            results.append(run())
        except BaseException as error:
            errors.append(error)

    limit, size = sys.getrecursionlimit(), threading.stack_size(STACK)
    collecting = gc.isenabled()
    gc.disable()
    try:
        sys.setrecursionlimit(_RECURSION)
        thread = threading.Thread(target=target, name="importguard-start")
        thread.start()
        thread.join()
    finally:
        sys.setrecursionlimit(limit)
        threading.stack_size(size)
        if collecting:
            gc.enable()
    if errors:
        raise errors[0]
    return results[0]
