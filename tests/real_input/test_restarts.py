"""The real program is started, ended and killed: what it wrote is read again, and it is where it was."""

from __future__ import annotations

import signal

from tests.real_input.conftest import begin


def test_a_start_after_an_end_and_after_a_kill_is_where_it_was(display, tmp_path):
    """In a window with room for one column, which has three once there is room for them."""
    (tmp_path / "work").mkdir()
    (tmp_path / ".config/sloppy").mkdir(parents=True)
    (tmp_path / ".config/sloppy/settings.json").write_text('{"font_scale": 2.0}')
    with begin(tmp_path, display) as hand:
        hand.resize(1024, 700)
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

    again = begin(tmp_path, display)
    try:
        again.shows(text="half a thought")
        again.until(lambda: again.program.state().discussion == name, "the discussion")
        assert [turn.text for turn in again.program.discussion().turns] == ["in the project"] * 2
        assert again.program.projects().open.folder == str(tmp_path / "work")
        said = [toast.text for toast in again.program.toasts() if toast.kind in ("warning", "error")]
        assert said == []
        assert [path.name for path in tmp_path.rglob("*.bad-*")] == []
        left, _, right, _ = again.area("Discussion")
        assert (left, right) == (0.0, 1024.0)
        again.chord("Ctrl+0")
        again.until(lambda: again.area("Discussion")[0] > 100, "three columns")
        again.shows(field="composer")
        again.type(" more")
        again.shows(text="half a thought more")
        file = tmp_path / ".local/share/sloppy/last_place.json"
        again.until(lambda: "half a thought more" in file.read_text(), "the draft on disk")
    finally:
        again.program.process.send_signal(signal.SIGKILL)
        again.program.process.wait(10)
        again.close()

    with begin(tmp_path, display) as last:
        last.shows(text="half a thought more")
