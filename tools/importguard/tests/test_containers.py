"""Lists, dicts and sets after operations that change their order or content."""

import pytest

PROGRAMS = {
    "sort": "l = ['m2', 'm1']\nl.sort()\n__import__(l[0])",
    "sort backwards": "l = ['m1', 'm3', 'm2']\nl.sort(reverse=True)\n__import__(l[0])",
    "sort by a key": "l = ['m1', 'm22'[:2], 'm3x']\nl.sort(key=len, reverse=True) or l.sort(key=lambda n: n[1])\n__import__(l[0])",
    "sorted": "__import__(sorted({'m3': 1, 'm2': 2}, reverse=True)[0])",
    "reverse": "l = ['m1', 'm2']\nl.reverse()\n__import__(l[0])",
    "clear": "l = ['m1']\nl.clear()\nfor n in l: __import__(n)\nif not l: import m2",
    "del of an item": "l = ['m1', 'm2', 'm3']\ndel l[0]\n__import__(l[0])",
    "del of some": "l = ['m1', 'm2', 'm3']\ndel l[:2]\nfor n in l: __import__(n)",
    "del backwards": "l = ['m1', 'm2', 'm3']\ndel l[-1], l[::2]\nfor n in l: __import__(n)",
    "a slice is replaced": "l = ['m1', 'm2']\nl[0:1] = ['m3', 'm4']\nfor n in l: __import__(n)",
    "a slice is put in": "l = ['m1']\nl[:0] = ['m2']\n__import__(l[0])",
    "remove and count": "l = ['m1', 'm2', 'm1']\nl.remove('m1')\n__import__(l[0])\nif l.count('m1') == 1: import m3",
    "a stack": "l = ['m1', 'm2']\nwhile l: __import__(l.pop(0))",
    "a dict is cleared": "d = {'a': 'm1'}\nd.clear()\nfor n in d.values(): __import__(n)\nif not d: import m2",
    "popitem": "d = {'a': 'm1', 'b': 'm2'}\n__import__(d.popitem()[1])",
    "fromkeys": "for n in dict.fromkeys(['m1', 'm2']): __import__(n)\nif dict.fromkeys('ab', 3)['a'] == 3: import m3",
    "a dict in place": "d = e = {'a': 'm1'}\nd |= {'a': 'm2'}\n__import__(e['a'])",
    "sets": "a = {'m1', 'm2', 'm3'}\nfor n in a.difference(['m1'], ('m2',)): __import__(n)",
    "sets in place": "a = b = {'m1', 'm2'}\na -= {'m1'}\na ^= {'m4'}\nfor n in b: __import__(n)",
    "sets by methods": "a = {'m1', 'm2'}\na.intersection_update(['m2'])\na.symmetric_difference_update(['m3'])\nfor n in a: __import__(n)",
    "questions to sets": "if {1} .issubset([1, 2]): import m1\nif {1}.isdisjoint({2}): import m2\nif {1, 2}.issuperset({3}): import m3",
    "places from three on": "for place, name in enumerate(['m', 'm'], 3): __import__(name + str(place))",
    "an attribute goes": "class A: pass\na = A()\na.x = 1\ndelattr(a, 'x')\nif hasattr(a, 'x'): import m1\nelse: import m2",
    "an attribute that is not there": "class A: pass\n__import__(getattr(A(), 'name', 'm1'))",
    "zip ends with the shortest": "for a, b in zip('mm', ['1', '2', '3']): __import__(a + b)",
}


@pytest.mark.parametrize("code", PROGRAMS.values(), ids=list(PROGRAMS))
def test_order_and_content_are_as_the_operation_leaves_them(as_python_loads, code):
    certain, _, loaded = as_python_loads(code)
    assert certain == loaded


UNSURE = {
    "sort by what is not known": "l = ['m1', 'm2']\nl.sort(key=lambda n: time.time())\n__import__(l[0])",
    "del of any": "l = ['m1', 'm1']\ndel l[int(time.time()) % 2]\nif len(l) == 2: import m2",
    "pop of any": "l = ['m1', 'm2']\nl.pop(int(time.time()) % 2)\nif 'm1' in l: import m3\nelse: import m4",
    "any key": "d = {'a': 1, 'b': 1}\nd['ab'[int(time.time()) % 2]] = 2\nif d['a'] == 1: import m1\nelse: import m2",
    "discard of any": "s = {0, 1}\ns.discard(int(time.time()) % 2)\nif 0 in s: import m1\nelse: import m2",
}


@pytest.mark.parametrize("code", UNSURE.values(), ids=list(UNSURE))
def test_what_is_not_known_is_not_certain(as_python_loads, code):
    certain, _, _ = as_python_loads(f"import time\n{code}")
    assert certain == set()
