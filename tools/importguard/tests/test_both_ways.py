"""What a name holds after ways that nobody knows, and what exceptions, tasks and unknown calls leave."""

import textwrap

import pytest

DOUBT = "import os\nunknown = os.path.getsize(__file__) < 10_000_000\n"
BOTH = {
    "functions": "def small(): import one\ndef large(): import two\nrun = small\nif unknown: run = large\nrun()",
    "classes": """
        class Small:
            def __init__(self): import one
        class Large:
            def __init__(self): import two
        if unknown: Chosen = Small
        else: Chosen = Large
        Chosen()
        """,
    "objects": """
        class Small:
            def run(self): import one
        class Large:
            def run(self): import two
        chosen = Small() if unknown else Large()
        chosen.run()
        """,
    "lists": "names = ['one']\nif unknown: names = ['two']\nfor name in names: __import__(name)",
    "tuples": "names = ('one',)\nif unknown: names = ('two',)\nfor name in names: __import__(name)",
    "values of a dict": "kept = {'k': 'one'}\nif unknown: kept['k'] = 'two'\n__import__(kept['k'])",
    "dicts": "kept = {'k': 'one'}\nif unknown: kept = {'k': 'two'}\n__import__(kept['k'])",
    "attributes": "class Box: name = 'one'\nif unknown: Box.name = 'two'\n__import__(Box.name)",
    "an object and its dict": """
        class Box: pass
        box = Box()
        box.name = ''
        if unknown: vars(box)['name'] = 'one'
        else: box.name = 'two'
        __import__(box.name)
        """,
    "a module and its globals": """
        import sys
        name = ''
        if unknown: globals()['name'] = 'one'
        else: sys.modules[__name__].name = 'two'
        __import__(name)
        """,
    "texts": "name = 'one'\nif unknown: name = 'two'\n__import__(name)",
    "what a function returns": "def name():\n    if unknown: return 'one'\n    return 'two'\n__import__(name())",
    "modules": """
        if unknown: import small as chosen
        else: import large as chosen
        chosen.run()
        """,
}
FILES = {"small.py": "def run(): import one", "large.py": "def run(): import two"}


@pytest.mark.parametrize("code", BOTH.values(), ids=list(BOTH))
def test_both_ways_are_possible(starts_as, code):
    starts_as(DOUBT + textwrap.dedent(code), set(), {"one", "two"}, FILES)


def test_a_variable_that_may_be_unset_leaves_the_default_possible(start_of):
    trace, _ = start_of("import os, importlib\nimportlib.import_module(f\"{os.environ.get('SHOP_PART', 'one')}\")")
    found = {module.name: module.certainty.value for module in trace.modules}
    assert found["one"] == "possible"
    assert [one.name for one in trace.unresolved] == ["?"]


MISTAKES = {
    "a missing argument": "def run(name): import two\ntry: run()\nexcept TypeError: import one",
    "an argument too many": "def run(): import two\ntry: run(1)\nexcept TypeError: import one",
    "a keyword that nobody knows": "def run(*, name=1): import two\ntry: run(nam=2)\nexcept TypeError: import one",
    "what cannot be called": "try: (3)()\nexcept TypeError: import one",
    "what cannot be added": "try: 'a' + 1\nexcept TypeError: import one\nelse: import two",
    "what has no length": "try: len(3)\nexcept TypeError: import one\nelse: import two",
    "what a constant lacks": "try: None.name\nexcept AttributeError: import one\nelse: import two",
    "a class that is abstract": """
        from abc import ABC, abstractmethod
        class Base(ABC):
            @abstractmethod
            def run(self): ...
        class Whole(Base):
            def run(self): import three
        Whole().run()
        try: Base()
        except TypeError: import one
        else: import two
        """,
    "a file that is not there": "try: open('/nonexistent/zz')\nexcept FileNotFoundError: import one\nelse: import two",
    "bytes that are no text": "try: b'\\xff'.decode()\nexcept UnicodeDecodeError: import one\nelse: import two",
    "a text that is no JSON": """
        import json
        try: json.loads('{bad')
        except json.JSONDecodeError: import one
        else: import two
        """,
}


@pytest.mark.parametrize("code", MISTAKES.values(), ids=list(MISTAKES))
def test_a_mistake_that_the_program_expects_is_made(starts_as, code):
    starts_as(textwrap.dedent(code), {"one"} | ({"three"} if "three" in code else set()), set())


ERRORS = {
    "the name of a module": "try: import gone\nexcept ImportError as e:\n    if e.name == 'gone': import one",
    "a key": "try: {}['one']\nexcept KeyError as e: __import__(e.args[0])",
    "a class that is raised": "class E(Exception): at = 'one'\ntry: raise E\nexcept E as e: __import__(e.at)",
}


@pytest.mark.parametrize("code", ERRORS.values(), ids=list(ERRORS))
def test_a_handler_reads_what_the_exception_says(starts_as, code):
    starts_as(code, {"one"}, set())


TASKS = {
    "exceptions that are returned": """
        import asyncio
        async def good(): import one
        async def bad(): raise ValueError
        async def main():
            found = await asyncio.gather(good(), bad(), return_exceptions=True)
            if isinstance(found[1], ValueError): import two
            else: import three
        asyncio.run(main())
        """,
    "a group that fails": """
        import asyncio
        async def bad(): raise KeyError
        async def main():
            try:
                async with asyncio.TaskGroup() as group: group.create_task(bad())
            except* KeyError: import one
            import two
        asyncio.run(main())
        """,
    "a thread's answer": """
        import asyncio
        from concurrent.futures import ThreadPoolExecutor
        def name(): return "one"
        async def main(): __import__(await asyncio.to_thread(name))
        asyncio.run(main())
        with ThreadPoolExecutor(1) as pool:
            if pool.submit(name).result() == "one": import two
        """,
    "an asynchronous generator": """
        import asyncio
        async def names():
            yield "one"
            yield "two"
        async def main():
            async for name in names(): __import__(name)
        asyncio.run(main())
        """,
}


@pytest.mark.parametrize("code", TASKS.values(), ids=list(TASKS))
def test_tasks_give_what_they_end_with(starts_as, code):
    starts_as(textwrap.dedent(code), {"one", "two"}, set())


def test_heirs_of_a_class_are_known(starts_as):
    code = "class Base: pass\nclass A(Base): name = 'one'\nclass B(Base): name = 'two'\n"
    starts_as(code + "for heir in Base.__subclasses__(): __import__(heir.name)", {"one", "two"}, set())


def test_an_import_asks_what_stands_in_the_place_of_import(starts_as):
    code = """
        import builtins
        real = builtins.__import__
        def asked(name, *rest, **more):
            if name == "virtual": return real("one")
            if name == "refused": raise ImportError(name)
            return real(name, *rest, **more)
        builtins.__import__ = asked
        import virtual
        import two
        try: import refused
        except ImportError: import three
        """
    starts_as(textwrap.dedent(code), {"one", "two", "three"}, set())


def test_a_call_of_something_unknown_is_a_stop(start_of):
    trace, _ = start_of("import os\nfor made in os.sched_getaffinity(0):\n    made()")
    assert [stop.reason for stop in trace.stops] == ["nobody knows what made is, so its call is not followed"]


def test_what_functools_and_classes_wrap_is_known_by_its_class(as_python_loads):
    certain, possible, loaded = as_python_loads(
        """
        from functools import cached_property, partial
        def plain(): pass
        class Own:
            @classmethod
            def made(cls): pass
            @staticmethod
            def free(): pass
            @property
            def shown(self): pass
        wrapped = Own.__dict__
        if not isinstance(plain, (partial, cached_property, property)): import m1
        if isinstance(wrapped['made'], classmethod): import m2
        if isinstance(wrapped['free'], staticmethod): import m3
        if isinstance(wrapped['shown'], property): import m4
        if isinstance(wrapped['shown'], (classmethod, partial)): import m5
        """
    )
    assert (certain, possible) == (loaded, set())
