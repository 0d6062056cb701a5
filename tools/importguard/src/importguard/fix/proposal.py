"""The plan's steps as edits: which can be made, what they save, and why the others stay. Writes nothing.

The saving is not believed, it is worked out: the start is analysed again with the edited files in place of those on
disk. A step whose saving is not there is refused, and the rest is worked out anew.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

import msgspec

from importguard.analysis import Analysis, analyse
from importguard.fix.child import Answer, Job, ask
from importguard.fix.cover import Covers, Cuts, ImmovableError, locations
from importguard.fix.effects import effect_of
from importguard.fix.leaning import leaning_on
from importguard.fix.movable import Movable, Obstacle
from importguard.fix.original import Original
from importguard.fix.statements import Move, Refused, Wanted
from importguard.graph import ModuleGraph, is_below
from importguard.plan import Plan, Step
from importguard.session import Session
from importguard.source.import_site import Location
from importguard.startup.trace import Origin
from importguard.storage.edited import Edited

_MOST_AGAIN = 8  # steps that are worked out anew


class Refusal(msgspec.Struct, frozen=True):
    """Why a step is not made. `location` is the statement that cannot be moved, `at` what is in its way."""

    step: int
    subject: str
    location: Location
    at: Location
    reason: str
    modules: int = 0  # what the step would have saved


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


class _Planned(NamedTuple):
    """A step, and the statements that are moved for it."""

    number: int
    step: Step
    cuts: Cuts


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
        self._movable = Movable(analysis, form)
        self._covers = Covers(analysis.graph, self._movable)
        self._typing = True
        self._again = 0
        self._refusals: list[Refusal] = []
        self._answers: dict[tuple[str, tuple[Wanted, ...]], Answer] = {}

    def proposal(self, numbered: Sequence[tuple[int, Step]]) -> Proposal:
        """Drops the steps that cannot be made until the rest saves what it promises."""
        # Else an import of typing for the sake of its flag would bring what a cut has saved.
        self._typing = "typing" in self._graph.start and all("typing" not in step.saved for _, step in numbered)
        left = [one for number, step in numbered if (one := self._planned(number, step)) is not None]
        while left:
            edits, refused = self._edits(left)
            if refused is None:
                after = self._after(edits)
                refused = self._unproved(left, after)
                if refused is None:
                    return self._whole(left, edits, after)
            failed = next(one for one in left if one.number == refused.step)
            left.remove(failed)
            again = self._without(failed, refused)
            if again is not None:
                left = sorted([*left, again], key=lambda one: one.number)
        return self._whole((), (), self._graph)

    def _without(self, failed: _Planned, refused: Refusal) -> _Planned | None:
        """The step with other statements, where one of them would run in the function that it has been put into."""
        blame = [place for place in failed.cuts if place == refused.location]
        if not blame or self._again >= _MOST_AGAIN:
            self._refusals.append(refused)
            return None
        self._again += 1
        self._movable.bar(blame[0], Obstacle(refused.at, refused.reason))
        return self._planned(failed.number, failed.step)

    def _whole(self, made: Sequence[_Planned], edits: Sequence[Edit], after: ModuleGraph) -> Proposal:
        saved = self._graph.start - after.start
        steps = []
        places: set[Location] = set()
        counted: frozenset[str] = frozenset()
        for number, step, cuts in made:
            places.update(cuts)
            total = self._graph.saved_by(places) & saved
            steps.append(Made(number, step.subject, tuple(sorted(cuts)), total - counted))
            counted = total
        refusals = tuple(sorted(self._refusals, key=lambda one: one.step))
        return Proposal(self._analysis, tuple(steps), refusals, tuple(edits), saved, after)

    @staticmethod
    def _refusal(number: int, step: Step, location: Location, at: Location, reason: str) -> Refusal:
        return Refusal(number, step.subject, location, at, reason, len(step.saved))

    def _planned(self, number: int, step: Step) -> _Planned | None:
        """The statements for *step*; None where one has to stay, which is then among the refusals."""
        try:
            cuts = self._covers.of(step)
        except ImmovableError as error:
            self._refusals.append(self._refusal(number, step, error.location, *error.obstacle))
            return None
        saved = self._graph.saved_by(cuts)
        where = step.statements[0].site.location
        leaning = leaning_on(self._graph, saved)
        effect = effect_of(self._graph, saved) if leaning is None else None
        if leaning is not None:
            reason = f"{leaning[0]} is used without an import of its own"
            self._refusals.append(self._refusal(number, step, where, leaning[1], reason))
        elif effect is not None:
            reason = f"{effect.module} is imported for what that does, too: it {effect.what}"
            self._refusals.append(self._refusal(number, step, where, Location(effect.path, effect.line), reason))
        else:
            return _Planned(number, step, cuts)
        return None

    def _edits(self, planned: Sequence[_Planned]) -> tuple[tuple[Edit, ...], Refusal | None]:
        """The new texts; or the step of which a statement cannot be moved after all."""
        found: dict[str, dict[int, frozenset[str]]] = {}
        for one in planned:
            for place, names in one.cuts.items():
                of_file = found.setdefault(place.path, {})
                of_file[place.line] = of_file.get(place.line, frozenset()) | names
        edits = []
        for path, lines in sorted(found.items()):
            wanted = tuple(Wanted(line, tuple(sorted(names))) for line, names in sorted(lines.items()))
            original, answer = self._movable.original(path), self._asked(path, wanted)
            if isinstance(original, str) or answer.failure or answer.refused:
                number, step, _ = next(one for one in reversed(planned) if any(at.path == path for at in one.cuts))
                problem = (
                    answer.refused[0] if answer.refused else Refused(wanted[0].line, wanted[0].line, answer.failure)
                )
                places = Location(path, problem.line), Location(path, problem.at)
                return (), self._refusal(number, step, *places, problem.reason)
            edits.append(Edit(original, answer.text, answer.moves))
        return tuple(edits), None

    def _asked(self, path: str, wanted: tuple[Wanted, ...]) -> Answer:
        key = path, wanted
        original = self._movable.original(path)
        if isinstance(original, str):
            return Answer(failure=original)
        if key not in self._answers:
            package, is_package = self._movable.package(path)
            self._answers[key] = ask(Job(original.text, wanted, self._form, package, is_package, self._typing))
        return self._answers[key]

    def _after(self, edits: Sequence[Edit]) -> ModuleGraph:
        contents: Mapping[str, bytes] = {one.original.path: one.content for one in edits}
        start = self._analysis.start
        session = self._session.within(self._session.environment_of(start), Edited(contents))
        return analyse(start, session).graph

    def _unproved(self, planned: Sequence[_Planned], after: ModuleGraph) -> Refusal | None:
        """The first step of which the start still loads something that was to go; or what brings anything new."""
        before = self._graph
        new = {name for name in after.start - before.start if after.modules[name].origin is not Origin.STDLIB}
        promised = before.saved_by(locations([one.cuts for one in planned]))
        for number, step, cuts in planned:
            place = step.statements[0].site.location
            expected = promised & step.saved  # less than the plan says, where an earlier step is refused
            if not expected:
                return self._refusal(number, step, place, place, "it saves nothing while a step before it is refused")
            left = expected & after.start
            if left or new:
                name = min(left or new, key=lambda one: (not is_below(one, step.subject), len(one), one))
                return self._refusal(number, step, *self._still(name, after, place, cuts))
        return None

    def _still(self, name: str, after: ModuleGraph, place: Location, cuts: Cuts) -> tuple[Location, Location, str]:
        """By what the start would load *name* all the same: the statement that is moved, where it then runs, why."""
        reason = f"the start would load {name} all the same"
        own = [one.site for one in after.chain(name).steps if one.site.importer in after.own]
        if not own:
            return place, place, reason
        at = next((site for site in reversed(own) if site.scope), own[-1])  # where the edit has put it, most likely
        inside = f" in {'.'.join(at.scope)}, which the start calls" if at.scope else ""
        moved = [one for one, names in cuts.items() if one.path == at.location.path and at.imported in names]
        where = moved[0] if moved and at.scope else place
        return where, self._before(at.location, at.scope), f"{reason}, by the import of {at.imported}{inside}"

    def _before(self, place: Location, scope: tuple[str, ...]) -> Location:
        """*place* in the file as it is on disk: an edit moves lines."""
        original = self._movable.original(place.path)
        if isinstance(original, str) or not scope:
            return place
        lines = original.text.split("\n")
        for number, line in enumerate(lines, 1):
            if line.lstrip().startswith((f"def {scope[-1]}(", f"async def {scope[-1]}(")):
                return Location(place.path, number)
        return place
