"""Objects of classes whose methods a library writes: what is passed to them can be read from them."""

import pytest

DATACLASS = "from dataclasses import *\nfrom typing import ClassVar\n"
PROGRAMS = {
    "fields": DATACLASS + "@dataclass\nclass Job:\n    kind: str\n    target: str = 'm1'\n__import__(Job('x').target)\n__import__(Job('x', target='m2').target)",
    "frozen, with slots": DATACLASS + "@dataclass(frozen=True, slots=True)\nclass Job:\n    target: str\nfor one in (Job('m1'), Job(target='m3')): __import__(one.target)",
    "a factory": DATACLASS + "@dataclass\nclass Job:\n    names: list = field(default_factory=lambda: ['m1'])\n    more: object = field(default_factory=lambda: __import__('m2'))\njob = Job()\njob.names.append('m3')\nfor name in job.names: __import__(name)",
    "after init": DATACLASS + "@dataclass\nclass Base:\n    name: str\n@dataclass\nclass Job(Base):\n    extra: InitVar[str] = 'm5'\n    kinds: ClassVar[list] = []\n    def __post_init__(self, extra):\n        __import__(self.name)\n        __import__(extra)\nJob('m4')",
    "keywords only": DATACLASS + "@dataclass\nclass Job:\n    _: KW_ONLY\n    name: str = 'm1'\n    other: str\njob = Job(other='m2')\n__import__(job.name)\n__import__(job.other)",
    "replace, asdict, fields": DATACLASS + "@dataclass\nclass Inner:\n    name: str\n@dataclass\nclass Job:\n    inner: Inner\n    m2: int = 0\njob = replace(Job(Inner('m9')), inner=Inner('m1'))\n__import__(asdict(job)['inner']['name'])\n__import__(fields(job)[1].name)\nif is_dataclass(job) and job == Job(Inner('m1'), 0) is not None: import m3",
    "equal": DATACLASS + "@dataclass\nclass Job:\n    name: str\nif Job('a') == Job('a'): import m1\nif Job('a') != Job('b'): import m2",
    "attrs": "import attr\nfrom attrs import define, field, Factory\n@define\nclass Job:\n    _name: str\n    many: list = Factory(lambda: ['m2'])\n    more: list = field(factory=lambda: ['m3'])\n    kind: str = field(converter=lambda n: 'm' + n, default='4')\n    last: str = field()\n    @last.default\n    def _last(self): return 'm5'\n    def __attrs_post_init__(self): __import__(self._name)\njob = Job(name='m1')\nfor name in [*job.many, *job.more, job.kind, job.last]: __import__(name)\n@attr.s\nclass Old:\n    name = attr.ib(default='m6')\n__import__(Old().name)",
    "namedtuple": "from collections import namedtuple\nJob = namedtuple('Job', 'kind, target', defaults=['m1'])\nkind, target = Job('m2')\n__import__(kind)\n__import__(target)\n__import__(Job('m3')[0])\n__import__(Job('a')._replace(target='m4').target)\n__import__(Job._make(['m5', 0])._asdict()['kind'])",
    "a class below a namedtuple": "from collections import namedtuple\nclass Job(namedtuple('Job', ['name'])):\n    def load(self): __import__(self.name)\nJob('m1').load()\nif len(Job('x')) == 1 and isinstance(Job('x'), tuple): import m2",
    "NamedTuple": "from typing import NamedTuple\nclass Job(NamedTuple):\n    name: str\n    other: str = 'm2'\n    def load(self): __import__(self.name)\njob = Job('m1')\njob.load()\nfor name in job: __import__(name)\nif job == ('m1', 'm2'): import m3",
    "enum": "import enum\nclass Kind(enum.Enum):\n    FAST = 'm1'\n    SLOW = 'm2'\n    QUICK = 'm1'\n    def load(self): return __import__(self.value)\nKind.FAST.load()\nKind('m2').load()\nif Kind['QUICK'] is Kind.FAST and len(Kind) == 2: import m3\nif Kind.SLOW == Kind.FAST: import m4\nfor kind in Kind: __import__({'FAST': 'm5', 'SLOW': 'm6'}[kind.name])",
    "enum with texts": "import enum\nclass Kind(str, enum.Enum):\n    A = 'm1'\n    B = 'm2'\nfor kind in Kind: __import__(kind.value)\n__import__({'Kind.A': 'm3'}.get(f'{Kind.A}', 'm4'))\nif isinstance(Kind.A, Kind) and Kind.A.name == 'A': import m5",
    "enum by number": "import enum\nclass Kind(enum.IntEnum):\n    ONE = enum.auto()\n    TWO = enum.auto()\nfor kind in Kind: __import__(f'm{kind.value}')\nif Kind(2) is Kind.TWO and Kind.ONE < Kind.TWO: import m3",
    "enum with an init": "from enum import Enum\nclass Planet(Enum):\n    EARTH = ('m1', 3)\n    def __init__(self, name, place):\n        self.module = name\n        self.place = place\n__import__(Planet.EARTH.module)\n__import__(f'm{Planet.EARTH.place}')",
    "enum with a new": "from enum import Enum\nclass Kind(bytes, Enum):\n    def __new__(cls, value, module):\n        made = bytes.__new__(cls, [value])\n        made._value_ = value\n        made.module = module\n        return made\n    A = (1, 'm1')\nimport m2",
    "enum by a call": "from enum import Enum\nfor kind in Enum('Kind', {'A': 'm1', 'B': 'm2'}): __import__(kind.value)\nif Enum('Kind', 'x y').y.value == 2: import m3",
    "enum of flags": "import enum\nclass Flags(enum.Flag):\n    A = enum.auto()\n    B = enum.auto()\n    C = enum.auto()\n__import__(f'm{Flags.C.value}')",
    "a namespace": "from types import SimpleNamespace\nnames = SimpleNamespace(a='m1', **{'b': 'm2'})\n__import__(names.a)\n__import__(vars(names)['b'])\nif hasattr(names, 'c'): import m3",
    "a typed dict": "from typing import TypedDict, NewType\nclass Job(TypedDict, total=False):\n    name: str\n__import__(Job(name='m1')['name'])\n__import__(NewType('Name', str)('m2'))",
    "containers": "from collections import *\nd = deque(['m1', 'm2'])\nd.appendleft('m3')\nd.rotate(1)\n__import__(d.popleft())\n__import__(d.pop())\no = OrderedDict(a='m4', b='m5')\no.move_to_end('a')\n__import__(o.popitem(last=False)[1])\nc = Counter('aab')\nc.update('b', )\nif c['b'] == 2 and not c['z']: import m6\n__import__(ChainMap({}, {'x': 'm7'})['x'])\n__import__(Counter({'m8': 2, 'm9': 1}).most_common(1)[0][0])",
}


@pytest.mark.parametrize("code", PROGRAMS.values(), ids=list(PROGRAMS))
def test_values_of_generated_classes_are_known(as_python_loads, code):
    certain, _, loaded = as_python_loads(code)
    assert certain == loaded
