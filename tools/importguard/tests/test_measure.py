"""`importguard measure`: the one command that runs what it looks at, and the file it leaves."""

import json
import sys

import msgspec
import pytest

from importguard.costs.measured import MeasuredCosts, Package, installed_versions, read_costs, rounded
from importguard.environment import probe

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


@pytest.mark.parametrize(
    ("body", "said"),
    [("import os\nos._exit(3)", "exit code 3"), ("import time\ntime.sleep(60)", "more than 1 s")],
)
def test_a_crash_or_a_hang_is_told_and_nothing_is_written(run, write, tmp_path, body, said):
    write({**APP, "app.py": "import bad", "bad.py": body})
    result = run("measure", "--runs", "1", "--timeout", "1")
    assert (result.returncode, said in result.stderr) == (2, True)
    assert not (tmp_path / "importguard.costs.json").exists()


@pytest.mark.parametrize("content", ["", "{", '{"schema": 1}', '{"schema": 9, "python": "", "platform": ""}'])
def test_a_damaged_costs_file_exits_2(run, write, content):
    write({**APP, "importguard.costs.json": content})
    result = run("check")
    assert (result.returncode, "run: importguard measure" in result.stderr) == (2, True)


def test_numbers_are_rounded_so_that_the_file_stays_the_same():
    assert [rounded(us) for us in (0.4, 7, 83, 947, 1234.5, 98_765)] == [0, 7, 83, 950, 1200, 99_000]


def test_costs_of_a_changed_package_or_another_python_do_not_hold():
    environment = probe(sys.executable)
    version = installed_versions(environment)["click"]
    packages = {"click": Package(version, ("click",)), "rich": Package("0.1", ("rich",))}
    costs = {"click": 1, "click.core": 2, "rich.table": 3, "json": 4}
    measured = MeasuredCosts(1, environment.version, environment.platform, True, 1, packages, costs)
    installed = installed_versions(environment)
    assert measured.valid_in(environment, installed) == {"click": 1, "click.core": 2, "json": 4}
    other = msgspec.structs.replace(environment, version="3.9.1")
    assert measured.valid_in(other, installed) == {}


def test_the_file_is_sorted_and_names_where_it_was_measured(run, write, tmp_path):
    write(APP)
    run("measure", "--runs", "1")
    document = json.loads((tmp_path / "importguard.costs.json").read_text())
    assert list(document["self_us"]) == sorted(document["self_us"])
    assert (document["bytecode"], document["runs"], document["platform"]) == (True, 1, sys.platform)
