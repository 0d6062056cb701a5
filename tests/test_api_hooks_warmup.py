import socket
import subprocess
import sys

import pytest
from tests.conftest import clean_environment
from tests.repository import ROOT


def test_the_status_holds_every_module_once_all_is_warm(headless):
    assert headless.get("/api/warmup_wait?timeout=30")["done"]
    status = headless.get("/api/warmup_status")
    assert (status["pending"], status["failed"], status["running"]) == ([], [], None)
    assert {"anthropic", "google.genai", "fastapi"} <= set(status["completed"])


def test_the_server_answers_while_the_warmup_runs(headless):
    assert "fastapi" in headless.first_status.completed
    assert "openai" in headless.first_status.pending


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/api/provider", {"name": "nobody"}, 409),
        ("/api/discussions/current/send", {"text": "   "}, 409),
        ("/api/discussions/current/send", {"words": 1}, 422),
        ("/api/warmup_wait?timeout=nan", None, 422),
        ("/api/nothing", None, 404),
        ("/api/health", {}, 405),
    ],
)
def test_what_cannot_be_served_is_a_problem(headless, path, body, status):
    answer = headless.request(path, body)
    assert (answer.status, answer.headers["content-type"]) == (status, "application/problem+json")
    assert answer.json()["status"] == status


def test_a_port_in_use_is_said_plainly(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = subprocess.run(
            [sys.executable, "sloppy.py", "--headless", "--hook-port", str(port)],
            cwd=ROOT,
            env=clean_environment(tmp_path),
            capture_output=True,
            text=True,
            timeout=240,
        )
    assert result.returncode == 2
    assert result.stderr.startswith(f"sloppy: The hook API cannot listen on 127.0.0.1:{port}")
