"""What takes more than a second says so on standard error, and leaves nothing behind."""

import io
import threading

from importguard.cli import progress as module
from importguard.cli.progress import progress


class Terminal(io.StringIO):
    """A standard error that is a terminal; `written` is set by the second write."""

    def __init__(self):
        super().__init__()
        self.written = threading.Event()
        self.count = 0

    def isatty(self):
        return True

    def write(self, text):
        self.count += 1
        if self.count >= 2:
            self.written.set()
        return super().write(text)


def terminal(monkeypatch):
    """A terminal as standard error, on which nothing waits. Made in the test: pytest sets its own before each phase."""
    made = Terminal()
    monkeypatch.setattr("sys.stderr", made)
    monkeypatch.setattr(module, "AFTER_S", 0.0)
    monkeypatch.setattr(module, "EVERY_S", 0.001)
    return made


def test_a_terminal_gets_one_line_that_is_taken_away(monkeypatch):
    shown = terminal(monkeypatch)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    with progress("Locking app.py", steps=True, clock=lambda: 7.0) as step:
        step(3, 15)
        for _ in range(2):  # the first line may have been begun before the step
            shown.written.clear()
            assert shown.written.wait(10)
    said = shown.getvalue()
    assert "\r\x1b[KLocking app.py, 3 of 15 … 0 s" in said
    assert said.endswith("\r\x1b[K")
    assert "\n" not in said


def test_without_colours_the_line_is_written_over_by_blanks(monkeypatch):
    shown = terminal(monkeypatch)
    monkeypatch.setenv("NO_COLOR", "1")
    with progress("Working out app.py"):
        assert shown.written.wait(10)
    said = shown.getvalue()
    assert "\x1b" not in said
    assert said.rpartition("s")[2].strip("\r").isspace()


def test_what_is_over_within_a_second_says_nothing(monkeypatch):
    made = Terminal()
    monkeypatch.setattr("sys.stderr", made)
    with progress("Working out app.py"):
        pass
    assert made.getvalue() == ""


def test_a_log_gets_a_line_now_and_then_of_what_has_steps(capsys):
    times = iter([0.0, 0.5, 1.5, 5.0, 12.0, 54.0])
    with progress("Locking app.py", steps=True, clock=lambda: next(times)) as step:
        for done in range(1, 6):
            step(done, 5)
    assert capsys.readouterr().err.splitlines() == [
        "importguard: Locking app.py, 2 of 5 … 2 s",
        "importguard: Locking app.py, 4 of 5 … 12 s",
    ]


def test_a_log_gets_nothing_of_what_has_no_steps(capsys):
    with progress("Working out app.py", clock=iter([0.0, 100.0]).__next__) as step:
        step(1, 3)
    assert capsys.readouterr().err == ""
