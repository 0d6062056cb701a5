"""Code that no import names: files loaded by their path, code given as text."""

import sys
from pathlib import Path

import pytest

from importguard import analyse, check, find_project
from importguard.startup import trace_script
from importguard.storage.cache import user_cache
from importguard.target.environment import probe

PROGRAMS = {
    "a file by its spec": """
        import importlib.util, os
        path = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'addons', 'first.py')
        spec = importlib.util.spec_from_file_location('first', path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        module.go()
    """,
    "a spec alone": """
        import importlib.util, os
        path = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'addons', 'first.py')
        spec = importlib.util.spec_from_file_location('first', path)
        module = importlib.util.module_from_spec(spec)
    """,
    "a module by its spec": """
        from importlib.util import find_spec, module_from_spec
        spec = find_spec('plain')
        spec.loader.exec_module(module_from_spec(spec))
    """,
    "lazily, used": """
        import importlib.util, sys
        spec = importlib.util.find_spec('plain')
        spec.loader = loader = importlib.util.LazyLoader(spec.loader)
        module = sys.modules['plain'] = importlib.util.module_from_spec(spec)
        loader.exec_module(module)
        print(module.thing, file=sys.stderr)
    """,
    "lazily, not used": """
        import importlib.util, sys
        spec = importlib.util.find_spec('plain')
        spec.loader = loader = importlib.util.LazyLoader(spec.loader)
        module = sys.modules['plain'] = importlib.util.module_from_spec(spec)
        loader.exec_module(module)
    """,
    "text": """
        exec('import m1')
        exec('import m2', {})
        names = {'wanted': 'm3'}
        exec('__import__(wanted)', names)
    """,
    "text with a function": r"""
        names = {}
        exec('def go(name):\n    import m1\n    return __import__(name)', names)
        names['go']('m2')
    """,
    "text in a function": """
        def run(name):
            exec('__import__(name)')
        run('m2')
    """,
    "compiled text": """
        exec(compile('import m1', 'x', 'exec'))
        __import__(eval(compile("'m' + '2'", 'x', 'eval')))
    """,
    "an expression": """
        name = 'm1'
        eval('__import__(name)')
        if eval('1 + 1') == 2: import m2
    """,
    "a file that is opened": """
        with open('addons/first.py') as file: exec(file.read())
        go()
    """,
    "a file that is opened, by a path": """
        from pathlib import Path
        exec(compile((Path(__file__).parent / 'addons' / 'first.py').read_text(), 'first', 'exec'))
    """,
    "a file that is run": """
        import runpy
        names = runpy.run_path('addons/named.py', {'wanted': 'm3'}, run_name='special')
        __import__(names['last'])
    """,
    "a module that is run": """
        import runpy
        runpy.run_module('plain', run_name='__main__')
    """,
    "a package that is run": """
        import runpy
        runpy.run_module('tool', run_name='__main__')
    """,
    "a module again": """
        import plain, importlib
        plain.again = 'm6'
        importlib.reload(plain)
    """,
    "a star in a list of names": "__import__('tool', fromlist=['*'])",
}
FILES = {
    "addons/first.py": "import m1\ndef go():\n    import m2",
    "addons/named.py": """
        __import__(wanted)
        if __name__ == 'special': import m4
        if __name__ == '__main__': import m5
        last = 'm6'
    """,
    "plain.py": """
        import m7
        thing = 1
        if __name__ == '__main__': import m8
        try: __import__(again)
        except NameError: pass
    """,
    "tool/__init__.py": "__all__ = ['part']",
    "tool/part.py": "import m9",
    "tool/__main__.py": "from tool import part\nif __package__ == 'tool': import m1",
}


if sys.version_info < (3, 15):  # where loaders still have `load_module`
    PROGRAMS["a file by its loader"] = """
        from importlib.machinery import SourceFileLoader
        SourceFileLoader('first', 'addons/first.py').load_module().go()
    """


@pytest.mark.parametrize("code", PROGRAMS.values(), ids=list(PROGRAMS))
def test_code_that_no_import_names_is_walked(as_python_loads, code):
    certain, _, loaded = as_python_loads(code, FILES)
    assert certain == loaded


def test_a_text_that_is_not_known_is_said(write):
    root = write({"app.py": "import sys\nexec(sys.stdin.read())"})
    trace = trace_script(root / "app.py", probe(sys.executable), project_root=root, cache=user_cache())
    assert [(stop.location.line, stop.reason) for stop in trace.stops] == [(2, "a text is run that is not known")]


RUN_FILE = {
    "run_path": "import runpy\nrunpy.run_path('plugin.py')",
    "run_path as the program": "import runpy\nrunpy.run_path('plugin.py', run_name='__main__')",
    "run_module": "import runpy\nrunpy.run_module('plugin')",
    "a spec": "import importlib.util as u\ns = u.spec_from_file_location('other', 'plugin.py')\n"
    "s.loader.exec_module(u.module_from_spec(s))",
    "exec of a file": "exec(open('plugin.py').read())",
}


@pytest.mark.parametrize("code", RUN_FILE.values(), ids=RUN_FILE.keys())
def test_a_heavy_import_of_a_file_that_runs_as_no_module_is_found(write, code):
    files = {"app.py": code, "plugin.py": "import asyncio"}
    root = write({**files, "importguard.toml": 'entry = "app.py"\nheavy = ["asyncio"]\nselect = ["IG101"]'})
    (found,) = check(analyse(find_project(root).start())).findings
    assert (Path(found.location.path).name, found.location.line, found.subject) == ("plugin.py", 1, "asyncio")
