"""Code that others call: callbacks, special methods, and what classes say of `isinstance`."""

import pytest

PROGRAMS = {
    "filter": ("for n in filter(lambda n: n != 'two', ['one', 'two']): __import__(n)", {"one"}),
    "a key of max": ("__import__(max(['four', 'one'], key=lambda n: -len(n)))", {"one"}),
    "a key of min that loads": ("min([2, 1], key=lambda n: __import__('one') and n)", {"one"}),
    "reduce": ("import functools\n__import__(functools.reduce(lambda a, b: b + a, ['ee', 'hr', 't']))", {"three"}),
    "a setter": (
        "class Box:\n    @property\n    def lid(self): return 1\n    @lid.setter\n    def lid(self, v): __import__(v)\n"
        "Box().lid = 'one'",
        {"one"},
    ),
    "a descriptor that is set": (
        "class Field:\n    def __set__(self, owner, value): __import__(value)\nclass Row: cell = Field()\n"
        "Row().cell = 'one'",
        {"one"},
    ),
    "an attribute that is set": (
        "class Row:\n    def __setattr__(self, name, value):\n        import one\n"
        "        object.__setattr__(self, name, value)\nrow = Row()\nrow.name = 'two'\n__import__(row.name)",
        {"one", "two"},
    ),
    "abstract containers": (
        "from collections.abc import MutableSequence, Sequence, Set\n"
        "if isinstance((), Sequence) and isinstance(set(), Set): import one\n"
        "if isinstance((), MutableSequence): import two",
        {"one"},
    ),
    "a number": ("import numbers\nif isinstance(2.5, numbers.Real): import one\nelse: import two", {"one"}),
    "a method that is asked for": (
        "from collections.abc import Sized, Iterable\nclass Bag:\n    def __len__(self): return 1\n"
        "if isinstance(Bag(), Sized): import one\nif isinstance(Bag(), Iterable): import two",
        {"one"},
    ),
    "a registered class": (
        "from abc import ABC\nclass Plugin(ABC): pass\nclass Foreign: pass\nPlugin.register(Foreign)\n"
        "if isinstance(Foreign(), Plugin): import one\nelse: import two",
        {"one"},
    ),
    "a class that decides itself": (
        "class Meta(type):\n    def __instancecheck__(cls, value): return value == 'x'\n"
        "class Word(metaclass=Meta): pass\nif isinstance('x', Word): import one\nelse: import two",
        {"one"},
    ),
    "a hook for heirs": (
        "from abc import ABC\nclass Runs(ABC):\n    @classmethod\n"
        "    def __subclasshook__(cls, other): return hasattr(other, 'run')\nclass Job:\n    def run(self): pass\n"
        "if issubclass(Job, Runs): import one\nelse: import two",
        {"one"},
    ),
}


@pytest.mark.parametrize(("code", "certain"), PROGRAMS.values(), ids=list(PROGRAMS))
def test_what_is_called_on_the_way_counts(starts_as, code, certain):
    starts_as(code, certain, set())


def test_what_a_callback_changes_in_code_that_is_not_followed_is_not_sure(starts_as):
    code = (
        "import re\nfound = []\nre.sub('(a)+', lambda m: found.append(1) or '', 'aa')\n"
        "if found: import one\nelse: import two"
    )
    starts_as(code, set(), {"one", "two"})


def test_a_protocol_is_fulfilled_by_all_its_members(starts_as):
    code = (
        "from typing import Protocol, runtime_checkable\n@runtime_checkable\nclass Closes(Protocol):\n"
        "    name: str\n    def close(self): ...\nclass File:\n    name = 'x'\n    def close(self): pass\n"
        "class Half:\n    def close(self): pass\n"
        "if isinstance(File(), Closes): import one\nelse: import two\n"
        "if isinstance(Half(), Closes): import three\nelse: import four"
    )
    starts_as(code, {"one", "four"}, set())
