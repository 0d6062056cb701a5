import asyncio
import socket
import threading
from types import SimpleNamespace

import pytest
from src.host.turn_loop_host import TurnLoopHost
from src.turn.loop import TurnLoop
from src.work.io_pool import IoPool


@pytest.fixture
def pool():
    made = IoPool()
    yield made
    made.close()
    assert made.join(10)


def test_four_workers_carry_the_pools_name(pool):
    barrier = threading.Barrier(4)
    names = []

    def job():
        barrier.wait(10)
        names.append(threading.current_thread().name)

    for future in [pool.submit(job) for _ in range(4)]:
        future.result(10)
    assert sorted(names) == [f"controller-io_{number}" for number in range(4)]


def test_jobs_are_counted_by_how_they_end(pool):
    pool.submit(int, "3").result(10)
    assert isinstance(pool.submit(int, "x").exception(10), ValueError)
    pool.submit(int, "4").result(10)
    status = pool.status()
    assert (status.workers, status.queued, status.running, status.completed, status.failed) == (4, 0, 0, 2, 1)


def test_a_closed_pool_takes_no_job():
    pool = IoPool()
    pool.close()
    with pytest.raises(RuntimeError):
        pool.submit(int)
    assert pool.status().queued == 0


def test_the_controller_runs_its_warmup_on_the_pool(make_controller):
    controller = make_controller()
    assert controller.wait_for_warmup(60)
    assert all(name.startswith("controller-io") for name in controller.io_pool_status().threads)


def test_a_name_lookup_that_hangs_is_told_when_the_loop_has_ended(monkeypatch):
    asked, answer = threading.Event(), threading.Event()

    def hang(*_arguments):
        asked.set()
        assert answer.wait(20)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    pool, loop = IoPool(), TurnLoop()
    pool.submit(loop.run)
    turn = loop.submit(look_up())
    assert asked.wait(10)
    turn.cancel()
    loop.stop()
    pool.close()
    assert (pool.join(10), loop.join(0.05)) == (True, False)
    answer.set()
    assert loop.join(10)


async def look_up():
    await asyncio.get_running_loop().getaddrinfo("host.invalid", 443)


def test_a_loop_that_comes_while_the_program_ends_is_not_started():
    jobs, ready = [], []
    background = SimpleNamespace(when_warm=lambda _modules, action: ready.append(action))
    host = TurnLoopHost(SimpleNamespace(submit=jobs.append), background, None)
    host.stop()
    for start in ready:
        start()
    assert (len(ready), jobs, host.join(0)) == (1, [], True)
