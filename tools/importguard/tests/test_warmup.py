"""The warmup runtime, with real modules on a real executor."""

import gc
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from importguard.warmup import ManifestError, NotWarmedError, Warmup, WarmupFailedError, WarmupJob, WarmupManifest


@pytest.fixture(autouse=True)
def _collecting():
    """The collector is on before a test, whatever a test before it left behind."""
    gc.enable()


@pytest.fixture
def executor():
    with ThreadPoolExecutor(4) as pool:
        yield pool


@pytest.fixture
def package(tmp_path, monkeypatch):
    """Writes modules into a folder on sys.path; forgets them afterwards."""
    monkeypatch.syspath_prepend(str(tmp_path))
    before = set(sys.modules)

    def write(name, text):
        (tmp_path / f"{name}.py").write_text(text)

    yield write
    for name in set(sys.modules) - before:
        del sys.modules[name]


def test_all_jobs_complete_in_order(executor):
    warmup = Warmup(WarmupManifest.of(["colorsys", "wave"]), executor)
    warmup.start()
    assert warmup.wait(10)
    assert warmup.status().completed == ("colorsys", "wave")
    assert warmup.require_warmed("wave") is sys.modules["wave"]


def test_a_module_still_importing_is_not_warmed(executor, package):
    package("slow_one", "import gate\ngate.entered.set()\nassert gate.leave.wait(10)\n")
    package("gate", "import threading\nentered, leave = threading.Event(), threading.Event()\n")
    import gate

    warmup = Warmup(WarmupManifest.of(["slow_one"]), executor)
    warmup.start()
    assert gate.entered.wait(10)
    assert "slow_one" in sys.modules
    with pytest.raises(NotWarmedError, match="still warming up"):
        warmup.require_warmed("slow_one")
    assert warmup.status().running == "slow_one"
    gate.leave.set()
    assert warmup.wait(10)
    assert warmup.require_warmed("slow_one").__name__ == "slow_one"


def test_jobs_never_overlap(executor, package):
    package("overlap", "import threading\nlock = threading.Lock()\nclashes = []\n")
    for name in ("one", "two", "three"):
        package(
            name,
            "import overlap\nif not overlap.lock.acquire(False): overlap.clashes.append(1)\noverlap.lock.release()",
        )
    warmup = Warmup(WarmupManifest.of(["one", "two", "three"]), executor)
    warmup.start()
    assert warmup.wait(10)
    assert sys.modules["overlap"].clashes == []


def test_a_failing_import_leaves_the_others_ready_and_can_be_retried(executor, package, tmp_path):
    package("broken_one", "raise ValueError('no key')")
    warmup = Warmup(WarmupManifest.of(["broken_one", "colorsys"]), executor)
    warmup.start()
    assert warmup.wait(10)
    assert warmup.status().failed == (("broken_one", "ValueError: no key"),)
    with pytest.raises(WarmupFailedError, match="no key") as failure:
        warmup.require_warmed("broken_one")
    assert isinstance(failure.value.__cause__, ValueError)
    package("broken_one", "mended = True  # now it works")
    warmup.retry("broken_one")
    assert warmup.wait(10)
    assert warmup.require_warmed("broken_one").mended


def test_the_factory_gives_the_product(executor, package):
    package("client_mod", "def connect():\n    return 'client'\n")
    job = WarmupJob("client_mod", factory="client_mod:connect")
    warmup = Warmup(WarmupManifest(1, "x", (job,)), executor)
    warmup.start()
    assert warmup.wait(10)
    assert warmup.product("client_mod") == "client"


def test_collector_and_switch_interval_are_restored(executor, package):
    package("looks", "import gc, sys\nseen = (gc.isenabled(), sys.getswitchinterval())\n")
    interval = sys.getswitchinterval()
    warmup = Warmup(WarmupManifest.of(["looks"]), executor)
    warmup.start()
    assert warmup.wait(10)
    collecting, during = sys.modules["looks"].seen
    assert (collecting, during <= 0.0006) == (False, True)
    assert (gc.isenabled(), sys.getswitchinterval()) == (True, pytest.approx(interval))
    gc.unfreeze()


def test_callbacks_fire_even_when_one_raises_or_comes_late(executor):
    calls = []
    warmup = Warmup(WarmupManifest.of(["colorsys"]), executor)
    warmup.on_complete(lambda status: 1 / 0)
    warmup.on_complete(lambda status: calls.append(status.completed))
    finished = threading.Event()
    warmup.on_complete(lambda status: finished.set())
    warmup.start()
    assert finished.wait(10)
    warmup.on_complete(lambda status: calls.append("late"))
    assert calls == [("colorsys",), "late"]
    assert [type(error) for error in warmup.callback_errors] == [ZeroDivisionError]


def test_a_promoted_group_goes_first_and_keeps_its_order(executor):
    jobs = tuple(WarmupJob(name, group=group) for name, group in (("a", 0), ("b", 1), ("c", 1)))
    warmup = Warmup(WarmupManifest(1, "x", jobs), executor)
    warmup.promote("c")
    assert warmup.status().pending == ("b", "c", "a")


def test_nothing_runs_after_close(executor):
    warmup = Warmup(WarmupManifest.of(["colorsys"]), executor)
    warmup.close()
    warmup.start()
    assert warmup.status().pending == ("colorsys",)


def test_an_unknown_name_says_what_to_do(executor):
    with pytest.raises(NotWarmedError, match="importguard manifest --write"):
        Warmup(WarmupManifest.of([]), executor).require_warmed("nobody")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "is not JSON"),
        ('{"schema": 99, "jobs": []}', "upgrade importguard"),
        ('{"schema": 1, "jobs": 3}', "`jobs` must be a list"),
        ('{"schema": 1, "jobs": [{"module": "a", "priority": "x"}]}', r"jobs\[0\].priority: expected a whole number"),
    ],
)
def test_bad_manifests_are_explained(tmp_path, text, message):
    path = tmp_path / "manifest.json"
    path.write_text(text)
    with pytest.raises(ManifestError, match=message):
        WarmupManifest.load(path)


def test_a_manifest_reads_back_what_it_wrote(tmp_path):
    manifest = WarmupManifest(1, "app.py", (WarmupJob("a", "a:make", 2, "why", None, 3),), "f00")
    path = tmp_path / "manifest.json"
    path.write_text(manifest.to_json())
    assert WarmupManifest.load(path) == manifest
