"""IG401: a raw thread in governed code."""

CODE = "IG401"

THREAD = "import threading\nthreading.Thread(target=print)"
REPORTS = {
    "a name from the module": (THREAD, 'governed = ["*.py"]', ["app.py:2"]),
    "a name of its own": ("from threading import Thread as T\nT(target=print)", 'governed = ["*.py"]', ["app.py:2"]),
    "in a function": (
        "import threading\ndef f():\n    threading.Thread(target=f)",
        'governed = ["*.py"]',
        ["app.py:3"],
    ),
    "in a folder that is governed": (
        {"app.py": "import src.work", "src/__init__.py": "", "src/work.py": THREAD},
        'governed = ["/src/"]',
        ["src/work.py:2"],
    ),
}
SILENT = {
    "nothing is governed": (THREAD,),
    "another folder is governed": (THREAD, 'governed = ["/src/"]'),
    "an executor": ("from concurrent.futures import ThreadPoolExecutor as P\nP()", 'governed = ["*.py"]'),
    "a class of that name": ("class Thread: pass\nThread()", 'governed = ["*.py"]'),
    "accepted": (f"{THREAD}  # importguard: ignore[IG401] the watchdog", 'governed = ["*.py"]'),
}


def test_it_reports(places, reported):
    files, config, expected = reported
    assert places(files, config) == expected


def test_it_stays_silent(places, unreported):
    assert places(*unreported) == []
