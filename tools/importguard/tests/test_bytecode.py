"""Bytecode: the rule that demands it, the command that writes it, the warmup that has it written in a child."""

import importlib.util
import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from importguard.warmup import Warmup, WarmupManifest

APP = {"app.py": "import near.inner\n", "near/__init__.py": "", "near/inner.py": "VALUE = 1\n", "far.py": "VALUE = 2\n"}
ASKED = 'entry = "app.py"\nbytecode = true\nselect = ["IG204"]\n'


def said(done: "subprocess.CompletedProcess[str]") -> str:
    """Both streams of a command, on one line."""
    return " ".join((done.stdout + done.stderr).split())


def compiled(root: Path) -> set[str]:
    """The sources below *root* that have a file of bytecode."""
    return {path.name.partition(".")[0] for path in root.rglob("*.pyc")}


def test_the_closure_and_nothing_else_is_compiled(run, write):
    root = write(APP)
    done = run("compile", "app.py")
    assert done.returncode == 0
    assert "Compiled 2 of the 2 modules of app.py; 0 were compiled already." in said(done)
    assert compiled(root) == {"__init__", "inner"}
    again = run("compile", "app.py")
    assert (again.returncode, again.stdout.splitlines()[0]) == (0, "All 2 modules of app.py have valid bytecode.")


def test_a_program_uses_what_was_compiled(run, write):
    root = write(APP)
    run("compile", "app.py")
    before = {path: path.stat().st_mtime_ns for path in root.rglob("*.pyc")}
    told = subprocess.run([sys.executable, "-v", "app.py"], cwd=root, capture_output=True, text=True, check=True).stderr
    assert [line for line in told.splitlines() if "inner" in line and "matches" in line]
    assert not [line for line in told.splitlines() if "wrote" in line and "inner" in line]
    assert {path: path.stat().st_mtime_ns for path in root.rglob("*.pyc")} == before


def test_check_writes_nothing_and_names_the_files(run, write):
    root = write(APP)
    done = run("compile", "--check", "app.py")
    assert done.returncode == 1
    assert "2 of the 2 modules of app.py have no valid bytecode" in said(done)
    assert f"{Path('near') / 'inner.py'}: missing" in said(done)
    assert compiled(root) == set()


@pytest.mark.parametrize("spoil", ["older", "foreign", "short"])
def test_bytecode_that_python_would_not_use_counts_as_none(run, write, spoil):
    root = write({"importguard.toml": ASKED, **APP})
    run("compile")
    assert run("check").returncode == 0
    file = Path(importlib.util.cache_from_source(str(root / "near/inner.py")))
    if spoil == "older":
        (root / "near/inner.py").write_text("VALUE = 'another'\n")
    else:
        file.write_bytes(b"\0" * (16 if spoil == "foreign" else 3))
    done = run("check")
    assert done.returncode == 1
    assert "IG204" in said(done)
    assert "1 of 2 modules have no valid bytecode" in said(done)
    assert run("compile").returncode == 0
    assert run("check").returncode == 0


def test_bytecode_by_hash_is_judged_by_the_source(run, write):
    import py_compile

    root = write({"importguard.toml": ASKED, "app.py": "import far\n", "far.py": "VALUE = 2\n"})
    checked = py_compile.PycInvalidationMode.CHECKED_HASH
    py_compile.compile(str(root / "far.py"), invalidation_mode=checked)
    os.utime(root / "far.py", (1, 1))
    assert run("check").returncode == 0
    (root / "far.py").write_text("VALUE = 3\n")
    assert run("check").returncode == 1


def test_without_the_key_a_checkout_needs_no_bytecode(run, write):
    write({"importguard.toml": 'entry = "app.py"\n', **APP})
    assert run("check").returncode == 0


def test_the_reason_is_said(run, write, monkeypatch):
    write({"importguard.toml": ASKED, **APP})
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    assert "PYTHONDONTWRITEBYTECODE is set, so no start writes it" in said(run("check"))


def test_a_file_that_cannot_be_compiled_is_named_and_the_rest_is_compiled(run, write):
    root = write({**APP, "app.py": "import near.inner\ntry:\n    import odd\nexcept SyntaxError:\n    pass\n"})
    (root / "odd.py").write_text("VALUE = 1\n")
    (root / "near/__pycache__").symlink_to(root / "elsewhere")
    (root / "elsewhere").mkdir()
    done = run("compile", "app.py")
    assert done.returncode == 1
    assert "its __pycache__ is a link" in said(done)
    assert compiled(root) == {"odd"}
    assert not list((root / "elsewhere").iterdir())


def test_a_folder_that_cannot_be_written_to_is_named(run, write):
    root = write(APP)
    (root / "near/__pycache__").write_text("a file where the folder should be")
    done = run("compile", "app.py")
    assert done.returncode == 1
    assert f"{root / 'near/inner.py'}: not compiled: " in done.stderr
    assert "changed meanwhile" not in done.stderr


def warmed(root: Path, monkeypatch: pytest.MonkeyPatch, names: list[str]) -> Warmup:
    monkeypatch.syspath_prepend(str(root))
    for name in names:
        monkeypatch.delitem(sys.modules, name, raising=False)
    manifest = json.dumps({"schema": 1, "jobs": [{"module": name} for name in names]})
    (root / "manifest.json").write_text(manifest)
    warmup = Warmup(WarmupManifest.load(root / "manifest.json"), precompile=True)
    warmup.start()
    assert warmup.wait(30)
    return warmup


def test_a_warmup_has_its_bytecode_written_by_a_child(write, tmp_path, monkeypatch):
    note = tmp_path / "pids"
    body = (
        f"import os\nwith open({str(note)!r}, 'a') as file:\n    file.write(f'{{os.getpid()}}\\n')\nimport heavy_part\n"
    )
    root = write({"heavy_one.py": body, "heavy_part.py": ""})
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    warmup = warmed(root, monkeypatch, ["heavy_one"])
    assert warmup.precompiled == ""
    assert compiled(root) == {"heavy_one", "heavy_part"}
    pids = note.read_text().split()
    assert len(pids) == 2
    assert pids[1] == str(os.getpid()) != pids[0]
    sys.modules.pop("heavy_one")
    warmed(root, monkeypatch, ["heavy_one"])  # now it is there: no child
    assert note.read_text().split()[2:] == [str(os.getpid())]


def test_a_warmup_says_why_it_does_not_compile(write, monkeypatch):
    root = write({"heavy_two.py": "VALUE = 2\n"})
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    warmup = warmed(root, monkeypatch, ["heavy_two"])
    assert warmup.precompiled == "PYTHONDONTWRITEBYTECODE is set"
    assert warmup.require_warmed("heavy_two").VALUE == 2


def test_a_child_that_hangs_or_fails_holds_nobody(write, monkeypatch):
    from importguard.warmup.precompile import precompile

    root = write({"hangs.py": "import time\ntime.sleep(600)\n", "fails.py": "raise SystemExit(3)\n"})
    (root / "waits.py").write_text((root / "hangs.py").read_text())
    monkeypatch.syspath_prepend(str(root))
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    assert precompile(["fails"], lambda: True) == ""
    assert precompile(["hangs"], lambda: True, timeout_s=0.5) == "it did not end within 0.5 s"
    closed = threading.Event()
    closed.set()
    assert precompile(["waits"], lambda: not closed.is_set()) == "the warmup was closed"


COMPILED = """
import json, sys, threading
from importguard.warmup import Warmup, WarmupManifest
compiled = []
sys.addaudithook(lambda name, given: name == "compile" and compiled.append(str(given[1])))
warmup = Warmup(WarmupManifest.of(["heavy_one"]), precompile=True)
warmup.start()
assert warmup.wait(60)
assert warmup.precompiled == "", warmup.precompiled
print(json.dumps([name for name in compiled if name.endswith(".py")]))
print("subprocess" in sys.modules)
"""


@pytest.mark.skipif(not hasattr(os, "posix_spawn"), reason="this system starts processes with subprocess")
def test_a_first_start_with_precompile_compiles_nothing_large_itself(write, tmp_path):
    root = write({"heavy_one.py": "import heavy_two", "heavy_two.py": "VALUE = 2\n", "app.py": COMPILED})
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(tmp_path / "empty")}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    done = subprocess.run(
        [sys.executable, "app.py"], cwd=root, capture_output=True, text=True, env=environment, timeout=240, check=True
    )
    compiled, by_subprocess = done.stdout.splitlines()
    assert not {"heavy_one.py", "heavy_two.py"} & {os.path.basename(name) for name in json.loads(compiled)}
    assert max((os.path.getsize(name) for name in json.loads(compiled)), default=0) < 40_000  # a file of 31 KB on 3.14
    assert by_subprocess == "False"
