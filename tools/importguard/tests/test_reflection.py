"""Code that takes functions and classes apart, deep calls and a hand in `sys.modules`, beside the interpreter."""

import json
import re
import subprocess
import sys

import pytest

MARKERS = {"colorsys", "sched", "netrc", "wave"}
MARKED = re.compile(r"^import time:.*\| +([\w.]+)$", re.MULTILINE)

PROGRAMS = {
    "the class that super() starts from": """
        class Base:
            def begin(self): import colorsys
        class Own(Base):
            def begin(self): other(self, super().__thisclass__)
        def other(object, cls): super(cls, object).begin()
        Own().begin()
        """,
    "what super() is bound to": """
        class Base:
            def begin(self): return None
        class Own(Base):
            def load(self): import colorsys
            def begin(self): super().__self__.load()
        Own().begin()
        """,
    "the bases of a class": """
        class Base:
            def load(): import colorsys
        class Own(Base): pass
        for base in Own.__bases__: base.load()
        """,
    "the only base": """
        class Base:
            load = staticmethod(lambda: __import__("colorsys"))
        class Own(Base): pass
        Own.__base__.load()
        """,
    "a function bound by hand": """
        class Tool: name = "colorsys"
        def load(self): __import__(self.name)
        load.__get__(Tool())()
        """,
    "a function of a class bound to None": """
        def load(): import colorsys
        load.__get__(None, int)()
        """,
    "MethodType": """
        from types import MethodType
        class Tool: pass
        tool = Tool()
        tool.load = MethodType(lambda self, name: __import__(name), tool)
        tool.load("colorsys")
        """,
    "the function of a method": """
        class Tool:
            name = "netrc"
            def load(self): __import__(self.name)
        class Other: name = "colorsys"
        Tool().load.__func__(Other())
        """,
    "the object of a method": """
        class Tool:
            def load(self): import colorsys
            def idle(self): pass
        Tool().idle.__self__.load()
        """,
    "the function of a class method": """
        class Tool:
            @classmethod
            def load(cls): import colorsys
        vars(Tool)["load"].__func__(Tool)
        """,
    "the function of a property": """
        class Tool:
            @property
            def load(self): import colorsys
        Tool.__dict__["load"].fget(None)
        """,
    "a wrapped function": """
        from functools import wraps
        def quiet(function):
            @wraps(function)
            def inner(): return function.__name__
            return inner
        @quiet
        def load(): import colorsys
        if load.__name__ == "load": load.__wrapped__()
        """,
    "update_wrapper": """
        import functools
        def load(): import colorsys
        def other(): pass
        functools.update_wrapper(other, load).__wrapped__()
        """,
    "an object made before it is initialised": """
        class Tool:
            def __init__(self, name): __import__(name)
        made = Tool.__new__(Tool)
        made.__init__("colorsys")
        """,
    "a singleton": """
        class Tool:
            held = None
            def __new__(cls):
                if cls.held is None: cls.held = object.__new__(cls)
                return cls.held
            def load(self): import colorsys
        Tool().load()
        """,
    "a recursion that counts": """
        def load(depth):
            if depth: return load(depth - 1)
            import colorsys
        load(12)
        """,
    "two functions that call each other": """
        def even(n): return odd(n - 1) if n else __import__("colorsys")
        def odd(n): return even(n - 1) if n else __import__("netrc")
        even(14)
        """,
    "a module that must not load": """
        import sys
        sys.modules["netrc"] = None
        try: import netrc
        except ImportError: import colorsys
        """,
    "a module that must not load, below a package": """
        import sys
        sys.modules["pk.part"] = None
        try: from pk import part
        except ImportError: import colorsys
        """,
    "a module taken out runs again": """
        import sys, counted
        del sys.modules["counted"]
        import counted
        """,
    "a module popped runs again": """
        import sys, counted
        sys.modules.pop("counted")
        import counted
        """,
}
FILES = {
    "pk/__init__.py": "",
    "pk/part.py": "import netrc",
    "counted.py": "import builtins\nif hasattr(builtins, 'seen'): import colorsys\nbuiltins.seen = 1",
}


def marked(result):
    assert result.returncode == 0, result.stderr
    modules = [one for one in json.loads(result.stdout)["modules"] if one["reach"] == "eager"]
    return {(one["name"], one["certainty"]) for one in modules if one["name"] in MARKERS}


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS.keys())
def test_it_loads_what_the_interpreter_loads(run, write, program):
    root = write({"app.py": program, **FILES})
    listing = "import app, sys; print(*(name for name, module in sys.modules.items() if module is not None))"
    done = subprocess.run([sys.executable, "-c", listing], cwd=root, capture_output=True)
    loaded = MARKERS & set(done.stdout.decode().split())
    assert (done.returncode, loaded) == (0, {"colorsys"}), done.stderr
    assert marked(run("graph", "--import", "app", "--format", "json")) == {("colorsys", "certain")}


BOUNDS = {
    "recursion": (
        "class A: pass\ndef f(x):\n    import colorsys\n    f(A())\nf(A())",
        4,
        "f is not followed: it has called",
    ),
    "doubt": (
        "import random\ndef last(): import colorsys\n"
        + "".join(f"def f{n}():\n    if random.random() < .5: {f'f{n + 1}' if n < 7 else 'last'}()\n" for n in range(8))
        + "f0()",
        16,
        "is not followed: too many undecided conditions",
    ),
}


@pytest.mark.parametrize(("program", "line", "reason"), BOUNDS.values(), ids=BOUNDS.keys())
def test_a_call_that_might_import_and_is_not_followed_is_a_stop(run, write, program, line, reason):
    root = write({"app.py": program})
    (stop,) = json.loads(run("graph", "app.py", "--format", "json").stdout)["stops"]
    assert (stop["path"], stop["line"], reason in stop["reason"]) == (str(root / "app.py"), line, True), stop


def test_a_call_that_imports_nothing_and_is_not_followed_is_none(run, write):
    write({"app.py": "class A: pass\ndef f(x):\n    'an important one'\n    f(A())\nf(A())"})
    assert json.loads(run("graph", "app.py", "--format", "json").stdout)["stops"] == []
