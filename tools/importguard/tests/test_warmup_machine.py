"""A warmup in any order of calls, over modules and executors that misbehave: it never stops for good.

The jobs are held and let go by events, one at a time; what may happen at once is drawn by Hypothesis.
"""

import gc
import itertools
import sys
import threading
import types
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from importguard.warmup import (
    DaemonThreads,
    NotWarmedError,
    Warmup,
    WarmupFailedError,
    WarmupJob,
    WarmupManifest,
)

WAIT_S = 15
_COUNT = itertools.count()


class MuteError(Exception):
    """Nothing can be learnt from it."""

    def __str__(self):
        raise ValueError

    __repr__ = __str__


class LeavingError(Exception):
    def __str__(self):
        raise SystemExit(3)


def nameless():
    class Meta(type):
        @property
        def __name__(cls):
            raise RuntimeError

    return Meta("Odd", (Exception,), {})("x")


class UntracedError(Exception):
    @property
    def __traceback__(self):
        raise RuntimeError


def odd_syntax_error():
    return SyntaxError("x", ("f", "lineno", [], {}))


def odd_cause():
    error = ValueError("x")
    error.__cause__ = MuteError()
    return error


FAILURES = (
    MuteError,
    LeavingError,
    nameless,
    UntracedError,
    odd_syntax_error,
    odd_cause,
    lambda: ValueError("x" * 10**6),
    SystemExit,
)


class InPlace:
    """Runs each job where it is handed over."""

    def submit(self, run, /, *arguments):
        run(*arguments)


class Held:
    """Takes jobs and runs them on a thread when it is told."""

    def __init__(self):
        self.taken = []

    def submit(self, run, /, *arguments):
        self.taken.append((run, arguments))

    def go_on(self):
        if self.taken:
            run, arguments = self.taken.pop(0)
            thread = threading.Thread(target=run, args=arguments)
            thread.start()
            thread.join()


class Unsteady:
    """Has a thread for a job only now and then."""

    def __init__(self, refuse):
        self.refuse = refuse

    def submit(self, run, /, *arguments):
        if next(self.refuse):
            raise RuntimeError("can't start new thread")
        run(*arguments)


class Bodies:
    """A finder of modules whose bodies are functions."""

    def __init__(self):
        self.bodies = {}

    def find_spec(self, name, _path=None, _target=None):
        from importlib.machinery import ModuleSpec

        return ModuleSpec(name, self) if name in self.bodies else None

    def create_module(self, spec):
        return types.ModuleType(spec.name)

    def exec_module(self, module):
        self.bodies[module.__name__]()


@pytest.fixture(autouse=True, scope="module")
def finder():
    sys.meta_path.append(BODIES)
    yield
    sys.meta_path.remove(BODIES)


BODIES = Bodies()


class WarmupMachine(RuleBasedStateMachine):
    """What may be done to one warmup, and what holds after each step."""

    @initialize(
        outcomes=st.lists(st.sampled_from((None, *FAILURES)), min_size=1, max_size=6),
        executor=st.sampled_from(("in place", "held", "unsteady")),
        groups=st.booleans(),
        concurrency=st.integers(1, 3),
        refusals=st.lists(st.booleans(), max_size=8),
    )
    def make(self, outcomes, executor, groups, concurrency, refusals):
        self.before = gc.isenabled(), sys.getswitchinterval()
        self.names = [f"warmed_{next(_COUNT)}" for _ in outcomes]
        self.fails = dict(zip(self.names, outcomes, strict=True))
        for name in self.names:
            BODIES.bodies[name] = lambda name=name: self.body(name)
        jobs = tuple(
            WarmupJob(name, group=position // 2 if groups else position) for position, name in enumerate(self.names)
        )
        made = {
            "in place": InPlace,
            "held": Held,
            "unsteady": lambda: Unsteady(itertools.chain(refusals, itertools.repeat(False))),
        }
        self.executor = made[executor]()
        self.warmup = Warmup(WarmupManifest(1, "", jobs), self.executor, concurrency=concurrency, deadline_s=None)
        self.ends = self.registered = 0
        self.closed = False

    def body(self, name):
        made = self.fails[name]
        if made is not None:
            raise made()

    @rule()
    def start(self):
        with suppress(RuntimeError):  # no thread can be started: it can be tried again
            self.warmup.start()

    @precondition(lambda self: isinstance(self.executor, Held))
    @rule()
    def go_on(self):
        self.executor.go_on()

    @rule(position=st.integers(0, 5))
    def retry(self, position):
        name = self.names[position % len(self.names)]
        failed = name in dict(self.warmup.status().failed)
        if failed and not self.closed:
            with suppress(RuntimeError):
                self.warmup.retry(name)
        else:
            with pytest.raises((KeyError, RuntimeError)):
                self.warmup.retry(name)

    @rule(position=st.integers(0, 5))
    def a_module_is_mended(self, position):
        self.fails[self.names[position % len(self.names)]] = None

    @rule(position=st.integers(0, 5))
    def promote(self, position):
        self.warmup.promote(self.names[position % len(self.names)])

    @rule(error=st.sampled_from((None, MuteError, SystemExit)))
    def listen(self, error):
        def called(_status):
            self.ends += 1
            if error is not None and threading.current_thread() is not threading.main_thread():
                raise error()

        self.registered += 1
        self.warmup.on_complete(called)
        self.warmup.on_progress(lambda status: status.done)

    @precondition(lambda self: not self.closed)
    @rule()
    def close(self):
        self.closed = True
        self.warmup.close()

    @invariant()
    def each_job_is_in_one_state_and_its_answer_says_so(self):
        if not hasattr(self, "warmup"):
            return
        status = self.warmup.status()
        assert sorted(job.module for job in status.jobs) == sorted(self.names)
        failed = dict(status.failed)
        for job in status.jobs:
            if job.state == "completed":
                assert self.warmup.require_warmed(job.module).__name__ == job.module
            else:
                with pytest.raises(WarmupFailedError if job.module in failed else NotWarmedError):
                    self.warmup.require_warmed(job.module)
        assert all(text and len(text) < 20_000 for text in failed.values())
        assert self.ends <= self.registered

    @invariant()
    def between_chains_the_collector_is_as_it_was(self):
        if hasattr(self, "warmup") and self.warmup.ended_at is not None:
            assert (gc.isenabled(), sys.getswitchinterval()) == self.before

    def teardown(self):
        if not hasattr(self, "warmup"):
            return
        for _ in range(20):
            self.start()
            while isinstance(self.executor, Held) and self.executor.taken:
                self.executor.go_on()
        assert self.warmup.wait(WAIT_S) or self.closed
        if not self.closed:
            assert self.warmup.status().done
            assert self.ends == self.registered
        assert (gc.isenabled(), sys.getswitchinterval()) == self.before
        for name in self.names:
            del BODIES.bodies[name]
            sys.modules.pop(name, None)


WarmupMachine.TestCase.settings = settings(
    max_examples=150,
    stateful_step_count=25,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
test_a_warmup_never_stops_for_good = WarmupMachine.TestCase


# Kinds of trouble, each by itself


@pytest.fixture
def warmup():
    """`warmup({name: body or None}, executor)`: a warmup over modules made here."""
    made = []

    def make(count, body=lambda position: None, executor=None, **options):
        names = [f"warmed_{next(_COUNT)}" for _ in range(count)]
        for position, name in enumerate(names):
            BODIES.bodies[name] = lambda position=position: body(position)
        made.extend(names)
        return Warmup(WarmupManifest.of(names), executor, **options)

    yield make
    for name in made:
        del BODIES.bodies[name]
        sys.modules.pop(name, None)


@pytest.mark.parametrize("executor", [DaemonThreads(), InPlace()])
@pytest.mark.parametrize("failure", FAILURES)
def test_an_exception_that_misbehaves_fails_its_job_alone(warmup, failure, executor):
    def body(position):
        if position == 1:
            raise failure()

    one = warmup(3, body, executor)
    one.start()
    assert one.wait(WAIT_S)
    status = one.status()
    assert (len(status.completed), len(status.failed), gc.isenabled()) == (2, 1, True)
    (job,) = [job for job in status.jobs if job.state == "failed"]
    assert job.failure
    assert job.traceback
    with pytest.raises(WarmupFailedError, match="could not be warmed"):
        one.require_warmed(job.module)


def test_an_exception_that_hangs_while_it_describes_itself_is_under_the_deadline(warmup):
    let_go = threading.Event()

    class SlowError(Exception):
        def __str__(self):
            let_go.wait(WAIT_S)
            return "late"

    def body(position):
        if position == 0:
            raise SlowError

    one = warmup(2, body, deadline_s=0.2)
    one.start()
    assert one.wait(WAIT_S)
    status = one.status()
    let_go.set()
    assert (len(status.completed), status.failed[0][1], gc.isenabled()) == (1, "did not end within 0.2 s", True)


def test_an_executor_that_works_in_place_carries_out_any_number_of_jobs(warmup):
    one = warmup(10_000, executor=InPlace())
    one.start()
    assert one.wait(WAIT_S)
    assert len(one.status().completed) == 10_000


@pytest.mark.parametrize("after", [None, threading.Event()])
@pytest.mark.parametrize("deadline_s", [None, 60.0])
def test_a_start_that_finds_no_thread_can_be_repeated(warmup, monkeypatch, after, deadline_s):
    def refuse(_thread):
        raise RuntimeError("can't start new thread")

    one = warmup(3, deadline_s=deadline_s)
    if after is not None:
        after.set()
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", refuse)
        with pytest.raises(RuntimeError, match="thread"):
            one.start(after)
        assert (len(one.status().pending), one.status().closed, gc.isenabled()) == (3, False, True)
    one.start(after)
    assert one.wait(WAIT_S)


def test_a_thread_that_is_missing_in_the_middle_leaves_the_rest_pending(warmup):
    one = warmup(4, executor=Unsteady(iter([False, False, True, False, False])))
    with pytest.raises(RuntimeError, match="start it again"):
        one.start()
    assert (len(one.status().completed), len(one.status().pending), one.wait(0)) == (2, 2, False)
    assert gc.isenabled()
    one.start()
    assert one.wait(WAIT_S)


SUBINTERPRETER = """
import sys, threading
sys.path[:] = {path!r}
from importguard.warmup import Warmup, WarmupManifest
one = Warmup(WarmupManifest.of(["colorsys", "wave"]))
one.start()
assert one.wait(15), one.status()
for thread in threading.enumerate():
    if thread is not threading.current_thread():
        thread.join()
"""


def test_it_runs_in_a_subinterpreter(in_subinterpreter):
    in_subinterpreter(SUBINTERPRETER.format(path=sys.path))
