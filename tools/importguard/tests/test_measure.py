"""`importguard measure`: the one command that runs what it looks at, and the file it leaves."""

import json
import os
import signal
import subprocess
import sys

import msgspec
import pytest

from importguard.costs.measured import MeasuredCosts, Package, installed_versions, machine_scale, read_costs, rounded
from importguard.target.environment import probe

APP = {
    "app.py": "import slow, quick",
    "slow.py": "import time\ntime.sleep(0.2)",
    "quick.py": "",
    "importguard.toml": 'entry = "app.py"',
}


def test_what_is_slow_is_measured_as_slow_and_then_found(run, write, tmp_path):
    write(APP)
    assert run("check").returncode == 0
    measured = run("measure", "--runs", "2")
    assert (measured.returncode, "Wrote importguard.costs.json: 2 of 2 modules" in measured.stdout) == (0, True)
    costs = read_costs(tmp_path / "importguard.costs.json")
    assert costs.self_us["slow"] >= 200_000
    write({"importguard.toml": 'entry = "app.py"\nbudget_ms = 100'})
    assert "IG201 the start loads an estimated" not in run("check").stdout
    assert "IG201 the start loads a measured 2" in run("check").stdout


def test_a_script_is_not_run_itself(run, write, tmp_path):
    write({**APP, "app.py": "import quick\nopen('ran', 'w')"})
    run("measure", "--runs", "1")
    assert not (tmp_path / "ran").exists()


def test_a_module_that_fails_is_named_and_the_rest_is_kept(run, write, tmp_path):
    write({**APP, "app.py": "import bad, quick", "bad.py": "raise ValueError('no licence')"})
    result = run("measure", "--runs", "1")
    assert "bad: ValueError: no licence" in result.stderr
    assert "quick" in read_costs(tmp_path / "importguard.costs.json").self_us


ENDINGS = {
    "exit": ("import os\nos._exit(3)", "ended the process with exit code 3"),
    "signal": ("import os\nos.kill(os.getpid(), 11)", "ended the process by SIGSEGV"),
    "hang": ("import time\ntime.sleep(60)", "took more than 2 s and was ended"),
    "hang with children": (
        "import os, time\nos.fork()\ntime.sleep(60)",
        "took more than 2 s and was ended",
    ),
}


@pytest.mark.parametrize(("body", "said"), ENDINGS.values(), ids=ENDINGS.keys())
def test_a_module_that_crashes_or_hangs_is_named_and_the_rest_is_kept(run, write, tmp_path, body, said):
    write({"app.py": "import fine, needs_it", "fine.py": "", "needs_it.py": "import pkg.bad", "pkg/__init__.py": ""})
    write({"pkg/bad.py": body, "importguard.toml": 'entry = "app.py"'})
    result = run("measure", "--runs", "1", "--timeout", "2")
    assert (result.returncode, f"importguard: pkg.bad: {said} while it was imported; left out" in result.stderr) == (
        0,
        True,
    )
    measured = read_costs(tmp_path / "importguard.costs.json").self_us
    assert ("fine" in measured, "pkg" in measured, "pkg.bad" in measured) == (True, True, False)


def test_too_many_modules_that_crash_are_told_and_nothing_is_written(run, write, tmp_path):
    names = [f"bad_{number}" for number in range(7)]
    write({**{f"{name}.py": "import os\nos._exit(3)" for name in names}, "app.py": f"import {', '.join(names)}"})
    write({"importguard.costs.json": "{}"})
    result = run("measure", "app.py", "--runs", "1")
    assert (result.returncode, "bad_4: ended the process with exit code 3" in result.stderr) == (2, True)
    assert (tmp_path / "importguard.costs.json").read_text() == "{}"


def test_what_modules_print_is_no_fault(run, write):
    write({**APP, "quick.py": "print('quick: Error: hello')"})
    assert run("measure", "--runs", "1").stderr == ""


LOUD = "import os\nfor _ in range(150):\n    os.write({stream}, b'x' * 999_999 + b'{end}')\n"


@pytest.mark.timeout(240)
@pytest.mark.parametrize(("stream", "end"), [(1, "\\n"), (2, "\\n"), (2, "x")], ids=["out", "err", "one line"])
def test_what_modules_print_takes_no_memory(write, limited, tmp_path, stream, end):
    write({**APP, "app.py": "import loud, quick", "loud.py": LOUD.format(stream=stream, end=end)})
    done = limited(100, "measure", "--runs", "1")
    assert done.returncode == 0, done.stderr
    assert "Wrote importguard.costs.json: 2 of 2 modules" in done.stdout
    assert set(read_costs(tmp_path / "importguard.costs.json").self_us) == {"loud", "quick"}


def test_ctrl_c_ends_what_runs_and_leaves_the_costs_as_they_were(write, tmp_path):
    write(
        {
            **APP,
            "quick.py": "import os, time\nopen('%s', 'w').write(str(os.getpid()))\ntime.sleep(60)" % (tmp_path / "pid"),
        }
    )
    write({"importguard.costs.json": "old"})
    command = [sys.executable, "-m", "importguard", "measure"]
    with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True, start_new_session=True) as process:
        while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text():
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=240)
    assert (process.returncode, "Traceback" in said) == (130, False)
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)
    assert (tmp_path / "importguard.costs.json").read_text() == "old"
    assert {path.name for path in tmp_path.iterdir() if path.suffix != ".pyc"} <= {
        *APP,
        "importguard.costs.json",
        "pid",
        "__pycache__",
    }


@pytest.mark.parametrize("content", ["", "{", '{"schema": 1}', '{"schema": 9, "python": "", "platform": ""}'])
def test_a_damaged_costs_file_exits_2(run, write, content):
    write({**APP, "importguard.costs.json": content})
    result = run("check")
    assert (result.returncode, "run: importguard measure" in result.stderr) == (2, True)
    assert run("measure", "--runs", "1").returncode == 0
    assert "IG101 slow is imported eagerly" in run("check").stdout  # by what was measured


def test_numbers_are_rounded_so_that_the_file_stays_the_same():
    assert [rounded(us) for us in (0.4, 7, 83, 947, 1234.5, 98_765)] == [0, 7, 83, 950, 1200, 99_000]


def test_costs_hold_for_the_same_packages_and_are_estimates_with_another_python():
    environment = probe(sys.executable)
    version = installed_versions(environment)["click"]
    packages = {"click": Package(version, ("click",)), "rich": Package("0.1", ("rich",))}
    costs = {"click": 1, "click.core": 2, "rich.table": 3, "json": 4}
    measured = MeasuredCosts(1, environment.version, environment.platform, True, 1, packages, costs)
    installed = installed_versions(environment)
    valid = measured.valid_in(environment, installed)
    assert {name: (cost.self_us, cost.source) for name, cost in valid.items()} == {
        "click": (1, "measured"),
        "click.core": (2, "measured"),
        "json": (4, "measured"),
    }
    other = msgspec.structs.replace(environment, version="3.9.1")
    valid = measured.valid_in(other, installed)
    assert {name: (cost.self_us, cost.source) for name, cost in valid.items()} == {
        "click": (1, "estimated"),
        "click.core": (2, "estimated"),
        "json": (4, "estimated"),
    }
    elsewhere = msgspec.structs.replace(environment, platform="win32")
    assert (measured.valid_in(elsewhere, installed), measured.scale_in(elsewhere)) == ({}, 1.0)


@pytest.mark.parametrize(
    ("changed", "found"), [({"python": "3.9.1"}, "ms estimated"), ({"platform": "win32"}, None), ({}, "ms measured")]
)
def test_what_was_measured_with_another_python_is_found_as_estimated(run, write, tmp_path, changed, found):
    write(APP)
    run("measure", "--runs", "1")
    file = tmp_path / "importguard.costs.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | changed))
    result = run("check")
    assert ("slow is imported eagerly" in result.stdout, result.returncode) == (bool(found), int(bool(found)))
    assert (found or "Clean") in result.stdout


def test_one_number_scales_the_estimate_of_what_is_not_measured():
    estimated = {"a": 1000, "b": 2000, "sleeps": 100, "unknown": 50}
    assert machine_scale({"a": 2500, "b": 5100, "sleeps": 900_000, "gone": 5}, estimated) == 2.5
    assert machine_scale({}, estimated) == 1.0


def test_the_scale_of_this_machine_holds_for_what_has_changed(run, write, tmp_path):
    write(APP)
    run("measure", "--runs", "1")
    document = json.loads((tmp_path / "importguard.costs.json").read_text())
    assert document["scale"] > 0
    del document["self_us"]["quick"]
    cost = {}
    for scale in (1.0, 4.0):
        (tmp_path / "importguard.costs.json").write_text(json.dumps({**document, "scale": scale}))
        modules = json.loads(run("graph", "--format", "json").stdout)["modules"]
        cost[scale] = {module["name"]: module["cost_us"] for module in modules}
    assert cost[4.0]["quick"] == 4 * cost[1.0]["quick"]
    assert cost[4.0]["slow"] == cost[1.0]["slow"]


def test_a_measurement_without_bytecode_says_so(run, write, tmp_path):
    write({**APP, "__pycache__": ""})  # a file where the folder would be
    result = run("measure", "--runs", "1")
    assert "not all of it has bytecode" in result.stderr
    assert read_costs(tmp_path / "importguard.costs.json").bytecode is False


def test_the_file_is_sorted_and_names_where_it_was_measured(run, write, tmp_path):
    write(APP)
    run("measure", "--runs", "1")
    document = json.loads((tmp_path / "importguard.costs.json").read_text())
    assert list(document["self_us"]) == sorted(document["self_us"])
    assert (document["bytecode"], document["runs"], document["platform"]) == (True, 1, sys.platform)
