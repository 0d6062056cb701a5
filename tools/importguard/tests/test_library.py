"""importguard as a library: what `import importguard` gives."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

import importguard
from importguard.errors import ConfigError

README = Path(__file__).parent.parent / "README.md"


def test_importing_it_loads_none_of_its_parts():
    code = "import sys, importguard; print(sorted(name for name in sys.modules if name.startswith('importguard')))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=240)
    assert done.stdout.strip() == "['importguard']"


def test_all_its_names_are_there_and_no_other():
    assert {name: hasattr(importguard, name) for name in importguard.__all__} == dict.fromkeys(
        importguard.__all__, True
    )
    assert set(importguard.__all__) <= set(dir(importguard))
    with pytest.raises(AttributeError, match="has no attribute 'analyze'"):
        importguard.analyze  # noqa: B018


def test_a_project_is_checked_start_by_start_or_as_a_whole(write):
    starts = '[[entry]]\nname = "a"\nscript = "a.py"\n[[entry]]\nname = "b"\nimport = "b"'
    root = write({"importguard.toml": f'heavy = ["colorsys"]\n{starts}', "a.py": "", "b.py": "import colorsys"})
    a, b = importguard.analyse_all(importguard.find_project(root).starts())
    assert (a.name, "colorsys" in a.graph.eager) == ("a", False)
    assert (b.name, "colorsys" in b.graph.eager) == ("b", True)
    assert [importguard.check(one).failed for one in (a, b)] == [False, True]
    verdict = importguard.check(a, b)
    assert [(one.code, verdict.entries_of(one)) for one in verdict.findings] == [("IG101", ("b",))]


def test_a_project_without_a_start_is_not_clean_but_an_error(tmp_path):
    with pytest.raises(ConfigError, match="no entry to analyse"):
        importguard.find_project(tmp_path).starts()


def test_the_example_of_the_readme_runs(write):
    (example,) = re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL)
    root = write({"app.py": "import lib", "lib.py": "import colorsys", "importguard.toml": 'heavy = ["colorsys"]'})
    done = subprocess.run([sys.executable, "-c", example], cwd=root, capture_output=True, text=True, timeout=240)
    loaded, chain, finding = done.stdout.splitlines()
    assert (done.stderr, loaded, chain) == ("", "['__main__', 'colorsys', 'lib']", "['lib', 'colorsys']")
    assert finding.startswith(f"IG101 {root}/lib.py 1 colorsys")
