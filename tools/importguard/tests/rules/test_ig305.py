"""IG305: a background thread and the main thread import into one cycle from two ends."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import msgspec
import pytest

from importguard import analyse, check, find_project
from importguard.graph import ModuleGraph

PACKAGE = {
    "pk/__init__.py": "from pk.base import Base\nfrom pk.tools import Tool",
    "pk/base.py": "class Base: pass",
    "pk/tools.py": "from pk import Base\nclass Tool(Base): pass",
    "plain/__init__.py": "",
    "plain/a.py": "",
    "plain/b.py": "",
    "left.py": "X = 1\nimport right",
    "right.py": "import left\nY = 1",
    "worker.py": "from pk.tools import Tool",
    "view.py": "import pk",
}
THREAD = """\
import threading
ready = threading.Event()
def warm():
    {warmed}
    ready.set()
thread = threading.Thread(target=warm)
{before}
thread.start()
{after}
"""


def started(warmed, after, before="pass"):
    return THREAD.format(warmed=warmed, before=before, after=after)


REPORTS = {
    "two modules of a package": (started("import pk.tools", "from pk.base import Base"), ("pk.tools", "pk.base")),
    "the package and a module of it": (started("import pk", "import pk.tools"), ("pk", "pk.tools")),
    "a module and its package": (started("from pk.tools import Tool", "import pk"), ("pk.tools", "pk")),
    "through other modules": (started("import worker", "import view"), ("pk.tools", "pk")),
    "two modules that import each other": (started("import left", "import right"), ("left", "right")),
    "in a function that the start calls": (
        started("import pk", "def main(): import pk.base\nmain()"),
        ("pk", "pk.base"),
    ),
    "in doubt": (started("import pk", "import sys\nif len(sys.argv) > 1: import pk.base"), ("pk", "pk.base")),
    "a wait with a time limit": (started("import pk", "thread.join(0.1)\nimport pk.base"), ("pk", "pk.base")),
    "a wait for an event with a time limit": (
        started("import pk", "ready.wait(timeout=1)\nimport pk.base"),
        ("pk", "pk.base"),
    ),
    "a wait that may not happen": (
        started("import pk", "import sys\nif len(sys.argv) > 1: thread.join()\nimport pk.base"),
        ("pk", "pk.base"),
    ),
    "an event that is set too early": (
        started("import plain\n    ready.set()\n    import pk", "ready.wait()\nimport pk.base").replace(
            "    import pk\n    ready.set()", "    import pk"
        ),
        ("pk", "pk.base"),
    ),
    "a class of threads": (
        "import threading\nclass Warm(threading.Thread):\n    def run(self): import pk\nWarm().start()\nimport pk.base",
        ("pk", "pk.base"),
    ),
    "a thread that runs import_module": (
        "import importlib, threading\n"
        "threading.Thread(target=importlib.import_module, args=('pk.tools',)).start()\nimport pk",
        ("pk.tools", "pk"),
    ),
    "by name": (
        started("import importlib\n    importlib.import_module('pk.tools')", "import pk"),
        ("pk.tools", "pk"),
    ),
}
POOL = "from concurrent.futures import ThreadPoolExecutor, wait\ndef warm(): import pk\n"
LOOP = "import asyncio\ndef warm(): import pk\nasync def main():\n    {}\nasyncio.run(main())"
REPORTS |= {
    "a pool": (POOL + "pool = ThreadPoolExecutor()\npool.submit(warm)\nimport pk.base", ("pk", "pk.base")),
    "a pool that is asked with a time limit": (
        POOL + "pool = ThreadPoolExecutor()\npool.submit(warm).result(1)\nimport pk.base",
        ("pk", "pk.base"),
    ),
    "a pool that shuts down without waiting": (
        POOL + "pool = ThreadPoolExecutor()\npool.submit(warm)\npool.shutdown(wait=False)\nimport pk.base",
        ("pk", "pk.base"),
    ),
    "inside the block of a pool": (
        POOL + "with ThreadPoolExecutor() as pool:\n    pool.submit(warm)\n    import pk.base",
        ("pk", "pk.base"),
    ),
    "to_thread in a task": (
        LOOP.format("task = asyncio.create_task(asyncio.to_thread(warm))\n    import pk.base\n    await task"),
        ("pk", "pk.base"),
    ),
    "an executor of the loop": (
        LOOP.format("asyncio.get_running_loop().run_in_executor(None, warm)\n    import pk.base"),
        ("pk", "pk.base"),
    ),
}
SILENT = {
    "a pool that is waited for": POOL + "pool = ThreadPoolExecutor()\npool.submit(warm).result()\nimport pk.base",
    "after the block of a pool": POOL + "with ThreadPoolExecutor() as pool:\n    pool.submit(warm)\nimport pk.base",
    "a pool that has shut down": POOL
    + "pool = ThreadPoolExecutor()\npool.submit(warm)\npool.shutdown()\nimport pk.base",
    "futures that are waited for": POOL
    + "pool = ThreadPoolExecutor()\nall = [pool.submit(warm)]\nwait(all)\nimport pk.base",
    "to_thread that is awaited": LOOP.format("await asyncio.to_thread(warm)\n    import pk.base"),
    "the same module": started("import pk.tools", "import pk.tools"),
    "the package first on both": started("import pk, pk.tools", "import pk\nfrom pk.base import Base"),
    "from the package on both": started("from pk import tools", "from pk import Base, base"),
    "no cycle": started("import plain.a", "import plain.b"),
    "imported before the thread starts": started("import pk.tools", "import pk.base", before="import pk"),
    "joined before": started("import pk.tools", "thread.join()\nimport pk"),
    "waited for": started("import pk.tools", "ready.wait()\nimport pk"),
    "not started": started("import pk.tools", "import pk").replace("thread.start()", ""),
    "imported by the thread alone": started("import pk.tools", "import plain"),
    "the standard library": started("import xml.dom.minidom", "import xml.dom"),
    "imported by the thread after an import of its own": started("import pk\n    import pk.tools", "import pk"),
}


@pytest.fixture
def races(write):
    """`races(code)`: the findings of IG305 in app.py, beside PACKAGE."""

    def judge(code, python=None):
        root = write({**PACKAGE, "app.py": code, "importguard.toml": 'entry = "app.py"\nselect = ["IG305"]'})
        analysis = analyse(find_project(root).start())
        if python is not None:
            trace = msgspec.structs.replace(analysis.graph.trace, python=python)
            analysis = msgspec.structs.replace(analysis, graph=ModuleGraph(trace))
        return check(analysis)

    return judge


@pytest.mark.parametrize(("code", "ends"), REPORTS.values(), ids=REPORTS.keys())
def test_ig305_reports_both_ways_into_the_cycle(races, code, ends):
    (found,) = races(code).findings
    of_thread, of_main = found.thread_chain.steps[-1].imported, found.chain.steps[-1].imported
    severity = "error" if sys.version_info < (3, 15) else "note"
    assert (found.code, found.severity, of_thread, of_main) == ("IG305", severity, *ends)


@pytest.mark.parametrize("code", SILENT.values(), ids=SILENT.keys())
def test_ig305_is_silent_on_threads_that_do_no_harm(races, code):
    assert races(code).findings == ()


def test_ig305_stands_where_the_thread_is_started(races):
    (found,) = races(started("import pk.tools", "import pk")).findings
    assert found.location.line == started("", "").splitlines().index("thread.start()") + 1
    assert "`import pk` before the thread starts" in found.fix_hint


@pytest.mark.parametrize("python", ["3.11.7", "3.14.2"])
def test_ig305_is_an_error_where_either_thread_may_get_half_a_module(races, python):
    (found,) = races(started("import pk.tools", "import pk"), python=python).findings
    assert (found.severity, found.subject) == ("error", "pk")
    assert found.message == (
        "the thread that runs warm imports pk.tools while the main thread may import pk: "
        "these need each other, and either thread may get half of pk"
    )


def test_ig305_reports_each_package_once(races):
    code = started("import pk.tools, left", "import pk.base\nimport pk\nimport right")
    assert [found.subject for found in races(code).findings] == ["left", "pk"]


def test_ig305_is_a_note_where_the_import_system_waits(races):
    verdict = races(started("import pk.tools", "import pk"), python="3.15.2")
    (found,) = verdict.findings
    assert (found.severity, verdict.failed) == ("note", False)
    assert "the main thread may wait for pk" in found.message


def test_ig305_names_presence_that_is_taken_for_readiness(races):
    asks = "import sys\nif 'pk' in sys.modules: pass\nif 'plain' in sys.modules: pass\nimport pk"
    (found,) = races(started("import pk.tools", asks)).findings
    assert "`in sys.modules` at app.py:10 says that a module is there, not that it is ready" in found.message


def test_ig305_sees_the_package_that_starts_the_thread_itself(races, write):
    write({"early/part.py": "from early import X", "early/late.py": "import early.part"})
    code = (
        "import threading\nX = 1\ndef warm(): import early.part\n"
        "threading.Thread(target=warm).start()\nfrom early import late"
    )
    write({"early/__init__.py": code})
    (found,) = races("import early").findings
    assert (found.thread_chain.steps[-1].imported, found.chain.steps[-1].imported) == ("early.part", "early")


def test_the_report_has_both_chains(write, run):
    write({**PACKAGE, "app.py": started("import pk.tools", "import pk")})
    text = run("check", "app.py", "--select", "IG305")
    assert text.returncode == (1 if sys.version_info < (3, 15) else 0)
    assert "__main__ → pk  app.py:9" in text.stdout
    assert "in the thread:\n    __main__ → pk.tools  app.py:4" in text.stdout
    (found,) = json.loads(run("check", "app.py", "--select", "IG305", "--format", "json").stdout)["findings"]
    assert [step["imported"] for step in found["thread_chain"]] == ["pk.tools"]
    sarif = json.loads(run("check", "app.py", "--select", "IG305", "--format", "sarif").stdout)
    (flow,) = sarif["runs"][0]["results"][0]["codeFlows"]
    assert len(flow["threadFlows"]) == 2


def test_a_kept_trace_reports_the_race_at_the_lines_of_today(write, run):
    code = started("import pk.tools", "import pk")
    write({**PACKAGE, "app.py": code})
    run("check", "app.py", "--select", "IG305")
    write({"app.py": f"# a comment\n{code}"})
    moved = run("check", "app.py", "--select", "IG305").stdout
    assert "app.py:9: IG305" in moved
    assert "__main__ → pk.tools  app.py:5" in moved


# The thread has begun the package and waits until the main thread has come in by another module. On 3.14 that one waits
# for the package first: after the wait the thread asks for a module that the main thread holds, and that is a deadlock.
BROKEN = {
    "gate.py": "import threading\nthread_in, main_in = threading.Event(), threading.Event()\nclosed = False",
    "pk/__init__.py": """
        import gate
        gate.thread_in.set()
        if gate.closed:
            gate.main_in.wait(3)
        from pk import two
        """,
    "pk/one.py": "from pk.two import Y\nX = Y + 1",
    "pk/two.py": "import gate\ngate.main_in.set()\nY = 1\nfrom pk.one import X\nZ = X",
    "app.py": """
        import threading
        import gate
        gate.closed = True
        def warm(): import pk
        thread = threading.Thread(target=warm)
        thread.start()
        gate.thread_in.wait()
        import pk.one
        """,
}
BREAKS = "ImportError: cannot import name" if sys.version_info < (3, 14) else "_DeadlockError: deadlock detected by"


@pytest.mark.skipif(
    sys.version_info >= (3, 15), reason="the import system of 3.15 waits: no program of this kind breaks"
)
def test_what_is_reported_breaks_a_real_program(write, run):
    root = write(BROKEN)
    alone = [sys.executable, "-c", "import pk.one"]
    raced = [sys.executable, "app.py"]
    with ThreadPoolExecutor() as pool:
        fine, broken = pool.map(lambda line: _run(line, root), (alone, raced))
    assert fine.returncode == 0, fine.stderr
    assert BREAKS in broken.stderr
    checked = run("check", "app.py", "--select", "IG305")
    assert (checked.returncode, "IG305" in checked.stdout) == (1, True)


@pytest.mark.skipif(
    sys.version_info >= (3, 15), reason="the import system of 3.15 waits: no program of this kind breaks"
)
def test_verify_says_that_two_threads_were_importing_one_cycle(write, run):
    write(BROKEN)
    result = run("verify", "app.py")
    assert result.returncode == 1, result.stderr
    assert "Two threads were importing one cycle, and one of them got half of pk (" in result.stdout
    assert BREAKS in result.stdout
    assert "Traceback" not in result.stdout + result.stderr


def test_the_remedy_is_silent_and_runs(write, run):
    mended = (
        BROKEN["app.py"].replace("gate.closed = True", "import pk").replace("gate.thread_in.wait()", "thread.join()")
    )
    root = write({**BROKEN, "app.py": mended})
    done = _run([sys.executable, "app.py"], root)
    assert done.returncode == 0, done.stderr
    assert run("check", "app.py", "--select", "IG305").returncode == 0


def _run(line, folder):
    return subprocess.run(line, cwd=folder, capture_output=True, text=True, timeout=240, check=False)
