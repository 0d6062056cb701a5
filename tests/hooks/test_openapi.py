"""docs/openapi.json is what the server serves, and says what a client needs."""

import json

import pytest
from src.hooks import values
from src.hooks.client import HookClient, HookProblemError, build
from tests.repository import ROOT

COMMITTED = json.loads((ROOT / "docs" / "openapi.json").read_text(encoding="utf-8"))


def operations():
    for path, methods in COMMITTED["paths"].items():
        for method, operation in methods.items():
            yield pytest.param(path, method, operation, id=f"{method} {path}")


def test_the_committed_document_is_the_one_that_is_served(headless):
    stale = "run `uv run python scripts/write_openapi.py`"
    assert headless.get("/api/openapi.json") == COMMITTED, stale


@pytest.mark.parametrize(("path", "method", "operation"), list(operations()))
def test_every_path_needs_the_token_and_says_what_it_does(headless, path, method, operation):
    assert operation["description"]
    assert operation["responses"]["default"]["content"].keys() == {"application/problem+json"}
    filled = path.replace("{", "").replace("}", "")
    assert headless.request(filled, method=method.upper(), headers={"Authorization": None}).status == 401


def test_the_clients_answers_are_values(headless):
    assert headless.health() == values.Health("ok", headless.health().ready, False, 1, headless.process.pid)
    assert headless.warmup_wait(30).done
    assert headless.warmup_status().failed == ()
    assert headless.io_pool_status().workers == 4
    assert headless.startup_profile()["main"] > 0


def test_a_problem_is_raised_with_what_it_says(headless):
    stranger = HookClient(headless.port, "wrong")
    with pytest.raises(HookProblemError, match="401 Unauthorized: Send the token in the file"):
        stranger.health()


def test_nested_values_are_built():
    data = {
        "pending": [],
        "completed": ["a"],
        "failed": [{"module": "b", "reason": "c"}],
        "running": None,
        "job_ms": {},
    }
    expected = values.WarmupStatus((), ("a",), (values.FailedModule("b", "c"),), None, {})
    assert build(values.WarmupStatus, {**data, "new": 1}) == expected
