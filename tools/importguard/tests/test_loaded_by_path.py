"""Code that no import names: files loaded by their path, code given as text."""

import sys

import pytest

from importguard.startup import trace_script
from importguard.target.environment import probe

BY_SPEC = (
    "import importlib.util, os\npath = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'addons', 'first.py')\n"
    "spec = importlib.util.spec_from_file_location('first', path)\nmodule = importlib.util.module_from_spec(spec)\n"
)
LAZY = (
    "import importlib.util, sys\nspec = importlib.util.find_spec('plain')\nspec.loader = loader = importlib.util.LazyLoader(spec.loader)\n"
    "module = sys.modules['plain'] = importlib.util.module_from_spec(spec)\nloader.exec_module(module)\n"
)
PROGRAMS = {
    "a file by its spec": BY_SPEC + "spec.loader.exec_module(module)\nmodule.go()",
    "a spec alone": BY_SPEC,
    "a file by its loader": "from importlib.machinery import SourceFileLoader\nSourceFileLoader('first', 'addons/first.py').load_module().go()",
    "a module by its spec": "from importlib.util import find_spec, module_from_spec\nspec = find_spec('plain')\nspec.loader.exec_module(module_from_spec(spec))",
    "lazily, used": LAZY + "print(module.thing, file=sys.stderr)",
    "lazily, not used": LAZY,
    "text": "exec('import m1')\nexec('import m2', {})\nnames = {'wanted': 'm3'}\nexec('__import__(wanted)', names)",
    "text with a function": "names = {}\nexec('def go(name):\\n    import m1\\n    return __import__(name)', names)\nnames['go']('m2')",
    "text in a function": "def run(name):\n    exec('__import__(name)')\nrun('m2')",
    "compiled text": "exec(compile('import m1', 'x', 'exec'))\n__import__(eval(compile(\"'m' + '2'\", 'x', 'eval')))",
    "an expression": "name = 'm1'\neval('__import__(name)')\nif eval('1 + 1') == 2: import m2",
    "a file that is opened": "with open('addons/first.py') as file: exec(file.read())\ngo()",
    "a file that is opened, by a path": "from pathlib import Path\nexec(compile((Path(__file__).parent / 'addons' / 'first.py').read_text(), 'first', 'exec'))",
    "a file that is run": "import runpy\nnames = runpy.run_path('addons/named.py', {'wanted': 'm3'}, run_name='special')\n__import__(names['last'])",
    "a module that is run": "import runpy\nrunpy.run_module('plain', run_name='__main__')",
    "a package that is run": "import runpy\nrunpy.run_module('tool', run_name='__main__')",
    "a module again": "import plain, importlib\nplain.again = 'm6'\nimportlib.reload(plain)",
    "a star in a list of names": "__import__('tool', fromlist=['*'])",
}
FILES = {
    "addons/first.py": "import m1\ndef go():\n    import m2",
    "addons/named.py": "__import__(wanted)\nif __name__ == 'special': import m4\nif __name__ == '__main__': import m5\nlast = 'm6'",
    "plain.py": "import m7\nthing = 1\nif __name__ == '__main__': import m8\ntry: __import__(again)\nexcept NameError: pass",
    "tool/__init__.py": "__all__ = ['part']",
    "tool/part.py": "import m9",
    "tool/__main__.py": "from tool import part\nif __package__ == 'tool': import m1",
}


@pytest.mark.parametrize("code", PROGRAMS.values(), ids=list(PROGRAMS))
def test_code_that_no_import_names_is_walked(as_python_loads, code):
    certain, _, loaded = as_python_loads(code, FILES)
    assert certain == loaded


def test_a_text_that_is_not_known_is_said(write):
    root = write({"app.py": "import sys\nexec(sys.stdin.read())"})
    trace = trace_script(root / "app.py", probe(sys.executable), project_root=root)
    assert [(stop.location.line, stop.reason) for stop in trace.stops] == [(2, "a text is run that is not known")]
