"""Objects of the standard library that hold values or call back, beside the interpreter."""

import pytest

PROGRAMS = {
    "a defaultdict": """
        from collections import defaultdict
        made = defaultdict(lambda: __import__('m1'), a='m2')
        made['x']; made['x']
        __import__(made['a'])
        counts = defaultdict(int)
        for letter in 'aab': counts[letter] += 1
        if counts == {'a': 2, 'b': 1} or counts['a'] == 2: import m3
        """,
    "a heap": """
        import heapq
        heap = []
        for pair in ((3, 'm8'), (1, 'm1'), (2, 'm2')): heapq.heappush(heap, pair)
        __import__(heapq.heappop(heap)[1])
        __import__(heapq.heappop(heap)[1])
        class Own:
            def __init__(self, n): self.n = n
            def __lt__(self, other): import m3; return self.n < other.n
        heap = [Own(2), Own(1)]
        heapq.heapify(heap)
        if heap[0].n == 1: import m4
        """,
    "an exit stack": """
        from contextlib import ExitStack, closing, contextmanager, nullcontext
        class Block:
            def __enter__(self): return 'm1'
            def __exit__(self, *error): import m2
        @contextmanager
        def around():
            yield 'm3'
            import m4
        class Open:
            def close(self): import m5
        with ExitStack() as stack, nullcontext('m6') as last:
            __import__(stack.enter_context(Block()))
            __import__(stack.enter_context(around()))
            stack.callback(__import__, 'm7')
            __import__(last)
        with closing(Open()): pass
        """,
    "a context variable": """
        import contextvars
        mode = contextvars.ContextVar('mode', default='m1')
        __import__(mode.get())
        mode.set('m2')
        __import__(mode.get('m8'))
        """,
    "regular expressions": """
        import re
        found = re.fullmatch(r'(?P<head>[a-z])-(\\d+)', 'm-1')
        if found: __import__(found['head'] + found.group(2))
        if re.match('x', 'm'): import m8
        __import__(re.sub('x+', 'm', 'xx2'))
        __import__(re.compile(',').split('m3,m8')[0])
        re.sub(r'm\\d', lambda one: __import__(one.group()).__name__, 'm4 m5')
        """,
    "literals": """
        import ast, json
        __import__(ast.literal_eval("['m1']")[0])
        __import__(json.loads('{"load": "m2"}')['load'])
        """,
    "the message of an exception": """
        try: raise RuntimeError('m1')
        except RuntimeError as error: __import__(str(error))
        """,
}


@pytest.mark.parametrize("code", PROGRAMS.values(), ids=list(PROGRAMS))
def test_what_an_object_of_the_library_loads(as_python_loads, code):
    certain, possible, loaded = as_python_loads(code)
    assert (certain, possible) == (loaded, set())


def test_what_a_thread_changes_may_have_changed_until_it_is_joined(as_python_loads):
    code = """
        import threading
        seen = []
        def work(): seen.append(1)
        thread = threading.Thread(target=work)
        thread.start()
        if seen: import m2
        thread.join()
        if seen: import m3
        else: import m4
        if thread.is_alive(): import m5
        """
    certain, possible, loaded = as_python_loads(code)
    assert (certain, possible) == ({"m3"}, {"m2"})
    assert loaded - {"m2"} == {"m3"}


def test_a_key_that_a_module_may_not_find_reaches_the_try_around_its_import(as_python_loads):
    code = "try: import asks\nexcept KeyError: import m1\nelse: import m2"
    files = {"asks.py": "import os\nos.environ['NOBODY_SETS_THIS']\nimport m3"}
    certain, possible, loaded = as_python_loads(code, files)
    assert certain == set()
    assert loaded == {"m1"}
    assert possible == {"m1", "m2", "m3"}
