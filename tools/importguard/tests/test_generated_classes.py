"""Objects of classes whose methods a library writes: what is passed to them can be read from them."""

import pytest

PROGRAMS = {
    "fields": """
        from dataclasses import *
        from typing import ClassVar
        @dataclass
        class Job:
            kind: str
            target: str = 'm1'
        __import__(Job('x').target)
        __import__(Job('x', target='m2').target)
    """,
    "frozen, with slots": """
        from dataclasses import *
        from typing import ClassVar
        @dataclass(frozen=True, slots=True)
        class Job:
            target: str
        for one in (Job('m1'), Job(target='m3')): __import__(one.target)
    """,
    "a factory": """
        from dataclasses import *
        from typing import ClassVar
        @dataclass
        class Job:
            names: list = field(default_factory=lambda: ['m1'])
            more: object = field(default_factory=lambda: __import__('m2'))
        job = Job()
        job.names.append('m3')
        for name in job.names: __import__(name)
    """,
    "after init": """
        from dataclasses import *
        from typing import ClassVar
        @dataclass
        class Base:
            name: str
        @dataclass
        class Job(Base):
            extra: InitVar[str] = 'm5'
            kinds: ClassVar[list] = []
            def __post_init__(self, extra):
                __import__(self.name)
                __import__(extra)
        Job('m4')
    """,
    "keywords only": """
        from dataclasses import *
        from typing import ClassVar
        @dataclass
        class Job:
            _: KW_ONLY
            name: str = 'm1'
            other: str
        job = Job(other='m2')
        __import__(job.name)
        __import__(job.other)
    """,
    "replace, asdict, fields": """
        from dataclasses import *
        from typing import ClassVar
        @dataclass
        class Inner:
            name: str
        @dataclass
        class Job:
            inner: Inner
            m2: int = 0
        job = replace(Job(Inner('m9')), inner=Inner('m1'))
        __import__(asdict(job)['inner']['name'])
        __import__(fields(job)[1].name)
        if is_dataclass(job) and job == Job(Inner('m1'), 0) is not None: import m3
    """,
    "equal": """
        from dataclasses import *
        from typing import ClassVar
        @dataclass
        class Job:
            name: str
        if Job('a') == Job('a'): import m1
        if Job('a') != Job('b'): import m2
    """,
    "attrs": """
        import attr
        from attrs import define, field, Factory
        @define
        class Job:
            _name: str
            many: list = Factory(lambda: ['m2'])
            more: list = field(factory=lambda: ['m3'])
            kind: str = field(converter=lambda n: 'm' + n, default='4')
            last: str = field()
            @last.default
            def _last(self): return 'm5'
            def __attrs_post_init__(self): __import__(self._name)
        job = Job(name='m1')
        for name in [*job.many, *job.more, job.kind, job.last]: __import__(name)
        @attr.s
        class Old:
            name = attr.ib(default='m6')
        __import__(Old().name)
    """,
    "namedtuple": """
        from collections import namedtuple
        Job = namedtuple('Job', 'kind, target', defaults=['m1'])
        kind, target = Job('m2')
        __import__(kind)
        __import__(target)
        __import__(Job('m3')[0])
        __import__(Job('a')._replace(target='m4').target)
        __import__(Job._make(['m5', 0])._asdict()['kind'])
    """,
    "a class below a namedtuple": """
        from collections import namedtuple
        class Job(namedtuple('Job', ['name'])):
            def load(self): __import__(self.name)
        Job('m1').load()
        if len(Job('x')) == 1 and isinstance(Job('x'), tuple): import m2
    """,
    "NamedTuple": """
        from typing import NamedTuple
        class Job(NamedTuple):
            name: str
            other: str = 'm2'
            def load(self): __import__(self.name)
        job = Job('m1')
        job.load()
        for name in job: __import__(name)
        if job == ('m1', 'm2'): import m3
    """,
    "enum": """
        import enum
        class Kind(enum.Enum):
            FAST = 'm1'
            SLOW = 'm2'
            QUICK = 'm1'
            def load(self): return __import__(self.value)
        Kind.FAST.load()
        Kind('m2').load()
        if Kind['QUICK'] is Kind.FAST and len(Kind) == 2: import m3
        if Kind.SLOW == Kind.FAST: import m4
        for kind in Kind: __import__({'FAST': 'm5', 'SLOW': 'm6'}[kind.name])
    """,
    "enum with texts": """
        import enum
        class Kind(str, enum.Enum):
            A = 'm1'
            B = 'm2'
        for kind in Kind: __import__(kind.value)
        __import__({'Kind.A': 'm3'}.get(f'{Kind.A}', 'm4'))
        if isinstance(Kind.A, Kind) and Kind.A.name == 'A': import m5
    """,
    "enum by number": """
        import enum
        class Kind(enum.IntEnum):
            ONE = enum.auto()
            TWO = enum.auto()
        for kind in Kind: __import__(f'm{kind.value}')
        if Kind(2) is Kind.TWO and Kind.ONE < Kind.TWO: import m3
    """,
    "enum with an init": """
        from enum import Enum
        class Planet(Enum):
            EARTH = ('m1', 3)
            def __init__(self, name, place):
                self.module = name
                self.place = place
        __import__(Planet.EARTH.module)
        __import__(f'm{Planet.EARTH.place}')
    """,
    "enum with a new": """
        from enum import Enum
        class Kind(bytes, Enum):
            def __new__(cls, value, module):
                made = bytes.__new__(cls, [value])
                made._value_ = value
                made.module = module
                return made
            A = (1, 'm1')
        import m2
    """,
    "enum by a call": """
        from enum import Enum
        for kind in Enum('Kind', {'A': 'm1', 'B': 'm2'}): __import__(kind.value)
        if Enum('Kind', 'x y').y.value == 2: import m3
    """,
    "enum of flags": """
        import enum
        class Flags(enum.Flag):
            A = enum.auto()
            B = enum.auto()
            C = enum.auto()
        __import__(f'm{Flags.C.value}')
    """,
    "a namespace": """
        from types import SimpleNamespace
        names = SimpleNamespace(a='m1', **{'b': 'm2'})
        __import__(names.a)
        __import__(vars(names)['b'])
        if hasattr(names, 'c'): import m3
    """,
    "a typed dict": """
        from typing import TypedDict, NewType
        class Job(TypedDict, total=False):
            name: str
        __import__(Job(name='m1')['name'])
        __import__(NewType('Name', str)('m2'))
    """,
    "containers": """
        from collections import *
        d = deque(['m1', 'm2'])
        d.appendleft('m3')
        d.rotate(1)
        __import__(d.popleft())
        __import__(d.pop())
        o = OrderedDict(a='m4', b='m5')
        o.move_to_end('a')
        __import__(o.popitem(last=False)[1])
        c = Counter('aab')
        c.update('b', )
        if c['b'] == 2 and not c['z']: import m6
        __import__(ChainMap({}, {'x': 'm7'})['x'])
        __import__(Counter({'m8': 2, 'm9': 1}).most_common(1)[0][0])
    """,
}


@pytest.mark.parametrize("code", PROGRAMS.values(), ids=list(PROGRAMS))
def test_values_of_generated_classes_are_known(as_python_loads, code):
    certain, _, loaded = as_python_loads(code)
    assert certain == loaded
