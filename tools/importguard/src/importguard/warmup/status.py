"""What a warmup says of itself: frozen snapshots, and the errors that its answers raise."""

from typing import Literal, NamedTuple

State = Literal["pending", "running", "completed", "failed"]


class NotWarmedError(RuntimeError):
    """The module is not ready yet, or nothing warms it."""


class WarmupFailedError(RuntimeError):
    """The module's import or factory raised, or did not end in time; `__cause__` is what it raised."""


class DeadlineError(TimeoutError):
    """A job did not end within its deadline. It may still end later; its module then becomes ready after all."""


class ForkedError(RuntimeError):
    """A fork took the thread away that imported the module; the interpreter's lock of that module stays taken."""


class JobStatus(NamedTuple):
    """One job now. Times in milliseconds; `order` is 1 for the job that began first, 0 before it began."""

    module: str
    state: State
    elapsed_ms: float = 0.0
    order: int = 0
    thread: str = ""
    failure: str = ""  # why it failed, "ValueError: no key"
    traceback: str = ""  # of the failure; for a job that did not end in time, where it hangs
    reason: str = ""  # the places that need the module
    cost_us: int | None = None  # what the manifest predicts


class WarmupStatus(NamedTuple):
    """A snapshot of all jobs, in the order in which they began or will. `closed`: no further job begins."""

    jobs: tuple[JobStatus, ...]
    closed: bool = False

    def _named(self, state: State) -> tuple[JobStatus, ...]:
        return tuple(job for job in self.jobs if job.state == state)

    @property
    def pending(self) -> tuple[str, ...]:
        """The modules whose jobs have not begun, next one first."""
        return tuple(job.module for job in self._named("pending"))

    @property
    def running(self) -> str | None:
        """The module that is being imported; the one that began first when there are several."""
        return next((job.module for job in self._named("running")), None)

    @property
    def running_ms(self) -> float:
        """How long that takes already."""
        return next((job.elapsed_ms for job in self._named("running")), 0.0)

    @property
    def completed(self) -> tuple[str, ...]:
        """The modules that are ready, in the order in which their jobs began."""
        return tuple(job.module for job in self._named("completed"))

    @property
    def failed(self) -> tuple[tuple[str, str], ...]:
        """Each module that failed, with the reason."""
        return tuple((job.module, job.failure) for job in self._named("failed"))

    @property
    def job_ms(self) -> tuple[tuple[str, float], ...]:
        """The time of each job that has ended."""
        return tuple((job.module, job.elapsed_ms) for job in self.jobs if job.state in {"completed", "failed"})

    @property
    def total(self) -> int:
        """How many jobs there are."""
        return len(self.jobs)

    @property
    def done(self) -> bool:
        """Every job has ended."""
        return all(job.state in {"completed", "failed"} for job in self.jobs)
