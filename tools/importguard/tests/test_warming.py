"""`importguard cache warm`: what a requirements file needs is worked out beforehand, and what is missing is named."""

import sys
from pathlib import Path

import pytest

from importguard.project.requirements import read_requirements
from importguard.source import cache as programs
from importguard.startup.machine import machine
from importguard.storage.cache import VARIABLE
from importguard.storage.seal import VARIABLE as KEY
from importguard.target.distributions import installed
from importguard.target.environment import probe

SITE = f"lib/python{sys.version_info[0]}.{sys.version_info[1]}/site-packages"


def distribution(name, version, files, requires=()):
    """The files of an installed distribution, by path below the environment."""
    info = f"{SITE}/{name}-{version}.dist-info"
    record = "".join(f"{file},,\n" for file in (*files, f"../../../bin/{name}", "../../../outside.py"))
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    return {
        **{f"venv/{SITE}/{file}": text for file, text in files.items()},
        f"venv/{info}/METADATA": metadata
        + "".join(f"Requires-Dist: {one}\n" for one in requires)
        + "\nRequires-Dist: x\n",
        f"venv/{info}/RECORD": record,
    }


@pytest.fixture
def environment(write, tmp_path, monkeypatch):
    """A virtual environment with a few distributions."""
    base = Path(sys.base_prefix) / "bin" / f"python{sys.version_info[0]}.{sys.version_info[1]}"
    write(
        {
            **distribution(
                "Shop_Core",
                "2.1",
                {"shop/__init__.py": "import basket\n", "shop/late.py": "x = 1", "shop/tests/test_it.py": "y = 1"},
                ["basket>=1", 'colours; python_version < "3"', 'absent-one; extra == "more"', "gone"],
            ),
            **distribution("basket", "1.0", {"basket.py": "import colorsys\n", "_basket_more.py": "z = 1"}),
            **distribution("other", "1.0", {"other.py": "import wave\n"}),
            "venv/pyvenv.cfg": f"home = {base.parent}\n",
            "app.py": "import shop, shop.late\n",
        }
    )
    python = tmp_path / "venv/bin/python"
    python.parent.mkdir(parents=True)
    python.symlink_to(base)
    monkeypatch.setenv(VARIABLE, str(tmp_path / "kept"))
    return python


@pytest.fixture
def read(monkeypatch):
    """The sources that are read and made Programs of, by name."""
    found = []
    of_module = programs.read_program

    def reading(source, path, *more, **named):
        found.append(Path(path).name)
        return of_module(source, path, *more, **named)

    monkeypatch.setattr(programs, "read_program", reading)
    monkeypatch.setattr("importguard.source.cache.worthwhile", lambda: False)
    monkeypatch.setattr("importguard.warming.worthwhile", lambda: False)
    return found


def warm(run, *lines):
    Path("requirements.txt").write_text("".join(f"{line}\n" for line in lines))
    return run("cache", "warm", "-r", "requirements.txt", "--python", "venv/bin/python")


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_a_later_check_reads_its_own_file_alone(environment, run, read):
    done = warm(run, "shop-core")
    assert (done.returncode, done.stderr) == (0, "importguard: gone is not installed; shop-core requires it.\n")
    assert done.stdout == "Warm: 4 sources, and the starts of 1 module.\n"
    assert {"late.py", "_basket_more.py", "colorsys.py"} <= set(read)
    assert not {"test_it.py", "other.py", "outside.py"} & set(read)
    read.clear()
    assert run("check", "app.py", "--python", "venv/bin/python").returncode == 0
    assert read == ["app.py"]


def test_what_is_walked_is_found_walked(environment, run, monkeypatch):
    assert warm(run, "basket").returncode == 0
    monkeypatch.setattr(machine.Machine, "run_module", lambda *_: pytest.fail("it was walked again"))
    assert run("graph", "--import", "basket", "--python", "venv/bin/python").returncode == 0


def test_warming_twice_reads_nothing(environment, run, read):
    warm(run, "shop_core")
    read.clear()
    assert warm(run, "shop.core").returncode == 0
    assert read == []


MISSING = {
    "not installed": ("basket\nnowhere>=1", "nowhere is not installed."),
    "another version": ("basket>=7", "basket>=7 is required, 1.0 is installed."),
    "of an extra": ("shop-core[more]", "absent-one is not installed; shop-core requires it."),
    "a path": ("basket\n-e ./here\nhttps://127.0.0.1/x.whl", "names no distribution, and is not warmed."),
    "not here": ('basket\ncolours; sys_platform == "win32"', ""),
}


@pytest.mark.parametrize(("lines", "said"), MISSING.values(), ids=MISSING)
def test_what_is_missing_is_named(environment, run, lines, said):
    done = warm(run, lines)
    assert done.returncode == 0
    assert [line for line in done.stderr.splitlines() if "gone" not in line and not line.endswith(said)] == []
    assert said in done.stderr


def test_where_nothing_is_installed_it_is_the_wrong_interpreter(environment, run):
    done = warm(run, "nowhere")
    assert done.returncode == 2
    assert "nothing of it is installed for" in done.stderr
    assert "pass --python PATH" in done.stderr


def test_a_requirements_file_is_read_as_pip_reads_it(tmp_path):
    (tmp_path / "base.txt").write_text(
        "one==1.0 --hash=sha256:00 \\\n  --hash=sha256:11\n# note\n-r requirements.txt\n"
    )
    (tmp_path / "requirements.txt").write_text(
        '\ufeff--index-url x\n-r base.txt\n-c limits.txt\ntwo[a,b] ~= 2.0 ; python_version > "3" # why\nthree @ file:///x\n'
    )
    found = read_requirements(tmp_path / "requirements.txt")
    assert [(one.requirement.name, sorted(one.requirement.extras)) for one in found] == [
        ("one", []),
        ("two", ["a", "b"]),
        ("three", []),
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("one two three", "requirements.txt:1: one two three is no requirement"),
        (None, "cannot be read"),
        (b"\xff", "UTF-8"),
    ],
)
def test_a_file_that_is_none_is_said_to_be_none(environment, run, tmp_path, content, said):
    path = tmp_path / "requirements.txt"
    if content is None:
        path.mkdir()
    else:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    done = run("cache", "warm", "-r", "requirements.txt", "--python", "venv/bin/python")
    assert done.returncode == 2
    assert said in done.stderr
    assert done.stderr.count("\n") == 1


def test_without_a_file_it_says_how_to_name_one(run):
    done = run("cache", "warm")
    assert done.returncode == 2
    assert "importguard cache warm -r requirements.txt" in done.stderr


def test_a_pack_of_a_requirements_file_warms_another_machine(environment, run, read, monkeypatch, tmp_path):
    monkeypatch.setenv(KEY, "a key of more than thirty-two letters")
    Path("requirements.txt").write_text("shop-core\n")
    done = run("cache", "export", "x.pack", "-r", "requirements.txt", "--python", "venv/bin/python")
    assert done.returncode == 0, done.stderr
    monkeypatch.setenv(VARIABLE, str(tmp_path / "second"))
    assert run("cache", "import", "x.pack").returncode == 0
    read.clear()
    assert run("check", "app.py", "--python", "venv/bin/python").returncode == 0
    assert read == ["app.py"]


def test_the_sources_of_a_distribution_are_below_its_folder(environment):
    found = installed(probe(str(environment)))["shop-core"]
    assert [Path(path).name for path in found.sources()] == ["__init__.py", "late.py", "test_it.py"]
    assert found.modules() == ["shop"]
