"""The ledger on the disk: what is reserved, settled and summed, by several programs, whatever breaks."""

import csv
import io
import subprocess
import sys

import pytest
from src.chat import Usage
from src.models.prices import Caps, Money, Spent, Sums, over_cap
from src.spending import report
from src.spending.entries import Entry, Order, day_of
from src.spending.ledger import Ledger
from tests.repository import ROOT

NO_CAPS = Caps(None, None, Spent())
DOLLAR = 1_000_000_000


def order(usd=1.0, **fields):
    return Order("anthropic", "m", "talk", "/p", "reply", Money(round(usd * DOLLAR)))._replace(**fields)


def opened(tmp_path):
    ledger = Ledger(lambda: None)
    ledger.load(str(tmp_path / "data/ledger.jsonl"))
    return ledger


@pytest.fixture
def ledger(tmp_path):
    return opened(tmp_path)


def paid(ledger, cost, **fields):
    made = ledger.reserve(order(**fields), 10, NO_CAPS, confirmed=False)
    ledger.settle(made.id, "done", Usage(5, 2), Money(cost), False)
    return made


def test_a_request_counts_at_its_highest_price_until_it_has_ended(ledger):
    made = ledger.reserve(order(2.0), 10, NO_CAPS, confirmed=False)
    assert ledger.sums("talk", "/p").day == Spent(Money(2 * DOLLAR))
    ledger.settle(made.id, "done", Usage(5, 2), Money(7), False)
    assert ledger.sums("talk", "/p") == Sums(*[Spent(Money(7))] * 4)


def test_what_was_spent_is_there_after_a_restart(ledger, tmp_path):
    paid(ledger, 7)
    paid(ledger, 5, discussion="other", project="/q")
    assert ledger.flush()
    sums = opened(tmp_path).sums("talk", "/p")
    assert (sums.discussion, sums.project, sums.all) == (Spent(Money(7)), Spent(Money(7)), Spent(Money(12)))


def test_what_ended_before_the_folders_were_known_is_written_when_they_are(tmp_path):
    early = Ledger(lambda: None)
    paid(early, 3)
    early.load(str(tmp_path / "data/ledger.jsonl"))
    assert opened(tmp_path).sums("talk", "/p").all == Spent(Money(3))


@pytest.mark.parametrize(
    ("caps", "said"),
    [
        (Caps(None, 10.0, Spent()), ""),
        (Caps(None, 2.5, Spent()), "the discussion may cost $3.00; your cap is $2.50"),
        (Caps(None, 10.0, Spent(Money(9_500_000_000))), "the discussion may cost $10.50"),
        (Caps(None, None, Spent(), request_usd=0.5), "this request alone may cost $1.00; your cap is $0.50"),
        (Caps(None, None, Spent(), project_usd=2.0), "this project may cost $3.00"),
        (Caps(None, None, Spent(), day_usd=2.0), "today may cost $3.00"),
        (Caps(9, None, Spent()), "about 10 tokens; your cap is 9"),
    ],
)
def test_a_request_that_goes_over_a_cap_is_refused(ledger, caps, said):
    paid(ledger, 2 * DOLLAR)
    found = ledger.reserve(order(1.0), 10, caps, confirmed=False)
    assert (said in found.refusal, bool(found.refusal)) == (True, bool(said))
    assert len(ledger.entries()) == (1 if said else 2)
    assert ledger.reserve(order(1.0), 10, caps, confirmed=True).id


def test_a_request_without_a_price_is_refused_only_where_money_is_capped():
    assert over_cap(5, None, NO_CAPS, "m") == ""
    assert "price of m is unknown" in over_cap(5, None, Caps(None, None, Spent(), day_usd=1.0), "m")


RACER = """
import sys
from src.models.prices import Money, Spent
from src.models.prices import Caps
from src.spending.entries import Order
from src.spending.ledger import Ledger
ledger = Ledger(lambda: None)
ledger.load(sys.argv[1])
caps = Caps(None, None, Spent(), day_usd=5.0)
taken = 0
for _ in range(20):
    order = Order("anthropic", "m", sys.argv[2], "", "reply", Money(1_000_000_000))
    taken += bool(ledger.reserve(order, 1, caps, confirmed=False).id)
print(taken)
"""


def test_programs_that_spend_at_once_stay_under_the_cap_together(tmp_path):
    path = str(tmp_path / "ledger.jsonl")
    racers = [
        subprocess.Popen([sys.executable, "-c", RACER, path, name], cwd=ROOT, stdout=subprocess.PIPE, text=True)
        for name in "abc"
    ]
    assert sum(int(racer.communicate(timeout=240)[0]) for racer in racers) == 5


def test_a_program_sees_what_another_one_spent(ledger, tmp_path):
    other = opened(tmp_path)
    paid(other, 4 * DOLLAR)
    other.flush()
    found = ledger.reserve(order(2.0), 10, Caps(None, None, Spent(), day_usd=5.0), confirmed=False)
    assert "today may cost $6.00" in found.refusal


def test_a_torn_line_costs_nothing_but_itself(ledger, tmp_path):
    paid(ledger, 7)
    ledger.flush()
    with open(tmp_path / "data/ledger.jsonl", "ab") as file:
        file.write(b'{"e":"order","id":"x","at"')
    again = opened(tmp_path)
    paid(again, 5)
    again.flush()
    assert [one.sums("talk", "/p").all for one in (again, opened(tmp_path))] == [Spent(Money(12))] * 2


def test_a_ledger_that_cannot_be_written_holds_a_request_back_only_where_money_is_capped(tmp_path):
    (tmp_path / "data").write_text("in the way")
    ledger = opened(tmp_path)
    assert ledger.failure
    assert "cannot be written" in ledger.reserve(order(), 1, Caps(None, 9.0, Spent()), confirmed=False).refusal
    assert ledger.reserve(order(), 1, NO_CAPS, confirmed=False).id
    assert not ledger.flush()
    (tmp_path / "data").unlink()
    assert ledger.flush()
    assert len(opened(tmp_path).entries()) == len(ledger.entries())


def test_the_table_says_what_was_paid_to_whom(ledger):
    paid(ledger, 7_000_000)
    paid(ledger, 2 * DOLLAR, model="dear")
    ledger.reserve(order(3.0, model="dear"), 1, NO_CAPS, confirmed=False)
    entries = ledger.entries()
    lines = report.table(entries, entries[0].day).splitlines()
    assert [line.split()[:3] for line in lines[1:3]] == [["anthropic", "dear", "2"], ["anthropic", "m", "1"]]
    assert "today       $5.01" in lines
    assert lines[-1] == "1 of them not settled: $3.00 at most"
    assert "Nothing was asked for yet." in report.table((), day_of(0))


def test_the_csv_has_every_request_and_no_cell_that_a_table_program_computes(ledger):
    paid(ledger, 7_000_000, project="=cmd()")
    (row,) = csv.DictReader(io.StringIO(report.to_csv(ledger.entries())))
    assert (row["project"], row["cost_usd"], row["input_tokens"], row["end"]) == ("'=cmd()", "0.007000000", "5", "done")


def entry(day, cost, **fields):
    return Entry("x", 0.0, day, order(), "done", Usage(1_500, 20, 3), Money(cost))._replace(**fields)


def test_the_sums_are_those_of_the_day_of_the_month_and_of_all():
    entries = (
        entry("2026-11-30", 1 * DOLLAR),
        entry("2026-11-02", 2 * DOLLAR),
        entry("2026-10-30", 4 * DOLLAR),
        entry("2025-11-30", 8 * DOLLAR),
    )
    assert report.table(entries, "2026-11-30").splitlines() == [
        "provider   model  requests     in  cached  out    paid",
        "anthropic  m             4  6,000      12   80  $15.00",
        "",
        "today       $1.00",
        "this month  $3.00",
        "all         $15.00",
    ]


def test_a_request_without_reported_tokens_has_as_many_cells_as_any_other():
    text = report.to_csv((entry("2026-11-30", 7), entry("2026-11-30", 7, usage=None, guessed=True)))
    head, *rows = csv.reader(io.StringIO(text))
    assert [len(row) for row in rows] == [len(head)] * 2
    known, guessed = ({name: row[at] for at, name in enumerate(head)} for row in rows)
    assert [known[name] for name in ("input_tokens", "output_tokens", "guessed")] == ["1500", "20", "0"]
    assert [guessed[name] for name in ("input_tokens", "output_tokens", "guessed")] == ["", "", "1"]
    assert guessed["end"] == "done"
