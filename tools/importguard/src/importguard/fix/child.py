"""Files decided on and edited in a process of their own, whose time and memory are bounded.

**Guarantees**
- Nothing of the files is executed. What their parser does to the process, a crash included, happens in the child, and a
  file that ends it takes no other one with it.
"""

from __future__ import annotations

import ast
import importlib.util
import os
import subprocess
import sys
from collections.abc import Sequence

import msgspec

from importguard.errors import FixError
from importguard.fix.statements import Move, Refused, Wanted
from importguard.running.answer import answer_of

_SECONDS = 60
_BYTES = 1 << 30
_MAX_ANSWER = 64 * 1024 * 1024


class Job(msgspec.Struct, frozen=True):
    """A file's *text* and the statements to move.

    *typing*: the start loads that module anyway. *blind*: decorators and base classes that read no annotations.
    """

    text: str
    wanted: tuple[Wanted, ...]
    form: str
    package: str
    is_package: bool
    typing: bool = True
    blind: tuple[str, ...] = ()
    calls: tuple[str, ...] = ()  # what asks the warmup for a module


class Answer(msgspec.Struct, frozen=True):
    """What becomes of each statement, and the new text. `failure`: why the whole file stays as it is."""

    moves: tuple[Move, ...] = ()
    refused: tuple[Refused, ...] = ()
    text: str = ""
    failure: str = ""


def ask(jobs: Sequence[Job]) -> list[Answer]:
    """What a child makes of each of *jobs*. Raises FixError when what it edits with is not installed."""
    if importlib.util.find_spec("libcst") is None:
        raise FixError("`fix` edits with LibCST, which is not installed; run: pip install 'importguard[fix]'")
    together = _asked(jobs) if len(jobs) > 1 else None
    if isinstance(together, list) and len(together) == len(jobs):
        return together
    return [_alone(job) for job in jobs]


def _alone(job: Job) -> Answer:
    found = _asked([job])
    if isinstance(found, str):
        return Answer(failure=found)
    return found[0] if found else Answer(failure="the process that edits it gave no answer")


def _asked(jobs: Sequence[Job]) -> list[Answer] | str:
    """The answers of one child, or why it has none."""
    command = [sys.executable, "-m", "importguard.fix.child"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(one for one in sys.path if one)}
    try:
        said = answer_of(
            command, seconds=_SECONDS, limit=_MAX_ANSWER, given=msgspec.json.encode(jobs), environment=environment
        )
        return msgspec.json.decode(said, type=list[Answer])
    except subprocess.TimeoutExpired:
        return f"it takes longer than {_SECONDS} s to edit"
    except subprocess.CalledProcessError:
        return "its code is nested too deeply for the parser, or needs too much memory"
    except (OSError, msgspec.DecodeError) as error:
        return f"the process that edits it gave no answer ({error})"


def _answer(job: Job) -> Answer:
    from importguard.fix.source_file import SourceFile
    from importguard.fix.statements import decide

    try:
        tree, blind = ast.parse(job.text), frozenset(job.blind)
        file = SourceFile(tree, job.text, job.package, is_package=job.is_package, blind=blind)
        moves, refused = decide(file, job.wanted, job.form)
        if refused or not moves:
            return Answer(tuple(moves), tuple(refused))
        return Answer(tuple(moves), (), _edited(job, moves))
    except SyntaxError as error:
        return Answer(failure=f"line {error.lineno}: {error.msg}; this Python cannot parse it")
    except (RecursionError, MemoryError):
        return Answer(failure="its code is nested too deeply for the parser")
    except ValueError as error:
        return Answer(failure=str(error))


def _edited(job: Job, moves: Sequence[Move]) -> str:
    if moves[0].form == "lazy":
        from importguard.fix.lazy import with_lazy

        return with_lazy(job.text, moves)
    import libcst

    from importguard.fix.editing import edited

    try:
        found = edited(job.text, moves, typing=job.typing, calls=job.calls)
        compile(found, "<edited>", "exec", dont_inherit=True)
    except libcst.ParserSyntaxError as error:
        raise ValueError(f"LibCST cannot parse it ({error.message})") from error
    except libcst.CSTValidationError as error:
        raise ValueError(f"LibCST cannot write it ({error})") from error
    return found


def _main() -> None:
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (_BYTES, _BYTES))
    except (ImportError, ValueError, OSError):  # this system has no such limit, or a lower one
        pass
    jobs = msgspec.json.decode(sys.stdin.buffer.read(), type=list[Job])
    sys.stdout.buffer.write(msgspec.json.encode([*map(_answer, jobs)]))


if __name__ == "__main__":
    _main()
