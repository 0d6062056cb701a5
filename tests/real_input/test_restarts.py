"""The real program is started, ended and killed: what it wrote is read again, and it is where it was."""

from __future__ import annotations

import signal

from tests.real_input.conftest import begin


def test_start_quit_start_reads_what_was_written_and_is_where_it_was(display, tmp_path):
    (tmp_path / "work").mkdir()
    with begin(tmp_path, display) as hand:
        hand.program.create_project(str(tmp_path / "work"))
        hand.chord("Ctrl+L")
        hand.type("in the project")
        hand.chord("Ctrl+Enter")
        hand.until(lambda: len(hand.program.discussion().turns) == 2, "an answer")
        hand.type("half a thought")
        hand.shows(text="half a thought")
        name = hand.program.state().discussion
        hand.chord("Ctrl+Q")
        assert hand.program.process.wait(20) == 0
    with begin(tmp_path, display) as again:
        again.shows(text="half a thought")
        again.until(lambda: again.program.state().discussion == name, "the discussion")
        assert [turn.text for turn in again.program.discussion().turns] == ["in the project"] * 2
        assert again.program.projects().open.folder == str(tmp_path / "work")
        said = [toast.text for toast in again.program.toasts() if toast.kind in ("warning", "error")]
        assert said == []
        assert [path.name for path in tmp_path.rglob("*.bad-*")] == []


def test_a_draft_outlives_a_kill(display, tmp_path):
    hand = begin(tmp_path, display)
    try:
        hand.type("not sent yet")
        hand.shows(text="not sent yet")
        file = tmp_path / ".local/share/sloppy/last_place.json"
        hand.until(lambda: file.exists() and "not sent yet" in file.read_text(), "the draft on disk")
    finally:
        hand.program.process.send_signal(signal.SIGKILL)
        hand.program.process.wait(10)
        hand.close()
    with begin(tmp_path, display) as again:
        again.shows(text="not sent yet")


def test_a_window_of_one_column_starts_as_one_and_has_three_when_there_is_room(display, tmp_path):
    (tmp_path / ".config/sloppy").mkdir(parents=True)
    (tmp_path / ".config/sloppy/settings.json").write_text('{"font_scale": 2.0}')
    with begin(tmp_path, display) as hand:
        hand.resize(1024, 700)
        hand.chord("Ctrl+Q")
        assert hand.program.process.wait(20) == 0
    with begin(tmp_path, display) as again:
        left, _, right, _ = again.area("Discussion")
        assert (left, right) == (0.0, 1024.0)
        assert [path.name for path in tmp_path.rglob("*.bad-*")] == []
        again.chord("Ctrl+0")
        again.until(lambda: again.area("Discussion")[0] > 100, "three columns")
        again.shows(field="composer")
