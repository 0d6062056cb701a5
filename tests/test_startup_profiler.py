from src.startup_profiler import StartupProfiler


def test_marks_keep_their_order_and_their_first_time():
    profiler = StartupProfiler()
    for name in ("one", "two", "one"):
        profiler.mark(name)
    marks = profiler.marks()
    assert list(marks) == ["one", "two"]
    assert 0 < marks["one"] <= marks["two"]


def test_the_endpoint_shows_the_moments(headless):
    assert headless.get("/api/warmup_wait?timeout=30")["done"]
    assert list(headless.get("/api/startup_profile")) == ["main", "controller", "warmup done"]
