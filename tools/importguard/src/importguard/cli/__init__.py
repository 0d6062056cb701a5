"""The command line: runs a command and exits. 0 clean, 1 findings, 2 could not check, whatever the reason.

Lean: `--help` is answered from a text made beforehand (`help.txt`), and nothing is imported that it does not need.
"""

import atexit
import gc
import os
import sys

HELP_COLUMNS = 80
DEPENDENCIES = ("click", "grimp", "msgspec", "packaging", "platformdirs", "rich", "watchfiles")
ANSWERED = ("check", "graph", "why")  # commands that read and print: what they say is kept, see `answers.py`
TRACEBACK = "IMPORTGUARD_TRACEBACK"  # an environment variable: set, it shows where an unforeseen failure came from


def main() -> None:
    """Runs the command that `sys.argv` names. Raises SystemExit."""
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115  open until the process ends
    if sys.stdout is None:  # whatever is opened next would take its place and get the report
        _say("importguard: standard output is closed, so no report can be written\n")
        sys.exit(2)
    try:
        code = _run()
        sys.stdout.flush()
    except BrokenPipeError:  # the reader went away, as `| head` does: nothing is left to tell
        code = 2
        _forget_output()
    except Exception as error:
        code = 2
        _say(_not_installed(error) or _not_written(error) or _unforeseen(error))
        _forget_output()
    sys.exit(code)


def script() -> None:
    """The console script: the process ends with the command."""
    code = 2
    gc.disable()  # what a run has made lives to its end: a collection after the walk would look at all of it
    try:
        main()
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 2 * (ended.code is not None)
        _say("")
    atexit._run_exitfuncs()  # coverage and profilers write their files there
    os._exit(code)  # freeing what the run has made, value by value, takes a tenth of its time


def _run() -> int:
    if sys.argv[1:] in (["--help"], ["-h"]) and _columns() >= HELP_COLUMNS:
        with open(os.path.join(os.path.dirname(__file__), "help.txt"), encoding="utf-8") as file:
            sys.stdout.write(file.read())
        return 0
    if sys.argv[1:2] and sys.argv[1] in ANSWERED:
        from importguard.cli.answers import run
    else:
        from importguard.cli.commands import run

    return run()


def _not_installed(error: Exception) -> str:
    """The sentence for a distribution that was installed without what it depends on; empty for any other error."""
    if not isinstance(error, ModuleNotFoundError) or error.name not in DEPENDENCIES or os.environ.get(TRACEBACK):
        return ""
    return (
        f"importguard: {error.name} is not installed; install importguard with its dependencies "
        "(without them only importguard.warmup works)\n"
    )


def _not_written(error: Exception) -> str:
    """The sentence for a disk that took no more, which names what was written; empty for any other error."""
    if not isinstance(error, OSError) or os.environ.get(TRACEBACK):
        return ""
    import errno

    if error.errno not in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS}:
        return ""
    place = os.fsdecode(error.filename) if isinstance(error.filename, (str, bytes)) else ""
    if not place:
        try:
            sys.stdout.write("\n")  # an OSError of a write names no file, so ask: what took no more refuses this, too
            sys.stdout.flush()
        except OSError:
            place = "standard output"
    if not place:
        return ""
    said = f"{place}: {error.strerror}".encode("unicode_escape", "backslashreplace").decode()
    return f"importguard: {said}; what is there is no whole report, run it again when there is room\n"


def _unforeseen(error: Exception) -> str:
    """One sentence for what nobody has foreseen, and where to report it; the traceback on demand."""
    if os.environ.get(TRACEBACK):
        import traceback

        return "".join(traceback.format_exception(error))
    said = str(getattr(error, "strerror", None) or error).replace("\n", " ")[:300]
    place = f": {error.filename}" if isinstance(error, OSError) and error.filename else ""
    from importguard.errors import REPORT_TO

    told = f"{type(error).__name__}: {said}{place}".encode("unicode_escape", "backslashreplace").decode()
    return (
        f"importguard: could not check, {told}; if nothing here explains it, "
        f"report it to {REPORT_TO} with what {TRACEBACK}=1 shows\n"
    )


def _forget_output() -> None:
    """What could not be written is not tried again when the process ends."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError):  # it is no file
        return


def _say(text: str) -> None:
    try:
        sys.stderr.write(text)
        sys.stderr.flush()
    except (OSError, ValueError):  # nobody is left to read it
        return


def _columns() -> int:
    try:
        asked = int(os.environ.get("COLUMNS") or 0)
        return asked or os.get_terminal_size(sys.stdout.fileno()).columns or HELP_COLUMNS
    except (OSError, ValueError, AttributeError):  # no terminal
        return HELP_COLUMNS
