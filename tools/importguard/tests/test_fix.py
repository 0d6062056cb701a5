"""What `importguard fix` does to files: the cuts of the plan, made and proved, and everything else left alone."""

import os
import subprocess
import sys

import pytest

CONFIG = 'heavy = ["colorsys", "decimal", "xml"]\n'
LIGHT = {"importguard.toml": CONFIG}


def loaded(root, program="app.py"):
    """The modules that the interpreter has loaded when *program* has run as a script."""
    code = (
        "import runpy, sys; sys.path.insert(0, '')\n"
        f"runpy.run_path({program!r}, run_name='__main__'); print('LOADED', *sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    out, _, names = done.stdout.rpartition("LOADED")
    return out, set(names.split())


def is_ruff_clean(path):
    done = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--isolated", str(path)], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stdout
    return True


USED_IN_FUNCTIONS = '''\
"""A program."""

import colorsys  # for colours
import json

# what it shows


def show():
    """Shows."""
    # a comment
    return colorsys.rgb_to_hsv(1, 1, 1)


def once(): return colorsys.ONE_THIRD


class Shape:
    def colour(self, of=json):
        def inner():
            return colorsys.ONE_SIXTH

        return inner()


print("started")
if __name__ == "call":
    show()
'''


def test_the_cut_is_shown_and_nothing_is_written_without_apply(run, write):
    root = write({**LIGHT, "app.py": USED_IN_FUNCTIONS})
    result = run("fix", "app.py")
    assert result.returncode == 0, result.stderr
    assert "Step 1: colorsys (1 modules, " in result.stdout
    assert "-import colorsys  # for colours" in result.stdout
    assert "+    import colorsys  # for colours" in result.stdout
    assert "Nothing is written" in result.stdout
    assert (root / "app.py").read_text() == USED_IN_FUNCTIONS


def test_the_import_moves_into_the_functions_that_use_it(run, write):
    root = write({**LIGHT, "app.py": USED_IN_FUNCTIONS})
    before, modules = loaded(root)
    assert "colorsys" in modules
    result = run("fix", "app.py", "--apply")
    assert result.returncode == 0, result.stderr
    assert "Changed 1 file: the start loads 1 modules less" in result.stdout
    assert (
        (root / "app.py").read_text()
        == '''\
"""A program."""

import json

# what it shows


def show():
    """Shows."""
    import colorsys  # for colours
    # a comment
    return colorsys.rgb_to_hsv(1, 1, 1)


def once():
    import colorsys  # for colours
    return colorsys.ONE_THIRD


class Shape:
    def colour(self, of=json):
        def inner():
            import colorsys  # for colours
            return colorsys.ONE_SIXTH

        return inner()


print("started")
if __name__ == "call":
    show()
'''
    )
    after, modules = loaded(root)
    assert after == before
    assert "colorsys" not in modules
    code = "import app; assert app.show() == (0.0, 0.0, 1) and app.once() and app.Shape().colour()"
    subprocess.run([sys.executable, "-c", code], cwd=root, check=True, timeout=60)
    assert is_ruff_clean(root / "app.py")


def test_a_second_run_has_nothing_to_do(run, write):
    root = write({**LIGHT, "app.py": USED_IN_FUNCTIONS})
    run("fix", "app.py", "--apply")
    once = (root / "app.py").read_bytes()
    result = run("fix", "app.py", "--apply")
    assert (result.returncode, (root / "app.py").read_bytes()) == (0, once)
    assert "Nothing to do" in result.stdout


def test_of_a_statement_only_what_the_plan_cuts_moves(run, write):
    root = write({**LIGHT, "app.py": "import os, colorsys\nprint(os.sep)\ndef f():\n    return colorsys.ONE_THIRD\n"})
    assert run("fix", "app.py", "--apply").returncode == 0
    text = (root / "app.py").read_text()
    assert text == "import os\nprint(os.sep)\ndef f():\n    import colorsys\n    return colorsys.ONE_THIRD\n"


TYPES = """\
import os
from decimal import Decimal


def f(a: Decimal | None, b: int = 0) -> list[Decimal]:
    return [a or b, os]
"""


def test_types_alone_go_to_a_type_checking_block_in_quotes(run, write):
    root = write(
        {
            **LIGHT,
            "app.py": TYPES,
        }
    )
    assert run("fix", "app.py", "--apply").returncode == 0
    text = (root / "app.py").read_text()
    assert 'def f(a: "Decimal | None", b: int = 0) -> "list[Decimal]":' in text
    assert "TYPE_CHECKING:\n    from decimal import Decimal\n" in text
    assert "decimal" not in loaded(root)[1]
    assert is_ruff_clean(root / "app.py")


def test_types_and_calls_get_both(run, write):
    head = "from __future__ import annotations\nimport decimal\n\n\n"
    code = f"{head}def f(a: decimal.Decimal) -> bool:\n    return a == decimal.Decimal(1)\n"
    root = write({**LIGHT, "app.py": code})
    assert run("fix", "app.py", "--apply").returncode == 0
    text = (root / "app.py").read_text()
    assert "def f(a: decimal.Decimal) -> bool:\n    import decimal\n" in text
    assert text.count("import decimal") == 2
    assert "decimal" not in loaded(root)[1]
    assert is_ruff_clean(root / "app.py")


REFUSED = {
    "decorator": ("import colorsys\n@colorsys.x\ndef f(): ...", 2, "in a decorator"),
    "base class": ("import decimal\nclass A(decimal.Decimal): ...", 2, "in a base class"),
    "default": ("import colorsys\ndef f(a=colorsys.ONE_THIRD): ...", 2, "in a default"),
    "dataclass field": (
        "import decimal\nfrom dataclasses import dataclass\n@dataclass\nclass A:\n    a: decimal.Decimal",
        5,
        "in an annotation that a decorator or a base class may read",
    ),
    "__all__": ("import colorsys\n__all__ = ['colorsys']\ndef f(): return colorsys", 2, "is in __all__"),
    "re-export": ("from colorsys import hls_to_rgb as hls_to_rgb\ndef f(): return hls_to_rgb", 1, "is for others"),
    "monkey-patch": ("import colorsys\ncolorsys.ONE_THIRD = 3", 2, "a monkey-patch"),
    "isinstance": ("import decimal\nA = isinstance(1, decimal.Decimal)", 2, "isinstance at import"),
    "except clause": ("import decimal\ntry: pass\nexcept decimal.InvalidOperation: pass", 3, "in an except clause"),
    "call": ("import colorsys\nprint(colorsys.ONE_THIRD)", 2, "in a call at import"),
    "assignment": ("import colorsys\nX = colorsys.ONE_THIRD", 2, "in an assignment at module level"),
    "class attribute": ("import colorsys\nclass A:\n    x = colorsys.ONE_THIRD", 3, "in an assignment at module level"),
    "comprehension": ("import colorsys\n[colorsys for _ in ()]", 2, "is used at module level"),
    "lambda": ("import colorsys\nf = lambda: colorsys.ONE_THIRD", 2, "in a lambda outside of any function"),
    "never used": ("import colorsys", 1, "is never used here"),
    "star": ("from colorsys import *\ndef f(): return ONE_THIRD", 1, "a star import"),
    "deleted": ("import colorsys\ndel colorsys", 2, "colorsys is deleted"),
    "bound again": ("import colorsys\ndef f(): return colorsys\ncolorsys = None", 3, "colorsys is bound again"),
    "global": ("import colorsys\ndef f():\n    global colorsys\n    return colorsys", 3, "colorsys is bound again"),
    "try": (
        "try:\n    import colorsys\nexcept ImportError:\n    pass\ndef f(): return colorsys",
        1,
        "in a try statement",
    ),
    "condition": ("import os\nif os.sep:\n    import colorsys\ndef f(): return colorsys", 3, "under a condition"),
    "class body": ("class A:\n    import colorsys", 1, "makes an attribute of the class A"),
    "by name": ("import colorsys\ndef f(): return colorsys, globals()", 2, "calls globals"),
    "by a call": ("import importlib\nimportlib.import_module('colorsys')", 2, "imports by a call"),
    "called at start": ("import colorsys\ndef f():\n    return colorsys\nf()", 2, "in f, which the start calls"),
}


@pytest.mark.parametrize(("code", "line", "reason"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_move_is_refused_with_its_line_and_nothing_changes(run, write, code, line, reason):
    root = write({**LIGHT, "app.py": code})
    result = run("fix", "app.py", "--apply")
    assert (result.returncode, (root / "app.py").read_text()) == (1, code), result.stdout + result.stderr
    assert reason in result.stdout
    assert f"app.py:{line}" in result.stdout


def test_a_name_that_is_used_through_a_star_import_stays(run, write):
    code = "import colorsys\ndef use(): return colorsys\n"
    shared = {"between.py": "from lib import *\n", "user.py": "from between import colorsys\n"}
    root = write({**LIGHT, "app.py": "import lib", "lib.py": code, **shared})
    assert run("fix", "app.py", "--apply").returncode == 1
    write({"lib.py": f"__all__ = []\n{code}"})
    assert run("fix", "app.py", "--apply").returncode == 0
    assert "colorsys" not in loaded(root)[1]


ELSEWHERE = {
    "from": "from lib import colorsys\n",
    "in parentheses": "from lib import (\n    use,\n    colorsys,\n)\n",
    "attribute": "import lib\nprint(lib.colorsys)\n",
    "alias": "import lib as l\nprint(l.colorsys)\n",
    "star": "from lib import *\nprint(colorsys)\n",
    "patch": "from unittest import mock\nmock.patch('lib.colorsys.ONE_THIRD')\n",
    "setattr": "import lib\ndef test(monkeypatch):\n    monkeypatch.setattr(lib, 'colorsys', None)\n",
}


@pytest.mark.parametrize("other", ELSEWHERE.values(), ids=ELSEWHERE)
def test_a_name_that_another_file_uses_stays(run, write, other):
    code = "import colorsys\ndef use(): return colorsys\n"
    root = write({**LIGHT, "app.py": "import lib", "lib.py": code, "tests/test_other.py": other})
    result = run("fix", "app.py", "--apply")
    assert (result.returncode, (root / "lib.py").read_text()) == (1, code)
    assert "colorsys is used from there (tests/test_other.py:" in result.stdout


EFFECTS = {
    "registers": ("from registry import add\n@add\ndef plugin(): ...\n", "registers something with registry"),
    "patches": ("import registry\nregistry.found = [1]\n", "changes registry"),
    "calls": ("import registry\nregistry.add(1)\n", "calls into registry"),
    "configures": ("import os\nos.environ['SEEN'] = '1'\n", "runs `os.environ['SEEN'] = '1'`"),
    "subclasses": ("from registry import Base\nclass A(Base): ...\n", "adds a class to registry"),
}


@pytest.mark.parametrize(("code", "what"), EFFECTS.values(), ids=EFFECTS)
def test_an_import_that_does_something_for_others_stays(run, write, code, what):
    registry = (
        "found = []\ndef add(one):\n    found.append(one)\n    return one\n"
        "class Base:\n    def __init_subclass__(cls): add(cls)\n"
    )
    app = "import registry\nimport plugin\ndef use(): return plugin\nprint(len(registry.found))\n"
    root = write({"importguard.toml": 'heavy = ["plugin"]', "app.py": app, "plugin.py": code, "registry.py": registry})
    result = run("fix", "app.py", "--apply")
    assert (result.returncode, (root / "app.py").read_text()) == (1, app), result.stdout
    assert what in result.stdout
    assert "plugin.py:" in result.stdout


def test_a_submodule_that_others_use_without_importing_it_stays(run, write):
    app = "import xml\nimport lib\ndef f():\n    return xml.dom.Node\n"
    lib = "import xml.dom\ndef use():\n    return xml.dom\n"
    root = write({"importguard.toml": 'heavy = ["xml.dom"]', "app.py": app, "lib.py": lib})
    result = run("fix", "app.py", "--apply")
    assert (result.returncode, (root / "lib.py").read_text()) == (1, lib), result.stdout
    assert "xml.dom is used without an import of its own (app.py:4)" in result.stdout


def test_one_step_or_one_subject_can_be_chosen(run, write):
    code = "import colorsys\nimport decimal\ndef f():\n    return colorsys, decimal\n"
    root = write({**LIGHT, "app.py": code})
    assert run("fix", "app.py", "--subject", "colorsys", "--apply").returncode == 0
    assert (root / "app.py").read_text().startswith("import decimal\ndef f():\n    import colorsys\n")
    unknown = run("fix", "app.py", "--subject", "pandas")
    assert (unknown.returncode, "no step of the plan is for pandas" in unknown.stderr) == (2, True)
    assert run("fix", "app.py", "--step", "9").returncode == 2
    assert run("fix", "app.py", "--step", "1", "--apply").returncode == 0
    assert {"colorsys", "decimal"}.isdisjoint(loaded(root)[1])


def test_the_form_lazy_modules_lists_them(run, write):
    root = write({**LIGHT, "app.py": '"""Doc."""\nimport colorsys\ndef f(): return colorsys\n'})
    result = run("fix", "app.py", "--form", "lazy-modules")
    if sys.version_info >= (3, 15):
        assert '+__lazy_modules__ = ["colorsys"]' in result.stdout
    else:
        assert "the start would load colorsys all the same" in result.stdout
    assert "colorsys" in (root / "app.py").read_text()


def test_a_command_that_fails_takes_everything_back(run, write):
    root = write({**LIGHT, "app.py": USED_IN_FUNCTIONS})
    command = f"{sys.executable} -c \"import app, sys; print(1); sys.exit('colorsys' not in sys.modules)\""
    result = run("fix", "app.py", "--apply", "--verify", command)
    assert (result.returncode, (root / "app.py").read_text()) == (2, USED_IN_FUNCTIONS)
    assert "failed with exit code 1, so everything is as it was before" in result.stderr


def test_a_command_that_passes_has_run_on_the_changed_files(run, write):
    root = write({**LIGHT, "app.py": USED_IN_FUNCTIONS})
    command = f"{sys.executable} -c \"import app, sys; sys.exit('colorsys' in sys.modules)\""
    result = run("fix", "app.py", "--apply", "--verify", command)
    assert result.returncode == 0, result.stderr
    assert "passes" in result.stdout
    assert (root / "app.py").read_text() != USED_IN_FUNCTIONS


UNFIT = {
    "generated": (b"# Generated. DO NOT EDIT.\nimport colorsys\ndef f(): return colorsys\n", "is generated"),
    "latin": (b"# coding: latin-1\nimport colorsys\ndef f(): return colorsys, '\xe4'\n", "latin-1, not in UTF-8"),
    "mixed ends": (b"import colorsys\r\ndef f():\n    return colorsys\n", "mixes line ends"),
}


@pytest.mark.parametrize(("content", "reason"), UNFIT.values(), ids=UNFIT)
def test_a_file_that_an_edit_would_damage_is_refused(run, write, content, reason):
    root = write({**LIGHT, "app.py": content})
    result = run("fix", "app.py", "--apply")
    assert (result.returncode, (root / "app.py").read_bytes()) == (1, content), result.stdout + result.stderr
    assert reason in result.stdout


def test_a_read_only_file_is_refused(run, write):
    root = write({**LIGHT, "app.py": USED_IN_FUNCTIONS})
    os.chmod(root / "app.py", 0o444)
    result = run("fix", "app.py", "--apply")
    assert (result.returncode, (root / "app.py").read_text()) == (1, USED_IN_FUNCTIONS)
    assert "is read-only" in result.stdout


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["plain", "byte order mark"])
def test_line_ends_and_a_byte_order_mark_are_kept(run, write, mark):
    root = write({**LIGHT, "app.py": mark + b"import colorsys\r\ndef f():\r\n    return colorsys\r\n"})
    os.chmod(root / "app.py", 0o755)
    assert run("fix", "app.py", "--apply").returncode == 0
    assert (root / "app.py").read_bytes() == mark + b"def f():\r\n    import colorsys\r\n    return colorsys\r\n"
    assert (root / "app.py").stat().st_mode & 0o777 == 0o755


def test_code_that_is_nested_too_deeply_is_refused_with_a_sentence(run, write):
    code = "import colorsys\ndef f():\n    return colorsys, " + "-" * 20_000 + "1\n"
    root = write({**LIGHT, "lib.py": code, "app.py": "import lib"})
    result = run("fix", "app.py", "--apply")
    assert (root / "lib.py").read_text() == code
    assert result.returncode in {0, 1}, result.stderr
    assert "Traceback" not in result.stderr


@pytest.fixture
def repository(write):
    def make(files):
        root = write({**files, ".gitignore": "__pycache__\n"})
        who = ("-c", "user.name=A", "-c", "user.email=a@example.org")
        for command in (("init", "-q"), ("add", "."), (*who, "commit", "-qm", "first")):
            subprocess.run(["git", *command], cwd=root, check=True, timeout=60)
        return root

    return make


def test_a_tree_with_changes_is_refused_unless_it_is_allowed(run, repository):
    root = repository({**LIGHT, "app.py": USED_IN_FUNCTIONS})
    (root / "app.py").write_text(USED_IN_FUNCTIONS + "\n")
    result = run("fix", "app.py", "--apply")
    assert (result.returncode, (root / "app.py").read_text()) == (2, USED_IN_FUNCTIONS + "\n")
    assert "app.py has changes that are not committed" in result.stderr
    assert run("fix", "app.py", "--apply", "--allow-dirty").returncode == 0


def test_without_what_it_edits_with_it_says_what_to_install(run, write, monkeypatch):
    root = write({**LIGHT, "app.py": USED_IN_FUNCTIONS})
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    result = run("fix", "app.py")
    assert (result.returncode, (root / "app.py").read_text()) == (2, USED_IN_FUNCTIONS)
    assert "pip install 'importguard[fix]'" in result.stderr


def test_a_file_that_changes_meanwhile_is_left_as_it_is(run, write, monkeypatch):
    root = write({**LIGHT, "app.py": USED_IN_FUNCTIONS})
    from importguard.fix import proposal

    real = proposal.propose

    def and_change(*given, **options):
        made = real(*given, **options)
        (root / "app.py").write_text("import colorsys\n")
        return made

    monkeypatch.setattr(proposal, "propose", and_change)
    result = run("fix", "app.py", "--apply")
    assert (result.returncode, (root / "app.py").read_text()) == (2, "import colorsys\n")
    assert "has changed meanwhile" in result.stderr
