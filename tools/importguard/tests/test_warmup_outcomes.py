"""What happens to a warmup when a module hangs, an executor ends, a process forks or ends."""

import gc
import subprocess
import sys
import textwrap
import threading
import time
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor

import pytest

from importguard.warmup import NotWarmedError, Warmup, WarmupFailedError, WarmupJob, WarmupManifest

WAIT_S = 20


@pytest.fixture(autouse=True)
def _collecting():
    """The collector is on before a test, whatever a test before it left behind."""
    gc.enable()


@pytest.fixture
def package(tmp_path, monkeypatch):
    """Writes modules into a folder on sys.path; forgets them afterwards. `gate` has events to hold a module."""
    monkeypatch.syspath_prepend(str(tmp_path))
    before = set(sys.modules)

    def write(name, text):
        (tmp_path / f"{name}.py").write_text(text)

    write("gate", "import threading\nentered, leave = threading.Event(), threading.Event()\n")
    write("held", f"import gate\ngate.entered.set()\nassert gate.leave.wait({WAIT_S})\n")
    yield write
    for name in set(sys.modules) - before:
        del sys.modules[name]
    gc.unfreeze()


@pytest.fixture
def pool(package):
    with ThreadPoolExecutor(1, thread_name_prefix="pool") as one:
        yield one
        if "gate" in sys.modules:
            sys.modules["gate"].leave.set()


@pytest.fixture
def run_program(tmp_path):
    """`run_program(code)`: the code as a process of its own beside a module `hangs`; its result."""
    (tmp_path / "hangs.py").write_text(
        "import sys, threading\nprint('hanging', flush=True)\nsys.hanging = True\nthreading.Event().wait()\n"
    )
    (tmp_path / "stuck.py").write_text("import time\nprint('stuck', flush=True)\nwhile True: time.sleep(0.01)\n")

    def run(code):
        (tmp_path / "program.py").write_text(textwrap.dedent(code))
        return subprocess.run(
            [sys.executable, "program.py"], cwd=tmp_path, capture_output=True, text=True, timeout=WAIT_S
        )

    return run


def jobs(*names, group=None):
    return WarmupManifest(
        1, "test", tuple(WarmupJob(name, group=number if group is None else group) for number, name in enumerate(names))
    )


def test_a_module_that_hangs_is_reported_with_its_place_and_the_chain_goes_on(package, pool):
    warmup = Warmup(jobs("held", "colorsys"), pool, deadline_s=0.2)
    warmup.start()
    assert warmup.wait(WAIT_S)
    hung, ready = warmup.status().jobs
    assert (hung.state, hung.failure) == ("failed", "did not end within 0.2 s")
    assert "gate.leave.wait" in hung.traceback
    assert (ready.module, ready.state, ready.thread) == ("colorsys", "completed", "importguard-warmup")
    assert hung.thread == "pool_0"
    assert warmup.hangs()
    with pytest.raises(WarmupFailedError, match="held could not be warmed: did not end within"):
        warmup.require_warmed("held")


def test_a_module_that_ends_after_its_deadline_becomes_ready(package, pool):
    import gate

    warmup = Warmup(jobs("held"), pool, deadline_s=0.2)
    warmup.start()
    assert warmup.wait(WAIT_S)
    late = threading.Event()
    warmup.on_progress(lambda status: late.set())
    gate.leave.set()
    assert late.wait(WAIT_S)
    assert warmup.require_warmed("held") is sys.modules["held"]
    assert (warmup.status().failed, warmup.hangs()) == ((), False)


def test_a_retry_of_what_still_hangs_waits_for_the_same_import(package, pool):
    import gate

    warmup = Warmup(jobs("held"), pool, deadline_s=0.2)
    warmup.start()
    assert warmup.wait(WAIT_S)
    ended = Future()
    warmup.retry("held")
    warmup.on_complete(ended.set_result)
    gate.leave.set()
    assert warmup.wait(WAIT_S)
    assert ended.result(WAIT_S).completed == ("held",)


def test_what_must_load_together_with_a_hanging_module_is_not_tried(package, pool):
    warmup = Warmup(jobs("held", "colorsys", group=3), pool, deadline_s=0.2)
    warmup.start()
    assert warmup.wait(WAIT_S)
    assert warmup.status().failed[1] == ("colorsys", "was not tried: held did not end within 0.2 s")


def test_the_time_a_job_waits_for_a_worker_is_not_its_deadline(package, pool):
    import gate

    busy = pool.submit(gate.leave.wait, WAIT_S)
    warmup = Warmup(jobs("colorsys"), pool, deadline_s=0.05)
    warmup.start()
    with pytest.raises(TimeoutError):
        busy.result(0.2)
    assert warmup.status().pending == ("colorsys",)
    gate.leave.set()
    assert warmup.wait(WAIT_S)


def test_smoothness_ends_with_the_chain_though_a_module_hangs(package, pool):
    before = sys.getswitchinterval()
    warmup = Warmup(jobs("held"), pool, deadline_s=0.1)
    warmup.start()
    assert warmup.wait(WAIT_S)
    assert (gc.isenabled(), sys.getswitchinterval()) == (True, before)


def test_overlapping_warmups_restore_what_was_before_the_first(package):
    import gate

    sys.setswitchinterval(0.003)
    before = sys.getswitchinterval()
    try:
        with ThreadPoolExecutor(2) as pool:
            long, short = Warmup(jobs("held"), pool), Warmup(jobs("colorsys"), pool)
            long.start()
            assert gate.entered.wait(WAIT_S)
            short.start()
            assert short.wait(WAIT_S)
            assert (gc.isenabled(), sys.getswitchinterval() < before) == (False, True)
            gate.leave.set()
            assert long.wait(WAIT_S)
        assert (gc.isenabled(), sys.getswitchinterval()) == (True, before)
    finally:
        sys.setswitchinterval(0.005)


def test_a_collector_that_was_off_stays_off_and_an_interval_set_meanwhile_stays(package, pool):
    package("sets", "import sys\nsys.setswitchinterval(0.002)")
    gc.disable()
    try:
        warmup = Warmup(jobs("sets"), pool, freeze=False)
        warmup.start()
        assert warmup.wait(WAIT_S)
        assert (gc.isenabled(), round(sys.getswitchinterval(), 4)) == (False, 0.002)
        assert gc.get_freeze_count() == 0
    finally:
        gc.enable()
        sys.setswitchinterval(0.005)


def test_warmed_objects_are_frozen_at_the_end(package, pool):
    warmup = Warmup(jobs("colorsys"), pool)
    warmup.start()
    assert warmup.wait(WAIT_S)
    assert gc.get_freeze_count() > 0


@pytest.mark.parametrize("error", ["ValueError('x')", "SystemExit(3)", "KeyboardInterrupt()"])
def test_a_job_that_raises_anything_fails_alone(package, pool, error):
    package("raises", f"raise {error}")
    warmup = Warmup(jobs("raises", "colorsys"), pool)
    warmup.start()
    assert warmup.wait(WAIT_S)
    failed, ready = warmup.status().jobs
    assert (failed.state, ready.state) == ("failed", "completed")
    assert failed.failure.split(":")[0] == error.split("(")[0]
    assert "raises.py" in failed.traceback


def test_a_factory_that_raises_or_is_missing_fails_its_job(package, pool):
    package("makes", "def build(): raise OSError('no network')")
    for factory, reason in (("makes:build", "OSError: no network"), ("makes:other", "AttributeError")):
        warmup = Warmup(WarmupManifest(1, "", (WarmupJob("makes", factory),)), pool)
        warmup.start()
        assert warmup.wait(WAIT_S)
        assert warmup.status().failed[0][1].startswith(reason)


def test_a_loaded_module_is_ready_at_once(pool):
    warmup = Warmup(WarmupManifest.of(["json"]), pool)
    warmup.start()
    assert warmup.wait(WAIT_S)
    assert warmup.require_warmed("json") is sys.modules["json"]


def test_nothing_begins_before_the_signal(package, pool):
    signal = threading.Event()
    warmup = Warmup(jobs("colorsys"), pool)
    warmup.start(after=signal)
    assert not warmup.wait(0.2)
    assert gc.isenabled()
    signal.set()
    assert warmup.wait(WAIT_S)


def test_a_warmup_closed_before_its_signal_ends(pool):
    ended = Future()
    warmup = Warmup(jobs("colorsys"), pool)
    warmup.on_complete(ended.set_result)
    warmup.start(after=threading.Event())
    warmup.close()
    status = ended.result(WAIT_S)
    assert (status.pending, status.closed, warmup.wait(WAIT_S)) == (("colorsys",), True, False)
    with pytest.raises(NotWarmedError, match="was not warmed before the warmup was closed"):
        warmup.require_warmed("colorsys")


@pytest.mark.parametrize("cancel", [False, True])
def test_an_executor_that_is_shut_down_half_way_ends_the_chain(package, cancel):
    import gate

    pool = ThreadPoolExecutor(1)
    ended = Future()
    warmup = Warmup(jobs("held", "colorsys"), pool)
    warmup.on_complete(ended.set_result)
    warmup.start()
    assert gate.entered.wait(WAIT_S)
    pool.shutdown(wait=False, cancel_futures=cancel)
    gate.leave.set()
    status = ended.result(WAIT_S)
    assert (status.completed, status.pending) == (("held",), ("colorsys",))
    assert gc.isenabled()


def test_a_job_that_its_executor_cancels_ends_the_chain(package, pool):
    import gate

    busy = pool.submit(gate.leave.wait, WAIT_S)
    ended = Future()
    warmup = Warmup(jobs("colorsys"), pool)
    warmup.on_complete(ended.set_result)
    warmup.start()
    pool.shutdown(wait=False, cancel_futures=True)
    assert ended.result(WAIT_S).pending == ("colorsys",)
    assert gc.isenabled()
    gate.leave.set()
    assert busy.result(WAIT_S)


def test_an_executor_of_processes_is_refused_in_words():
    with ProcessPoolExecutor(1) as processes:
        warmup = Warmup(jobs("colorsys"), processes)
        warmup.start()
        assert warmup.wait(WAIT_S)
        assert "pickle" in warmup.status().failed[0][1]


def test_two_groups_run_side_by_side_when_asked_and_one_group_never(package):
    import gate

    package("waits", f"import gate\nassert gate.leave.wait({WAIT_S})")
    package("frees", "import gate\ngate.leave.set()")
    with ThreadPoolExecutor(3) as pool:
        warmup = Warmup(
            WarmupManifest(1, "", (WarmupJob("waits", group=0), WarmupJob("colorsys"), WarmupJob("frees", group=1))),
            pool,
            concurrency=2,
        )
        warmup.start()
        assert warmup.wait(WAIT_S)
    assert gate.leave.is_set()
    begun = {job.module: job.order for job in warmup.status().jobs}
    assert begun["colorsys"] > begun["waits"]
    with pytest.raises(ValueError, match="expected 1 or more, got 0"):
        Warmup(jobs("a"), concurrency=0)


def test_retry_names_what_has_not_failed_and_refuses_after_close(package, pool):
    package("raises", "raise ValueError('x')")
    warmup = Warmup(jobs("raises", "colorsys"), pool)
    warmup.start()
    assert warmup.wait(WAIT_S)
    for name in ("colorsys", "nobody"):
        with pytest.raises(KeyError, match=name):
            warmup.retry(name)
    warmup.close()
    with pytest.raises(RuntimeError, match="the warmup is closed"):
        warmup.retry("raises")


def test_a_retry_at_the_very_end_of_the_chain_is_not_taken_for_the_first_attempt(package, pool):
    package("raises", "raise ValueError('x')")
    warmup = Warmup(jobs("raises"), pool, freeze=False)
    warmup.start()
    for _ in range(200):
        ended = threading.Event()
        warmup.on_complete(lambda status, ended=ended: (warmup.retry("raises"), ended.set()))
        assert ended.wait(WAIT_S)
    assert warmup.wait(WAIT_S)
    assert not warmup.status().closed


def test_each_completion_callback_is_called_once_over_retries(package, pool):
    package("raises", "raise ValueError('x')")
    warmup = Warmup(jobs("raises"), pool)
    calls = []
    warmup.on_complete(lambda status: calls.append("first"))
    warmup.start()
    assert warmup.wait(WAIT_S)
    again = Future()
    package("waits", "")
    warmup.on_complete(lambda status: calls.append("late"))
    warmup.retry("raises")
    assert warmup.wait(WAIT_S)
    warmup.on_complete(again.set_result)
    assert again.done()
    assert calls == ["first", "late"]


def test_the_first_of_many_registrations_racing_the_end_is_not_lost(pool):
    for _ in range(50):
        warmup, calls = Warmup(WarmupManifest.of(["json"]), pool, freeze=False), []
        warmup.start()
        for _ in range(20):
            warmup.on_complete(lambda status, calls=calls: calls.append(1))
        assert warmup.wait(WAIT_S)
        pool.submit(int).result(WAIT_S)  # the chain's last job has left its worker
        assert len(calls) == 20


def test_the_process_ends_though_an_import_hangs_on_a_daemon_thread(run_program):
    for module in ("hangs", "stuck"):
        result = run_program(f"""
            from importguard.warmup import Warmup, WarmupManifest
            warmup = Warmup(WarmupManifest.of(["{module}", "colorsys"]), deadline_s=0.2)
            warmup.start()
            assert warmup.wait(15)
            print(warmup.status().failed[0][1])
        """)
        assert (result.returncode, result.stderr) == (0, "")
        assert result.stdout.endswith("did not end within 0.2 s\n")


def test_the_process_ends_though_an_import_hangs_on_a_pool(run_program):
    result = run_program("""
        import atexit
        from concurrent.futures import ThreadPoolExecutor
        from importguard.warmup import Warmup, WarmupManifest, end_process
        atexit.register(print, "atexit ran")
        warmup = Warmup(WarmupManifest.of(["hangs"]), ThreadPoolExecutor(1), deadline_s=0.2)
        warmup.start()
        assert warmup.wait(15)
        if warmup.hangs():
            end_process(7)
    """)
    assert (result.returncode, result.stdout, result.stderr) == (7, "hanging\natexit ran\n", "")


def test_a_program_that_ends_half_way_does_not_run_the_rest(run_program, tmp_path):
    for name in ("one", "two"):
        (tmp_path / f"{name}.py").write_text(f"print('{name}', flush=True)\nimport time\ntime.sleep(0.2)")
    for executor in ("ThreadPoolExecutor(1)", "None"):
        result = run_program(f"""
            import sys, threading
            from concurrent.futures import ThreadPoolExecutor
            from importguard.warmup import Warmup, WarmupManifest
            warmup = Warmup(WarmupManifest.of(["one", "two"]), {executor})
            warmup.on_complete(lambda status: print("called"))
            warmup.start()
            while warmup.status().running is None: pass
        """)
        assert (result.returncode, result.stderr) == (0, "")
        assert result.stdout.splitlines()[0] == "one"
        assert executor != "None" or result.stdout == "one\n"


def test_ctrl_c_during_wait_leaves_the_warmup_running(run_program):
    result = run_program("""
        import os, signal, threading
        from importguard.warmup import Warmup, WarmupManifest
        ready = threading.Event()
        warmup = Warmup(WarmupManifest.of(["colorsys"]))
        threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()
        warmup.start(after=ready)
        try:
            warmup.wait()
        except KeyboardInterrupt:
            ready.set()
            print(warmup.wait(15))
    """)
    assert (result.returncode, result.stdout) == (0, "True\n")


def test_ctrl_c_in_a_job_on_the_main_thread_ends_the_warmup_and_is_raised(run_program, tmp_path):
    (tmp_path / "interrupts.py").write_text("raise KeyboardInterrupt")
    result = run_program("""
        import gc
        from importguard.warmup import Warmup, WarmupManifest
        class InPlace:
            def submit(self, job, *arguments): job(*arguments)
        warmup = Warmup(WarmupManifest.of(["interrupts", "colorsys"]), InPlace())
        try:
            warmup.start()
        except KeyboardInterrupt:
            print(warmup.status().pending, gc.isenabled())
    """)
    assert (result.returncode, result.stdout) == (0, "('colorsys',) True\n")


@pytest.mark.skipif(not hasattr(__import__("os"), "fork"), reason="this platform does not fork")
def test_a_forked_child_keeps_what_was_ready_runs_nothing_and_can_go_on(run_program, tmp_path):
    (tmp_path / "first.py").write_text("")
    result = run_program("""
        import gc, os, sys, warnings
        from concurrent.futures import ThreadPoolExecutor
        from importguard.warmup import Warmup, WarmupManifest, end_process, NotWarmedError
        warnings.simplefilter("ignore")
        before = sys.getswitchinterval()
        warmup = Warmup(WarmupManifest.of(["first", "hangs", "colorsys"]), ThreadPoolExecutor(1))
        warmup.start()
        while not hasattr(sys, "hanging"): pass
        child = os.fork()
        if child == 0:
            status = warmup.status()
            print(status.completed, status.pending, status.failed[0][0], status.failed[0][1][:43])
            print(gc.isenabled(), sys.getswitchinterval() == before, warmup.require_warmed("first").__name__)
            warmup.start()
            print(warmup.wait(10), warmup.require_warmed("colorsys").__name__, flush=True)
            os._exit(0)
        print("child", os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), gc.isenabled())
        end_process(0)
    """)
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.splitlines() == [
        "hanging",
        "('first',) ('colorsys',) hangs ForkedError: was being imported when the pr",
        "True True first",
        "True colorsys",
        "child 0 False",
    ]


@pytest.mark.skipif(not hasattr(__import__("os"), "fork"), reason="this platform does not fork")
def test_threads_that_fork_at_once_leave_every_lock_free(run_program):
    result = run_program("""
        import os, threading, warnings
        from importguard.warmup import Warmup, WarmupManifest
        warnings.simplefilter("ignore")
        warmups = [Warmup(WarmupManifest.of(["colorsys"])) for _ in range(20)]
        def forks():
            for _ in range(30):
                child = os.fork()
                if child == 0:
                    os._exit(len([one.status() for one in warmups]))
                assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 20
        threads = [threading.Thread(target=forks) for _ in range(4)]
        for thread in threads: thread.start()
        for thread in threads: thread.join()
        print(len([one.status() for one in warmups]))
    """)
    assert (result.returncode, result.stdout, result.stderr) == (0, "20\n", "")


def test_importing_the_runtime_loads_only_the_standard_library_and_no_executor(run_program):
    result = run_program("""
        import sys
        import importguard.warmup
        print({"concurrent.futures", "logging", "json", "hashlib", "traceback", "dataclasses"} & set(sys.modules))
        print({name.partition(".")[0] for name in sys.modules} - sys.stdlib_module_names - {"__main__", "importguard"})
    """)
    loaded, foreign = result.stdout.splitlines()
    assert loaded == "set()"
    assert [name for name in eval(foreign) if not name.startswith(("_", "sitecustomize"))] == []


def test_the_elapsed_time_of_a_job_is_its_own(package, pool):
    package("short", "")
    warmup = Warmup(jobs("short"), pool)
    began = time.perf_counter()
    warmup.start()
    assert warmup.wait(WAIT_S)
    (job,) = warmup.status().jobs
    assert 0 < job.elapsed_ms <= (time.perf_counter() - began) * 1000
    assert (job.order, job.thread) == (1, "pool_0")
