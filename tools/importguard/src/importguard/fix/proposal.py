"""The plan's steps as edits: which can be made, what they save, and why the others stay. Writes nothing.

The saving is not believed, it is worked out: the start is analysed again with the edited files in place of those on
disk. A step whose saving is not there is refused, and the rest is worked out anew.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

import msgspec

from importguard.analysis import Analysis, analyse
from importguard.fix.child import Answer, Job, ask
from importguard.fix.effects import effect_of
from importguard.fix.leaning import leaning_on
from importguard.fix.original import Original, UnfitError, read
from importguard.fix.others import Others
from importguard.fix.statements import Move, Wanted
from importguard.graph import ModuleGraph, is_below
from importguard.plan import Plan, Step
from importguard.session import Session
from importguard.source.import_site import Location
from importguard.startup.trace import Origin
from importguard.storage.edited import Edited


class Refusal(msgspec.Struct, frozen=True):
    """Why a step is not made. `location` is the statement that cannot be moved, `at` what is in its way."""

    step: int
    subject: str
    location: Location
    at: Location
    reason: str


class Made(msgspec.Struct, frozen=True):
    """A step that can be made: its number in the plan, and what goes with it after the made ones before."""

    step: int
    subject: str
    statements: tuple[Location, ...]
    saved: frozenset[str]


class Edit(msgspec.Struct, frozen=True):
    """The new text of one file."""

    original: Original
    text: str
    moves: tuple[Move, ...]

    @property
    def content(self) -> bytes:
        """What is to be written."""
        return self.original.encoded(self.text)


class Proposal(msgspec.Struct, frozen=True):
    """What `fix` would do to one start. `saved` is gone from it for certain, as worked out with the `edits` made."""

    analysis: Analysis
    made: tuple[Made, ...]
    refusals: tuple[Refusal, ...]
    edits: tuple[Edit, ...]
    saved: frozenset[str]
    after: ModuleGraph

    @property
    def saved_us(self) -> int:
        """What the start no longer costs, in microseconds."""
        return self.analysis.graph.cost_us(self.saved)

    @property
    def refused_saving(self) -> int:
        """How many steps stay."""
        return len({one.step for one in self.refusals})


class _RefusedError(Exception):
    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.reason)
        self.refusal = refusal


def propose(
    analysis: Analysis,
    plan: Plan,
    session: Session,
    form: str,
    *,
    only: Collection[int] = (),
    subjects: Collection[str] = (),
) -> Proposal:
    """The edits for the steps of *plan*: all, or those with a number in *only* or one of *subjects*.

    Raises FixError when LibCST is not installed.
    """
    numbered = [
        (number, step)
        for number, step in enumerate(plan.steps, 1)
        if (not only or number in only) and (not subjects or step.subject in subjects)
    ]
    return _Proposer(analysis, session, form).proposal(numbered)


class _Proposer:
    def __init__(self, analysis: Analysis, session: Session, form: str) -> None:
        self._analysis, self._graph, self._session, self._form = analysis, analysis.graph, session, form
        graph = self._graph
        self._names = {module.path: name for name, module in graph.modules.items() if module.path is not None}
        own = [graph.modules[name].path for name in graph.own if name in graph.modules]
        self._others = Others(str(analysis.project.root), filter(None, own))
        self._typing = True
        self._originals: dict[str, Original] = {}
        self._answers: dict[tuple[str, tuple[Wanted, ...]], Answer] = {}

    def proposal(self, numbered: Sequence[tuple[int, Step]]) -> Proposal:
        """Drops the steps that cannot be made until the rest saves what it promises."""
        refusals: list[Refusal] = []
        left = []
        # Else an import of typing for the sake of its flag would bring what a cut has saved.
        self._typing = "typing" in self._graph.start and all("typing" not in step.saved for _, step in numbered)
        for number, step in numbered:
            try:
                self._demand(number, step)
                left.append((number, step))
            except _RefusedError as error:
                refusals.append(error.refusal)
        while left:
            edits, refused = self._edits(left)
            if refused is None:
                after = self._after(edits)
                refused = self._unproved(left, after)
                if refused is None:
                    return self._whole(left, refusals, edits, after)
            refusals.append(refused)
            left = [(number, step) for number, step in left if number != refused.step]
        return self._whole((), refusals, (), self._graph)

    def _whole(
        self,
        made: Sequence[tuple[int, Step]],
        refusals: list[Refusal],
        edits: Sequence[Edit],
        after: ModuleGraph,
    ) -> Proposal:
        saved = self._graph.start - after.start
        steps = []
        places: set[Location] = set()
        counted: frozenset[str] = frozenset()
        for number, step in made:
            own = tuple(edge.site.location for edge in step.statements)
            places.update(own)
            total = self._graph.saved_by(places) & saved
            steps.append(Made(number, step.subject, own, total - counted))
            counted = total
        return Proposal(
            self._analysis,
            tuple(steps),
            tuple(sorted(refusals, key=lambda one: one.step)),
            tuple(edits),
            saved,
            after,
        )

    # What one step asks of each file

    def _demand(self, number: int, step: Step) -> None:
        """Raises _RefusedError unless every statement of *step* can be moved."""
        for path, wanted in self._wanted([(number, step)]).items():
            original = self._original(number, step, path, wanted[0].line)
            answer = self._asked(original, wanted, edit=False)
            self._pass_on(number, step, path, wanted, answer)
            names = [name for move in answer.moves for name in move.names]
            used = self._others.using(path, self._module(path), names)
            if used is not None:
                line = next(move.line for move in answer.moves if used.name in move.names)
                raise _RefusedError(
                    Refusal(
                        number,
                        step.subject,
                        Location(path, line),
                        Location(used.path, used.line),
                        f"{used.name} is used from there",
                    )
                )
        leaning = leaning_on(self._graph, step.saved)
        if leaning is not None:
            where = step.statements[0].site.location
            reason = f"{leaning[0]} is used without an import of its own"
            raise _RefusedError(Refusal(number, step.subject, where, leaning[1], reason))
        effect = effect_of(self._graph, step.saved)
        if effect is not None:
            where = step.statements[0].site.location
            reason = f"{effect.module} is imported for what that does, too: it {effect.what}"
            raise _RefusedError(Refusal(number, step.subject, where, Location(effect.path, effect.line), reason))

    def _pass_on(self, number: int, step: Step, path: str, wanted: Sequence[Wanted], answer: Answer) -> None:
        if answer.failure:
            place = Location(path, wanted[0].line)
            raise _RefusedError(Refusal(number, step.subject, place, place, answer.failure))
        for one in answer.refused:
            raise _RefusedError(
                Refusal(number, step.subject, Location(path, one.line), Location(path, one.at), one.reason)
            )

    def _wanted(self, numbered: Iterable[tuple[int, Step]]) -> dict[str, tuple[Wanted, ...]]:
        """By file, the statements and what of each has to go."""
        found: dict[Location, set[str]] = {}
        for _, step in numbered:
            for edge in step.statements:
                place = edge.site.location
                names = {one.imported for one in self._graph.own_edges.values() if one.site.location == place}
                found.setdefault(place, set()).update(self._chosen(step, names) or names)
        by_file: dict[str, list[Wanted]] = {}
        for place, names in sorted(found.items()):
            by_file.setdefault(place.path, []).append(Wanted(place.line, tuple(sorted(names))))
        return {path: tuple(wanted) for path, wanted in by_file.items()}

    @staticmethod
    def _chosen(step: Step, names: Collection[str]) -> set[str]:
        """Those of the imported *names* that the step is about: below its subject, or gone with it."""
        return {name for name in names if name in step.saved or is_below(name, step.subject)}

    def _original(self, number: int, step: Step, path: str, line: int) -> Original:
        if path not in self._originals:
            try:
                self._originals[path] = read(path)
            except UnfitError as error:
                place = Location(path, line)
                raise _RefusedError(Refusal(number, step.subject, place, place, f"the file {error}")) from error
        return self._originals[path]

    def _module(self, path: str) -> str:
        return "__main__" if path == self._graph.trace.entry_path else self._names.get(path, "__main__")

    def _asked(self, original: Original, wanted: tuple[Wanted, ...], *, edit: bool) -> Answer:
        module = self._names.get(original.path, "")
        is_package = original.path.endswith("__init__.py")
        package = module if is_package else module.rpartition(".")[0]
        return ask(Job(original.text, wanted, self._form, package, is_package, edit, self._typing))

    # All of them together

    def _edits(self, numbered: Sequence[tuple[int, Step]]) -> tuple[tuple[Edit, ...], Refusal | None]:
        edits = []
        for path, wanted in self._wanted(numbered).items():
            key = path, wanted
            if key not in self._answers:
                self._answers[key] = self._asked(self._originals[path], wanted, edit=True)
            answer = self._answers[key]
            number, step = next(
                (number, step)
                for number, step in reversed(numbered)
                if any(edge.site.location.path == path for edge in step.statements)
            )
            try:
                self._pass_on(number, step, path, wanted, answer)
            except _RefusedError as error:
                return (), error.refusal
            edits.append(Edit(self._originals[path], answer.text, answer.moves))
        return tuple(edits), None

    def _after(self, edits: Sequence[Edit]) -> ModuleGraph:
        contents: Mapping[str, bytes] = {one.original.path: one.content for one in edits}
        start = self._analysis.start
        session = self._session.within(self._session.environment_of(start), Edited(contents))
        return analyse(start, session).graph

    def _unproved(self, numbered: Sequence[tuple[int, Step]], after: ModuleGraph) -> Refusal | None:
        """The first step of which the start still loads something that was to go; or what brings anything new."""
        before = self._graph
        new = {name for name in after.start - before.start if after.modules[name].origin is not Origin.STDLIB}
        places = {edge.site.location for _, step in numbered for edge in step.statements}
        promised = before.saved_by(places)  # less than the plan says, where an earlier step is refused
        for number, step in numbered:
            place = step.statements[0].site.location
            if not promised & step.saved:
                reason = "it saves nothing while a step before it is refused"
                return Refusal(number, step.subject, place, place, reason)
            left = step.saved & promised & after.start
            if not left and not new:
                continue
            name = min(left or new, key=lambda one: (not is_below(one, step.subject), len(one), one))
            steps = [
                one
                for one in after.chain(name).steps
                if after.is_first_party(one.site.importer) or one.site.importer in after.own
            ]
            at = steps[-1].site if steps else None
            if at is None:
                return Refusal(number, step.subject, place, place, f"the start would load {name} all the same")
            inside = f" in {'.'.join(at.scope)}, which the start calls" if at.scope else ""
            reason = f"the start would load {name} all the same, by the import of {at.imported}{inside}"
            return Refusal(number, step.subject, place, self._before(at.location, at.scope), reason)
        return None

    def _before(self, place: Location, scope: tuple[str, ...]) -> Location:
        """*place* in the file as it is on disk: an edit moves lines."""
        original = self._originals.get(place.path)
        if original is None or not scope:
            return place
        lines = original.text.split("\n")
        for number, line in enumerate(lines, 1):
            if line.lstrip().startswith((f"def {scope[-1]}(", f"async def {scope[-1]}(")):
                return Location(place.path, number)
        return place
