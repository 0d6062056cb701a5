"""Generators and iterators give one item at a time: what they load between, and what they never get to."""

import pytest

PROGRAMS = {
    "items that are asked for one by one": """
        def walk():
            import m1
            yield 1
            import m2
            yield 2
            import m8
        steps = walk()
        if next(steps) + next(steps) == 3: import m3
        """,
    "what is sent": """
        def load():
            name = yield 'ready'
            while name:
                __import__(name)
                name = yield
        loader = load()
        loader.send(None)
        for name in ('m1', 'm2'): loader.send(name)
        try: loader.send('')
        except StopIteration: import m3
        """,
    "what is thrown and closed": """
        def guarded():
            try: yield 1
            except LookupError: import m1
            try: yield 2
            finally: import m2
            import m8
        one = guarded()
        next(one)
        if one.throw(KeyError('x')) == 2: import m3
        one.close()
        """,
    "what leaves a generator": """
        def fails():
            yield 1
            raise ValueError
        one = fails()
        try:
            for _ in one: import m1
        except ValueError: import m2
        for _ in one: import m8
        """,
    "a loop that ends early": """
        def walk():
            try:
                for name in ('m1', 'm2', 'm8'): yield __import__(name)
            finally: import m3
        for made in walk():
            if made.__name__ == 'm2': break
        """,
    "generators inside one another": """
        def inner():
            got = yield 'm1'
            __import__(got)
            return 'm3'
        def outer():
            name = yield from inner()
            __import__(name)
            yield from ('m4', 'm8')
        both = outer()
        __import__(next(both))
        __import__(both.send('m2'))
        """,
    "what a return gives": """
        def ends():
            yield 1
            return 'm1'
        one = ends()
        next(one)
        try: next(one)
        except StopIteration as stop: __import__(stop.value)
        """,
    "state that both sides change": """
        seen = []
        def walk():
            for n in range(3):
                seen.append(('made', n))
                yield n
        for n in walk(): seen.append(('used', n))
        if seen[:3] == [('made', 0), ('used', 0), ('made', 1)]: import m1
        else: import m8
        """,
    "any and all": """
        any(__import__(name) for name in ('m1', 'm8'))
        all(not __import__(name) for name in ('m2', 'm8'))
        """,
    "map, filter, zip": """
        map(__import__, ['m8'])
        next(map(__import__, ['m1', 'm8']))
        for made, _ in zip(map(__import__, ['m2', 'm3', 'm8']), filter(None, [0, 1, 2])): pass
        """,
    "an iterator that goes on": """
        names = iter(['m1', 'x', 'm2', 'm3'])
        for name in names:
            __import__(name)
            next(names, None)
            break
        __import__(next(names))
        if 'm8' not in names and next(names, None) is None: import m4
        """,
    "a list that grows while it is walked": """
        names = ['m1']
        for name in names:
            __import__(name)
            if len(names) < 3: names.append(f'm{len(names) + 1}')
        """,
    "an iterator class": """
        class Names:
            def __init__(self): self.left = ['m8', 'm2', 'm1']
            def __iter__(self): return self
            def __next__(self):
                if len(self.left) == 1: raise StopIteration
                return self.left.pop()
        for name in Names(): __import__(name)
        """,
    "itertools": """
        import itertools
        for name in itertools.islice(itertools.chain(['m1'], map(str, ['m2', 'm8'])), 2): __import__(name)
        for n in itertools.count(3):
            __import__(f'm{n}')
            if n == 4: break
        for key, group in itertools.groupby(['a1', 'a2', 'b1'], key=lambda text: text[0]):
            if len(list(group)) == 2: import m5
        for a, b in itertools.product('m', '67'): __import__(a + b)
        """,
    "a name that any leaves": """
        any((found := name) == 'm1' for name in ('m3', 'm1', 'm8'))
        __import__(found)
        """,
}


@pytest.mark.parametrize("code", PROGRAMS.values(), ids=list(PROGRAMS))
def test_what_is_loaded_between_the_items(as_python_loads, code):
    certain, possible, loaded = as_python_loads(code)
    assert (certain, possible) == (loaded, set())


def test_what_follows_a_yield_in_doubt_is_possible_where_nobody_asks_for_more(as_python_loads):
    code = """
        import time
        def walk():
            if time.time() > 9e9: yield 1
            import m1
            yield 2
        for _ in walk():
            import m2
            break
        """
    certain, possible, loaded = as_python_loads(code)
    assert (certain, possible, loaded) == (set(), {"m1", "m2"}, {"m1", "m2"})


def test_many_generators_that_wait_are_followed_and_said(run, write):
    write(
        {
            "app.py": "def walk():\n    yield 1\n    import colorsys\n    yield 2\n"
            "waiting = [walk() for _ in range(60)]\nfor one in waiting: next(one)\n"
        }
    )
    done = run("graph", "app.py", "--unfollowed")
    assert (done.returncode, "too many others wait" in done.stdout) == (0, True), done
