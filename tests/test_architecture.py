"""Sloppy keeps to its floors, and what breaks them is named with file, line, rule and remedy.

It runs alone, also when the app cannot be imported: `pytest --noconftest tests/test_architecture.py`.
"""

import ast
import re

import pytest
from scripts.draw_rooms import PICTURE, arrows_of, draw, place
from tests.architecture import Contract, Fence, breaches, files_of
from tests.rooms import SLOPPY

from importguard.source.reader import read_program
from importguard.source.sites import raw_thread_lines

MOST_IN_SRC = 24


def report(sentences):
    """Fails with *sentences* and nothing else."""
    if sentences:
        pytest.fail("\n".join(sentences), pytrace=False)


def test_every_module_of_sloppy_keeps_the_contract():
    report(breaches(SLOPPY))


def test_a_module_that_says_it_is_pure_is_held_to_it():
    report(
        [
            f"{path} says that it is pure: add {name} to PURE in tests/rooms.py with what it may import."
            for name, path in files_of(SLOPPY).items()
            if re.search(r"\bPure\b", ast.get_docstring(ast.parse(path.read_bytes())) or "") and name not in SLOPPY.only
        ]
    )


def test_no_file_starts_a_thread_of_its_own():
    report(
        [
            f"{path}:{line} starts a thread of its own. Submit the work to the pool (src.work.background)."
            for path in files_of(SLOPPY).values()
            for line in raw_thread_lines(read_program(path.read_bytes(), str(path)))
        ]
    )


def test_src_itself_stays_small():
    loose = [path.name for path in (SLOPPY.root / "src").glob("*.py")]
    if len(loose) > MOST_IN_SRC:
        pytest.fail(f"src/ has {len(loose)} modules of its own, at most {MOST_IN_SRC}: move one into a room.")


FLOORS = (("app.top",), ("app.left", "app.right"), ("app.low app.lower",), ("app",))
TREE = {"__init__": "", "top": "", "left/__init__": "", "left/a": "", "right": "", "low": "", "lower": ""}


@pytest.fixture
def sentences_of(tmp_path):
    """`sentences_of(files, **contract)`: what a small tree with these texts in it breaks."""

    def read(files, **fields):
        for name, text in {**TREE, **files}.items():
            path = tmp_path / "app" / f"{name}.py"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return breaches(
            Contract(**{"root": tmp_path, "package": "app", "guide": "guide.md", "floors": FLOORS} | fields)
        )

    return read


RULE = "A room imports only rooms on lower floors (guide.md). Move what is needed to a lower floor, or pass it in."
UP_2 = f", which is above it (floor 1; app.left is on floor 2). {RULE}"
UP_3 = f", which is above it (floor 1; app.low is on floor 3). {RULE}"
BESIDE_2 = f" beside it on the same floor (floor 2; app.left is on floor 2). {RULE}"
LOW_2 = f"app/low.py:2 imports app.top{UP_3}"


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"low": "import app.top"}, "app/low.py:1 imports app.top" + UP_3),
        ({"low": "x = 1\nfrom app import top"}, LOW_2),
        ({"low": "def f():\n    import app.top"}, LOW_2),
        (
            {"low": "try:\n    from . import top\nfinally: pass"},
            LOW_2,
        ),
        ({"left/a": "from ..top import X"}, "app/left/a.py:1 imports app.top" + UP_2),
        (
            {"left/__init__": "from app.top import X"},
            "app/left/__init__.py:1 imports app.top" + UP_2,
        ),
        (
            {"low": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from app.top import X"},
            "app/low.py:3 imports app.top" + UP_3,
        ),
        (
            {"left/a": "from app.right import X"},
            f"app/left/a.py:1 imports app.right, which is{BESIDE_2}",
        ),
        ({"new": ""}, "app/new.py is in no room: move it into one, or add app.new to the floors and to guide.md."),
    ],
)
def test_what_breaks_the_floors_is_named_with_line_rule_and_remedy(sentences_of, files, expected):
    assert sentences_of(files) == [expected]


@pytest.mark.parametrize(
    "files",
    [
        {"top": "from app import low\nfrom app.left import a\nimport app.right"},
        {"low": "import app.lower"},
        {"low": "_require_warmed('app.top')"},
        {"left/a": "from app import left", "left/b": "from app.left.a import X\nimport app.lower"},
        {"low": "import json, another.package"},
    ],
)
def test_what_goes_down_or_stays_in_its_room_is_allowed(sentences_of, files):
    assert sentences_of(files) == []


def test_a_circle_is_named_link_by_link_also_for_type_checkers(sentences_of):
    checked = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from app.low import X"
    assert sentences_of({"low": "import app.lower", "lower": checked}) == [
        "app/low.py:1 imports app.lower, app/lower.py:3 imports app.low: an import circle; those for type checkers "
        "count. Move what both ends need to a module below them."
    ]


def test_a_pure_module_imports_what_it_may_and_types(sentences_of):
    texts = {"low": "import json\nfrom collections.abc import Mapping\nimport os.path\nfrom app.lower import X"}
    assert sentences_of(texts, only={"app.low": "json app.lower"}) == [
        "app/low.py:3 imports os.path. app.low is pure and may import only json, app.lower and types. Do this in the "
        "module that calls it and pass the value in; if the import is as pure, add it to the list."
    ]


def test_what_only_some_rooms_may_import_is_fenced(sentences_of):
    fence = Fence("toolkit", ("app.top",), "Let app.top draw it.")
    files = {"top": "import toolkit", "right": "from toolkit.fonts import load"}
    assert sentences_of(files, fences=(fence,)) == [
        "app/right.py:1 imports toolkit.fonts. Only app.top may import toolkit. Let app.top draw it."
    ]


def test_a_room_that_is_gone_is_named(sentences_of):
    assert sentences_of({}, floors=(*FLOORS, ("app.attic",))) == [
        "The room app.attic is gone: take it off the floors and out of guide.md."
    ]


def test_scripts_beside_the_package_have_a_floor_too(sentences_of, tmp_path):
    (tmp_path / "run.py").write_text("import app.top")
    (tmp_path / "other.py").write_text("")
    floors = (("run",), *FLOORS)
    assert sentences_of({}, floors=floors, scripts=("run.py",)) == []
    assert sentences_of({"low": "import run"}, floors=floors, scripts=("run.py",))[0].startswith(
        "app/low.py:1 imports run,"
    )


def test_the_picture_of_the_rooms_is_fresh():
    if PICTURE.read_text(encoding="utf-8") != draw(SLOPPY):
        pytest.fail(f"{PICTURE.relative_to(SLOPPY.root)} is stale: run `python scripts/draw_rooms.py`.", pytrace=False)


def test_every_room_is_on_the_picture_and_every_arrow_goes_down():
    boxes = place(SLOPPY)
    assert {name for room in boxes for name in room.split()} == {
        name for floor in SLOPPY.floors for room in floor for name in room.split()
    } - {"src"}
    assert [pair for pair in arrows_of(SLOPPY) if boxes[pair[0]].y >= boxes[pair[1]].y] == []
