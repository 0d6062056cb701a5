"""The ledger's file: what is in it when, who may read it, and what a disk that refuses changes."""

import errno
import json
import os
import stat

import pytest
from src.chat import Usage
from src.models.prices import Caps, Money, Spent, Sums
from src.spending.entries import Order
from src.spending.ledger import Ledger

NO_CAPS = Caps(None, None, Spent())
IN_MONEY = Caps(None, 9.0, Spent())
ORDER = Order("anthropic", "m", "talk", "/p", "reply", Money(1_000_000_000))


@pytest.fixture
def path(tmp_path):
    return tmp_path / "data/ledger.jsonl"


@pytest.fixture
def calls():
    return []


@pytest.fixture
def ledger(path, calls):
    made = Ledger(lambda: calls.append(made.revision))
    made.load(str(path))
    return made


def lines(path):
    return [json.loads(line) for line in path.read_bytes().split(b"\n")[:-1]]


@pytest.fixture
def refuse(monkeypatch):
    """`refuse(error)`: no write reaches the disk; `refuse(None)`: it does again."""

    def change(error):
        def fsync(_):
            if error is not None:
                raise error

        monkeypatch.setattr(os, "fsync", fsync)

    return change


def test_an_order_is_on_the_disk_before_the_request_goes_out(ledger, path, monkeypatch):
    synced = []
    monkeypatch.setattr(os, "fsync", lambda file: synced.append(os.fstat(file).st_size))
    made = ledger.reserve(ORDER, 10, NO_CAPS, confirmed=False)
    assert [(line["e"], line["id"]) for line in lines(path)] == [("order", made.id)]
    assert synced == [path.stat().st_size]


def test_nobody_else_may_read_it(ledger, path):
    ledger.reserve(ORDER, 10, NO_CAPS, confirmed=False)
    assert [stat.S_IMODE(one.stat().st_mode) for one in (path.parent, path)] == [0o700, 0o600]


def test_programs_that_write_by_turns_leave_whole_lines_and_no_other(ledger, path):
    other = Ledger(lambda: None)
    other.load(str(path))
    made = [one.reserve(ORDER, 10, NO_CAPS, confirmed=False).id for one in (ledger, other, ledger, other)]
    assert [line["id"] for line in lines(path)] == made
    assert [entry.id for entry in other.entries()] == made


def test_each_change_notifies_once_it_counts(ledger, calls):
    assert calls == [0]
    made = ledger.reserve(ORDER, 10, NO_CAPS, confirmed=False)
    ledger.settle(made.id, "done", Usage(5, 2), Money(7), False)
    assert calls == [0, 1, 2]


def test_a_request_ends_once_and_only_if_it_began(ledger, calls):
    made = ledger.reserve(ORDER, 10, NO_CAPS, confirmed=False)
    ledger.settle(made.id, "done", Usage(5, 2), Money(7), False)
    ledger.settle(made.id, "failed", None, Money(9), False)
    ledger.settle("unknown", "done", None, Money(9), False)
    assert ledger.sums("talk", "/p") == Sums(*[Spent(Money(7))] * 4)
    assert [entry.end for entry in ledger.entries()] == ["done"]
    assert len(calls) == 3


def test_a_price_that_is_unknown_counts_as_such_until_the_cost_is_known(ledger):
    made = ledger.reserve(ORDER._replace(highest=None), 10, NO_CAPS, confirmed=False)
    assert ledger.sums("talk", "/p").all == Spent(Money(0), 1)
    ledger.settle(made.id, "done", Usage(5, 2), Money(7), False)
    assert ledger.sums("talk", "/p").all == Spent(Money(7), 0)


def test_before_its_place_is_known_it_has_written_all_only_where_there_is_nothing():
    early = Ledger(lambda: None)
    assert early.flush()
    early.reserve(ORDER, 10, NO_CAPS, confirmed=False)
    assert not early.flush()


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), "No space left on device"),
        (OSError("an odd disk"), "an odd disk"),
    ],
)
def test_a_request_that_a_full_disk_held_back_costs_nothing_and_is_written_later(ledger, path, refuse, error, said):
    refuse(error)
    found = ledger.reserve(ORDER, 10, IN_MONEY, confirmed=False)
    assert (found.id, said in found.refusal, ledger.failure) == ("", True, said)
    (entry,) = ledger.entries()
    assert (entry.end, entry.usage, entry.cost, entry.guessed) == ("not sent", None, Money(0), False)
    refuse(None)
    assert (ledger.flush(), ledger.failure) == (True, "")
    again = Ledger(lambda: None)
    again.load(str(path))
    assert again.entries() == ledger.entries()
    assert again.sums("talk", "/p").all == Spent(Money(0))


@pytest.mark.parametrize(("caps", "confirmed"), [(NO_CAPS, False), (IN_MONEY, True)])
def test_a_full_disk_lets_a_request_go_that_no_money_caps_or_that_the_user_confirmed(ledger, refuse, caps, confirmed):
    refuse(OSError(errno.ENOSPC, "full"))
    made = ledger.reserve(ORDER, 10, caps, confirmed=confirmed)
    assert made.id
    assert [entry.id for entry in ledger.entries()] == [made.id]
    assert not ledger.flush()


WRONG = {
    "a cost below nothing": {"e": "end", "id": "ID", "end": "done", "usage": None, "cost": -(10**18), "guessed": False},
    "tokens below nothing": {
        "e": "end",
        "id": "ID",
        "end": "done",
        "usage": [-1, 0, 0, 0],
        "cost": 1,
        "guessed": False,
    },
    "no number": {"e": "order", "id": "x", "at": 1, "day": "2026-11-30", **ORDER._asdict(), "highest": float("inf")},
    "no time": {"e": "order", "id": "x", "at": 1e300, "day": "2026-11-30", **ORDER._asdict(), "highest": 1},
    "no date": {"e": "order", "id": "x", "at": 1, "day": "soon", **ORDER._asdict(), "highest": 1},
    "an end of nothing": {"e": "end", "id": "gone", "end": "done", "usage": None, "cost": 1, "guessed": False},
}


@pytest.mark.parametrize("line", [*map(json.dumps, WRONG.values()), "[" * 100_000, "null", "\x00"])
def test_a_broken_line_is_counted_and_changes_nothing_else(ledger, path, line):
    made = ledger.reserve(ORDER, 10, NO_CAPS, confirmed=False)
    with open(path, "a") as file:
        file.write(line.replace("ID", made.id) + "\n")
    later = ledger.reserve(ORDER, 10, NO_CAPS, confirmed=False)
    again = Ledger(lambda: None)
    again.load(str(path))
    assert [(one.skipped, [entry.id for entry in one.entries()]) for one in (ledger, again)] == [
        (1, [made.id, later.id])
    ] * 2
    assert again.sums("talk", "/p").all == ledger.sums("talk", "/p").all == Spent(Money(2_000_000_000))
    assert "1 line of the ledger" in again.notice


@pytest.mark.parametrize("way", ["removed", "cut"])
def test_a_file_that_was_taken_away_is_read_anew_and_what_was_known_still_counts(ledger, path, way):
    for _ in range(3):
        ledger.reserve(ORDER, 10, NO_CAPS, confirmed=False)
    if way == "removed":
        path.unlink()
    else:
        path.write_bytes(b"")
    other = Ledger(lambda: None)
    other.load(str(path))
    for _ in range(2):
        other.reserve(ORDER, 10, NO_CAPS, confirmed=False)
    held = ledger.reserve(ORDER, 10, Caps(None, None, Spent(), day_usd=5.0), confirmed=False)
    assert "today may cost $6.00" in held.refusal
    assert (ledger.skipped, other.skipped) == (0, 0)


DAY = 86_400


@pytest.mark.parametrize(("back", "counted"), [(3600, 2), (DAY, 2), (3 * DAY, 1)])
def test_what_was_paid_before_the_clock_went_back_counts_today(ledger, monkeypatch, back, counted):
    noon = 1_764_504_000.0
    monkeypatch.setattr("src.spending.ledger.time.time", lambda: noon)
    ledger.reserve(ORDER, 10, NO_CAPS, confirmed=False)
    monkeypatch.setattr("src.spending.ledger.time.time", lambda: noon - back)
    ledger.reserve(ORDER, 10, NO_CAPS, confirmed=False)
    assert ledger.sums("", "").day == Spent(Money(counted * 1_000_000_000))


def test_a_request_counts_on_the_day_on_which_it_went_out(ledger, monkeypatch):
    noon = 1_764_504_000.0
    monkeypatch.setattr("src.spending.ledger.time.time", lambda: noon)
    made = ledger.reserve(ORDER, 10, NO_CAPS, confirmed=False)
    monkeypatch.setattr("src.spending.ledger.time.time", lambda: noon + DAY)
    ledger.settle(made.id, "done", Usage(5, 2), Money(7), False)
    assert ledger.sums("", "").day == Spent()
    monkeypatch.setattr("src.spending.ledger.time.time", lambda: noon)
    assert ledger.sums("", "").day == Spent(Money(7))
