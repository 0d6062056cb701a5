"""`manifest --for`: what workers load and the preload misses, with the real forkserver and the real gunicorn."""

import json
import os
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

SLOW = "import os\nLOADED_BY = os.getpid()\n" + "\n".join(f"x{number} = {{'a': {number}}}" for number in range(9000))
FILES = {
    "slow.py": SLOW,
    "threaded.py": f"import threading\nthreading.Thread(target=print, daemon=True).start()\n{SLOW}",
    "jobs.py": """
        import os
        def work(_):
            import slow
            return os.getpid(), slow.LOADED_BY
        def other(): import threaded
        """,
    "app.py": """
        import multiprocessing
        import jobs
        {preload}
        if __name__ == "__main__":
            context = multiprocessing.get_context("forkserver")
            with context.Pool(1) as pool:
                print(*pool.map(jobs.work, [0])[0])
        """,
}
needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")


def files(preload=""):
    return {**FILES, "app.py": FILES["app.py"].replace("{preload}", preload)}


@needs_fork
def test_the_real_forkserver_loads_once_what_each_worker_loaded(write, run):
    root = write(files())
    text = run("manifest", "app.py", "--for", "forkserver").stdout
    before = subprocess.run([sys.executable, "app.py"], cwd=root, capture_output=True, text=True, timeout=240)
    worker, loader = before.stdout.split()
    assert worker == loader  # each worker pays
    write({"preload.py": text, "app.py": files("import preload")["app.py"]})
    after = subprocess.run([sys.executable, "app.py"], cwd=root, capture_output=True, text=True, timeout=240)
    worker, loader = after.stdout.split()
    assert worker != loader, after.stderr  # the forkserver has paid


def test_what_is_not_safe_before_a_fork_is_named_and_left_out(write, run):
    write(files())
    found = json.loads(run("manifest", "app.py", "--for", "gunicorn", "--format", "json").stdout)
    assert [one["module"] for one in found["modules"]] == ["slow"]
    (unsafe,) = found["unsafe"]
    assert (unsafe["module"], unsafe["because"]["what"], unsafe["because"]["line"]) == (
        "threaded",
        "starts a thread",
        2,
    )
    text = run("manifest", "app.py", "--for", "celery").stdout
    assert "# Not threaded: threaded starts a thread while it is imported (threaded.py:2)" in text
    assert "imports = (" in text


HAZARDS = {
    "a thread": ("import threading\nthreading.Thread(target=len).start()", "starts a thread"),
    "a class of threads": (
        "import threading\nclass T(threading.Thread):\n    def run(self): pass\nT().start()",
        "starts a thread",
    ),
    "a thread of a function": (
        "import threading\ndef go(): threading.Thread(target=len).start()\ngo()",
        "starts a thread",
    ),
    "a socket": ("import socket\ns = socket.socket()", "opens a socket"),
    "a pool": ("import multiprocessing\np = multiprocessing.Pool(2)", "starts processes"),
    "CUDA": ("import torch.cuda\ntorch.cuda.init()", "initialises CUDA"),
    "in what it imports": ("import below", "starts a thread"),
}
HARMLESS = {
    "a thread in a function": "import threading\ndef go(): threading.Thread(target=len).start()",
    "a thread that is not started": "import threading\nthreading.Thread(target=len)",
    "a lock": "import threading\nlock = threading.Lock()",
}
BESIDE = {
    "torch/__init__.py": "",
    "torch/cuda.py": "def init(): pass",
    "below.py": "import threading\nthreading.Thread(target=len).start()",
    "app.py": "def work(): import library",
}


@pytest.mark.parametrize(("code", "what"), HAZARDS.values(), ids=HAZARDS.keys())
def test_a_library_that_does_it_while_it_is_imported_is_not_preloaded(write, run, code, what):
    write({**BESIDE, "library.py": f"{code}\n{SLOW}"})
    found = json.loads(run("manifest", "app.py", "--for", "forkserver", "--format", "json").stdout)
    assert (found["modules"], [one["because"]["what"] for one in found["unsafe"]]) == ([], [what])


@pytest.mark.parametrize("code", HARMLESS.values(), ids=HARMLESS.keys())
def test_a_library_that_does_it_later_is_preloaded(write, run, code):
    write({**BESIDE, "library.py": f"{code}\n{SLOW}"})
    found = json.loads(run("manifest", "app.py", "--for", "forkserver", "--format", "json").stdout)
    assert ([one["module"] for one in found["modules"]], found["unsafe"]) == (["library"], [])


def test_a_start_that_is_not_safe_to_fork_itself_is_named(write, run):
    write({"library.py": "import threading\nthreading.Thread(target=len).start()", "app.py": "import library"})
    text = run("manifest", "app.py", "--for", "gunicorn").stdout
    assert (
        "# The start itself is not safe to fork: library starts a thread while it is imported (library.py:2)." in text
    )


def test_a_package_comes_before_its_modules_and_what_the_start_loads_is_left_out(write, run):
    write(
        {
            "pk/__init__.py": SLOW,
            "pk/part.py": SLOW,
            "there.py": SLOW,
            "app.py": "import there\ndef a():\n    import pk.part\n    import pk\n    import there",
        }
    )
    found = json.loads(run("manifest", "app.py", "--for", "celery", "--format", "json").stdout)
    assert [one["module"] for one in found["modules"]] == ["pk", "pk.part"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--for", "gunicorn", "--write"), "--write and --check do not go with it"),
        (("--format", "json"), "--for prints what such a program reads"),
        (("--for", "uwsgi"), "is not one of"),
        (("--for", "celery", "--pytest", "."), "forks no workers"),
    ],
)
def test_a_preload_that_cannot_be_is_an_error_that_says_why(write, run, arguments, said):
    write({"app.py": "", "test_a.py": ""})
    named = () if "--pytest" in arguments else ("app.py",)
    result = run("manifest", *named, *arguments)
    assert (result.returncode, said in result.stderr) == (2, True), result.stderr


WEB = """
import os

def app(environ, start):
    import slow
    start("200 OK", [("Content-Type", "text/plain")])
    return [f"{os.getpid()} {slow.LOADED_BY}".encode()]
"""


def asked(root, config):
    """What the first request to a real gunicorn says: the worker, and who has loaded `slow`."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    Path(root, "gunicorn.conf.py").write_text(f"{config}\ndef when_ready(server): print('ready', flush=True)\n")
    command = [sys.executable, "-m", "gunicorn", "web:app", "--bind", f"127.0.0.1:{port}", "--workers", "1"]
    with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout.readline() == "ready\n", server.stderr.read()
            opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
            with opener.open(f"http://127.0.0.1:{port}/", timeout=60) as answer:
                return answer.read().decode().split()
        finally:
            server.terminate()


@needs_fork
def test_the_real_gunicorn_loads_before_the_fork_what_its_first_request_loaded(write, run):
    root = write({"slow.py": SLOW, "web.py": WEB})
    worker, loader = asked(root, "preload_app = True")
    assert worker == loader
    worker, loader = asked(root, run("manifest", "--import", "web", "--for", "gunicorn").stdout)
    assert worker != loader
