"""An installed package under a `try` of the program: what is not worked out in it is no failure of its import."""

import textwrap

import pytest

PACKAGES = {
    "a name that code writes into its module": {
        "lib/__init__.py": "import m1\nfrom lib.names import late\nimport m2",
        "lib/names.py": "import sys\nsys._getframe().f_globals['late'] = 1\nimport m3",
    },
    "an attribute that __getattr__ refuses": {
        "lib/__init__.py": """
            import m1
            class Facts:
                def __init__(self): object.__setattr__(self, 'late', 1)
                def __getattr__(self, name):
                    raise AttributeError(name)
            Facts().late
            import m2
            """,
    },
    "an attribute of a class": {
        "lib/__init__.py": "import m1\nclass A: pass\ntype.__setattr__(A, 'late', 1)\nA().late\nimport m2",
    },
    "a check in a function": {
        "lib/__init__.py": """
            import m1
            class A: ready = False
            type.__setattr__(A, 'ready', True)
            def check():
                if not A.ready: raise ValueError('not ready')
            check()
            import m2
            """,
    },
    "a check around which a context manager stands": {
        "lib/__init__.py": """
            import m1
            class Block:
                def __enter__(self): return self
                def __exit__(self, *error): return None
            class A: ready = False
            type.__setattr__(A, 'ready', True)
            def check():
                if not A.ready: raise ValueError('not ready')
            with Block():
                check()
                import m3
            import m2
            """,
    },
    "a check in doubt": {
        "lib/__init__.py": """
            import m1, time
            def check():
                if time.time() % 2 > 7: raise ValueError('not ready')
            check()
            import m2
            """,
    },
    "a check whose failure is raised again": {
        "lib/__init__.py": """
            import m1
            class A: ready = False
            type.__setattr__(A, 'ready', True)
            def check():
                if not A.ready: raise ValueError('not ready')
            def load():
                try: check()
                except ValueError: raise
            load()
            import m2
            """,
    },
    "a module that is really missing": {
        "lib/__init__.py": "import m1\nimport not_there_at_all\nimport m2",
    },
    "a name that is really missing": {
        "lib/__init__.py": "import m1\nfrom lib.names import gone\nimport m2",
        "lib/names.py": "import m3",
    },
    "a package for another system": {
        "lib/__init__.py": "import m1, sys\nif sys.platform != 'mars': raise ImportError('only on Mars')\nimport m2",
    },
    "a package for an older Python": {
        "lib/__init__.py": """
            import m1, sys
            def check():
                if sys.version_info > (3, 0): raise ImportError('too new')
            check()
            import m2
            """,
    },
}
HANDLERS = ("except ImportError", "except Exception", "except BaseException", "except")


@pytest.mark.parametrize("handler", HANDLERS)
@pytest.mark.parametrize("package", PACKAGES.values(), ids=list(PACKAGES))
def test_what_a_try_around_an_import_loads(as_python_loads, tmp_path, package, handler):
    head = f"import sys\nsys.path.insert(0, {str(tmp_path / 'site-packages')!r})\n"
    files = {f"site-packages/{name}": textwrap.dedent(text) for name, text in package.items()}
    certain, possible, loaded = as_python_loads(f"{head}try: import lib\n{handler}: pass\nimport m9", files)
    assert (certain, possible) == (loaded, set())
