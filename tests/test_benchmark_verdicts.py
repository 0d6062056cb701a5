"""How `scripts/benchmark_verdicts.py` judges a verdict."""

import json
import sys
from collections.abc import Collection
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec
import pytest
from asking import Answer, bare_modules
from verdicts.cutting import CutProgram, cut_out, stub, without
from verdicts.generated import Generated, Policy, draw_policy, installed, lines_of, programs
from verdicts.generated import Package as Offered
from verdicts.invariants import Start, examine, examine_sum
from verdicts.judging import Judged, judge, summary
from verdicts.record import Program, Saving, Statement, read_programs


def record(config: str = "", **packages: dict[str, Any]) -> Program:
    """A program of two lines over *packages*."""
    document = {
        "name": "one",
        "files": {"main.py": "import dear\nimport light\n"},
        "config": config or None,
        "entry": {"script": "main.py"},
        "packages": packages,
        "heavy": {},
    }
    return msgspec.convert(document, Program)


def package(saves_us: int, modules: int, *lines: int, **more: Any) -> dict[str, Any]:
    statements = [["main.py", line] for line in lines]
    single = [{"saves_us": saves_us, "modules": modules}] if len(lines) == 1 else [{} for _ in lines]
    return {"saves_us": saves_us, "modules": modules, "statements": statements, "single": single, **more}


def finding(subject: str, line: int, modules: int, cost_us: int = 0, **more: Any) -> dict[str, Any]:
    return {
        "code": "IG101",
        "subject": subject,
        "path": "main.py",
        "line": line,
        "modules": modules,
        "cost_us": cost_us,
        **more,
    }


def verdict(*findings: dict[str, Any], **more: Any) -> Answer:
    return Answer(int(bool(findings)), {"findings": findings, **more})


def never(statements: Collection[Statement]) -> Saving:
    raise AssertionError(f"the record holds {statements}")


DEAR = package(80_000, 90, 1)


def test_verdict_that_names_the_dear_package_is_right() -> None:
    judged = judge(record(dear=DEAR), verdict(finding("dear", 1, 90)), never)
    assert (judged.right, judged.marks()) == (True, [])


def test_clean_verdict_on_a_dear_package_is_a_false_green() -> None:
    judged = judge(record(dear=DEAR), verdict(), never)
    assert judged.marks() == ["FALSE GREEN", "MISSED PACKAGE dear"]


def test_dear_package_of_few_modules_is_missed_without_a_false_green() -> None:
    judged = judge(record(dear=package(80_000, 5, 1)), verdict(), never)
    assert judged.marks() == ["MISSED PACKAGE dear"]


@pytest.mark.parametrize(
    ("config", "packages"),
    [
        ('allow = ["dear"]', {"dear": DEAR}),
        ("", {"dear": package(29_999, 90, 1)}),
        ("", {"dear": {**DEAR, "error": "NameError"}}),
        ("", {"dear": {**DEAR, "first_party": True, "own_us": 29_999, "own_modules": 90}}),
    ],
    ids=["allowed", "under the threshold", "cannot be cut", "the program's own, light itself"],
)
def test_nothing_is_asked_of_a_package(config: str, packages: dict[str, Any]) -> None:
    assert judge(record(config, **packages), verdict(), never).right


def test_promise_of_more_than_twice_what_goes_is_a_false_red() -> None:
    judged = judge(record(dear=DEAR), verdict(finding("dear", 1, 181)), never)
    assert judged.marks() == ["FALSE RED dear: promised 181 modules, really 90"]


def test_finding_of_a_light_package_is_a_light_red() -> None:
    program = record(light=package(9_000, 8, 2))
    assert judge(program, verdict(finding("light", 2, 8)), never).marks() == ["LIGHT RED light: really 9 ms"]


def test_light_package_that_heavy_names_is_no_light_red() -> None:
    program = record('heavy = ["light"]', light=package(9_000, 8, 2))
    assert judge(program, verdict(finding("light.part", 2, 8)), never).right


def test_heavy_name_that_no_finding_is_about_is_missed() -> None:
    program = msgspec.structs.replace(
        record('heavy = ["inner"]', light=package(9_000, 8, 2)),
        heavy=msgspec.convert({"inner": {"modules": 3, "removed_by": ["light"]}}, Program.__annotations__["heavy"]),
    )
    assert judge(program, verdict(), never).marks() == ["FALSE GREEN", "MISSED HEAVY inner"]
    assert not judge(program, verdict(finding("light", 2, 8)), never).missed_heavy


def test_statements_of_a_finding_count_before_its_line() -> None:
    statements = [{"path": "main.py", "line": 1}, {"path": "main.py", "line": 2}]
    program = record(dear=package(80_000, 90, 1, 2))
    assert judge(program, verdict(finding("other", 9, 90, statements=statements)), never).right


def test_set_that_the_record_lacks_is_cut() -> None:
    asked: list[Collection[Statement]] = []

    def cut(statements: Collection[Statement]) -> Saving:
        asked.append(statements)
        return Saving(saves_us=50_000, modules=40)

    judged = judge(record(dear=package(80_000, 90, 1)), verdict(finding("dear", 2, 40)), cut)
    assert asked == [{("main.py", 2)}]
    assert (judged.promises[0].deviation, judged.right) == (0.0, True)


def test_finding_outside_the_program_cannot_be_cut() -> None:
    judged = judge(record(dear=DEAR), verdict(finding("dear", 1, 90, path="elsewhere.py")), never)
    assert judged.promises[0].cut is None


def test_no_verdict_is_a_failure() -> None:
    assert judge(record(dear=DEAR), Answer(2, {}, "exit 2: no"), never).marks() == ["FAILED exit 2: no"]


def test_summary_counts_over_all_programs() -> None:
    wanted = record(dear=DEAR)
    judged: list[Judged] = [judge(wanted, verdict(finding("dear", 1, 100)), never), judge(wanted, verdict(), never)]
    text = summary([wanted, wanted], judged)
    assert "right 1 (0.500)" in text
    assert "false green 1 " in text
    assert "packages missed 1 of 2 " in text
    assert "promised against cut modules 10.0%" in text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("import a, b.c\nx = 1\n", "X[a,b.c]\nx = 1\n"),
        ("é = 1; import a; y = 2\n", "é = 1; X[a]; y = 2\n"),
        ("from a import (\n    b,\n    c,\n)\nz = 3\n", "X[b,c]\n\n\n\nz = 3\n"),
        ("import a; import b\n", "X[a]; X[b]\n"),
    ],
)
def test_other_lines_stay_where_they_were(text: str, expected: str) -> None:
    assert cut_out(text, {1}, lambda node: f"X[{','.join(alias.name for alias in node.names)}]") == expected


def test_program_runs_on_without_its_statements() -> None:
    text = (
        "import gone.deep as deep\nfrom gone import Base\nclass One(Base):\n    x = deep.call()[0] | None\nprint(One)\n"
    )
    files = without({"main.py": text}, {("main.py", 1), ("main.py", 2)})
    names: dict[str, Any] = {"__name__": "main"}
    stubs = ModuleType("cut_away")
    exec(files["cut_away.py"], vars(stubs))
    names["__builtins__"] = {**vars(__import__("builtins")), "__import__": lambda name: stubs}
    exec(files["main.py"], names)
    assert names["One"] is not None
    exec(without({"main.py": "from gone import A, B\nclass Two(A, B): ...\n"}, {("main.py", 1)})["main.py"], names)
    assert names["Two"].__name__ == "Two"


def test_dotted_import_leaves_the_name_that_is_bound() -> None:
    text = cut_out("import a.b\n", {1}, stub)
    names: dict[str, Any] = {"a": "bound"}
    names["__builtins__"] = {**vars(__import__("builtins")), "__import__": lambda _: type("m", (), {"Anything": None})}
    exec(text, names)
    assert names["a"] == "bound"


def test_cut_saves_what_nothing_else_imports() -> None:
    files = {
        "main.py": "import one\nimport two\n",
        "one.py": "import colorsys, shared\n",
        "two.py": "import shared\n",
        "shared.py": "",
    }
    python = Path(sys.executable)
    program = msgspec.structs.replace(record(), files=files)
    made = CutProgram(python, program, bare_modules(python))
    assert made.saves({("main.py", 1)}).modules == 2
    assert made.saves({("main.py", 1), ("main.py", 2)}).modules == 4
    assert made.saves({("main.py", 3)}).modules == 0


def test_cut_that_makes_the_program_fail_says_so() -> None:
    program = msgspec.structs.replace(record(), files={"main.py": "import colorsys\nassert colorsys.__name__\n1 / 0\n"})
    made = CutProgram(Path(sys.executable), program, frozenset())
    assert made.saves({("main.py", 1)}).error == "ZeroDivisionError: division by zero"


def test_generated_statements_import_what_they_are_listed_for() -> None:
    offered = [Offered(name, (f"from {name}.part import thing",)) for name in ("p", "q", "r", "s", "t")]
    made = programs(offered, 60, seed=3)
    assert sum(one.lines for one in made) >= 60
    assert made == programs(offered, 60, seed=3)
    assert made != programs(offered, 60, seed=4)
    for one in made:
        for name, statements in one.statements.items():
            for path, line in statements:
                words = one.files[path].splitlines()[line - 1].split()
                assert words[1].partition(".")[0] == name


def test_packages_of_a_namespace_are_offered_by_their_own_names() -> None:
    offered = installed(Path(sys.executable))
    assert "google" not in offered
    assert [(folder / "types.py").is_file() for folder in offered["google.genai"]] == [True]
    assert offered["typing_extensions"] == []


def test_offered_lines_name_public_modules_and_names(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "__init__.py").write_text("def top(): pass\n")
    (tmp_path / "sub" / "__init__.py").write_text("class Inner: pass\nclass _Hidden: pass\n")
    (tmp_path / "_private.py").write_text("def hidden(): pass\n")
    (tmp_path / "broken.py").write_text("def (:\n")
    assert list(lines_of("pkg", [tmp_path])) == ["from pkg import top", "from pkg.sub import Inner"]


# The model that the invariants are tried on: which modules a statement brings, and what each costs.
COSTS = {"dear": 20_000, "dear.part": 15_000, "base": 40_000, "cheap": 1_000}
BRINGS: dict[Statement, set[str]] = {
    ("left.py", 1): {"dear", "dear.part", "base"},
    ("right.py", 1): {"dear", "base"},
    ("right.py", 2): {"cheap"},
}


def rework(statements: Collection[Statement]) -> Start:
    loaded = set().union(*(names for place, names in BRINGS.items() if place not in statements))
    return Start({name: us for name, us in COSTS.items() if name in loaded} | {"__main__": 100})


MODEL = Generated(
    "model",
    {"left.py": "import dear.part\n", "right.py": "import dear\nimport cheap\n"},
    {"dear": (("left.py", 1), ("right.py", 1)), "cheap": (("right.py", 2),)},
)

FREE = Policy()
BOTH = [{"path": "left.py", "line": 1}, {"path": "right.py", "line": 1}]
TRUE_FINDING = finding("dear", 1, 3, 75_000, path="left.py", statements=BOTH)
TRUE_STEP = {"subject": "dear", "statements": BOTH, "saves_us": 75_000, "modules": 3, "remains_us": 1_100}


def entry(steps: list[dict[str, Any]], rest: tuple[int, int], **more: Any) -> dict[str, Any]:
    """A start with a plan: its *rest* in µs and modules."""
    left = [{"subject": "cheap", "cost_us": rest[0], "modules": rest[1]}]
    return {
        "cost_us": 76_100,
        "modules": 5,
        "plan": {"steps": steps, "allowed": [], "conditional": [], "rest": left},
        **more,
    }


def broken(findings: list[dict[str, Any]], steps: list[dict[str, Any]], policy: Policy = FREE) -> set[str]:
    """The kinds of invariants that a verdict on the model breaks."""
    rest = 76_100 - sum(step["saves_us"] for step in steps), 5 - sum(step["modules"] for step in steps)
    start = entry(steps, rest)
    answer = verdict(*findings, entries=[start], **start)
    return {one.kind for one in examine(MODEL, policy, answer, rework)}


def test_true_verdict_breaks_no_invariant() -> None:
    assert broken([TRUE_FINDING], [TRUE_STEP]) == set()


def test_dear_package_without_a_finding_is_a_false_green() -> None:
    assert broken([], [TRUE_STEP]) == {"false green"}


def test_plan_that_stops_early_leaves_something_over() -> None:
    assert broken([TRUE_FINDING], []) == {"left over"}


def test_promise_is_compared_in_modules_and_cost() -> None:
    assert broken([{**TRUE_FINDING, "modules": 6}], [TRUE_STEP]) == {"false promise"}
    assert broken([{**TRUE_FINDING, "cost_us": 35_000}], [TRUE_STEP]) == {"false promise"}


def test_statement_saves_alone_what_it_says() -> None:
    alone = [{**BOTH[0], "modules": 1, "saves_us": 15_000}, {**BOTH[1], "modules": 0, "saves_us": 0}]
    assert broken([{**TRUE_FINDING, "statements": alone}], [TRUE_STEP]) == set()
    alone = [{**BOTH[0], "modules": 3, "saves_us": 75_000}, BOTH[1]]
    assert broken([{**TRUE_FINDING, "statements": alone}], [TRUE_STEP]) == {"false alone"}


def test_subject_has_to_be_gone_without_the_statements() -> None:
    one = {**TRUE_FINDING, "statements": BOTH[:1], "modules": 1, "cost_us": 15_000}
    assert broken([one], [TRUE_STEP]) == {"not gone"}


def test_statement_without_which_the_subject_is_gone_already_is_too_many() -> None:
    more = [*BOTH, {"path": "right.py", "line": 2}]
    one = {**TRUE_FINDING, "statements": more, "modules": 4, "cost_us": 76_000}
    assert broken([one], [TRUE_STEP]) == {"too many"}


def test_step_and_sum_are_worked_out_again() -> None:
    assert broken([TRUE_FINDING], [{**TRUE_STEP, "modules": 9}]) == {"step"}
    assert broken([TRUE_FINDING], [{**TRUE_STEP, "remains_us": 5_000}]) == {"sum"}


def test_parts_of_a_plan_are_the_start_in_cost_and_modules() -> None:
    right = entry([TRUE_STEP], (1_100, 2))
    assert examine_sum({"entries": [right, entry([], (76_100, 5))]}) == []
    for rest in ((1_000, 2), (1_100, 1)):
        assert [one.kind for one in examine_sum({"entries": [right, entry([TRUE_STEP], rest)]})] == ["sum"]


def test_what_hangs_on_a_condition_never_remains() -> None:
    conditional = [{"subject": "other", "cost_us": 1_000, "modules": 1}]
    plan = {"steps": [{**TRUE_STEP, "remains_us": 100}], "allowed": [], "conditional": conditional, "rest": []}
    plan["rest"] = [{"subject": "main", "cost_us": 100, "modules": 1}]
    assert examine_sum({"entries": [{"cost_us": 76_100, "modules": 5, "plan": plan}]}) == []


def test_second_step_is_judged_after_the_first() -> None:
    second = {"subject": "cheap", "statements": [{"path": "right.py", "line": 2}], "saves_us": 1_000, "modules": 1}
    assert broken([TRUE_FINDING], [TRUE_STEP, {**second, "remains_us": 100}]) == set()


def test_what_two_packages_share_is_left_over() -> None:
    sharing = Generated("sharing", MODEL.files, {"a": (("left.py", 1),), "b": (("right.py", 1),)})
    found = examine(sharing, Policy(), verdict(entries=[]), rework)
    assert [(one.kind, one.text) for one in found] == [("left over", "a and b: 60 ms after the plan")]


def test_allowed_package_is_asked_of_nobody() -> None:
    assert broken([], [], Policy(allow=("dear",))) == set()


def test_heavy_name_has_to_go_with_the_findings() -> None:
    heavy = Policy(heavy=("base",))
    assert broken([TRUE_FINDING], [TRUE_STEP], heavy) == set()
    one = {**TRUE_FINDING, "statements": BOTH[:1], "modules": 1, "cost_us": 15_000, "subject": "dear.part"}
    assert broken([one], [TRUE_STEP], heavy) == {"heavy missed"}


def test_heavy_name_that_an_allowed_package_needs_may_stay() -> None:
    assert broken([], [], Policy(allow=("dear",), heavy=("base",))) == set()


def test_policy_names_a_package_that_only_others_import() -> None:
    drawn = [draw_policy(Generated(str(number), {}, MODEL.statements), {"dear", "base"}) for number in range(40)]
    policies = [policy for policy in drawn if policy is not None]
    assert {policy.heavy for policy in policies} == {("base",)}
    assert {policy.allow for policy in policies} == {(), ("dear",), ("cheap",)}
    assert draw_policy(Generated("1", {}, MODEL.statements), {"dear"}) is None


def test_recorded_programs_are_complete() -> None:
    recorded = read_programs()
    assert len(recorded) == 64
    assert sum(len(one.demanded) for one in recorded) == 61
    assert all(json.dumps(one.files) for one in recorded)
