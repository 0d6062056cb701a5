"""`importguard verify`: programs are really run, and what they load and wait for is compared with their graph."""

import json
import os
import signal
import subprocess
import sys
import time
import venv
from pathlib import Path

import pytest

CONFIG = 'entry = "app.py"\nheavy = ["heavy"]\n'
WARMED = """
from importguard.warmup import Warmup, WarmupManifest, install, require_warmed as _require_warmed
warmup = Warmup(WarmupManifest.of(["heavy"]))
warmup.start()
def use(): return _require_warmed("heavy")
"""
RUNS_ON = "import time\nwhile True: time.sleep(0.01)\n"


@pytest.fixture
def verify(run, write):
    """`verify(files, *arguments)`: the exit code, and the JSON answer or what was said on standard error."""

    def call(files, *arguments, config=""):
        write({"importguard.toml": f"{CONFIG}{config}", "heavy.py": "", **files})
        result = run("verify", "--format", "json", *arguments)
        return result.returncode, json.loads(result.stdout) if result.stdout else result.stderr

    return call


def test_a_program_that_does_what_its_graph_says_is_verified(verify):
    code, found = verify({"app.py": "import light\n", "light.py": "import colorsys"})
    assert (code, found["failed"], found["agrees"], found["on_main"]) == (0, False, True, 2)


@pytest.mark.parametrize(
    "load",
    [
        "__import__('hea' + 'vy')",
        "import importlib; importlib.import_module('hea' + 'vy')",
        "from importlib import import_module as load; load('hea' + 'vy')",
        "import ctypes; ctypes.pythonapi.PyImport_ImportModule.restype = ctypes.py_object\n"
        "ctypes.pythonapi.PyImport_ImportModule(b'heavy')",
    ],
)
def test_a_heavy_load_on_the_main_thread_is_found_however_it_is_made(verify, load):
    code, found = verify({"app.py": f"def later():\n    exec({load!r})\nlater()"})
    assert code == 1
    (surprise,) = (one for one in found["unpredicted"] if one["heavy"])
    assert (surprise["name"], surprise["on_main"]) == ("heavy", True)
    assert any(frame[0].endswith("app.py") and frame[2] == "later" for frame in surprise["frames"])


def test_a_question_whether_a_module_exists_is_no_load(verify):
    code, found = verify({"app.py": "import importlib.util\nimportlib.util.find_spec('heavy')"})
    assert (code, [one["name"] for one in found["unpredicted"]]) == (0, [])


@pytest.mark.parametrize(
    "wait", ["import heavy", "from importlib import import_module; import_module('heavy')", "import pk.part"]
)
def test_a_wait_for_a_module_that_a_worker_loads_is_found(verify, wait):
    slow = "import threading, gates\ngates.entered.set()\ngates.leave.wait(10)\n"
    app = f"""
import threading
import gates
worker = threading.Thread(target=__import__, args=("{"pk" if "pk" in wait else "heavy"}",))
worker.start()
gates.entered.wait(10)
threading.Timer(0.2, gates.leave.set).start()
exec({wait!r})
worker.join()
"""
    files = {"app.py": app, "gates.py": "import threading\nentered, leave = threading.Event(), threading.Event()"}
    code, found = verify({**files, "heavy.py": slow, "pk/__init__.py": slow, "pk/part.py": ""})
    assert code == 1
    ((name, ms, frames),) = found["waits"]
    assert (name, ms > 100) == ("pk" if "pk" in wait else "heavy", True)
    assert frames[-1][0].endswith(("app.py", "<string>"))


def test_a_circular_import_of_the_main_thread_itself_is_no_wait(verify):
    app = "import threading\nthread = threading.Thread(target=__import__, args=('colorsys',))\nthread.start()\n"
    app += "thread.join()\nimport one"
    code, found = verify({"app.py": app, "one.py": "import two", "two.py": "import one\nfrom one import __name__"})
    assert (code, found["waits"]) == (0, [])


def test_a_heavy_load_after_the_warmup_is_found(verify):
    app = f"{WARMED}assert warmup.wait(10)\nimport threading\n"
    app += "thread = threading.Thread(target=__import__, args=('heavy.part',))\nthread.start(); thread.join()\n"
    code, found = verify({"app.py": app, "heavy.py": "__path__ = ['parts']", "parts/part.py": ""})
    assert (code, [(one["name"], one["on_main"]) for one in found["lag"]]) == (1, [("heavy.part", False)])


def test_the_run_ends_when_all_is_warm_and_leaves_no_process(verify, tmp_path):
    app = f"import os\nopen('pid', 'w').write(str(os.getpid()))\n{WARMED}{RUNS_ON}"
    code, found = verify({"app.py": app}, config='[verify]\nuntil = "ready"')
    assert (code, found["record"]["ended"], found["elsewhere"] >= 1) == (0, "ready", True)
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


def test_a_job_that_fails_is_a_broken_invariant(verify):
    code, found = verify({"app.py": f"{WARMED}assert not warmup.wait(0) or True\nwarmup.wait(10)", "heavy.py": "1 / 0"})
    assert (code, found["record"]["failed"]) == (1, [["heavy", "ZeroDivisionError: division by zero"]])


def test_a_program_without_an_end_is_judged_when_the_time_is_over(verify):
    code, found = verify({"app.py": RUNS_ON}, "--until", "timeout", "--timeout", "0.5")
    assert (code, found["record"]["ended"]) == (0, "timeout")


def test_another_command_line_is_run_with_its_arguments(verify):
    files = {"app.py": "", "pk/__init__.py": "", "pk/__main__.py": "import sys\nassert sys.argv[1:] == ['--flag', 'x']"}
    assert verify(files, "--", "-m", "pk", "--flag", "x")[0] == 0
    files["other.py"] = "import sys, os\nassert sys.argv == ['other.py', '-v'], sys.argv\nassert __name__ == '__main__'"
    code, found = verify(files, "--", "other.py", "-v")
    assert (code, found["entry"]) == (0, "other.py")


def test_what_only_the_command_brings_in_is_ignored(verify):
    files = {"app.py": "import colorsys", "drive.py": "import driver\nimport app", "driver.py": "import wave"}
    config = '[verify]\ncommand = ["drive.py"]\nignore = ["driver", "app"]'
    assert verify(files, config=config)[1]["agrees"]


def test_a_record_survives_an_abrupt_exit(verify):
    code, found = verify({"app.py": "import os, light\nos._exit(0)", "light.py": ""})
    assert (code, found["on_main"]) == (0, 1)


@pytest.mark.parametrize(
    ("app", "arguments", "message"),
    [
        (
            "print('words'); raise SystemExit(3)",
            (),
            "cannot verify app.py: it ended with exit code 3; it said:\n  words",
        ),
        ("raise SystemExit(2)", (), "exit code 2, without arguments; give it some: behind the start after --"),
        ("raise SystemExit(2)", ("app.py", "--", "-x"), "it ended with exit code 2"),
        (RUNS_ON, ("--timeout", "0.5"), "0.5 s were over and it did not end; pass --until timeout"),
        (RUNS_ON, ("--until", "ready", "--timeout", "0.5"), "0.5 s were over and its warmup was not done"),
        ("", ("--until", "ready"), "it ended by itself before its warmup was done"),
        ("", ("--", "nowhere.py"), "nowhere.py: no such file"),
        ("", ("--", "-m"), "-m wants a module"),
    ],
)
def test_what_cannot_be_verified_exits_2_and_says_why(verify, app, arguments, message):
    path = Path(sys.executable)
    code, said = verify({"app.py": app}, *arguments)
    assert (code, message in str(said).replace(str(path), "")) == (2, True), said


def test_ctrl_c_leaves_no_process(write):
    root = write(
        {"importguard.toml": CONFIG, "app.py": f"open('pid', 'w').write(str(__import__('os').getpid()))\n{RUNS_ON}"}
    )
    process = subprocess.Popen([sys.executable, "-m", "importguard", "verify"], cwd=root, start_new_session=True)
    while not (root / "pid").is_file() or not (root / "pid").read_text():
        assert process.poll() is None
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    assert process.wait(20) == 130
    with pytest.raises(ProcessLookupError):
        os.kill(int((root / "pid").read_text()), 0)


def test_the_text_names_what_is_broken_and_where(run, write):
    write({"importguard.toml": CONFIG, "app.py": "def later():\n    __import__('hea' + 'vy')\nlater()", "heavy.py": ""})
    result = run("verify")
    assert result.returncode == 1
    assert "Heavy on the main thread, not predicted (1)" in result.stdout
    assert "app.py:2 in later" in result.stdout
    assert "✗ A broken invariant" in result.stdout


def test_an_unknown_key_of_the_verify_table_is_named(run, write):
    write({"importguard.toml": f"{CONFIG}[verify]\nuntill = 'exit'", "app.py": ""})
    assert "`verify.untill`: unknown key; did you mean `until`?" in run("verify").stderr


def test_a_program_that_never_starts_its_warmup_is_not_verified(run, write):
    write({"importguard.toml": f"{CONFIG}manifest = 'manifest.json'", "heavy.py": ""})
    write(
        {"app.py": "def go():\n    from importguard.warmup import require_warmed\n    return require_warmed('heavy')"}
    )
    result = run("verify")
    assert result.returncode == 1
    assert "The program ended without starting its warmup, so 1 of the 1 modules to warm were not" in result.stdout
    assert "Verified" not in result.stdout


def test_a_program_that_ends_before_its_warmup_is_not_verified(verify):
    files = {"heavy.py": "import gates\ngates.entered.set()\ngates.leave.wait(10)"}
    files["gates.py"] = "import threading\nentered, leave = threading.Event(), threading.Event()"
    files["app.py"] = f"import os, gates\n{WARMED}assert gates.entered.wait(10)\nos._exit(0)"
    code, found = verify(files)
    assert (code, found["unwarmed"]) == (1, ["heavy"])
    assert found["broken"] == [
        "The run ended before the warmup did: 1 of the 1 modules to warm were not ready (heavy)."
    ]


def test_many_light_modules_that_nobody_predicted_are_heavy_together(verify):
    files = {f"part{number}.py": "x = 1" for number in range(90)}
    files["names.txt"] = " ".join(files)
    files["app.py"] = "for name in open('names.txt').read().split():\n    __import__(name.removesuffix('.py'))"
    code, found = verify(files)
    assert (code, found["heavy_us"], found["broken"]) == (0, 30_000, [])
    code, found = verify(files, config="heavy_ms = 1.0\n")
    assert (code, found["light_us"] > 1000) == (1, True)
    assert not any(one["heavy"] for one in found["unpredicted"])
    (sentence,) = found["broken"]
    assert "loaded 90 modules that are not in the graph, about" in sentence
    assert "heavy_ms is 1:" in sentence
    ignored = ", ".join(f'"part{number}"' for number in range(90))
    assert verify(files, config=f"heavy_ms = 1.0\n[verify]\nignore = [{ignored}]\n")[0] == 0


@pytest.mark.parametrize("name", ["'a' + chr(0xd800)", "3"])
def test_a_program_that_puts_odd_names_into_sys_modules_is_verified_like_any_other(verify, name):
    code, found = verify({"app.py": f"import sys, types\nsys.modules[{name}] = types.ModuleType('x')"})
    assert (code, found["failed"]) == (0, False)


# Programs that say, leave and record what they like


@pytest.mark.parametrize(
    "code",
    [
        'import sys, types\nsys.modules["a\\ud800"] = types.ModuleType("x")',
        "import sys\nsys.modules[3] = 4",
        "import sys\nsys.modules[None] = sys.modules[b'x'] = sys.modules[()] = sys",
        "import colorsys\ncolorsys.__file__ = 3",
        "import colorsys\ncolorsys.__file__ = 'a\\ud800\\0'",
        "class Odd(str):\n    __lt__ = __gt__ = None\nimport sys\nsys.modules[Odd('x')] = sys",
    ],
)
def test_whatever_stands_in_sys_modules_is_recorded_or_left_out(verify, code):
    assert verify({"app.py": code})[0] == 0


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff", b'{"ended": "exit", "seconds": "x"}', b"[" * 100_000])
def test_a_damaged_record_exits_2(verify, content):
    code = "import os, sys\nout = sys.orig_argv[4]\nos.makedirs(os.path.dirname(out), exist_ok=True)\n"
    code += f"open(out, 'wb').write({content!r})\nos.kill(os.getpid(), 9)"
    code, said = verify({"app.py": code})
    assert (code, "the record of what it loaded is damaged" in said) == (2, True)


def test_a_pipe_in_the_place_of_the_record_exits_2(verify):
    code, said = verify({"app.py": "import os, sys\nos.mkfifo(sys.orig_argv[4])\nos.kill(os.getpid(), 9)"})
    assert (code, "not a regular file" in said) == (2, True)


def test_of_what_a_program_says_the_end_is_shown_and_no_more_is_kept(write, limited):
    lines = (
        "import sys\nfor _ in range(3000): sys.stdout.write('x' * 100_000)\nprint('\\nthe end')\nraise SystemExit(5)"
    )
    write({"importguard.toml": CONFIG, "heavy.py": "", "app.py": lines})
    done = limited(80, "verify")
    assert (done.returncode, "exit code 5" in done.stderr, "the end" in done.stderr) == (2, True, True)
    assert len(done.stderr) < 20_000


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere only the program's group is ended, as is documented")
def test_a_daemon_that_has_left_the_group_is_ended(verify, tmp_path):
    daemon = (
        "import os, sys, time\nif os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n"
        "        open('pid', 'w').write(str(os.getpid()))\n        time.sleep(600)\n    os._exit(0)\n"
        "while not os.path.exists('pid') or not open('pid').read(): time.sleep(0.01)\n"
    )
    assert verify({"app.py": daemon})[0] in {0, 1}
    number = int((tmp_path / "pid").read_text())
    state = Path(f"/proc/{number}/stat")
    assert not state.exists() or state.read_text().split()[2] == "Z"


@pytest.mark.skipif(sys.version_info < (3, 15), reason="lazy imports are of Python 3.15; CI runs it, too")
def test_the_first_uses_of_lazy_imports_are_those_of_the_projects_own_code(verify, run, tmp_path):
    venv.create(tmp_path / ".venv", symlinks=True)
    (installed,) = (tmp_path / ".venv").glob("lib*/python*/site-packages")
    files = {
        "app.py": "lazy import light\nimport _zoneinfo, lib\ndef use():\n    return light.x\nuse()",
        "light.py": "x = 1",
        f"{installed.relative_to(tmp_path)}/lib.py": "lazy import colorsys\ncolorsys.ONE_THIRD",
    }
    code, found = verify(files)
    (use,) = found["uses"]
    assert (code, use[0], tuple(use[3][0][1:3])) == (0, "light", (4, "use"))
    said = run("verify").stdout
    assert "Lazy imports that the main thread used (1)\n  light, " in said
    assert " ms, app.py:4 in use\n" in said
