"""How `scripts/benchmark_applications.py` makes the first cut of an application and judges what was said of it."""

import sys
from pathlib import Path

import pytest
from asking import bare_modules
from benchmark_applications import (
    START,
    Application,
    Installed,
    Measured,
    OutsideError,
    Row,
    copy_installed,
    cut,
    import_root,
    measure,
    prepare,
    table,
)
from verdicts.cutting import STUB, STUB_TEXT

SHOP = Application(name="shop", version="1.0", command="shop", arguments=("--version",))
THERE = Installed("shop.main:Shop.run", (), Path())


def project(folder: Path, text: str) -> Path:
    """A project with the package shop in `src`."""
    package = folder / "src" / "shop"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "main.py").write_text(text, encoding="utf-8")
    return folder


def row(promised: int, gone: int, error: str = "") -> Row:
    """A verdict whose first step promises so many of 100 modules, and the cut that really takes so many away."""
    names = frozenset(f"m{number}" for number in range(100))
    statements = [{"path": "main.py", "line": 1}]
    step = {"subject": "dear", "statements": statements, "saves_us": promised * 1000, "modules": promised}
    possible = [{"subject": "odd", "cost_us": 5_000, "modules": 5}]
    verdict = {"modules": 105, "cost_us": 105_000, "plan": {"steps": [step], "conditional": possible}}
    left = Measured(frozenset(sorted(names)[gone:]), 200.0 - 2 * gone, error)
    return Row(SHOP, "sdist", verdict, Measured(names, 200.0), left)


def test_a_cut_takes_the_module_out_of_the_real_start(tmp_path: Path) -> None:
    source = project(
        tmp_path / "shop", "import csv\nclass Shop:\n    @staticmethod\n    def run():\n        csv.reader(())\n"
    )
    copies = [tmp_path / "whole", tmp_path / "without"]
    roots = [prepare(source, copy, THERE, SHOP) for copy in copies]
    cut(copies[1], [{"path": "src/shop/main.py", "line": 1}])
    (roots[1] / f"{STUB}.py").write_text(STUB_TEXT, encoding="utf-8")

    python = Path(sys.executable)
    whole, without = measure(python, roots, bare_modules(python), runs=1)

    assert (whole.error, without.error) == ("", "")
    assert {"csv", "_csv", "shop.main"} <= whole.modules
    assert whole.modules - without.modules >= {"csv", "_csv"}
    assert without.modules <= whole.modules
    assert "import csv" in (source / "src/shop/main.py").read_text()


@pytest.mark.parametrize("path", ["{elsewhere}", "../elsewhere.py", "link.py"])
def test_nothing_outside_the_copy_is_cut(tmp_path: Path, path: str) -> None:
    elsewhere = tmp_path / "elsewhere.py"
    elsewhere.write_text("import csv\n", encoding="utf-8")
    (tmp_path / "copy").mkdir()
    (tmp_path / "copy" / "link.py").symlink_to(elsewhere)

    with pytest.raises(OutsideError, match="not in the project"):
        cut(tmp_path / "copy", [{"path": path.format(elsewhere=elsewhere), "line": 1}])

    assert elsewhere.read_text() == "import csv\n"


@pytest.mark.parametrize("end", ["raise SystemExit(3)", "return 3", "raise SystemExit('no')", "raise ValueError('no')"])
def test_a_start_that_fails_is_an_error(tmp_path: Path, end: str) -> None:
    source = project(tmp_path / "shop", f"class Shop:\n    @staticmethod\n    def run():\n        {end}\n")
    root = prepare(source, tmp_path / "copy", THERE, SHOP)

    python = Path(sys.executable)
    (measured,) = measure(python, [root], bare_modules(python), runs=1)

    assert measured.error


def test_an_installed_package_becomes_a_project_with_its_command(tmp_path: Path) -> None:
    site = tmp_path / "site"
    for name in ("shop/main.py", "shop/__pycache__/main.pyc", "shop-1.0.dist-info/METADATA"):
        (site / name).parent.mkdir(parents=True, exist_ok=True)
        (site / name).touch()
    files = tuple(file.relative_to(site) for file in site.rglob("*") if file.is_file())

    made = copy_installed(SHOP, Installed("shop.main:run", (*files, Path("../../bin/shop")), site), tmp_path / "made")

    assert sorted(str(file.relative_to(made)) for file in made.rglob("*") if file.is_file()) == [
        "pyproject.toml",
        "shop/main.py",
    ]
    assert '"shop" = "shop.main:run"' in (made / "pyproject.toml").read_text()
    assert import_root(made, "shop.main:run") == made


def test_the_script_starts_the_command_with_its_arguments(tmp_path: Path) -> None:
    root = prepare(project(tmp_path / "shop", "class Shop: ...\n"), tmp_path / "copy", THERE, SHOP)

    assert root == tmp_path / "copy" / "src"
    assert "sys.argv = ['shop', '--version']" in (root / START).read_text()


@pytest.mark.parametrize(
    ("one", "right"),
    [
        (row(40, 40), True),
        (row(40, 20), True),
        (row(40, 19), False),
        (row(40, 40, "TypeError"), False),
        (Row(SHOP, "sdist", failure="exit 2: no"), False),
        (Row(SHOP, "sdist", {"plan": {"steps": []}}), True),
    ],
)
def test_a_first_cut_has_to_save_half_of_its_promise(one: Row, right: bool) -> None:
    assert one.right is right


def test_the_table_puts_what_was_said_beside_what_was_saved() -> None:
    line = table([row(40, 30)]).splitlines()[-1]

    assert line == (
        "| shop 1.0 (sdist) | `shop --version` | 100 / 100 | dear, 1 statement: 40 modules, 40 of 100 ms "
        "| 30 modules, 60 of 200 ms | 40% / 30% |"
    )
