"""What `importguard fix` does to files: the cuts of the plan, made and proved, and everything else left alone."""

import json
import os
import subprocess
import sys

import pytest

from importguard.fix.others import _uses

CONFIG = 'heavy = ["colorsys", "decimal", "xml"]\n'
LIGHT = {"importguard.toml": CONFIG}


@pytest.fixture
def fix(run):
    """`fix("--apply")`: the cuts of app.py, in the form for every Python unless another one is named."""

    def call(*arguments):
        return run("fix", "app.py", *(() if "--form" in arguments else ("--form", "function")), *arguments)

    return call


def loaded(root, program="app.py"):
    """The modules that the interpreter has loaded when *program* has run as a script."""
    code = (
        "import runpy, sys; sys.path.insert(0, '')\n"
        f"runpy.run_path({program!r}, run_name='__main__'); print('LOADED', *sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stderr
    out, _, names = done.stdout.rpartition("LOADED")
    return out, set(names.split())


def is_ruff_clean(path):
    done = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--isolated", str(path)], capture_output=True, text=True, timeout=240
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


def test_the_cut_is_shown_and_nothing_is_written_without_apply(fix, write):
    root = write({**LIGHT, "app.py": USED_IN_FUNCTIONS})
    result = fix()
    assert result.returncode == 0, result.stderr
    assert "Step 1: colorsys (1 module, " in result.stdout
    assert "-import colorsys  # for colours" in result.stdout
    assert "+    import colorsys  # for colours" in result.stdout
    assert "Nothing is written" in result.stdout
    assert (root / "app.py").read_text() == USED_IN_FUNCTIONS


def test_the_import_moves_into_the_functions_that_use_it(fix, write):
    root = write({**LIGHT, "app.py": USED_IN_FUNCTIONS})
    before, modules = loaded(root)
    assert "colorsys" in modules
    result = fix("--apply")
    assert result.returncode == 0, result.stderr
    assert "Changed 1 file: the start loads 1 module less" in result.stdout
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
    subprocess.run([sys.executable, "-c", code], cwd=root, check=True, timeout=240)
    assert is_ruff_clean(root / "app.py")


def test_a_second_run_has_nothing_to_do(fix, write):
    root = write({**LIGHT, "app.py": USED_IN_FUNCTIONS})
    fix("--apply")
    once = (root / "app.py").read_bytes()
    result = fix("--apply")
    assert (result.returncode, (root / "app.py").read_bytes()) == (0, once)
    assert "Nothing to do" in result.stdout


def test_of_a_statement_only_what_the_plan_cuts_moves(fix, write):
    root = write({**LIGHT, "app.py": "import os, colorsys\nprint(os.sep)\ndef f():\n    return colorsys.ONE_THIRD\n"})
    assert fix("--apply").returncode == 0
    text = (root / "app.py").read_text()
    assert text == "import os\nprint(os.sep)\ndef f():\n    import colorsys\n    return colorsys.ONE_THIRD\n"


TYPES = """\
import os
from decimal import Decimal


def f(a: Decimal | None, b: int = 0) -> list[Decimal]:
    return [a or b, os]
"""


def test_types_alone_go_to_a_type_checking_block_in_quotes(fix, write):
    root = write(
        {
            **LIGHT,
            "app.py": TYPES,
        }
    )
    assert fix("--apply").returncode == 0
    text = (root / "app.py").read_text()
    assert 'def f(a: "Decimal | None", b: int = 0) -> "list[Decimal]":' in text
    assert "TYPE_CHECKING:\n    from decimal import Decimal\n" in text
    assert "decimal" not in loaded(root)[1]
    assert is_ruff_clean(root / "app.py")


MANY = """\
import xml.dom.minidom
import typing
from decimal import Decimal

import lib


def f(a: Decimal, b: xml.dom.Node) -> typing.Any:
    return lib.use(Decimal, xml.dom.minidom, a, b)
"""


def test_what_is_written_is_sorted_as_the_linter_wants_it(fix, write):
    config = 'heavy = ["decimal", "xml", "lib"]\nallow = ["typing"]\n'
    root = write({"importguard.toml": config, "app.py": MANY, "lib.py": "def use(*args): ...\n"})
    assert fix("--apply").returncode == 0
    text = (root / "app.py").read_text()
    assert "    import xml.dom.minidom\n    from decimal import Decimal\n\n    import lib\n" in text
    assert {"decimal", "xml", "lib"}.isdisjoint(loaded(root)[1])
    assert is_ruff_clean(root / "app.py")


def test_types_and_calls_get_both(fix, write):
    head = "from __future__ import annotations\nimport decimal\n\n\n"
    code = f"{head}def f(a: decimal.Decimal) -> bool:\n    return a == decimal.Decimal(1)\n"
    root = write({**LIGHT, "app.py": code})
    assert fix("--apply").returncode == 0
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
    "by name, in no namespace": ("import colorsys\ndef f(): exec('colorsys', None)\nf", 2, "calls exec"),
    "by a call": ("import importlib\nimportlib.import_module('colorsys')", 2, "imports by a call"),
    "example": (
        'import colorsys\ndef f():\n    """\n    >>> colorsys.ONE_THIRD > 0\n    True\n    """\n    return colorsys',
        3,
        "used in an example of a docstring, which doctest runs",
    ),
    "locals": ("import colorsys\ndef f():\n    return colorsys, locals()", 3, "calls locals, which would have it"),
    "locals of the file": ("import colorsys\ndef f(): return colorsys\nlocals()", 3, "calls locals"),
    "called at start": ("import colorsys\ndef f():\n    return colorsys\nf()", 2, "in f, which the start calls"),
}


@pytest.mark.parametrize(("code", "line", "reason"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_move_is_refused_with_its_line_and_nothing_changes(fix, write, code, line, reason):
    root = write({**LIGHT, "app.py": code})
    result = fix("--apply")
    assert (result.returncode, (root / "app.py").read_text()) == (1, code), result.stdout + result.stderr
    assert reason in result.stdout
    assert f"app.py:{line}" in result.stdout


def test_one_of_several_statements_on_a_line_is_moved(fix, write):
    root = write({**LIGHT, "app.py": "import os; import colorsys; import sys\n\n\ndef f():\n    return colorsys\n"})
    assert fix("--apply").returncode == 0
    text = (root / "app.py").read_text()
    assert text == "import os; import sys\n\n\ndef f():\n    import colorsys\n    return colorsys\n"


def test_a_type_comment_keeps_its_name_for_the_type_checker(fix, write):
    code = "import decimal\n\n\ndef f(a):\n    # type: (decimal.Decimal) -> bool\n    return a == decimal.Decimal(1)\n"
    root = write({**LIGHT, "app.py": code})
    assert fix("--apply").returncode == 0
    text = (root / "app.py").read_text()
    assert "if TYPE_CHECKING:\n    import decimal\n" in text
    assert "# type: (decimal.Decimal) -> bool\n    import decimal\n" in text
    assert "decimal" not in loaded(root)[1]


def test_examples_and_locals_that_do_not_see_the_name_are_in_nobodys_way(fix, write):
    example = '    """It.\n\n    >>> import colorsys\n    >>> colorsys.ONE_THIRD > 0\n    True\n    """\n'
    code = f"import colorsys\n\n\ndef f():\n{example}    return colorsys\n\n\ndef g():\n    return locals()\n"
    root = write({**LIGHT, "app.py": f"{code}\n\nclass A:\n    names = dir()\n"})
    assert fix("--apply").returncode == 0
    assert "colorsys" not in loaded(root)[1]


def test_a_name_that_is_used_through_a_star_import_stays(fix, write):
    code = "import colorsys\ndef use(): return colorsys\n"
    shared = {"between.py": "from lib import *\n", "user.py": "from between import colorsys\n"}
    root = write({**LIGHT, "app.py": "import lib", "lib.py": code, **shared})
    assert fix("--apply").returncode == 1
    write({"lib.py": f"__all__ = []\n{code}"})
    assert fix("--apply").returncode == 0
    assert "colorsys" not in loaded(root)[1]


ASKED_FOR = {
    "from": "from lib import colorsys\n",
    "in parentheses": "from lib import (\n    use,\n    colorsys,\n)\n",
    "attribute": "import lib\nprint(lib.colorsys)\n",
    "alias": "import lib as l\nprint(l.colorsys)\n",
}


@pytest.mark.parametrize("other", ASKED_FOR.values(), ids=ASKED_FOR)
def test_a_name_that_another_file_uses_is_there_when_it_asks(fix, write, other):
    code = "import colorsys\ndef use(): return colorsys\n"
    root = write({**LIGHT, "app.py": "import lib", "lib.py": code, "other.py": other})
    assert fix("--apply").returncode == 0
    assert "colorsys" not in loaded(root)[1]
    assert "colorsys" in loaded(root, "other.py")[1]


ELSEWHERE = {
    "star": "from lib import *\nprint(colorsys)\n",
    "patch": "from unittest import mock\nmock.patch('lib.colorsys.ONE_THIRD')\n",
    "setattr": "import lib\ndef test(monkeypatch):\n    monkeypatch.setattr(lib, 'colorsys', None)\n",
}


@pytest.mark.parametrize("other", ELSEWHERE.values(), ids=ELSEWHERE)
def test_a_name_that_another_file_uses_stays(fix, write, other):
    code = "import colorsys\ndef use(): return colorsys\n"
    root = write({**LIGHT, "app.py": "import lib", "lib.py": code, "tests/test_other.py": other})
    result = fix("--apply")
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
def test_an_import_that_does_something_for_others_stays(fix, write, code, what):
    registry = (
        "found = []\ndef add(one):\n    found.append(one)\n    return one\n"
        "class Base:\n    def __init_subclass__(cls): add(cls)\n"
    )
    app = "import registry\nimport plugin\ndef use(): return plugin\nprint(len(registry.found))\n"
    root = write({"importguard.toml": 'heavy = ["plugin"]', "app.py": app, "plugin.py": code, "registry.py": registry})
    result = fix("--apply")
    assert (result.returncode, (root / "app.py").read_text()) == (1, app), result.stdout
    assert what in result.stdout
    assert "plugin.py:" in result.stdout


def test_an_import_that_works_by_being_imported_stays_and_one_behind_a_library_does_not(fix, write):
    code = "import readline\ndef f(): return readline\n"
    root = write({"importguard.toml": 'heavy = ["readline", "library"]', "app.py": code})
    result = fix("--apply")
    assert (result.returncode, (root / "app.py").read_text()) == (1, code)
    assert "readline is imported for what that does, too: it works by being imported" in result.stdout
    write({"app.py": "import pdb\ndef f(): return pdb\n", "importguard.toml": 'heavy = ["pdb"]'})
    assert fix("--apply").returncode == 0


def test_a_submodule_that_others_use_without_importing_it_stays(fix, write):
    app = "import xml\nimport lib\ndef f():\n    return xml.dom.Node\n"
    lib = "import xml.dom\ndef use():\n    return xml.dom\n"
    root = write({"importguard.toml": 'heavy = ["xml.dom"]', "app.py": app, "lib.py": lib})
    result = fix("--apply")
    assert (result.returncode, (root / "lib.py").read_text()) == (1, lib), result.stdout
    assert "xml.dom is used without an import of its own (app.py:4)" in result.stdout


def test_where_a_statement_cannot_move_the_import_of_its_module_moves(fix, write):
    lib = "import decimal\nclass Money(decimal.Decimal): ...\n"
    app = "import lib\nimport json\n\n\ndef price():\n    return lib.Money(1)\n\n\nprint(json)\n"
    root = write({**LIGHT, "app.py": app, "lib.py": lib})
    result = fix("--apply")
    assert (result.returncode, (root / "lib.py").read_text()) == (0, lib), result.stdout
    assert "app.py:1 moves into the function that uses it" in result.stdout
    assert {"lib", "decimal"}.isdisjoint(loaded(root)[1])
    subprocess.run([sys.executable, "-c", "import app; assert app.price() == 1"], cwd=root, check=True, timeout=240)


def test_where_the_start_calls_the_function_the_import_of_its_module_moves(fix, write):
    lib = "import decimal\ndef made(): return decimal.Decimal(1)\nONE = made()\n"
    root = write({**LIGHT, "app.py": "import lib\ndef price(): return lib.ONE\n", "lib.py": lib})
    result = fix("--apply")
    assert (result.returncode, (root / "lib.py").read_text()) == (0, lib), result.stdout
    assert {"lib", "decimal"}.isdisjoint(loaded(root)[1])


def test_the_modules_above_move_only_as_far_as_it_takes(fix, write):
    files = {
        "app.py": "import one\nimport two\ndef f(): return one, two\n",
        "one.py": "import base\nX = base.Money\n",
        "two.py": "import base\nimport decimal\ndef g(): return base, decimal\n",
        "base.py": "import decimal\nclass Money(decimal.Decimal): ...\n",
    }
    root = write({**LIGHT, **files})
    result = fix("--apply")
    assert result.returncode == 0, result.stdout
    assert {"decimal", "base", "one"}.isdisjoint(loaded(root)[1])
    assert (root / "base.py").read_text() == files["base.py"]
    assert (root / "one.py").read_text() == files["one.py"]


def test_json_says_what_is_made_and_what_is_refused(fix, write):
    write({**LIGHT, "app.py": "import colorsys\nimport decimal\ndef f(): return colorsys\nprint(decimal)\n"})
    result = fix("--format", "json", "--apply")
    said = json.loads(result.stdout)
    (made,), (refused,) = said["steps"], said["refused"]
    assert (result.returncode, said["applied"], said["saved"], said["files"]) == (1, True, ["colorsys"], ["app.py"])
    assert (made["subject"], made["statements"]) == ("colorsys", [{"path": "app.py", "line": 1}])
    assert (refused["subject"], refused["at"]) == ("decimal", {"path": "app.py", "line": 4})
    assert refused["modules"] >= 1


def test_one_step_or_one_subject_can_be_chosen(fix, write):
    code = "import colorsys\nimport decimal\ndef f():\n    return colorsys, decimal\n"
    root = write({**LIGHT, "app.py": code})
    assert fix("--subject", "colorsys", "--apply").returncode == 0
    assert (root / "app.py").read_text().startswith("import decimal\ndef f():\n    import colorsys\n")
    unknown = fix("--subject", "pandas")
    assert (unknown.returncode, "no step of the plan is for pandas" in unknown.stderr) == (2, True)
    assert fix("--step", "9").returncode == 2
    assert fix("--step", "1", "--apply").returncode == 0
    assert {"colorsys", "decimal"}.isdisjoint(loaded(root)[1])


LAZY = pytest.mark.skipif(sys.version_info < (3, 15), reason="lazy imports are of Python 3.15; CI runs it, too")


@LAZY
@pytest.mark.parametrize("form", ["lazy", "lazy-modules"])
def test_a_lazy_import_is_loaded_when_it_is_used_and_others_find_it(fix, write, form):
    files = {"app.py": "import pkg\ndef f(): return pkg.colorsys\n", "pkg/__init__.py": "import colorsys\n"}
    root = write({**LIGHT, **files})
    assert fix("--form", form, "--apply").returncode == 0
    assert "colorsys" not in loaded(root)[1]
    code = "import app, sys; assert 'colorsys' not in sys.modules; assert app.f().ONE_THIRD"
    subprocess.run([sys.executable, "-c", code], cwd=root, check=True, timeout=240)
    assert "Nothing to do" in fix("--form", form).stdout


def test_a_lazy_form_is_refused_where_python_would_load_it_all_the_same(fix, write):
    code = '"""Doc."""\n\nimport colorsys\n\n\ndef f():\n    return colorsys\n'
    root = write({**LIGHT, "app.py": code})
    result = fix("--form", "lazy-modules", "--apply")
    if sys.version_info < (3, 15):
        assert (result.returncode, (root / "app.py").read_text()) == (1, code)
        assert "the start would load colorsys all the same" in result.stdout
        assert fix("--form", "lazy").returncode == 2
    else:
        assert (root / "app.py").read_text() == code.replace("import", '__lazy_modules__ = ["colorsys"]\nimport')
    assert is_ruff_clean(root / "app.py")


def test_a_command_that_fails_takes_everything_back(fix, write):
    root = write({**LIGHT, "app.py": USED_IN_FUNCTIONS})
    command = f"{sys.executable} -c \"import app, sys; print(1); sys.exit('colorsys' not in sys.modules)\""
    result = fix("--apply", "--verify", command)
    assert (result.returncode, (root / "app.py").read_text()) == (2, USED_IN_FUNCTIONS)
    assert "failed with exit code 1, so everything is as it was before" in result.stderr


def test_a_command_that_passes_has_run_on_the_changed_files(fix, write):
    root = write({**LIGHT, "app.py": USED_IN_FUNCTIONS})
    command = f"{sys.executable} -c \"import app, sys; sys.exit('colorsys' in sys.modules)\""
    result = fix("--apply", "--verify", command)
    assert result.returncode == 0, result.stderr
    assert "passes" in result.stdout
    assert (root / "app.py").read_text() != USED_IN_FUNCTIONS


UNFIT = {
    "generated": (b"# Generated. DO NOT EDIT.\nimport colorsys\ndef f(): return colorsys\n", "is generated"),
    "latin": (b"# coding: latin-1\nimport colorsys\ndef f(): return colorsys, '\xe4'\n", "latin-1, not in UTF-8"),
    "mixed ends": (b"import colorsys\r\ndef f():\n    return colorsys\n", "mixes line ends"),
}


@pytest.mark.parametrize(("content", "reason"), UNFIT.values(), ids=UNFIT)
def test_a_file_that_an_edit_would_damage_is_refused(fix, write, content, reason):
    root = write({**LIGHT, "app.py": content})
    result = fix("--apply")
    assert (result.returncode, (root / "app.py").read_bytes()) == (1, content), result.stdout + result.stderr
    assert reason in result.stdout


def test_a_read_only_file_is_refused(fix, write):
    root = write({**LIGHT, "app.py": USED_IN_FUNCTIONS})
    os.chmod(root / "app.py", 0o444)
    result = fix("--apply")
    assert (result.returncode, (root / "app.py").read_text()) == (1, USED_IN_FUNCTIONS)
    assert "is read-only" in result.stdout


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["plain", "byte order mark"])
def test_line_ends_and_a_byte_order_mark_are_kept(fix, write, mark):
    root = write({**LIGHT, "app.py": mark + b"import colorsys\r\ndef f():\r\n    return colorsys\r\n"})
    os.chmod(root / "app.py", 0o755)
    assert fix("--apply").returncode == 0
    assert (root / "app.py").read_bytes() == mark + b"def f():\r\n    import colorsys\r\n    return colorsys\r\n"
    assert (root / "app.py").stat().st_mode & 0o777 == 0o755


def test_code_that_is_nested_too_deeply_is_refused_with_a_sentence(fix, write):
    code = "import colorsys\ndef f():\n    return colorsys, " + "-" * 20_000 + "1\n"
    root = write({**LIGHT, "lib.py": code, "app.py": "import lib"})
    result = fix("--apply")
    assert (root / "lib.py").read_text() == code
    assert result.returncode in {0, 1}, result.stderr
    assert "Traceback" not in result.stderr


@pytest.fixture
def repository(write):
    def make(files):
        root = write({**files, ".gitignore": "__pycache__\n"})
        who = ("-c", "user.name=A", "-c", "user.email=a@example.org")
        for command in (("init", "-q"), ("add", "."), (*who, "commit", "-qm", "first")):
            subprocess.run(["git", *command], cwd=root, check=True, timeout=240)
        return root

    return make


def test_a_tree_with_changes_is_refused_unless_it_is_allowed(fix, repository):
    root = repository({**LIGHT, "app.py": USED_IN_FUNCTIONS})
    (root / "app.py").write_text(USED_IN_FUNCTIONS + "\n")
    result = fix("--apply")
    assert (result.returncode, (root / "app.py").read_text()) == (2, USED_IN_FUNCTIONS + "\n")
    assert "app.py has changes that are not committed" in result.stderr
    assert fix("--apply", "--allow-dirty").returncode == 0


def test_without_what_it_edits_with_it_says_what_to_install(fix, write, monkeypatch):
    root = write({**LIGHT, "app.py": USED_IN_FUNCTIONS})
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    result = fix()
    assert (result.returncode, (root / "app.py").read_text()) == (2, USED_IN_FUNCTIONS)
    assert "pip install 'importguard[fix]'" in result.stderr


def test_a_file_that_changes_meanwhile_is_left_as_it_is(fix, write, monkeypatch):
    root = write({**LIGHT, "app.py": USED_IN_FUNCTIONS})
    from importguard.fix import proposal

    real = proposal.propose

    def and_change(*given, **options):
        made = real(*given, **options)
        (root / "app.py").write_text("import colorsys\n")
        return made

    monkeypatch.setattr(proposal, "propose", and_change)
    result = fix("--apply")
    assert (result.returncode, (root / "app.py").read_text()) == (2, "import colorsys\n")
    assert "has changed meanwhile" in result.stderr


ALLOWED = {
    "a decorator of a package that reads no annotations": (
        {"deco.py": "def deco(f): return f\n"},
        "import colorsys\nimport deco\n\n@deco.deco\ndef f(a: colorsys.X) -> None: ...\n",
        '@deco.deco\ndef f(a: "colorsys.X") -> None: ...\n',
    ),
    "a base class of such a package": (
        {"deco.py": "class Base: ...\n"},
        "import colorsys\nfrom deco import Base\n\nclass A(Base):\n    a: colorsys.X\n",
        'class A(Base):\n    a: "colorsys.X"\n',
    ),
    "what such a package has made": (
        {"deco.py": "class Keys:\n    def add(self, key): return lambda f: f\n"},
        "import colorsys\nfrom deco import Keys\n\nkeys = Keys()\n@keys.add('a')\ndef f(a: colorsys.X): ...\n",
        "keys = Keys()\n@keys.add('a')\ndef f(a: \"colorsys.X\"): ...\n",
    ),
    "the program's own block": (
        {},
        "import colorsys\n\ndef f():\n    return colorsys.X\n\nif __name__ == '__main__':\n    print(colorsys.X)\n",
        "    import colorsys\n    return colorsys.X\n\nif __name__ == '__main__':\n    import colorsys\n    print(",
    ),
    "a block for types": (
        {},
        "import colorsys\nfrom typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    X = colorsys.X\ndef f(): colorsys\n",
        "if TYPE_CHECKING:\n    import colorsys\n    X = colorsys.X\n",
    ),
    "the bound of a type variable": (
        {},
        "import colorsys\nfrom typing import TypeVar\n\nT = TypeVar('T', bound=colorsys.X)\ndef f(a: T) -> T: ...\n",
        "T = TypeVar('T', bound=\"colorsys.X\")\n",
    ),
}


@pytest.mark.parametrize(("files", "code", "part"), ALLOWED.values(), ids=ALLOWED)
def test_what_is_in_nobodys_way_is_moved(fix, write, files, code, part):
    allow = 'allow = ["typing", "deco"]\n'
    root = write({"importguard.toml": CONFIG + allow, **files, "app.py": "import lib\n", "lib.py": code})
    result = fix("--apply")
    assert (result.returncode, part in (root / "lib.py").read_text()) == (0, True), result.stdout
    assert "colorsys" not in loaded(root)[1]


READERS = {
    "hints": "import typing\ndef deco(f):\n    typing.get_type_hints(f)\n    return f\n",
    "signature": "def deco(f):\n    import inspect\n    [one.annotation for one in inspect.signature(f).parameters]\n",
    "in another file": "from deco.other import deco\n",
}


@pytest.mark.parametrize("text", READERS.values(), ids=READERS)
def test_a_decorator_whose_package_names_what_reads_annotations_is_an_obstacle(fix, write, text):
    code = "import colorsys\nfrom deco import deco\n\n@deco\ndef f(a: colorsys.X): ...\n"
    other = "def deco(f): return f\ndef read(f): return f.__annotations__\n"
    root = write({**LIGHT, "app.py": "import lib\n", "lib.py": code, "deco/__init__.py": text, "deco/other.py": other})
    result = fix("--apply")
    assert (result.returncode, (root / "lib.py").read_text()) == (1, code)
    assert "a decorator or a base class may read" in result.stdout


def heavy_files(count):
    """Modules that cost more together than a part of a step has to save."""
    return {f"heavy/part{number}.py": f"DATA = [{'1, ' * 3000}]\n" for number in range(count)}


def test_what_can_move_of_a_step_moves_where_that_saves_something_real(fix, write):
    parts = heavy_files(80)
    whole = "".join(f"import heavy.part{number}\n" for number in range(80))
    files = {"heavy/__init__.py": "", "heavy/light.py": "class Base: ...\n", "heavy/rest.py": whole, **parts}
    app = "import heavy.light\nfrom heavy import rest\n\n\nclass A(heavy.light.Base):\n    def use(self): return rest\n"
    config = 'heavy = ["heavy"]\n'
    root = write({"importguard.toml": config, **files, "app.py": app})
    result = fix("--apply")
    assert result.returncode == 1, result.stdout
    assert ", in part: the plan says 83)" in result.stdout
    assert "app.py:1 stays: heavy is used in a base class (app.py:5)" in result.stdout
    modules = loaded(root)[1]
    assert ("heavy.light" in modules, "heavy.rest" in modules) == (True, False)
    again = fix("--apply")
    assert (again.returncode, "is refused" in again.stdout) == (1, True)


def test_a_part_that_saves_next_to_nothing_is_refused(fix, write):
    files = {"heavy/__init__.py": "", "heavy/light.py": "class Base: ...\n", "heavy/rest.py": ""}
    app = "import heavy.light\nfrom heavy import rest\n\n\nclass A(heavy.light.Base):\n    def use(self): return rest\n"
    root = write({"importguard.toml": 'heavy = ["heavy"]\n', **files, "app.py": app})
    result = fix("--apply")
    assert (result.returncode, (root / "app.py").read_text()) == (1, app)
    assert "heavy is refused" in result.stdout


WARM = {"importguard.toml": CONFIG + 'manifest = "warmup_manifest.json"\nallow = ["importguard"]\n'}
WARMED = """\
import xml.dom.minidom
from decimal import Decimal as D, getcontext
from importguard.warmup import Warmup, install

RUNNING = Warmup("warmup_manifest.json") if __name__ == "never" else None


def price(a: D) -> None:
    getcontext()
    return D(1)


def page():
    return xml.dom.minidom.Document()
"""
LATER = """\
import sys
import app

assert "decimal" not in sys.modules
warmup = app.Warmup("warmup_manifest.json")
app.install(warmup)
warmup.start()
warmup.wait(30)
assert app.price(1) == 1 and app.page()
warmup.close()
print("worked")
"""


def test_in_a_program_that_warms_functions_ask_the_warmup_and_the_manifest_has_the_jobs(fix, run, write):
    root = write({**WARM, "app.py": WARMED})
    result = run("fix", "app.py", "--apply")
    assert result.returncode == 0, result.stdout + result.stderr
    text = (root / "app.py").read_text()
    assert 'D = _require_warmed("decimal").Decimal\n    getcontext = _require_warmed("decimal").getcontext\n' in text
    assert '_require_warmed("xml.dom.minidom")\n    xml = _require_warmed("xml")\n' in text
    assert "from importguard.warmup import require_warmed as _require_warmed" in text
    jobs = [one["module"] for one in json.loads((root / "warmup_manifest.json").read_text())["jobs"]]
    assert {"decimal", "xml", "xml.dom.minidom"} <= set(jobs)
    assert "warmup_manifest.json has the jobs" in result.stdout
    assert run("manifest", "--check", "app.py").returncode == 0
    done = subprocess.run([sys.executable, "-c", LATER], cwd=root, capture_output=True, text=True, timeout=240)
    assert (done.returncode, done.stdout) == (0, "worked\n"), done.stderr


def test_what_the_start_itself_calls_is_not_left_to_the_warmup(run, write):
    code = "import colorsys\ndef f():\n    return colorsys\nf()\n"
    root = write({**WARM, "app.py": code})
    result = run("fix", "app.py", "--apply")
    assert (result.returncode, (root / "app.py").read_text()) == (1, code), result.stdout
    assert "in f, which the start calls" in result.stdout
    assert not (root / "warmup_manifest.json").exists()


def test_a_command_that_fails_takes_the_manifest_back_too(run, write):
    root = write({**WARM, "app.py": WARMED})
    command = f'{sys.executable} -c "raise SystemExit(1)"'
    assert run("fix", "app.py", "--apply", "--verify", command).returncode == 2
    assert ((root / "app.py").read_text(), (root / "warmup_manifest.json").exists()) == (WARMED, False)


def test_without_a_manifest_nothing_is_left_to_the_warmup(fix, write):
    root = write({**LIGHT, "app.py": USED_IN_FUNCTIONS})
    result = fix("--form", "warmed", "--apply")
    assert (result.returncode, (root / "app.py").read_text()) == (2, USED_IN_FUNCTIONS)
    assert 'add `manifest = "warmup_manifest.json"`' in result.stderr


def test_a_file_with_a_conflict_gets_a_sentence_and_stays(fix, repository):
    root = repository({**LIGHT, "app.py": USED_IN_FUNCTIONS})
    who = ("-c", "user.name=A", "-c", "user.email=a@example.org")
    for commands in (
        ("checkout -qb other", "import decimal  # theirs\n"),
        ("checkout -q -", "import colorsys  # ours\n"),
    ):
        subprocess.run(["git", *commands[0].split()], cwd=root, check=True, timeout=240)
        (root / "app.py").write_text(USED_IN_FUNCTIONS.replace("import colorsys  # for colours\n", commands[1]))
        subprocess.run(["git", *who, "commit", "-qam", "change"], cwd=root, check=True, timeout=240)
    subprocess.run(["git", *who, "merge", "-q", "other"], cwd=root, check=False, capture_output=True, timeout=240)
    text = (root / "app.py").read_text()
    assert "<<<<<<<" in text
    result = fix("--apply")
    assert (result.returncode, (root / "app.py").read_text()) == (2, text)
    assert "app.py" in result.stderr
    result = fix("--apply", "--allow-dirty")
    assert (result.returncode, (root / "app.py").read_text()) == (2, text)
    assert "app.py:3: cannot be parsed" in result.stderr


def test_two_steps_that_share_a_statement_change_it_once(fix, write):
    code = "import colorsys, decimal\n\n\ndef f():\n    return colorsys\n\n\ndef g():\n    return decimal\n"
    root = write({**LIGHT, "app.py": code})
    assert fix("--apply").returncode == 0
    text = (root / "app.py").read_text()
    assert (
        text.strip()
        == "def f():\n    import colorsys\n    return colorsys\n\n\ndef g():\n    import decimal\n    return decimal"
    )


OFTEN = 200_000  # of a piece: with a square of them a test would take hours


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "text",
    [
        b"import " * OFTEN,
        b"from pk.one import (\n" * OFTEN,
        b"from pk.one import (# (\n" * OFTEN,
        b"import one\n" + b"setattr(one" * OFTEN,
        b"from " + b"one." * OFTEN,
        b"'one." * OFTEN,
    ],
    ids=["imports", "brackets", "comments", "settings", "a long name", "quotes"],
)
def test_another_file_is_looked_through_in_the_time_of_its_length(text):
    assert next(_uses(text, "one", "name", False), None) is None


@pytest.mark.parametrize(
    ("text", "used"),
    [
        (b"from pk.one import (\n    other,  # (see below)\n    name,\n)", True),
        (b"from pk.one import other, name", True),
        (b"from pk.one import (\n    other,\n)\nname = 1", False),
        (b"import pk.one as short\nshort.name", True),
        (b"import pk.one\npk.one.name", True),
        (b"import pk.two\ntwo.name", False),
        (b"from pk import one\nsetattr(one, 'name', 1)", True),
        (b"patch('pk.one.name')", True),
    ],
)
def test_a_use_in_another_file_is_seen_in_every_form(text, used):
    assert (next(_uses(text, "one", "name", False), None) is not None) == used


TAKEN = {
    **LIGHT,
    "app.py": "import helper\nimport lib\n\nprint(helper.show.__name__, lib.__name__)\n",
    "helper.py": '''\
"""Helps."""

import decimal
from colorsys import ONE_SIXTH, ONE_THIRD  # for colours

__all__ = ["ONE_SIXTH", "decimal", "show"]


def show():
    return ONE_THIRD
''',
    "lib/__init__.py": "from xml.dom import Node\n\nfrom .own import thing\n",
    "lib/own.py": "thing = 1\n",
    "tests/test_it.py": "from helper import ONE_THIRD\nimport helper\nprint(helper.ONE_SIXTH)\n",
}
USES_ALL = (
    "import helper, lib, decimal, colorsys, xml.dom; from helper import *; from lib import Node, thing\n"
    "assert helper.decimal is decimal and helper.ONE_THIRD == colorsys.ONE_THIRD and Node is xml.dom.Node\n"
    "assert helper.ONE_SIXTH == colorsys.ONE_SIXTH and helper.show() == colorsys.ONE_THIRD\n"
    "assert not hasattr(helper, 'other') and not hasattr(lib, 'other')\n"
    "try:\n    from helper import other\nexcept ImportError as error:\n    assert 'other' in str(error)\n"
)


def test_what_other_modules_take_is_imported_when_they_ask(fix, write):
    root = write(TAKEN)
    result = fix("--apply")
    assert result.returncode == 0, result.stdout + result.stderr
    assert "helper.py:4 moves into the function that uses it, and __getattr__" in result.stdout
    assert "lib/__init__.py:1 moves into __getattr__, for other modules" in result.stdout
    _, modules = loaded(root)
    assert modules.isdisjoint({"decimal", "colorsys", "xml.dom"})
    subprocess.run([sys.executable, "-c", USES_ALL], cwd=root, check=True, timeout=240)
    assert is_ruff_clean(root / "helper.py")
    assert "Nothing to do" in fix("--apply").stdout


REPLACED = {
    "a text for mock.patch": "from unittest.mock import patch\npatch('helper.ONE_THIRD', 1).start()\n",
    "setattr": "import helper\nsetattr(helper, 'ONE_THIRD', 1)\n",
    "patch.object": "import helper\nfrom unittest.mock import patch\npatch.object(helper, 'ONE_THIRD', 1)\n",
    "an assignment": "import helper\nprint(helper.ONE_THIRD)\nhelper.ONE_THIRD = 1\n",
    "del": "import helper\nprint(helper.ONE_THIRD)\ndel helper.ONE_THIRD\n",
}


@pytest.mark.parametrize("test", REPLACED.values(), ids=REPLACED)
def test_a_name_that_another_file_replaces_stays_where_it_is(fix, write, test):
    root = write({**TAKEN, "tests/test_it.py": test})
    result = fix("--apply", "--subject", "colorsys")
    assert result.returncode == 1, result.stderr
    assert "helper.py:4 stays: ONE_THIRD is used from there (tests/test_it.py:" in result.stdout
    assert (root / "helper.py").read_text() == TAKEN["helper.py"]


NOT_GIVEN = {
    "a getter of its own": ("def __getattr__(name):\n    raise AttributeError(name)\n", "has a __getattr__ of its own"),
    "a star elsewhere": ("", "ONE_THIRD is used from there (lib/use.py:"),
}


@pytest.mark.parametrize(("more", "said"), NOT_GIVEN.values(), ids=NOT_GIVEN)
def test_what_a_getter_cannot_give_stays(fix, write, more, said):
    helper = "from colorsys import ONE_THIRD\n\ndef show():\n    return ONE_THIRD\n" + more
    star = {"lib/use.py": "from star import *\nprint(ONE_THIRD)\n", "star.py": "from helper import *\n"}
    taken = star if not more else {"lib/use.py": "from helper import ONE_THIRD\n"}
    write(
        {**LIGHT, "app.py": "import helper\n", "helper.py": helper, **taken, "uses.py": "import star\nstar.ONE_THIRD\n"}
    )
    result = fix("--apply")
    assert result.returncode == 1, result.stderr
    assert "helper.py:1 stays: ONE_THIRD is" in result.stdout
    if more:
        assert said in result.stdout


def test_a_name_that_is_a_submodule_too_stays(fix, write):
    files = {"lib/__init__.py": "from colorsys import decoder\n", "lib/decoder.py": "", "use.py": "import lib\n"}
    write({**LIGHT, "app.py": "import lib\n", **files})
    result = fix("--apply")
    assert result.returncode == 1, result.stderr
    assert "lib/__init__.py:1 stays: decoder is never used here: the statement re-exports it" in result.stdout


def test_a_name_that_the_start_itself_takes_stays(fix, write):
    root = write(
        {**LIGHT, "app.py": "from helper import ONE_THIRD\nprint(ONE_THIRD)\n", "helper.py": TAKEN["helper.py"]}
    )
    result = fix("--apply", "--subject", "colorsys")
    assert result.returncode == 1, result.stderr
    assert "colorsys is refused" in result.stdout
    assert (root / "helper.py").read_text() == TAKEN["helper.py"]


def test_code_that_runs_in_a_namespace_of_its_own_reaches_no_names(fix, write):
    code = "import colorsys\ndef f(text):\n    exec(text, {})\n    return eval('1', dict(a=1)), colorsys\n"
    root = write({**LIGHT, "app.py": code})
    result = fix("--apply")
    assert result.returncode == 0, result.stdout
    assert "colorsys" not in loaded(root)[1]


def test_what_a_condition_may_load_all_the_same_is_said_apart(fix, write):
    code = "import decimal\nimport late\n\n\ndef use():\n    return decimal\n\n\nlate.run()\n"
    late = "import os\n\n\ndef run():\n    if os.environ.get('X'):\n        import numbers\n        return numbers\n"
    root = write({**LIGHT, "app.py": code, "late.py": late})
    document = json.loads(fix("--format", "json").stdout)
    assert ("decimal" in document["saved"], document["perhaps"]) == (True, ["numbers"])
    assert " 1 module of these may be loaded under a condition." in fix().stdout
    assert fix("--apply").returncode == 0
    assert {"decimal", "numbers"} & loaded(root)[1] == set()


def test_what_may_not_have_been_loaded_before_is_said_apart(fix, write):
    code = "import late\n\n\ndef use():\n    return late\n"
    late = "import time\n\nif int(time.time()) % 2:\n    import numbers\n"
    root = write({"importguard.toml": 'heavy = ["late"]\n', "app.py": code, "late.py": late})
    document = json.loads(fix("--format", "json").stdout)
    assert ({"late", "numbers"} <= set(document["saved"]), document["unsure"]) == (True, ["numbers"])
    assert " 1 module of these may not have been loaded before: that hangs on a condition" in fix().stdout
    assert fix("--apply").returncode == 0
    assert {"late", "numbers"} & loaded(root)[1] == set()
