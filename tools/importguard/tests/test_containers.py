"""Lists, dicts and sets after operations that change their order or content."""

import textwrap

import pytest

PROGRAMS = {
    "sort": """
        l = ['m2', 'm1']
        l.sort()
        __import__(l[0])
    """,
    "sort backwards": """
        l = ['m1', 'm3', 'm2']
        l.sort(reverse=True)
        __import__(l[0])
    """,
    "sort by a key": """
        l = ['m1', 'm22'[:2], 'm3x']
        l.sort(key=len, reverse=True) or l.sort(key=lambda n: n[1])
        __import__(l[0])
    """,
    "sorted": "__import__(sorted({'m3': 1, 'm2': 2}, reverse=True)[0])",
    "reverse": """
        l = ['m1', 'm2']
        l.reverse()
        __import__(l[0])
    """,
    "a key that is not known, of an empty dict": """
        import os
        known, number = {}, os.getpid()
        try: known[number]
        except KeyError: import m1
        if number in known: import m2
    """,
    "clear": """
        l = ['m1']
        l.clear()
        for n in l: __import__(n)
        if not l: import m2
    """,
    "del of an item": """
        l = ['m1', 'm2', 'm3']
        del l[0]
        __import__(l[0])
    """,
    "del of some": """
        l = ['m1', 'm2', 'm3']
        del l[:2]
        for n in l: __import__(n)
    """,
    "del backwards": """
        l = ['m1', 'm2', 'm3']
        del l[-1], l[::2]
        for n in l: __import__(n)
    """,
    "a slice is replaced": """
        l = ['m1', 'm2']
        l[0:1] = ['m3', 'm4']
        for n in l: __import__(n)
    """,
    "a slice is put in": """
        l = ['m1']
        l[:0] = ['m2']
        __import__(l[0])
    """,
    "remove and count": """
        l = ['m1', 'm2', 'm1']
        l.remove('m1')
        __import__(l[0])
        if l.count('m1') == 1: import m3
    """,
    "a stack": """
        l = ['m1', 'm2']
        while l: __import__(l.pop(0))
    """,
    "a dict is cleared": """
        d = {'a': 'm1'}
        d.clear()
        for n in d.values(): __import__(n)
        if not d: import m2
    """,
    "popitem": """
        d = {'a': 'm1', 'b': 'm2'}
        __import__(d.popitem()[1])
    """,
    "fromkeys": """
        for n in dict.fromkeys(['m1', 'm2']): __import__(n)
        if dict.fromkeys('ab', 3)['a'] == 3: import m3
    """,
    "a dict in place": """
        d = e = {'a': 'm1'}
        d |= {'a': 'm2'}
        __import__(e['a'])
    """,
    "sets": """
        a = {'m1', 'm2', 'm3'}
        for n in a.difference(['m1'], ('m2',)): __import__(n)
    """,
    "sets in place": """
        a = b = {'m1', 'm2'}
        a -= {'m1'}
        a ^= {'m4'}
        for n in b: __import__(n)
    """,
    "sets by methods": """
        a = {'m1', 'm2'}
        a.intersection_update(['m2'])
        a.symmetric_difference_update(['m3'])
        for n in a: __import__(n)
    """,
    "questions to sets": """
        if {1} .issubset([1, 2]): import m1
        if {1}.isdisjoint({2}): import m2
        if {1, 2}.issuperset({3}): import m3
    """,
    "places from three on": "for place, name in enumerate(['m', 'm'], 3): __import__(name + str(place))",
    "an attribute goes": """
        class A: pass
        a = A()
        a.x = 1
        delattr(a, 'x')
        if hasattr(a, 'x'): import m1
        else: import m2
    """,
    "an attribute that is not there": """
        class A: pass
        __import__(getattr(A(), 'name', 'm1'))
    """,
    "zip ends with the shortest": "for a, b in zip('mm', ['1', '2', '3']): __import__(a + b)",
}


@pytest.mark.parametrize("code", PROGRAMS.values(), ids=list(PROGRAMS))
def test_order_and_content_are_as_the_operation_leaves_them(as_python_loads, code):
    certain, _, loaded = as_python_loads(code)
    assert certain == loaded


UNSURE = {
    "sort by what is not known": """
        l = ['m1', 'm2']
        l.sort(key=lambda n: time.time())
        __import__(l[0])
    """,
    "del of any": """
        l = ['m1', 'm1']
        del l[int(time.time()) % 2]
        if len(l) == 2: import m2
    """,
    "pop of any": """
        l = ['m1', 'm2']
        l.pop(int(time.time()) % 2)
        if 'm1' in l: import m3
        else: import m4
    """,
    "any key": """
        d = {'a': 1, 'b': 1}
        d['ab'[int(time.time()) % 2]] = 2
        if d['a'] == 1: import m1
        else: import m2
    """,
    "discard of any": """
        s = {0, 1}
        s.discard(int(time.time()) % 2)
        if 0 in s: import m1
        else: import m2
    """,
}


@pytest.mark.parametrize("code", UNSURE.values(), ids=list(UNSURE))
def test_what_is_not_known_is_not_certain(as_python_loads, code):
    certain, _, _ = as_python_loads(f"import time\n{textwrap.dedent(code)}")
    assert certain == set()
