"""What a program asks of the standard library is followed into it: it calls back, and what it answers decides.

The truth is what this interpreter loads when it runs the program.
"""

import textwrap

import pytest

from importguard.startup.machine.machine import Machine

PROGRAMS = {
    "the emit of a logging handler": """
        import logging
        class Keeps(logging.Handler):
            def emit(self, record): import m1
        class Mails(logging.Handler):
            def emit(self, record): import m2
        log = logging.getLogger("shop")
        log.setLevel(logging.INFO)
        log.addHandler(Keeps())
        log.addHandler(Mails(level=logging.ERROR))
        log.propagate = False
        log.info("hello %s", "you")
        """,
    "a logging filter that refuses": """
        import logging
        class Drops(logging.Filter):
            def filter(self, record):
                import m1
                return False
        class Keeps(logging.Handler):
            def emit(self, record): import m2
        keeps = Keeps()
        keeps.addFilter(Drops())
        logging.getLogger("x").addHandler(keeps)
        logging.getLogger("x").error("no")
        """,
    "the level of a logger": """
        import logging
        log = logging.getLogger("a.b")
        logging.getLogger("a").setLevel(logging.ERROR)
        if log.isEnabledFor(logging.WARNING): import m1
        else: import m2
        """,
    "dictConfig": """
        from logging.config import dictConfig
        dictConfig({
            "version": 1,
            "formatters": {"j": {"()": "hand.Json"}},
            "handlers": {"n": {"()": "hand.make", "level": 10}, "f": {"class": "hand.Null", "formatter": "j"}},
            "loggers": {"app": {"handlers": ["n", "f"], "level": "INFO"}},
        })
        """,
    "UserDict": """
        from collections import UserDict
        class Plugins(UserDict):
            def __missing__(self, key): return __import__(key)
        plugins = Plugins({"a": "m2"})
        plugins["m1"]
        __import__(plugins["a"])
        if len(plugins) == 1: import m3
        """,
    "a dict that asks its base by name": """
        class Names(dict):
            def __getitem__(self, key): return __import__(dict.__getitem__(self, key))
            def get(self, key, default=None): return __import__(dict.get(self, key, default))
        names = Names(a="m1")
        names["a"]
        names.get("b", "m2")
        """,
    "a queue": """
        import queue
        waiting = queue.Queue()
        for name in ("m1", "m2"): waiting.put(name)
        while not waiting.empty(): __import__(waiting.get())
        """,
    "a sorted graph": """
        from graphlib import TopologicalSorter
        sorter = TopologicalSorter({"m3": {"m1", "m2"}, "m2": {"m1"}})
        for name in sorter.static_order(): __import__(name)
        """,
    "a scheduler": """
        import sched, time
        scheduler = sched.scheduler(time.monotonic, lambda seconds: None)
        scheduler.enter(0, 1, __import__, ("m1",))
        scheduler.run()
        """,
    "a copy": """
        import copy
        class Box:
            def __deepcopy__(self, memo):
                import m1
                return self
            def __reduce__(self): return (__import__, ("m2",))
        copy.deepcopy([Box()])
        copy.copy(Box())
        """,
    "a shell": """
        import cmd
        class Shell(cmd.Cmd):
            def do_go(self, word): __import__(word)
            def default(self, line): import m2
        Shell().onecmd("go m1")
        """,
    "tests": """
        import unittest
        class Case(unittest.TestCase):
            @classmethod
            def setUpClass(cls): import m1
            def setUp(self): self.addCleanup(self.tidy)
            def tidy(self): import m2
            def test_names(self):
                with self.assertRaises(KeyError):
                    {}["x"]
                self.assertEqual(1, 1)
                import m3
            def test_later(self):
                self.skipTest("later")
                import m4
            @unittest.skip("never")
            def test_never(self): import m5
            def helper(self): import m6
        unittest.main(module=__name__, argv=["x"], exit=False, verbosity=0)
        import m7
        """,
    "argparse's types read defaults": """
        import argparse
        def load(word): return __import__({"low": "m1", "high": "m2"}[word])
        parser = argparse.ArgumentParser()
        parser.add_argument("--level", type=load, default="low")
        parser.add_argument("count", type=int, nargs="?", default="4")
        found = parser.parse_args([])
        if found.count == 4: import m3
        parser.parse_args(["--level", "high"])
        """,
    "an action of the program's own": """
        import argparse
        class Loads(argparse.Action):
            def __call__(self, parser, namespace, values, option=None):
                __import__(values)
                setattr(namespace, self.dest, values)
        parser = argparse.ArgumentParser()
        parser.add_argument("--plugin", action=Loads)
        parser.add_argument("--other", action=Loads, default="m4")
        found, rest = parser.parse_known_args(["--plugin", "m1", "m2"])
        for name in rest: __import__(name)
        if found.plugin == "m1": import m3
        """,
    "a sub-command that is required": """
        import argparse
        parser = argparse.ArgumentParser()
        commands = parser.add_subparsers(dest="command", required=True)
        commands.add_parser("run")
        try: parser.parse_args([])
        except SystemExit: import m1
        else: import m2
        """,
    "operators": """
        from operator import attrgetter, itemgetter, methodcaller
        class Plugin:
            name = "m1"
            def go(self): import m2
        __import__(attrgetter("name")(Plugin()))
        methodcaller("go")(Plugin())
        __import__(itemgetter("k")({"k": "m3"}))
        """,
    "functions that only work something out": """
        import bisect, shlex, statistics, textwrap
        for name in shlex.split("m1 'm2'"): __import__(name)
        if statistics.mean([1, 2, 3]) == 2: import m3
        if bisect.bisect_left([10, 20, 30], 15) == 1: import m4
        exec(textwrap.dedent("    import m5"))
        """,
    "how many bytes a format takes": """
        import struct, sys
        from struct import calcsize
        if (struct.calcsize("P") == 8) == (sys.maxsize > 2**32): import m1
        else: import m2
        if calcsize("<ih") == 6: import m3
        else: import m4
        """,
    "singledispatch by plain annotations": """
        from functools import singledispatch, singledispatchmethod
        @singledispatch
        def show(value): import m1
        @show.register
        def _(value: str): import m2
        show("x")
        class Visitor:
            @singledispatchmethod
            def visit(self, node): import m3
            @visit.register
            def _(self, node: int): import m4
        Visitor().visit(3)
        """,
    "processes that are spawned": """
        import multiprocessing
        multiprocessing.set_start_method("spawn")
        if multiprocessing.get_start_method() == "spawn": import m1
        else: import m2
        """,
    "a process of one context": """
        import multiprocessing, sys
        process = multiprocessing.get_context("fork").Process(target=len, args=("",))
        if process._start_method == "fork": import m1
        process.start()
        if "multiprocessing.popen_fork" in sys.modules: import m2
        process.join()
        """,
    "the address of a host": """
        import socket, sys
        with socket.socket() as one: one.bind(("127.0.0.1", 0))
        socket.getaddrinfo(None, 0)
        socket.getaddrinfo(b"127.0.0.1", 0)
        if "encodings.idna" not in sys.modules: import m1
        socket.getaddrinfo("127.0.0.1", 0)
        if "encodings.idna" in sys.modules: import m2
        """,
    "the name of a host": """
        import socket, sys
        socket.getfqdn("127.0.0.1")
        if "encodings.idna" in sys.modules: import m1
        """,
    "the help of a command": """
        import click, sys
        @click.command()
        def main(): import m2
        try: main(["--help"])
        except SystemExit:
            if "click._textwrap" in sys.modules: import m1
        """,
    "audit hooks": """
        import sys
        def hook(event, arguments):
            if event == "shop.start": import m1
        sys.addaudithook(hook)
        sys.audit("shop.start")
        """,
    "a signal": """
        import signal
        def handler(number, frame): import m1
        signal.signal(signal.SIGUSR1, handler)
        signal.raise_signal(signal.SIGUSR1)
        """,
    "members": """
        import inspect
        class Plugin:
            def load_a(self): import m1
            def load_b(self): import m2
            def other(self): import m3
        plugin = Plugin()
        for name, function in inspect.getmembers(plugin, inspect.ismethod):
            if name.startswith("load_"): function()
        """,
}
FILES = {
    "hand.py": "import logging\nimport m1\nclass Json(logging.Formatter): pass\nclass Null(logging.NullHandler): pass\n"
    "def make(level=0):\n    import m2\n    return logging.NullHandler()\n"
}


@pytest.mark.parametrize("code", PROGRAMS.values(), ids=list(PROGRAMS))
def test_what_the_standard_library_calls_back_is_loaded(as_python_loads, code):
    certain, possible, loaded = as_python_loads(textwrap.dedent(code), FILES)
    assert loaded <= certain | possible
    assert certain <= loaded
    assert possible <= loaded


def test_a_hook_for_exceptions_that_nobody_catches_may_run(start_of):
    trace, _ = start_of("import sys\nsys.excepthook = lambda *error: __import__('one')\n{}['gone']")
    found = {module.name: module.certainty.value for module in trace.modules}
    assert found["one"] == "possible"


def test_a_hook_for_exceptions_is_not_asked_about_its_own(start_of):
    code = "import sys\ndef hook(*error):\n    {}['gone']\n    import one\nsys.excepthook = hook\n{}['gone']"
    trace, _ = start_of(code)
    assert {module.name: module.certainty.value for module in trace.modules}["one"] == "possible"
    assert trace.stops == ()


def test_a_hook_gets_one_failure_of_a_line_that_fails_again_and_again(start_of, monkeypatch):
    code = "import sys\ndef hook(*error): import one\nsys.excepthook = hook\ndef fail(): return {{}}['gone']\n{}"
    steps = []
    run = Machine.run_script
    monkeypatch.setattr(Machine, "run_script", lambda self, path: (run(self, path), steps.append(self.imports))[0])
    for calls in (1, 40):
        trace, _ = start_of(code.format("fail()\n" * calls))
        assert {module.name: module.certainty.value for module in trace.modules}["one"] == "possible"
    assert steps[0] == steps[1]


def test_a_hook_gets_each_kind_of_failure(start_of):
    code = """
        import sys
        def hook(kind, error, place):
            if kind is KeyError: import one
            if kind is TypeError: import two
        sys.excepthook = hook
        def fail(kind): raise kind
        fail(TypeError)
        fail(KeyError)
        """
    trace, _ = start_of(textwrap.dedent(code))
    assert {"one", "two"} <= {module.name for module in trace.modules}


def test_a_finalizer_may_run(starts_as):
    code = "import weakref\nclass Box: pass\nweakref.finalize(Box(), __import__, 'one')"
    starts_as(code, set(), {"one"})


def test_a_way_to_show_warnings_may_run(starts_as):
    code = "import warnings\nwarnings.showwarning = lambda *told: __import__('one')\nwarnings.warn('x')"
    starts_as(code, set(), {"one"})
