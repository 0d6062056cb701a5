"""How `scripts/benchmark_starts.py` compares a graph with what a start loads."""

from typing import Any

import msgspec
import pytest
from asking import Answer
from starts.cases import Case, Outcome, compare, read_cases
from starts.cases import summary as summary_of_cases
from starts.truth import Record, read_programs, read_truth, score_start
from starts.truth import summary as summary_of_starts

CASE = Case("one", {"main.py": "", "pkg/__init__.py": ""}, frozenset({"m1", "m2", "json", "sys"}))


def graph(certain: str = "", possible: str = "", deferred: str = "", **more: Any) -> Answer:
    """A graph with these modules, named in one text each."""
    listed = [(name, "eager", "certain") for name in certain.split()]
    listed += [(name, "eager", "possible") for name in possible.split()]
    listed += [(name, "deferred", "certain") for name in deferred.split()]
    modules = [{"name": name, "reach": reach, "certainty": sure, "cost_us": 10} for name, reach, sure in listed]
    return Answer(0, {"modules": modules, "unresolved": [], **more})


def outcome(answer: Answer, **changes: Any) -> Outcome:
    return compare(msgspec.structs.replace(CASE, **changes), answer, frozenset({"sys"}))


def test_graph_with_the_loaded_modules_is_right() -> None:
    assert outcome(graph("__main__ m1 m2 json", deferred="m3")).kind == "right"


@pytest.mark.parametrize(
    ("certain", "possible", "kind"),
    [
        ("m1 m2 json m3", "", "wrong-certain"),
        ("m1 m3", "", "wrong-certain"),
        ("m1 json", "m3", "missed"),
        ("m1 m2 json", "m3", "wide"),
        ("m1 m2", "json", "right"),
    ],
)
def test_the_worst_difference_names_the_case(certain: str, possible: str, kind: str) -> None:
    assert outcome(graph(certain, possible)).kind == kind


def test_miss_is_silent_unless_the_graph_names_a_place() -> None:
    stop = [{"path": "main.py", "line": 1, "reason": "not followed"}]
    assert outcome(graph("m1 json")).silent
    assert not outcome(graph("m1 json", stops=stop)).silent
    assert not outcome(graph("m1 json", unresolved=stop)).silent
    assert not outcome(graph("m1 m2 json")).silent


def test_only_own_modules_are_compared_where_the_case_says_so() -> None:
    assert (
        outcome(graph("m1 m2 pkg email"), compare="own", eager=frozenset({"m1", "m2", "json", "pkg"})).kind == "right"
    )


def test_aliases_and_failed_modules_are_not_compared() -> None:
    changes = {"aliases": frozenset({"json"}), "gone": frozenset({"m3"})}
    assert outcome(graph("m1 m2 m3"), **changes).kind == "right"


def test_no_graph_is_a_failure() -> None:
    assert outcome(Answer(2, {}, "exit 2: no")).kind == "failure"


def test_shares_are_of_all_cases() -> None:
    outcomes = [outcome(graph("m1 m2 json")), outcome(graph("m1 m2 json", stops=[{}])), outcome(graph("m1 m3"))]
    text = summary_of_cases([*outcomes, outcome(graph())])
    assert text.startswith("cases 4  right 0.500  wide 0.000  wrong-certain 0.250  missed 0.250  failure 0.000")
    assert text.endswith("silent 0.500  named though nothing is missed 0.500")


def record(**start: Any) -> Record:
    """A record of one start that loads two modules and an alias."""
    modules = {"app": 300, "app.dear": 700, "app.alias": None}
    given = {
        "kind": "command",
        "name": "app",
        "args": ["--version"],
        "cwd": "",
        "waits": False,
        "modules": modules,
        "gone": {"app.failed": 500},
        "other_threads": ["app.thread"],
        **start,
    }
    document = {"python": "3.11.7", "bare": ["sys"], "bare_run_module": ["runpy"], "starts": {"one": given}}
    return msgspec.convert(document, Record)


def test_scores_are_of_modules_that_the_import_system_reported() -> None:
    truth = record()
    found = score_start("one", truth, graph("app app.alias app.thread sys", "app.failed"), truth.prices())
    assert (found.row.certain.precision, found.row.certain.recall, found.row.certain.cost_recall) == (1.0, 0.5, 0.3)
    assert (found.row.both.precision, found.row.both.false_cost) == (0.5, 0.5)
    assert (found.missed, found.false, found.silent) == (("app.dear",), ("app.failed",), 1)


def test_what_python_m_loads_itself_is_not_counted() -> None:
    truth = record(kind="run_module")
    assert not score_start("one", truth, graph("app app.dear runpy"), truth.prices()).false
    truth = record()
    assert score_start("one", truth, graph("app app.dear runpy"), truth.prices()).false == ("runpy",)


def test_missing_option_explains_no_miss() -> None:
    truth = record()
    option = {"optional": True, "reason": "not found in the target environment"}
    for place, expected in ((option, (0, 1)), ({"optional": False, "reason": "computed"}, (0, 0))):
        found = score_start("one", truth, graph("app", unresolved=[place]), truth.prices())
        assert (found.silent, found.hushed) == expected


def test_start_without_a_graph_misses_everything_aloud() -> None:
    truth = record()
    found = score_start("one", truth, Answer(2, {}, "exit 2: no"), truth.prices())
    assert (found.row.both.recall, found.row.both.precision, len(found.missed), found.silent) == (0.0, 0.0, 2, 0)
    assert summary_of_starts([found]) == "starts 1  failures 1  missed 2  silent 0 in 0 starts  hushed 0 in 0"


@pytest.mark.parametrize(
    ("start", "folder", "arguments"),
    [
        ({"kind": "script", "name": "site/web/app.py"}, "site/web", ["app.py"]),
        ({"kind": "script", "name": "site/manage.py", "cwd": "site"}, "site", ["manage.py"]),
        ({"kind": "command"}, "empty", ["--command", "app"]),
        ({"kind": "run_module", "cwd": "site"}, "site", ["-m", "app"]),
        ({"kind": "import"}, "empty", ["--import", "app"]),
    ],
)
def test_start_is_asked_for_as_it_was_made(start: dict[str, Any], folder: str, arguments: list[str]) -> None:
    one = record(**start).starts["one"]
    assert (one.folder, one.arguments(with_args=False)) == (folder, arguments)
    assert one.arguments(with_args=True) == [*arguments, "--", "--version"]


def test_records_are_complete() -> None:
    starts, programs = read_truth().starts, read_programs()
    assert (len(starts), len({one.name for one in read_cases()})) == (83, 398)
    assert [one.name for one in starts.values() if one.kind == "script" and one.name not in programs] == []
    folders = {one.folder for one in starts.values()} - {"empty"}
    assert [folder for folder in folders if not any(path.startswith(f"{folder}/") for path in programs)] == []
