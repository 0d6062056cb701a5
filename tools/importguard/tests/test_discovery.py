"""Modules that a program finds by looking into folders and at what is installed."""

import pytest

PROGRAMS = {
    "iter_modules": """
        import pkgutil, importlib, plugins
        for info in pkgutil.iter_modules(plugins.__path__, 'plugins.'): importlib.import_module(info.name)
    """,
    "iter_modules, unpacked": """
        import pkgutil, plugins
        for _, name, package in pkgutil.iter_modules(plugins.__path__):
            if not package: __import__('plugins.' + name)
    """,
    "walk_packages": """
        import pkgutil, plugins
        for info in pkgutil.walk_packages(plugins.__path__, plugins.__name__ + '.'): __import__(info.name)
    """,
    "a star import of what is found": "from found import *",
    "listdir": """
        import os
        for file in sorted(os.listdir(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'plugins'))):
            if file.endswith('.py') and not file.startswith('_'): __import__('plugins.' + file[:-3])
    """,
    "scandir": """
        import os
        with os.scandir(os.path.dirname(os.path.abspath(__file__)) + '/plugins') as entries:
            for entry in entries:
                if entry.is_dir() and entry.name == 'deep': __import__('plugins.' + entry.name)
    """,
    "glob": """
        import glob, os
        here = os.path.dirname(os.path.abspath(__file__))
        for path in glob.glob(os.path.join(here, 'plugins', '[a-z]*.py')):
            __import__('plugins.' + os.path.splitext(os.path.basename(path))[0])
    """,
    "paths": """
        from pathlib import Path
        here = Path(__file__).resolve().parent
        for path in sorted(here.joinpath('plugins').glob('*.py')):
            if path.stem != '__init__': __import__(f'plugins.{path.stem}')
    """,
    "iterdir": """
        from pathlib import Path
        for path in (Path(__file__).parent / 'plugins').iterdir():
            if path.suffix == '.py' and path.name[0] != '_': __import__('plugins.' + path.with_suffix('').name)
    """,
    "a path on sys.path": """
        import sys
        from pathlib import Path
        sys.path.insert(0, str(Path(__file__).parent / 'plugins'))
        import one
    """,
    "a path that is there or not": """
        from pathlib import Path
        import os
        here = Path(__file__).parent.absolute()
        if (here / 'plugins' / 'one.py').exists(): import m3
        if (here / 'nothing').is_dir(): import m4
        if os.path.exists(here / 'plugins'): import m5
    """,
    "entry points": """
        from importlib.metadata import entry_points
        for point in entry_points(group='shop.plugins'): point.load()
    """,
    "one entry point": """
        from importlib.metadata import entry_points
        (point,) = entry_points(group='shop.plugins', name='second')
        point.load()
    """,
    "entry points, selected": """
        from importlib.metadata import entry_points
        for point in entry_points().select(group='shop.plugins', name='first'): __import__(point.value.split(':')[0])
    """,
    "an entry point by its name": """
        from importlib.metadata import entry_points
        entry_points(group='shop.plugins')['second'].load()
    """,
    "resolve_name": """
        import pkgutil
        pkgutil.resolve_name('plugins.one:thing')
        pkgutil.resolve_name('plugins.deep.thing')
    """,
    "distributions' entry points": """
        import importlib.metadata
        for one in importlib.metadata.distributions():
            if any(point.group == 'shop.plugins' for point in one.entry_points) and one.metadata['Name'] == 'Shop':
                for point in one.entry_points:
                    if point.group == 'shop.plugins' and point.name == 'second': point.load()
    """,
    "entry points that stevedore keeps": """
        from stevedore._cache import get_group_all
        for point in get_group_all('other'): point.load()
    """,
    "a distribution's entry points": """
        import importlib.metadata
        shop = importlib.metadata.distribution('shop')
        if shop.metadata.get('name') == 'Shop' and shop.name == 'Shop' and shop.version == '1':
            for point in shop.entry_points.select(group='other'): point.load()
    """,
    "get_data": """
        import pkgutil
        pkgutil.get_data('plugins.deep', '__init__.py')
    """,
}
FILES = {
    "plugins/__init__.py": "",
    "plugins/one.py": "import m1\nthing = 1",
    "plugins/two.py": "import m2",
    "plugins/deep/__init__.py": "import m6\nthing = 1",
    "plugins/deep/part.py": "import m7",
    "found/__init__.py": "import pkgutil\n__all__ = [info.name for info in pkgutil.iter_modules(__path__)]",
    "found/three.py": "import m8",
    "shop-1.dist-info/METADATA": "Metadata-Version: 2.1\nName: Shop\nVersion: 1\n",
    "shop-1.dist-info/entry_points.txt": "[shop.plugins]\nfirst = m1:X\nsecond = plugins.two\n[other]\nfirst = m9\n",
    "m1.py": "X = 1",
    "m9.py": "import m3",
    "stevedore/__init__.py": "",
    "stevedore/_cache.py": """
        import importlib.metadata, os, pickle
        class Cache:
            def get_group_all(self, group, path=None):
                try:
                    with open(os.environ['STEVEDORE_KEEPS'], 'rb') as file: kept = pickle.load(file)
                except (OSError, KeyError):
                    found = importlib.metadata.entry_points(group=group)
                    kept = [(one.name, one.value, one.group) for one in found]
                return [importlib.metadata.EntryPoint(*one) for one in kept]
        get_group_all = Cache().get_group_all
    """,
}


@pytest.mark.parametrize("code", PROGRAMS.values(), ids=list(PROGRAMS))
def test_what_is_on_disk_is_found(as_python_loads, code):
    certain, _, loaded = as_python_loads(code, FILES)
    assert certain == loaded


def test_what_a_file_that_the_program_may_have_written_decides_is_possible(as_python_loads):
    code = (
        "import os\nplace = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'state')\n"
        "open(place, 'w').close()\n"
        "if os.path.exists(place): import m1\nelse: import m2"
    )
    certain, possible, _ = as_python_loads(code)
    assert (certain, possible) == (set(), {"m1", "m2"})
