"""The table of docs/providers.md, row by row: the real SDKs over HTTP against a loopback server that misbehaves."""

import asyncio
import re

import pytest
from src.chat import Failed, Idle, Usage
from src.models.patience import Patience
from tests.repository import ROOT
from tests.sdk import NAMES, Sdk, speaker

HASTE = Patience(attempts=3, first_wait_s=0.005, longest_wait_s=1, quiet_s=10, idle_timeout_s=20, tick_s=0.02)
NERVOUS = HASTE._replace(quiet_s=0.05, idle_timeout_s=0.25)
TABLE = (ROOT / "docs" / "providers.md").read_text().partition("| What happens |")[2].partition("\n\n")[0]
ROWS = [[cell.strip() for cell in line.strip("|").split("|")] for line in TABLE.splitlines()[2:]]


def test_the_table_names_every_way_to_misbehave():
    marks = {mark.strip("`") for _, mark, _, _ in ROWS}
    assert {
        "limit-once",
        "fault",
        "overloaded",
        "cut",
        "hang-first",
        "hang",
        "malformed",
        "html",
        "drip",
        "break",
    } <= marks


@pytest.mark.parametrize("name", [*NAMES, "ollama"])
@pytest.mark.parametrize(("mark", "expected", "sentence"), [row[1:] for row in ROWS], ids=[row[1] for row in ROWS])
def test_what_the_user_sees(fake, name, mark, expected, sentence):
    if (name, mark) == ("ollama", "`filtered`"):
        pytest.skip("an Ollama has no filter")
    patience = NERVOUS if "Idle" in expected else HASTE
    events = asyncio.run(speaker(name, fake).collect(mark.strip("`"), patience))
    told = []
    for event in events:
        word = f"Failed {event.kind}" if isinstance(event, Failed) else type(event).__name__
        early = not told and not expected.startswith("Idle")  # a slow machine waits for the first word, too
        if isinstance(event, Usage) or (isinstance(event, Idle) and ("[Idle]" in expected or early)):
            continue
        if not told or told[-1] != word:
            told.append(word)
    assert " ".join(told) == expected.removeprefix("[Idle] ")
    assert sentence in getattr(events[-1], "reason", "")
    if "Text" in expected:
        text = "".join(event.text for event in events if type(event).__name__ == "Text")
        assert text == ("one two" if re.search("Done|refused", expected) else "one")


@pytest.mark.parametrize("name", NAMES)
def test_the_countdown_of_a_retry_is_told(fake, name):
    patience = HASTE._replace(tick_s=0.01)
    events = asyncio.run(Sdk(name).collect("limit-once", patience))
    waits = [(event.attempt, round(event.wait_s, 3)) for event in events if type(event).__name__ == "Retrying"]
    assert waits == [(2, 0.03), (2, 0.02), (2, 0.01)]
    assert len(fake.requests) == 2
