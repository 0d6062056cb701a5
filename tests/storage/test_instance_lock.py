import os
import subprocess
import sys
import threading

import pytest
from src.storage.instance_lock import InstanceLock
from tests.repository import ROOT

HOLD = """
import sys
from src.storage.instance_lock import InstanceLock
print(InstanceLock(sys.argv[1]).take(), flush=True)
sys.stdin.read()
"""


@pytest.fixture
def path(tmp_path):
    return str(tmp_path / "locks" / "one.lock")


def test_on_a_full_disk_nobody_holds_it(path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(OSError, match="No space"):
        InstanceLock(path).take()
    monkeypatch.undo()
    again = InstanceLock(path)
    assert again.take()
    again.release()


def test_the_second_is_told_who_holds_it(path):
    first, second = InstanceLock(path), InstanceLock(path)
    assert (first.take(), second.take(), second.owner()) == (True, False, str(os.getpid()))
    first.release()
    assert not os.path.exists(path)
    assert second.take()
    second.release()


def test_the_lock_of_a_killed_process_is_stale(path):
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, path], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "True\n"
    lock = InstanceLock(path)
    assert (lock.take(), lock.owner()) == (False, str(process.pid))
    process.kill()
    process.wait()
    process.stdin.close()
    process.stdout.close()
    assert os.path.exists(path)
    assert lock.take()
    lock.release()


def test_a_file_left_behind_with_any_content_is_taken_over(path, tmp_path):
    os.makedirs(os.path.dirname(path))
    with open(path, "wb") as file:
        file.write(b"\xff\0 not a pid")
    lock = InstanceLock(path)
    assert (lock.take(), lock.owner()) == (True, str(os.getpid()))
    lock.release()


def test_of_many_that_take_it_at_once_one_succeeds(path):
    for _ in range(20):
        locks = [InstanceLock(path) for _ in range(8)]
        barrier = threading.Barrier(8)
        taken = []

        def take(lock, barrier=barrier, taken=taken):
            barrier.wait(10)
            if lock.take():
                taken.append(lock)

        threads = [threading.Thread(target=take, args=(lock,)) for lock in locks]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(taken) == 1
        taken[0].release()
