"""Methods of base classes: `super()` wherever it stands, and the order of a class's bases."""

import pytest

PROGRAMS = {
    "super in a decorated method": """
        import functools
        def logged(function):
            @functools.wraps(function)
            def inner(*args, **names): return function(*args, **names)
            return inner
        class Base:
            @logged
            def start(self): import m1
        class App(Base):
            @logged
            def start(self): super().start()
        App().start()
        """,
    "super in a function of a method": """
        class Base:
            def start(self): import m1
        class App(Base):
            def start(self):
                def later(self): super().start()
                later(self)
        App().start()
        """,
    "super in a property": """
        class Base:
            @property
            def name(self): return 'm1'
        class App(Base):
            @property
            def name(self): return super().name
        __import__(App().name)
        """,
    "an instance for each class of the order": """
        class One:
            made = None
            @classmethod
            def instance(cls):
                if cls.made is None:
                    one = cls()
                    for each in cls.mro():
                        if issubclass(each, One): each.made = one
                return cls.made
            def start(self): import m1
        class Two(One): pass
        Two.instance().start()
        if One.made is Two.made: import m2
        """,
}


@pytest.mark.parametrize("code", PROGRAMS.values(), ids=list(PROGRAMS))
def test_what_an_inherited_method_loads(as_python_loads, code):
    certain, possible, loaded = as_python_loads(code)
    assert (certain, possible) == (loaded, set())


LOAD = "    if name.isupper(): __import__(getattr(one, name))"
LISTED = {
    "of a class": f"class A: x = 1; M1 = 'm1'\nclass one(A): M2 = 'm2'\nfor name in dir(one):\n{LOAD}",
    "of an object": f"class A: M1 = 'm1'\none = A()\none.M2 = 'm2'\nfor name in dir(one):\n{LOAD}",
    "as it says": "class A:\n    M2 = 'm2'\n    def __dir__(self): return ['M2', 'go']\n"
    f"one = A()\none.M1 = 'm1'\nfor name in dir(one):\n{LOAD}",
    "none of it": "class A: ''\nif [name for name in dir(A()) if name[0] != '_']: import m1\nelse: import m2",
}


@pytest.mark.parametrize("code", LISTED.values(), ids=list(LISTED))
def test_the_names_of_a_class_and_of_its_objects_are_listed(as_python_loads, code):
    certain, possible, loaded = as_python_loads(code)
    assert (certain, possible) == (loaded, set())


@pytest.mark.parametrize("otherwise", ["pass", "raise KeyError"])
def test_an_attribute_that_may_be_there_is_read_and_may_be_missing(as_python_loads, otherwise):
    certain, possible, loaded = as_python_loads(
        f"""
        import sys
        class Shop:
            def __init__(self, text):
                if text: self.text = text
                else: {otherwise}
            @property
            def doc(self): return self.text
        def start():
            try:
                if Shop(sys.stdin.read()).doc: import m1
                import m2
            except AttributeError:
                import m3
            except KeyError:
                import m4
        start()
        """
    )
    assert (certain, loaded <= possible, possible >= {"m1", "m2"}) == (set(), True, True)


def test_a_class_is_an_object_of_its_metaclass_alone(as_python_loads):
    certain, possible, loaded = as_python_loads(
        """
        class Meta(type): pass
        class Plugin: pass
        class Own(Plugin): pass
        class Made(metaclass=Meta): pass
        for one, name in ((Own, 'm8'), (Plugin(), 'm1'), (Own(), 'm2')):
            if isinstance(one, Plugin): __import__(name)
        if isinstance(Made, Meta): import m3
        if isinstance(Own, Meta) or isinstance(Made(), Meta): import m9
        """
    )
    assert (certain, possible) == (loaded, set())


def test_a_call_of_a_metaclass_makes_a_class_that_hands_it_on(as_python_loads):
    certain, possible, loaded = as_python_loads(
        """
        made = []
        class Meta(type):
            def __new__(cls, name, bases, names):
                own = super().__new__(cls, name, bases, names)
                if any(isinstance(base, Meta) for base in bases): made.append(own)
                return own
            def __init__(self, name, bases, names): self.mark = names.get('mark')
        class Plain: pass
        Base = Meta('Base', (Plain,), {'mark': 'm1'})
        __import__(Base.mark)
        if made: import m8
        class Own(Base): pass
        if isinstance(Own, Meta): import m2
        if made: import m3
        """
    )
    assert (certain, possible) == (loaded, set())
