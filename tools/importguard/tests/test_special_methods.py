"""Special methods of classes and metaclasses, and functions that remember: each runs as often as Python runs it."""

import json
import subprocess
import sys

import pytest

PROGRAMS = {
    "__getattribute__ that passes on": """
        class Own:
            x = 'm2'
            def __getattribute__(self, name):
                if name == 'x': import m1
                return super().__getattribute__(name)
        __import__(Own().x)
        """,
    "object.__getattribute__": """
        class Own:
            def __init__(self): self.x = 'm1'
            def __getattribute__(self, name): return object.__getattribute__(self, name)
        __import__(Own().x)
        """,
    "__setattr__ that passes on": """
        class Own:
            def __setattr__(self, name, value): super().__setattr__(name, value.upper())
        one = Own()
        one.x = 'a'
        if one.x == 'A': import m1
        else: import m8
        """,
    "__delattr__": """
        class Own:
            x = 1
            def __delattr__(self, name): __import__(name)
        one = Own()
        del one.m1
        delattr(one, 'm2')
        """,
    "a property that is deleted": """
        class Own:
            @property
            def x(self): return 1
            @x.deleter
            def x(self): import m1
        del Own().x
        """,
    "a descriptor read through its class": """
        class Field:
            def __set_name__(self, owner, name): self.name = name
            def __get__(self, one, owner): return __import__(self.name if one is None else 'm2')
        class Row: m1 = Field()
        Row.m1
        Row().m1
        """,
    "a dict with __missing__": """
        class Table(dict):
            def __missing__(self, key):
                self[key] = 'm2'
                return 'm1'
        table = Table(a='m3')
        for _ in range(2): __import__(table['x'])
        __import__(table['a'])
        if 'b' in table or len(table) != 2: import m8
        """,
    "a list that is extended": """
        class Names(list):
            def __init__(self, *names): super().__init__(names)
            def add(self, name): self.append(name)
        names = Names('m1')
        names.add('m2')
        for name in names: __import__(name)
        if not names or names[-1] != 'm2': import m8
        """,
    "a dict with its own __setitem__": """
        class Registry(dict):
            def __setitem__(self, key, value):
                __import__(key)
                super().__setitem__(key, value)
        made = Registry()
        made['m1'] = 1
        if made['m1'] == 1: import m2
        """,
    "__class_getitem__": """
        class Own:
            def __class_getitem__(cls, item): return __import__(item)
        Own['m1']
        """,
    "a metaclass that is called": """
        class Single(type):
            made = {}
            def __call__(cls, *args):
                if cls not in Single.made: Single.made[cls] = super().__call__(*args)
                return Single.made[cls]
        class Own(metaclass=Single):
            count = []
            def __init__(self, name): Own.count.append(name); __import__(name)
        Own('m1'); Own('m8')
        if len(Own.count) == 1: import m2
        """,
    "a metaclass that answers for its classes": """
        class Meta(type):
            def __getattr__(cls, name): return __import__(name)
            def __getitem__(cls, name): return __import__(name)
            def __iter__(cls): return iter(['m3'])
            def __len__(cls): import m4; return 3
            def __contains__(cls, item): import m5; return False
        class Own(metaclass=Meta): pass
        Own.m1
        Own['m2']
        for name in Own: __import__(name)
        if len(Own) == 3 and 1 not in Own: import m6
        """,
    "__prepare__": """
        class Meta(type):
            @classmethod
            def __prepare__(mcs, name, bases, **given): return {'load': __import__}
        class Own(metaclass=Meta):
            load('m1')
        """,
    "a cache": """
        import functools
        seen = []
        @functools.lru_cache(maxsize=None)
        def ask(name, upper=False): seen.append(name); return name
        for _ in range(3): __import__(ask('m1')); ask('m1', upper=True)
        if len(seen) == 2: import m2
        ask.cache_clear(); ask('m1')
        if len(seen) == 3: import m3
        """,
    "a method that is cached, and its property": """
        import functools
        class Own:
            count = 0
            @functools.cache
            def ask(self): Own.count += 1; return Own.count
            @functools.cached_property
            def name(self): Own.count += 10; return 'm1'
        one, other = Own(), Own()
        one.ask(); one.ask(); other.ask()
        one.name; __import__(one.name)
        if Own.count == 12: import m2
        """,
    "total_ordering": """
        import functools
        @functools.total_ordering
        class Own:
            def __init__(self, n): self.n = n
            def __eq__(self, other): return self.n == other.n
            def __lt__(self, other): return self.n < other.n
        if Own(3) >= Own(2): import m1
        else: import m8
        """,
    "a generic function": """
        import functools
        class Base: pass
        class Own(Base): pass
        @functools.singledispatch
        def load(value): import m8
        @load.register(Base)
        def _(value): import m8
        @load.register(Own)
        def _(value): import m1
        load.register(int, lambda value: __import__('m2'))
        load(Own()); load(True)
        """,
    "a generic method": """
        import functools
        class Loader:
            @functools.singledispatchmethod
            def load(self, value): import m1
            @load.register(str)
            def _(self, value): __import__(value)
        Loader().load(3); Loader().load('m2')
        """,
}


@pytest.mark.parametrize("code", PROGRAMS.values(), ids=list(PROGRAMS))
def test_what_a_special_method_loads(as_python_loads, code):
    certain, possible, loaded = as_python_loads(code)
    assert (certain, possible) == (loaded, set())


def test_registering_with_a_generic_function_loads_what_it_loads(run, write):
    write({"app.py": "import functools\n@functools.singledispatch\ndef f(x): 0\nf.register(int, lambda x: 0)"})
    real = "import sys, app; print('typing' in sys.modules)"
    done = subprocess.run([sys.executable, "-S", "-c", real], cwd=write({}), capture_output=True, text=True, check=True)
    graph = json.loads(run("graph", "app.py", "--format", "json").stdout)
    predicted = "typing" in {module["name"] for module in graph["modules"]}
    assert predicted is (done.stdout.strip() == "True")
