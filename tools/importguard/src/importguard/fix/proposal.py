"""The plan's steps as edits: which can be made, what they save, and why the others stay. Writes nothing.

The saving is not believed, it is worked out: the start is analysed again with the edited files in place of those on
disk. A step whose saving is not there is refused, and the rest is worked out anew.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import NamedTuple

import msgspec

from importguard.analysis import Analysis, analyse
from importguard.errors import FixError
from importguard.fix.child import Answer, Job, ask
from importguard.fix.cover import Covers, Cuts, ImmovableError, Stays, locations
from importguard.fix.effects import effect_of
from importguard.fix.leaning import leaning_on
from importguard.fix.movable import Movable, Obstacle
from importguard.fix.original import Original
from importguard.fix.statements import Move, Refused, Wanted
from importguard.graph import ModuleGraph, is_below
from importguard.plan import Plan, Step
from importguard.session import Session
from importguard.source.import_site import Location
from importguard.startup.trace import Certainty, Origin
from importguard.storage.edited import Edited

LAZY = (3, 15)  # the first Python with lazy imports
_MOST_AGAIN = 6  # times that steps are worked out anew, each with a walk of the start
_MOST_KEPT = 40  # statements of a step that stay for what they bring
_LEFT = 0.1  # of what was to go: more than that must not be loaded all the same


class Refusal(msgspec.Struct, frozen=True):
    """Why a step is not made. `location` is the statement that cannot be moved, `at` what is in its way."""

    step: int
    subject: str
    location: Location
    at: Location
    reason: str
    modules: int = 0  # what the step would have saved


class Stay(msgspec.Struct, frozen=True):
    """A statement that is not moved, with what is in its way."""

    location: Location
    at: Location
    reason: str


class Made(msgspec.Struct, frozen=True):
    """A step that can be made: its number in the plan, and what goes with it after the made ones before.

    `stays`: the step is made in part, without these statements. `modules`: what the plan says that it saves.
    """

    step: int
    subject: str
    statements: tuple[Location, ...]
    saved: frozenset[str]
    stays: tuple[Stay, ...] = ()
    modules: int = 0


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
    """What `fix` would do to one start. `saved` is gone from it, as worked out with the `edits` made.

    `perhaps`: those of `saved` that an import under a condition nobody can know may load all the same.
    """

    analysis: Analysis
    made: tuple[Made, ...]
    refusals: tuple[Refusal, ...]
    edits: tuple[Edit, ...]
    saved: frozenset[str]
    after: Analysis | None = None
    perhaps: frozenset[str] = frozenset()

    @property
    def warms(self) -> bool:
        """Whether the warmup's manifest gets jobs for what is no longer imported."""
        return any(move.form == "warmed" for edit in self.edits for move in edit.moves)

    @property
    def unsure(self) -> frozenset[str]:
        """Those of `saved` that the start may not have loaded: a condition that nobody can know decides."""
        modules = self.analysis.graph.modules
        return frozenset(name for name in self.saved if modules[name].certainty is Certainty.POSSIBLE)

    @property
    def saved_us(self) -> int:
        """What the start no longer costs, in microseconds."""
        return self.analysis.graph.cost_us(self.saved)


def default_form(analysis: Analysis) -> str:
    """The form that suits the start: warmed where it has a manifest, lazy from Python 3.15 on, else function."""
    if analysis.start.config.manifest:
        return "warmed"
    return "lazy" if analysis.environment.version_info[:2] >= LAZY else "function"


class _Planned(NamedTuple):
    """A step, the statements that are moved for it, and those that stay."""

    number: int
    step: Step
    cuts: Cuts
    stays: Stays


class _Failed(NamedTuple):
    """A step that the proof does not bear out; `blamed` are its statements that would run all the same, and where."""

    planned: _Planned
    refusal: Refusal
    blamed: Stays


def propose(
    analysis: Analysis,
    plan: Plan,
    session: Session,
    form: str,
    *,
    only: Collection[int] = (),
    subjects: Collection[str] = (),
    step: Callable[[int, int], None] = lambda _done, _of: None,
) -> Proposal:
    """The edits for the steps of *plan*: all, or those with a number in *only* or one of *subjects*.

    *step* gets how many of at most how many rounds are done.

    Raises FixError when LibCST is not installed, or when what is to be warmed has no manifest to be listed in.
    """
    if form == "warmed" and not analysis.start.config.manifest:
        raise FixError(
            'what is warmed is listed in a manifest: add `manifest = "warmup_manifest.json"` to importguard.toml, and '
            "start a warmup with it"
        )
    numbered = [
        (number, step)
        for number, step in enumerate(plan.steps, 1)
        if (not only or number in only) and (not subjects or step.subject in subjects)
    ]
    return _Proposer(analysis, session, form, step).proposal(numbered)


class _Proposer:
    def __init__(self, analysis: Analysis, session: Session, form: str, step: Callable[[int, int], None]) -> None:
        self._step = step
        self._analysis, self._graph, self._session, self._form = analysis, analysis.graph, session, form
        # What is warmed must not run in the start either, so it is proved as an import in the same functions.
        self._proved = "function" if form == "warmed" else form
        self._movable = Movable(analysis, self._proved, gives=form == "function")
        self._covers = Covers(analysis.graph, self._movable)
        self._typing = True
        self._again = 0
        self._refusals: list[Refusal] = []
        self._answers: dict[tuple[str, tuple[Wanted, ...], str], Answer] = {}

    def proposal(self, numbered: Sequence[tuple[int, Step]]) -> Proposal:
        """Drops the steps that cannot be made until the rest saves what it promises."""
        # Else an import of typing for the sake of its flag would bring what a cut has saved.
        self._typing = "typing" in self._graph.start and all("typing" not in step.saved for _, step in numbered)
        left = [one for number, step in numbered if (one := self._planned(number, step)) is not None]
        while left:
            self._step(self._again, _MOST_AGAIN + 1)
            edits, refused = self._edits(left)
            if refused is None:
                after = self._after(edits)
                failed = self._unproved(left, after.graph)
                if not failed and self._form == "warmed":  # a call for a module that is not warm yet would fail
                    edits, refused = self._edits(left, "warmed")
                    after = self._after(edits) if refused is None else after
                    failed = self._unproved(left, after.graph) if refused is None else [self._of_edit(left, refused)]
                if not failed:
                    return self._whole(left, edits, after)
            else:
                failed = [self._of_edit(left, refused)]
            left = self._without(left, failed)
        return self._whole((), (), self._analysis)

    @staticmethod
    def _of_edit(left: Sequence[_Planned], refused: Refusal) -> _Failed:
        planned = next(one for one in left if one.number == refused.step)
        return _Failed(planned, refused, {refused.location: Obstacle(refused.at, refused.reason)})

    def _without(self, left: list[_Planned], failed: Sequence[_Failed]) -> list[_Planned]:
        """The steps, worked out with other statements than all that are to blame; else without the first that fails."""
        blamed = {
            place: obstacle for one in failed for place, obstacle in one.blamed.items() if place in one.planned.cuts
        }
        if not blamed or self._again >= _MOST_AGAIN:
            self._refusals.append(failed[0].refusal)
            return [one for one in left if one is not failed[0].planned]
        self._again += 1
        for place, obstacle in blamed.items():
            self._movable.bar(place, obstacle)
        again = (one if blamed.keys().isdisjoint(one.cuts) else self._planned(one.number, one.step) for one in left)
        return [one for one in again if one is not None]

    def _whole(self, made: Sequence[_Planned], edits: Sequence[Edit], after: Analysis) -> Proposal:
        saved = self._graph.start - after.graph.start
        steps = []
        places: set[Location] = set()
        counted: frozenset[str] = frozenset()
        for number, step, cuts, left in made:
            places.update(cuts)
            total = self._graph.saved_by(places) & saved
            stays = tuple(Stay(place, *obstacle) for place, obstacle in sorted(left.items()))
            steps.append(Made(number, step.subject, tuple(sorted(cuts)), total - counted, stays, len(step.saved)))
            counted = total
        refusals = tuple(sorted(self._refusals, key=lambda one: one.step))
        perhaps = saved & self._graph.kept_by_conditions(places)
        return Proposal(self._analysis, tuple(steps), refusals, tuple(edits), saved, after, perhaps)

    @staticmethod
    def _refusal(number: int, step: Step, location: Location, at: Location, reason: str) -> Refusal:
        return Refusal(number, step.subject, location, at, reason, len(step.saved))

    def _planned(self, number: int, step: Step) -> _Planned | None:
        """The statements for *step*; None where one has to stay, which is then among the refusals."""
        for _ in range(_MOST_KEPT):
            try:
                cuts, stays = self._covers.of(step)
            except ImmovableError as error:
                self._refusals.append(self._refusal(number, step, error.location, *error.obstacle))
                return None
            kept = self._to_keep(cuts)
            if kept is None:
                return _Planned(number, step, cuts, stays)
            module, obstacle = kept
            self._movable.bar(self._bringing(module, cuts), obstacle)
        where = step.statements[0].site.location
        self._refusals.append(self._refusal(number, step, where, where, "too many of its modules have to stay"))
        return None

    def _to_keep(self, cuts: Cuts) -> tuple[str, Obstacle] | None:
        """A module that the *cuts* would save and that something else needs all the same, and why."""
        saved = self._graph.saved_by(cuts)
        leaning = leaning_on(self._graph, saved)
        if leaning is not None:
            return leaning[0], Obstacle(leaning[1], f"{leaning[0]} is used without an import of its own")
        effect = effect_of(self._graph, saved)
        if effect is None:
            return None
        reason = f"{effect.module} is imported for what that does, too: it {effect.what}"
        return effect.module, Obstacle(Location(effect.path, effect.line), reason)

    def _bringing(self, module: str, cuts: Cuts) -> Location:
        """The statement of *cuts* that has to stay so that *module* is loaded: the one that saves least by itself."""
        enough = [place for place in cuts if module not in self._graph.saved_by([one for one in cuts if one != place])]
        return min(enough or list(cuts), key=lambda one: (self._graph.cost_us(self._graph.saved_by([one])), one))

    def _edits(self, planned: Sequence[_Planned], form: str = "") -> tuple[tuple[Edit, ...], Refusal | None]:
        """The new texts; or the step of which a statement cannot be moved after all."""
        found: dict[str, dict[int, frozenset[str]]] = {}
        for one in planned:
            for place, names in one.cuts.items():
                of_file = found.setdefault(place.path, {})
                of_file[place.line] = of_file.get(place.line, frozenset()) | names
        wanted = {
            path: tuple(self._movable.wanted(Location(path, line), names) for line, names in sorted(lines.items()))
            for path, lines in sorted(found.items())
        }
        edits = []
        for path, answer in self._asked(wanted, form or self._proved).items():
            original = self._movable.original(path)
            if isinstance(original, str) or answer.failure or answer.refused:
                number, step, *_ = next(one for one in reversed(planned) if any(at.path == path for at in one.cuts))
                first = wanted[path][0].line
                problem = answer.refused[0] if answer.refused else Refused(first, first, answer.failure)
                places = Location(path, problem.line), Location(path, problem.at)
                return (), self._refusal(number, step, *places, problem.reason)
            edits.append(Edit(original, answer.text, answer.moves))
        return tuple(edits), None

    def _asked(self, wanted: Mapping[str, tuple[Wanted, ...]], form: str) -> dict[str, Answer]:
        """What becomes of each file; those that nobody has asked about yet are edited in one process."""
        jobs: dict[tuple[str, tuple[Wanted, ...], str], Job] = {}
        for path, lines in wanted.items():
            key, original = (path, lines, form), self._movable.original(path)
            if isinstance(original, str):
                self._answers[key] = Answer(failure=original)
            elif key not in self._answers:
                package, is_package = self._movable.package(path)
                blind = tuple(sorted(self._movable.blind(path)))
                calls = tuple(self._analysis.start.config.warm_calls)
                jobs[key] = Job(original.text, lines, form, package, is_package, self._typing, blind, calls)
        if jobs:
            self._answers.update(zip(jobs, ask([*jobs.values()]), strict=True))
        return {path: self._answers[path, lines, form] for path, lines in wanted.items()}

    def _after(self, edits: Sequence[Edit]) -> Analysis:
        contents: Mapping[str, bytes] = {one.original.path: one.content for one in edits}
        start = self._analysis.start
        session = self._session.within(self._session.environment_of(start), Edited(contents))
        return analyse(start, session)

    def _unproved(self, planned: Sequence[_Planned], after: ModuleGraph) -> list[_Failed]:
        """The steps of which the start still loads what was to go, or that bring anything new.

        A little that it loads all the same is not promised then, and no reason to refuse the rest.
        """
        before = self._graph
        new = {name for name in after.start - before.start if after.modules[name].origin is not Origin.STDLIB}
        promised = before.saved_by(locations([one.cuts for one in planned]))
        failed = []
        for one in planned:
            number, step, cuts, stays = one
            place = step.statements[0].site.location
            expected = promised & before.saved_by(cuts) if stays else promised & step.saved
            if not expected:
                reason = "it saves nothing while a step before it is refused"
                failed.append(_Failed(one, self._refusal(number, step, place, place, reason), {}))
                continue
            left = expected & after.start
            blamed = self._run_again(after, cuts) if left or new else {}
            if blamed or new or before.cost_us(left) > _LEFT * before.cost_us(expected):
                name = min(left or new, key=lambda one: (not is_below(one, step.subject), len(one), one))
                refusal = self._refusal(number, step, *self._still(name, after, place, cuts))
                failed.append(_Failed(one, refusal, blamed))
        return failed

    def _run_again(self, after: ModuleGraph, cuts: Cuts) -> Stays:
        """The *cuts* whose imports the start would run where they are then: it calls that function."""
        files = {place.path for place in cuts}
        found: dict[Location, Obstacle] = {}
        for number, edge in after.own_edges.items():
            site = edge.site
            if site.location.path not in files or not after.runs(number):
                continue
            inside = f" in {'.'.join(site.scope)}, which the start calls" if site.scope else ""
            reason = f"the start would load {edge.imported} all the same, by the import of {site.imported}{inside}"
            for place, names in cuts.items():
                if place.path == site.location.path and edge.imported in names:
                    found.setdefault(place, Obstacle(self._before(site.location, site.scope), reason))
        return found

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
