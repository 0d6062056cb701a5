"""What a thread imports is part of the start as far as the start waits for the thread."""

import json
import subprocess
import sys

import pytest

from importguard import analyse, find_project
from importguard.startup.trace import Certainty, Reach

FILES = {"one.py": "import below\nx = 1", "below.py": "", "two.py": "y = 2"}
THREAD = "import threading\ndef work():\n    import one\nt = threading.Thread(target=work)\nt.start()\n"
EVENT = "import threading\nready = threading.Event()\ndef work():\n    import one\n    ready.set()\n    import two\n"
EVENT += "threading.Thread(target=work, daemon=True).start()\n"
POOL = "from concurrent.futures import ThreadPoolExecutor, as_completed, wait\nimport importlib\n"
POOL += "def work():\n    import one\n    return one\n"
LOOP = "import asyncio\ndef work():\n    import one\nasync def main():\n    {}\nasyncio.run(main())\n"
QUEUE = "import queue, threading\ndone = queue.Queue()\ndef work():\n    import one\n    done.put(one)\n"
QUEUE += "threading.Thread(target=work, daemon=True).start()\n"

WAITED = {
    "joined": THREAD + "t.join()",
    "all of several joined": "import threading\ndef work():\n    import one\n"
    "all = [threading.Thread(target=work) for _ in range(3)]\nfor t in all: t.start()\nfor t in all: t.join()",
    "by name": "import importlib, threading\n"
    "t = threading.Thread(target=importlib.import_module, args=('one',))\nt.start()\nt.join()",
    "by __import__": "import threading\nt = threading.Thread(target=__import__, args=('one',))\nt.start()\nt.join()",
    "a class of threads": "import threading\nclass Loader(threading.Thread):\n"
    "    def run(self):\n        import one\n        self.found = one\nt = Loader()\nt.start()\nt.join()\nt.found.x",
    "a thread that a thread waits for": "import threading\ndef inner():\n    import one\ndef work():\n"
    "    t = threading.Thread(target=inner)\n    t.start()\n    t.join()\n"
    "t = threading.Thread(target=work)\nt.start()\nt.join()",
    "a result": POOL + "pool = ThreadPoolExecutor()\npool.submit(work).result().x",
    "the end of the pool's block": POOL + "with ThreadPoolExecutor() as pool:\n    pool.submit(work)",
    "results of map": POOL + "with ThreadPoolExecutor() as pool:\n    list(pool.map(importlib.import_module, ['one']))",
    "all futures": POOL + "pool = ThreadPoolExecutor()\nwait([pool.submit(work)])",
    "as completed": POOL + "pool = ThreadPoolExecutor()\nfor f in as_completed([pool.submit(work)]): f.result()",
    "to_thread": LOOP.format("await asyncio.to_thread(work)"),
    "to_thread among others": LOOP.format("await asyncio.gather(asyncio.to_thread(work), asyncio.sleep(0))"),
    "an executor of the loop": LOOP.format("await asyncio.get_running_loop().run_in_executor(None, work)"),
    "what the thread did decides": THREAD.replace("    import one", "    global one\n    import one")
    + "t.join()\nif one.x == 1: pass\nelse: import two",
}
PERHAPS = {
    "a time limit": THREAD + "t.join(5)",
    "a result with a time limit": POOL + "pool = ThreadPoolExecutor()\npool.submit(work).result(timeout=5)",
    "a queue": QUEUE + "done.get()",
}


def own_modules(root):
    """By module of FILES that the start loads: how sure that is."""
    modules = analyse(find_project(root).start()).graph.trace.modules
    return {one.name: one.certainty for one in modules if one.reach is Reach.EAGER and f"{one.name}.py" in FILES}


def start(write, code):
    return write({**FILES, "app.py": code, "importguard.toml": 'entry = "app.py"'})


@pytest.mark.parametrize("code", WAITED.values(), ids=WAITED.keys())
def test_what_a_thread_imports_that_the_start_waits_for_is_the_starts(write, code):
    assert own_modules(start(write, code)) == dict.fromkeys(["one", "below"], Certainty.CERTAIN)


@pytest.mark.parametrize("code", PERHAPS.values(), ids=PERHAPS.keys())
def test_a_wait_that_may_end_before_counts_and_is_not_certain(write, code):
    assert own_modules(start(write, code)) == dict.fromkeys(["one", "below"], Certainty.POSSIBLE)


def test_an_event_is_waited_for_until_it_is_set(write):
    assert own_modules(start(write, EVENT + "ready.wait()")) == dict.fromkeys(["one", "below"], Certainty.CERTAIN)


NOBODY_WAITS = {
    "never joined": THREAD,
    "not started": THREAD.replace("t.start()", ""),
    "a pool that goes on": POOL + "pool = ThreadPoolExecutor()\npool.submit(work)\npool.shutdown(wait=False)",
    "a queue that is only looked into": QUEUE + "done.get(block=False) if done.qsize() else None",
    "an event that is only asked": EVENT + "ready.is_set()",
}


@pytest.mark.parametrize("code", NOBODY_WAITS.values(), ids=NOBODY_WAITS.keys())
def test_a_thread_that_nobody_waits_for_is_no_part_of_the_start(write, code):
    assert own_modules(start(write, code)) == {}


def test_threads_that_wait_for_each_other_end_the_walk(write):
    code = (
        "import threading\na, b = threading.Event(), threading.Event()\n"
        "def left():\n    a.set()\n    b.wait()\n    import one\n"
        "def right():\n    b.set()\n    a.wait()\n    import two\n"
        "both = [threading.Thread(target=left), threading.Thread(target=right)]\n"
        "for t in both: t.start()\nfor t in both: t.join()"
    )
    assert set(own_modules(start(write, code))) == {"one", "below", "two"}


@pytest.mark.parametrize("joined", [True, False])
def test_the_gate_is_red_for_what_the_start_waits_for(write, joined):
    code = THREAD.replace("one", "asyncio") + ("t.join()" if joined else "")
    root = write({"app.py": code, "importguard.toml": 'entry = "app.py"\nheavy = ["asyncio"]'})
    command = [sys.executable, "-m", "importguard", "check"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=240)
    rule = "app.py:3: IG101" if joined else "app.py:3: IG102 note"
    assert (done.returncode, rule in done.stdout) == (int(joined), True), done.stdout + done.stderr


@pytest.mark.parametrize(
    ("name", "elsewhere"),
    [("joined", {"one", "below"}), ("to_thread", {"one", "below"}), ("a result", {"one", "below"})],
)
def test_json_says_which_modules_the_thread_loads_and_not_the_main_thread(run, write, name, elsewhere):
    start(write, WAITED[name] + "\nimport one, two")
    modules = json.loads(run("graph", "--format", "json").stdout)["modules"]
    own = {one["name"]: one["reach"] for one in modules if one["name"] in ("one", "two", "below")}
    assert own == {**dict.fromkeys(elsewhere, "waited"), "two": "eager"}


def test_what_the_main_thread_has_loaded_before_a_thread_imports_it_is_its_own(run, write):
    start(write, "import below\n" + WAITED["joined"])
    modules = json.loads(run("graph", "--format", "json").stdout)["modules"]
    own = {one["name"]: one["reach"] for one in modules if one["name"] in ("one", "below")}
    assert own == {"one": "waited", "below": "eager"}


OF_PROCESSES = {
    "multiprocessing": "import multiprocessing\n{work}with multiprocessing.Pool(1) as pool:\n"
    "    for name in pool.map(work, ['two']): __import__(name)",
    "a future": "from concurrent.futures import ProcessPoolExecutor\n{work}with ProcessPoolExecutor(1) as pool:\n"
    "    __import__(pool.submit(work, 'two').result())",
    "an executor of the loop": "import asyncio\nfrom concurrent.futures import ProcessPoolExecutor\n{work}"
    "async def main():\n    with ProcessPoolExecutor(1) as pool:\n"
    "        __import__(await asyncio.get_running_loop().run_in_executor(pool, work, 'two'))\nasyncio.run(main())",
}


@pytest.mark.parametrize("code", OF_PROCESSES.values(), ids=list(OF_PROCESSES))
def test_what_a_pool_of_processes_loads_is_no_part_of_the_start_but_its_answer_is(write, code):
    program = code.format(work="def work(name):\n    import one\n    return name\n")
    assert own_modules(start(write, program)) == {"two": Certainty.CERTAIN}


def test_what_the_results_of_a_pool_of_processes_come_from_is_no_part_of_the_start(write):
    program = "from concurrent.futures import ProcessPoolExecutor\ndef work(name):\n    import one\n    return name\n"
    program += "with ProcessPoolExecutor(1) as pool:\n    print(list(pool.map(work, ['two'])))"
    assert own_modules(start(write, program)) == {}
