"""IG201: a startup budget that is exceeded."""

from importguard import analyse, check, find_project

CODE = "IG201"

TWO = {"app.py": "import one", "one.py": ""}
REPORTS = {
    "modules": (TWO, "budget_modules = 1", ["app.py:1"]),
    "milliseconds": ({**TWO, "one.py": "import asyncio"}, "budget_ms = 1", ["app.py:1"]),
    "both": ({**TWO, "one.py": "import asyncio"}, "budget_modules = 1\nbudget_ms = 1", ["app.py:1", "app.py:1"]),
}
SILENT = {
    "no budget": (TWO,),
    "as many as allowed": (TWO, "budget_modules = 2"),
    "less than allowed": (TWO, "budget_ms = 1000"),
    "what a function imports does not count": ({**TWO, "app.py": "def f(): import one"}, "budget_modules = 1"),
}


def test_it_reports(places, reported):
    files, config, expected = reported
    assert places(files, config) == expected


def test_it_stays_silent(places, unreported):
    assert places(*unreported) == []


def exceeded(write, config):
    root = write(
        {**TWO, "one.py": "import asyncio", "importguard.toml": f'entry = "app.py"\nselect = ["IG201"]\n{config}'}
    )
    return check(analyse(find_project(root).start())).findings


def test_the_figures_are_those_of_the_start_and_of_the_budget(write):
    modules, cost = exceeded(write, "budget_modules = 1\nbudget_ms = 2\n")
    assert modules.message == f"the start loads {modules.module_count:,} modules, 1 are allowed"
    assert cost.message == f"the start loads an estimated {cost.cost_us / 1000:,.0f} ms, 2 ms are allowed"
    assert cost.cost_us > 5_000
    assert [finding.subject for finding in (modules, cost)] == ["budget_modules", "budget_ms"]


def test_a_budget_of_milliseconds_holds_to_the_microsecond(write):
    (over,) = exceeded(write, "budget_ms = 1\n")
    assert exceeded(write, f"budget_ms = {over.cost_us / 1000}\n") == ()
    assert len(exceeded(write, f"budget_ms = {(over.cost_us - 1) / 1000}\n")) == 1


def test_measured_costs_are_called_that(run, write):
    exceeded(write, "budget_ms = 1\n")
    assert run("measure", "--runs", "1").returncode == 0
    assert "the start loads a measured " in run("check").stdout
