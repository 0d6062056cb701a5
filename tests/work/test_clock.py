from src.work.clock import FrameClock


def test_the_longest_settled_frame_counts_and_pauses_do_not(monkeypatch):
    now = iter([0.0, 0.9, 0.9, 0.9, 0.9, 0.9, 5.0, 5.016, 9.0, 9.033, 20.0, 20.01])
    monkeypatch.setattr("src.work.clock.time.perf_counter", lambda: next(now))
    clock = FrameClock()
    for _ in range(6):
        clock.begin()
        clock.end()
    clock.end()  # a frame that was not begun
    assert (clock.count, round(clock.worst_ms)) == (6, 33)
